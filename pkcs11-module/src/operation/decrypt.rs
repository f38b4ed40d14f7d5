//! RSA decryption (PKCS#11 3.0, 5.10): done by the card, the padding taken off here.

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_DECRYPT};
use zeroize::Zeroizing;

use super::{Input, Outcome, Room, Stage, feed};
use crate::error::{Error, Result};
use crate::mechanism::{Kind, Mechanism, Parameter};
use crate::module::Module;
use crate::padding::{oaep, pkcs1};
use crate::public_key::{PublicKey, RsaKey};
use crate::token::Consent;

/// A decryption in the making.
pub struct Decrypt {
    mechanism: Mechanism,
    slot: AsymmetricKey,
    key: RsaKey,
    input: Input,
    stage: Stage,
    /// The message, where the card has decrypted and the caller's buffer was too small for it.
    message: Option<Zeroizing<Vec<u8>>>,
}

impl Decrypt {
    /// The most bytes that the message can have.
    fn message_max(&self) -> usize {
        let length = self.key.length();
        match (&self.mechanism.kind, &self.mechanism.parameter) {
            (Kind::RsaPkcs(_), _) => length.saturating_sub(pkcs1::OVERHEAD),
            (Kind::RsaOaep, Parameter::Oaep(parameters)) => {
                parameters.message_max(length).unwrap_or_default()
            }
            _ => length,
        }
    }

    fn open(&self, block: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        match (self.mechanism.kind, &self.mechanism.parameter) {
            (Kind::RsaPkcs(None), _) => pkcs1::decode_encryption(&block),
            (Kind::RsaOaep, Parameter::Oaep(parameters)) => oaep::decode(&block, parameters),
            (Kind::RsaRaw, _) => Ok(block),
            _ => Err(Error::Mechanism),
        }
    }
}

/// Whether a mechanism encrypts and decrypts.
///
/// # Errors
/// [`Error::Mechanism`] where it does not.
pub(super) fn check_mechanism(kind: Kind) -> Result<()> {
    match kind {
        Kind::RsaPkcs(None) | Kind::RsaOaep | Kind::RsaRaw => Ok(()),
        _ => Err(Error::Mechanism),
    }
}

impl Module {
    /// `C_DecryptInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], [`Error::KeyHandle`], [`Error::KeyFunction`], [`Error::KeyType`],
    /// [`Error::Mechanism`], [`Error::UserNotLoggedIn`].
    pub fn decrypt_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: Option<Mechanism>,
        key: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let Some(mechanism) = mechanism else {
            operations.decrypt = None;
            return Ok(());
        };
        if operations.decrypt.is_some() {
            return Err(Error::OperationActive);
        }
        check_mechanism(mechanism.kind)?;
        let (slot, key) = session.private_key(key, CKA_DECRYPT)?;
        let PublicKey::Rsa(key) = key else {
            return Err(Error::KeyType);
        };
        operations.decrypt = Some(Decrypt {
            mechanism,
            slot,
            key,
            input: Input::new(None),
            stage: Stage::Begun,
            message: None,
        });
        Ok(())
    }

    /// `C_DecryptUpdate`: gathers the ciphertext.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::EncryptedDataLength`].
    pub fn decrypt_update(&self, session: CK_SESSION_HANDLE, data: &[u8]) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        feed(&mut operations.decrypt, data, |decrypt| {
            (&mut decrypt.input, &mut decrypt.stage)
        })
        .map_err(|error| match error {
            Error::DataLength => Error::EncryptedDataLength,
            other => other,
        })
    }

    /// `C_Decrypt` with the whole ciphertext, `C_DecryptFinal` without. A length query tells the most that
    /// the message can have and asks nothing of the card; a buffer that proves too small for the message
    /// leaves it here for the next call.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::OperationActive`] for data after an update,
    /// [`Error::EncryptedDataLength`], [`Error::EncryptedData`], [`Error::UserNotLoggedIn`], or any failure
    /// of the card.
    pub fn decrypt(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        room: Room,
    ) -> Result<Outcome> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let waiting = operations
            .decrypt
            .as_ref()
            .ok_or(Error::OperationNotInitialized)?;
        if data.is_some() && waiting.stage == Stage::Fed {
            return Err(Error::OperationActive);
        }
        if room == Room::Length {
            let message = waiting.message.as_ref();
            return Ok(Outcome::Length(
                message.map_or_else(|| waiting.message_max(), |message| message.len()),
            ));
        }
        let Some(mut decrypt) = operations.decrypt.take() else {
            return Err(Error::OperationNotInitialized);
        };
        let message = match decrypt.message.take() {
            Some(message) => message,
            None => {
                if let Some(data) = data {
                    decrypt
                        .input
                        .update(data)
                        .map_err(|_| Error::EncryptedDataLength)?;
                }
                let input = std::mem::replace(&mut decrypt.input, Input::new(None)).finish();
                if input.len() != decrypt.key.length() {
                    return Err(Error::EncryptedDataLength);
                }
                if input.as_slice() >= decrypt.key.modulus.as_slice() {
                    return Err(Error::EncryptedData);
                }
                let block = session.token.apply_key(
                    decrypt.slot,
                    decrypt.key.algorithm,
                    &input,
                    Consent::Pending,
                )?;
                if block.len() != decrypt.key.length() {
                    return Err(Error::Device("the card's answer is too short".into()));
                }
                decrypt.open(block)?
            }
        };
        if room.holds(message.len()) {
            return Ok(Outcome::Bytes(message));
        }
        let length = message.len();
        decrypt.message = Some(message);
        operations.decrypt = Some(decrypt);
        Ok(Outcome::Length(length))
    }
}
