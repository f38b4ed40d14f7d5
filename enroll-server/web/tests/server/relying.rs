//! What relying parties get: CRL, OCSP, certificates, over the routes of the plain HTTP listener.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use const_oid::AssociatedOid;
use der::{Decode, Encode};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use tower::ServiceExt;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber, CrlReason};
use x509_cert_02::der::asn1::OctetString;
use x509_cert_02::der::oid::ObjectIdentifier;
use x509_cert_02::der::{Decode as _, Encode as _};
use x509_cert_02::ext::Extension;
use x509_cert_02::serial_number::SerialNumber;
use x509_cert_02::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspRequest, OcspResponse, OcspResponseStatus,
    Request as SingleRequest, TbsRequest,
};

use enroll_server::router;
use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::ca_certificate::CaCertificate;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{ProfileName, RevocationReason, SeededPolicy};
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::{App, issuance};
use enroll_server_store::certificate;

use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both!(
    a_crl_is_as_the_standard_wants_it,
    ocsp_answers_are_signed_by_a_delegated_responder,
    ocsp_never_says_good_of_what_was_not_issued,
    ocsp_answers_many_questions_and_both_hashes,
    a_nonce_comes_back,
    ocsp_refuses_what_it_cannot_read,
    ocsp_by_get_can_be_cached_and_asked_again,
    no_answer_outlives_the_responder,
    certificates_and_health_are_served,
);

/// id-sha1.
pub const SHA_1: &str = "1.3.14.3.2.26";
const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";

/// What OCSP says, with the reason's number if there is one.
#[derive(Debug, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked(Option<u8>),
    Unknown,
}

fn cert_id(app: &App, serial: &str, hash: &str) -> CertId {
    cert_id_of(app.issuing(), serial, hash)
}

/// A certificate of an issuer, as a request names it.
pub fn cert_id_of(issuer: &CaCertificate, serial: &str, hash: &str) -> CertId {
    let digest = |bytes: &[u8]| match hash {
        SHA_1 => Sha1::digest(bytes).to_vec(),
        _ => Sha256::digest(bytes).to_vec(),
    };
    let serial = data_encoding::HEXLOWER.decode(serial.as_bytes()).unwrap();
    CertId {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new_unwrap(hash),
            parameters: None,
        },
        issuer_name_hash: OctetString::new(digest(&issuer.subject_der)).unwrap(),
        issuer_key_hash: OctetString::new(digest(issuer.key.bits())).unwrap(),
        serial_number: SerialNumber::new(&serial).unwrap(),
    }
}

/// A request about certificates.
pub fn request(ids: Vec<CertId>, nonce: Option<Vec<u8>>) -> Vec<u8> {
    let request_list = ids
        .into_iter()
        .map(|req_cert| SingleRequest {
            req_cert,
            single_request_extensions: None,
        })
        .collect();
    let request_extensions = nonce.map(|nonce| {
        let value = OctetString::new(nonce).unwrap().to_der().unwrap();
        vec![Extension {
            extn_id: ObjectIdentifier::new_unwrap(NONCE),
            critical: false,
            extn_value: OctetString::new(value).unwrap(),
        }]
    });
    let request = OcspRequest {
        tbs_request: TbsRequest {
            request_list,
            request_extensions,
            ..TbsRequest::default()
        },
        optional_signature: None,
    };
    request.to_der().unwrap()
}

/// Where the issuing authority answers OCSP.
fn ocsp_path(app: &App) -> String {
    format!("/ocsp/{}", app.authorities.current().key_id())
}

fn crl_path(authority: &Authority) -> String {
    format!("/crl/{}/0.crl", authority.key_id())
}

fn root_of(app: &App) -> &Arc<Authority> {
    app.authorities.anchor(app.authorities.current())
}

/// What the plain HTTP listener answers.
pub async fn fetch(app: &Arc<App>, request: Request<Body>) -> Response<Body> {
    router::http(app).oneshot(request).await.unwrap()
}

