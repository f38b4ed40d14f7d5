//! The keys by which cards prove themselves (04, secure messaging), as this user first met them: nobody can copy them, as
//! anybody can copy a card's number. They outlive the programs, so that a stranger's card that claims to be a known one is
//! told no PIN.
//!
//! A file for each card, named by its identity, holds the SHA-256 of suite and point in hexadecimal digits and a line end.
//! Where a card has a new key, its holder says so, and it is met again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use card_edge::piv::secure_messaging::{CardVerifiableCertificate, CipherSuite, Fingerprint};
use data_encoding::HEXLOWER;

use crate::identity::Identity;
use crate::private_folder::{self, OpenError, is_absence};
use crate::user_folder::{Environment, UserFolder};

/// The folder below the user's folder for what programs remember.
const FOLDER: &str = "tapcard/cards";
/// Bytes of a file: 64 digits and the line end.
const LENGTH: usize = 65;

/// Takes a line for whoever looks for a fault; never a secret.
pub type Note = fn(fmt::Arguments<'_>);

/// A card's key, by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardKey([u8; 32]);

impl CardKey {
    /// The key of this certificate, for this suite.
    #[must_use]
    pub fn of(suite: CipherSuite, certificate: &CardVerifiableCertificate) -> Self {
        Self(Fingerprint::of(suite, &certificate.body.point).0)
    }

    /// What people compare.
    #[must_use]
    pub fn fingerprint(self) -> Fingerprint {
        Fingerprint(self.0)
    }
}

/// What is remembered of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It was first met with this key.
    Known(CardKey),
    /// It was not met, or cannot be told from others.
    Never,
    /// Why nobody can say.
    Unreadable(String),
}

/// The cards that this user has met.
#[derive(Debug, Default)]
pub struct KnownCards {
    folder: Option<PathBuf>,
    /// The cards that this program does not try to meet again: they have proved no key, or it could not be remembered.
    given_up: Mutex<BTreeSet<Identity>>,
    /// The keys that this program keeps whatever becomes of their files.
    pinned: Mutex<BTreeMap<Identity, CardKey>>,
    /// The keys that could not be remembered, in a program that holds them for as long as it runs.
    held: Option<Mutex<BTreeMap<Identity, CardKey>>>,
    note: Option<Note>,
}

