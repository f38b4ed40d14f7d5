//! What the card remembers, and how it is kept on disk so that no kill at any moment loses or corrupts it.
//!
//! [`CardState`] is the whole of it, one value; [`Store`] changes it atomically in a folder that several
//! processes share. Nothing here knows APDUs.

pub mod encoding;
mod new_card;
pub mod reference_data;
mod store;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::chuid::{Chuid, Guid};
use card_edge::piv::object::ObjectId;
use card_edge::piv::{AsymmetricKey, Cipher};
use card_edge::tlv::{Tag, TlvError};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::key_store::{KeyAlgorithm, KeyHandle};
use encoding::{Bytes, Secret, by_slot, by_tag};
use reference_data::{HashError, ReferenceData};

pub use new_card::{NEW_CARD_PIN_TRIES, NEW_CARD_PUK_TRIES};
pub use store::Store;

/// Why the state could not be read or changed.
#[derive(Debug, Error)]
pub enum StateError {
    /// A file or folder could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what this program writes. It is left as it is.
    #[error(
        "the card's state in {} is damaged ({reason}); it is left as it is: restore it from a copy, or use another folder for a new card", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is of a later version of this program. It is left as it is.
    #[error(
        "the card's state in {} has format {found}, this program knows up to {known}: use a newer tapcard-phone", path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The latest that is known.
        known: u32,
    },
    /// No card is in the folder.
    #[error("there is no card in {}: `tapcard-phone run` or `enroll` makes one", .0.display())]
    NoCard(PathBuf),
    /// Another process is enrolling this card.
    #[error("another enrollment of the card in {} is running: wait for it to end", .0.display())]
    Enrolling(PathBuf),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// A PIN or PUK could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// An object could not be encoded.
    #[error("an object cannot be encoded: {0}")]
    Tlv(#[from] TlvError),
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made on this card: it has never been anywhere else.
    Generated,
    /// Written to it from outside.
    Imported,
}

/// A key of a slot, as its key store wants it kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// What kind of key it is.
    pub algorithm: KeyAlgorithm,
    /// Where it comes from.
    pub origin: Origin,
    /// How its key store finds it.
    pub handle: KeyHandle,
}

/// The card management key (9B).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementKey {
    algorithm: u8,
    key: Secret,
}

/// A management key whose length does not fit its algorithm.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a management key for {0} does not have {1} bytes")]
pub struct ManagementKeyError(pub Cipher, pub usize);

impl ManagementKey {
    /// Keeps a key.
    ///
    /// # Errors
    /// [`ManagementKeyError`] where the length does not fit the cipher.
    pub fn new(cipher: Cipher, key: &[u8]) -> Result<Self, ManagementKeyError> {
        if key.len() != cipher.key_length() {
            return Err(ManagementKeyError(cipher, key.len()));
        }
        Ok(Self {
            algorithm: cipher.identifier(),
            key: Secret::new(key.to_vec()),
        })
    }

    /// The cipher that the key is for.
    #[must_use]
    pub fn cipher(&self) -> Cipher {
        Cipher::try_from(self.algorithm).unwrap_or(Cipher::Aes192)
    }

    /// Whether it is the key of every new card.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.key.as_bytes() == DEFAULT_CARD_MANAGEMENT_KEY
    }

    /// Whether it may be used with this cipher: its own, and for the default key 3DES too, as older tools do.
    #[must_use]
    pub fn accepts(&self, cipher: Cipher) -> bool {
        cipher == self.cipher() || (self.is_default() && cipher == Cipher::TripleDes)
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.key.as_bytes()
    }
}

impl fmt::Debug for ManagementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManagementKey({}, ..)", self.cipher())
    }
}

/// Who enrolled the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    /// The organisation that the server speaks for.
    pub organisation: String,
    /// Whom the certificates name.
    pub holder: String,
    /// The server's address: `https://host:port`.
    pub server: String,
    /// The server's name for this phone.
    pub phone: String,
    /// SHA-256 of the invitation that was used, in hex: to recognise it, not to use it.
    pub invitation: String,
    /// The authority's certificates, DER, the issuing one first.
    pub issuers: Vec<Bytes>,
    /// The new PUK, until its holder has seen it: a kill in between must not lose it.
    pub unseen_puk: Option<Secret>,
}

/// An enrollment that has begun: its keys are made, its certificates not stored yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEnrollment {
    /// SHA-256 of the invitation, in hex.
    pub invitation: String,
    /// The organisation that offers it.
    pub organisation: String,
    /// To whom.
    pub holder: String,
    /// Until when the invitation can be used, RFC 3339.
    pub expires: String,
    /// For which slots certificates are offered, and for which kinds of keys.
    #[serde(with = "by_slot")]
    pub offered: BTreeMap<AsymmetricKey, KeyAlgorithm>,
    /// The keys that have been made for it.
    #[serde(with = "by_slot")]
    pub keys: BTreeMap<AsymmetricKey, KeyRecord>,
}

/// All that the card remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardState {
    /// A number that tools show, random.
    pub serial: u32,
    /// The PIV PIN (80).
    pub pin: ReferenceData,
    /// The PIN unblocking key (81).
    pub puk: ReferenceData,
    /// The card management key (9B).
    pub management_key: ManagementKey,
    /// The content of each object, without the wrapping 53, 7E or 7F61; an absent object is not on the card.
    #[serde(with = "by_tag")]
    pub objects: BTreeMap<Tag, Bytes>,
    /// The keys.
    #[serde(with = "by_slot")]
    pub keys: BTreeMap<AsymmetricKey, KeyRecord>,
    /// Who enrolled it, if anyone has.
    pub enrollment: Option<Enrollment>,
    /// An enrollment that was begun and not finished.
    pub pending_enrollment: Option<PendingEnrollment>,
}

impl CardState {
    /// The content of an object, if it is on the card.
    #[must_use]
    pub fn object(&self, object: ObjectId) -> Option<&[u8]> {
        self.objects
            .get(&object.tag())
            .map(|bytes| bytes.0.as_slice())
    }

    /// The card's identity, as its CHUID gives it; `None` where that is missing or malformed.
    #[must_use]
    pub fn guid(&self) -> Option<Guid> {
        Chuid::decode(self.object(ObjectId::Chuid)?)
            .ok()
            .map(|chuid| chuid.guid)
    }

    /// The bytes of the file.
    fn to_file(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        // Room for everything at once: a buffer that grows leaves copies behind that nobody wipes.
        let objects: usize = self.objects.values().map(|bytes| bytes.0.len() * 2).sum();
        let mut out = Zeroizing::new(Vec::with_capacity(64 * 1024 + objects));
        serde_json::to_writer_pretty(&mut *out, &FileOut::new(self))?;
        Ok(out)
    }
}

/// The format that this program writes.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct FileOut<'a> {
    format: u32,
    card: &'a CardState,
}

impl<'a> FileOut<'a> {
    fn new(card: &'a CardState) -> Self {
        Self {
            format: FORMAT,
            card,
        }
    }
}

#[derive(Deserialize)]
struct FileIn {
    card: CardState,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}
