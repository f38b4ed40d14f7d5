//! Why a structure could not be written or signed.

use thiserror::Error;

use crate::key_store::KeyStoreError;

/// Why a structure could not be written or signed.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The key could not sign.
    #[error(transparent)]
    Key(#[from] KeyStoreError),
    /// The public key is malformed.
    #[error("the public key cannot be encoded: {0}")]
    PublicKey(#[from] spki::Error),
    /// Something has no DER encoding.
    #[error("the structure cannot be encoded: {0}")]
    Encoding(#[from] der::Error),
}
