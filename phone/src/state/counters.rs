//! The retry counters, in a small file of their own: every VERIFY writes them twice, and the card's objects never with
//! them.
//!
//! The file holds two records of 64 bytes. A write goes to the older one in place and is synced; whoever reads takes
//! the newest that is undamaged. A record that was torn is passed over: the try that it took was not on disk, so nothing
//! has been compared yet.
//!
//! ```text
//! 02, sequence number (8), PIN: value (8), tries left (1), PUK: the same, global PIN: the same,
//! SHA-256 of all that, its first 28 bytes
//! ```
//!
//! Format 1 had no global PIN, and a whole SHA-256. It is read; the first write takes both records over at once, so that
//! no program finds an older one that is true no more.
//!
//! A counter belongs to the value that it counts for, named by [`ReferenceData::id`]. A new PIN or PUK has all its
//! tries because no counter is for it yet, so a change of the card and of its counters is one write.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::{StateError, io};
use super::file;
use super::reference_data::ReferenceData;

const FILE: &str = "counters";

/// The format of a record.
const FORMAT: u8 = 2;
const RECORD: usize = 64;
/// The bytes that the checksum is over.
const COVERED: usize = 36;
/// The same of format 1.
const COVERED_1: usize = 27;
/// The bytes of one entry.
const ENTRY: usize = 9;

/// A PIN or PUK that has a retry counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The PIV PIN's.
    Pin,
    /// The PUK's.
    Puk,
    /// The global PIN's.
    GlobalPin,
}

/// The tries left of one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
    id: [u8; 8],
    left: u8,
}

/// All counters, as they were last read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counters {
    /// The format in which they were.
    format: u8,
    sequence: u64,
    pin: Entry,
    puk: Entry,
    /// Of no value where nothing has been counted for a global PIN.
    global_pin: Entry,
}

impl Counters {
    /// Counters of these values with this many tries left.
    pub(super) fn new(pin: (&ReferenceData, u8), puk: (&ReferenceData, u8)) -> Self {
        let entry = |(data, left): (&ReferenceData, u8)| Entry {
            id: data.id(),
            left,
        };
        Self {
            format: FORMAT,
            sequence: 0,
            pin: entry(pin),
            puk: entry(puk),
            global_pin: Entry::default(),
        }
    }

    /// The tries left of this value: all of them where nothing has been counted for it yet.
    pub(super) fn left(&self, counter: Counter, data: &ReferenceData) -> u8 {
        let entry = match counter {
            Counter::Pin => self.pin,
            Counter::Puk => self.puk,
            Counter::GlobalPin => self.global_pin,
        };
        if entry.id == data.id() {
            entry.left
        } else {
            data.limit
        }
    }

    /// Sets the tries left of this value.
    pub(super) fn set(&mut self, counter: Counter, data: &ReferenceData, left: u8) {
        let entry = match counter {
            Counter::Pin => &mut self.pin,
            Counter::Puk => &mut self.puk,
            Counter::GlobalPin => &mut self.global_pin,
        };
        *entry = Entry {
            id: data.id(),
            left,
        };
    }

    /// Makes the file.
    pub(super) fn create(&self, folder: &Path) -> Result<(), StateError> {
        let record = self.encode();
        file::replace(folder, FILE, &[record, record].concat()).map(drop)
    }

    /// Reads the file of a card with these values. More tries than a value may have were not written by this program.
    pub(super) fn read_for(
        folder: &Path,
        pin: &ReferenceData,
        puk: &ReferenceData,
        global_pin: Option<&ReferenceData>,
    ) -> Result<Self, StateError> {
        let counters = Self::read(folder)?;
        let global_pin = global_pin.map(|data| (counters.global_pin, data));
        for (entry, data) in [(counters.pin, pin), (counters.puk, puk)]
            .into_iter()
            .chain(global_pin)
        {
            if entry.id == data.id() && entry.left > data.limit {
                return Err(StateError::Damaged {
                    path: folder.join(FILE),
                    reason: format!("{} tries are left of {}", entry.left, data.limit),
                });
            }
        }
        Ok(counters)
    }

