//! Signing in with a phone: which certificates are accepted, and what is said of the others. That a client has the key of the
//! certificate that it shows is TLS's part: `tests/server/listener/client_certificate.rs`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt;

use enroll_server::listener::{ClientCertificate, Limits};
use enroll_server::router;
use enroll_server_model::{EventKind, PhoneRefusal};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::pages::{enroll, sign_in_certificate, with_phone};
use crate::server::TestServer;

crate::on_both! {
    a_holder_signs_in_with_their_phone,
    a_session_ends_with_the_phone_that_was_shown,
    a_session_ends_with_the_certificate_that_was_shown,
    what_is_suspended_revoked_or_expired_is_refused_and_a_page_says_so,
    what_is_not_a_certificate_of_ours_for_signing_in_is_refused,
    the_way_from_the_phone_to_the_pages_is_short_and_used_once,
    no_header_stands_in_for_a_certificate,
    whoever_showed_a_phone_invites_another_where_that_is_allowed,
}

/// The bytes of a certificate.
async fn der(server: &TestServer, browser: &Browser, page: &str) -> Vec<u8> {
    let cookies: Vec<String> = browser
        .cookies
        .iter()
        .map(|(name, (value, _))| format!("{name}={value}"))
        .collect();
    let request = Request::get(format!("{page}/certificate.cer"))
        .header(header::HOST, "localhost")
        .header(header::COOKIE, cookies.join("; "))
        .body(Body::empty())
        .unwrap();
    let response = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    body.to_vec()
}

/// Where the listener for phones leads whoever shows this certificate: a path of the portal.
async fn shown(server: &TestServer, certificate: Option<&[u8]>) -> String {
    let router = router::phones(&server.app, &Limits::https());
    let request = Request::get("/")
        .header(header::HOST, "localhost")
        .extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 9], 40000))))
        .extension(ClientCertificate(certificate.map(Arc::from)))
        .body(Body::empty())
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    // Whoever comes next on the same connection would be taken for who showed this phone.
    assert_eq!(response.headers()[header::CONNECTION], "close");
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    let path = location.strip_prefix(&server.app.addresses.portal);
    path.unwrap().to_owned()
}

/// Shows a certificate that is refused; returns the page that says why.
async fn refused(server: &TestServer, certificate: Option<&[u8]>, why: PhoneRefusal) -> Answer {
    let path = shown(server, certificate).await;
    assert_eq!(path, format!("/me/not-accepted/{why}"));
    let page = server.browser().get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    page
}

fn says(answer: &Answer, words: &str) {
    assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
}

/// The browser of Alice, who shows her phone.
async fn alice(server: &TestServer, certificate: &[u8]) -> Browser {
    let mut browser = server.browser();
    let entry = shown(server, Some(certificate)).await;
    says(&browser.get(&entry).await, "Alice Example");
    assert_eq!(browser.post(&entry, &[]).await.location(), "/me");
    browser
}

/// A server, its administrator, the path of Alice's phone, and its certificate for signing in.
async fn set_up(on: Kind) -> (TestServer, Browser, String, Vec<u8>) {
    let (server, mut officer, phone) = with_phone(on).await;
    let page = sign_in_certificate(&mut officer, &phone).await;
    let certificate = der(&server, &officer, &page).await;
    (server, officer, phone, certificate)
}

async fn a_holder_signs_in_with_their_phone(on: Kind) {
    let (server, mut officer, _, certificate) = set_up(on).await;
    let mut browser = alice(&server, &certificate).await;
    says(&browser.get("/me").await, "I have lost this phone");
    assert_eq!(server.events(EventKind::HolderSignIn).await, 1);
    let audit = officer.get("/audit").await;
    says(&audit, "Signed in to their own pages with");
}

async fn a_session_ends_with_the_phone_that_was_shown(on: Kind) {
    let (server, mut officer, phone, certificate) = set_up(on).await;
    let mut browser = alice(&server, &certificate).await;
    let open = shown(&server, Some(&certificate)).await;
    officer.get(&phone).await;
    officer.post(&format!("{phone}/suspend"), &[]).await;
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");
    // What was under way too.
    let mut late = server.browser();
    late.get(&open).await;
    assert_eq!(late.post(&open, &[]).await.status, StatusCode::NOT_FOUND);
    officer.get(&phone).await;
    officer.post(&format!("{phone}/resume"), &[]).await;
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");

    let mut browser = alice(&server, &certificate).await;
    let question = format!("{phone}/revoke");
    officer.get(&question).await;
    let revoked = officer
        .post(&question, &[("reason", "key-compromise")])
        .await;
    assert_eq!(revoked.location(), phone, "{}", revoked.body);
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");
}

async fn a_session_ends_with_the_certificate_that_was_shown(on: Kind) {
    let (server, mut officer, phone) = with_phone(on).await;
    let page = sign_in_certificate(&mut officer, &phone).await;
    let certificate = der(&server, &officer, &page).await;
    let mut browser = alice(&server, &certificate).await;
    let open = shown(&server, Some(&certificate)).await;
    let question = format!("{page}/revoke");
    officer.get(&question).await;
    let revoked = officer
        .post(&question, &[("reason", "privilege-withdrawn")])
        .await;
    assert_eq!(revoked.location(), page, "{}", revoked.body);
    // The phone itself is not revoked.
    assert_eq!(server.events(EventKind::PhoneRevoked).await, 0);
    assert_eq!(browser.get("/me").await.location(), "/me/sign-in");
    let mut late = server.browser();
    assert_eq!(late.get(&open).await.status, StatusCode::NOT_FOUND);
}

