//! Every route of the table: who may use it, that its forms are protected, and the headers of its answers.

use axum::http::StatusCode;

use enroll_server::portal::routes::{Access, ROUTES};
use enroll_server_store::Kind;

use crate::browser::Browser;
use crate::server::TestServer;

crate::on_both! {
    whoever_is_not_signed_in_sees_no_administrators_page,
    a_signed_in_administrator_needs_the_forms_token_for_every_change,
    a_form_of_another_site_is_refused_even_with_the_right_token,
    every_answer_has_the_headers_that_protect_it,
    assets_are_kept_for_ever_under_names_that_change_with_their_content,
}

/// A route's path with something in the place of each parameter.
fn filled_in(path: &str) -> String {
    path.replace("{id}", "abcdefghijklmnopqrstuvwxyz")
        .replace("{token}", &"A".repeat(32))
        .replace("{name}", "nothing.css")
}

async fn whoever_is_not_signed_in_sees_no_administrators_page(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    for route in ROUTES {
        let path = filled_in(route.path);
        let answer = server.browser().get(&path).await;
        match route.access {
            Access::Administrator => {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
                assert!(answer.location().starts_with("/sign-in"), "{path}");
                assert_eq!(answer.body, "", "{path}");
            }
            Access::Anyone => assert!(!answer.location().starts_with("/sign-in"), "{path}"),
        }
        let answer = server
            .browser()
            .post_raw(&path, &[("csrf", "guessed")])
            .await;
        let refused = answer.status == StatusCode::FORBIDDEN
            || answer.status == StatusCode::METHOD_NOT_ALLOWED
            || answer.location().starts_with("/sign-in");
        assert!(refused, "{path}: {}", answer.status);
    }
}

async fn a_signed_in_administrator_needs_the_forms_token_for_every_change(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    browser.get("/").await;
    for route in ROUTES
        .iter()
        .filter(|route| route.access == Access::Administrator)
    {
        let path = filled_in(route.path);
        for fields in [
            &[][..],
            &[("csrf", "")][..],
            &[("csrf", "0123456789abcdef")][..],
        ] {
            let answer = browser.post_raw(&path, fields).await;
            let refused = matches!(
                answer.status,
                StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED
            );
            assert!(refused, "{path}: {}", answer.status);
        }
    }
    assert_eq!(
        browser.get("/").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

async fn a_form_of_another_site_is_refused_even_with_the_right_token(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    browser.get("/").await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mut foreign = browser.clone();
        foreign.headers.push((name, value.to_owned()));
        let answer = foreign.post("/sign-out", &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    browser
        .headers
        .push(("origin", "https://localhost:8443".to_owned()));
    browser
        .headers
        .push(("sec-fetch-site", "same-origin".to_owned()));
    assert_eq!(browser.post("/sign-out", &[]).await.location(), "/sign-in");
}

fn assert_headers(path: &str, answer: &crate::browser::Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    assert_eq!(
        answer.header("cross-origin-opener-policy"),
        "same-origin",
        "{path}"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    assert!(
        !answer.body.contains(" style="),
        "{path} has an inline style"
    );
    assert!(
        !answer.body.contains("<style"),
        "{path} has an inline style sheet"
    );
    assert!(
        !answer.body.contains("<script>"),
        "{path} has an inline script"
    );
}

async fn every_answer_has_the_headers_that_protect_it(on: Kind) {
    let (server, mut signed_in) = TestServer::set_up(on).await;
    let mut stranger: Browser = server.browser();
    for route in ROUTES {
        let path = filled_in(route.path);
        assert_headers(&path, &signed_in.get(&path).await);
        assert_headers(&path, &stranger.get(&path).await);
    }
    let missing = stranger.get("/no/such/page").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_headers("/no/such/page", &missing);
    assert!(missing.body.contains("There is nothing at this address"));
    assert!(missing.body.contains(missing.header("x-request-id")));
}

async fn assets_are_kept_for_ever_under_names_that_change_with_their_content(on: Kind) {
    let server = TestServer::new(on).await;
    let mut browser = server.browser();
    let page = browser.get("/sign-in").await;
    for (before, content_type) in [
        ("rel=\"stylesheet\" href=\"", "text/css; charset=utf-8"),
        ("<script src=\"", "text/javascript; charset=utf-8"),
        ("rel=\"icon\" href=\"", "image/svg+xml"),
    ] {
        let path = page.between(before, "\"").to_owned();
        let asset = browser.get(&path).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert_eq!(asset.header("content-type"), content_type);
        assert!(asset.header("cache-control").contains("immutable"));
    }
}
