//! Decryption (PKCS#11 3.0, 5.10): done by the card, the padding taken off here.

use std::sync::Arc;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_DECRYPT};
use zeroize::Zeroizing;

use super::input::Input;
use super::key;
use super::state::{Feed, OutputLength, Produce};
use crate::error::{Error, Result};
use crate::mechanism::Mechanism;
use crate::mechanism::scheme::EncryptionScheme;
use crate::token::Token;
use crate::token::use_key::Consent;

/// A decryption in the making.
pub struct Decrypt {
    token: Arc<Token>,
    reference: AsymmetricKey,
    algorithm: KeyAlgorithm,
    scheme: Arc<dyn EncryptionScheme>,
    input: Input,
}

impl Decrypt {
    /// `C_DecryptInit`
    ///
    /// # Errors
    /// [`Error::KeyHandle`], [`Error::KeyFunction`], [`Error::KeyType`], [`Error::Mechanism`],
    /// [`Error::UserNotLoggedIn`].
    pub fn begin(token: &Arc<Token>, mechanism: Mechanism, key: CK_OBJECT_HANDLE) -> Result<Self> {
        let (reference, key) = key::private(token, key, CKA_DECRYPT)?;
        let algorithm = key.algorithm();
        Ok(Self {
            token: Arc::clone(token),
            reference,
            algorithm,
            scheme: Arc::from(mechanism.encryption(key)?),
            input: Input::new(None),
        })
    }
}

impl Feed for Decrypt {
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.input
            .add(bytes)
            .map_err(|_| Error::EncryptedDataLength)
    }
}

impl Produce for Decrypt {
    /// How long the message is shows only when the padding is off.
    fn output_length(&self) -> OutputLength {
        OutputLength::AtMost(self.scheme.message_max())
    }

    fn afresh(&self) -> Option<Self> {
        Some(Self {
            token: Arc::clone(&self.token),
            reference: self.reference,
            algorithm: self.algorithm,
            scheme: Arc::clone(&self.scheme),
            input: Input::new(None),
        })
    }

    fn finish(self) -> Result<Zeroizing<Vec<u8>>> {
        let ciphertext = self.input.finish();
        self.scheme.check(&ciphertext)?;
        let answer = self.token.apply_key(
            self.reference,
            self.algorithm,
            &ciphertext,
            Consent::Pending,
        )?;
        self.scheme.open(answer)
    }
}
