//! One's own account: name, password, sessions.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, Role};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser, sign_in};
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    every_role_changes_their_own_name,
    a_new_password_needs_the_present_one_and_ends_all_other_sessions,
    guesses_at_the_present_password_count_as_attempts_to_sign_in,
    somebody_signs_out_everywhere_else,
}

const NEW: &str = "another horse battery staple";

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

async fn every_role_changes_their_own_name(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    for role in Role::ALL {
        let mut browser = server.colleague(*role).await;
        says(&browser.get("/").await, &["href=\"/account\""]);
        let wrong = browser.post("/account/name", &[("name", " ")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        says(&wrong, &["Enter a name"]);
        let name = format!("Sam {role}");
        let done = browser.post("/account/name", &[("name", &name)]).await;
        assert_eq!(done.location(), "/account");
        let page = browser.get("/account").await;
        says(&page, &["Your name is changed", &name]);
        let audit = browser.get("/audit").await;
        says(&audit, &[&format!("Own name changed to {name}")]);
    }
    assert_eq!(server.events(EventKind::OwnNameChanged).await, 3);
}

async fn change(browser: &mut Browser, present: &str, new: &str) -> Answer {
    browser.get("/account").await;
    let fields = [("present", present), ("password", new)];
    browser.post("/account/password", &fields).await
}

async fn a_new_password_needs_the_present_one_and_ends_all_other_sessions(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut elsewhere = server.browser();
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    let wrong = change(&mut robin, "not the password", NEW).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&wrong, &["The present password is not right"]);
    assert!(!wrong.body.contains(NEW));
    let short = change(&mut robin, PASSWORD, "short").await;
    says(&short, &["5 characters"]);
    assert_eq!(elsewhere.get("/").await.status, StatusCode::OK);

    let done = change(&mut robin, PASSWORD, NEW).await;
    assert_eq!(done.location(), "/account");
    let page = robin.get("/account").await;
    says(&page, &["1 other session was ended", "This one"]);
    assert!(elsewhere.get("/").await.location().starts_with("/sign-in"));
    assert!(server.hashes_of_browsers().await.is_empty());
    let old = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = sign_in(&mut server.browser(), EMAIL, NEW).await;
    assert_eq!(new.location(), "/");
    assert_eq!(server.events(EventKind::OwnPasswordChanged).await, 1);
}

async fn guesses_at_the_present_password_count_as_attempts_to_sign_in(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut last = StatusCode::OK;
    for _ in 0..12 {
        last = change(&mut robin, "a guess at it", NEW).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(server.events(EventKind::SignInRefused).await, 10);
    let right = change(&mut robin, PASSWORD, NEW).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
}

async fn somebody_signs_out_everywhere_else(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let alone = robin.get("/account").await;
    assert!(!alone.body.contains("sign-out-elsewhere"));
    let mut elsewhere = server.browser();
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    let mut officer = server.colleague(Role::Officer).await;
    let page = robin.get("/account").await;
    says(&page, &["This one", "Another browser", "just now"]);
    assert_eq!(page.body.matches("Another browser").count(), 1);
    robin.post("/account/sign-out-elsewhere", &[]).await;
    let page = robin.get("/account").await;
    says(&page, &["1 other session was ended"]);
    assert!(!page.body.contains("Another browser"));
    assert!(elsewhere.get("/").await.location().starts_with("/sign-in"));
    assert_eq!(officer.get("/").await.status, StatusCode::OK);
    assert_eq!(server.events(EventKind::OtherSessionsEnded).await, 1);
}
