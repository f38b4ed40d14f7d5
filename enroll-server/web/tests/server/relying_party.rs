//! A relying party: what it asks the plain HTTP listener, and what it reads in the answers.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use const_oid::AssociatedOid;
use der::{Decode, Encode};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use tower::ServiceExt;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};
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

use enroll_server::listener::Limits;
use enroll_server::router;
use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::ca_certificate::CaCertificate;
use enroll_server_service::App;

/// id-sha1.
pub const SHA_1: &str = "1.3.14.3.2.26";
pub const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
pub const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";

/// What OCSP says, with the reason's number if there is one.
#[derive(Debug, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked(Option<u8>),
    Unknown,
}

pub fn cert_id(app: &App, serial: &str, hash: &str) -> CertId {
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
pub fn ocsp_path(app: &App) -> String {
    format!("/ocsp/{}", app.authorities.current().key_id())
}

pub fn crl_path(authority: &Authority) -> String {
    format!("/crl/{}/0.crl", authority.key_id())
}

pub fn root_of(app: &App) -> &Arc<Authority> {
    app.authorities.anchor(app.authorities.current())
}

/// What the plain HTTP listener answers.
pub async fn fetch(app: &Arc<App>, mut request: Request<Body>) -> Response<Body> {
    let host = HeaderValue::from_static("localhost");
    request.headers_mut().insert(header::HOST, host);
    router::http(app, &Limits::http())
        .oneshot(request)
        .await
        .unwrap()
}

/// A response's body.
pub async fn body(response: Response<Body>) -> Vec<u8> {
    to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap()
        .to_vec()
}

pub async fn post(app: &Arc<App>, request: Vec<u8>) -> OcspResponse {
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
