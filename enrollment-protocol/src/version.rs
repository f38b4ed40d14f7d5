//! The protocol's version, which every message carries.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version that this crate describes.
    pub const CURRENT: Self = Self(1);
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or a member is missing or has another form.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// It is a message of another version.
    #[error("it is of version {0} of the enrollment protocol, this is version {current}", current = Version::CURRENT)]
    OtherVersion(Version),
}

/// Reads a message, its version first: whoever speaks another version is told that, and not which member is missing.
///
/// # Errors
/// [`ReadError`].
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ReadError> {
    #[derive(Deserialize)]
    struct Versioned {
        protocol: Version,
    }
    let Versioned { protocol } = serde_json::from_slice(body)?;
    if protocol != Version::CURRENT {
        return Err(ReadError::OtherVersion(protocol));
    }
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Message {
        #[allow(dead_code, reason = "only whether it is there matters")]
        member: bool,
    }

    #[test]
    fn another_version_is_named_before_what_else_is_wrong() {
        let read = |text: &str| read::<Message>(text.as_bytes());
        assert!(read(r#"{"protocol":1,"member":true,"unknown":[]}"#).is_ok());
        assert!(matches!(
            read(r#"{"protocol":2}"#),
            Err(ReadError::OtherVersion(Version(2)))
        ));
        for malformed in ["", "[]", "{}", r#"{"protocol":1}"#, r#"{"protocol":-1}"#] {
            assert!(
                matches!(read(malformed), Err(ReadError::Malformed(_))),
                "{malformed}"
            );
        }
    }
}
