//! What OCSP requests call an issuer (CertID, RFC 6960, section 4.1.1): the hashes of its name and of its key.

use const_oid::AssociatedOid;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The hashes of an issuer's name and key, made once: every OCSP request is compared with them.
#[derive(Clone, Debug)]
pub struct IssuerHashes {
    sha1: ([u8; 20], [u8; 20]),
    sha256: ([u8; 32], [u8; 32]),
}

impl IssuerHashes {
    /// Those of an issuer by the DER of its name and the bits of its public key.
    pub(crate) fn new(name_der: &[u8], key: &[u8]) -> Self {
        Self {
            sha1: (Sha1::digest(name_der).into(), Sha1::digest(key).into()),
            sha256: (Sha256::digest(name_der).into(), Sha256::digest(key).into()),
        }
    }

    /// Whether these are the hashes of name and key under a hash algorithm, by the DER of its object identifier
    /// without tag and length. No issuer has hashes of another algorithm than SHA-1 and SHA-256.
    pub(crate) fn are(&self, algorithm: &[u8], name: &[u8], key: &[u8]) -> bool {
        if algorithm == Sha1::OID.as_bytes() {
            name == self.sha1.0 && key == self.sha1.1
        } else if algorithm == Sha256::OID.as_bytes() {
            name == self.sha256.0 && key == self.sha256.1
        } else {
            false
        }
    }
}
