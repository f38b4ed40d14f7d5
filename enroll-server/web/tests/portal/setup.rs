//! Setting up the first administrator: once, and only with the link that the server printed.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, Role};
use enroll_server_store::Kind;

use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    looking_at_the_link_uses_nothing_up_and_sending_the_form_does,
    an_address_that_has_an_account_already_is_told_and_leaves_the_link,
    of_two_who_send_the_form_at_once_one_becomes_administrator,
    a_guessed_link_shows_no_form,
    what_is_wrong_is_said_all_at_once_and_what_was_typed_is_kept,
}

const GOOD: [(&str, &str); 3] = [("name", "Robin"), ("email", EMAIL), ("password", PASSWORD)];

async fn an_address_that_has_an_account_already_is_told_and_leaves_the_link(on: Kind) {
    let server = TestServer::new(on).await;
    let link = server.setup_path().await;
    server.add_on_the_machine(EMAIL, Role::Officer).await;
    let mut browser = server.browser();
    browser.get(&link).await;
    let refused = browser.post(&link, &GOOD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("href=\"#email\""), "{}", refused.body);
    let other = [GOOD[0], ("email", "robin@elsewhere.example"), GOOD[2]];
    let answer = browser.post(&link, &other).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

async fn looking_at_the_link_uses_nothing_up_and_sending_the_form_does(on: Kind) {
    let server = TestServer::new(on).await;
    let link = server.setup_path().await;
    let mut browser = server.browser();
    for _ in 0..3 {
        assert_eq!(browser.get(&link).await.status, StatusCode::OK);
    }
    let mut second = server.browser();
    second.get(&link).await;

    let answer = browser.post(&link, &GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        browser
            .get("/")
            .await
            .body
            .contains("Enroll the first phone")
    );

    let late = second.post(&link, &GOOD).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert!(late.body.contains("This set-up link does not work"));
    assert_eq!(
        server.browser().get(&link).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(server.events(EventKind::AdministratorCreated).await, 1);
}

async fn of_two_who_send_the_form_at_once_one_becomes_administrator(on: Kind) {
    let server = TestServer::new(on).await;
    let link = server.setup_path().await;
    let (mut one, mut two) = (server.browser(), server.browser());
    one.get(&link).await;
    two.get(&link).await;
    let other = [
        ("name", "Mallory"),
        ("email", "mallory@example.org"),
        ("password", PASSWORD),
    ];
    let (first, second) = tokio::join!(one.post(&link, &GOOD), two.post(&link, &other));
    let welcome = [&first, &second]
        .iter()
        .filter(|answer| answer.location() == "/")
        .count();
    assert_eq!(welcome, 1);
    assert_eq!(server.events(EventKind::AdministratorCreated).await, 1);
}

async fn a_guessed_link_shows_no_form(on: Kind) {
    let server = TestServer::new(on).await;
    server.setup_path().await;
    let mut browser = server.browser();
    for guess in ["x".to_owned(), "A".repeat(32), "%00".to_owned()] {
        let answer = browser.get(&format!("/setup/{guess}")).await;
        assert!(
            answer.status.is_client_error(),
            "{guess}: {}",
            answer.status
        );
        assert!(!answer.body.contains("<input"), "{guess}");
    }
}

async fn what_is_wrong_is_said_all_at_once_and_what_was_typed_is_kept(on: Kind) {
    let server = TestServer::new(on).await;
    let link = server.setup_path().await;
    let mut browser = server.browser();
    browser.get(&link).await;
    let fields = [
        ("name", "Robin <Meyer>"),
        ("email", "robin"),
        ("password", "short"),
    ];
    let answer = browser.post(&link, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("<title>Error: Set up"));
    assert!(answer.body.contains("value=\"Robin &#60;Meyer&#62;\""));
    assert!(answer.body.contains("value=\"robin\""));
    assert!(
        !answer.body.contains("short"),
        "a password is never sent back"
    );
    for field in ["email", "password"] {
        assert!(
            answer.body.contains(&format!("<a href=\"#{field}\">")),
            "{field}"
        );
        assert!(
            answer.body.contains(&format!("id=\"{field}-error\"")),
            "{field}"
        );
    }
    assert!(
        answer
            .body
            .contains("aria-describedby=\"email-hint email-error\"")
    );
    assert_eq!(browser.post(&link, &GOOD).await.location(), "/");
}
