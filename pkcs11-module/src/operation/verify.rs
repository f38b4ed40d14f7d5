//! Verification of signatures (PKCS#11 3.0, 5.15): in this process, without the card.

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_VERIFY};

use super::sign::{pkcs1_data, raw_block, signature_hash, signature_length};
use super::{Input, Stage, feed};
use crate::error::{Error, Result};
use crate::mechanism::{Kind, Mechanism, Parameter};
use crate::module::Module;
use crate::padding::{pkcs1, pss};
use crate::public_key::PublicKey;

/// A verification in the making.
pub struct Verify {
    mechanism: Mechanism,
    key: PublicKey,
    input: Input,
    stage: Stage,
}

fn check(mechanism: &Mechanism, key: &PublicKey, input: &[u8], signature: &[u8]) -> Result<()> {
    if signature.len() != signature_length(key) {
        return Err(Error::SignatureLength);
    }
    let key = match key {
        PublicKey::Ec(key) => return key.verify(input, signature),
        PublicKey::Rsa(key) => key,
    };
    let opened = key.apply(signature).map_err(|_| Error::Signature)?;
    let expected = match (mechanism.kind, &mechanism.parameter) {
        (Kind::RsaPkcs(hash), _) => {
            pkcs1::encode_signature(&pkcs1_data(hash, input), key.length())?
        }
        (Kind::RsaPss(_), Parameter::Pss(parameters)) => {
            return pss::verify(input, &opened, *parameters, key.bits());
        }
        (Kind::RsaRaw, _) => raw_block(input, key)?,
        _ => return Err(Error::KeyType),
    };
    (*expected == opened).then_some(()).ok_or(Error::Signature)
}

impl Module {
    /// `C_VerifyInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], [`Error::KeyHandle`], [`Error::KeyFunction`], [`Error::KeyType`].
    pub fn verify_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: Option<Mechanism>,
        key: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let Some(mechanism) = mechanism else {
            operations.verify = None;
            return Ok(());
        };
        if operations.verify.is_some() {
            return Err(Error::OperationActive);
        }
        let key = session.public_key(key, CKA_VERIFY)?;
        let hash = signature_hash(mechanism.kind, &key)?;
        operations.verify = Some(Verify {
            mechanism,
            key,
            input: Input::new(hash),
            stage: Stage::Begun,
        });
        Ok(())
    }

    /// `C_VerifyUpdate`
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::DataLength`].
    pub fn verify_update(&self, session: CK_SESSION_HANDLE, data: &[u8]) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        feed(&mut operations.verify, data, |verify| {
            (&mut verify.input, &mut verify.stage)
        })
    }

    /// `C_Verify` with the whole of the data, `C_VerifyFinal` without. It ends the operation.
    ///
    /// # Errors
    /// [`Error::Signature`], [`Error::SignatureLength`], [`Error::DataLength`],
    /// [`Error::OperationNotInitialized`], [`Error::OperationActive`] for data after an update.
    pub fn verify(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        signature: &[u8],
    ) -> Result<()> {
        let session = self.session(session)?;
        let mut verify = session
            .operations()
            .verify
            .take()
            .ok_or(Error::OperationNotInitialized)?;
        if let Some(data) = data {
            if verify.stage == Stage::Fed {
                return Err(Error::OperationActive);
            }
            verify.input.update(data)?;
        }
        check(
            &verify.mechanism,
            &verify.key,
            &verify.input.finish(),
            signature,
        )
    }
}
