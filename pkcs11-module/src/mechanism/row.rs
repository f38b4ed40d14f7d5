//! What a program can learn of a mechanism before it uses it.

use cryptoki_sys::*;

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;

/// What a mechanism is used for. Signing comes with verifying and decrypting with encrypting: Java drops a
/// mechanism that has one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// To sign and verify.
    Sign,
    /// To encrypt and decrypt.
    Decrypt,
    /// To sign and verify, and to encrypt and decrypt.
    SignAndDecrypt,
    /// To agree on a secret.
    Agree,
    /// To hash.
    Digest,
    /// To make key pairs.
    GenerateKeyPair,
}

/// One mechanism as `C_GetMechanismList` and `C_GetMechanismInfo` describe it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `CKM_...`
    pub number: CK_MECHANISM_TYPE,
    /// The name that the standard gives it.
    pub name: &'static str,
    /// The types of the keys that it works with; none where it works without a key.
    pub keys: &'static [KeyType],
    /// What it is used for.
    pub usage: Usage,
    /// The hash function that it applies by itself.
    pub hash: Option<Hash>,
}

impl Row {
    /// `CKF_...`: its usages, and what it knows of curves.
    #[must_use]
    pub fn flags(&self) -> CK_FLAGS {
        const SIGN: CK_FLAGS = CKF_SIGN | CKF_VERIFY;
        const DECRYPT: CK_FLAGS = CKF_ENCRYPT | CKF_DECRYPT;
        let usage = match self.usage {
            Usage::Sign => CKF_HW | SIGN,
            Usage::Decrypt => CKF_HW | DECRYPT,
            Usage::SignAndDecrypt => CKF_HW | SIGN | DECRYPT,
            Usage::Agree => CKF_HW | CKF_DERIVE,
            Usage::Digest => CKF_DIGEST,
            Usage::GenerateKeyPair => CKF_HW | CKF_GENERATE_KEY_PAIR,
        };
        self.keys
            .iter()
            .fold(usage, |flags, keys| flags | keys.mechanism_flags())
    }

    /// What `C_GetMechanismInfo` returns: key sizes in bits, and flags.
    #[must_use]
    pub fn info(&self) -> CK_MECHANISM_INFO {
        let (min, max) = match (self.usage, self.keys) {
            // Shorter ones are old keys.
            (Usage::GenerateKeyPair, [KeyType::Rsa]) => (2048, 4096),
            (_, keys) => {
                let bits = || keys.iter().map(|keys| keys.bits());
                let shortest = bits().map(|(min, _)| min).min();
                let longest = bits().map(|(_, max)| max).max();
                (shortest.unwrap_or_default(), longest.unwrap_or_default())
            }
        };
        CK_MECHANISM_INFO {
            ulMinKeySize: min,
            ulMaxKeySize: max,
            flags: self.flags(),
        }
    }

    /// The hash function of a mechanism that always has one.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where it has none.
    pub fn own_hash(&self) -> Result<Hash> {
        self.hash.ok_or(Error::Mechanism)
    }
}
