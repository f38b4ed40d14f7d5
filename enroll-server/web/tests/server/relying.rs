//! What relying parties fetch over plain HTTP beside OCSP: CRLs and certificates.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{Request, StatusCode, header};
use const_oid::AssociatedOid;
use data_encoding::BASE64;
use der::{Decode, Encode};
use enroll_server_model::SeededPolicy;
use enroll_server_service::App;
use enroll_server_store::Kind;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use crate::fixture::{Fixture, another};
use crate::on_both;
use crate::relying_party::{
    SHA_1, body, cert_id, crl_path, fetch, ocsp_path, request, revocation_list, root_of,
};

on_both!(
    a_crl_is_as_the_standard_wants_it,
    certificates_and_health_are_served,
    every_answer_shares_the_same_bytes,
    who_asks_by_date_gets_what_is_newer,
    another_servers_date_is_not_taken_for_ones_own,
);

async fn a_crl_is_as_the_standard_wants_it(fixture: Fixture) {
    let app = fixture.app();
    let list = revocation_list(app).await;
    // The list must be absent rather than empty.
    assert!(list.tbs_cert_list.revoked_certificates.is_none());
    assert_eq!(
        list.tbs_cert_list.version as u8, 1,
        "version 2 is written as 1"
    );
    assert_eq!(
        list.tbs_cert_list.issuer.to_der().unwrap(),
        app.issuing().subject_der
    );
    assert!(list.tbs_cert_list.next_update.is_some());
    let extensions = list.tbs_cert_list.crl_extensions.as_ref().unwrap();
    let found = extensions
        .iter()
        .find(|one| one.extn_id == AuthorityKeyIdentifier::OID)
        .unwrap();
    let identifier = AuthorityKeyIdentifier::from_der(found.extn_value.as_bytes()).unwrap();
    assert_eq!(
        identifier.key_identifier.unwrap().as_bytes(),
        app.issuing().key_identifier
    );
    let root = fetch(
        app,
        Request::get(crl_path(root_of(app)))
            .body(Body::empty())
            .unwrap(),
    )
    .await;
    let root = <CertificateList>::from_der(&body(root).await).unwrap();
    let message = root.tbs_cert_list.to_der().unwrap();
    app.anchor()
        .key
        .verify(&message, root.signature.raw_bytes())
        .unwrap();
}

