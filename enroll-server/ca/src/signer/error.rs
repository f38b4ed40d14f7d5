//! Why a key did not sign.

/// A key did not sign, with the reason that it gave.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct SignError(pub String);