    /// Reads the file.
    fn read(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join(FILE);
        let bytes = file::read(&path)?.map(|content| content.bytes);
        let damaged = |reason: &str| StateError::Damaged {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        let bytes = bytes.ok_or_else(|| damaged("the file is missing"))?;
        let records = bytes.chunks_exact(RECORD).take(2).filter_map(undamaged);
        let newest = records
            .max_by_key(|record| sequence(record))
            .ok_or_else(|| damaged("neither record is undamaged"))?;
        match newest {
            [1 | FORMAT, ..] => {
                Self::decode(newest).ok_or_else(|| damaged("a record is malformed"))
            }
            [] => Err(damaged("a record is empty")),
            [format, ..] => Err(StateError::NewerFormat {
                path: path.clone(),
                found: u32::from(*format),
                known: u32::from(FORMAT),
            }),
        }
    }

    /// Writes over the older record, and has that on disk before it returns.
    pub(super) fn write(&mut self, folder: &Path) -> Result<(), StateError> {
        let path: PathBuf = folder.join(FILE);
        self.sequence = self.sequence.wrapping_add(1);
        if self.format != FORMAT {
            self.format = FORMAT;
            return self.create(folder);
        }
        let offset = (self.sequence % 2) * RECORD as u64;
        let mut file = file::open(OpenOptions::new().write(true), &path)?;
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.write_all(&self.encode()))
            .and_then(|()| file.sync_data())
            .map_err(io("write", &path))
    }

    fn encode(&self) -> [u8; RECORD] {
        let covered = [FORMAT]
            .into_iter()
            .chain(self.sequence.to_be_bytes())
            .chain(self.pin.id)
            .chain([self.pin.left])
            .chain(self.puk.id)
            .chain([self.puk.left])
            .chain(self.global_pin.id)
            .chain([self.global_pin.left]);
        let mut record = [0; RECORD];
        let (head, rest) = record.split_at_mut(COVERED);
        for (to, from) in head.iter_mut().zip(covered) {
            *to = from;
        }
        for (to, from) in rest.iter_mut().zip(Sha256::digest(head)) {
            *to = from;
        }
        record
    }

    fn decode(covered: &[u8]) -> Option<Self> {
        let (format, rest) = covered.split_first()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let entry = |rest: &[u8]| -> Option<Entry> {
            let (id, rest) = rest.split_first_chunk::<8>()?;
            Some(Entry {
                id: *id,
                left: *rest.first()?,
            })
        };
        Some(Self {
            format: *format,
            sequence: u64::from_be_bytes(*sequence),
            pin: entry(rest)?,
            puk: entry(rest.get(ENTRY..)?)?,
            global_pin: rest.get(2 * ENTRY..).and_then(entry).unwrap_or_default(),
        })
    }
}

/// The covered bytes of a record whose checksum is right. Those of later formats are told by their first byte alone, if
/// they keep what is covered as long.
fn undamaged(record: &[u8]) -> Option<&[u8]> {
    let length = match record.first()? {
        1 => COVERED_1,
        _ => COVERED,
    };
    let (covered, rest) = record.split_at_checked(length)?;
    let checksum: [u8; 32] = Sha256::digest(covered).into();
    let kept = rest.get(..checksum.len()).unwrap_or(rest);
    checksum.starts_with(kept).then_some(covered)
}