/// A response's body.
pub async fn body(response: Response<Body>) -> Vec<u8> {
    to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap()
        .to_vec()
}

async fn post(app: &Arc<App>, request: Vec<u8>) -> OcspResponse {
    post_to(app, &ocsp_path(app), request).await
}

/// What OCSP answers at an address.
pub async fn post_to(app: &Arc<App>, path: &str, request: Vec<u8>) -> OcspResponse {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/ocsp-request")
        .body(Body::from(request))
        .unwrap();
    let response = fetch(app, request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/ocsp-response"
    );
    ocsp_response(&body(response).await)
}

/// Reads an answer.
pub fn ocsp_response(der: &[u8]) -> OcspResponse {
    OcspResponse::from_der(der).unwrap()
}

/// A signed answer.
pub fn basic(response: &OcspResponse) -> BasicOcspResponse {
    assert_eq!(response.response_status, OcspResponseStatus::Successful);
    let bytes = response.response_bytes.as_ref().unwrap();
    BasicOcspResponse::from_der(bytes.response.as_bytes()).unwrap()
}

/// What an answer says of each certificate.
pub fn statuses(response: &OcspResponse) -> Vec<Status> {
    basic(response)
        .tbs_response_data
        .responses
        .iter()
        .map(|single| match &single.cert_status {
            CertStatus::Good(_) => Status::Good,
            CertStatus::Unknown(_) => Status::Unknown,
            CertStatus::Revoked(info) => {
                Status::Revoked(info.revocation_reason.map(|reason| reason as u8))
            }
        })
        .collect()
}

/// What OCSP says of a certificate.
pub async fn ocsp_status(app: &Arc<App>, serial: &str) -> Status {
    let response = post(app, request(vec![cert_id(app, serial, SHA_1)], None)).await;
    statuses(&response).pop().unwrap()
}

/// The issuing authority's CRL, its signature verified.
pub async fn revocation_list(app: &Arc<App>) -> CertificateList {
    let response = fetch(
        app,
        Request::get(crl_path(app.authorities.current()))
            .body(Body::empty())
            .unwrap(),
    )
    .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/pkix-crl"
    );
    let list = <CertificateList>::from_der(&body(response).await).unwrap();
    let message = list.tbs_cert_list.to_der().unwrap();
    app.issuing()
        .key
        .verify(&message, list.signature.raw_bytes())
        .unwrap();
    list
}

/// The serials on a CRL and the numbers of their reasons.
pub fn entries(list: &CertificateList) -> Vec<(String, Option<u8>)> {
    list.tbs_cert_list
        .revoked_certificates
        .iter()
        .flatten()
        .map(|entry| {
            let serial = data_encoding::HEXLOWER.encode(entry.serial_number.as_bytes());
            let reason = entry
                .crl_entry_extensions
                .iter()
                .flatten()
                .find(|extension| extension.extn_id == CrlReason::OID)
                .map(|extension| {
                    CrlReason::from_der(extension.extn_value.as_bytes()).unwrap() as u8
                });
            (serial, reason)
        })
        .collect()
}

/// A CRL's number.
pub fn number(list: &CertificateList) -> u64 {
    let extensions = list.tbs_cert_list.crl_extensions.as_ref().unwrap();
    let found = extensions
        .iter()
        .find(|extension| extension.extn_id == CrlNumber::OID)
        .unwrap();
    let number = CrlNumber::from_der(found.extn_value.as_bytes()).unwrap();
    number
        .0
        .as_bytes()
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

async fn enroll(fixture: &Fixture) -> (String, Vec<certificate::Certificate>) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&enrolled.phone_id).await;
    (enrolled.phone_id, rows)
}

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