async fn certificates_and_health_are_served(fixture: Fixture) {
    let app = fixture.app();
    for authority in app.authorities.iter() {
        let certificate = authority.certificate();
        let path = format!("/ca/{}.cer", authority.key_id());
        let response = fetch(app, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/pkix-cert"
        );
        assert_eq!(body(response).await, certificate.der);
    }
    let health = fetch(app, Request::get("/health").body(Body::empty()).unwrap()).await;
    assert_eq!(health.status(), StatusCode::OK);
    assert!(health.headers().contains_key("x-request-id"));
    let key = app.authorities.current().key_id().to_string();
    let unknown = "0".repeat(64);
    let paths = [
        "/".to_owned(),
        "/setup/x".to_owned(),
        "/sign-in".to_owned(),
        "/ca/root.key".to_owned(),
        // Addresses that name no authority, as older versions had them, and those of an authority that is not here.
        "/crl/issuing.crl".to_owned(),
        "/crl/root.crl".to_owned(),
        "/ca/issuing.cer".to_owned(),
        "/ca/root.cer".to_owned(),
        "/ocsp".to_owned(),
        "/ocsp/MAo=".to_owned(),
        format!("/crl/{unknown}/0.crl"),
        format!("/ca/{unknown}.cer"),
        format!("/ocsp/{unknown}/MAo="),
        // One address for one thing.
        format!("/crl/{key}/1.crl"),
        format!("/crl/{key}/00.crl"),
        format!("/crl/{key}/0"),
        format!("/crl/{}/0.crl", key.to_uppercase()),
        format!("/ca/{key}"),
        format!("/ca/{}.cer", key.to_uppercase()),
        format!("/ocsp/{}/MAo=", key.to_uppercase()),
    ];
    for path in &paths {
        let response = fetch(app, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// Where the bytes of an answer are in memory.
async fn place(app: &Arc<App>, path: &str) -> (*const u8, usize) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let mut body = fetch(app, request).await.into_body();
    let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
    let data = frame.unwrap().unwrap().into_data().unwrap();
    (data.as_ptr(), data.len())
}

async fn every_answer_shares_the_same_bytes(fixture: Fixture) {
    let app = fixture.app();
    let current = app.authorities.current();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&enrolled.phone_id).await;
    let request = request(vec![cert_id(app, &rows[0].serial, SHA_1)], None);
    let paths = [
        crl_path(current),
        format!("/ca/{}.cer", current.key_id()),
        format!("{}/{}", ocsp_path(app), BASE64.encode(&request)),
    ];
    for path in paths {
        let first = place(app, &path).await;
        assert!(first.1 > 100, "{path}");
        assert_eq!(first, place(app, &path).await, "{path}");
    }
}

async fn who_asks_by_date_gets_what_is_newer(fixture: Fixture) {
    let app = fixture.app();
    let path = crl_path(app.authorities.current());
    let ask = async |path: &str, headers: &[(header::HeaderName, &str)]| {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        fetch(app, request.body(Body::empty()).unwrap()).await
    };
    let since = header::IF_MODIFIED_SINCE;
    let date = |response: &axum::http::Response<Body>| {
        let value = &response.headers()[header::LAST_MODIFIED];
        value.to_str().unwrap().to_owned()
    };
    let certificate = format!("/ca/{}.cer", app.authorities.current().key_id());
    // Another server of the database may have had another list at the same second: there the tag alone tells.
    let by_date = match fixture.store.kind() {
        Kind::Sqlite => StatusCode::NOT_MODIFIED,
        Kind::Postgres => StatusCode::OK,
    };
    for (path, by_date) in [(&path, by_date), (&certificate, StatusCode::NOT_MODIFIED)] {
        let first = ask(path, &[]).await;
        let known = date(&first);
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        let not_newer = ask(path, &[(since.clone(), &known)]).await;
        assert_eq!(not_newer.status(), by_date, "{path}");
        assert_eq!(date(&not_newer), known);
        assert_eq!(
            body(not_newer).await.is_empty(),
            by_date == StatusCode::NOT_MODIFIED
        );
        // If-None-Match wins, whatever it says; dates before, dates to come and what is not a date say nothing.
        let old = "Sun, 06 Nov 1994 08:49:37 GMT";
        let none_match = header::IF_NONE_MATCH;
        for (headers, status) in [
            (
                vec![
                    (since.clone(), known.as_str()),
                    (none_match.clone(), "\"other\""),
                ],
                200,
            ),
            (vec![(since.clone(), old), (none_match.clone(), tag)], 304),
            (vec![(since.clone(), old)], 200),
            (vec![(since.clone(), "Sun, 06 Nov 2094 08:49:37 GMT")], 200),
            (vec![(since.clone(), "yesterday")], 200),
        ] {
            assert_eq!(ask(path, &headers).await.status(), status, "{headers:?}");
        }
    }
    // A revocation within the second of the list before it.
    let known = date(&ask(&path, &[]).await);
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.revoke(&enrolled.phone_id).await;
    let newer = ask(&path, &[(since.clone(), &known)]).await;
    assert_eq!(newer.status(), StatusCode::OK);
    fixture.wait(Duration::from_secs(1));
    let newer = ask(&path, &[(since.clone(), &known)]).await;
    assert_eq!(newer.status(), StatusCode::OK);
    let known = date(&newer);
    let same = ask(&path, &[(since, &known)]).await;
    assert_eq!(same.status(), by_date);
}

/// Two servers of one database, one of which learns late of a list: both have had theirs since the same second.
async fn another_servers_date_is_not_taken_for_ones_own(fixture: Fixture) {
    if fixture.store.kind() == Kind::Sqlite {
        return;
    }
    let other = another(&fixture).await;
    let path = crl_path(fixture.app().authorities.current());
    let ask = async |app: &Arc<App>, headers: &[(header::HeaderName, &str)]| {
        let mut request = Request::get(&path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        fetch(app, request.body(Body::empty()).unwrap()).await
    };
    ask(fixture.app(), &[]).await;
    fixture.wait(Duration::from_secs(5));
    let older = ask(other.app(), &[]).await;
    let date = older.headers()[header::LAST_MODIFIED].to_str().unwrap();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.revoke(&enrolled.phone_id).await;
    let newer = ask(fixture.app(), &[]).await;
    assert_eq!(newer.headers()[header::LAST_MODIFIED], date);
    let asked = ask(fixture.app(), &[(header::IF_MODIFIED_SINCE, date)]).await;
    assert_eq!(asked.status(), StatusCode::OK);
    assert_eq!(body(asked).await, body(newer).await);
}
