//! A file that many answers share.

use std::fmt;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A file that many answers share: however many ask for it, its bytes are there once, and its digest was computed once.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedFile {
    bytes: Bytes,
    sha256: [u8; 32],
}

impl SharedFile {
    /// Bytes whose SHA-256 is known.
    #[must_use]
    pub fn with_digest(bytes: Bytes, sha256: [u8; 32]) -> Self {
        Self { bytes, sha256 }
    }

    /// The bytes, shared.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// Their SHA-256 in lower-case hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        HEXLOWER.encode(&self.sha256)
    }
}

impl From<Vec<u8>> for SharedFile {
    fn from(bytes: Vec<u8>) -> Self {
        let sha256 = Sha256::digest(&bytes).into();
        Self::with_digest(bytes.into(), sha256)
    }
}

impl AsRef<[u8]> for SharedFile {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Its digest: the file may be long.
impl fmt::Debug for SharedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedFile({})", self.sha256_hex())
    }
}

/// As a column of bytes; the digest is computed when it is read.
#[cfg(feature = "sqlx")]
mod column {
    use sqlx::any::{Any, AnyTypeInfo, AnyValueRef};
    use sqlx::error::BoxDynError;
    use sqlx::{Decode, Type};

    use super::SharedFile;

    impl Type<Any> for SharedFile {
        fn type_info() -> AnyTypeInfo {
            <Vec<u8> as Type<Any>>::type_info()
        }
    }

    impl<'r> Decode<'r, Any> for SharedFile {
        fn decode(value: AnyValueRef<'r>) -> Result<Self, BoxDynError> {
            <Vec<u8> as Decode<'r, Any>>::decode(value).map(Self::from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_that_is_known_is_not_computed_again() {
        let known = [0xab; 32];
        let file = SharedFile::with_digest(Bytes::from_static(b"long"), known);
        assert_eq!(file.sha256_hex(), HEXLOWER.encode(&known));
        assert_eq!(file.bytes().as_ptr(), file.bytes().as_ptr());
    }
}
