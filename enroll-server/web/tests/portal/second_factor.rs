//! Second factors: adding an authenticator app, signing in with it, recovery codes, and showing again who one is.

use std::time::Duration;

use axum::http::StatusCode;
use totp_rs::{Builder, Secret};

use enroll_server_model::{EventKind, Role};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser, sign_in};
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    an_authenticator_app_is_asked_for_at_every_sign_in,
    a_code_is_good_once,
    a_recovery_code_stands_in_for_the_app_once,
    five_wrong_codes_ask_for_the_password_again,
    codes_cannot_be_guessed_on,
    a_password_link_does_not_go_past_the_second_factor,
    an_administrator_removes_the_factor_of_a_colleague_who_lost_it,
    whoever_runs_the_server_removes_it_too,
    what_has_weight_asks_again_and_keeps_what_was_typed,
    the_second_factor_is_what_is_asked_for_again,
    recovery_codes_are_shown_to_whoever_has_just_shown_who_they_are,
    a_new_password_takes_the_second_factor,
    a_new_password_ends_a_sign_in_that_waits,
}

const STEP: Duration = Duration::from_secs(30);

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

/// An authenticator app.
struct App(String);

impl App {
    /// What it shows now.
    fn code(&self, server: &TestServer) -> String {
        let totp = Builder::new()
            .with_secret(Secret::try_from_base32(&self.0).unwrap())
            .with_account_name("robin")
            .build()
            .unwrap();
        let now = server.app.clock.now().seconds();
        totp.generate(u64::try_from(now).unwrap()).to_string()
    }
}

/// Reads the page that offers an app; returns what the app has now, and what the page knows it by.
fn scanned(page: &Answer) -> (App, String) {
    let secret = page.between("id=\"authenticator-secret\">", "<");
    let id = page.between("name=\"secret_id\" value=\"", "\"");
    (App(secret.replace(' ', "")), id.to_owned())
}

/// Adds an app to the account of whoever is signed in.
async fn with_app(server: &TestServer, browser: &mut Browser) -> App {
    let page = browser.get("/account/authenticator").await;
    says(&page, &["<svg role=\"img\"", "otpauth://totp/"]);
    let (app, id) = scanned(&page);
    let code = app.code(server);
    let fields = [("secret_id", id.as_str()), ("code", code.as_str())];
    let added = browser.post("/account/authenticator", &fields).await;
    assert_eq!(added.location(), "/account/recovery-codes");
    // That code is used up.
    server.wait(STEP);
    app
}

async fn codes(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/account/recovery-codes").await;
    let list = page.between("id=\"recovery-codes\">", "</ul>");
    let lines = list.split("<li>").skip(1);
    lines
        .map(|line| line.split("</li>").next().unwrap().trim().to_owned())
        .collect()
}

/// The page of the colleague who is an officer.
async fn page_of_officer(server: &TestServer) -> String {
    let administration = server.administration().await;
    let officer = administration.find("officer@example.org").await.unwrap();
    format!("/colleagues/{}", officer.id)
}

async fn give(browser: &mut Browser, code: &str) -> Answer {
    browser.get("/sign-in/second-factor").await;
    browser
        .post("/sign-in/second-factor", &[("code", code)])
        .await
}

async fn an_authenticator_app_is_asked_for_at_every_sign_in(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    says(&robin.get("/account").await, &["/account/authenticator"]);
    let page = robin.get("/account/authenticator").await;
    let (_, id) = scanned(&page);
    let fields = [("secret_id", id.as_str()), ("code", "000 000")];
    let wrong = robin.post("/account/authenticator", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&wrong, &["This is not the code"]);
    assert_eq!(scanned(&wrong).1, id, "the same secret is shown again");

    let app = with_app(&server, &mut robin).await;
    says(
        &robin.get("/account").await,
        &["Authenticator app, added", "10 recovery codes are left"],
    );
    let twice = robin.get("/account/authenticator").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);

    let mut elsewhere = server.browser();
    let step = sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    assert_eq!(step.location(), "/sign-in/second-factor");
    assert!(!elsewhere.cookies.contains_key("__Host-sid"));
    assert!(elsewhere.get("/").await.location().starts_with("/sign-in"));
    let wrong = give(&mut elsewhere, "000000").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&wrong, &["This code is not right"]);
    assert_eq!(server.events(EventKind::SecondFactorRefused).await, 1);
    let code = app.code(&server);
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let done = give(&mut elsewhere, &spaced).await;
    assert_eq!(done.location(), "/");
    assert_eq!(elsewhere.get("/").await.status, StatusCode::OK);
    assert!(!elsewhere.cookies.contains_key("__Host-pending"));

    let answer = robin.get("/account/authenticator/remove").await;
    says(&answer, &["Remove the authenticator app?"]);
    let gone = robin.post("/account/authenticator/remove", &[]).await;
    assert_eq!(gone.location(), "/account");
    let plain = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(plain.location(), "/");
    let audit = robin.get("/audit").await;
    says(
        &audit,
        &["Second factor added", "Second factor refused", "removed"],
    );
}

