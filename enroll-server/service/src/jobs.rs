//! The work that is done from time to time.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::error::Result;
use crate::issuance::LEASE;
use crate::{counts, credential, health, issuance, ocsp, rate_limit};

/// How often the work is done that is done from time to time.
const PERIOD: Duration = Duration::from_secs(60);

/// Does it for as long as the server runs.
pub async fn run(app: Arc<App>) {
    // A job may wait for a database that does not answer: what tells people so does not wait with it.
    tokio::join!(health::watch(&app), work(&app));
}

async fn work(app: &App) {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        periodic_work(app).await;
    }
}

/// Each job once. One that fails keeps none of the others from being done.
async fn periodic_work(app: &App) {
    let now = app.clock.now();
    log("tls-certificate", None, credential::renew_tls(app).await);
    for authority in app.authorities.iter() {
        // The responder of one whose key must be read first is made when somebody asks it.
        if authority.is_resident() {
            let name = &authority.certificate().name;
            let made = ocsp::responder(app, authority).await;
            log("ocsp-responder", Some(name), made);
        }
    }
    log("sweep", None, issuance::sweep(app, now.minus(LEASE)).await);
    log("counts", None, counts::fold(app).await);
    log("rate-limits", None, rate_limit::forget_empty(app).await);
}

fn log<T>(job: &str, authority: Option<&str>, result: Result<T>) {
    if let Err(error) = result {
        tracing::error!(job, authority, %error, "periodic work failed; it is tried again in a minute");
    }
}
