//! Encryption with a public key (PKCS#11 3.0, 5.8): in this process, without the card.

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_ENCRYPT};
use zeroize::Zeroizing;

use super::decrypt::check_mechanism;
use super::sign::raw_block;
use super::{Input, Outcome, Room, Stage, feed};
use crate::error::{Error, Result};
use crate::mechanism::{Kind, Mechanism, Parameter};
use crate::module::Module;
use crate::padding::{oaep, pkcs1};
use crate::public_key::{PublicKey, RsaKey};

/// An encryption in the making.
pub struct Encrypt {
    mechanism: Mechanism,
    key: RsaKey,
    input: Input,
    stage: Stage,
}

fn block(mechanism: &Mechanism, key: &RsaKey, message: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    match (mechanism.kind, &mechanism.parameter) {
        (Kind::RsaPkcs(None), _) => pkcs1::encode_encryption(message, key.length()),
        (Kind::RsaOaep, Parameter::Oaep(parameters)) => {
            oaep::encode(message, parameters, key.length())
        }
        (Kind::RsaRaw, _) => raw_block(message, key),
        _ => Err(Error::Mechanism),
    }
}

impl Module {
    /// `C_EncryptInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], [`Error::KeyHandle`], [`Error::KeyFunction`], [`Error::KeyType`],
    /// [`Error::Mechanism`].
    pub fn encrypt_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: Option<Mechanism>,
        key: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let Some(mechanism) = mechanism else {
            operations.encrypt = None;
            return Ok(());
        };
        if operations.encrypt.is_some() {
            return Err(Error::OperationActive);
        }
        check_mechanism(mechanism.kind)?;
        let PublicKey::Rsa(key) = session.public_key(key, CKA_ENCRYPT)? else {
            return Err(Error::KeyType);
        };
        operations.encrypt = Some(Encrypt {
            mechanism,
            key,
            input: Input::new(None),
            stage: Stage::Begun,
        });
        Ok(())
    }

    /// `C_EncryptUpdate`: gathers the message.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::DataLength`].
    pub fn encrypt_update(&self, session: CK_SESSION_HANDLE, data: &[u8]) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        feed(&mut operations.encrypt, data, |encrypt| {
            (&mut encrypt.input, &mut encrypt.stage)
        })
    }

    /// `C_Encrypt` with the whole message, `C_EncryptFinal` without.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::OperationActive`] for data after an update,
    /// [`Error::DataLength`].
    pub fn encrypt(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        room: Room,
    ) -> Result<Outcome> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let waiting = operations
            .encrypt
            .as_ref()
            .ok_or(Error::OperationNotInitialized)?;
        if data.is_some() && waiting.stage == Stage::Fed {
            return Err(Error::OperationActive);
        }
        let length = waiting.key.length();
        let Some(mut encrypt) = operations.encrypt.take_if(|_| room.holds(length)) else {
            return Ok(Outcome::Length(length));
        };
        if let Some(data) = data {
            encrypt.input.update(data)?;
        }
        let block = block(&encrypt.mechanism, &encrypt.key, &encrypt.input.finish())?;
        Ok(Outcome::Bytes(Zeroizing::new(encrypt.key.apply(&block)?)))
    }
}