async fn a_code_is_good_once(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let app = with_app(&server, &mut robin).await;
    let code = app.code(&server);
    let mut first = server.browser();
    sign_in(&mut first, EMAIL, PASSWORD).await;
    assert_eq!(give(&mut first, &code).await.location(), "/");
    let mut second = server.browser();
    sign_in(&mut second, EMAIL, PASSWORD).await;
    let again = give(&mut second, &code).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    server.wait(STEP);
    let next = app.code(&server);
    assert_eq!(give(&mut second, &next).await.location(), "/");
    // Nor is one of long ago.
    server.wait(3 * STEP);
    let mut third = server.browser();
    sign_in(&mut third, EMAIL, PASSWORD).await;
    let late = give(&mut third, &next).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_recovery_code_stands_in_for_the_app_once(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    with_app(&server, &mut robin).await;
    let all = codes(&mut robin).await;
    assert_eq!(all.len(), 10);
    let code = all[3].to_uppercase();
    let mut elsewhere = server.browser();
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    assert_eq!(give(&mut elsewhere, &code).await.location(), "/");
    says(
        &elsewhere.get("/account").await,
        &["9 recovery codes are left"],
    );
    assert_eq!(server.events(EventKind::RecoveryCodeUsed).await, 1);
    let mut again = server.browser();
    sign_in(&mut again, EMAIL, PASSWORD).await;
    let used = give(&mut again, &code).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);

    let made = robin.post("/account/recovery-codes/new", &[]).await;
    assert_eq!(made.location(), "/account/recovery-codes");
    assert_ne!(codes(&mut robin).await, all);
    let old = give(&mut again, &all[4]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = codes(&mut robin).await;
    assert_eq!(give(&mut again, &new[0]).await.location(), "/");
}

async fn five_wrong_codes_ask_for_the_password_again(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let app = with_app(&server, &mut robin).await;
    let mut elsewhere = server.browser();
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    for _ in 0..5 {
        let wrong = give(&mut elsewhere, "123456").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let code = app.code(&server);
    assert_eq!(give(&mut elsewhere, &code).await.location(), "/sign-in");
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    assert_eq!(give(&mut elsewhere, &code).await.location(), "/");

    // Nor does it wait for long.
    let mut slow = server.browser();
    sign_in(&mut slow, EMAIL, PASSWORD).await;
    server.wait(Duration::from_secs(11 * 60));
    let code = app.code(&server);
    let late = slow
        .post("/sign-in/second-factor", &[("code", &code)])
        .await;
    assert_eq!(late.location(), "/sign-in");
}

async fn codes_cannot_be_guessed_on(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut before = server.browser();
    sign_in(&mut before, EMAIL, PASSWORD).await;
    let app = with_app(&server, &mut robin).await;
    let all = codes(&mut robin).await;
    // Whoever came by the password alone is signed out, and their browser is not the owner's any more.
    assert!(before.get("/").await.location().starts_with("/sign-in"));
    assert!(server.hashes_of_browsers().await.is_empty());
    robin.get("/").await;
    robin.post("/sign-out", &[]).await;
    sign_in(&mut robin, EMAIL, PASSWORD).await;
    let code = app.code(&server);
    assert_eq!(give(&mut robin, &code).await.location(), "/");
    server.wait(STEP);
    let mut thief = server.browser();
    let mut last = StatusCode::OK;
    for _ in 0..3 {
        sign_in(&mut thief, EMAIL, PASSWORD).await;
        for _ in 0..5 {
            last = give(&mut thief, "123456").await.status;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // Nor is the owner kept out of a new browser, who has a recovery code.
    let mut new = server.browser();
    new.address = [198, 51, 100, 9].into();
    sign_in(&mut new, EMAIL, PASSWORD).await;
    assert_eq!(give(&mut new, &all[0]).await.location(), "/");
    // The owner's own browser is not kept out by that.
    robin.get("/").await;
    robin.post("/sign-out", &[]).await;
    sign_in(&mut robin, EMAIL, PASSWORD).await;
    let code = app.code(&server);
    assert_eq!(give(&mut robin, &code).await.location(), "/");
}

async fn a_password_link_does_not_go_past_the_second_factor(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut officer = server.colleague(Role::Officer).await;
    let app = with_app(&server, &mut officer).await;
    let page = page_of_officer(&server).await;
    robin.get(&page).await;
    robin.post(&format!("{page}/link"), &[]).await;
    let shown = robin.get(&page).await;
    let url = shown.between("id=\"password-link\" href=\"", "\"");
    let path = url[url.find("/password/").unwrap()..].to_owned();
    let mut thief = server.browser();
    thief.get(&path).await;
    let chosen = thief
        .post(&path, &[("password", "another horse battery staple")])
        .await;
    assert_eq!(chosen.location(), "/sign-in/second-factor");
    assert!(thief.get("/").await.location().starts_with("/sign-in"));
    let code = app.code(&server);
    assert_eq!(give(&mut thief, &code).await.location(), "/");
}

async fn an_administrator_removes_the_factor_of_a_colleague_who_lost_it(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut officer = server.colleague(Role::Officer).await;
    with_app(&server, &mut officer).await;
    let page = page_of_officer(&server).await;
    says(&robin.get(&page).await, &["Authenticator app, since"]);
    officer.get("/account").await;
    let refused = officer.post(&format!("{page}/second-factor"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let ask = robin.get(&format!("{page}/second-factor")).await;
    says(&ask, &["Remove the second factor of"]);
    let done = robin.post(&format!("{page}/second-factor"), &[]).await;
    assert_eq!(done.location(), page);
    says(&robin.get(&page).await, &["The second factor of"]);
    let again = robin.get(&format!("{page}/second-factor")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(server.events(EventKind::SecondFactorRemoved).await, 1);
    // Whoever has the device may be signed in with it.
    assert!(officer.get("/").await.location().starts_with("/sign-in"));
}

async fn whoever_runs_the_server_removes_it_too(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    with_app(&server, &mut robin).await;
    let administration = server.administration().await;
    let whom = administration.find(EMAIL).await.unwrap();
    administration.remove_second_factor(&whom).await.unwrap();
    let plain = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(plain.location(), "/");
    let none = administration.remove_second_factor(&whom).await;
    assert!(none.unwrap_err().to_string().contains("no second factor"));
}

async fn what_has_weight_asks_again_and_keeps_what_was_typed(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    server.wait(Duration::from_secs(16 * 60));
    robin.get("/colleagues/new").await;
    let fields = [
        ("name", "Kim \"<Lee>\""),
        ("email", "kim@example.org"),
        ("role", "auditor"),
    ];
    let asked = robin.post("/colleagues/new", &fields).await;
    assert_eq!(asked.status, StatusCode::OK);
    says(
        &asked,
        &[
            "Confirm that it is you",
            "name=\"name\" value=\"Kim &#34;&#60;Lee&#62;&#34;\"",
            "name=\"email\" value=\"kim@example.org\"",
            "action=\"/colleagues/new\"",
        ],
    );
    assert_eq!(server.events(EventKind::ColleagueInvited).await, 0);
    let with = |proof: &'static str| {
        let mut all = fields.to_vec();
        all.push(("proof", proof));
        all
    };
    let wrong = robin.post("/colleagues/new", &with("not it")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&wrong, &["The password is not right", "kim@example.org"]);
    assert!(!wrong.body.contains("not it"));
    assert_eq!(server.events(EventKind::ColleagueInvited).await, 0);
    let done = robin.post("/colleagues/new", &with(PASSWORD)).await;
    assert!(done.location().starts_with("/colleagues/"));
    assert_eq!(server.events(EventKind::ColleagueInvited).await, 1);
    // It holds for a while, for this session alone.
    let link = format!("{}/link", done.location());
    assert_eq!(robin.post(&link, &[]).await.status, StatusCode::SEE_OTHER);
    // What has no weight asks for nothing.
    server.wait(Duration::from_secs(16 * 60));
    let named = robin.post("/account/name", &[("name", "Robin M.")]).await;
    assert_eq!(named.location(), "/account");
    let asked = robin.post(&link, &[]).await;
    says(&asked, &["Confirm that it is you"]);
}

async fn the_second_factor_is_what_is_asked_for_again(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let app = with_app(&server, &mut robin).await;
    server.wait(Duration::from_secs(16 * 60));
    robin.get("/account").await;
    let remove = "/account/authenticator/remove";
    let asked = robin.post(remove, &[]).await;
    says(&asked, &["Confirm that it is you", "one-time-code"]);
    let with_password = robin.post(remove, &[("proof", PASSWORD)]).await;
    assert_eq!(with_password.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.events(EventKind::SecondFactorRemoved).await, 0);
    let code = app.code(&server);
    let done = robin.post(remove, &[("proof", &code)]).await;
    assert_eq!(done.location(), "/account");
    assert_eq!(server.events(EventKind::SecondFactorRemoved).await, 1);
}

async fn a_new_password_takes_the_second_factor(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let app = with_app(&server, &mut robin).await;
    server.wait(Duration::from_secs(16 * 60));
    says(&robin.get("/account").await, &["id=\"code\""]);
    let fields = |code: String| {
        [
            ("present", PASSWORD.to_owned()),
            ("password", "another horse battery staple".to_owned()),
            ("code", code),
        ]
    };
    for (code, is_right) in [
        (String::new(), false),
        ("000000".to_owned(), false),
        (app.code(&server), true),
    ] {
        let fields = fields(code);
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = robin.post("/account/password", &fields).await;
        assert_eq!(answer.location() == "/account", is_right, "{}", answer.body);
    }
    assert_eq!(server.events(EventKind::OwnPasswordChanged).await, 1);
}

async fn recovery_codes_are_shown_to_whoever_has_just_shown_who_they_are(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let none = robin.get("/account/recovery-codes").await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    let app = with_app(&server, &mut robin).await;
    let all = codes(&mut robin).await;
    server.wait(Duration::from_secs(16 * 60));
    let hidden = robin.get("/account/recovery-codes").await;
    assert!(!hidden.body.contains(&all[0]), "{}", hidden.body);
    let code = app.code(&server);
    let proof = [("proof", code.as_str())];
    let shown = robin.post("/account/recovery-codes", &proof).await;
    assert_eq!(shown.location(), "/account/recovery-codes");
    assert_eq!(codes(&mut robin).await, all);
}

async fn a_new_password_ends_a_sign_in_that_waits(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let app = with_app(&server, &mut robin).await;
    let mut thief = server.browser();
    sign_in(&mut thief, EMAIL, PASSWORD).await;
    robin.get("/account").await;
    let fields = [
        ("present", PASSWORD),
        ("password", "another horse battery staple"),
    ];
    robin.post("/account/password", &fields).await;
    let code = app.code(&server);
    let late = give(&mut thief, &code).await;
    assert_eq!(late.location(), "/sign-in");
}

#[tokio::test]
async fn neither_secret_nor_code_is_in_the_database() {
    let (server, mut robin) = TestServer::set_up(Kind::Sqlite).await;
    let app = with_app(&server, &mut robin).await;
    let all = codes(&mut robin).await;
    let bytes = std::fs::read(server.store.file().unwrap()).unwrap();
    for text in std::iter::once(&app.0).chain(&all) {
        for needle in [
            text.to_lowercase(),
            text.to_uppercase(),
            text.replace('-', ""),
        ] {
            let needle = needle.as_bytes();
            assert!(!bytes.windows(needle.len()).any(|found| found == needle));
        }
    }
}
