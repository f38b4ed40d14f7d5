//! The machine's clock, which cannot show a time before this program was built.

use enroll_server_model::Timestamp;
use enroll_server_model::clock::{Clock, SystemClock};

/// When this program was built, in seconds since 1970-01-01T00:00:00Z.
const BUILT: &str = env!("ENROLL_SERVER_BUILT");

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgramClock;

impl Clock for ProgramClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn earliest(&self) -> Timestamp {
        BUILT
            .parse()
            .map(Timestamp::from_seconds)
            .unwrap_or_default()
    }
}
