//! Requests for another phone, on the pages of holders and of officers.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::json;

use enroll_server_model::{AddingPhones, EventKind, Outcome, Role, Scope};
use enroll_server_service::outbox::{self, Parcel, Report, mail::Content};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::own_pages::alice;
use crate::pages::with_phone;
use crate::program::Program;
use crate::server::TestServer;

crate::on_both! {
    a_holder_asks_and_two_officers_approve,
    a_form_of_before_is_shown_again_as_it_is_now,
    a_refusal_has_a_note_that_the_holder_reads,
    nobody_is_offered_what_is_refused,
    where_enough_have_approved_each_of_them_is_offered_to_end_it,
    a_program_approves_what_it_has_read,
    a_holder_takes_a_request_back_and_sees_nobody_elses,
    where_nobody_asks_there_is_no_page_for_it,
}

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

fn says_not(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(!answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

/// A server whose holders ask, its administrator, and the path of Alice's phone.
async fn set_up(on: Kind, how: AddingPhones) -> (TestServer, Browser, String) {
    let (mut server, officer, phone) = with_phone(on).await;
    server.use_mail().await;
    server.let_holders_ask(how).await;
    let mut browser = server.browser();
    browser.cookies = officer.cookies.clone();
    (server, browser, phone)
}

/// Asks for another phone. Returns the path of the request on the holder's own pages.
async fn ask(browser: &mut Browser) -> String {
    browser.get("/me/requests/new").await;
    let fields = [("policy", "compact"), ("note", "a second phone")];
    let made = browser.post("/me/requests/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    made.location().to_owned()
}

/// Decides with the form of a page.
async fn decide(browser: &mut Browser, page: &Answer, path: &str, note: &str) -> Answer {
    let seen = page.between("name=\"seen\" value=\"", "\"").to_owned();
    browser.post(path, &[("seen", &seen), ("note", note)]).await
}

async fn a_holder_asks_and_two_officers_approve(on: Kind) {
    let (server, mut robin, _) = set_up(on, AddingPhones::TwoApprovals).await;
    let mut kim = server.colleague(Role::Officer).await;
    says_not(&robin.get("/").await, &["waits for approval"]);
    let mut holder = alice(&server).await;
    says(
        &holder.get("/me").await,
        &["Ask for another phone", "href=\"/me/requests/new\""],
    );
    says(&holder.get("/me/help").await, &["Ask for another phone"]);
    let form = holder.get("/me/requests/new").await;
    says(&form, &["Standard", "Compact", "Send the request"]);
    let empty = [("policy", "compact"), ("note", " ")];
    let wrong = holder.post("/me/requests/new", &empty).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&wrong, &["Say why, in a few words."]);
    let own = ask(&mut holder).await;
    let page = holder.get(&own).await;
    let difference = [
        "What it changes",
        "1 phone",
        "2 phones",
        "Signing in",
        "1 certificate, until",
        "one more certificate, for",
    ];
    says(
        &page,
        &["Waiting", "2 approvals are missing", "Take it back"],
    );
    says(&page, &difference);
    let overview = holder.get("/me").await;
    says(&overview, &["What you asked for", "Another phone: Compact"]);
    says_not(&overview, &["href=\"/me/requests/new\""]);
    let second = holder
        .post("/me/requests/new", &[("policy", "compact"), ("note", "x")])
        .await;
    assert_eq!(second.status, StatusCode::CONFLICT);

    says(
        &robin.get("/").await,
        &["1 request waits for approval", "/requests?state=waiting"],
    );
    let list = robin.get("/requests?state=waiting").await;
    says(
        &list,
        &["Alice Example", "a second phone", "Waiting", "1 row"],
    );
    let path = format!("/requests/{}", list.between("href=\"/requests/", "\""));
    assert_eq!(path, own.strip_prefix("/me").unwrap());
    let page = robin.get(&path).await;
    says(
        &page,
        &[
            "asks for another phone",
            "a second phone",
            "with a link from their mail",
        ],
    );
    says(&page, &difference);
    let approve = format!("{path}/approve");
    let done = decide(&mut robin, &page, &approve, "").await;
    assert_eq!(done.location(), path, "{}", done.body);
    let page = robin.get(&path).await;
    says(
        &page,
        &[
            "You have approved what",
            "1 approval is missing",
            "Somebody else must approve it too",
            "Robin Meyer",
        ],
    );
    says_not(&page, &["/approve\""]);
    // Who sends the form all the same.
    let twice = decide(&mut robin, &page, &approve, "").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    says(&twice, &["You have approved this request already"]);

    let page = kim.get(&path).await;
    let done = decide(&mut kim, &page, &approve, "").await;
    assert_eq!(done.location(), path, "{}", done.body);
    let page = kim.get(&path).await;
    says(
        &page,
        &["is sent the link for the phone", "Show the invitation"],
    );
    says(&page, &difference);
    let page = holder.get(&own).await;
    says(&page, &["has approved it"]);
    let invitation = format!("/invitation/{}", page.between("href=\"/invitation/", "\""));
    let guid = "0".repeat(31) + "8";
    crate::pages::enroll(&server, &invitation, &guid).await;
    says(&holder.get(&own).await, &["The link was used"]);
    assert_eq!(server.events(EventKind::InvitationMailed).await, 1);
    for page in ["/audit", "/"] {
        says(
            &robin.get(page).await,
            &["Request for another phone approved", &path],
        );
    }
    says(
        &robin.get("/audit").await,
        &[
            "Asked for another phone",
            "approved by a first officer",
            "Robin Meyer, Kim officer",
        ],
    );
    let file = robin.get("/requests.csv?state=approved").await;
    says(
        &file,
        &["Alice Example,alice@example.org", "Approved", "Kim officer"],
    );
}

async fn a_form_of_before_is_shown_again_as_it_is_now(on: Kind) {
    let (server, mut robin, phone) = set_up(on, AddingPhones::OneApproval).await;
    let mut holder = alice(&server).await;
    let own = ask(&mut holder).await;
    let path = own.strip_prefix("/me").unwrap();
    let before = robin.get(path).await;
    let person = format!("/holders/{}", before.between("href=\"/holders/", "\""));
    let names = [
        ("name", "Alice Corrected"),
        ("email", "alice@example.org"),
        ("upn", "alice@example.org"),
        ("language", "en"),
    ];
    robin.get(&format!("{person}/edit")).await;
    let edited = robin.post(&format!("{person}/edit"), &names).await;
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.body);
    robin.get(path).await;
    for act in ["approve", "refuse"] {
        let again = decide(&mut robin, &before, &format!("{path}/{act}"), "no").await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        says(
            &again,
            &[
                "were changed since you saw this",
                "was corrected since the request was made",
                "<bdi>Alice Example</bdi> → <bdi>Alice Corrected</bdi>",
                "Changed",
            ],
        );
    }
    assert_eq!(server.events(EventKind::InvitationCreated).await, 1);
    says(&holder.get(&own).await, &["Changed", "Alice Corrected"]);
    // A phone that is lost meanwhile.
    let fresh = robin.get(path).await;
    robin.post(&format!("{phone}/suspend"), &[]).await;
    robin.get(path).await;
    let again = decide(&mut robin, &fresh, &format!("{path}/approve"), "").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = decide(&mut robin, &again, &format!("{path}/approve"), "").await;
    assert_eq!(done.location(), path);
}

async fn a_refusal_has_a_note_that_the_holder_reads(on: Kind) {
    let (server, mut robin, _) = set_up(on, AddingPhones::OneApproval).await;
    let mut holder = alice(&server).await;
    let own = ask(&mut holder).await;
    let path = own.strip_prefix("/me").unwrap();
    let page = robin.get(path).await;
    let refuse = format!("{path}/refuse");
    let without = decide(&mut robin, &page, &refuse, "").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&without, &["Say why, in a few words.", "id=\"note-error\""]);
    let done = decide(&mut robin, &page, &refuse, "one is enough").await;
    assert_eq!(done.location(), path);
    says(
        &robin.get(path).await,
        &["is refused", "one is enough", "Refused", "Robin Meyer"],
    );
    says(
        &holder.get(&own).await,
        &["has refused it", "one is enough", "What it changes"],
    );
    assert_eq!(refusals(&server).await, ["one is enough"]);
    // In German.
    holder.headers.push(("accept-language", "de".to_owned()));
    says(
        &holder.get("/me").await,
        &["Weiteres Smartphone beantragen", "Abgelehnt"],
    );
}

