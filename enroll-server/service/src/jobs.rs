//! The work that is done from time to time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use enroll_server_ca::authorities::authority::Authority;

use crate::admission::request;
use crate::app::App;
use crate::error::Result;
use crate::{
    audit, counts, credential, crl, ending, health, issuance, ocsp, outbox, rate_limit, suspension,
};

/// How often the work is done that is done from time to time.
const PERIOD: Duration = Duration::from_secs(60);
/// How often the audit trail is checked.
const AUDIT_PERIOD: Duration = Duration::from_secs(60 * 60);
/// How often what goes on for long is said again.
const SAID_AGAIN_AFTER: u32 = 24 * 60;

/// Does it for as long as the server runs.
pub async fn run(app: Arc<App>) {
    // A job may wait for a database that does not answer: what tells people so does not wait with it.
    tokio::join!(health::watch(&app), work(&app), check_audit(&app));
}

/// Checks the audit trail at the start and from time to time. A long one takes a while: nothing else waits for it.
async fn check_audit(app: &App) {
    let mut period = tokio::time::interval(AUDIT_PERIOD);
    loop {
        period.tick().await;
        if let Err(error) = audit::check(app).await {
            tracing::error!(%error, "the audit trail could not be checked; it is tried again in an hour");
        }
    }
}

async fn work(app: &App) {
    let mut period = tokio::time::interval(PERIOD);
    let mut log = Log::default();
    let mut minutes: u32 = 0;
    loop {
        tokio::select! {
            _ = period.tick() => {
                if minutes.is_multiple_of(SAID_AGAIN_AFTER) {
                    log.forget();
                    say_what_ends(app);
                }
                minutes = minutes.wrapping_add(1);
                periodic_work(app, &mut log).await;
            }
            // So that whoever asks for the CRL next need not wait for it.
            () = app.crls.due.notified() => crls(app, &mut log).await,
        }
    }
}

/// Each job once. One that fails keeps none of the others from being done.
async fn periodic_work(app: &App, log: &mut Log) {
    log.outcome("tls-certificate", None, credential::renew_tls(app).await);
    crls(app, log).await;
    for authority in app.authorities.iter() {
        // The responder of one whose key must be read first is made when somebody asks it.
        if authority.is_resident() {
            let made = ocsp::responder(app, authority).await;
            log.outcome("ocsp-responder", Some(authority), made);
        }
    }
    log.outcome("suspensions", None, suspension::resume_due(app).await);
    log.outcome("requests", None, request::expire_due(app).await);
    log.outcome("sweep", None, issuance::sweep(app).await);
    log.outcome("counts", None, counts::fold(app).await);
    log.outcome("outbox", None, outbox::tidy(app).await);
    log.outcome("rate-limits", None, rate_limit::forget_empty(app).await);
}

/// The CRLs that are due.
async fn crls(app: &App, log: &mut Log) {
    for authority in app.authorities.iter() {
        let made = crl::current(app, authority).await;
        log.outcome("crl", Some(authority), made);
    }
}

fn say_what_ends(app: &App) {
    let now = app.clock.now();
    for ending in ending::ending(app, now) {
        let (authority, until) = (ending.name, ending.not_after.rfc3339());
        if ending.not_after < now {
            tracing::error!(
                authority,
                until,
                "the authority has ended: no certificate is issued"
            );
        } else {
            tracing::warn!(
                authority,
                until,
                "the authority ends soon, and what it issues ends with it"
            );
        }
    }
}

/// What has failed, so that it is said once and not every minute.
#[derive(Debug, Default)]
struct Log(HashMap<(&'static str, Option<String>), String>);

impl Log {
    fn outcome<T>(
        &mut self,
        job: &'static str,
        authority: Option<&Arc<Authority>>,
        result: Result<T>,
    ) {
        let authority = authority.map(|authority| authority.certificate().name.clone());
        let name = (job, authority.clone());
        let Err(error) = result else {
            self.0.remove(&name);
            return;
        };
        let reason = error.to_string();
        if self.0.get(&name) != Some(&reason) {
            tracing::error!(job, authority, %error, "periodic work failed; it is tried again every minute");
            self.0.insert(name, reason);
        }
    }

    /// What goes on is said again.
    fn forget(&mut self) {
        self.0.clear();
    }
}
