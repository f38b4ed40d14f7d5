//! Why a key is not certified.

use spki::ObjectIdentifier;

/// Why a SubjectPublicKeyInfo is not certified here.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    /// It is not DER of a SubjectPublicKeyInfo.
    #[error("the public key is malformed: {0}")]
    Malformed(#[from] der::Error),
    /// Its algorithm is not supported.
    #[error("public keys of the algorithm {0} are not supported")]
    Unsupported(ObjectIdentifier),
    /// RSA of another size.
    #[error("the RSA key has {0} bits: it must have 2048, 3072 or 4096")]
    RsaSize(u32),
    /// It is not a PKCS#1 RSAPublicKey.
    #[error("the RSA key is malformed")]
    MalformedRsa,
    /// It is not in the one form that is accepted.
    #[error("the public key is not in the form in which it is certified: {0:?}")]
    OtherForm(KeyForm),
}

/// What the one accepted form of a public key demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// A BIT STRING of whole octets.
    WholeOctets,
    /// rsaEncryption with NULL for its parameters (RFC 3279, section 2.3.1).
    NullParameters,
    /// An uncompressed point (RFC 5480, section 2.2).
    UncompressedPoint,
}

/// What is wrong with a key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyFlaw {
    /// The point is not on the curve, or is its neutral element.
    #[error("the key's point is not on its curve")]
    InvalidPoint,
    /// It is not an RSA public key.
    #[error("the RSA key is malformed")]
    MalformedRsa,
    /// An RSA key with another exponent.
    #[error("the RSA key's public exponent must be 65537")]
    Exponent,
    /// An RSA modulus with a small factor.
    #[error("the RSA key's modulus can be divided by {0}")]
    SmallFactor(u32),
    /// An RSA modulus whose factors are close together.
    #[error("the RSA key's factors are so close together that they can be found")]
    CloseFactors,
    /// An RSA modulus that is a prime, or a power of one.
    #[error(
        "the RSA key's modulus is a prime or a power of one, so that anybody can find the private key"
    )]
    PrimePower,
    /// An RSA modulus with ROCA's fingerprint.
    #[error("the RSA key was made by a library whose keys can be factored (ROCA, CVE-2017-15361)")]
    Roca,
}
