//! PIN and PUK as they are kept: a salted hash, and how many tries there are (SP 800-73-5 part 1, 5.1).

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::hash_cost::{self, SALT_MIN};
use super::sealing::{OpeningKey, SealingError, WrappedKey};

/// The maximum number of tries that a PIN or PUK may have: an answer 63Cx counts to 15.
pub const LIMIT_MAX: u8 = 15;

/// The fewest bytes of a hash.
const OUTPUT_MIN: usize = 16;

/// Why what is kept of a PIN or PUK cannot be.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ReferenceDataError {
    /// No tries at all, or more than an answer can count.
    #[error("a PIN or PUK cannot have {0} tries")]
    Limit(u8),
    /// It is not Argon2id's, or not one that this program would make.
    #[error("the hash of a PIN or PUK is not one")]
    Hash,
    /// It is not one that this program would wrap.
    #[error("the wrapped key of a PIN or PUK is not one")]
    OpeningKey,
}

/// Why reference data could not be hashed or compared.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the hash of a PIN or PUK cannot be computed")]
pub struct HashError;

/// A PIN or PUK: never in the clear, and its hash in no log, since six digits are soon guessed from it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept")]
pub struct ReferenceData {
    /// Argon2id of the padded bytes as a PHC string, with its salt and parameters.
    hash: String,
    /// Tries after a success.
    pub limit: u8,
    /// Whether it is still the value that every new card has.
    pub is_default: bool,
    /// What decrypts the card's keys, on a card that encrypts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    opening_key: Option<WrappedKey>,
}

/// The same as it is in the file, whatever it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    hash: String,
    limit: u8,
    is_default: bool,
    #[serde(default)]
    opening_key: Option<WrappedKey>,
}

impl TryFrom<Kept> for ReferenceData {
    type Error = ReferenceDataError;

    fn try_from(kept: Kept) -> Result<Self, ReferenceDataError> {
        let data = Self::from_hash(kept.hash, kept.limit, kept.is_default)?;
        if kept.opening_key.as_ref().is_some_and(|key| !key.is_valid()) {
            return Err(ReferenceDataError::OpeningKey);
        }
        Ok(Self {
            opening_key: kept.opening_key,
            ..data
        })
    }
}

/// Whether this is a hash that can be compared with, at a cost that is bearable.
fn is_hash(text: &str) -> bool {
    let Ok(hash) = PasswordHash::new(text) else {
        return false;
    };
    let lengths = hash
        .salt
        .as_ref()
        .is_some_and(|salt| salt.len() >= SALT_MIN)
        && hash
            .hash
            .as_ref()
            .is_some_and(|hash| hash.len() >= OUTPUT_MIN);
    let bearable = Params::try_from(&hash).is_ok_and(|params| hash_cost::is_bearable(&params));
    lengths && bearable && hash.algorithm == Algorithm::Argon2id.ident()
}

impl std::fmt::Debug for ReferenceData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReferenceData")
            .field("limit", &self.limit)
            .field("is_default", &self.is_default)
            .finish_non_exhaustive()
    }
}

fn hasher() -> Result<Argon2<'static>, HashError> {
    let params = hash_cost::params().map_err(|_| HashError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl ReferenceData {
    /// What a file keeps.
    ///
    /// # Errors
    /// [`ReferenceDataError`] where it cannot be.
    pub(super) fn from_hash(
        hash: String,
        limit: u8,
        is_default: bool,
    ) -> Result<Self, ReferenceDataError> {
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(ReferenceDataError::Limit(limit));
        }
        if !is_hash(&hash) {
            return Err(ReferenceDataError::Hash);
        }
        Ok(Self {
            hash,
            limit,
            is_default,
            opening_key: None,
        })
    }

    /// Keeps these bytes, padded to eight at least, with all tries; with them the key that decrypts the card's keys, where it
    /// has one.
    ///
    /// # Errors
    /// [`HashError`] where there is no memory or no randomness for the hash.
    pub fn new(
        value: &[u8],
        limit: u8,
        is_default: bool,
        opening_key: Option<&OpeningKey>,
    ) -> Result<Self, HashError> {
        let hash = hasher()?.hash_password(value).map_err(|_| HashError)?;
        let opening_key = opening_key.map(|key| WrappedKey::wrap(value, key));
        Ok(Self {
            hash: hash.to_string(),
            limit,
            is_default,
            opening_key: opening_key.transpose().map_err(|_| HashError)?,
        })
    }

    /// Whether these bytes, padded to eight at least, are the value, compared in constant time.
    ///
    /// # Errors
    /// [`HashError`] where the stored hash cannot be read or computed.
    pub fn matches(&self, value: &[u8]) -> Result<bool, HashError> {
        let hash = PasswordHash::new(&self.hash).map_err(|_| HashError)?;
        match hasher()?.verify_password(value, &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(HashError),
        }
    }

    /// The key that decrypts the card's keys, where it is kept with this value; the bytes must be the value.
    ///
    /// # Errors
    /// [`SealingError`] where they are not, or what is kept is damaged.
    pub fn opening_key(&self, value: &[u8]) -> Result<Option<OpeningKey>, SealingError> {
        let wrapped = self.opening_key.as_ref();
        wrapped.map(|wrapped| wrapped.unwrap(value)).transpose()
    }

    /// Whether the key that decrypts the card's keys is kept with it.
    pub(super) fn has_opening_key(&self) -> bool {
        self.opening_key.is_some()
    }

    /// Forgets that key.
    pub(super) fn forget_opening_key(&mut self) {
        self.opening_key = None;
    }

    /// What names this value and no other, the same digits set again included: each hash has a salt of its own.
    pub(super) fn id(&self) -> [u8; 8] {
        let digest: [u8; 32] = Sha256::digest(&self.hash).into();
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(digest) {
            *to = from;
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_recognised_and_not_kept() {
        let data = ReferenceData::new(b"123456\xFF\xFF", 5, true, None).unwrap();
        assert!(data.matches(b"123456\xFF\xFF").unwrap());
        assert!(!data.matches(b"123457\xFF\xFF").unwrap());
        assert!(!serde_json::to_string(&data).unwrap().contains("123456"));
    }

    #[test]
    fn the_hash_is_in_no_log() {
        let data = ReferenceData::new(b"123456\xFF\xFF", 5, true, None).unwrap();
        assert!(!format!("{data:?}").contains(&data.hash));
    }
}
