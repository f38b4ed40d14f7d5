//! A log for people who report a bug: one line for each call and each command, never a secret.
//!
//! Off unless `TAPCARD_PKCS11_LOG` names a file. Commands are shown by name and length alone; PINs, data and
//! keys never reach this file.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

/// The variable that names the file.
pub const VARIABLE: &str = "TAPCARD_PKCS11_LOG";

thread_local! {
    static EXCHANGES: Cell<u32> = const { Cell::new(0) };
}

fn file() -> Option<&'static File> {
    static FILE: OnceLock<Option<File>> = OnceLock::new();
    FILE.get_or_init(|| {
        // A program that runs with more rights than its caller must not write where the caller says.
        if rustix::process::geteuid() != rustix::process::getuid()
            || rustix::process::getegid() != rustix::process::getgid()
        {
            return None;
        }
        let path = std::env::var_os(VARIABLE)?;
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .ok()
    })
    .as_ref()
}

fn write(text: &str) {
    let Some(mut file) = file() else { return };
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
    drop(file.write_all(line.as_bytes()));
}

/// Counts one command sent to a card, and logs the line that `text` makes.
pub fn exchange(text: impl FnOnce() -> String) {
    EXCHANGES.set(EXCHANGES.get().wrapping_add(1));
    if file().is_some() {
        write(&format!("    {}", text()));
    }
}

/// Logs a line that explains something inside a call.
pub fn note(text: impl FnOnce() -> String) {
    if file().is_some() {
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
    if file().is_none() {
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
