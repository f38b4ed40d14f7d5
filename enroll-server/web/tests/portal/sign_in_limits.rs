//! How often somebody may try to sign in: whoever guesses has to wait, and nobody else has.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use sqlx::Row as _;

use enroll_server_model::{EventKind, Role, Timestamp};
use enroll_server_service::error::Error;
use enroll_server_service::password::Password;
use enroll_server_service::session::{Begun, Visit};
use enroll_server_service::sign_in::{Entered, SignInError, sign_in as attempt};
use enroll_server_store::{Kind, known_browser};

use crate::browser::{Answer, Browser, sign_in};
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    a_stranger_who_guesses_has_to_wait_and_the_owner_has_not,
    a_browser_that_signed_in_before_is_not_kept_out_by_its_neighbours,
    a_known_browser_is_known_for_its_own_administrator,
    many_networks_together_wait_for_their_turn,
    another_address_of_the_same_network_does_not_help,
    refused_sign_ins_are_one_line_of_the_overview_and_a_need,
}

const BROWSER: &str = "__Host-browser";
const WRONG: &str = "wrong wrong wrong";

/// A browser without cookies, elsewhere.
fn elsewhere(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    browser.address = IpAddr::from([198, 51, 100, 9]);
    browser
}

/// Guesses until the browser is told to wait.
async fn guess_until_refused(browser: &mut Browser) -> Answer {
    for _ in 0..12 {
        let answer = sign_in(browser, EMAIL, WRONG).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    panic!("nobody was told to wait");
}

async fn a_stranger_who_guesses_has_to_wait_and_the_owner_has_not(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut stranger = elsewhere(&server);
    let answer = guess_until_refused(&mut stranger).await;
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(answer.body.contains("Too many attempts"));

    // The owner, in a browser that nobody knows.
    let mut owner = server.browser();
    assert_eq!(sign_in(&mut owner, EMAIL, PASSWORD).await.location(), "/");

    // The right password does not help a stranger who has to wait; waiting does.
    let answer = sign_in(&mut stranger, EMAIL, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    server.wait(Duration::from_secs(wait));
    assert_eq!(
        sign_in(&mut stranger, EMAIL, PASSWORD).await.location(),
        "/"
    );
}

async fn a_browser_that_signed_in_before_is_not_kept_out_by_its_neighbours(on: Kind) {
    let (server, mut owner) = TestServer::set_up(on).await;
    let mut neighbour = server.browser();
    guess_until_refused(&mut neighbour).await;
    assert_eq!(owner.address, neighbour.address);
    owner.get("/").await;
    owner.post("/sign-out", &[]).await;
    let before = owner.cookies[BROWSER].0.clone();
    let answer = sign_in(&mut owner, EMAIL, PASSWORD).await;
    assert_eq!(answer.location(), "/");
    let cookie = answer.set_cookie(BROWSER);
    for attribute in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Secure",
        "; Path=/",
        "; Max-Age=15552000",
    ] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let now = owner.cookies[BROWSER].0.clone();
    assert_ne!(before, now, "a new token each time");

    // The old token is worth nothing, and so is what is in the database.
    let stored = server.hashes_of_browsers().await;
    assert!(!stored.contains(&now), "the token is stored");
    for token in stored.into_iter().chain([before]) {
        let mut copy = server.browser();
        copy.cookies
            .insert(BROWSER.to_owned(), (token, "/".to_owned()));
        let answer = sign_in(&mut copy, EMAIL, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }

    // It has a limit of its own: whoever stole it cannot guess on.
    guess_until_refused(&mut owner).await;
    server.wait(Duration::from_secs(60));
    assert_eq!(sign_in(&mut owner, EMAIL, PASSWORD).await.location(), "/");
}

async fn a_known_browser_is_known_for_its_own_administrator(on: Kind) {
    let (server, mut owner) = TestServer::set_up(on).await;
    let administration = server.administration().await;
    let password = Password::from(PASSWORD.to_owned());
    administration
        .add(
            "Sam Second",
            "sam@example.org",
            Role::Administrator,
            password,
        )
        .await
        .unwrap();
    let mut stranger = server.browser();
    for _ in 0..10 {
        sign_in(&mut stranger, "sam@example.org", WRONG).await;
    }
    let answer = sign_in(&mut owner, "sam@example.org", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    server.wait(Duration::from_secs(180 * 24 * 60 * 60));
    let token = owner.cookies[BROWSER]
        .0
        .parse::<enroll_server_model::random::Token>();
    let hash = token.unwrap().hash();
    let now = enroll_server_model::clock::Clock::now(&*server.clock);
    let known =
        known_browser::administrator(server.store.reader(), &hash, now, Timestamp(i64::MAX)).await;
    assert_eq!(known.unwrap(), None, "not for good");
}

/// A visit from a network of its own.
fn from_network(n: usize, browser: Option<&Begun>) -> Visit {
    Visit {
        source: format!("2001:db8:{n:x}::1"),
        session: None,
        browser: browser.map(|begun| begun.browser.clone()),
    }
}

async fn many_networks_together_wait_for_their_turn(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let guess = async |n: usize| {
        let password = Password::from(WRONG.to_owned());
        attempt(&server.app, EMAIL, password, &from_network(n, None)).await
    };
    let owner = async |browser: Option<&Begun>| {
        let password = Password::from(PASSWORD.to_owned());
        attempt(&server.app, EMAIL, password, &from_network(999, browser)).await
    };
    let Entered::Begun(known) = owner(None).await.unwrap() else {
        panic!("there is no second factor");
    };
    for n in 1..30 {
        let refused = guess(n).await;
        assert!(matches!(refused, Err(SignInError::Refused)), "{refused:?}");
    }
    // A turn comes every 20 seconds: the next one has a second to wait, and another one would wait too long.
    server.wait(Duration::from_secs(19));
    let fullest = async || -> i64 {
        let row = sqlx::query("SELECT MAX(empty_again) FROM rate_limits")
            .fetch_one(server.store.reader())
            .await;
        row.unwrap().try_get(0).unwrap()
    };
    let before = fullest().await;
    let begun = Instant::now();
    let waits = guess(30);
    let mut waits = std::pin::pin!(waits);
    let refused = async {
        // Begun after the other one has its place: the account's bucket is by far the fullest.
        while fullest().await == before {}
        guess(31).await
    };
    let mut refused = std::pin::pin!(refused);
    let refused = tokio::select! {
        refused = &mut refused => refused,
        early = &mut waits => panic!("{early:?} did not wait"),
    };
    let limited = |answer: &Result<Entered, SignInError>| {
        matches!(answer, Err(SignInError::Service(Error::RateLimited { .. })))
    };
    assert!(limited(&refused), "{refused:?}");
    // Where somebody signed in before, nobody waits.
    let known = owner(Some(&known)).await;
    assert!(known.is_ok(), "{known:?}");
    assert!(matches!(waits.await, Err(SignInError::Refused)));
    assert!(begun.elapsed() >= Duration::from_millis(950));
}

/// Whoever has one IPv6 address has 2^64 of them.
async fn another_address_of_the_same_network_does_not_help(on: Kind) {
    let server = TestServer::new(on).await;
    let guess = async |n: usize, source: &str| {
        let email = format!("person{n}@example.org");
        let visit = Visit {
            source: source.to_owned(),
            ..Visit::default()
        };
        attempt(
            &server.app,
            &email,
            Password::from(WRONG.to_owned()),
            &visit,
        )
        .await
    };
    for n in 0..30 {
        let refused = guess(n, &format!("2001:db8:1:2::{n:x}")).await;
        assert!(matches!(refused, Err(SignInError::Refused)), "{n}");
    }
    let refused = guess(30, "2001:db8:1:2:ffff::1").await;
    let limited = matches!(
        refused,
        Err(SignInError::Service(Error::RateLimited { .. }))
    );
    assert!(limited, "{refused:?}");
    let refused = guess(31, "2001:db8:1:3::1").await;
    assert!(matches!(refused, Err(SignInError::Refused)));
}

async fn refused_sign_ins_are_one_line_of_the_overview_and_a_need(on: Kind) {
    let (server, mut owner) = TestServer::set_up(on).await;
    let need = "somebody may be guessing a password";
    let mut stranger = elsewhere(&server);
    sign_in(&mut stranger, EMAIL, WRONG).await;
    let page = owner.get("/").await;
    assert!(page.body.contains("Sign-in refused"));
    assert!(!page.body.contains(need), "anybody mistypes once");
    for _ in 1..10 {
        sign_in(&mut stranger, EMAIL, WRONG).await;
    }
    assert_eq!(server.events(EventKind::SignInRefused).await, 10);
    let page = owner.get("/").await;
    assert!(!page.body.contains("Sign-in refused"));
    assert!(page.body.contains(">10 sign-ins refused<"));
    assert!(
        page.body
            .contains("10 sign-ins were refused within 24 hours")
    );
    assert!(page.body.contains(need));
    assert!(page.body.contains("Administrator Robin Meyer added"));
    server.wait(Duration::from_secs(24 * 60 * 60));
    let mut owner = server.browser();
    sign_in(&mut owner, EMAIL, PASSWORD).await;
    let page = owner.get("/").await;
    assert!(!page.body.contains("refused"), "{}", page.body);
}
