//! Verification of signatures (PKCS#11 3.0, 5.15): in this process, without the card.

use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_VERIFY};

use super::input::Input;
use super::key;
use super::state::{Feed, Operation};
use crate::error::Result;
use crate::mechanism::Mechanism;
use crate::mechanism::scheme::SignatureScheme;
use crate::token::Token;

/// A verification in the making.
pub struct Verify {
    scheme: Box<dyn SignatureScheme>,
    input: Input,
}

impl Verify {
    /// `C_VerifyInit`
    ///
    /// # Errors
    /// [`crate::error::Error::KeyHandle`], [`crate::error::Error::KeyFunction`],
    /// [`crate::error::Error::KeyType`], [`crate::error::Error::Mechanism`].
    pub fn begin(token: &Token, mechanism: Mechanism, key: CK_OBJECT_HANDLE) -> Result<Self> {
        let scheme = mechanism.signature(key::public(token, key, CKA_VERIFY)?)?;
        Ok(Self {
            input: Input::new(scheme.hash()),
            scheme,
        })
    }

    fn check(self, signature: &[u8]) -> Result<()> {
        self.scheme.verify(&self.input.finish(), signature)
    }
}

impl Feed for Verify {
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.input.add(bytes)
    }
}

impl Operation<Verify> {
    /// `C_Verify`
    ///
    /// # Errors
    /// [`crate::error::Error::Signature`], [`crate::error::Error::SignatureLength`],
    /// [`crate::error::Error::DataLength`], [`crate::error::Error::OperationNotInitialized`].
    pub fn whole(&mut self, data: &[u8], signature: &[u8]) -> Result<()> {
        self.whole_with(data, |verify| verify.check(signature))
    }

    /// `C_VerifyFinal`
    ///
    /// # Errors
    /// As [`Self::whole`].
    pub fn last(&mut self, signature: &[u8]) -> Result<()> {
        self.last_with(|verify| verify.check(signature))
    }
}
