//! The offer of an invitation, and the enrollment with it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use enrollment_protocol::enrollment::{EnrollmentAnswer, EnrollmentRequest, SlotCertificate};
use enrollment_protocol::offer::{Offer, OfferRequest, OfferedSlot};
use enrollment_protocol::version::{self, ReadError};
use enrollment_protocol::{Der, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

use enroll_server_service::App;
use enroll_server_service::admission::invited::{self, EnrollmentRequest as Asked};
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Malformed;

use super::failure::Failure;
use crate::words::Words;

pub async fn offer(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let request: OfferRequest = read(body)?;
    let offer = invited::offer(&app, &request.invitation, peer.ip()).await?;
    let answer = Offer {
        protocol: Version::CURRENT,
        organisation: app.organisation.clone(),
        holder: offer.holder.name,
        upn: Some(offer.holder.upn),
        email: Some(offer.holder.email_ascii),
        expires: offer.expires.rfc3339(),
        slots: offer
            .keys
            .iter()
            .map(|key| OfferedSlot {
                slot: key.slot,
                algorithm: key.algorithm,
                profile: key.profile.name.to_string(),
            })
            .collect(),
    };
    Ok(private(StatusCode::OK, answer))
}

pub async fn enroll(
    State(app): State<Arc<App>>,
    words: Words,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let request: EnrollmentRequest = read(body)?;
    let request = Asked {
        token: request.invitation,
        phone_name: request.phone.name,
        guid: request.phone.guid,
        requests: request
            .requests
            .into_iter()
            .map(|one| (one.slot, one.csr.0))
            .collect(),
        check_in: request.check_in.map(|Der(csr)| csr),
    };
    let enrolled = invited::enroll_to_the_end(&app, request, peer.ip()).await?;
    let answer = EnrollmentAnswer {
        protocol: Version::CURRENT,
        phone: enrolled.phone_id,
        certificates: enrolled
            .certificates
            .into_iter()
            .map(|one| SlotCertificate {
                slot: one.slot,
                certificate: Der(one.der),
            })
            .collect(),
        issuers: enrolled.issuers.into_iter().map(Der).collect(),
        unblocking: enrolled.unblocking,
        notice: enrolled.cut_short.map(|end| {
            let end = words.time_utc(words.date_time(end.date_time()));
            words.enrolled_cut_short(end).into_owned()
        }),
    };
    Ok(private(StatusCode::CREATED, answer))
}

/// Reads a request's JSON, its version first.
pub(super) fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Error> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::RequestTooLong,
        _ => Error::RequestMalformed(Malformed::Incomplete),
    })?;
    version::read(&body).map_err(|error| match error {
        ReadError::OtherVersion(version) => Error::ProtocolUnsupported(version),
        ReadError::Malformed(error) => Error::RequestMalformed(Malformed::Json(error.to_string())),
    })
}

/// An answer for its asker alone.
pub(super) fn private(status: StatusCode, body: impl Serialize) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, no_store, Json(body)).into_response()
}
