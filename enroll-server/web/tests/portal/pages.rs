//! The pages about holders, phones and certificates, with a phone that was enrolled.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use data_encoding::BASE64;
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use tower::ServiceExt;

use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::invitations::invite;
use crate::server::TestServer;

crate::on_both! {
    a_used_invitation_leads_to_its_phone_and_tells_its_holder,
    a_phone_and_its_holder_are_shown_with_all_that_belongs_to_them,
    a_certificate_is_explained_and_can_be_taken_away_as_a_file,
    lists_are_searched_and_filtered_by_their_address,
    a_long_list_goes_on_on_the_next_page_and_shows_no_row_twice,
}

/// The card of Alice's phone.
pub const GUID: &str = "0123456789ab4cdeb0123456789abcde";

/// Enrolls a phone with the invitation at this path, as a phone would. All keys are P-256.
pub async fn enroll(server: &TestServer, link: &str, guid: &str) {
    let token = link.rsplit('/').next().unwrap();
    let csr = || {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        let csr = parameters.serialize_request(&key).unwrap();
        BASE64.encode(csr.der())
    };
    let requests: Vec<_> = ["9A", "9C", "9D", "9E"]
        .into_iter()
        .map(|slot| serde_json::json!({ "slot": slot, "csr": csr() }))
        .collect();
    let body = serde_json::json!({
        "protocol": 1,
        "invitation": token,
        "phone": { "name": "Alice's phone", "guid": guid },
        "requests": requests,
        "check_in": csr(),
    });
    let request = Request::post("/api/v1/enrollment")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 9], 40000))))
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = server.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    assert_eq!(
        parts.status,
        StatusCode::CREATED,
        "{}",
        String::from_utf8_lossy(&body)
    );
}

/// A server with an administrator and Alice's phone.
pub async fn with_phone(on: Kind) -> (TestServer, Browser, String) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (_, link) = invite(&mut browser).await;
    enroll(&server, &link, GUID).await;
    let phones = browser.get("/phones").await;
    let phone = format!("/phones/{}", phones.between("href=\"/phones/", "\""));
    (server, browser, phone)
}

/// The path of the phone's certificate for signing in.
pub async fn sign_in_certificate(browser: &mut Browser, phone: &str) -> String {
    let page = browser.get(phone).await;
    let id = page
        .body
        .split("href=\"/certificates/")
        .skip(1)
        .find(|rest| {
            rest.contains("\">Signing in</a>") && rest.find("Signing in") < rest.find("</th>")
        })
        .unwrap();
    format!("/certificates/{}", id.split('"').next().unwrap())
}

fn says(answer: &Answer, words: &str) {
    assert!(
        answer.body.contains(words),
        "{words:?} is not on: {}",
        answer.body
    );
}

async fn a_used_invitation_leads_to_its_phone_and_tells_its_holder(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (page, link) = invite(&mut browser).await;
    enroll(&server, &link, GUID).await;
    let status = browser.get(&format!("{page}/status")).await;
    says(&status, "data-final");
    says(&status, "has 4 certificates.");
    says(&status, "href=\"/phones/");
    assert!(!browser.get(&page).await.body.contains("invitation-link"));
    let holder = server.browser().get(&link).await;
    says(&holder, "A phone was enrolled with this invitation");
    says(&holder, "If it was not you, tell Robin Meyer");
}

async fn a_phone_and_its_holder_are_shown_with_all_that_belongs_to_them(on: Kind) {
    let (_server, mut browser, phone) = with_phone(on).await;
    let page = browser.get(&phone).await;
    says(
        &page,
        "Alice Example can use this phone as a smart card: it has 4 valid certificates.",
    );
    for purpose in [
        "Signing in",
        "Signing documents and mail",
        "Decrypting",
        "Doors and readers",
    ] {
        says(&page, purpose);
    }
    let holder = format!("/holders/{}", page.between("href=\"/holders/", "\""));
    let page = browser.get(&holder).await;
    says(
        &page,
        "Alice Example has 1 phone that can be used as a smart card.",
    );
    says(&page, "<code>alice</code>");
    says(&page, &phone);
    let overview = browser.get("/").await;
    says(&overview, "Alice&#39;s phone enrolled");
}

