//! The hash functions that mechanisms name.

use const_oid::{AssociatedOid, ObjectIdentifier};
use cryptoki_sys::*;
use der::asn1::{Null, OctetStringRef};
use der::{Encode, Sequence};
use sha1::Sha1;
use sha2::digest::{Digest, DynDigest};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

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

/// The first 16 bytes of the SHA-256 of these parts: a name for what they are.
#[must_use]
pub fn start_of_sha256(parts: &[&[u8]]) -> [u8; 16] {
    let mut start = [0; 16];
    for (to, from) in start.iter_mut().zip(Hash::Sha256.of(parts).iter()) {
        *to = *from;
    }
    start
}

/// `SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }` (RFC 8017, 9.2).
#[derive(Sequence)]
struct DigestInfo<'a> {
    algorithm: AlgorithmIdentifier<Null>,
    digest: &'a OctetStringRef,
}

impl Hash {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// The mask generation function with this hash function.
    fn mask_generation(self) -> CK_RSA_PKCS_MGF_TYPE {
        match self {
            Self::Sha1 => CKG_MGF1_SHA1,
            Self::Sha224 => CKG_MGF1_SHA224,
            Self::Sha256 => CKG_MGF1_SHA256,
            Self::Sha384 => CKG_MGF1_SHA384,
            Self::Sha512 => CKG_MGF1_SHA512,
        }
    }

    /// The hash function of a mask generation function (`CKG_MGF1_SHA256` and so on).
    #[must_use]
    pub fn from_mask_generation(function: CK_RSA_PKCS_MGF_TYPE) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|hash| hash.mask_generation() == function)
    }

    /// The length of a hash in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => <Sha1 as Digest>::output_size(),
            Self::Sha224 => <Sha224 as Digest>::output_size(),
            Self::Sha256 => <Sha256 as Digest>::output_size(),
            Self::Sha384 => <Sha384 as Digest>::output_size(),
            Self::Sha512 => <Sha512 as Digest>::output_size(),
        }
    }

    /// The object identifier.
    #[must_use]
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => Sha1::OID,
            Self::Sha224 => Sha224::OID,
            Self::Sha256 => Sha256::OID,
            Self::Sha384 => Sha384::OID,
            Self::Sha512 => Sha512::OID,
        }
    }

    /// The DER of the DigestInfo with this hash (RFC 8017, 9.2, note 1).
    ///
    /// # Errors
    /// [`Error::DataLength`] where it is longer than DER can say.
    pub fn digest_info(self, digest: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let info = DigestInfo {
            algorithm: AlgorithmIdentifier {
                oid: self.oid(),
                parameters: Some(Null),
            },
            digest: OctetStringRef::new(digest).map_err(|_| Error::DataLength)?,
        };
        info.to_der()
            .map(Zeroizing::new)
            .map_err(|_| Error::DataLength)
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

    /// The prefixes of RFC 8017, 9.2, note 1.
    #[rustfmt::skip]
    const PREFIXES: [(Hash, &[u8]); 5] = [
        (Hash::Sha1, b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"),
        (Hash::Sha224, b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c"),
        (Hash::Sha256, b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"),
        (Hash::Sha384, b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"),
        (Hash::Sha512, b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"),
    ];

    #[test]
    fn a_digest_info_is_the_prefix_of_the_standard_and_the_hash() {
        for (hash, prefix) in PREFIXES {
            let digest = hash.of(&[b"abc"]);
            assert_eq!(digest.len(), hash.length());
            let info = hash.digest_info(&digest).unwrap();
            assert_eq!(*info, [prefix, &digest].concat(), "{hash:?}");
            assert_eq!(
                Hash::from_mask_generation(hash.mask_generation()),
                Some(hash)
            );
        }
    }
}
