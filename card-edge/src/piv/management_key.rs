//! The card management key (9B): whoever proves it may change the card (SP 800-73-5 part 1, table 4b).

use core::fmt;

use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use super::algorithm::Cipher;

/// The management key that PIV tools know as a new card's: as AES-192 or as 3DES.
pub const DEFAULT_CARD_MANAGEMENT_KEY: [u8; 24] = [
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
];

/// A management key with its cipher: as long as the cipher wants it.
#[derive(Clone)]
pub struct ManagementKey {
    cipher: Cipher,
    key: Zeroizing<Vec<u8>>,
}

/// A management key whose length does not fit its cipher.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a management key for {0} does not have {1} bytes")]
pub struct ManagementKeyError(pub Cipher, pub usize);

impl ManagementKey {
    /// A key.
    ///
    /// # Errors
    /// [`ManagementKeyError`] where the length does not fit the cipher.
    pub fn new(cipher: Cipher, key: &[u8]) -> Result<Self, ManagementKeyError> {
        if key.len() != cipher.key_length() {
            return Err(ManagementKeyError(cipher, key.len()));
        }
        Ok(Self {
            cipher,
            key: Zeroizing::new(key.to_vec()),
        })
    }

    /// The key of a new card, as AES-192.
    #[must_use]
    pub fn default_key() -> Self {
        Self {
            cipher: Cipher::Aes192,
            key: Zeroizing::new(DEFAULT_CARD_MANAGEMENT_KEY.to_vec()),
        }
    }

    /// The cipher that the key is for.
    #[must_use]
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Whether it is the key of every new card.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.key
            .as_slice()
            .ct_eq(DEFAULT_CARD_MANAGEMENT_KEY.as_slice())
            .into()
    }

    /// Whether it may be used with this cipher: its own, and for the default key 3DES too, as older tools do.
    #[must_use]
    pub fn accepts(&self, cipher: Cipher) -> bool {
        cipher == self.cipher || (self.is_default() && cipher == Cipher::TripleDes)
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.key
    }
}

impl PartialEq for ManagementKey {
    fn eq(&self, other: &Self) -> bool {
        self.cipher == other.cipher && self.key.as_slice().ct_eq(other.key.as_slice()).into()
    }
}

impl Eq for ManagementKey {}

impl fmt::Debug for ManagementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManagementKey({}, ..)", self.cipher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_key_is_taken_as_3des_too() {
        let key = ManagementKey::default_key();
        assert!(key.is_default());
        assert!(key.accepts(Cipher::Aes192) && key.accepts(Cipher::TripleDes));
        assert!(!key.accepts(Cipher::Aes256));
        let other = ManagementKey::new(Cipher::Aes192, &[9; 24]).unwrap();
        assert!(!other.is_default() && !other.accepts(Cipher::TripleDes));
    }

    #[test]
    fn the_length_must_fit_the_cipher_and_the_key_is_not_shown() {
        for cipher in Cipher::ALL {
            let key = vec![7; cipher.key_length()];
            assert!(ManagementKey::new(cipher, &key).is_ok());
            assert_eq!(
                ManagementKey::new(cipher, &key[1..]),
                Err(ManagementKeyError(cipher, key.len() - 1))
            );
        }
        let shown = format!("{:?}", ManagementKey::default_key());
        assert_eq!(shown, "ManagementKey(AES-192, ..)");
    }
}
