//! Holders' own pages: how they come there, what they see and do, and what ends it.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::{Method, StatusCode};

use enroll_server::routes::ROUTES;
use enroll_server_model::EventKind;
use enroll_server_service::outbox::{self, Parcel, Report, mail::Content};
use enroll_server_store::Kind;

use crate::access::filled_in;
use crate::browser::{Answer, Browser};
use crate::pages::with_phone;
use crate::server::TestServer;

crate::on_both! {
    a_holder_comes_by_a_link_from_their_mail_and_reports_a_lost_phone,
    a_link_works_once_for_a_quarter_of_an_hour_and_looking_uses_nothing_up,
    whoever_asks_learns_nothing_of_who_is_known,
    a_holder_sees_nothing_but_their_own,
    a_holder_may_use_no_address_of_those_who_work_here,
    a_session_ends_with_its_time_and_with_its_holder,
    without_a_mail_server_the_page_says_whom_to_tell,
    the_pages_speak_german_too,
}

const MAIL: &str = "alice@example.org";

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

/// Asks for a link.
async fn ask(browser: &mut Browser, email: &str) -> Answer {
    browser.get("/me/sign-in").await;
    browser.post("/me/sign-in", &[("email", email)]).await
}

/// Takes the mails that are to be sent, and returns the paths of the links to own pages in them.
async fn taken_links(server: &TestServer) -> Vec<String> {
    let mut links = Vec::new();
    for lane in outbox::due(&server.app, &BTreeSet::new()).await.unwrap() {
        let Some(attempt) = outbox::begin_attempt(&server.app, &lane).await.unwrap() else {
            continue;
        };
        if let Parcel::Mail(message) = &attempt.parcel
            && let Content::OwnPages { link } = &message.content
        {
            assert_eq!(message.recipient, MAIL);
            let path = link.strip_prefix(&server.app.addresses.portal);
            links.push(path.unwrap().to_owned());
        }
        let report = Report {
            outcome: enroll_server_model::Outcome::Taken,
            answer: String::new(),
        };
        outbox::settle(&server.app, attempt, report).await.unwrap();
    }
    links
}

/// The path of the link that somebody is sent.
async fn link(server: &TestServer) -> String {
    links(server, 1).await.remove(0)
}

