//! The check-in of enrolled phones, and the renewal of their certificates.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::Response;
use enrollment_protocol::check_in::{
    Challenge, ChallengeRequest, CheckInAnswer, Instruction, RenewalAnswer, Signed,
};
use enrollment_protocol::enrollment::SlotCertificate;
use enrollment_protocol::unblocking::UnblockingAnswer;
use enrollment_protocol::{Der, Version};

use enroll_server_service::{App, check_in, unblocking};

use super::enrollment::{private, read};
use super::failure::Failure;

pub async fn challenge(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let request: ChallengeRequest = read(body)?;
    let answer = Challenge {
        protocol: Version::CURRENT,
        challenge: check_in::challenge(&app, &request.phone, peer.ip()).await?,
    };
    Ok(private(StatusCode::OK, answer))
}

pub async fn check_in(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let signed: Signed = read(body)?;
    let told = check_in::check_in(&app, signed, peer.ip()).await?;
    let answer = CheckInAnswer {
        protocol: Version::CURRENT,
        state: told.state.as_str().to_owned(),
        next: told.next.as_secs(),
        instruction: if told.wipe {
            Instruction::Wipe
        } else {
            Instruction::None
        },
        challenge: told.challenge,
        renewals: told.renewals,
        problems: told.problems,
    };
    Ok(private(StatusCode::OK, answer))
}

pub async fn renew(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let signed: Signed = read(body)?;
    let renewed = check_in::renew_to_the_end(&app, signed, peer.ip()).await?;
    let answer = RenewalAnswer {
        protocol: Version::CURRENT,
        challenge: renewed.challenge,
        certificates: renewed
            .certificates
            .into_iter()
            .map(|one| SlotCertificate {
                slot: one.slot,
                certificate: Der(one.der),
            })
            .collect(),
        problems: renewed.problems,
        issuers: renewed.issuers.into_iter().map(Der).collect(),
    };
    Ok(private(StatusCode::CREATED, answer))
}

pub async fn unblock(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let signed: Signed = read(body)?;
    let unblocked = unblocking::unblock(&app, signed, peer.ip()).await?;
    let answer = UnblockingAnswer {
        protocol: Version::CURRENT,
        challenge: unblocked.challenge,
        key: unblocked.key,
    };
    Ok(private(StatusCode::OK, answer))
}
