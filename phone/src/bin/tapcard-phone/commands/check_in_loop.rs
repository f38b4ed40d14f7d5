//! The check-ins of a phone that runs: when the server wants them, give or take a tenth, so that phones that were started
//! together do not come together.

use std::path::Path;
use std::thread;
use std::time::Duration;

use tapcard_phone::enrollment::check_in::CheckInError;
use tapcard_phone::state::Store;

use super::check_in;

/// After how long it is tried again after a failure.
const RETRY: Duration = Duration::from_secs(15 * 60);
/// How often a card is looked at that has not been enrolled.
const LOOK: Duration = Duration::from_secs(60);
/// The shortest pause, whatever the server says.
const SHORTEST: Duration = Duration::from_secs(10);

/// Checks in from now on, on a thread of its own, at this interval in seconds, or when the server wants it. With 0, never.
pub fn begin(folder: &Path, every: Option<u64>) {
    if every == Some(0) {
        return;
    }
    let every = every.map(Duration::from_secs);
    let folder = folder.to_owned();
    thread::spawn(move || go_on(&folder, every));
}

fn go_on(folder: &Path, every: Option<Duration>) {
    loop {
        let pause = match round(folder) {
            Ok(Some(next)) => every.unwrap_or(next.max(SHORTEST)),
            Ok(None) => every.unwrap_or(LOOK).min(LOOK),
            Err(error) => {
                tracing::warn!("the check-in failed: {error}");
                every.unwrap_or(RETRY).min(RETRY)
            }
        };
        thread::sleep(with_jitter(pause));
    }
}

/// One check-in; none where the card checks in nowhere.
fn round(folder: &Path) -> Result<Option<Duration>, CheckInError> {
    let mut store = Store::open(folder)?;
    if store.state().check_in.is_none() {
        return Ok(None);
    }
    let done = check_in::once(&mut store)?;
    if done.wiped || !done.renewed.is_empty() || !done.problems.is_empty() {
        for line in check_in::lines(&done, folder) {
            tracing::warn!("{line}");
        }
    }
    Ok(Some(done.next))
}

/// Nine to eleven tenths of a pause.
fn with_jitter(pause: Duration) -> Duration {
    let share = getrandom::u32().map_or(100, |number| 90 + number % 21);
    pause * share / 100
}
