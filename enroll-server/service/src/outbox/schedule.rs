//! When something is tried again that was not taken.

use std::time::Duration;

use enroll_server_model::random;

use crate::error::Result;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The pauses after the first attempt, the second, and so on, in seconds: a short fault costs seconds, and one of a weekend
/// loses nothing.
const PAUSES: [u64; 10] = [
    5,
    30,
    2 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    24 * HOUR,
    24 * HOUR,
];
/// How often something is tried before it is given up.
pub const TRIES: usize = PAUSES.len() + 1;
/// After how many days, or somewhat more, that is.
pub const GIVEN_UP_AFTER_DAYS: u64 = 3;
/// Longer than any pause.
pub(crate) const LONGEST: Duration = Duration::from_secs(48 * HOUR);

/// The pause after an attempt of this number, by up to a fifth longer, so that what failed together is not tried together
/// again; none after the last one.
pub(crate) fn after(attempt: i64) -> Result<Option<Duration>> {
    let Some(pause) = usize::try_from(attempt - 1)
        .ok()
        .and_then(|index| PAUSES.get(index))
    else {
        return Ok(None);
    };
    let [byte] = random::bytes::<1>()?;
    let milliseconds = pause * 1000;
    let longer = milliseconds / 5 * u64::from(byte) / 255;
    Ok(Some(Duration::from_millis(milliseconds + longer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_get_longer_and_end_after_about_three_days() {
        let mut before = Duration::ZERO;
        let mut all = Duration::ZERO;
        for attempt in 1..TRIES {
            let pause = after(i64::try_from(attempt).unwrap()).unwrap().unwrap();
            assert!(pause >= before.mul_f64(0.8), "{attempt}: {pause:?}");
            assert!(pause < LONGEST);
            before = pause;
            all += pause;
        }
        assert_eq!(after(i64::try_from(TRIES).unwrap()).unwrap(), None);
        let days = all.as_secs_f64() / (24.0 * 60.0 * 60.0);
        let promised = GIVEN_UP_AFTER_DAYS as f64;
        assert!((promised - 0.2..promised + 0.8).contains(&days), "{days}");
    }
}
