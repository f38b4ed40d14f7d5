//! Every route of the table: who may use it, that its forms are protected, and the headers of its answers.

use axum::http::Method;
use axum::http::StatusCode;

use enroll_server::access::Access;
use enroll_server::listener::Limits;
use enroll_server::router;
use enroll_server::routes::{ROUTES, Route, Surface};
use enroll_server_store::Kind;

use crate::browser::Browser;
use crate::server::TestServer;

crate::on_both! {
    every_address_answers_whom_it_should_and_nobody_else,
    a_method_or_listener_that_is_not_in_the_table_is_refused,
    whoever_is_not_signed_in_sees_no_administrators_page,
    a_signed_in_administrator_needs_the_forms_token_for_every_change,
    a_form_of_another_site_is_refused_even_with_the_right_token,
    every_answer_has_the_headers_that_protect_it,
    assets_are_kept_for_good_under_names_that_change_with_their_content,
}

/// The pages of the portal.
fn pages() -> impl Iterator<Item = &'static Route> {
    ROUTES
        .iter()
        .filter(|route| route.surface == Surface::Portal)
}

/// A route's path with something in the place of each parameter.
pub fn filled_in(path: &str) -> String {
    path.replace("{id}", "abcdefghijklmnopqrstuvwxyz")
        .replace("{token}", &"A".repeat(32))
        .replace("{name}", "nothing.css")
        .replace("{reason}", "revoked")
        .replace("{username}", "nobody")
        .replace("{key}", &"0".repeat(64))
        .replace("{file}", "nothing.crl")
        .replace("{*request}", "nothing")
}

/// What a client sends to a route: as much as it can know without having been let in.
async fn asked(browser: &mut Browser, route: &Route) -> crate::browser::Answer {
    let path = filled_in(route.path);
    match (&route.method, route.surface) {
        (&Method::GET, _) => browser.get(&path).await,
        (_, Surface::Protocol) if route.access == Access::Phone => {
            let body = r#"{"protocol":1,"phone":"nobody","message":"{}","signature":""}"#;
            browser.send(Method::POST, &path, body.to_owned()).await
        }
        (method, Surface::Api) => browser.send(method.clone(), &path, "{}".to_owned()).await,
        (_, Surface::Protocol) => {
            let token = "A".repeat(32);
            let guid = "0".repeat(32);
            let body = format!(
                r#"{{"protocol":1,"invitation":"{token}","phone":{{"name":"p","guid":"{guid}"}},"requests":[]}}"#
            );
            browser.send(Method::POST, &path, body).await
        }
        _ => browser.post_raw(&path, &[]).await,
    }
}

async fn every_address_answers_whom_it_should_and_nobody_else(on: Kind) {
    let (server, mut signed_in) = TestServer::set_up(on).await;
    signed_in.get("/").await;
    let relying = router::http(&server.app, &Limits::http());
    let phones = router::phones(&server.app, &Limits::https());
    for route in ROUTES {
        let mut stranger = match route.surface {
            Surface::Portal | Surface::Protocol | Surface::Api | Surface::Sshd => server.browser(),
            Surface::Phones => Browser::new(phones.clone()),
            Surface::Relying => Browser::new(relying.clone()),
        };
        let answer = asked(&mut stranger, route).await;
        let what = format!("{} {}: {}", route.method, route.path, answer.status);
        assert!(answer.status != StatusCode::METHOD_NOT_ALLOWED, "{what}");
        let is_form = route.surface == Surface::Portal && route.method == Method::POST;
        let to_sign_in = answer.location().starts_with("/sign-in");
        match route.access {
            Access::Token(_) => {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
                let challenge = answer.header("www-authenticate");
                assert_eq!(challenge, r#"Bearer realm="tapcard""#, "{what}");
            }
            access if access.asks_to_sign_in() => assert!(to_sign_in, "{what}"),
            Access::Holder => assert_eq!(answer.location(), "/me/sign-in", "{what}"),
            Access::PasswordGiven if !is_form => assert!(to_sign_in, "{what}"),
            // Forms are taken from pages of the portal alone.
            _ if is_form => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}"),
            Access::SetupLink
            | Access::Invitation
            | Access::Phone
            | Access::PasswordLink
            | Access::HolderLink => {
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
            }
            _ => {
                let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                assert!(!to_sign_in && !refused.contains(&answer.status), "{what}");
                assert!(!answer.status.is_server_error(), "{what}");
            }
        }
        // Whoever works here is nobody on the pages of holders.
        if route.access == Access::Holder {
            let answer = asked(&mut signed_in.clone(), route).await;
            assert_eq!(answer.location(), "/me/sign-in", "{what}");
        }
        if route.access.asks_to_sign_in() {
            let answer = asked(&mut signed_in.clone(), route).await;
            let what = format!("signed in, {} {}", route.method, route.path);
            assert!(!answer.location().starts_with("/sign-in"), "{what}");
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
            assert_eq!(is_form, answer.status == StatusCode::FORBIDDEN, "{what}");
        }
    }
}

