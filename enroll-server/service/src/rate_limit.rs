//! Rate limits, in the database so that several servers share them.

use std::net::IpAddr;
use std::time::Duration;

use enroll_server_model::ClientNetwork;
use enroll_server_store::{StoreError, rate_limit};

use crate::app::App;
use crate::error::{Error, Result};
pub use enroll_server_store::rate_limit::Limit;
use enroll_server_store::rate_limit::Turn;

/// Requests with an invitation's token, for one client address.
pub const INVITATION_BY_ADDRESS: Limit = Limit {
    burst: 60,
    interval: Duration::from_secs(1),
};

/// Requests with a token that no invitation has, for one client address: a person mistypes now and then.
pub const UNKNOWN_TOKEN_BY_ADDRESS: Limit = Limit {
    burst: 20,
    interval: Duration::from_secs(15),
};

/// Requests with a token that no invitation has, from everywhere together.
pub const UNKNOWN_TOKEN: Limit = Limit {
    burst: 600,
    interval: Duration::from_millis(500),
};

/// Check-ins of phones, for one client address: many phones of an organisation may share it.
pub const CHECK_IN_BY_ADDRESS: Limit = Limit {
    burst: 600,
    interval: Duration::from_millis(100),
};

/// Renewals of one phone: each may ask for four certificates.
pub const RENEWAL_BY_PHONE: Limit = Limit {
    burst: 10,
    interval: Duration::from_secs(10 * 60),
};

/// Puts one request into a bucket.
///
/// # Errors
/// [`Error::RateLimited`] if the bucket is full.
pub async fn take(app: &App, bucket: &str, limit: Limit) -> Result<()> {
    let now = app.clock.now();
    let bucket = bucket.to_owned();
    let wait = app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { rate_limit::take(tx, &bucket, limit, now).await })
        })
        .await?;
    match wait {
        None => Ok(()),
        Some(retry_after) => Err(Error::RateLimited { retry_after }),
    }
}

/// Puts one request into a bucket, and, if that is full, waits for its turn, together with at most `waiting` others.
///
/// # Errors
/// [`Error::RateLimited`] if more wait already.
pub async fn queue(app: &App, bucket: &str, limit: Limit, waiting: u32) -> Result<()> {
    let now = app.clock.now();
    let bucket = bucket.to_owned();
    let turn = app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { rate_limit::queue(tx, &bucket, limit, waiting, now).await })
        })
        .await?;
    match turn {
        Turn::After(wait) => {
            tokio::time::sleep(wait).await;
            Ok(())
        }
        Turn::Full(retry_after) => Err(Error::RateLimited { retry_after }),
    }
}

/// Longer than any bucket needs to be empty again.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Forgets buckets that are empty, and those that a clock filled which went back since.
pub async fn forget_empty(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { rate_limit::forget_empty(tx, now, now.plus(LONGEST)).await })
        })
        .await?;
    Ok(())
}

/// Whose requests are counted with those from an address as the audit trail writes it; a part of a bucket's name.
#[must_use]
pub fn source(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(
        |_| text.to_owned(),
        |address| ClientNetwork::from(address).to_string(),
    )
}