impl KnownCards {
    /// In this folder, which is made when it is needed.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
            ..Self::default()
        }
    }

    /// In the user's folder for what programs remember; without such a folder no card is known.
    #[must_use]
    pub fn of_user(environment: Environment<'_>) -> Self {
        Self {
            folder: UserFolder::State.of(environment, FOLDER),
            ..Self::default()
        }
    }

    /// With this for whoever looks for a fault.
    #[must_use]
    pub fn noting(self, note: Note) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    /// Where a key cannot be remembered, this program holds it for as long as it runs: for programs that end soon.
    #[must_use]
    pub fn holding(self) -> Self {
        Self {
            held: Some(Mutex::default()),
            ..self
        }
    }

    pub(crate) fn note(&self, line: fmt::Arguments<'_>) {
        if let Some(note) = self.note {
            note(line);
        }
    }

    fn given_up(&self) -> MutexGuard<'_, BTreeSet<Identity>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pinned(&self) -> MutexGuard<'_, BTreeMap<Identity, CardKey>> {
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self, card: Identity) -> Option<CardKey> {
        let held = self.held.as_ref()?.lock();
        held.unwrap_or_else(PoisonError::into_inner)
            .get(&card)
            .copied()
    }

    fn hold(&self, card: Identity, key: CardKey) {
        if let Some(held) = self.held.as_ref().filter(|_| card.is_unique()) {
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            held.insert(card, key);
        }
    }

    /// Whether the key of this card is held by this program alone.
    pub(crate) fn is_held(&self, card: Identity) -> bool {
        self.held(card).is_some()
    }

    /// Whether the key of this card is remembered when this program has ended.
    #[must_use]
    pub fn is_remembered(&self, card: Identity) -> bool {
        let path = self.path(card);
        path.is_some_and(|path| matches!(read(&path), Ok(Some(_))))
    }

    /// Keeps the key of a card for this program, whatever becomes of its file: whether one is known.
    pub fn pin(&self, card: Identity) -> bool {
        match self.meeting(card) {
            Meeting::Known(key) => {
                self.pinned().insert(card, key);
                true
            }
            Meeting::Never | Meeting::Unreadable(_) => false,
        }
    }

    /// Whether this card can be met for the first time, as far as is known.
    #[must_use]
    pub fn can_meet(&self, card: Identity) -> bool {
        self.folder.is_some() && card.is_unique() && !self.given_up().contains(&card)
    }

    /// This program does not try to meet this card any more.
    pub fn give_up(&self, card: Identity) {
        self.given_up().insert(card);
    }

    /// What is remembered of this card. A file that is torn tells nothing.
    #[must_use]
    pub fn meeting(&self, card: Identity) -> Meeting {
        if let Some(key) = self.pinned().get(&card) {
            return Meeting::Known(*key);
        }
        if let Some(key) = self.held(card) {
            return Meeting::Known(key);
        }
        let Some(path) = self.path(card) else {
            return Meeting::Never;
        };
        match read(&path) {
            Ok(Some(key)) => Meeting::Known(key),
            Ok(None) => Meeting::Never,
            Err(error) if is_absence(&error) => Meeting::Never,
            // A folder that this program may not look into.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Meeting::Never,
            Err(error) => Meeting::Unreadable(format!("{}: {error}", path.display())),
        }
    }

    /// The file of a card.
    #[must_use]
    pub fn path(&self, card: Identity) -> Option<PathBuf> {
        let folder = self.folder.as_deref().filter(|_| card.is_unique())?;
        Some(folder.join(name(card)))
    }

    /// Remembers the key of a card in place of the one before: its holder has said that it is the card's. Programs that run
    /// may go on with the one before.
    ///
    /// # Errors
    /// Where it cannot be written, or there is no folder, or nothing tells the card from others.
    pub fn meet_again(&self, card: Identity, key: CardKey) -> io::Result<()> {
        let folder = self.folder.as_deref().filter(|_| card.is_unique());
        let folder = folder.ok_or(io::ErrorKind::NotFound)?;
        private_folder::write(folder, &name(card), line(key).as_bytes())
    }

    /// Remembers the key of a card that was not known. Where another program met it at the same time, that one's stays.
    pub fn meet(&self, card: Identity, key: CardKey) {
        let Some(folder) = self.folder.as_deref().filter(|_| card.is_unique()) else {
            self.hold(card, key);
            return;
        };
        match keep(folder, &name(card), key) {
            Ok(path) => self.note(format_args!(
                "the card's key is remembered: {}",
                path.display()
            )),
            Err(error) => {
                self.give_up(card);
                self.hold(card, key);
                self.note(format_args!("the card's key is not remembered: {error}"));
            }
        }
    }
}

/// The line of a card's file.
fn line(key: CardKey) -> String {
    format!("{}\n", HEXLOWER.encode(&key.0))
}

/// The name of a card's file.
fn name(card: Identity) -> String {
    HEXLOWER.encode(&card.0)
}

/// The key in a file of ours; `None` where it is torn, or of somebody else.
fn read(path: &Path) -> io::Result<Option<CardKey>> {
    let file = match private_folder::open(path) {
        Ok(file) => file,
        Err(OpenError::System(error)) => return Err(error),
        // In the home of somebody else.
        Err(OpenError::Foreign) => return Ok(None),
        Err(error @ OpenError::Exposed) => return Err(io::Error::other(error)),
    };
    let mut line = Vec::with_capacity(LENGTH);
    file.take(LENGTH as u64 + 1).read_to_end(&mut line)?;
    let digits = line.strip_suffix(b"\n").unwrap_or_default();
    let hash = HEXLOWER.decode(digits).ok();
    Ok(hash.and_then(|hash| hash.try_into().ok()).map(CardKey))
}

