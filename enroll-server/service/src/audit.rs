//! The audit trail: events outside of other transactions, and the check of the whole chain.

use enroll_server_model::NewEvent;
use enroll_server_store::{Store, audit};

use crate::app::App;
use crate::audit_check::Checked;
use crate::error::Result;
use crate::installed;

/// Records an event that changes nothing else, such as a refused sign-in.
pub async fn record(app: &App, event: NewEvent) -> Result<()> {
    app.store
        .write(move |tx| {
            Box::pin(async move {
                tx.record(event);
                Ok(())
            })
        })
        .await
}

/// What a check of the audit trail found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every event is there and as it was written; how many.
    Whole(i64),
    /// The first event that is missing or was changed.
    Broken {
        /// Its number.
        sequence: i64,
    },
}

/// Checks the whole trail and keeps what it found for the page that shows it.
///
/// # Errors
/// As [`verify`].
pub async fn check(app: &App) -> Result<()> {
    let (events, broken) = match verify(&app.store).await? {
        Verdict::Whole(events) => (events, None),
        Verdict::Broken { sequence } => {
            tracing::error!(
                sequence,
                "an event of the audit trail is missing or was changed"
            );
            (0, Some(sequence))
        }
    };
    let checked = Checked {
        at: app.clock.now(),
        events,
        broken,
    };
    app.audit_check.note(checked);
    Ok(())
}

/// Checks the whole chain of the database at `url`, which is read and neither made nor changed; see [`verify`].
///
/// # Errors
/// As [`verify`], and if the database is not there or cannot be opened.
pub async fn verify_database(url: &str) -> Result<Verdict> {
    verify(&Store::open_to_read(url).await?).await
}

/// Checks the whole chain: no gap, no changed row, no cut at the end.
///
/// # Errors
/// If the database fails, or no server ever worked on it: an empty trail of a mistyped folder is not whole.
pub async fn verify(store: &Store) -> Result<Verdict> {
    const BATCH: i64 = 1000;
    installed::check(store).await?;
    let (count, head) = audit::head(store.reader()).await?;
    let mut previous = String::new();
    let mut sequence = 0;
    while sequence < count {
        let events = audit::following(store.reader(), sequence, BATCH).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            // Events that came after the head was read are checked next time.
            if sequence == count {
                break;
            }
            sequence += 1;
            if event.sequence != sequence || event.hash != event.expected_hash(&previous) {
                return Ok(Verdict::Broken { sequence });
            }
            previous = event.hash;
        }
    }
    if sequence == count && previous == head {
        Ok(Verdict::Whole(count))
    } else {
        Ok(Verdict::Broken {
            sequence: sequence + 1,
        })
    }
}
