//! Waiting for a condition instead of for a time.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::{Error, Result};

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// Calls `probe` until it gives a value, for no longer than `bound`.
///
/// # Errors
/// What `probe` fails with, at once; [`Error::Timeout`] with `what` when the time is over.
pub fn wait_for<T>(
    what: &str,
    bound: Duration,
    mut probe: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = probe()? {
            return Ok(value);
        }
        if start.elapsed() > bound {
            return Err(Error::Timeout {
                what: what.to_owned(),
                bound,
            });
        }
        sleep(INTERVAL);
    }
}

/// As [`wait_for`], for a condition without a value.
///
/// # Errors
/// As [`wait_for`].
pub fn wait_until(
    what: &str,
    bound: Duration,
    mut condition: impl FnMut() -> Result<bool>,
) -> Result {
    wait_for(what, bound, || Ok(condition()?.then_some(())))
}
