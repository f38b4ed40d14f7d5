//! Whether the clock can be right. A certificate that is issued while it is wrong is refused by everybody, or outlives
//! what it should; so none is, until the clock is set or somebody says that it is right.

use enroll_server_model::clock::Clock;
use enroll_server_model::event_detail::AcceptedClock;
use enroll_server_model::{Actor, CLOCKS_DIFFER, Event, NewEvent, Timestamp};
use enroll_server_store::{Store, installation};

use crate::error::Result;
use crate::refusal::{ClockDoubt, ClockEvidence};

/// What the clock must not be before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockFloor {
    known: Timestamp,
    evidence: ClockEvidence,
}

impl ClockFloor {
    /// The later of the program's build and the newest event on record.
    pub(crate) async fn of(clock: &dyn Clock, store: &Store) -> Result<Self> {
        let newest = installation::latest_event(store.reader()).await?;
        let built = clock.earliest();
        Ok(if newest > built {
            Self {
                known: newest,
                evidence: ClockEvidence::Event,
            }
        } else {
            Self {
                known: built,
                evidence: ClockEvidence::Build,
            }
        })
    }

    /// What stands against a time that the clock shows.
    pub(crate) fn doubt(&self, shown: Timestamp) -> Option<ClockDoubt> {
        // The newest event may be another server's, whose clock is a little ahead.
        (shown.plus(CLOCKS_DIFFER) < self.known).then_some(ClockDoubt {
            shown,
            known: self.known,
            evidence: self.evidence,
        })
    }
}

/// Puts on record that somebody says the clock is right, where it seems not to be. From then on it is not doubted for
/// what happened before.
pub(crate) async fn accept(store: &Store, doubt: ClockDoubt) -> Result<()> {
    let event = NewEvent::new(
        doubt.shown,
        &Actor::system(),
        "",
        Event::ClockAccepted(AcceptedClock {
            known: doubt.known.rfc3339(),
        }),
    );
    store
        .write(move |tx| {
            Box::pin(async move {
                installation::accept_clock(tx, doubt.shown).await?;
                tx.record(event);
                Ok(())
            })
        })
        .await
}
