//! Elliptic curves of NIST (RFC 5480): ECDSA and ECDH.

use const_oid::db::rfc5912;
use der::Decode;
use enroll_server_model::KeyAlgorithm;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData};
use signature::Verifier;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};
use ssh_key::public::{EcdsaPublicKey, KeyData};
use x509_cert::ext::pkix::KeyUsages;

use super::error::{KeyFlaw, KeyForm, PublicKeyError};
use super::operations::KeyType;
use crate::error::Result;
use crate::signature_algorithm::SignatureAlgorithm;

/// The first octet of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// ecdsa-with-SHA256 (RFC 5758, section 3.2).
static ECDSA_WITH_SHA256: SignatureAlgorithm = SignatureAlgorithm {
    oid: rfc5912::ECDSA_WITH_SHA_256,
    name: "ecdsa-with-SHA256",
    scheme: "ECDSA",
    hash: "SHA-256",
    has_null_parameters: false,
    rcgen: &PKCS_ECDSA_P256_SHA256,
};

/// ecdsa-with-SHA384 (RFC 5758, section 3.2).
static ECDSA_WITH_SHA384: SignatureAlgorithm = SignatureAlgorithm {
    oid: rfc5912::ECDSA_WITH_SHA_384,
    name: "ecdsa-with-SHA384",
    scheme: "ECDSA",
    hash: "SHA-384",
    has_null_parameters: false,
    rcgen: &PKCS_ECDSA_P384_SHA384,
};

/// A curve: its crate, and what its keys sign with.
macro_rules! curve {
    ($(#[$meta:meta])* $curve:ident, $crate_name:ident, $signature_algorithm:ident) => {
        $(#[$meta])*
        pub(super) struct $curve;

        impl KeyType for $curve {
            fn signature_algorithm(&self) -> &'static SignatureAlgorithm {
                &$signature_algorithm
            }

            fn decrypts_by(&self) -> KeyUsages {
                KeyUsages::KeyAgreement
            }

            fn responder(&self) -> KeyAlgorithm {
                KeyAlgorithm::P256
            }

            fn check(&self, key: &[u8]) -> Result<(), KeyFlaw> {
                $crate_name::PublicKey::from_sec1_bytes(key)
                    .map(|_| ())
                    .map_err(|_| KeyFlaw::InvalidPoint)
            }

            fn verify(
                &self,
                key: &[u8],
                message: &[u8],
                signature: &[u8],
            ) -> Result<(), signature::Error> {
                $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(key)?
                    .verify(message, &$crate_name::ecdsa::DerSignature::try_from(signature)?)
            }

            fn generate(&self) -> Result<KeyPair, rcgen::Error> {
                KeyPair::generate_for(self.signature_algorithm().rcgen)
            }

            fn sample(&self) -> Result<SubjectPublicKeyInfoOwned> {
                let der = self.generate()?.subject_public_key_info();
                Ok(SubjectPublicKeyInfoOwned::from_der(&der)?)
            }

            fn to_ssh(&self, key: &[u8]) -> Result<KeyData, ssh_key::Error> {
                EcdsaPublicKey::from_sec1_bytes(key).map(KeyData::Ecdsa)
            }
        }
    };
}

curve!(
    /// secp256r1.
    P256,
    p256,
    ECDSA_WITH_SHA256
);
curve!(
    /// secp384r1.
    P384,
    p384,
    ECDSA_WITH_SHA384
);

/// The curve of a key (RFC 5480, section 2.1.1), if it is id-ecPublicKey.
pub(super) fn read(
    info: &SubjectPublicKeyInfoOwned,
    key: &[u8],
) -> Option<Result<KeyAlgorithm, PublicKeyError>> {
    if info.algorithm.oid != rfc5912::ID_EC_PUBLIC_KEY {
        return None;
    }
    let algorithm = match named_curve(info) {
        Some(rfc5912::SECP_256_R_1) => KeyAlgorithm::P256,
        Some(rfc5912::SECP_384_R_1) => KeyAlgorithm::P384,
        other => {
            let unsupported = other.unwrap_or(info.algorithm.oid);
            return Some(Err(PublicKeyError::Unsupported(unsupported)));
        }
    };
    // RFC 5480, section 2.2; sshd reads no other.
    Some(if key.first() == Some(&UNCOMPRESSED) {
        Ok(algorithm)
    } else {
        Err(PublicKeyError::OtherForm(KeyForm::UncompressedPoint))
    })
}

fn named_curve(info: &SubjectPublicKeyInfoOwned) -> Option<ObjectIdentifier> {
    let parameters = info.algorithm.parameters.as_ref()?;
    parameters.decode_as::<ObjectIdentifier>().ok()
}