fn sequence(covered: &[u8]) -> u64 {
    covered
        .get(1..)
        .and_then(|rest| rest.first_chunk::<8>())
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn data() -> ReferenceData {
        ReferenceData::new(b"123456\xFF\xFF", 5, false, None).unwrap()
    }

    #[test]
    fn a_counter_is_for_one_value_alone() {
        let (pin, puk) = (data(), data());
        let mut counters = Counters::new((&pin, 2), (&puk, 3));
        assert_eq!(counters.left(Counter::Pin, &pin), 2);
        assert_eq!(counters.left(Counter::Puk, &puk), 3);
        let same_digits = data();
        assert_eq!(counters.left(Counter::Pin, &same_digits), 5);
        counters.set(Counter::Pin, &same_digits, 1);
        assert_eq!(counters.left(Counter::Pin, &same_digits), 1);
        assert_eq!(counters.left(Counter::Puk, &puk), 3);
    }

    #[test]
    fn a_write_that_was_torn_anywhere_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let (pin, puk) = (data(), data());
        let mut counters = Counters::new((&pin, 5), (&puk, 3));
        counters.create(folder.path()).unwrap();
        for left in [4, 3, 2, 1] {
            let before = fs::read(&path).unwrap();
            let earlier = Counters::read(folder.path()).unwrap();
            assert_eq!(earlier, counters);
            counters.set(Counter::Pin, &pin, left);
            counters.write(folder.path()).unwrap();
            let after = fs::read(&path).unwrap();
            assert_eq!(Counters::read(folder.path()).unwrap(), counters);
            let first = (0..after.len()).find(|i| before[*i] != after[*i]).unwrap();
            let last = (0..after.len()).rfind(|i| before[*i] != after[*i]).unwrap();
            for torn_at in first..last {
                let torn = [&after[..=torn_at], &before[torn_at + 1..]].concat();
                fs::write(&path, &torn).unwrap();
                assert_eq!(Counters::read(folder.path()).unwrap(), earlier);
            }
            fs::write(&path, &after).unwrap();
        }
    }

    #[test]
    fn a_damaged_or_newer_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let counters = Counters::new((&data(), 5), (&data(), 3));
        for bytes in [&[][..], &[0; 127], &[0xFF; 128]] {
            file::replace(folder.path(), FILE, bytes).unwrap();
            let error = Counters::read(folder.path()).unwrap_err();
            assert!(matches!(error, StateError::Damaged { .. }), "{error}");
        }
        let mut newer = counters.encode();
        newer[0] = FORMAT + 1;
        let checksum = Sha256::digest(&newer[..COVERED]);
        newer[COVERED..].copy_from_slice(&checksum[..28]);
        file::replace(folder.path(), FILE, &[newer, newer].concat()).unwrap();
        let error = Counters::read(folder.path()).unwrap_err();
        assert!(
            matches!(error, StateError::NewerFormat { found: 3, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_file_of_the_first_format_is_read_and_taken_over_by_the_first_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let (pin, puk, global_pin) = (data(), data(), data());
        let record = |sequence: u64, left: u8| {
            let covered: Vec<u8> = [1]
                .into_iter()
                .chain(sequence.to_be_bytes())
                .chain(pin.id())
                .chain([left])
                .chain(puk.id())
                .chain([3])
                .collect();
            let checksum = Sha256::digest(&covered).to_vec();
            [covered, checksum, vec![0; 5]].concat()
        };
        file::replace(folder.path(), FILE, &[record(4, 5), record(5, 2)].concat()).unwrap();
        let mut counters = Counters::read(folder.path()).unwrap();
        assert_eq!(counters.left(Counter::Pin, &pin), 2);
        assert_eq!(counters.left(Counter::GlobalPin, &global_pin), 5);
        counters.set(Counter::GlobalPin, &global_pin, 4);
        counters.write(folder.path()).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes[..RECORD], bytes[RECORD..]);
        counters.set(Counter::Pin, &pin, 1);
        counters.write(folder.path()).unwrap();
        let read = Counters::read(folder.path()).unwrap();
        assert_eq!(read, counters);
        assert_eq!(read.left(Counter::GlobalPin, &global_pin), 4);
        assert_eq!(read.left(Counter::Puk, &puk), 3);
    }
}
