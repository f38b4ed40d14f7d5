//! The end of the module, which ends every wait.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long what was begun may go on once the end has come: a log-out takes one command.
const LAST: Duration = Duration::from_secs(1);

/// The end of the module, which ends every wait.
#[derive(Default)]
pub struct End {
    /// When everything is over; `None` while nobody has announced it.
    over: Mutex<Option<Instant>>,
    comes: Condvar,
}

impl End {
    /// It has come: nothing waits much longer.
    pub fn announce(&self) {
        self.lock().get_or_insert_with(|| Instant::now() + LAST);
        self.comes.notify_all();
    }

    /// Whether it has come.
    #[must_use]
    pub fn has_come(&self) -> bool {
        self.lock().is_some()
    }

    /// Whether nothing goes on any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.lock().is_some_and(|over| Instant::now() >= over)
    }

    /// The moment at which a wait that should end then ends in fact.
    #[must_use]
    pub fn limit(&self, until: Instant) -> Instant {
        self.lock().map_or(until, |over| until.min(over))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for it, this long at most.
    pub fn wait(&self, time: Duration) {
        drop(
            self.comes
                .wait_timeout_while(self.lock(), time, |over| over.is_none()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_came_before_the_wait_ends_it() {
        let end = End::default();
        let later = Instant::now() + Duration::from_secs(60);
        assert_eq!(end.limit(later), later);
        end.announce();
        let begun = Instant::now();
        end.wait(Duration::from_secs(60));
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert!(end.limit(later) < later);
    }
}