/// Takes the mails that are to be sent, and returns why something was refused.
async fn refusals(server: &TestServer) -> Vec<String> {
    let mut notes = Vec::new();
    loop {
        let lanes = outbox::due(&server.app, &BTreeSet::new()).await.unwrap();
        if lanes.is_empty() {
            return notes;
        }
        for lane in lanes {
            let Some(attempt) = outbox::begin_attempt(&server.app, &lane).await.unwrap() else {
                continue;
            };
            if let Parcel::Mail(message) = &attempt.parcel
                && let Content::RequestRefused { note } = &message.content
            {
                assert_eq!(message.recipient, "alice@example.org");
                notes.push(note.clone());
            }
            let report = Report {
                outcome: Outcome::Taken,
                answer: String::new(),
            };
            outbox::settle(&server.app, attempt, report).await.unwrap();
        }
    }
}

async fn a_program_approves_what_it_has_read(on: Kind) {
    let (server, mut robin, _) = set_up(on, AddingPhones::TwoApprovals).await;
    let mut holder = alice(&server).await;
    let own = ask(&mut holder).await;
    let path = own.strip_prefix("/me").unwrap();
    let program = Program::with(&server, &[Scope::Read, Scope::Approve]).await;
    let list = program.read("/api/v1/requests?state=waiting&q=alice").await;
    assert_eq!(list["items"][0]["person_name"], "Alice Example");
    let api = format!("/api/v1{path}");
    let read = program.read(&api).await;
    assert_eq!(read["missing"], 2);
    assert_eq!(read["request"]["came_by"], "mail");
    assert_eq!(read["changes"]["phones"], 1);
    assert_eq!(read["changes"]["keys"][0]["slot"], "9A");
    assert_eq!(read["changes"]["name"]["before"], "Alice Example");
    let approve = format!("{api}/approve");
    let stale = json!({ "seen": "another" });
    let refused = program.post(&approve, &stale).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let seen = json!({ "seen": read["seen"] });
    program.act(&approve, &seen).await;
    let read = program.read(&api).await;
    assert_eq!(read["missing"], 1);
    assert_eq!(read["approvals"][0]["counts"], true);
    // Another token is not another approver.
    let another = Program::with(&server, &[Scope::Approve]).await;
    for program in [&program, &another] {
        let refused = program.post(&approve, &seen).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
    }
    let refuse = format!("{api}/refuse");
    let body = json!({ "seen": read["seen"], "note": "" });
    let without = program.post(&refuse, &body).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = robin.get(path).await;
    decide(&mut robin, &page, &format!("{path}/approve"), "").await;
    let read = program.read(&api).await;
    assert_eq!(read["request"]["state"], "approved");
    assert!(read["request"]["invitation_id"].is_string());
}

