//! Saying once in a while what happens all the time: who fills the log hides in it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Something that is said at most once in a period, with how often it happened.
#[derive(Debug)]
pub(super) struct OncePer {
    period: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    said: Option<Instant>,
    happened: u64,
}

impl OncePer {
    /// At most once a minute.
    pub(super) fn minute() -> Self {
        Self {
            period: Duration::from_secs(60),
            state: Mutex::default(),
        }
    }

    /// It happened. Returns how often since it was last said, if it may be said now.
    pub(super) fn due(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.happened += 1;
        if state.said.is_some_and(|said| said.elapsed() < self.period) {
            return None;
        }
        state.said = Some(Instant::now());
        Some(std::mem::take(&mut state.happened))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_in_a_period_with_how_often_it_happened() {
        let quiet = OncePer::minute();
        assert_eq!(quiet.due(), Some(1));
        assert_eq!(quiet.due(), None);
        assert_eq!(quiet.due(), None);
        let always = OncePer {
            period: Duration::ZERO,
            state: quiet.state,
        };
        assert_eq!(always.due(), Some(3));
    }
}