async fn ocsp_answers_are_signed_by_a_delegated_responder(fixture: Fixture) {
    let app = fixture.app();
    let (_, rows) = enroll(&fixture).await;
    let response = post(
        app,
        request(vec![cert_id(app, &rows[0].serial, SHA_1)], None),
    )
    .await;
    let basic = basic(&response);
    let der = basic.certs.as_ref().unwrap()[0].to_der().unwrap();
    let responder = x509_cert::Certificate::from_der(&der).unwrap();
    let issued_by = &app.issuing().key;
    let message = responder.tbs_certificate().to_der().unwrap();
    issued_by
        .verify(&message, responder.signature().raw_bytes())
        .unwrap();
    let key = PublicKey::from_spki(responder.tbs_certificate().subject_public_key_info()).unwrap();
    let message = basic.tbs_response_data.to_der().unwrap();
    key.verify(&message, basic.signature.raw_bytes()).unwrap();
    // It is on record like any other.
    let serial = crate::client::serial(&responder);
    let row = certificate::by_serial(
        fixture.store.reader(),
        app.authorities.current().id(),
        &serial,
    )
    .await
    .unwrap();
    assert_eq!(row.unwrap().profile, ProfileName::OCSP_RESPONDER);
}

async fn ocsp_never_says_good_of_what_was_not_issued(fixture: Fixture) {
    let app = fixture.app();
    assert_eq!(
        ocsp_status(app, "40ffffffffffffffffffffffffffffff").await,
        Status::Unknown
    );
    // A certificate that is on record and not signed yet.
    let order = crate::enrollment::order(app);
    let now = app.clock.now();
    let prepared = issuance::prepare(app, &order, now).await.unwrap();
    let serial = prepared[0].serial().to_string();
    fixture
        .store
        .write::<_, enroll_server_service::error::Error, _>(move |tx| {
            Box::pin(async move {
                issuance::reserve(tx, &order, prepared, now).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    assert_eq!(ocsp_status(app, &serial).await, Status::Unknown);
    // This responder does not answer for another authority's certificate.
    let mut foreign = cert_id(app, &serial, SHA_1);
    foreign.issuer_key_hash = OctetString::new([0; 20]).unwrap();
    let response = post(app, request(vec![foreign], None)).await;
    assert_eq!(response.response_status, OcspResponseStatus::Unauthorized);
    assert!(response.response_bytes.is_none());
}

async fn ocsp_answers_many_questions_and_both_hashes(fixture: Fixture) {
    let app = fixture.app();
    let (phone_id, rows) = enroll(&fixture).await;
    let (_, others) = enroll(&fixture).await;
    revoke_phone(
        app,
        &phone_id,
        RevocationReason::Superseded,
        &administrator(),
    )
    .await
    .unwrap();
    let ids = vec![
        cert_id(app, &rows[0].serial, SHA_1),
        cert_id(app, &others[0].serial, SHA_256),
        cert_id(app, "40ffffffffffffffffffffffffffffff", SHA_256),
        cert_id(app, &rows[1].serial, SHA_256),
    ];
    let response = post(app, request(ids.clone(), None)).await;
    assert_eq!(
        statuses(&response),
        [
            Status::Revoked(Some(4)),
            Status::Good,
            Status::Unknown,
            Status::Revoked(Some(4))
        ]
    );
    let answered: Vec<_> = basic(&response)
        .tbs_response_data
        .responses
        .into_iter()
        .map(|single| single.cert_id)
        .collect();
    assert_eq!(answered, ids);
}

async fn a_nonce_comes_back(fixture: Fixture) {
    let app = fixture.app();
    let (_, rows) = enroll(&fixture).await;
    let ids = || vec![cert_id(app, &rows[0].serial, SHA_1)];
    for length in [1, 16, 32, 128] {
        let nonce = vec![0xA5; length];
        let response = post(app, request(ids(), Some(nonce.clone()))).await;
        assert_eq!(basic(&response).nonce().unwrap().0.as_bytes(), nonce);
    }
    let response = post(app, request(ids(), None)).await;
    assert!(basic(&response).nonce().is_none());
    for length in [0, 129] {
        let response = post(app, request(ids(), Some(vec![0; length]))).await;
        assert_eq!(
            response.response_status,
            OcspResponseStatus::MalformedRequest
        );
    }
}

async fn ocsp_refuses_what_it_cannot_read(fixture: Fixture) {
    let app = fixture.app();
    let one = || cert_id(app, "4001", SHA_1);
    let good = request(vec![one()], None);
    let mut truncated = good.clone();
    truncated.pop();
    let cases = [
        Vec::new(),
        vec![0x30; 40],
        truncated,
        request(Vec::new(), None),
        request(vec![one(); 101], None),
    ];
    for case in cases {
        let response = post(app, case).await;
        assert_eq!(
            response.response_status,
            OcspResponseStatus::MalformedRequest
        );
    }
    let long = Request::post(ocsp_path(app))
        .body(Body::from(vec![0; 64 * 1024]))
        .unwrap();
    assert_eq!(
        fetch(app, long).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let noise = Request::get(format!("{}/favicon.ico", ocsp_path(app)))
        .body(Body::empty())
        .unwrap();
    let response = fetch(app, noise).await;
    let response = OcspResponse::from_der(&body(response).await).unwrap();
    assert_eq!(
        response.response_status,
        OcspResponseStatus::MalformedRequest
    );
}

async fn ocsp_by_get_can_be_cached_and_asked_again(fixture: Fixture) {
    let app = fixture.app();
    let (phone_id, rows) = enroll(&fixture).await;
    let encoded =
        data_encoding::BASE64.encode(&request(vec![cert_id(app, &rows[0].serial, SHA_1)], None));
    let escaped = encoded
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let get = async |path: &str, tag: Option<&str>| {
        let mut request = Request::get(format!("{}/{path}", ocsp_path(app)));
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        fetch(app, request.body(Body::empty()).unwrap()).await
    };
    let first = get(&escaped, None).await;
    assert_eq!(first.status(), StatusCode::OK);
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert!(
        first.headers()[header::CACHE_CONTROL]
            .to_str()
            .unwrap()
            .contains("must-revalidate")
    );
    assert!(first.headers().contains_key(header::LAST_MODIFIED));
    let plain = get(&encoded, Some(&tag)).await;
    assert_eq!(plain.status(), StatusCode::NOT_MODIFIED);
    assert!(body(plain).await.is_empty());

    revoke_phone(
        app,
        &phone_id,
        RevocationReason::Unspecified,
        &administrator(),
    )
    .await
    .unwrap();
    let after = get(&escaped, Some(&tag)).await;
    assert_eq!(after.status(), StatusCode::OK);
    let response = OcspResponse::from_der(&body(after).await).unwrap();
    assert_eq!(statuses(&response), [Status::Revoked(None)]);
}

async fn no_answer_outlives_the_responder(fixture: Fixture) {
    let app = fixture.app();
    let (_, rows) = enroll(&fixture).await;
    let mut responders = std::collections::HashSet::new();
    for _ in 0..10 {
        fixture.wait(Duration::from_secs(24 * 60 * 60));
        let response = post(
            app,
            request(vec![cert_id(app, &rows[0].serial, SHA_1)], None),
        )
        .await;
        let basic = basic(&response);
        let responder = &basic.certs.as_ref().unwrap()[0];
        let end = responder
            .tbs_certificate
            .validity
            .not_after
            .to_unix_duration();
        let single = &basic.tbs_response_data.responses[0];
        let next = single.next_update.unwrap().0.to_unix_duration();
        let this = single.this_update.0.to_unix_duration();
        assert!(next <= end);
        assert!(next - this >= Duration::from_secs(8 * 60 * 60));
        responders.insert(
            responder
                .tbs_certificate
                .serial_number
                .clone()
                .as_bytes()
                .to_vec(),
        );
    }
    assert!(responders.len() > 1, "the responder renews itself");
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
