//! Whether it is the phone: its signature over a message that repeats its challenge.

use std::net::IpAddr;
use std::time::Duration;

use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{ClientNetwork, Timestamp, random};
use enroll_server_store::check_in::{self, CheckingIn};
use enroll_server_store::{Transaction, phone};
use enrollment_protocol::check_in::{Signed, signed_bytes};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::rate_limit;
use crate::refusal::Malformed;

/// How long a challenge is good.
const CHALLENGE_LASTS: Duration = Duration::from_secs(5 * 60);
/// How long it is good at least for a phone that asks for one. Whoever asks in a phone's name gets what the phone has got: one who
/// knows its id must not be able to keep it from checking in.
const CHALLENGE_LASTS_STILL: Duration = Duration::from_secs(150);

/// The bucket of all requests of phones that are not known.
const UNKNOWN: &str = "unknown phone";

/// A message that its phone has signed. Whether it repeats the current challenge is known once that is [used](use_challenge).
#[derive(Clone, Debug)]
pub(crate) struct Proved<M> {
    /// The phone's id.
    pub(crate) phone: String,
    /// Whose it is.
    pub(crate) holder: String,
    /// The key that it was signed by.
    pub(crate) key: Vec<u8>,
    /// What it says.
    pub(crate) message: M,
}

/// The challenge for a phone's next message: the same for whoever asks, while it is good for long enough.
///
/// # Errors
/// [`Error::PhoneUnknown`]; [`Error::RateLimited`].
pub async fn challenge(app: &App, phone: &str, client: IpAddr) -> Result<String> {
    known(app, phone, client).await?;
    let now = app.clock.now();
    let phone = phone.to_owned();
    app.store
        .write(move |tx| Box::pin(async move { next_challenge(tx, &phone, now).await }))
        .await
}

/// Reads a message that was sent to `path`, and verifies its signature.
///
/// # Errors
/// [`Error::PhoneUnknown`]; [`Error::CheckInRefused`]; [`Error::RequestMalformed`]; [`Error::RateLimited`].
pub(crate) async fn read<M: DeserializeOwned>(
    app: &App,
    signed: Signed,
    path: &'static str,
    client: IpAddr,
) -> Result<Proved<M>> {
    let Signed {
        phone,
        message,
        signature,
        ..
    } = signed;
    let (found, key) = known(app, &phone, client).await?;
    let signer = key.clone();
    let message = blocking(move || {
        let signer = PublicKey::from_der(&signer).map_err(|_| Error::CheckInRefused)?;
        let verified = signer.verify(&signed_bytes(path, &message), &signature.0);
        verified.map_err(|_| Error::CheckInRefused)?;
        Ok::<_, Error>(message)
    })
    .await?;
    let message = serde_json::from_str(&message)
        .map_err(|error| Error::RequestMalformed(Malformed::Json(error.to_string())))?;
    Ok(Proved {
        phone,
        holder: found.holder_id,
        key,
        message,
    })
}

/// Uses the phone's challenge up, and makes the next one. The phone stays as it is until the transaction ends.
///
/// # Errors
/// [`Error::CheckInRefused`] for another challenge than the current one, and for a phone that has another key since.
pub(crate) async fn use_challenge<M>(
    tx: &mut Transaction,
    proved: &Proved<M>,
    challenge: &str,
    now: Timestamp,
) -> Result<String> {
    let latest = now.latest_end(CHALLENGE_LASTS);
    let (phone, key) = (&proved.phone, &proved.key);
    if !check_in::use_challenge(tx, phone, key, challenge, (now, latest)).await? {
        return Err(Error::CheckInRefused);
    }
    next_challenge(tx, phone, now).await
}

async fn next_challenge(tx: &mut Transaction, phone: &str, now: Timestamp) -> Result<String> {
    let fresh = random::token()?.reveal().to_owned();
    let good = (
        now.plus(CHALLENGE_LASTS_STILL),
        now.latest_end(CHALLENGE_LASTS),
    );
    let expires = now.plus(CHALLENGE_LASTS);
    let challenge = check_in::challenge(tx, phone, (&fresh, expires), good).await?;
    challenge.ok_or(Error::PhoneUnknown)
}

/// The phone with this id and its check-in key: one rule for all requests that nobody has signed in for.
async fn known(app: &App, phone: &str, client: IpAddr) -> Result<(CheckingIn, Vec<u8>)> {
    let network = ClientNetwork::from(client);
    let bucket = format!("check-in {network}");
    rate_limit::take(app, &bucket, rate_limit::CHECK_IN_BY_ADDRESS).await?;
    let found = check_in::by_id(app.store.reader(), phone).await?;
    let known = found.and_then(|mut found| {
        let key = found.check_in_key.take()?;
        Some((found, key))
    });
    if known.is_none() {
        let bucket = format!("{UNKNOWN} {network}");
        rate_limit::take(app, &bucket, rate_limit::UNKNOWN_TOKEN_BY_ADDRESS).await?;
        rate_limit::take(app, UNKNOWN, rate_limit::UNKNOWN_TOKEN).await?;
    }
    known.ok_or(Error::PhoneUnknown)
}

/// The name of a phone, for the audit trail.
pub(crate) async fn name(tx: &mut Transaction, id: &str) -> Result<String> {
    let found = phone::by_id(tx.reader(), id).await?;
    Ok(found.map(|phone| phone.name).unwrap_or_default())
}
