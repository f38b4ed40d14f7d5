//! When a backup was made: it says so in a file of its own.

use std::path::Path;

use enroll_server_files::{read as read_file, write_new};
use enroll_server_model::Timestamp;

use super::error::Result;

/// The file's name.
pub(super) const FILE: &str = "made.txt";
/// What is in it has this many bytes, without the end of the line.
const LENGTH: u64 = 20;

/// Says in a backup when it was begun.
pub(super) fn write(backup: &Path, now: Timestamp) -> Result<()> {
    let text = format!("{}\n", now.rfc3339());
    Ok(write_new(&backup.join(FILE), text.as_bytes(), 0o600)?)
}

/// When a backup was begun, if it says so.
pub(super) fn read(backup: &Path) -> Option<String> {
    let text = String::from_utf8(read_file(&backup.join(FILE), LENGTH + 1).ok()?).ok()?;
    let time = text.trim();
    let is_of_time = |c: char| c.is_ascii_digit() || "TZ:-".contains(c);
    (time.len() == 20 && time.chars().all(is_of_time)).then(|| time.to_owned())
}
