//! What is answered where no handler answers: to a panic, after a time-out, to a NUL in an address, to another method.
//! Each part of the server answers in its own form.

use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;

use enroll_server::listener::Limits;
use enroll_server::router;
use enroll_server::routes::Surface;
use enroll_server_store::Kind;
use enrollment_protocol::Refusal;

use crate::browser::{Answer, Browser};
use crate::server::TestServer;

const TIMEOUT: Duration = Duration::from_millis(100);

async fn panics() -> StatusCode {
    panic!("a secret of the handler")
}

async fn takes_too_long() -> StatusCode {
    tokio::time::sleep(TIMEOUT * 100).await;
    StatusCode::OK
}

/// A part of a server whose handlers do not answer.
fn client(server: &TestServer, surface: Surface) -> Browser {
    let routes = Router::new()
        .route("/panics", get(panics))
        .route("/takes-too-long", get(takes_too_long))
        .route("/named/{name}", get(async || StatusCode::OK));
    let limits = Limits {
        request: TIMEOUT,
        ..Limits::https()
    };
    let router = router::surround(&server.app, surface, routes, &limits);
    Browser::new(router.with_state(server.app.clone()))
}

/// The four answers with the status that each must have.
async fn answers(surface: Surface) -> Vec<(&'static str, Answer)> {
    let server = TestServer::new(Kind::Sqlite).await;
    let mut client = client(&server, surface);
    let answers = vec![
        ("a panic", client.get("/panics").await),
        ("a time-out", client.get("/takes-too-long").await),
        ("a NUL", client.get("/named/a%00b").await),
        (
            "another method",
            client.send(Method::PUT, "/panics", String::new()).await,
        ),
    ];
    let statuses: Vec<_> = answers.iter().map(|(_, answer)| answer.status).collect();
    assert_eq!(
        statuses,
        [
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::BAD_REQUEST,
            StatusCode::METHOD_NOT_ALLOWED,
        ]
    );
    let (_, other_method) = &answers[3];
    assert_eq!(other_method.header("allow"), "GET,HEAD");
    for (what, answer) in &answers {
        assert!(!answer.body.contains("secret"), "{what}: {}", answer.body);
    }
    answers
}

#[tokio::test]
async fn the_portal_answers_with_a_page() {
    for (what, answer) in answers(Surface::Portal).await {
        assert!(answer.body.contains("</html>"), "{what}: {}", answer.body);
        assert!(answer.body.contains("Example Works"), "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    }
}

#[tokio::test]
async fn phones_get_json() {
    for (what, answer) in answers(Surface::Protocol).await {
        let refusal: Refusal = serde_json::from_str(&answer.body)
            .unwrap_or_else(|error| panic!("{what}: {error}: {}", answer.body));
        assert!(refusal.message.ends_with('.'), "{what}");
        assert_eq!(answer.header("content-type"), "application/json", "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
}

#[tokio::test]
async fn programs_get_a_problem() {
    for (what, answer) in answers(Surface::Api).await {
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], answer.status.as_u16(), "{what}");
        assert!(problem["detail"].as_str().unwrap().ends_with('.'), "{what}");
        let media_type = answer.header("content-type");
        assert_eq!(media_type, "application/problem+json", "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
}

#[tokio::test]
async fn relying_parties_and_sshd_get_a_status_alone() {
    for surface in [Surface::Relying, Surface::Sshd] {
        for (what, answer) in answers(surface).await {
            assert_eq!(answer.body, "", "{what}");
        }
    }
}

crate::on_both! {
    a_nul_is_refused_where_it_comes_to_light_only_when_it_is_decoded,
}

async fn a_nul_is_refused_where_it_comes_to_light_only_when_it_is_decoded(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    // "id a\0b" and "a\0b 5", as the address of a list's next page has them.
    for after in ["aWQgYQBi", "YQBiIDU"] {
        for list in [
            "/holders",
            "/phones",
            "/certificates",
            "/invitations",
            "/audit",
        ] {
            let answer = browser.get(&format!("{list}?after={after}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{list}");
        }
    }
    browser.get("/invitations/new").await;
    let form = [
        ("name", "A\0b"),
        ("email", "a@b.org"),
        ("upn", "a@b.org"),
        ("profile", "compact\0"),
    ];
    let answer = browser.post("/invitations/new", &form).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
}
