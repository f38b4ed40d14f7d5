//! The JSON API, over the routes of the HTTPS listener.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use data_encoding::BASE64;
use serde_json::{Value, json};
use tower::ServiceExt;

use enroll_server::listener::Limits;
use enroll_server::router;
use enroll_server_model::SeededPolicy;
use enroll_server_service::App;
use enroll_server_service::admission::invitation;

use crate::client::{CLIENT, Phone};
use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both!(
    the_protocol_from_offer_to_certificates,
    every_error_has_its_code_and_status,
    sshd_gets_plain_text,
    every_refusal_has_a_body_of_one_form,
);

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn send(app: &Arc<App>, method: Method, path: &str, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap();
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(CLIENT, 1)));
    let response = router::https(app, &Limits::https())
        .oneshot(request)
        .await
        .unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap()
            .to_vec(),
    }
}

async fn post(app: &Arc<App>, path: &str, body: &Value) -> Answer {
    send(app, Method::POST, path, body.to_string()).await
}

fn enrollment(phone: &Phone, token: &str) -> Value {
    let request = phone.request(token);
    let requests: Vec<Value> = request
        .requests
        .iter()
        .map(|(slot, csr)| json!({ "slot": slot, "csr": BASE64.encode(csr) }))
        .collect();
    json!({
        "protocol": 1,
        "invitation": token,
        "phone": { "name": "virtual phone", "guid": request.guid },
        "requests": requests,
    })
}

