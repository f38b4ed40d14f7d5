//! The log of every use of a key by a host, in the card's folder: one line of JSON for each.
//!
//! It is for the holder to look at and decides nothing. A line is written before the host has its answer, in one write,
//! and not synced: a kill of the process loses no line, a power cut perhaps those of the last seconds. Two files of
//! [`FILE_MAX`] bytes at most are kept; the older makes way when the newer is full.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Stat, fstat, statat};
use serde::{Deserialize, Serialize};

use super::encoding::place;
use super::error::{StateError, io};
use super::{file, use_line};
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

/// The log as a card writes it. Its file stays open from one use to the next: opening it and looking at its end takes
/// longer than writing a line.
#[derive(Debug)]
pub(super) struct UseLog {
    folder: PathBuf,
    path: PathBuf,
    open: Option<OpenFile>,
    /// The latest line, whose memory the next one takes.
    line: Vec<u8>,
}

/// A file that ends with a whole line.
#[derive(Debug)]
struct OpenFile {
    file: File,
    /// Where its name is: a look from there is shorter than one along the whole path.
    folder: File,
    left: Left,
}

/// How a file was left: where its name leads to it no more, or somebody else has written to it, it is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    device: u64,
    inode: u64,
    mode: u32,
    length: u64,
}

impl UseLog {
    /// That of the card in this folder.
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            path: folder.join(FILE),
            open: None,
            line: Vec::new(),
        }
    }

    /// Writes one line.
    pub(super) fn append(&mut self, usage: &Usage, outcome: Outcome) -> Result<(), StateError> {
        let Self {
            folder,
            path,
            open: kept,
            line,
        } = self;
        use_line::write(line, usage, outcome);
        // What fails is not kept, and the next line begins with a look at the file.
        let as_left = kept.take().filter(OpenFile::is_as_left);
        let mut open = as_left.map_or_else(|| OpenFile::at(folder, path), Ok)?;
        if open.left.length > 0 && open.left.length + line.len() as u64 > FILE_MAX {
            fs::rename(&*path, folder.join(EARLIER_FILE)).map_err(io("rename", path))?;
            open = OpenFile::at(folder, path)?;
        }
        open.write(path, line)?;
        *kept = Some(open);
        Ok(())
    }

    /// The folder may be another one now: the next line begins with a look for the file.
    pub(super) fn close(&mut self) {
        self.open = None;
    }
}

impl OpenFile {
    /// Opens the file, or makes it; what a full disk left of a line there stays one.
    fn at(folder: &Path, path: &Path) -> Result<Self, StateError> {
        let opened = File::open(folder).map_err(io("open", folder))?;
        let mut file = open(path)?;
        let stat = fstat(&file).map_err(|error| io("read", path)(error.into()))?;
        let left = Left::of(&stat);
        let mut last = *b"\n";
        if left.length > 0 {
            file.seek(SeekFrom::End(-1))
                .and_then(|_| file.read_exact(&mut last))
                .map_err(io("read", path))?;
        }
        let mut open = Self {
            file,
            folder: opened,
            left,
        };
        if last != *b"\n" {
            open.write(path, b"\n")?;
        }
        Ok(open)
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), StateError> {
        self.file.write_all(bytes).map_err(io("write", path))?;
        self.left.length += bytes.len() as u64;
        Ok(())
    }

    fn is_as_left(&self) -> bool {
        statat(&self.folder, FILE, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|now| Left::of(&now) == self.left)
    }
}

impl Left {
    fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            mode: stat.st_mode,
            length: u64::try_from(stat.st_size).unwrap_or_default(),
        }
    }
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

fn open(path: &Path) -> Result<File, StateError> {
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

#[cfg(test)]
mod tests {
    use card_edge::piv::AsymmetricKey;

    use super::*;

    #[test]
    fn a_line_is_what_serde_makes_of_the_use() {
        use Outcome::{CardChanged, Done, Failed, Forbidden, LinkLost, Refused, TimedOut};
        let outcomes = [
            Done,
            Refused,
            TimedOut,
            LinkLost,
            CardChanged,
            Forbidden,
            Failed,
        ];
        let operations = [
            Operation::Sign,
            Operation::Decrypt,
            Operation::SignOrDecrypt,
            Operation::Agree,
            Operation::Attest,
        ];
        let keys = [
            KeyPlace::Slot(AsymmetricKey::DigitalSignature),
            KeyPlace::Container(0x81),
        ];
        let said = [None, Some("ssh on desk"), Some("\"\\\n\u{1b}[2J\u{202e}")];
        let mut line = Vec::new();
        for outcome in outcomes {
            for operation in operations {
                for (key, interface) in keys
                    .into_iter()
                    .zip([Interface::Contact, Interface::Contactless])
                {
                    for says in said {
                        let usage = Usage {
                            key,
                            operation,
                            interface,
                            says: says.map(str::to_owned),
                        };
                        use_line::write(&mut line, &usage, outcome);
                        let read: LoggedUse = serde_json::from_slice(&line).unwrap();
                        assert_eq!(
                            read,
                            LoggedUse {
                                time: read.time.clone(),
                                key,
                                operation,
                                interface,
                                says: usage.says,
                                outcome,
                            }
                        );
                        let written = serde_json::to_string(&read).unwrap() + "\n";
                        assert_eq!(written.as_bytes(), line);
                    }
                }
            }
        }
    }
}
