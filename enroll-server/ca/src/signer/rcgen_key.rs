//! A signer as `rcgen` wants it.

use std::sync::Mutex;

use rcgen::{PublicKeyData, SigningKey};

use crate::error::CaError;
use crate::signer::error::SignError;
use crate::signer::sign::Signer;

/// A signer for `rcgen`, whose own error has no room for why a key did not sign: the reason is kept beside it.
pub(crate) struct RcgenKey<'s> {
    signer: &'s Signer,
    failure: Mutex<Option<SignError>>,
}

impl<'s> RcgenKey<'s> {
    pub(crate) fn new(signer: &'s Signer) -> Self {
        Self {
            signer,
            failure: Mutex::new(None),
        }
    }

    /// What went wrong: the signer's own reason, or else `rcgen`'s.
    pub(crate) fn explain(&self, error: rcgen::Error) -> CaError {
        let failure = self.failure.lock().ok().and_then(|mut kept| kept.take());
        failure.map_or_else(|| error.into(), CaError::from)
    }
}

impl PublicKeyData for RcgenKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.signer.public_key().bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.signer.algorithm().rcgen
    }
}

impl SigningKey for RcgenKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.signer.sign(message).map_err(|error| {
            if let Ok(mut kept) = self.failure.lock() {
                *kept = Some(error);
            }
            rcgen::Error::RemoteKeyError
        })
    }
}
