//! PIN and PUK as they are kept: a salted hash, and how many tries there are (SP 800-73-5 part 1, 5.1).

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The maximum number of tries that a PIN or PUK may have: an answer 63Cx counts to 15.
pub const LIMIT_MAX: u8 = 15;

/// Memory of one hash in KiB, and its passes. A few milliseconds each: every login pays it once. Six digits
/// are guessed from a stolen file all the same; the hash keeps the PIN itself out of it.
const MEMORY_KIB: u32 = 4096;
const PASSES: u32 = 2;

/// Why reference data could not be hashed or compared.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the hash of a PIN or PUK cannot be computed")]
pub struct HashError;

/// A PIN or PUK: never in the clear, and its hash in no log, since six digits are soon guessed from it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceData {
    /// Argon2id of the eight padded bytes as a PHC string, with its salt and parameters.
    hash: String,
    /// Tries after a success.
    pub limit: u8,
    /// Whether it is still the value that every new card has.
    pub is_default: bool,
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
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| HashError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl ReferenceData {
    /// What an earlier format kept: the same hash.
    pub(super) fn from_hash(hash: String, limit: u8, is_default: bool) -> Self {
        Self {
            hash,
            limit,
            is_default,
        }
    }

    /// Keeps these eight padded bytes, with all tries.
    ///
    /// # Errors
    /// [`HashError`] where there is no memory or no randomness for the hash.
    pub fn new(value: &[u8; 8], limit: u8, is_default: bool) -> Result<Self, HashError> {
        let hash = hasher()?.hash_password(value).map_err(|_| HashError)?;
        Ok(Self {
            hash: hash.to_string(),
            limit,
            is_default,
        })
    }

    /// Whether these eight padded bytes are the value, compared in constant time.
    ///
    /// # Errors
    /// [`HashError`] where the stored hash cannot be read or computed.
    pub fn matches(&self, value: &[u8; 8]) -> Result<bool, HashError> {
        let hash = PasswordHash::new(&self.hash).map_err(|_| HashError)?;
        match hasher()?.verify_password(value, &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(HashError),
        }
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
        let data = ReferenceData::new(b"123456\xFF\xFF", 5, true).unwrap();
        assert!(data.matches(b"123456\xFF\xFF").unwrap());
        assert!(!data.matches(b"123457\xFF\xFF").unwrap());
        assert!(!serde_json::to_string(&data).unwrap().contains("123456"));
    }

    #[test]
    fn the_hash_is_in_no_log() {
        let data = ReferenceData::new(b"123456\xFF\xFF", 5, true).unwrap();
        assert!(!format!("{data:?}").contains(&data.hash));
    }
}
