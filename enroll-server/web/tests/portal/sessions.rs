//! Signing in and out: new sessions, ends of sessions, and how often somebody may try.

use std::time::Duration;

use axum::http::StatusCode;

use enroll_server_model::EventKind;
use enroll_server_model::random::Token;
use enroll_server_service::session::{self, NoticeChange};
use enroll_server_store::Kind;

use crate::browser::sign_in;
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    signing_in_makes_a_new_session_that_only_this_host_and_no_script_can_read,
    a_session_that_somebody_planted_is_not_the_one_after_signing_in,
    signing_out_ends_the_session_on_the_server,
    a_session_ends_when_nobody_uses_it_and_after_twelve_hours_at_the_latest,
    nobody_is_sent_to_another_site_after_signing_in,
    a_wrong_password_and_an_unknown_account_look_the_same,
    a_notice_is_shown_once_though_requests_overlap,
}

const SESSION: &str = "__Host-sid";
const VISIT_COOKIE: &str = "__Host-visit";

async fn signing_in_makes_a_new_session_that_only_this_host_and_no_script_can_read(on: Kind) {
    let (server, first) = TestServer::set_up(on).await;
    let mut fresh = server.browser();
    let answer = sign_in(&mut fresh, &EMAIL.to_uppercase(), PASSWORD).await;
    assert_eq!(answer.location(), "/");
    let cookie = answer.set_cookie(SESSION);
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_ne!(fresh.cookies[SESSION].0, first.cookies[SESSION].0);
    assert_eq!(server.events(EventKind::SignIn).await, 2);
}

async fn a_session_that_somebody_planted_is_not_the_one_after_signing_in(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut browser = server.browser();
    let planted = "A".repeat(52);
    browser
        .cookies
        .insert(SESSION.to_owned(), (planted.clone(), "/".to_owned()));
    assert_eq!(sign_in(&mut browser, EMAIL, PASSWORD).await.location(), "/");
    assert_ne!(browser.cookies[SESSION].0, planted);
    let mut attacker = server.browser();
    attacker
        .cookies
        .insert(SESSION.to_owned(), (planted, "/".to_owned()));
    assert_eq!(attacker.get("/").await.location(), "/sign-in");
}

async fn signing_out_ends_the_session_on_the_server(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let mut copy = browser.clone();
    browser.get("/").await;
    let answer = browser.post("/sign-out", &[]).await;
    assert_eq!(answer.location(), "/sign-in");
    // "cookies" would sign the person out of every other server of the domain, and "storage" is not ours.
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    for gone in [SESSION, VISIT_COOKIE] {
        assert!(!browser.cookies.contains_key(gone), "{gone}");
    }
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert_eq!(copy.get("/").await.location(), "/sign-in");
    assert_eq!(server.events(EventKind::SignOut).await, 1);
}

async fn a_session_ends_when_nobody_uses_it_and_after_twelve_hours_at_the_latest(on: Kind) {
    const MINUTE: Duration = Duration::from_secs(60);
    let (server, mut browser) = TestServer::set_up(on).await;
    let mut idle = browser.clone();
    for _ in 0..23 {
        server.wait(30 * MINUTE);
        assert_eq!(browser.get("/").await.status, StatusCode::OK);
    }
    server.wait(30 * MINUTE);
    assert_eq!(
        browser.get("/").await.location(),
        "/sign-in",
        "after twelve hours"
    );

    assert_eq!(sign_in(&mut idle, EMAIL, PASSWORD).await.location(), "/");
    server.wait(60 * MINUTE);
    let answer = idle.get("/phones?state=active").await;
    assert_eq!(
        answer.location(),
        "/sign-in?return=/phones%3Fstate%3Dactive"
    );
    let page = idle.get(answer.location()).await;
    assert!(
        page.body
            .contains("name=\"return\" value=\"/phones?state=active\"")
    );
    let fields = [
        ("email", EMAIL),
        ("password", PASSWORD),
        ("return", "/phones?state=active"),
    ];
    let answer = idle.post("/sign-in", &fields).await;
    assert_eq!(answer.location(), "/phones?state=active");
}

async fn nobody_is_sent_to_another_site_after_signing_in(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    for elsewhere in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
    ] {
        let mut browser = server.browser();
        browser.get("/sign-in").await;
        let fields = [
            ("email", EMAIL),
            ("password", PASSWORD),
            ("return", elsewhere),
        ];
        assert_eq!(browser.post("/sign-in", &fields).await.location(), "/");
    }
}

async fn a_wrong_password_and_an_unknown_account_look_the_same(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut pages = Vec::new();
    for email in [EMAIL, "nobody@example.org"] {
        let mut browser = server.browser();
        let answer = sign_in(&mut browser, email, "wrong wrong wrong").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.body.contains(&format!("value=\"{email}\"")),
            "the email is kept"
        );
        assert!(!answer.body.contains("wrong wrong wrong"));
        assert!(!browser.cookies.contains_key(SESSION));
        // Each form has its token under another mask.
        let (first, forms) = answer.body.split_once("name=\"csrf\"").unwrap();
        let forms = forms.split("name=\"csrf\" value=\"").map(|form| {
            let (_, after) = form.split_once("\">").unwrap();
            after.replace(email, "")
        });
        let forms: Vec<String> = forms.collect();
        pages.push((first.replace(email, ""), forms));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(server.events(EventKind::SignInRefused).await, 2);
}

/// A status that is asked for in the background ends whenever it likes.
async fn a_notice_is_shown_once_though_requests_overlap(on: Kind) {
    const WORDS: &str = "The certificate is revoked.";
    let (server, mut browser) = TestServer::set_up(on).await;
    let token: Token = browser.cookies[SESSION].0.parse().unwrap();
    let as_found = async || {
        let found = session::find(&server.app, &token).await.unwrap();
        found.unwrap().session
    };
    let notice = || NoticeChange::New(r#"{"done":"certificate_revoked"}"#.to_owned());
    let older = NoticeChange::New(r#"{"done":"phone_revoked","certificates":4}"#.to_owned());

    // One that began before the notice was there ends after it.
    let early = as_found().await;
    server.wait(Duration::from_secs(61));
    session::note(&server.app, &early, notice()).await.unwrap();
    session::note(&server.app, &early, NoticeChange::None)
        .await
        .unwrap();
    let with_notice = as_found().await;
    server.wait(Duration::from_secs(61));
    assert!(browser.get("/").await.body.contains(WORDS), "lost");

    // One that began while it was there ends after it was shown.
    session::note(&server.app, &with_notice, NoticeChange::None)
        .await
        .unwrap();
    assert!(!browser.get("/").await.body.contains(WORDS), "shown twice");

    // One that shows an earlier notice ends after there is a newer one.
    session::note(&server.app, &as_found().await, older)
        .await
        .unwrap();
    let with_older = as_found().await;
    session::note(&server.app, &with_older, notice())
        .await
        .unwrap();
    session::note(&server.app, &with_older, NoticeChange::Shown)
        .await
        .unwrap();
    assert!(browser.get("/").await.body.contains(WORDS), "lost");
}
