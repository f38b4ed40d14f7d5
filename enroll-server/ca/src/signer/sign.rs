//! The trait of private keys, and a handle on any of them.

use std::sync::Arc;

use crate::public_key::PublicKey;
use crate::signature_algorithm::SignatureAlgorithm;
use crate::signer::error::SignError;

/// A private key that signs and stays where it is.
///
/// A signature may take long (RSA; a hardware module far away) and blocks: an asynchronous caller makes it on a thread
/// for blocking work.
pub trait Sign: Send + Sync {
    /// The public half. What the key signs with [follows](PublicKey::signature_algorithm) from it.
    fn public_key(&self) -> &PublicKey;

    /// Signs a message, which is hashed here as the signature algorithm wants it: PKCS#1 v1.5 for RSA, the DER of
    /// ECDSA-Sig-Value (RFC 3279, section 2.2.3) for elliptic curves.
    ///
    /// # Errors
    /// If the key cannot be used.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// A handle on a private key.
#[derive(Clone)]
pub struct Signer(Arc<dyn Sign>);

impl Signer {
    /// A handle on `key`.
    pub fn new(key: impl Sign + 'static) -> Self {
        Self(Arc::new(key))
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.public_key().signature_algorithm()
    }

    /// Signs a message. Blocks.
    ///
    /// # Errors
    /// If the key cannot be used.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.0.sign(message)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}
