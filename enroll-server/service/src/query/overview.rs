//! The overview: is anything wrong, what needs somebody, what happened lately.

use std::time::Duration;

use enroll_server_model::Timestamp;
use enroll_server_store::listing::{self, EventSummary, Refusals};
use enroll_server_store::overview::{self, Counts, Horizon};

use super::history;
use crate::app::App;
use crate::crl;
use crate::ending::{self, Ending};
use crate::error::Result;
use crate::health::Space;
use crate::refusal::ClockDoubt;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Within how many days a certificate ends soon.
pub const SOON_DAYS: u32 = 30;
/// Within how many hours refused sign-ins are counted.
pub const REFUSALS_HOURS: u32 = 24;
/// The same as a time.
const REFUSALS: Duration = DAY;
/// From how many refused sign-ins on somebody should look at them: nobody mistypes that often.
pub const REFUSALS_WORTH_A_LOOK: i64 = 10;
/// How many days back counts as lately.
pub const LATELY_DAYS: u32 = 30;

/// The time before which a certificate ends soon.
#[must_use]
pub fn soon(now: Timestamp) -> Timestamp {
    now.plus(DAY * SOON_DAYS)
}

/// The overview.
#[derive(Clone, Debug)]
pub struct OverviewView {
    /// How many of everything there are.
    pub counts: Counts,
    /// The sign-ins that were refused within [`REFUSALS_HOURS`].
    pub refused: Refusals,
    /// Whether the database takes changes.
    pub takes_changes: bool,
    /// The disk that is nearly full, if one is.
    pub low_space: Option<Space>,
    /// Whether no revocation list is up to date of an authority that can make none.
    pub has_stale_list: bool,
    /// Why the clock cannot be right, if it cannot.
    pub clock_doubt: Option<ClockDoubt>,
    /// The issuing authorities that end soon, or have ended.
    pub ending: Vec<Ending>,
    /// The latest events that say something about people and phones, newest first.
    pub events: Vec<EventSummary>,
}

/// Reads the overview.
pub async fn overview(app: &App) -> Result<OverviewView> {
    let now = app.clock.now();
    let horizon = Horizon {
        now,
        certificates: soon(now),
        invitations: now.plus(DAY),
        revocations: now.minus(DAY * LATELY_DAYS),
    };
    let counts = overview::counts(app.store.reader(), horizon).await?;
    Ok(OverviewView {
        refused: listing::refused_sign_ins(app.store.reader(), now.minus(REFUSALS)).await?,
        takes_changes: app.health.writes().is_ok(),
        low_space: app.health.low_space(),
        // What is renewed by itself in a minute is nobody's business.
        has_stale_list: counts.stale_lists > 0 && crl::is_any_failing(app).await,
        clock_doubt: app.clock_doubt(),
        ending: ending::ending(app, now),
        counts,
        events: history::latest(app).await?,
    })
}