async fn what_is_suspended_revoked_or_expired_is_refused_and_a_page_says_so(on: Kind) {
    let (server, mut officer, phone, certificate) = set_up(on).await;
    let certificate = Some(certificate.as_slice());
    officer.get(&phone).await;
    officer.post(&format!("{phone}/suspend"), &[]).await;
    let page = refused(&server, certificate, PhoneRefusal::Suspended).await;
    says(
        &page,
        "Your phone is suspended. Example Works can resume it",
    );
    officer.get(&phone).await;
    officer.post(&format!("{phone}/resume"), &[]).await;

    let list = officer.get("/holders").await;
    let holder = format!("/holders/{}", list.between("href=\"/holders/", "\""));
    officer.post(&format!("{holder}/suspend"), &[]).await;
    refused(&server, certificate, PhoneRefusal::Suspended).await;
    officer.get(&holder).await;
    officer.post(&format!("{holder}/resume"), &[]).await;
    assert!(shown(&server, certificate).await.starts_with("/me/enter/"));

    server.wait(Duration::from_secs(20 * 365 * 24 * 60 * 60));
    let page = refused(&server, certificate, PhoneRefusal::Expired).await;
    says(&page, "has expired, or is not valid yet");
}

async fn what_is_not_a_certificate_of_ours_for_signing_in_is_refused(on: Kind) {
    let (server, mut officer, phone, certificate) = set_up(on).await;
    let page = refused(&server, None, PhoneRefusal::NoCertificate).await;
    says(&page, "The browser showed no certificate.");
    // One octet of ours is another, as whoever makes one with our names and a serial of ours has it.
    let mut forged = certificate.clone();
    *forged.last_mut().unwrap() ^= 1;
    let root = server.app.anchor().der.clone();
    let site = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for other in [&b"not a certificate"[..], &forged, &root, site.cert.der()] {
        let page = refused(&server, Some(other), PhoneRefusal::AnotherAuthority).await;
        says(&page, "is not one that is issued here");
    }
    let page = officer.get(&phone).await;
    let ids = page.body.split("href=\"/certificates/").skip(1);
    let mut others = 0;
    for id in ids.map(|rest| rest.split('"').next().unwrap()) {
        let other = der(&server, &officer, &format!("/certificates/{id}")).await;
        if other != certificate {
            refused(&server, Some(&other), PhoneRefusal::AnotherKey).await;
            others += 1;
        }
    }
    assert!(others >= 3, "{others}");

    let question = format!("{phone}/revoke");
    officer.get(&question).await;
    officer
        .post(&question, &[("reason", "key-compromise")])
        .await;
    let page = refused(&server, Some(&certificate), PhoneRefusal::Revoked).await;
    says(&page, "is revoked for good");
    assert_eq!(server.events(EventKind::HolderSignIn).await, 0);
    let unknown = server.browser().get("/me/not-accepted/because").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

async fn the_way_from_the_phone_to_the_pages_is_short_and_used_once(on: Kind) {
    let (server, _, _, certificate) = set_up(on).await;
    let entry = shown(&server, Some(&certificate)).await;
    let mut browser = server.browser();
    browser.get(&entry).await;
    assert_eq!(browser.post(&entry, &[]).await.location(), "/me");
    assert_eq!(
        browser.post(&entry, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let entry = shown(&server, Some(&certificate)).await;
    browser.get(&entry).await;
    server.wait(Duration::from_secs(2 * 60));
    assert_eq!(
        browser.post(&entry, &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

async fn whoever_showed_a_phone_invites_another_where_that_is_allowed(on: Kind) {
    let (mut server, _, _, certificate) = set_up(on).await;
    let mut browser = alice(&server, &certificate).await;
    says(&browser.get("/me/help").await, "Ask Example Works for one");
    browser.get("/me").await;
    let refused = browser.post("/me/phones/new", &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);

    server.let_holders_add_phones().await;
    server.use_mail().await;
    // Who reads somebody's mail comes to no phone in their name.
    let mut by_mail = crate::own_pages::alice(&server).await;
    says(
        &by_mail.get("/me/help").await,
        "Sign in with a phone that you have",
    );
    by_mail.get("/me").await;
    let refused = by_mail.post("/me/phones/new", &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(server.events(EventKind::InvitationCreated).await, 1);

    let mut browser = alice(&server, &certificate).await;
    says(
        &browser.get("/me/help").await,
        "Create an invitation for another phone",
    );
    let made = browser.post("/me/phones/new", &[]).await;
    let invitation = made.location().to_owned();
    assert!(invitation.starts_with("/invitation/"), "{}", made.body);
    says(&browser.get(&invitation).await, "Alice Example");
    let guid = "0".repeat(31) + "8";
    enroll(&server, &invitation, &guid).await;
    let page = browser.get("/me").await;
    assert_eq!(page.body.matches("class=\"card\"").count(), 2);
    // A few at a time.
    for _ in 0..2 {
        let made = browser.post("/me/phones/new", &[]).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER);
    }
    let many = browser.post("/me/phones/new", &[]).await;
    assert_eq!(many.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Proxies write certificates into headers; nobody is believed who does.
async fn no_header_stands_in_for_a_certificate(on: Kind) {
    let (server, _, _, certificate) = set_up(on).await;
    let text = data_encoding::BASE64.encode(&certificate);
    let mut browser = Browser::new(router::phones(&server.app, &Limits::https()));
    for name in [
        "client-cert",
        "x-client-cert",
        "x-ssl-cert",
        "x-forwarded-client-cert",
    ] {
        browser.headers.push((name, format!(":{text}:")));
    }
    let answer = browser.get("/").await;
    assert!(
        answer
            .location()
            .ends_with("/me/not-accepted/no-certificate")
    );
}
