//! The phone that this user has logged in with last: it is shown while it is away, where the user allows that ("one tap").
//!
//! One file, whole or not at all, holds its identity and the digest of its public objects in hexadecimal digits, a line each.
//! It holds no secret and is not believed: the objects are those in the cache that have the digest and name the identity, and
//! the phone that comes proves the key that it was first met with.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use card_edge::piv::extensions::Digest;
use data_encoding::HEXLOWER;

use crate::card::identity::Identity;
use crate::config::{Environment, user_folder};
use crate::log;
use crate::private_folder;

/// The folder below the user's folder for what programs remember.
const FOLDER: &str = "tapcard";
/// The file in it.
const FILE: &str = "last-phone";
/// Bytes of the file: twice 32 digits and the line end.
const LENGTH: u64 = 66;
/// How long a phone is waited for by default.
const WAIT: Duration = Duration::from_secs(30);

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
            wait: WAIT,
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
        let states = user_folder(environment, "XDG_STATE_HOME", ".local/state");
        Self {
            folder: states.map(|states| states.join(FOLDER)),
        }
    }

    /// Whether anything can be remembered.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// The phone that was used last.
    #[must_use]
    pub fn last(&self) -> Option<Phone> {
        read(&self.folder.as_deref()?.join(FILE)).ok().flatten()
    }

    /// This phone was used just now.
    pub fn keep(&self, phone: Phone) {
        let Some(folder) = self.folder.as_deref() else {
            return;
        };
        if self.last() == Some(phone) {
            return;
        }
        let [identity, objects] = [phone.identity.0, phone.objects.0];
        let lines = format!(
            "{}\n{}\n",
            HEXLOWER.encode(&identity),
            HEXLOWER.encode(&objects)
        );
        if let Err(error) = private_folder::write(folder, FILE, lines.as_bytes()) {
            log::note(|| format!("the phone is not remembered: {error}"));
        }
    }
}

/// The phone in a file of ours; `None` where it is torn.
fn read(path: &Path) -> io::Result<Option<Phone>> {
    let mut text = String::new();
    private_folder::open(path)?
        .take(LENGTH + 1)
        .read_to_string(&mut text)?;
    let number =
        |line: &str| -> Option<[u8; 16]> { HEXLOWER.decode(line.as_bytes()).ok()?.try_into().ok() };
    let phone = || {
        let (identity, objects) = text.strip_suffix('\n')?.split_once('\n')?;
        Some(Phone {
            identity: Identity(number(identity)?),
            objects: Digest(number(objects)?),
        })
    };
    Ok(phone())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const PHONE: Phone = Phone {
        identity: Identity([1; 16]),
        objects: Digest([2; 16]),
    };

    #[test]
    fn the_phone_that_was_used_last_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let remembered = Remembered::at(folder.path().join("state/tapcard"));
        assert_eq!(remembered.last(), None);
        remembered.keep(PHONE);
        assert_eq!(remembered.last(), Some(PHONE));
        let other = Phone {
            identity: Identity([3; 16]),
            ..PHONE
        };
        remembered.keep(other);
        assert_eq!(remembered.last(), Some(other));
        let files = fs::read_dir(folder.path().join("state/tapcard")).unwrap();
        assert_eq!(files.count(), 1);
    }

    #[test]
    fn a_torn_file_and_one_that_others_may_write_are_not_there_and_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let remembered = Remembered::at(folder.path().to_owned());
        remembered.keep(PHONE);
        let path = folder.path().join(FILE);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(remembered.last(), None, "{length}");
        }
        fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
        assert_eq!(remembered.last(), None);
        fs::write(&path, &whole).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o622)).unwrap();
        assert_eq!(remembered.last(), None);
        remembered.keep(PHONE);
        assert_eq!(remembered.last(), Some(PHONE));
    }

    #[test]
    fn without_a_folder_nothing_is_remembered() {
        let nothing = Remembered::default();
        nothing.keep(PHONE);
        assert!(!nothing.is_there() && nothing.last().is_none());
    }
}
