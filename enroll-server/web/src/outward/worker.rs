//! Sends what is to be sent, as soon as it is written here, and by looking for what another server wrote or left.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use enroll_server_model::Outcome;
use enroll_server_service::App;
use enroll_server_service::outbox::{self, ATTEMPT, Lane, Parcel, Report};

use super::sender::Outward;
use super::webhook;
use crate::words::Words;

/// After how long it is looked again for what is to be sent.
const PERIOD: Duration = Duration::from_secs(2);
/// To how many something is sent at once: the others wait, without a lease.
const AT_ONCE: usize = 16;
/// For how long what is under way may take when the server ends. What is cut off is sent again, with the same id.
const GRACE: Duration = Duration::from_secs(5);

/// Sends until `stop`.
pub async fn run(app: Arc<App>, outward: Arc<Outward>, stop: CancellationToken) {
    let mut under_way = UnderWay::default();
    let mut has_begun = false;
    let mut failed: Option<String> = None;
    loop {
        let result = tokio::select! {
            // A database that does not answer is not waited for.
            () = stop.cancelled() => break,
            result = pass(&app, &outward, &mut under_way, &mut has_begun) => result,
        };
        let reason = result.err().map(|error| error.to_string());
        if let Some(error) = reason.as_ref().filter(|_| reason != failed) {
            tracing::error!(%error, "what is to be sent cannot be looked for; it is tried again");
        }
        failed = reason;
        tokio::select! {
            () = stop.cancelled() => break,
            () = outbox::written(&app) => {}
            () = sleep(PERIOD) => {}
            () = under_way.next() => {}
        }
    }
    let _ = timeout(GRACE, under_way.all()).await;
}

/// Begins what can be begun.
async fn pass(
    app: &Arc<App>,
    outward: &Arc<Outward>,
    under_way: &mut UnderWay,
    has_begun: &mut bool,
) -> enroll_server_service::error::Result<()> {
    if !*has_begun {
        outbox::begin(app).await?;
        *has_begun = true;
    }
    for lane in outbox::due(app, &under_way.lanes).await? {
        if under_way.is_full() {
            break;
        }
        under_way.begin(app.clone(), outward.clone(), lane);
    }
    Ok(())
}

/// What is being sent.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<(Lane, bool)>,
    lanes: BTreeSet<Lane>,
}

impl UnderWay {
    fn is_full(&self) -> bool {
        self.lanes.len() >= AT_ONCE
    }

    fn begin(&mut self, app: Arc<App>, outward: Arc<Outward>, lane: Lane) {
        self.lanes.insert(lane.clone());
        self.tasks.spawn(async move {
            let was_made = make(&app, &outward, &lane).await;
            (lane, was_made)
        });
    }

    /// Waits until something is sent; without end if there is nothing.
    async fn next(&mut self) {
        loop {
            match self.tasks.join_next().await {
                Some(Ok((lane, was_made))) => {
                    self.lanes.remove(&lane);
                    if was_made {
                        return;
                    }
                }
                // None panics: if one did, its lane would stand still, and another server would go on there.
                Some(Err(error)) => {
                    tracing::error!(%error, "an attempt to send something broke off")
                }
                None => std::future::pending().await,
            }
        }
    }

    async fn all(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Makes an attempt in a lane, and notes how it ended. Returns whether there was one to make. It is taken when it can be made:
/// others would take what waits here for longer than its lease.
async fn make(app: &App, outward: &Outward, lane: &Lane) -> bool {
    let mut attempt = match outbox::begin_attempt(app, lane).await {
        Ok(Some(attempt)) => attempt,
        Ok(None) => return false,
        Err(error) => {
            tracing::error!(%error, "what is to be sent cannot be taken; it is tried again");
            return false;
        }
    };
    let parcel = std::mem::replace(&mut attempt.parcel, Parcel::Nothing);
    let sent = timeout(ATTEMPT, send(app, outward, parcel)).await;
    let report = sent.unwrap_or_else(|_| Report {
        outcome: Outcome::TimedOut,
        answer: String::new(),
    });
    if let Err(error) = outbox::settle(app, attempt, report).await {
        // Its lease ends, and it is sent again with the same id.
        tracing::error!(%error, "how an attempt to send something ended is not noted");
    }
    true
}

async fn send(app: &App, outward: &Outward, parcel: Parcel) -> Report {
    match (parcel, &outward.mailer) {
        (Parcel::Event(message), _) => webhook::send(outward, message).await,
        (Parcel::Mail(mail), Some(mailer)) => {
            let words = Words::of(&mail.language).unwrap_or_else(Words::english);
            mailer.send(words, &app.organisation, &mail).await
        }
        (Parcel::Mail(_) | Parcel::Nothing, _) => Report {
            outcome: Outcome::Gone,
            answer: String::new(),
        },
    }
}
