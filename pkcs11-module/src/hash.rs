//! The hash functions that mechanisms name.

use cryptoki_sys::*;
use sha1::Sha1;
use sha2::digest::{Digest, DynDigest};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// A hash function of FIPS 180-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1
    Sha1,
    /// SHA-224
    Sha224,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// Everything that PKCS#11 and RFC 8017 know of a hash function.
struct Row {
    hash: Hash,
    mechanism: CK_MECHANISM_TYPE,
    mask_generation: CK_RSA_PKCS_MGF_TYPE,
    length: usize,
    /// The DER of DigestInfo up to the hash itself (RFC 8017, 9.2, note 1).
    digest_info: &'static [u8],
}

const TABLE: [Row; 5] = [
    Row {
        hash: Hash::Sha1,
        mechanism: CKM_SHA_1,
        mask_generation: CKG_MGF1_SHA1,
        length: 20,
        digest_info: &[
            0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04,
            0x14,
        ],
    },
    Row {
        hash: Hash::Sha224,
        mechanism: CKM_SHA224,
        mask_generation: CKG_MGF1_SHA224,
        length: 28,
        digest_info: &[
            0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x04, 0x05, 0x00, 0x04, 0x1c,
        ],
    },
    Row {
        hash: Hash::Sha256,
        mechanism: CKM_SHA256,
        mask_generation: CKG_MGF1_SHA256,
        length: 32,
        digest_info: &[
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x01, 0x05, 0x00, 0x04, 0x20,
        ],
    },
    Row {
        hash: Hash::Sha384,
        mechanism: CKM_SHA384,
        mask_generation: CKG_MGF1_SHA384,
        length: 48,
        digest_info: &[
            0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x02, 0x05, 0x00, 0x04, 0x30,
        ],
    },
    Row {
        hash: Hash::Sha512,
        mechanism: CKM_SHA512,
        mask_generation: CKG_MGF1_SHA512,
        length: 64,
        digest_info: &[
            0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x03, 0x05, 0x00, 0x04, 0x40,
        ],
    },
];

impl Hash {
    fn row(self) -> &'static Row {
        let [sha1, sha224, sha256, sha384, sha512] = &TABLE;
        match self {
            Self::Sha1 => sha1,
            Self::Sha224 => sha224,
            Self::Sha256 => sha256,
            Self::Sha384 => sha384,
            Self::Sha512 => sha512,
        }
    }

    /// The hash function of a digest mechanism (`CKM_SHA256` and so on).
    #[must_use]
    pub fn from_mechanism(mechanism: CK_MECHANISM_TYPE) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.mechanism == mechanism)
            .map(|row| row.hash)
    }

    /// The hash function of a mask generation function (`CKG_MGF1_SHA256` and so on).
    #[must_use]
    pub fn from_mask_generation(function: CK_RSA_PKCS_MGF_TYPE) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.mask_generation == function)
            .map(|row| row.hash)
    }

    /// The length of a hash in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        self.row().length
    }

    /// The DER of DigestInfo up to the hash itself.
    #[must_use]
    pub fn digest_info(self) -> &'static [u8] {
        self.row().digest_info
    }

    /// The hash of all the parts one after another.
    #[must_use]
    pub fn of(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let mut hasher = self.hasher();
        for part in parts {
            hasher.update(part);
        }
        hasher.finish()
    }

    /// A hash to be fed piece by piece.
    #[must_use]
    pub fn hasher(self) -> Hasher {
        Hasher(match self {
            Self::Sha1 => Box::new(Sha1::new()),
            Self::Sha224 => Box::new(Sha224::new()),
            Self::Sha256 => Box::new(Sha256::new()),
            Self::Sha384 => Box::new(Sha384::new()),
            Self::Sha512 => Box::new(Sha512::new()),
        })
    }
}

/// A hash in the making.
pub struct Hasher(Box<dyn DynDigest + Send>);

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes that were added.
    #[must_use]
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.finalize().into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_type() {
        for row in &TABLE {
            assert_eq!(row.hash.row().mechanism, row.mechanism);
            assert_eq!(Hash::from_mechanism(row.mechanism), Some(row.hash));
            assert_eq!(row.hash.of(&[b"abc"]).len(), row.length);
            assert_eq!(
                usize::from(*row.digest_info.last().unwrap()),
                row.hash.length()
            );
        }
    }
}
