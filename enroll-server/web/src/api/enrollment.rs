//! The offer of an invitation, and the enrollment with it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use enroll_server_model::{KeyAlgorithm, ProfileName, Slot};
use enroll_server_service::App;
use enroll_server_service::enrollment::{self, EnrollmentRequest};
use enroll_server_service::error::Error;

use super::failure::Failure;
use super::protocol::PROTOCOL;

/// What every request begins with: read alone, so that a request of another version gets to hear that.
#[derive(Deserialize)]
struct Versioned {
    protocol: u64,
}

#[derive(Deserialize)]
struct OfferRequest {
    invitation: String,
}

#[derive(Serialize)]
struct OfferAnswer {
    protocol: u64,
    organisation: String,
    holder: String,
    expires: String,
    slots: Vec<OfferedSlot>,
}

#[derive(Serialize)]
struct OfferedSlot {
    slot: Slot,
    algorithm: KeyAlgorithm,
    profile: ProfileName,
}

#[derive(Deserialize)]
struct EnrollRequest {
    invitation: String,
    phone: PhoneDescription,
    requests: Vec<SlotRequest>,
}

#[derive(Deserialize)]
struct PhoneDescription {
    name: String,
    guid: String,
}

#[derive(Deserialize)]
struct SlotRequest {
    slot: String,
    csr: String,
}

#[derive(Serialize)]
struct EnrollAnswer {
    protocol: u64,
    phone: String,
    certificates: Vec<IssuedSlot>,
    issuers: [String; 2],
}

#[derive(Serialize)]
struct IssuedSlot {
    slot: Slot,
    certificate: String,
}

pub async fn offer(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let request: OfferRequest = read(body)?;
    let token = Zeroizing::new(request.invitation);
    let offer = enrollment::offer(&app, &token, peer.ip()).await?;
    let answer = OfferAnswer {
        protocol: PROTOCOL,
        organisation: app.organisation.clone(),
        holder: offer.holder.name,
        expires: offer.expires.rfc3339(),
        slots: offer
            .keys
            .iter()
            .map(|key| OfferedSlot {
                slot: key.slot,
                algorithm: key.algorithm,
                profile: key.profile,
            })
            .collect(),
    };
    Ok(private(StatusCode::OK, answer))
}

pub async fn enroll(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let request: EnrollRequest = read(body)?;
    let request = EnrollmentRequest {
        token: Zeroizing::new(request.invitation),
        phone_name: request.phone.name,
        guid: request.phone.guid,
        requests: request
            .requests
            .iter()
            .map(slot_request)
            .collect::<Result<_, _>>()?,
    };
    let enrolled = enrollment::enroll_to_the_end(&app, request, peer.ip()).await?;
    let answer = EnrollAnswer {
        protocol: PROTOCOL,
        phone: enrolled.phone_id,
        certificates: enrolled
            .certificates
            .iter()
            .map(|one| IssuedSlot {
                slot: one.slot,
                certificate: BASE64.encode(&one.der),
            })
            .collect(),
        issuers: [
            BASE64.encode(&app.authority.issuing.der),
            BASE64.encode(&app.authority.root.der),
        ],
    };
    Ok(private(StatusCode::CREATED, answer))
}

/// Reads a request's JSON, its version first.
fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Error> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::RequestTooLong,
        _ => Error::RequestMalformed("The request did not arrive whole. Try again.".to_owned()),
    })?;
    let malformed = |error: serde_json::Error| {
        Error::RequestMalformed(format!("The request cannot be read: {error}."))
    };
    let versioned: Versioned = serde_json::from_slice(&body).map_err(malformed)?;
    if versioned.protocol != PROTOCOL {
        return Err(Error::ProtocolUnsupported(versioned.protocol));
    }
    serde_json::from_slice(&body).map_err(malformed)
}

fn slot_request(request: &SlotRequest) -> Result<(Slot, Vec<u8>), Error> {
    let slot = request
        .slot
        .to_ascii_uppercase()
        .parse::<Slot>()
        .map_err(|_| {
            Error::RequestMalformed(format!(
                "{:?} is no slot: slots are 9A, 9C, 9D and 9E.",
                request.slot
            ))
        })?;
    let csr = BASE64.decode(request.csr.as_bytes()).map_err(|error| {
        Error::RequestMalformed(format!("Slot {slot}: the request is not base64: {error}."))
    })?;
    Ok((slot, csr))
}

/// An answer for its asker alone.
fn private(status: StatusCode, body: impl Serialize) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, no_store, Json(body)).into_response()
}
