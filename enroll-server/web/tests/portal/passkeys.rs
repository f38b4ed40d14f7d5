//! Passkeys: adding one, signing in with it alone or after the password, showing it again, and what is refused.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

use enroll_server_model::{EventKind, Role};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser, sign_in};
use crate::security_key::SecurityKey;
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    a_passkey_signs_in_by_itself,
    a_passkey_is_asked_for_after_the_password,
    what_has_weight_takes_a_passkey,
    a_new_password_takes_a_passkey,
    an_answer_to_something_else_is_refused,
    a_challenge_is_good_once_for_five_minutes_in_one_browser,
    a_counter_that_goes_back_is_refused_and_told,
    a_key_that_does_not_count_is_taken,
    a_passkey_of_another_account_is_no_second_factor_of_this_one,
    a_passkey_that_was_not_made_as_it_was_asked_for_is_not_added,
    an_account_has_several_passkeys_and_is_told_what_remains,
    nobody_has_a_hand_in_the_passkeys_of_others,
    a_passkey_does_not_open_an_account_that_is_disabled,
    an_administrator_removes_the_passkeys_of_a_colleague_who_lost_them,
    attempts_with_a_passkey_are_counted,
    whoever_has_a_stolen_passkey_is_signed_out_when_it_is_removed,
    whoever_sets_a_password_is_told_of_passkeys,
    no_device_makes_a_passkey_that_would_be_refused,
}

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

fn key(server: &TestServer) -> SecurityKey {
    SecurityKey::new(&server.app.addresses.portal)
}

