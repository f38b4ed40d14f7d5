//! How keys sign: the signature algorithm follows from the key.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use enroll_server_model::KeyAlgorithm;
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};

/// A signature algorithm (RFC 4055, section 5; RFC 5758, section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// sha256WithRSAEncryption, for RSA keys of every size.
    Sha256WithRsa,
    /// ecdsa-with-SHA256, for P-256.
    EcdsaWithSha256,
    /// ecdsa-with-SHA384, for P-384.
    EcdsaWithSha384,
}

impl SignatureAlgorithm {
    /// The algorithm that keys of a kind sign with.
    #[must_use]
    pub const fn of(key: KeyAlgorithm) -> Self {
        match key {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                Self::Sha256WithRsa
            }
            KeyAlgorithm::P256 => Self::EcdsaWithSha256,
            KeyAlgorithm::P384 => Self::EcdsaWithSha384,
        }
    }

    /// Its object identifier.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256WithRsa => rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
            Self::EcdsaWithSha256 => rfc5912::ECDSA_WITH_SHA_256,
            Self::EcdsaWithSha384 => rfc5912::ECDSA_WITH_SHA_384,
        }
    }

    /// Its name in the standards.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256WithRsa => "sha256WithRSAEncryption",
            Self::EcdsaWithSha256 => "ecdsa-with-SHA256",
            Self::EcdsaWithSha384 => "ecdsa-with-SHA384",
        }
    }

    /// Whether the parameters of its AlgorithmIdentifier are NULL (RFC 4055) or absent (RFC 5758).
    #[must_use]
    pub const fn has_null_parameters(self) -> bool {
        matches!(self, Self::Sha256WithRsa)
    }

    /// The same as `rcgen` has it.
    pub(crate) fn to_rcgen(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Sha256WithRsa => &PKCS_RSA_SHA256,
            Self::EcdsaWithSha256 => &PKCS_ECDSA_P256_SHA256,
            Self::EcdsaWithSha384 => &PKCS_ECDSA_P384_SHA384,
        }
    }
}
