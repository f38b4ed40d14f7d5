//! Encryption with a public key (PKCS#11 3.0, 5.8): in this process, without the card.

use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_ENCRYPT};
use zeroize::Zeroizing;

use super::input::Input;
use super::key;
use super::state::{Feed, OutputLength, Produce};
use crate::error::Result;
use crate::mechanism::Mechanism;
use crate::mechanism::scheme::EncryptionScheme;
use crate::token::Token;

/// An encryption in the making.
pub struct Encrypt {
    scheme: Box<dyn EncryptionScheme>,
    input: Input,
}

impl Encrypt {
    /// `C_EncryptInit`
    ///
    /// # Errors
    /// [`crate::error::Error::KeyHandle`], [`crate::error::Error::KeyFunction`],
    /// [`crate::error::Error::KeyType`], [`crate::error::Error::Mechanism`].
    pub fn begin(token: &Token, mechanism: Mechanism, key: CK_OBJECT_HANDLE) -> Result<Self> {
        Ok(Self {
            scheme: mechanism.encryption(key::public(token, key, CKA_ENCRYPT)?)?,
            input: Input::new(None),
        })
    }
}

impl Feed for Encrypt {
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.input.add(bytes)
    }
}

impl Produce for Encrypt {
    fn output_length(&self) -> OutputLength {
        OutputLength::Exactly(self.scheme.ciphertext_length())
    }

    fn finish(self) -> Result<Zeroizing<Vec<u8>>> {
        self.scheme.encrypt(&self.input.finish())
    }
}