async fn nobody_is_offered_what_is_refused(on: Kind) {
    let (server, _, _) = set_up(on, AddingPhones::OneApproval).await;
    let mut holder = alice(&server).await;
    let own = ask(&mut holder).await;
    let path = own.strip_prefix("/me").unwrap();
    let mut auditor = server.colleague(Role::Auditor).await;
    let page = auditor.get(path).await;
    says(&page, &["Officers and administrators decide."]);
    says_not(&page, &["/approve\"", "/refuse\""]);
    let forbidden = auditor.post(&format!("{path}/approve"), &[]).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    // An officer with Alice's address.
    server
        .add_on_the_machine("alice@example.org", Role::Officer)
        .await;
    let mut herself = server.browser();
    crate::browser::sign_in(&mut herself, "alice@example.org", crate::server::PASSWORD).await;
    let page = herself.get(path).await;
    says(&page, &["This is your own request"]);
    says_not(&page, &["/approve\""]);
    let refused = decide(&mut herself, &page, &format!("{path}/approve"), "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    says(&refused, &["You cannot approve your own request"]);
}

async fn where_enough_have_approved_each_of_them_is_offered_to_end_it(on: Kind) {
    let (mut server, mut robin, _) = set_up(on, AddingPhones::OneApproval).await;
    let own = ask(&mut alice(&server).await).await;
    let path = own.strip_prefix("/me").unwrap();
    let approve = format!("{path}/approve");
    // Two are needed for a while.
    server.let_holders_ask(AddingPhones::TwoApprovals).await;
    let mut officer = server.browser();
    officer.cookies = robin.cookies.clone();
    let page = officer.get(path).await;
    decide(&mut officer, &page, &approve, "").await;
    says_not(&officer.get(path).await, &["/approve\""]);
    server.let_holders_ask(AddingPhones::OneApproval).await;
    robin = server.browser();
    robin.cookies = officer.cookies.clone();
    let page = robin.get(path).await;
    says(&page, &["It has enough approvals", "/approve\""]);
    let done = decide(&mut robin, &page, &approve, "").await;
    assert_eq!(done.location(), path, "{}", done.body);
    says(&robin.get(path).await, &["The person is invited"]);
}

async fn a_holder_takes_a_request_back_and_sees_nobody_elses(on: Kind) {
    let (server, mut robin, _) = set_up(on, AddingPhones::OneApproval).await;
    let mut holder = alice(&server).await;
    let own = ask(&mut holder).await;
    holder.get(&own).await;
    let done = holder.post(&format!("{own}/withdraw"), &[]).await;
    assert_eq!(done.location(), own);
    says(&holder.get(&own).await, &["You took it back.", "Withdrawn"]);
    let twice = holder.post(&format!("{own}/withdraw"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    says(
        &robin.get("/requests").await,
        &["Withdrawn", "Alice Example"],
    );
    let missing = holder.get("/me/requests/another").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

async fn where_nobody_asks_there_is_no_page_for_it(on: Kind) {
    let (server, mut robin, _) = set_up(on, AddingPhones::No).await;
    let mut holder = alice(&server).await;
    says_not(&holder.get("/me").await, &["/me/requests/new"]);
    let missing = holder.get("/me/requests/new").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    holder.get("/me").await;
    let fields = [("policy", "compact"), ("note", "x")];
    let refused = holder.post("/me/requests/new", &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    says(
        &robin.get("/requests").await,
        &["No requests yet", "--holders-add-phones=one-approval"],
    );
}
