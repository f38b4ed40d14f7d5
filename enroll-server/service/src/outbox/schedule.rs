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
/// For how long something is tried, from when it happened. What waits behind something else that is not taken is as old.
pub(crate) const TRIED_FOR: Duration = Duration::from_secs(72 * HOUR);
/// Longer than any pause.
pub(crate) const LONGEST: Duration = Duration::from_secs(48 * HOUR);

/// The pause after an attempt of this number at something that happened `age` ago, by up to a fifth longer, so that what failed
/// together is not tried together again; none after the last one.
pub(crate) fn after(attempt: i64, age: Duration) -> Result<Option<Duration>> {
    let left = TRIED_FOR.saturating_sub(age);
    if left.is_zero() {
        return Ok(None);
    }
    let index = usize::try_from(attempt - 1).unwrap_or_default();
    let pause = PAUSES.get(index).or(PAUSES.last()).copied();
    let milliseconds = pause.unwrap_or_default() * 1000;
    let [byte] = random::bytes::<1>()?;
    let longer = milliseconds / 5 * u64::from(byte) / 255;
    // The last attempt is at the end.
    Ok(Some(Duration::from_millis(milliseconds + longer).min(left)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_get_longer_and_end_three_days_after_it_happened() {
        let mut before = Duration::ZERO;
        let mut age = Duration::ZERO;
        let mut attempt = 1;
        while let Some(pause) = after(attempt, age).unwrap() {
            assert!(pause < LONGEST);
            age += pause;
            assert!(
                pause >= before.mul_f64(0.8) || age == TRIED_FOR,
                "{attempt}: {pause:?}"
            );
            before = pause;
            attempt += 1;
        }
        assert_eq!(age, TRIED_FOR);
        assert!((9..15).contains(&attempt), "{attempt}");
        // What waited behind it is tried once.
        assert_eq!(after(1, TRIED_FOR).unwrap(), None);
    }
}
