//! The log of every use of a key by a host, in the card's folder: one line of JSON for each.
//!
//! It is for the holder to look at and decides nothing. A line is written before the host has its answer, in one write,
//! and not synced: a kill of the process loses no line, a power cut perhaps those of the last seconds. Two files of
//! [`FILE_MAX`] bytes at most are kept; the older makes way when the newer is full.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

use der::DateTime;
use serde::{Deserialize, Serialize};

use super::encoding::place;
use super::error::{StateError, io};
use super::file;
use crate::consent::{Operation, Outcome, Usage};
use crate::interface::Interface;
use crate::key_store::KeyPlace;

const FILE: &str = "uses.log";
const EARLIER_FILE: &str = "uses.log.1";

/// The most bytes of one file: some two thousand uses.
const FILE_MAX: u64 = 256 * 1024;

/// One use of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedUse {
    /// When it ended, by the phone's clock: RFC 3339, UTC.
    pub time: String,
    /// Which key.
    #[serde(with = "place")]
    pub key: KeyPlace,
    /// What it did or should have done.
    pub operation: Operation,
    /// Over which interface.
    pub interface: Interface,
    /// What the host said of itself. Nothing proves it.
    pub says: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Writes one line.
pub(super) fn append(folder: &Path, usage: &Usage, outcome: Outcome) -> Result<(), StateError> {
    let path = folder.join(FILE);
    let line = line(usage, outcome);
    let mut file = open(&path)?;
    let length = file.seek(SeekFrom::End(0)).map_err(io("read", &path))?;
    if length > 0 && length + line.len() as u64 > FILE_MAX {
        fs::rename(&path, folder.join(EARLIER_FILE)).map_err(io("rename", &path))?;
        file = open(&path)?;
    } else if length > 0 {
        // What a full disk left of a line stays one.
        let mut last = [0];
        file.seek(SeekFrom::End(-1))
            .and_then(|_| file.read_exact(&mut last))
            .map_err(io("read", &path))?;
        if last != *b"\n" {
            file.write_all(b"\n").map_err(io("write", &path))?;
        }
    }
    file.write_all(line.as_bytes()).map_err(io("write", &path))
}

/// All that is kept, the earliest first. What is not a whole line is passed over.
///
/// # Errors
/// [`StateError`] where a file cannot be read.
pub fn read(folder: &Path) -> Result<Vec<LoggedUse>, StateError> {
    let mut uses = Vec::new();
    for name in [EARLIER_FILE, FILE] {
        let Some(content) = file::read(&folder.join(name))? else {
            continue;
        };
        let lines = content.bytes.split(|byte| *byte == b'\n');
        uses.extend(lines.filter_map(|line| serde_json::from_slice::<LoggedUse>(line).ok()));
    }
    Ok(uses)
}

fn open(path: &Path) -> Result<fs::File, StateError> {
    let options = || {
        let mut options = OpenOptions::new();
        options.read(true).append(true).mode(0o600);
        options
    };
    match file::open(&mut options(), path) {
        Err(StateError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
            file::open(options().create_new(true), path)
        }
        other => other,
    }
}

fn line(usage: &Usage, outcome: Outcome) -> String {
    let time = DateTime::from_system_time(SystemTime::now())
        .map_or_else(|_| "unknown".to_owned(), |time| time.to_string());
    let logged = LoggedUse {
        time,
        key: usage.key,
        operation: usage.operation,
        interface: usage.interface,
        says: usage.says.clone(),
        outcome,
    };
    // Text and names alone: there is nothing in it that cannot be written as JSON.
    let mut line = serde_json::to_string(&logged).unwrap_or_default();
    line.push('\n');
    line
}
