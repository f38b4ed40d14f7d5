//! The phone that this user has logged in with last: it is shown while it is away, where the user allows that ("one tap").
//!
//! One file, whole or not at all, holds its identity, the digest of its public objects and the name of the reader in
//! hexadecimal digits, a line each, and where the PIN can be typed at the phone a fourth: for how many seconds it waits for that. It holds no secret and is not believed: the objects are those in the cache that have the
//! digest and name the identity, and the phone that comes proves the key that it was first met with.

use std::ffi::CString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use card_edge::piv::extensions::{Digest, EntryTime};
use card_host::Identity;
use card_host::private_folder;
use card_host::user_folder::{Environment, UserFolder};
use data_encoding::HEXLOWER;

use crate::config::TAP;
use crate::log;

/// The folder below the user's folder for what programs remember.
const FOLDER: &str = "tapcard";
/// The file in it.
const FILE: &str = "last-phone";
/// Bytes of the file at most: twice 32 digits, those of a reader's name (PC/SC: 128 bytes), and the line ends.
const LENGTH_MAX: u64 = 66 + 257 + 5;

/// How a phone that is away is shown, and waited for.
#[derive(Debug)]
pub struct OneTap {
    /// The phone that was used last. Where nothing is remembered, none is shown.
    pub remembered: Remembered,
    /// How long it is waited for.
    pub wait: Duration,
}

impl Default for OneTap {
    fn default() -> Self {
        Self {
            remembered: Remembered::default(),
            wait: TAP,
        }
    }
}

/// A phone, by what tells it from others and what it announced last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Which card it is.
    pub identity: Identity,
    /// The digest of its public objects.
    pub objects: Digest,
    /// How long its holder is waited for, who can type the PIN at the phone.
    pub pin_entry: Option<EntryTime>,
}

/// The phone that was used last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastPhone {
    /// The phone.
    pub phone: Phone,
    /// The name of the reader in which it was.
    pub reader: CString,
}

/// Where the phone that was used last is remembered.
#[derive(Debug, Default)]
pub struct Remembered {
    folder: Option<PathBuf>,
}

impl Remembered {
    /// In this folder, which is made when it is needed.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
        }
    }

    /// In the user's folder for what programs remember; without such a folder nothing is remembered.
    #[must_use]
    pub fn of_user(environment: Environment<'_>) -> Self {
        Self {
            folder: UserFolder::State.of(environment, FOLDER),
        }
    }

    /// Whether anything can be remembered.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// The phone that was used last.
    #[must_use]
    pub fn last(&self) -> Option<LastPhone> {
        read(&self.folder.as_deref()?.join(FILE)).ok().flatten()
    }

    /// This phone was used just now.
    pub fn keep(&self, last: &LastPhone) {
        let Some(folder) = self.folder.as_deref() else {
            return;
        };
        if self.last().as_ref() == Some(last) {
            return;
        }
        let lines = [
            &last.phone.identity.0[..],
            &last.phone.objects.0,
            last.reader.as_bytes(),
        ];
        let mut text = lines.map(|line| HEXLOWER.encode(line) + "\n").concat();
        if let Some(time) = last.phone.pin_entry {
            let seconds = u16::try_from(time.duration().as_secs()).unwrap_or_default();
            text.push_str(&(HEXLOWER.encode(&seconds.to_be_bytes()) + "\n"));
        }
        if let Err(error) = private_folder::write(folder, FILE, text.as_bytes()) {
            log::note(|| format!("the phone is not remembered: {error}"));
        }
    }
}

/// The phone in a file of ours; `None` where it is torn.
fn read(path: &Path) -> io::Result<Option<LastPhone>> {
    let mut text = String::new();
    private_folder::open(path)?
        .take(LENGTH_MAX + 1)
        .read_to_string(&mut text)?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Option<LastPhone> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let mut bytes = || HEXLOWER.decode(lines.next()?.as_bytes()).ok();
    let identity = Identity(bytes()?.try_into().ok()?);
    let objects = Digest(bytes()?.try_into().ok()?);
    let reader = CString::new(bytes()?).ok()?;
    let pin_entry = match lines.next() {
        None => None,
        Some(line) => {
            let seconds = HEXLOWER.decode(line.as_bytes()).ok()?.try_into().ok()?;
            let time = Duration::from_secs(u16::from_be_bytes(seconds).into());
            Some(EntryTime::of(time).filter(|of| of.duration() == time)?)
        }
    };
    let phone = Phone {
        identity,
        objects,
        pin_entry,
    };
    lines
        .next()
        .is_none()
        .then_some(LastPhone { phone, reader })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn phone(number: u8) -> LastPhone {
        LastPhone {
            phone: Phone {
                identity: Identity([number; 16]),
                objects: Digest([2; 16]),
                pin_entry: EntryTime::of(Duration::from_secs(u64::from(number - 1) * 30)),
            },
            reader: c"Reader 00 00".to_owned(),
        }
    }

    #[test]
    fn the_phone_that_was_used_last_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let remembered = Remembered::at(folder.path().join("state/tapcard"));
        assert_eq!(remembered.last(), None);
        for number in [1, 3] {
            remembered.keep(&phone(number));
            assert_eq!(remembered.last(), Some(phone(number)));
        }
        let files = fs::read_dir(folder.path().join("state/tapcard")).unwrap();
        assert_eq!(files.count(), 1);
    }

    #[test]
    fn a_torn_file_and_one_of_others_are_not_there_and_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let remembered = Remembered::at(folder.path().to_owned());
        remembered.keep(&phone(1));
        let path = folder.path().join(FILE);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(remembered.last(), None, "{length}");
        }
        for more in ["\n", "00\n", &"00".repeat(200)] {
            fs::write(&path, [&whole[..], more.as_bytes()].concat()).unwrap();
            assert_eq!(remembered.last(), None, "{more}");
        }
        fs::write(&path, &whole).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o622)).unwrap();
        assert_eq!(remembered.last(), None);
        remembered.keep(&phone(1));
        assert_eq!(remembered.last(), Some(phone(1)));
        // A link leads to a file that says the same.
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(remembered.last(), None);
        remembered.keep(&phone(1));
        assert_eq!(remembered.last(), Some(phone(1)));
    }

    #[test]
    fn without_a_folder_nothing_is_remembered() {
        let nothing = Remembered::default();
        nothing.keep(&phone(1));
        assert!(!nothing.is_there() && nothing.last().is_none());
    }
}