/// Writes a file whole under another name first, and gives it its own name where there is no file with it, or a torn one.
/// Gives its path.
fn keep(folder: &Path, name: &str, key: CardKey) -> io::Result<PathBuf> {
    let (unfinished, mut file) = private_folder::begin(folder, name)?;
    let path = folder.join(name);
    let kept = file
        .write_all(line(key).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&unfinished, &path) {
            Ok(()) => Ok(()),
            // Not every file system has links.
            Err(_) => match read(&path) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => fs::rename(&unfinished, &path),
                Err(error) if is_absence(&error) => fs::rename(&unfinished, &path),
                Err(error) => Err(error),
            },
        });
    let kept = match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => kept.and(Err(error)),
        _ => kept,
    };
    kept.map(|()| path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    const CARD: Identity = Identity([0x11; 16]);
    const KEY: CardKey = CardKey([0xAB; 32]);
    const OTHER: CardKey = CardKey([0xCD; 32]);

    #[test]
    fn a_card_keeps_the_key_that_it_was_first_met_with() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("state/cards");
        let cards = KnownCards::at(inside.clone());
        assert_eq!(cards.meeting(CARD), Meeting::Never);
        cards.meet(CARD, KEY);
        cards.meet(CARD, OTHER);
        assert_eq!(cards.meeting(CARD), Meeting::Known(KEY));
        assert_eq!(cards.meeting(Identity([0x12; 16])), Meeting::Never);
        let path = cards.path(CARD).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 1);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!("{}\n", "ab".repeat(32))
        );

        fs::remove_file(&path).unwrap();
        assert_eq!(cards.meeting(CARD), Meeting::Never);
        cards.meet(CARD, OTHER);
        assert_eq!(cards.meeting(CARD), Meeting::Known(OTHER));
    }

    #[test]
    fn a_card_is_met_again_where_its_holder_says_so_whatever_its_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let cards = KnownCards::at(folder.path().join("cards"));
        cards.meet(CARD, KEY);
        let path = cards.path(CARD).unwrap();
        for mode in [0o600, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            cards.meet_again(CARD, OTHER).unwrap();
            assert_eq!(cards.meeting(CARD), Meeting::Known(OTHER));
        }
        assert!(cards.meet_again(Identity::UNKNOWN, KEY).is_err());
        assert!(KnownCards::default().meet_again(CARD, KEY).is_err());
    }

    #[test]
    fn a_torn_file_is_replaced_and_one_that_others_may_write_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let cards = KnownCards::at(folder.path().join("cards"));
        cards.meet(CARD, KEY);
        let path = cards.path(CARD).unwrap();
        for torn in [
            "",
            "abab",
            &"ab".repeat(32),
            &format!("{}\n\n", "ab".repeat(32)),
        ] {
            fs::write(&path, torn).unwrap();
            assert_eq!(cards.meeting(CARD), Meeting::Never, "{torn}");
            cards.meet(CARD, KEY);
            assert_eq!(cards.meeting(CARD), Meeting::Known(KEY));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let is_unreadable = || matches!(cards.meeting(CARD), Meeting::Unreadable(_));
        assert!(is_unreadable());
        cards.meet(CARD, OTHER);
        assert!(is_unreadable());
    }

    #[test]
    fn nothing_is_kept_of_a_card_that_cannot_be_told_from_others_or_without_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let cards = KnownCards::at(folder.path().join("cards"));
        assert!(cards.can_meet(CARD) && !cards.can_meet(Identity::UNKNOWN));
        cards.give_up(CARD);
        assert!(!cards.can_meet(CARD));
        cards.meet(Identity::UNKNOWN, KEY);
        assert_eq!(cards.meeting(Identity::UNKNOWN), Meeting::Never);
        let nowhere = KnownCards::default();
        nowhere.meet(CARD, KEY);
        assert!(!nowhere.can_meet(CARD));
        assert_eq!(nowhere.meeting(CARD), Meeting::Never);
    }

    #[test]
    fn a_program_holds_the_keys_that_it_cannot_remember_where_it_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let no_folder = folder.path().join("file");
        fs::write(&no_folder, "").unwrap();
        for cards in [KnownCards::default(), KnownCards::at(no_folder)] {
            let cards = cards.holding();
            for card in [CARD, Identity::UNKNOWN] {
                cards.meet(card, KEY);
            }
            assert_eq!(cards.meeting(CARD), Meeting::Known(KEY));
            assert!(cards.is_held(CARD) && !cards.is_remembered(CARD));
            assert!(!cards.is_held(Identity::UNKNOWN));
        }
        let cards = KnownCards::at(folder.path().join("cards")).holding();
        cards.meet(CARD, KEY);
        assert!(cards.is_remembered(CARD) && !cards.is_held(CARD));
    }
}