async fn the_protocol_from_offer_to_certificates(fixture: Fixture) {
    let app = fixture.app();
    let authority = send(app, Method::GET, "/api/v1/authority", "").await.json();
    assert_eq!(authority["protocol"], 1);
    assert_eq!(authority["root"], BASE64.encode(&app.anchor().der));

    let invited = fixture.invite(SeededPolicy::Standard).await;
    let token = invited.token.reveal();
    let offer = post(
        app,
        "/api/v1/enrollment/offer",
        &json!({ "protocol": 1, "invitation": token }),
    )
    .await;
    assert_eq!(offer.status, StatusCode::OK);
    let offer = offer.json();
    assert_eq!(offer["organisation"], "Example");
    assert_eq!(offer["holder"], "Alice Example");
    assert_eq!(offer["expires"], "2026-07-08T00:00:00Z");
    assert_eq!(
        offer["slots"][0],
        json!({ "slot": "9A", "algorithm": "RSA-2048", "profile": "piv-authentication" })
    );

    let phone = Phone::new(SeededPolicy::Standard);
    let answer = post(app, "/api/v1/enrollment", &enrollment(&phone, token)).await;
    assert_eq!(
        answer.status,
        StatusCode::CREATED,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let answer = answer.json();
    let slots: Vec<_> = answer["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["slot"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(slots, ["9A", "9C", "9D", "9E"]);
    assert_eq!(answer["issuers"][0], authority["issuing"]);
    assert_eq!(answer["issuers"][1], authority["root"]);
    let again = post(app, "/api/v1/enrollment", &enrollment(&phone, token)).await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.json(), answer);
}

async fn every_error_has_its_code_and_status(fixture: Fixture) {
    let app = fixture.app();
    let offer_path = "/api/v1/enrollment/offer";
    let refused = async |path: &str, body: String, status: u16, code: &str| {
        let answer = send(app, Method::POST, path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
        let json = answer.json();
        assert_eq!(json["error"], code, "{body}");
        assert!(json["message"].as_str().unwrap().len() > 20);
    };
    let offer = |token: &str| json!({ "protocol": 1, "invitation": token }).to_string();
    refused(
        offer_path,
        offer(&"A".repeat(32)),
        404,
        "invitation_unknown",
    )
    .await;
    refused(
        offer_path,
        offer("../../etc/passwd"),
        404,
        "invitation_unknown",
    )
    .await;
    refused(offer_path, "{".to_owned(), 400, "request_invalid").await;
    refused(offer_path, "[]".to_owned(), 400, "request_invalid").await;
    refused(
        offer_path,
        json!({ "protocol": 1 }).to_string(),
        400,
        "request_invalid",
    )
    .await;
    refused(
        offer_path,
        json!({ "protocol": 2, "new": true }).to_string(),
        400,
        "protocol_unsupported",
    )
    .await;

    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let good = enrollment(&phone, invited.token.reveal());
    let mut bad = good.clone();
    bad["requests"][0]["csr"] = json!("!");
    refused(
        "/api/v1/enrollment",
        bad.to_string(),
        400,
        "request_invalid",
    )
    .await;
    for guid in ["", "00", &"x".repeat(32)] {
        let mut bad = good.clone();
        bad["phone"]["guid"] = json!(guid);
        refused(
            "/api/v1/enrollment",
            bad.to_string(),
            400,
            "request_invalid",
        )
        .await;
    }
    let mut bad = good.clone();
    bad["requests"][0]["slot"] = json!("82");
    refused(
        "/api/v1/enrollment",
        bad.to_string(),
        400,
        "request_invalid",
    )
    .await;
    let mut bad = good.clone();
    bad["requests"][0]["csr"] = json!(BASE64.encode(b"no request"));
    refused(
        "/api/v1/enrollment",
        bad.to_string(),
        422,
        "request_invalid",
    )
    .await;
    assert_eq!(
        post(app, "/api/v1/enrollment", &good).await.status,
        StatusCode::CREATED
    );
    let other = enrollment(&Phone::new(SeededPolicy::Compact), invited.token.reveal());
    refused(
        "/api/v1/enrollment",
        other.to_string(),
        409,
        "invitation_used",
    )
    .await;

    let cancelled = fixture.invite(SeededPolicy::Compact).await;
    invitation::cancel(app, &cancelled.invitation.id, &administrator())
        .await
        .unwrap();
    refused(
        offer_path,
        offer(cancelled.token.reveal()),
        410,
        "invitation_cancelled",
    )
    .await;
    let expired = fixture.invite(SeededPolicy::Compact).await;
    fixture.wait(invitation::LIFETIME);
    refused(
        offer_path,
        offer(expired.token.reveal()),
        410,
        "invitation_expired",
    )
    .await;

    refused(offer_path, " ".repeat(100_000), 413, "request_invalid").await;
    let mut limited = None;
    for _ in 0..100 {
        let answer = send(app, Method::POST, offer_path, offer(&"A".repeat(32))).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.unwrap();
    assert_eq!(limited.json()["error"], "rate_limited");
    let seconds: u64 = limited.headers[header::RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=15).contains(&seconds));
}

async fn sshd_gets_plain_text(fixture: Fixture) {
    let app = fixture.app();
    fixture.enroll(SeededPolicy::Compact).await;
    let answer = send(app, Method::GET, "/api/v1/ssh/authorized-keys/alice", "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "text/plain; charset=utf-8"
    );
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        text.starts_with("ecdsa-sha2-nistp256 ") && text.ends_with('\n'),
        "{text}"
    );
    for unknown in ["bob", "..%2Fadmin", "%F0%9F%98%80"] {
        let path = format!("/api/v1/ssh/authorized-keys/{unknown}");
        let answer = send(app, Method::GET, &path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{unknown}");
        assert!(answer.body.is_empty(), "{unknown}");
    }
    let nul = send(app, Method::GET, "/api/v1/ssh/authorized-keys/alice%00", "").await;
    assert_eq!(nul.status, StatusCode::BAD_REQUEST);
}

/// Also where no handler is reached.
async fn every_refusal_has_a_body_of_one_form(fixture: Fixture) {
    let app = fixture.app();
    let enrollment = "/api/v1/enrollment";
    let too_long = "x".repeat(enrollment_protocol::limit::REQUEST_MAX + 1);
    let cases = [
        (Method::GET, "/api/", "", StatusCode::NOT_FOUND, "not_found"),
        (
            Method::GET,
            "/api/v1/nothing",
            "",
            StatusCode::NOT_FOUND,
            "not_found",
        ),
        (
            Method::POST,
            "/api/v2/enrollment",
            "{}",
            StatusCode::NOT_FOUND,
            "not_found",
        ),
        (
            Method::GET,
            enrollment,
            "",
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
        ),
        (
            Method::DELETE,
            "/api/v1/authority",
            "",
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
        ),
        (
            Method::POST,
            enrollment,
            "",
            StatusCode::BAD_REQUEST,
            "request_invalid",
        ),
        (
            Method::POST,
            enrollment,
            &too_long,
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_invalid",
        ),
        (
            Method::GET,
            "/api/v1/enrollment/policies",
            "",
            StatusCode::UNAUTHORIZED,
            "unauthorized",
        ),
        (
            Method::GET,
            "/api/v1/a%00b",
            "",
            StatusCode::BAD_REQUEST,
            "request_invalid",
        ),
        (
            Method::GET,
            "https://elsewhere/api/v1/authority",
            "",
            StatusCode::BAD_REQUEST,
            "request_invalid",
        ),
    ];
    for (method, path, body, status, code) in cases {
        let answer = send(app, method.clone(), path, body.to_owned()).await;
        assert_eq!(answer.status, status, "{method} {path}");
        let json = answer.json();
        // Phones know their protocol's form; nobody but them asks at its addresses.
        let is_of_protocol = json["error"].is_string();
        let (media_type, [word, text]) = if is_of_protocol {
            ("application/json", ["error", "message"])
        } else {
            ("application/problem+json", ["code", "detail"])
        };
        assert_eq!(answer.headers[header::CONTENT_TYPE], media_type, "{path}");
        assert_eq!(json[word], code, "{method} {path}");
        assert!(
            json[text].as_str().unwrap().ends_with('.'),
            "{method} {path}"
        );
        let protocol = [
            "/api/v1/enrollment",
            "/api/v1/authority",
            "https://elsewhere/api/v1/authority",
        ];
        assert_eq!(is_of_protocol, protocol.contains(&path), "{method} {path}");
    }
}