async fn a_certificate_is_explained_and_can_be_taken_away_as_a_file(on: Kind) {
    let (_server, mut browser, phone) = with_phone(on).await;
    let path = sign_in_certificate(&mut browser, &phone).await;
    let page = browser.get(&path).await;
    says(&page, "Issued to Alice Example for signing in by ");
    says(&page, "Windows smart-card sign-in");
    says(
        &page,
        "alice@example.org <span class=\"faint\">(account name, UPN)</span>",
    );
    says(&page, "Example Works Root CA");
    says(&page, "in 365 days");
    says(&page, "OCSP");
    says(&page, "-----BEGIN CERTIFICATE-----");

    let pem = browser.get(&format!("{path}/certificate.pem")).await;
    assert!(pem.body.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(
        pem.header("content-disposition")
            .starts_with("attachment; filename=\"alice-9A-")
    );
    assert_eq!(pem.header("cache-control"), "no-store");
    assert!(pem.header("content-security-policy").contains("sandbox"));
    let der = browser.get(&format!("{path}/certificate.cer")).await;
    assert_eq!(der.header("content-type"), "application/pkix-cert");
    let chain = browser.get(&format!("{path}/chain.pem")).await;
    assert_eq!(chain.body.matches("BEGIN CERTIFICATE").count(), 3);
}

async fn lists_are_searched_and_filtered_by_their_address(on: Kind) {
    let (_server, mut browser, phone) = with_phone(on).await;
    let path = sign_in_certificate(&mut browser, &phone).await;
    let page = browser.get(&path).await;
    let serial = page
        .between("<dt>Serial number</dt><dd><span class=\"mono\">", "<")
        .to_owned();
    let decimal = page
        .between(
            "<dt>Serial number, decimal</dt><dd><span class=\"mono\">",
            "<",
        )
        .to_owned();
    for notation in [
        serial.clone(),
        serial.replace(':', "").to_lowercase(),
        decimal,
    ] {
        let found = browser.get(&format!("/certificates?q={notation}")).await;
        assert_eq!(
            found.body.matches("<th scope=\"row\">").count(),
            1,
            "{notation}"
        );
        says(&found, &path);
    }
    browser.get("/invitations/new").await;
    let fields = [
        ("name", "Özlem Çelik"),
        ("email", "o@example.net"),
        ("upn", "o@example.net"),
        ("profile", "compact"),
    ];
    browser.post("/invitations/new", &fields).await;
    for (address, rows) in [
        ("/holders?q=EXAMPLE.org", 1),
        ("/holders?q=%C3%B6zlem", 1),
        ("/holders?q=%C3%96ZLEM%20%C3%87", 1),
        ("/phones?q=0123456789AB4C", 1),
        ("/phones?q=0123456789ab4c", 1),
        ("/holders?q=%25", 0),
        ("/phones?q=alice&state=active", 1),
        ("/phones?state=revoked", 0),
        ("/certificates?state=valid", 4),
        ("/certificates?state=ending", 0),
        ("/invitations?state=used", 1),
        ("/invitations?state=pending", 1),
        ("/invitations?state=no-such-state", 2),
    ] {
        let page = browser.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert_eq!(
            page.body.matches("<th scope=\"row\">").count(),
            rows,
            "{address}"
        );
    }
    let audit = browser.get("/audit?about=phone").await;
    says(&audit, "enrolled");
    assert!(!audit.body.contains("<th scope=\"row\">Signed in"));
    // Who set the server up is not somebody who only said a name.
    let everything = browser.get("/audit").await;
    says(&everything, "through the set-up link");
    assert!(!everything.body.contains("Somebody as"));
}

async fn a_long_list_goes_on_on_the_next_page_and_shows_no_row_twice(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    browser.get("/invitations/new").await;
    for number in 0..51 {
        let upn = format!("person{number:02}@example.org");
        let fields = [
            ("name", "Same Name"),
            ("email", upn.as_str()),
            ("upn", upn.as_str()),
            ("profile", "standard"),
        ];
        assert_eq!(
            browser.post("/invitations/new", &fields).await.status,
            StatusCode::SEE_OTHER
        );
    }
    for list in ["/invitations", "/holders"] {
        let first = browser.get(list).await;
        let next = first
            .between("rel=\"next\" href=\"", "\"")
            .replace("&amp;", "&")
            .replace("&#38;", "&");
        let second = browser.get(&next).await;
        assert_eq!(
            first.body.matches("<th scope=\"row\">").count(),
            50,
            "{list}"
        );
        assert_eq!(
            second.body.matches("<th scope=\"row\">").count(),
            1,
            "{list}"
        );
        let last = second.between("<th scope=\"row\"><a href=\"", "\"");
        assert!(
            !first.body.contains(&format!("<a href=\"{last}\"")),
            "{list}"
        );
        let previous = second
            .between("rel=\"prev\" href=\"", "\"")
            .replace("&#38;", "&");
        let again = browser.get(&previous).await;
        let rows = |body: &str| {
            let rows = body.split("<th scope=\"row\">").skip(1);
            rows.map(|row| row[..40].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(rows(&again.body), rows(&first.body), "{list}");
        assert!(!again.body.contains("rel=\"prev\""), "{list}");
        says(&first, "51 rows");
        let printed = browser.get(&format!("{list}?rows=print")).await;
        assert_eq!(rows(&printed.body).len(), 51, "{list}");
    }
}