/// The paths of as many links that somebody is sent.
async fn links(server: &TestServer, count: usize) -> Vec<String> {
    let mut links = Vec::new();
    for _ in 0..600 {
        links.append(&mut taken_links(server).await);
        if links.len() >= count {
            return links;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} mails were written", links.len());
}

/// The browser of Alice on her own pages.
pub async fn alice(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    ask(&mut browser, MAIL).await;
    let link = link(server).await;
    browser.get(&link).await;
    let entered = browser.post(&link, &[]).await;
    assert_eq!(entered.location(), "/me", "{}", entered.body);
    browser
}

/// A server that sends mail, its administrator, and the path of Alice's phone.
async fn set_up(on: Kind) -> (TestServer, Browser, String) {
    let (mut server, mut officer, phone) = with_phone(on).await;
    server.use_mail().await;
    let cookies = officer.cookies.clone();
    officer = server.browser();
    officer.cookies = cookies;
    officer.get("/").await;
    (server, officer, phone)
}

async fn a_holder_comes_by_a_link_from_their_mail_and_reports_a_lost_phone(on: Kind) {
    let (server, mut officer, phone) = set_up(on).await;
    let mut browser = server.browser();
    let refused = browser.get("/me").await;
    assert_eq!(refused.location(), "/me/sign-in");
    says(
        &ask(&mut browser, "Alice@Example.org").await,
        &["a link is on its way there. It works once, for 15 minutes."],
    );
    let link = link(&server).await;
    let question = browser.get(&link).await;
    says(&question, &["leads to the phones of", "Alice Example"]);
    let entered = browser.post(&link, &[]).await;
    assert_eq!(entered.location(), "/me");
    let cookie = entered.set_cookie("__Host-holder");
    for attribute in ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let page = browser.get("/me").await;
    says(
        &page,
        &[
            "Alice&#39;s phone",
            "You can use this phone as a smart card.",
            "Signing in",
            "The phone asks for the PIN.",
            "Valid until",
            "I have lost this phone",
        ],
    );
    let lost = page
        .between("class=\"button danger\" href=\"", "\"")
        .to_owned();
    let question = browser.get(&lost).await;
    says(
        &question,
        &[
            "Have you lost",
            "It is suspended at once",
            "You cannot undo it yourself",
        ],
    );
    assert_eq!(server.events(EventKind::PhoneReportedLost).await, 0);
    let done = browser.post(&lost, &[]).await;
    let page = browser.get(done.location()).await;
    says(
        &page,
        &[
            "role=\"status\"",
            "is suspended. Tell Example Works too",
            "Only Example Works can resume it.",
        ],
    );
    assert!(!page.body.contains("I have lost this phone"));
    // The officers are told, and undo it.
    says(
        &officer.get(&phone).await,
        &[
            "is suspended",
            "Alice Example",
            "Phone reported lost by its holder",
        ],
    );
    says(
        &officer.get("/audit").await,
        &[
            "Alice Example, on their own pages",
            "with a link from their mail",
        ],
    );
    let resumed = officer.post(&format!("{phone}/resume"), &[]).await;
    assert_eq!(resumed.location(), phone);
    says(&browser.get("/me").await, &["I have lost this phone"]);
    says(&browser.get("/me/help").await, &["tapcard pin unblock"]);
    browser.get("/me").await;
    let out = browser.post("/me/sign-out", &[]).await;
    assert_eq!(out.location(), "/me/sign-in");
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");
}

async fn a_link_works_once_for_a_quarter_of_an_hour_and_looking_uses_nothing_up(on: Kind) {
    let (server, _, _) = set_up(on).await;
    let mut browser = server.browser();
    ask(&mut browser, MAIL).await;
    let first = link(&server).await;
    for _ in 0..3 {
        let looked = server.browser().get(&first).await;
        assert_eq!(looked.status, StatusCode::OK);
        assert!(
            looked
                .headers
                .get_all("set-cookie")
                .iter()
                .all(|cookie| { !cookie.to_str().unwrap().starts_with("__Host-holder") })
        );
    }
    browser.get(&first).await;
    assert_eq!(browser.post(&first, &[]).await.location(), "/me");
    let again = browser.post(&first, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    says(
        &again,
        &["does not work", "A link works once", "href=\"/me/sign-in\""],
    );
    ask(&mut browser, MAIL).await;
    let second = link(&server).await;
    browser.get(&second).await;
    server.wait(Duration::from_secs(15 * 60));
    for answer in [browser.get(&second).await, browser.post(&second, &[]).await] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

async fn whoever_asks_learns_nothing_of_who_is_known(on: Kind) {
    let (server, _, _) = set_up(on).await;
    let mut browser = server.browser();
    let csrf = |answer: &Answer| answer.between("name=\"csrf\" value=\"", "\"").to_owned();
    let unknown = ask(&mut browser, "nobody@example.org").await;
    let known = ask(&mut browser, MAIL).await;
    assert_eq!(unknown.status, known.status);
    assert_eq!(
        unknown.body.replace(&csrf(&unknown), ""),
        known.body.replace(&csrf(&known), "")
    );
    link(&server).await;
    // Her mailbox is not filled by strangers, and they are told nothing of that.
    for _ in 0..6 {
        let answer = ask(&mut browser, MAIL).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(links(&server, 2).await.len(), 2);
    // One network asks for no more than a few.
    let mut last = StatusCode::OK;
    for _ in 0..10 {
        last = ask(&mut browser, "nobody@example.org").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(taken_links(&server).await, Vec::<String>::new());
}

async fn a_holder_sees_nothing_but_their_own(on: Kind) {
    let (server, mut officer, _) = set_up(on).await;
    officer.get("/invitations/new").await;
    let bob = [
        ("name", "Bob Example"),
        ("email", "bob@example.org"),
        ("upn", "bob@example.org"),
        ("profile", "compact"),
    ];
    let made = officer.post("/invitations/new", &bob).await;
    let shown = officer.get(made.location()).await;
    let token = shown.between("/invitation/", "#").to_owned();
    let guid = "0".repeat(31) + "7";
    crate::pages::enroll(&server, &format!("/invitation/{token}"), &guid).await;
    let list = officer.get("/phones?q=Bob").await;
    let others = list.between("href=\"/phones/", "\"").to_owned();

    let mut alice = alice(&server).await;
    let page = alice.get("/me").await;
    assert_eq!(
        page.body.matches("class=\"card\"").count(),
        1,
        "{}",
        page.body
    );
    let path = format!("/me/phones/{others}/lost");
    assert_eq!(alice.get(&path).await.status, StatusCode::NOT_FOUND);
    alice.get("/me").await;
    assert_eq!(alice.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.events(EventKind::PhoneSuspended).await, 0);
    // No page of those who work here, and no own pages for them.
    for path in ["/", "/phones", "/audit", &format!("/phones/{others}")] {
        let answer = alice.get(path).await;
        assert!(answer.location().starts_with("/sign-in"), "{path}");
    }
    assert_eq!(officer.get("/me").await.location(), "/me/sign-in");
    // What an address says is not believed.
    let page = alice.get(&format!("/me?lost={others}")).await;
    assert!(!page.body.contains("role=\"status\""));
}

async fn a_holder_may_use_no_address_of_those_who_work_here(on: Kind) {
    let (server, _, _) = set_up(on).await;
    let mut alice = alice(&server).await;
    alice.get("/me").await;
    let theirs = ROUTES.iter().filter(|route| route.access.asks_to_sign_in());
    for route in theirs {
        let path = filled_in(route.path);
        let answer = match route.method {
            Method::GET => alice.get(&path).await,
            _ => alice.post(&path, &[]).await,
        };
        let what = format!("{} {}: {}", route.method, route.path, answer.status);
        assert!(answer.location().starts_with("/sign-in"), "{what}");
    }
    assert_eq!(alice.get("/me").await.status, StatusCode::OK);
}

async fn a_session_ends_with_its_time_and_with_its_holder(on: Kind) {
    let (server, mut officer, _) = set_up(on).await;
    let list = officer.get("/holders").await;
    let holder = format!("/holders/{}", list.between("href=\"/holders/", "\""));
    let mut browser = alice(&server).await;
    server.wait(Duration::from_secs(30 * 60 - 1));
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    server.wait(Duration::from_secs(1));
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");

    let mut browser = alice(&server).await;
    // The one that a browser had ends when another begins there.
    let stale = browser.clone();
    ask(&mut browser, MAIL).await;
    let again = link(&server).await;
    browser.get(&again).await;
    assert_eq!(browser.post(&again, &[]).await.location(), "/me");
    assert_eq!(stale.clone().get("/me").await.location(), "/me/sign-in");
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    // A few mails at once, and no more.
    server.wait(Duration::from_secs(10 * 60));
    let mut waiting = server.browser();
    ask(&mut waiting, MAIL).await;
    let open = link(&server).await;
    waiting.get(&open).await;
    officer.get("/").await;
    let suspended = officer.post(&format!("{holder}/suspend"), &[]).await;
    assert_eq!(suspended.location(), holder, "{}", suspended.body);
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");
    assert_eq!(waiting.post(&open, &[]).await.status, StatusCode::NOT_FOUND);
    officer.get("/").await;
    officer.post(&format!("{holder}/resume"), &[]).await;
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");
}

async fn without_a_mail_server_the_page_says_whom_to_tell(on: Kind) {
    let (server, _, _) = with_phone(on).await;
    let page = server.browser().get("/me/sign-in").await;
    says(
        &page,
        &["This server sends no mail", "tell Example Works at once"],
    );
    assert!(!page.body.contains("name=\"email\""));
}

async fn the_pages_speak_german_too(on: Kind) {
    let (server, _, _) = set_up(on).await;
    let mut browser = alice(&server).await;
    browser.headers.push(("accept-language", "de".to_owned()));
    let page = browser.get("/me").await;
    says(
        &page,
        &["<html lang=\"de\">", "Ich habe dieses Smartphone verloren"],
    );
}
