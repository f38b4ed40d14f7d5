//! Lists as people use them: sorted by a heading, searched within a filter, taken away as a file, and on record.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, Role};
use enroll_server_service::audit;
use enroll_server_store::Kind;

use crate::browser::Browser;
use crate::on_both;
use crate::server::TestServer;

on_both!(
    a_heading_sorts_the_list_and_says_so,
    a_file_has_all_rows_of_the_list_and_nothing_that_a_spreadsheet_runs,
    the_audit_trail_is_narrowed_by_what_the_form_says,
    a_file_that_breaks_off_is_on_record_too,
);

async fn invite(browser: &mut Browser, name: &str, account: &str) {
    browser.get("/invitations/new").await;
    let address = format!("{account}@example.org");
    let fields = [
        ("name", name),
        ("email", address.as_str()),
        ("upn", address.as_str()),
        ("profile", "standard"),
    ];
    let answer = browser.post("/invitations/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

async fn a_heading_sorts_the_list_and_says_so(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    for (name, account) in [("Bob", "bob"), ("Alice", "alice"), ("Carol", "carol")] {
        invite(&mut browser, name, account).await;
    }
    let names = |body: &str| {
        let mut places: Vec<_> = ["Alice", "Bob", "Carol"]
            .into_iter()
            .filter_map(|name| Some((body.find(&format!("<bdi>{name}</bdi>"))?, name)))
            .collect();
        places.sort_unstable();
        places.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    let list = browser.get("/holders?state=without-phone&q=example").await;
    assert_eq!(names(&list.body), ["Alice", "Bob", "Carol"]);
    assert_eq!(list.body.matches("aria-sort").count(), 1);
    assert!(list.body.contains("aria-sort=\"ascending\""));
    let href = list
        .between("<a class=\"sort\" href=\"", "\"")
        .replace("&#38;", "&");
    assert_eq!(href, "/holders?q=example&state=without-phone&sort=-name");
    let reversed = browser.get(&href).await;
    assert_eq!(names(&reversed.body), ["Carol", "Bob", "Alice"]);
    assert!(reversed.body.contains("aria-sort=\"descending\""));
    // What was chosen survives a search: the form carries it.
    for kept in [
        "<input type=\"hidden\" name=\"state\" value=\"without-phone\">",
        "<input type=\"hidden\" name=\"sort\" value=\"-name\">",
    ] {
        assert!(reversed.body.contains(kept), "{kept}");
    }
    // An order that the list has not is the usual one.
    for address in ["/holders?sort=upn", "/holders?sort=", "/holders?sort=-"] {
        assert_eq!(
            names(&browser.get(address).await.body),
            ["Alice", "Bob", "Carol"]
        );
    }
}

async fn a_file_has_all_rows_of_the_list_and_nothing_that_a_spreadsheet_runs(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    for number in 0..52 {
        invite(&mut browser, "Same Name", &format!("p{number:02}")).await;
    }
    invite(
        &mut browser,
        "=HYPERLINK(\"https://evil.example\")",
        "formula",
    )
    .await;
    invite(&mut browser, "Zoë \"Z\" Ünal, Dr.", "zoe").await;
    let file = browser.get("/holders.csv").await;
    assert_eq!(file.status, StatusCode::OK);
    let kind = file.header("content-type");
    assert_eq!(kind, "text/csv; charset=utf-8; header=present");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"people.csv\""
    );
    let text = file.body.strip_prefix('\u{feff}').unwrap();
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 55);
    assert!(lines[0].starts_with("Name,Mail address,Account name,State,Phones,Next expiry"));
    assert!(text.contains("\"Zoë \"\"Z\"\" Ünal, Dr.\",zoe@example.org"));
    assert!(text.contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\""));
    let found = browser.get("/holders.csv?q=zo%C3%AB&sort=-name").await;
    assert_eq!(found.body.matches("\r\n").count(), 2);
    // Who took how much away is on record.
    assert_eq!(server.events(EventKind::ListExported).await, 2);
    let audit = browser.get("/audit?kind=list-exported").await;
    assert!(audit.body.contains("54 rows"), "{}", audit.body);
    assert!(audit.body.contains("chosen: q=zo%C3%AB&#38;sort=-name"));
    let json = browser.get("/audit.jsonl?kind=holder-created").await;
    let lines: Vec<serde_json::Value> = json
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 54);
    assert_eq!(lines[0]["kind"], "holder-created");
    for list in ["phones", "certificates", "invitations", "audit"] {
        let file = browser.get(&format!("/{list}.csv")).await;
        assert_eq!(file.status, StatusCode::OK, "{list}");
        assert!(file.body.starts_with('\u{feff}'), "{list}");
    }
}

async fn the_audit_trail_is_narrowed_by_what_the_form_says(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invite(&mut browser, "Alice Example", "alice").await;
    invite(&mut browser, "Bob Example", "bob").await;
    let all = browser.get("/audit").await;
    let me = all.between("<option value=\"", "\"");
    assert_eq!(me, "");
    let rows = |body: &str| body.matches("<th scope=\"row\">").count();
    let person = browser.get("/audit?person=bob+example").await;
    // One line for one deed: who was added when they were invited is a step of that.
    assert_eq!(rows(&person.body), 1);
    assert!(person.body.contains("Bob Example invited"));
    assert!(person.body.contains("1 step"));
    assert!(
        person
            .body
            .contains("Person: bob example: remove this filter")
    );
    let nothing = browser.get("/audit?source=203.0.113.9").await;
    assert_eq!(rows(&nothing.body), 0);
    assert!(nothing.body.contains("No event fits what you chose."));
    let kind = browser
        .get("/audit?kind=invitation-created&about=invitation")
        .await;
    assert_eq!(rows(&kind.body), 2);
    let before = browser.get("/audit?to=1999-12-31").await;
    assert_eq!(rows(&before.body), 0);
    // What makes no sense is as if it were not there.
    let senseless = browser
        .get("/audit?from=yesterday&kind=x&about=y&sort=z")
        .await;
    assert_eq!(rows(&senseless.body), rows(&all.body));
    // What the last check of the seals found is said.
    assert!(all.body.contains("have not been checked since"));
    audit::check(&server.app).await.unwrap();
    let checked = browser.get("/audit").await;
    assert!(checked.body.contains("entries are there and unchanged"));
}

async fn a_file_that_breaks_off_is_on_record_too(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invite(&mut browser, "Alice Example", "alice").await;
    server
        .execute("ALTER TABLE phones RENAME TO phones_elsewhere".to_owned())
        .await;
    // The answer has begun, and does not come to its end.
    let file = tokio::spawn(async move {
        browser.get("/phones.csv").await;
        browser
    });
    assert!(file.await.is_err());
    server
        .execute("ALTER TABLE phones_elsewhere RENAME TO phones".to_owned())
        .await;
    assert_eq!(server.events(EventKind::ListExported).await, 1);
    let mut auditor = server.colleague(Role::Auditor).await;
    let audit = auditor.get("/audit?kind=list-exported").await;
    assert!(audit.body.contains("0 rows"), "{}", audit.body);
    assert!(audit.body.contains("broken off before its end"));
}
