//! Doing something with several at once: chosen in a list, or read from a file.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, Role};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::on_both;
use crate::server::TestServer;

on_both!(
    people_of_a_file_are_all_invited_or_nobody_is,
    those_who_were_chosen_are_invited_whatever_the_list_has_become,
    all_rows_of_a_narrowed_list_are_suspended_and_resumed,
    invitations_are_cancelled_and_what_cannot_be_is_told,
    nothing_and_too_much_are_refused,
    what_was_done_is_said_when_the_database_fails_in_the_middle,
    whoever_loses_their_role_in_the_middle_goes_no_further,
);

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

fn ids(list: &Answer) -> Vec<String> {
    let boxes = list.body.split("name=\"id\" value=\"").skip(1);
    boxes
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

async fn import(browser: &mut Browser, people: &str) -> Answer {
    browser.get("/invitations/import").await;
    let fields = [("people", people), ("profile", "standard")];
    browser.post("/invitations/import", &fields).await
}

async fn people_of_a_file_are_all_invited_or_nobody_is(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let mut people = "Name;Mail address;Account name\n".to_owned();
    for number in 1..=30 {
        people.push_str(&format!(
            "Person {number:02};p{number:02}@example.org;p{number:02}@example.org\n"
        ));
    }
    let broken = people.replace("p07@example.org;", "p07;").replace(
        "Person 09;p09@example.org;p09@example.org",
        "Person 09;p09@example.org;p08@example.org",
    );
    let refused = import(&mut browser, &broken).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Each line with what is wrong with it, and everything that was typed.
    assert!(
        refused.body.contains("2 lines must be corrected"),
        "{}",
        refused.body
    );
    assert!(
        refused
            .body
            .contains("<th scope=\"row\" class=\"number\">8</th>")
    );
    assert!(
        refused
            .body
            .contains("<th scope=\"row\" class=\"number\">10</th>")
    );
    assert!(refused.body.contains("Person 30;p30@example.org"));
    assert_eq!(server.events(EventKind::InvitationCreated).await, 0);
    assert_eq!(server.events(EventKind::HolderCreated).await, 0);

    let asked = import(&mut browser, &people).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let path = asked.location().to_owned();
    let question = browser.get(&path).await;
    assert!(question.body.contains("<h1>Invite 30 people?</h1>"));
    assert!(question.body.contains("<bdi>Person 17</bdi>"));
    assert_eq!(server.events(EventKind::InvitationCreated).await, 0);
    let sheets = browser.post(&path, &[]).await;
    assert_eq!(sheets.status, StatusCode::OK, "{}", sheets.body);
    assert!(sheets.body.contains("<h1>30 people invited</h1>"));
    assert_eq!(sheets.body.matches("<svg role=\"img\"").count(), 30);
    let link = sheets
        .between("<p class=\"link-box\"", "</p>")
        .rsplit('>')
        .next()
        .unwrap();
    let link = unescaped(link);
    let path_of_link = link.split_once("/invitation/").unwrap().1;
    let path_of_link = path_of_link.split('#').next().unwrap();
    let opened = server
        .browser()
        .get(&format!("/invitation/{path_of_link}"))
        .await;
    assert!(opened.body.contains("Person 01"), "{}", opened.body);
    // A second click invites nobody twice.
    let again = browser.post(&path, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert_eq!(server.events(EventKind::InvitationCreated).await, 30);
    assert_eq!(server.events(EventKind::HolderCreated).await, 30);

    for (people, said) in [
        ("", "Enter at least one person."),
        ("Surname,Email\nA,a@example.org", "none is called “name”"),
        ("Alice\n", "Line 1 cannot be read"),
        (
            "Alice,a@example.org\nAlice,a@example.org",
            "a@example.org stands in the list twice",
        ),
    ] {
        let refused = import(&mut browser, people).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{people}");
        assert!(refused.body.contains(said), "{people}: {}", refused.body);
    }
}

async fn invited(browser: &mut Browser, count: usize) {
    let mut people = String::new();
    for number in 0..count {
        people.push_str(&format!("Person {number:02},p{number:02}@example.org\n"));
    }
    let path = import(browser, &people).await.location().to_owned();
    browser.get(&path).await;
    assert_eq!(browser.post(&path, &[]).await.status, StatusCode::OK);
}

async fn those_who_were_chosen_are_invited_whatever_the_list_has_become(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invited(&mut browser, 3).await;
    let list = browser.get("/holders?q=person").await;
    let all = ids(&list);
    assert_eq!(all.len(), 3);
    let fields = [
        ("act", "invite"),
        ("id", all[0].as_str()),
        ("id", all[1].as_str()),
        ("id", all[1].as_str()),
    ];
    let asked = browser.post("/holders/selection", &fields).await;
    let path = asked.location().to_owned();
    // Somebody else is added, and one of the two is suspended meanwhile.
    invited(&mut browser, 5).await;
    let suspend = format!("/holders/{}/suspend", all[1]);
    browser.get(&suspend).await;
    browser.post(&suspend, &[("note", "")]).await;
    let question = browser.get(&path).await;
    assert!(
        question.body.contains("<h1>Invite 1 person?</h1>"),
        "{}",
        question.body
    );
    assert!(question.body.contains("an invitation would not work"));
    let before = server.events(EventKind::InvitationCreated).await;
    let sheets = browser.post(&path, &[("profile", "standard")]).await;
    assert!(
        sheets.body.contains("<h1>1 person invited</h1>"),
        "{}",
        sheets.body
    );
    assert_eq!(
        server.events(EventKind::InvitationCreated).await,
        before + 1
    );
    // Nobody else can use what somebody chose.
    let asked = browser.post("/holders/selection", &fields).await;
    let path = asked.location().to_owned();
    let mut colleague = server.colleague(Role::Officer).await;
    assert_eq!(colleague.get(&path).await.status, StatusCode::NOT_FOUND);
}

async fn all_rows_of_a_narrowed_list_are_suspended_and_resumed(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invited(&mut browser, 55).await;
    browser.get("/holders?q=person+1").await;
    let fields = [
        ("act", "suspend-holders"),
        ("all", "yes"),
        ("q", "person 1"),
    ];
    let path = browser
        .post("/holders/selection", &fields)
        .await
        .location()
        .to_owned();
    let question = browser.get(&path).await;
    // Those whose name or address has both words in it.
    let count = question
        .body
        .matches("<li><span><a href=\"/holders/")
        .count();
    assert!(
        question
            .body
            .contains(&format!("<h1>Suspend {count} people?</h1>"))
    );
    assert!(count > 9 && count < 20, "{count}");
    let done = browser.post(&path, &[("note", "Fair")]).await;
    assert_eq!(done.location(), "/holders");
    let list = browser.get("/holders?state=suspended").await;
    assert!(list.body.contains(&format!("{count} people suspended")));
    assert!(list.body.contains(&format!("{count} rows")));
    assert_eq!(server.events(EventKind::HolderSuspended).await, count);
    let fields = [
        ("act", "resume-holders"),
        ("all", "yes"),
        ("state", "suspended"),
    ];
    let path = browser
        .post("/holders/selection", &fields)
        .await
        .location()
        .to_owned();
    browser.get(&path).await;
    browser.post(&path, &[]).await;
    assert_eq!(server.events(EventKind::HolderResumed).await, count);
}

async fn invitations_are_cancelled_and_what_cannot_be_is_told(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invited(&mut browser, 3).await;
    let list = browser.get("/invitations").await;
    let all = ids(&list);
    let cancel = format!("/invitations/{}/cancel", all[0]);
    browser.get(&cancel).await;
    browser.post(&cancel, &[]).await;
    let fields: Vec<(&str, &str)> = [("act", "cancel-invitations")]
        .into_iter()
        .chain(all.iter().map(|id| ("id", id.as_str())))
        .collect();
    let path = browser
        .post("/invitations/selection", &fields)
        .await
        .location()
        .to_owned();
    browser.get(&path).await;
    let done = browser.post(&path, &[]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.body.contains("<h1>2 invitations cancelled</h1>"),
        "{}",
        done.body
    );
    assert!(done.body.contains("Not with this one"));
    assert_eq!(server.events(EventKind::InvitationCancelled).await, 3);
}

async fn nothing_and_too_much_are_refused(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    browser.get("/holders").await;
    browser.get("/invitations/import").await;
    let nothing = browser
        .post("/holders/selection", &[("act", "invite")])
        .await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
    assert!(
        nothing.body.contains("Nothing was chosen."),
        "{}",
        nothing.body
    );
    // An act of another list is refused here.
    let foreign = [("act", "suspend-phones"), ("id", "x")];
    let foreign = browser.post("/holders/selection", &foreign).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
    let many: Vec<String> = (0..501).map(|n| format!("h{n}")).collect();
    let fields: Vec<(&str, &str)> = [("act", "invite")]
        .into_iter()
        .chain(many.iter().map(|id| ("id", id.as_str())))
        .collect();
    let refused = browser.post("/holders/selection", &fields).await;
    assert!(
        refused.body.contains("At most 500 can be chosen at once."),
        "{}",
        refused.body
    );
    // Ids of nobody: there is nothing to do.
    let path = browser
        .post("/holders/selection", &fields[..3])
        .await
        .location()
        .to_owned();
    let question = browser.get(&path).await;
    assert!(
        question
            .body
            .contains("It can be done with none of the rows")
    );
}

/// From now on, when somebody with this name is changed, this is done first.
async fn when_changed(server: &TestServer, name: &str, what: [&str; 2]) {
    let [on_sqlite, on_postgres] = what;
    let statements = match server.store.kind() {
        Kind::Sqlite => vec![format!(
            "CREATE TRIGGER test BEFORE UPDATE OF state ON holders WHEN NEW.name = '{name}' BEGIN {on_sqlite}; END"
        )],
        Kind::Postgres => vec![
            format!(
                "CREATE FUNCTION test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {on_postgres}; RETURN NEW; END $$"
            ),
            format!(
                "CREATE TRIGGER test BEFORE UPDATE OF state ON holders FOR EACH ROW WHEN (NEW.name = '{name}') EXECUTE FUNCTION test()"
            ),
        ],
    };
    for statement in statements {
        server.execute(statement).await;
    }
}

/// Suspends `Person 00` to `Person 03`.
async fn suspend_four(browser: &mut Browser) -> Answer {
    browser.get("/holders?q=person").await;
    let fields = [("act", "suspend-holders"), ("all", "yes"), ("q", "person")];
    let asked = browser.post("/holders/selection", &fields).await;
    let path = asked.location().to_owned();
    browser.get(&path).await;
    browser.post(&path, &[("note", "")]).await
}

async fn what_was_done_is_said_when_the_database_fails_in_the_middle(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invited(&mut browser, 4).await;
    let fails = ["SELECT RAISE(ABORT, 'test')", "RAISE EXCEPTION 'test'"];
    when_changed(&server, "Person 02", fails).await;
    let done = suspend_four(&mut browser).await;
    assert_eq!(done.status, StatusCode::INTERNAL_SERVER_ERROR);
    let body = &done.body;
    assert!(body.contains("<h1>2 people suspended</h1>"), "{body}");
    assert!(body.contains("Not with these 2"), "{body}");
    assert!(
        body.contains("Not tried: it was broken off before."),
        "{body}"
    );
    assert_eq!(server.events(EventKind::HolderSuspended).await, 2);
}

async fn whoever_loses_their_role_in_the_middle_goes_no_further(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    invited(&mut browser, 4).await;
    let loses = ["UPDATE administrators SET role = 'auditor'"; 2];
    when_changed(&server, "Person 01", loses).await;
    let done = suspend_four(&mut browser).await;
    assert_eq!(done.status, StatusCode::CONFLICT);
    let body = &done.body;
    assert!(body.contains("<h1>2 people suspended</h1>"), "{body}");
    assert!(body.contains("You may not do this any more"), "{body}");
    assert_eq!(server.events(EventKind::HolderSuspended).await, 2);
}
