//! A log for people who report a bug: one line for each call and each command, never a secret.
//!
//! Off unless the configuration names a file. Commands are shown by name and length alone; PINs, data and keys never
//! reach this file.

use std::cell::Cell;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwapOption;

use crate::error::{Error, Result};
use crate::platform;

thread_local! {
    // It is const; where threads' variables are made on demand (windows-gnu) clippy does not see it.
    #[allow(clippy::missing_const_for_thread_local)]
    static EXCHANGES: Cell<u32> = const { Cell::new(0) };
}

/// The file, if there is one. No lock: in a forked child any lock may never be released.
static FILE: ArcSwapOption<File> = ArcSwapOption::const_empty();

/// Appends to this file from now on, or to none. Where it cannot be opened there is no log: the
/// program's own output is not ours to write to.
pub fn open(path: Option<&Path>) {
    let file = path.and_then(|path| platform::open_log(path).ok());
    FILE.store(file.map(Arc::new));
}

fn is_open() -> bool {
    FILE.load().is_some()
}

fn write(text: &str) {
    let Some(file) = FILE.load_full() else { return };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let line = format!(
        "{}.{:03} {} {text}\n",
        now.as_secs(),
        now.subsec_millis(),
        std::process::id(),
    );
    // One write for a line, so that lines of several processes do not mix. A full disk is not the caller's concern.
    drop((&*file).write_all(line.as_bytes()));
}

/// Counts one command sent to a card, and logs the line that `text` makes.
pub fn exchange(text: impl FnOnce() -> String) {
    EXCHANGES.set(EXCHANGES.get().wrapping_add(1));
    if is_open() {
        write(&format!("    {}", text()));
    }
}

/// Logs a line that explains something inside a call.
pub fn note(text: impl FnOnce() -> String) {
    if is_open() {
        write(&format!("    {}", text()));
    }
}

/// How many commands this thread has sent to cards.
#[must_use]
pub fn exchanges() -> u32 {
    EXCHANGES.get()
}

/// Logs the end of a call: its name, result, time and commands.
pub fn call(name: &str, result: &Result<()>, time: Duration, exchanges: u32) {
    if !is_open() {
        return;
    }
    let text = match result {
        Ok(()) => "CKR_OK".to_owned(),
        Err(Error::BufferTooSmall) => "CKR_BUFFER_TOO_SMALL".to_owned(),
        Err(error) => format!("0x{:08X} {error}", error.rv()),
    };
    write(&format!(
        "{name}: {text}, {:.1} ms, {exchanges} APDUs",
        time.as_secs_f64() * 1000.0
    ));
}