/// What a page asks the browser for.
async fn options(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.post(path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn add(browser: &mut Browser, key: &mut SecurityKey, name: &str) -> Answer {
    let page = browser.get("/account/passkeys/new").await;
    says(
        &page,
        &["data-passkey=\"create\"", "Passkeys need JavaScript"],
    );
    let asked = options(browser, "/account/passkeys/options").await;
    let made = key.make(&asked);
    let fields = [("name", name), ("passkey", made.as_str())];
    browser.post("/account/passkeys", &fields).await
}

/// A security key whose passkey is the first one of whoever is signed in.
async fn with_passkey(server: &TestServer, browser: &mut Browser) -> SecurityKey {
    let mut key = key(server);
    let added = add(browser, &mut key, "Blue key").await;
    assert_eq!(
        added.location(),
        "/account/recovery-codes",
        "{}",
        added.body
    );
    key
}

async fn asked_at_sign_in(browser: &mut Browser) -> Value {
    browser.get("/sign-in").await;
    options(browser, "/sign-in/passkey/options").await
}

async fn enter(browser: &mut Browser, key: &mut SecurityKey) -> Answer {
    let asked = asked_at_sign_in(browser).await;
    assert_eq!(asked["allowCredentials"], Value::Array(Vec::new()));
    let shown = key.show(&asked);
    browser
        .post("/sign-in/passkey", &[("passkey", &shown)])
        .await
}

async fn code(browser: &mut Browser, number: usize) -> String {
    let page = browser.get("/account/recovery-codes").await;
    let list = page.between("id=\"recovery-codes\">", "</ul>");
    let line = list.split("<li>").nth(number).unwrap();
    line.split("</li>").next().unwrap().trim().to_owned()
}

async fn a_passkey_signs_in_by_itself(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut before = server.browser();
    sign_in(&mut before, EMAIL, PASSWORD).await;
    let mut key = with_passkey(&server, &mut robin).await;
    // Whoever came by the password alone is signed out.
    assert!(before.get("/").await.location().starts_with("/sign-in"));
    says(
        &robin.get("/account").await,
        &["Blue key", "10 recovery codes are left", "never"],
    );

    let mut elsewhere = server.browser();
    says(
        &elsewhere.get("/sign-in").await,
        &[
            "Sign in with a passkey",
            "data-passkey=\"get\"",
            "/assets/passkey-",
        ],
    );
    let asked = asked_at_sign_in(&mut elsewhere).await;
    let shown = key.show(&asked);
    let fields = [("passkey", shown.as_str()), ("return", "/phones")];
    let done = elsewhere.post("/sign-in/passkey", &fields).await;
    assert_eq!(done.location(), "/phones", "{}", done.body);
    assert_eq!(elsewhere.get("/").await.status, StatusCode::OK);
    let account = elsewhere.get("/account").await;
    assert!(!account.body.contains("never"), "{}", account.body);
    says(
        &elsewhere.get("/audit").await,
        &[
            "Signed in with the passkey Blue key",
            "Passkey Blue key added",
        ],
    );
}

async fn a_passkey_is_asked_for_after_the_password(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = with_passkey(&server, &mut robin).await;
    let recovery = code(&mut robin, 1).await;
    let path = "/sign-in/second-factor";
    let mut elsewhere = server.browser();
    let step = sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    assert_eq!(step.location(), path);
    says(
        &elsewhere.get(path).await,
        &["Use a passkey", "data-passkey"],
    );
    let asked = options(&mut elsewhere, "/sign-in/second-factor/options").await;
    assert_eq!(asked["allowCredentials"][0]["id"], key.id.as_str());
    key.is_forged = true;
    let wrong = key.show(&asked);
    let wrong = elsewhere.post(path, &[("passkey", &wrong)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&wrong, &["This passkey was not accepted", "Use a passkey"]);
    assert_eq!(server.events(EventKind::SecondFactorRefused).await, 1);
    key.is_forged = false;
    let asked = options(&mut elsewhere, "/sign-in/second-factor/options").await;
    let shown = key.show(&asked);
    let done = elsewhere.post(path, &[("passkey", &shown)]).await;
    assert_eq!(done.location(), "/", "{}", done.body);

    let mut without = server.browser();
    sign_in(&mut without, EMAIL, PASSWORD).await;
    without.get(path).await;
    let done = without.post(path, &[("code", &recovery)]).await;
    assert_eq!(done.location(), "/");
}

async fn what_has_weight_takes_a_passkey(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = with_passkey(&server, &mut robin).await;
    server.wait(Duration::from_secs(16 * 60));
    robin.get("/colleagues/new").await;
    let fields = [
        ("name", "Kim Lee"),
        ("email", "kim@example.org"),
        ("role", "auditor"),
    ];
    let asked = robin.post("/colleagues/new", &fields).await;
    says(
        &asked,
        &[
            "Confirm that it is you",
            "data-options=\"/account/proof/options\"",
            "name=\"email\" value=\"kim@example.org\"",
        ],
    );
    let asked = options(&mut robin, "/account/proof/options").await;
    assert_eq!(asked["allowCredentials"][0]["id"], key.id.as_str());
    let mut other = SecurityKey::new(&key.origin);
    let wrong = other.show(&asked);
    let with = |shown: String| {
        let mut all: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        all.push(("proof-passkey", shown));
        all
    };
    let sent = with(wrong);
    let sent: Vec<_> = sent
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let refused = robin.post("/colleagues/new", &sent).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["The passkey or the code is not right"]);
    assert_eq!(server.events(EventKind::ColleagueInvited).await, 0);
    let asked = options(&mut robin, "/account/proof/options").await;
    let sent = with(key.show(&asked));
    let sent: Vec<_> = sent
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let done = robin.post("/colleagues/new", &sent).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(server.events(EventKind::ColleagueInvited).await, 1);
}

async fn a_new_password_takes_a_passkey(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = with_passkey(&server, &mut robin).await;
    server.wait(Duration::from_secs(16 * 60));
    let fields = [
        ("present", PASSWORD),
        ("password", "another horse battery staple"),
    ];
    says(
        &robin.get("/account").await,
        &["Or confirm with a passkey first"],
    );
    let refused = robin.post("/account/password", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    robin.post("/account/proof", &[]).await;
    let asked = options(&mut robin, "/account/proof/options").await;
    let shown = key.show(&asked);
    let proved = robin
        .post("/account/proof", &[("proof-passkey", &shown)])
        .await;
    assert_eq!(proved.location(), "/account", "{}", proved.body);
    let changed = robin.post("/account/password", &fields).await;
    assert_eq!(changed.location(), "/account", "{}", changed.body);
}

async fn an_answer_to_something_else_is_refused(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = with_passkey(&server, &mut robin).await;
    let mut elsewhere = server.browser();
    let origin = key.origin.clone();
    let portal = |path: &str| origin.replace("localhost", path);
    let user = key.user.clone();
    type Change<'a> = (&'a str, Box<dyn Fn(&mut SecurityKey) + 'a>);
    let changes: Vec<Change<'_>> = vec![
        (
            "another site",
            Box::new(|key| key.origin = portal("evil.example")),
        ),
        (
            "another port",
            Box::new(|key| key.origin = "https://localhost:1".to_owned()),
        ),
        (
            "no port",
            Box::new(|key| key.origin = "https://localhost".to_owned()),
        ),
        (
            "without TLS",
            Box::new(|key| key.origin = origin.replace("https", "http")),
        ),
        ("a frame", Box::new(|key| key.is_framed = true)),
        (
            "another relying party",
            Box::new(|key| key.relying_party = "example".to_owned()),
        ),
        ("nobody there", Box::new(|key| key.flags = 0b100)),
        ("no PIN", Box::new(|key| key.flags = 0b001)),
        ("another key", Box::new(|key| key.is_forged = true)),
        ("another id", Box::new(|key| key.id = "AAAA".to_owned())),
        (
            "another person",
            Box::new(|key| key.user = Some("AAAA".to_owned())),
        ),
    ];
    let tries = changes.len();
    for (what, change) in changes {
        let (id, party, flags) = (key.id.clone(), key.relying_party.clone(), key.flags);
        change(&mut key);
        let refused = enter(&mut elsewhere, &mut key).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        says(&refused, &["This passkey was not accepted"]);
        assert!(!elsewhere.cookies.contains_key("__Host-sid"), "{what}");
        key.origin.clone_from(&origin);
        (key.id, key.relying_party, key.flags) = (id, party, flags);
        (key.is_framed, key.is_forged) = (false, false);
        key.user.clone_from(&user);
    }
    for wrong in [
        String::new(),
        "{".to_owned(),
        "{}".to_owned(),
        "x".repeat(20_000),
    ] {
        asked_at_sign_in(&mut elsewhere).await;
        let refused = elsewhere
            .post("/sign-in/passkey", &[("passkey", &wrong)])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let asked = asked_at_sign_in(&mut elsewhere).await;
    let made = key.answer("webauthn.create", &asked);
    // The second time nothing was asked: nobody fills the trail with it.
    for _ in 0..2 {
        let refused = elsewhere
            .post("/sign-in/passkey", &[("passkey", &made)])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(server.events(EventKind::SignInRefused).await, tries + 5);
    // It was none of the key's fault.
    let done = enter(&mut elsewhere, &mut key).await;
    assert_eq!(done.location(), "/", "{}", done.body);
}

async fn a_challenge_is_good_once_for_five_minutes_in_one_browser(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = key(&server);
    key.counts = false;
    add(&mut robin, &mut key, "Laptop").await;
    let mut first = server.browser();
    let asked = asked_at_sign_in(&mut first).await;
    let shown = key.show(&asked);
    // Whoever has seen it cannot use it in a browser of their own, whatever that was asked.
    let mut thief = server.browser();
    thief.get("/sign-in").await;
    let fields = [("passkey", shown.as_str())];
    let refused = thief.post("/sign-in/passkey", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    asked_at_sign_in(&mut thief).await;
    let refused = thief.post("/sign-in/passkey", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut again = first.clone();
    assert_eq!(
        first.post("/sign-in/passkey", &fields).await.location(),
        "/"
    );
    let twice = again.post("/sign-in/passkey", &fields).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);

    let mut slow = server.browser();
    let asked = asked_at_sign_in(&mut slow).await;
    server.wait(Duration::from_secs(5 * 60 + 1));
    let shown = key.show(&asked);
    let late = slow.post("/sign-in/passkey", &[("passkey", &shown)]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What one browser was asked does not end what another one was.
    let asked = asked_at_sign_in(&mut slow).await;
    asked_at_sign_in(&mut thief).await;
    let shown = key.show(&asked);
    let done = slow.post("/sign-in/passkey", &[("passkey", &shown)]).await;
    assert_eq!(done.location(), "/", "{}", done.body);
}

async fn a_counter_that_goes_back_is_refused_and_told(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = with_passkey(&server, &mut robin).await;
    key.count = 40;
    let mut elsewhere = server.browser();
    assert_eq!(enter(&mut elsewhere, &mut key).await.location(), "/");
    let mut copy = server.browser();
    // Somebody copied it when it had signed 30 times, or as often as now.
    for count in [30, 40] {
        key.count = count;
        let refused = enter(&mut copy, &mut key).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        says(&refused, &["there may be a copy of it"]);
    }
    key.counts = false;
    key.count = 0;
    let refused = enter(&mut copy, &mut key).await;
    says(&refused, &["there may be a copy of it"]);
    assert!(!copy.cookies.contains_key("__Host-sid"));
    assert_eq!(server.events(EventKind::PasskeyCopied).await, 3);
    says(&robin.get("/audit").await, &["Passkey Blue key refused"]);

    // Nor is the copy a second factor.
    key.count = 20;
    sign_in(&mut copy, EMAIL, PASSWORD).await;
    copy.get("/sign-in/second-factor").await;
    let asked = options(&mut copy, "/sign-in/second-factor/options").await;
    let shown = key.show(&asked);
    let refused = copy
        .post("/sign-in/second-factor", &[("passkey", &shown)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["there may be a copy of it"]);
    assert_eq!(server.events(EventKind::PasskeyCopied).await, 4);
    server.wait(Duration::from_secs(16 * 60));
    robin.get("/account").await;
    robin.post("/account/proof", &[]).await;
    let asked = options(&mut robin, "/account/proof/options").await;
    let shown = key.show(&asked);
    let refused = robin
        .post("/account/proof", &[("proof-passkey", &shown)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["there may be a copy of it"]);
    assert_eq!(server.events(EventKind::PasskeyCopied).await, 5);
}

async fn a_key_that_does_not_count_is_taken(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut key = key(&server);
    key.counts = false;
    add(&mut robin, &mut key, "Laptop").await;
    for _ in 0..3 {
        let done = enter(&mut server.browser(), &mut key).await;
        assert_eq!(done.location(), "/", "{}", done.body);
    }
}

async fn a_passkey_of_another_account_is_no_second_factor_of_this_one(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    with_passkey(&server, &mut robin).await;
    let mut officer = server.colleague(Role::Officer).await;
    let mut theirs = with_passkey(&server, &mut officer).await;
    let mut thief = server.browser();
    sign_in(&mut thief, EMAIL, PASSWORD).await;
    thief.get("/sign-in/second-factor").await;
    let asked = options(&mut thief, "/sign-in/second-factor/options").await;
    assert_ne!(asked["allowCredentials"][0]["id"], theirs.id.as_str());
    let shown = theirs.show(&asked);
    let refused = thief
        .post("/sign-in/second-factor", &[("passkey", &shown)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(thief.get("/").await.location().starts_with("/sign-in"));
    // Nor does it show that whoever is signed in is somebody else.
    server.wait(Duration::from_secs(16 * 60));
    robin.get("/account").await;
    robin.post("/account/proof", &[]).await;
    let asked = options(&mut robin, "/account/proof/options").await;
    let shown = theirs.show(&asked);
    let refused = robin
        .post("/account/proof", &[("proof-passkey", &shown)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_passkey_that_was_not_made_as_it_was_asked_for_is_not_added(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    type Change = fn(&mut SecurityKey);
    let changes: [(&str, Change); 4] = [
        ("another site", |key| {
            key.origin = "https://evil.example".to_owned()
        }),
        ("another relying party", |key| {
            key.relying_party = "example".to_owned()
        }),
        ("nobody there", |key| key.flags = 0b100),
        ("no PIN", |key| key.flags = 0b001),
    ];
    for (what, change) in changes {
        let mut key = key(&server);
        change(&mut key);
        let refused = add(&mut robin, &mut key, "Key").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        says(&refused, &["The passkey was not added"]);
    }
    let mut key = key(&server);
    robin.get("/account/passkeys/new").await;
    let asked = options(&mut robin, "/account/passkeys/options").await;
    let made = key.make(&asked);
    let fields = [("name", "Key"), ("passkey", made.as_str())];
    server.wait(Duration::from_secs(5 * 60 + 1));
    let late = robin.post("/account/passkeys", &fields).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nameless = [("name", " "), ("passkey", made.as_str())];
    let nameless = robin.post("/account/passkeys", &nameless).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&nameless, &["Enter a name"]);
    assert_eq!(server.events(EventKind::PasskeyAdded).await, 0);
    // Without one the password is enough.
    let plain = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(plain.location(), "/");

    let added = add(&mut robin, &mut key, "Key").await;
    assert_eq!(added.location(), "/account/recovery-codes");
    let asked = options(&mut robin, "/account/passkeys/options").await;
    assert_eq!(asked["excludeCredentials"][0]["id"], key.id.as_str());
    let twice = add(&mut robin, &mut key, "Key").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    // Whoever has not shown lately who they are adds none.
    server.wait(Duration::from_secs(16 * 60));
    let page = robin.get("/account/passkeys/new").await;
    assert!(!page.body.contains("data-passkey"), "{}", page.body);
    let asked = robin.post("/account/passkeys", &fields).await;
    says(&asked, &["Confirm that it is you"]);
    assert_eq!(server.events(EventKind::PasskeyAdded).await, 1);
}

/// The paths of one's own passkeys, the oldest first.
async fn paths(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/account").await;
    let links = page.body.split("href=\"/account/passkeys/").skip(1);
    links
        .map(|link| format!("/account/passkeys/{}", link.split('"').next().unwrap()))
        .collect()
}

async fn an_account_has_several_passkeys_and_is_told_what_remains(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut first = with_passkey(&server, &mut robin).await;
    let mut second = key(&server);
    server.wait(Duration::from_secs(1));
    let added = add(&mut robin, &mut second, "Laptop").await;
    assert_eq!(added.location(), "/account", "{}", added.body);
    says(
        &robin.get("/account").await,
        &["The passkey is added.", "Laptop"],
    );
    let paths = paths(&mut robin).await;
    let [blue, laptop] = paths.as_slice() else {
        panic!("{paths:?}");
    };

    robin.get(laptop).await;
    let name = format!("{laptop}/name");
    let nameless = robin.post(&name, &[("name", "")]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let renamed = robin.post(&name, &[("name", "Old laptop")]).await;
    assert_eq!(renamed.location(), "/account");
    says(&robin.get("/account").await, &["Old laptop"]);
    assert_eq!(server.events(EventKind::PasskeyRenamed).await, 1);

    let ask = robin.get(&format!("{blue}/remove")).await;
    says(
        &ask,
        &["Remove the passkey Blue key?", "You still have 1 passkey"],
    );
    let removed = robin.post(&format!("{blue}/remove"), &[]).await;
    assert_eq!(removed.location(), "/account");
    let refused = enter(&mut server.browser(), &mut first).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = enter(&mut server.browser(), &mut second).await;
    assert_eq!(done.location(), "/", "{}", done.body);
    says(
        &robin.get("/account").await,
        &["10 recovery codes are left"],
    );

    let ask = robin.get(&format!("{laptop}/remove")).await;
    says(&ask, &["It is your last second factor"]);
    server.wait(Duration::from_secs(16 * 60));
    let asked = robin.post(&format!("{laptop}/remove"), &[]).await;
    says(&asked, &["Confirm that it is you"]);
    let asked = options(&mut robin, "/account/proof/options").await;
    let shown = second.show(&asked);
    let fields = [("proof-passkey", shown.as_str())];
    let removed = robin.post(&format!("{laptop}/remove"), &fields).await;
    assert_eq!(removed.location(), "/account", "{}", removed.body);
    let account = robin.get("/account").await;
    assert!(!account.body.contains("codes are left"), "{}", account.body);
    let plain = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(plain.location(), "/");
    assert_eq!(server.events(EventKind::PasskeyRemoved).await, 2);
}

async fn nobody_has_a_hand_in_the_passkeys_of_others(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut officer = server.colleague(Role::Officer).await;
    with_passkey(&server, &mut officer).await;
    let paths = paths(&mut officer).await;
    let path = &paths[0];
    robin.get("/account").await;
    for (path, answer) in [
        (path.clone(), robin.get(path).await),
        (
            format!("{path}/remove"),
            robin.get(&format!("{path}/remove")).await,
        ),
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    robin.get("/account").await;
    for what in ["remove", "name"] {
        let answer = robin
            .post(&format!("{path}/{what}"), &[("name", "Mine")])
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
    }
    says(&officer.get("/account").await, &["Blue key"]);
}

async fn a_passkey_does_not_open_an_account_that_is_disabled(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut officer = server.colleague(Role::Officer).await;
    let mut key = with_passkey(&server, &mut officer).await;
    let found = server.administration().await;
    let found = found.find("officer@example.org").await.unwrap();
    let page = format!("/colleagues/{}", found.id);
    robin.get(&page).await;
    let disabled = robin.post(&format!("{page}/disable"), &[]).await;
    assert_eq!(disabled.location(), page, "{}", disabled.body);
    let refused = enter(&mut server.browser(), &mut key).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["This passkey was not accepted"]);
}

async fn an_administrator_removes_the_passkeys_of_a_colleague_who_lost_them(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut officer = server.colleague(Role::Officer).await;
    let mut key = with_passkey(&server, &mut officer).await;
    let administration = server.administration().await;
    let found = administration.find("officer@example.org").await.unwrap();
    let page = format!("/colleagues/{}", found.id);
    says(&robin.get(&page).await, &["1 passkey"]);
    robin.get(&format!("{page}/second-factor")).await;
    let done = robin.post(&format!("{page}/second-factor"), &[]).await;
    assert_eq!(done.location(), page, "{}", done.body);
    assert!(!robin.get(&page).await.body.contains("1 passkey"));
    let refused = enter(&mut server.browser(), &mut key).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let plain = sign_in(&mut server.browser(), "officer@example.org", PASSWORD).await;
    assert_eq!(plain.location(), "/");

    with_passkey(&server, &mut robin).await;
    let whom = administration.find(EMAIL).await.unwrap();
    administration.remove_second_factor(&whom).await.unwrap();
    let plain = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(plain.location(), "/");
    // Whoever has a passkey can be removed.
    with_passkey(&server, &mut officer_again(&server).await).await;
    administration.remove(&found).await.unwrap();
}

/// The officer, signed in again.
async fn officer_again(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    sign_in(&mut browser, "officer@example.org", PASSWORD).await;
    browser
}

async fn attempts_with_a_passkey_are_counted(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut stranger = server.browser();
    stranger.get("/sign-in").await;
    let mut last = StatusCode::OK;
    for _ in 0..31 {
        last = stranger.post("/sign-in/passkey/options", &[]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

async fn whoever_has_a_stolen_passkey_is_signed_out_when_it_is_removed(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut stolen = with_passkey(&server, &mut robin).await;
    let mut thief = server.browser();
    assert_eq!(enter(&mut thief, &mut stolen).await.location(), "/");
    let path = paths(&mut robin).await.remove(0);
    robin.get(&format!("{path}/remove")).await;
    let removed = robin.post(&format!("{path}/remove"), &[]).await;
    assert_eq!(removed.location(), "/account", "{}", removed.body);
    says(
        &robin.get("/account").await,
        &["The passkey is removed. All your other sessions are ended."],
    );
    assert!(thief.get("/").await.location().starts_with("/sign-in"));
    assert!(server.hashes_of_browsers().await.is_empty());

    // So it is where somebody else removes it.
    let mut officer = server.colleague(Role::Officer).await;
    let mut stolen = with_passkey(&server, &mut officer).await;
    assert_eq!(enter(&mut thief, &mut stolen).await.location(), "/");
    let administration = server.administration().await;
    let found = administration.find("officer@example.org").await.unwrap();
    let page = format!("/colleagues/{}/second-factor", found.id);
    robin.get(&page).await;
    let done = robin.post(&page, &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    for signed_out in [&mut thief, &mut officer] {
        let asked = signed_out.get("/").await;
        assert!(asked.location().starts_with("/sign-in"));
    }
    let mut stolen = with_passkey(&server, &mut robin).await;
    assert_eq!(enter(&mut thief, &mut stolen).await.location(), "/");
    let whom = administration.find(EMAIL).await.unwrap();
    administration.remove_second_factor(&whom).await.unwrap();
    for signed_out in [&mut thief, &mut robin] {
        let asked = signed_out.get("/").await;
        assert!(asked.location().starts_with("/sign-in"));
    }
}

async fn whoever_sets_a_password_is_told_of_passkeys(on: Kind) {
    const NEW: &str = "another horse battery staple";
    let (server, mut robin) = TestServer::set_up(on).await;
    with_passkey(&server, &mut robin).await;
    robin.get("/account").await;
    let fields = [("present", PASSWORD), ("password", NEW)];
    let changed = robin.post("/account/password", &fields).await;
    assert_eq!(changed.location(), "/account", "{}", changed.body);
    let told = "1 passkey opens your account without the password";
    says(
        &robin.get("/account").await,
        &["Your password is changed.", told],
    );

    let mut officer = server.colleague(Role::Officer).await;
    with_passkey(&server, &mut officer).await;
    let mut laptop = key(&server);
    add(&mut officer, &mut laptop, "Laptop").await;
    let administration = server.administration().await;
    let found = administration.find("officer@example.org").await.unwrap();
    let page = format!("/colleagues/{}", found.id);
    robin.get(&page).await;
    robin.post(&format!("{page}/disable"), &[]).await;
    robin.get(&page).await;
    robin.post(&format!("{page}/enable"), &[]).await;
    says(
        &robin.get(&page).await,
        &["2 passkeys open it without the password"],
    );
    let made = robin.post(&format!("{page}/link"), &[]).await;
    let made = robin.get(made.location()).await;
    let link = made.between("id=\"password-link\" href=\"", "\"");
    let link = format!("/password/{}", link.rsplit('/').next().unwrap());
    let mut chooser = server.browser();
    says(
        &chooser.get(&link).await,
        &["2 passkeys open your account without the password"],
    );
    assert_eq!(administration.passkeys(&found).await.unwrap(), 2);
}

async fn no_device_makes_a_passkey_that_would_be_refused(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    with_passkey(&server, &mut robin).await;
    let path = "/account/passkeys/options";
    robin.get("/account/passkeys/new").await;
    server.wait(Duration::from_secs(16 * 60));
    let refused = robin.post(path, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    says(&refused, &["Confirm first that it is you."]);
    // The form that its page sends then asks, and keeps the name.
    let fields = [("name", "Laptop"), ("passkey", "")];
    says(
        &robin.post("/account/passkeys", &fields).await,
        &["Confirm that it is you", "name=\"name\" value=\"Laptop\""],
    );

    let mut officer = server.colleague(Role::Officer).await;
    for number in 0..20 {
        let mut key = key(&server);
        let added = add(&mut officer, &mut key, &format!("Key {number}")).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    }
    officer.get("/account").await;
    for (path, fields) in [(path, &[][..]), ("/account/passkeys", &fields[..])] {
        let refused = officer.post(path, fields).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}");
        says(&refused, &["An account has 20 passkeys at most"]);
    }
}
