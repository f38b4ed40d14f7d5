//! OCSP as relying parties ask it (RFC 6960).

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use der::{Decode, Encode};
use x509_cert_02::der::asn1::OctetString;
use x509_cert_02::der::oid::ObjectIdentifier;
use x509_cert_02::der::{Decode as _, Encode as _};
use x509_cert_02::ext::Extension;
use x509_ocsp::{
    OcspRequest, OcspResponse, OcspResponseStatus, Request as SingleRequest, TbsRequest,
};

use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{ProfileName, RevocationReason, SeededPolicy};
use enroll_server_service::issuance;
use enroll_server_service::revocation::revoke_phone;
use enroll_server_store::certificate;

use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::relying_party::{
    SHA_1, SHA_256, Status, basic, body, cert_id, fetch, ocsp_path, ocsp_status, post, request,
    statuses,
};

on_both!(
    ocsp_answers_are_signed_by_a_delegated_responder,
    ocsp_never_says_good_of_what_was_not_issued,
    ocsp_answers_many_questions_and_both_hashes,
    a_nonce_comes_back,
    ocsp_refuses_what_it_cannot_read,
    ocsp_by_get_can_be_cached_and_asked_again,
    an_unknown_extension_matters_where_it_is_critical,
    no_answer_outlives_the_responder,
);

async fn enroll(fixture: &Fixture) -> (String, Vec<certificate::Certificate>) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&enrolled.phone_id).await;
    (enrolled.phone_id, rows)
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

    fixture.revoke(&phone_id).await;
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

async fn an_unknown_extension_matters_where_it_is_critical(fixture: Fixture) {
    let app = fixture.app();
    let (_, rows) = enroll(&fixture).await;
    let id = cert_id(app, &rows[0].serial, SHA_1);
    let extension = |critical| Extension {
        extn_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1"),
        critical,
        extn_value: OctetString::new([5, 0]).unwrap(),
    };
    let ask = async |of_one: Option<Extension>, of_all: Option<Extension>| {
        let request = OcspRequest {
            tbs_request: TbsRequest {
                request_list: vec![SingleRequest {
                    req_cert: id.clone(),
                    single_request_extensions: of_one.map(|one| vec![one]),
                }],
                request_extensions: of_all.map(|one| vec![one]),
                ..TbsRequest::default()
            },
            optional_signature: None,
        };
        let answer = post(app, request.to_der().unwrap()).await;
        answer.response_status
    };
    let good = OcspResponseStatus::Successful;
    let refused = OcspResponseStatus::MalformedRequest;
    assert_eq!(
        ask(Some(extension(false)), Some(extension(false))).await,
        good
    );
    assert_eq!(ask(Some(extension(true)), None).await, refused);
    assert_eq!(ask(None, Some(extension(true))).await, refused);
}