async fn a_method_or_listener_that_is_not_in_the_table_is_refused(on: Kind) {
    let (server, mut signed_in) = TestServer::set_up(on).await;
    let relying = router::http(&server.app, &Limits::http());
    let phones = router::phones(&server.app, &Limits::https());
    for route in ROUTES {
        let path = filled_in(route.path);
        let has = |method: Method| {
            ROUTES
                .iter()
                .any(|other| other.path == route.path && other.method == method)
        };
        let mut here = match route.surface {
            Surface::Portal | Surface::Protocol | Surface::Api | Surface::Sshd => signed_in.clone(),
            Surface::Phones => Browser::new(phones.clone()),
            Surface::Relying => Browser::new(relying.clone()),
        };
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            if has(method.clone()) {
                continue;
            }
            let status = here.send(method.clone(), &path, String::new()).await.status;
            // Whoever sends something without the form's token, or a token of the API, does not learn what there is.
            let refused = [
                StatusCode::METHOD_NOT_ALLOWED,
                StatusCode::FORBIDDEN,
                StatusCode::UNAUTHORIZED,
            ];
            // Nor whoever works here on the pages of holders.
            let is_to_sign_in = route.access == Access::Holder && status == StatusCode::SEE_OTHER;
            let is_refused = refused.contains(&status) || is_to_sign_in;
            assert!(is_refused, "{method} {path}: {status}");
        }
        let elsewhere = match route.surface {
            Surface::Portal
            | Surface::Protocol
            | Surface::Api
            | Surface::Sshd
            | Surface::Phones => Browser::new(relying.clone()).get(&path).await,
            Surface::Relying => signed_in.get(&path).await,
        };
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "{path} elsewhere");
    }
}

/// What adds an address in a source, each with its file.
fn additions(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
    const ADDS: [&str; 4] = ["axum::routing", ".route(", ".nest(", "_service("];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            additions(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for line in text.lines() {
            let adds = ADDS.iter().any(|way| line.contains(way));
            if adds && !line.trim_start().starts_with("//") {
                found.push((file.clone(), line.trim().to_owned()));
            }
        }
    }
}

/// The table is the one place where addresses come from: the router adds its rows, and nothing else does.
#[test]
fn no_address_is_added_beside_the_table() {
    let mut found = Vec::new();
    additions(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found.sort();
    let expected = [
        (
            "router.rs",
            "router.route(route.path, guard(route, (route.handler)()))",
        ),
        (
            "routes.rs",
            "use axum::routing::{MethodRouter, get, post, put};",
        ),
    ];
    let found: Vec<_> = found
        .iter()
        .map(|(file, line)| (file.as_str(), line.as_str()))
        .collect();
    assert_eq!(found, expected);
}

async fn whoever_is_not_signed_in_sees_no_administrators_page(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    for route in pages() {
        let path = filled_in(route.path);
        let answer = server.browser().get(&path).await;
        let is_page = pages().any(|page| page.path == route.path && page.method == Method::GET);
        let after_password = route.access == Access::PasswordGiven && is_page;
        let asks = route.access.asks_to_sign_in() || after_password;
        assert_eq!(answer.location().starts_with("/sign-in"), asks, "{path}");
        if asks {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert_eq!(answer.body, "", "{path}");
        }
        let answer = server
            .browser()
            .post_raw(&path, &[("csrf", "guessed")])
            .await;
        let refused = answer.status == StatusCode::FORBIDDEN
            || answer.status == StatusCode::METHOD_NOT_ALLOWED
            || answer.location().starts_with("/sign-in")
            || answer.location() == "/me/sign-in";
        assert!(refused, "{path}: {}", answer.status);
    }
}

async fn a_signed_in_administrator_needs_the_forms_token_for_every_change(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    browser.get("/").await;
    for route in pages().filter(|route| route.access.asks_to_sign_in()) {
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
    let (server, mut browser) = TestServer::set_up(on).await;
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
        .push(("origin", server.app.addresses.portal.clone()));
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
    for route in pages() {
        let path = filled_in(route.path);
        assert_headers(&path, &signed_in.get(&path).await);
        assert_headers(&path, &stranger.get(&path).await);
    }
    let missing = stranger.get("/no/such/page").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_headers("/no/such/page", &missing);
    assert!(missing.body.contains("Page not found"));
    assert!(missing.body.contains(missing.header("x-request-id")));
}

async fn assets_are_kept_for_good_under_names_that_change_with_their_content(on: Kind) {
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
