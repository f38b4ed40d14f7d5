//! The work that is done from time to time.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::error::Error;
use crate::issuance::LEASE;
use crate::{credential, issuance, ocsp, rate_limit};

/// How often the work is done that is done from time to time.
const PERIOD: Duration = Duration::from_secs(60);
/// Does it for as long as the server runs.
pub async fn run(app: Arc<App>) {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        if let Err(error) = periodic_work(&app).await {
            tracing::error!(%error, "periodic work failed; it is tried again in a minute");
        }
    }
}

async fn periodic_work(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    credential::renew_tls(app).await?;
    for authority in app.authorities.iter() {
        // The responder of one whose key must be read first is made when somebody asks it.
        if authority.is_resident() {
            ocsp::responder(app, authority).await?;
        }
    }
    issuance::sweep(app, now.minus(LEASE)).await?;
    rate_limit::forget_empty(app).await
}
