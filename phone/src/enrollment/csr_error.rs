//! Why no certification request could be made.

use thiserror::Error;

use crate::key_store::KeyStoreError;

/// Why no request could be made.
#[derive(Debug, Error)]
pub enum CsrError {
    /// The key could not sign.
    #[error(transparent)]
    Key(#[from] KeyStoreError),
    /// The public key is malformed.
    #[error("the public key cannot be encoded: {0}")]
    PublicKey(#[from] spki::Error),
    /// Something has no DER encoding.
    #[error("the request cannot be encoded: {0}")]
    Encoding(#[from] der::Error),
}
