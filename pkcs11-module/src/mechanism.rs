//! The mechanisms that the module has: one table, from which lists, flags and checks are made.

use cryptoki_sys::*;

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::padding::{oaep, pss};

/// What a mechanism does, with the hash function where it hashes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PKCS #1 v1.5; without a hash the caller brings the DigestInfo, or the message to encrypt.
    RsaPkcs(Option<Hash>),
    /// PSS; without a hash the caller brings the hash.
    RsaPss(Option<Hash>),
    /// OAEP.
    RsaOaep,
    /// RSA without padding.
    RsaRaw,
    /// ECDSA; without a hash the caller brings the hash.
    Ecdsa(Option<Hash>),
    /// ECDH.
    Ecdh,
    /// A hash.
    Digest(Hash),
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// `CKM_...`
    pub mechanism: CK_MECHANISM_TYPE,
    /// What it does.
    pub kind: Kind,
}

const fn entry(mechanism: CK_MECHANISM_TYPE, kind: Kind) -> Entry {
    Entry { mechanism, kind }
}

/// All mechanisms, in the order in which `C_GetMechanismList` gives them.
pub const TABLE: [Entry; 26] = [
    entry(CKM_RSA_PKCS, Kind::RsaPkcs(None)),
    entry(CKM_RSA_X_509, Kind::RsaRaw),
    entry(CKM_RSA_PKCS_PSS, Kind::RsaPss(None)),
    entry(CKM_RSA_PKCS_OAEP, Kind::RsaOaep),
    entry(CKM_SHA1_RSA_PKCS, Kind::RsaPkcs(Some(Hash::Sha1))),
    entry(CKM_SHA224_RSA_PKCS, Kind::RsaPkcs(Some(Hash::Sha224))),
    entry(CKM_SHA256_RSA_PKCS, Kind::RsaPkcs(Some(Hash::Sha256))),
    entry(CKM_SHA384_RSA_PKCS, Kind::RsaPkcs(Some(Hash::Sha384))),
    entry(CKM_SHA512_RSA_PKCS, Kind::RsaPkcs(Some(Hash::Sha512))),
    entry(CKM_SHA1_RSA_PKCS_PSS, Kind::RsaPss(Some(Hash::Sha1))),
    entry(CKM_SHA224_RSA_PKCS_PSS, Kind::RsaPss(Some(Hash::Sha224))),
    entry(CKM_SHA256_RSA_PKCS_PSS, Kind::RsaPss(Some(Hash::Sha256))),
    entry(CKM_SHA384_RSA_PKCS_PSS, Kind::RsaPss(Some(Hash::Sha384))),
    entry(CKM_SHA512_RSA_PKCS_PSS, Kind::RsaPss(Some(Hash::Sha512))),
    entry(CKM_ECDSA, Kind::Ecdsa(None)),
    entry(CKM_ECDSA_SHA1, Kind::Ecdsa(Some(Hash::Sha1))),
    entry(CKM_ECDSA_SHA224, Kind::Ecdsa(Some(Hash::Sha224))),
    entry(CKM_ECDSA_SHA256, Kind::Ecdsa(Some(Hash::Sha256))),
    entry(CKM_ECDSA_SHA384, Kind::Ecdsa(Some(Hash::Sha384))),
    entry(CKM_ECDSA_SHA512, Kind::Ecdsa(Some(Hash::Sha512))),
    entry(CKM_ECDH1_DERIVE, Kind::Ecdh),
    entry(CKM_SHA_1, Kind::Digest(Hash::Sha1)),
    entry(CKM_SHA224, Kind::Digest(Hash::Sha224)),
    entry(CKM_SHA256, Kind::Digest(Hash::Sha256)),
    entry(CKM_SHA384, Kind::Digest(Hash::Sha384)),
    entry(CKM_SHA512, Kind::Digest(Hash::Sha512)),
];

/// RSA keys of PIV cards have 1024 (retired ones) to 3072 bits.
const RSA_BITS: (CK_ULONG, CK_ULONG) = (1024, 3072);
const EC_BITS: (CK_ULONG, CK_ULONG) = (256, 384);
const CURVE_FLAGS: CK_FLAGS = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
const SIGN: CK_FLAGS = CKF_HW | CKF_SIGN | CKF_VERIFY;
const DECRYPT: CK_FLAGS = CKF_HW | CKF_ENCRYPT | CKF_DECRYPT;

impl Entry {
    /// The line of this mechanism.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where there is none.
    pub fn find(mechanism: CK_MECHANISM_TYPE) -> Result<Self> {
        TABLE
            .into_iter()
            .find(|entry| entry.mechanism == mechanism)
            .ok_or(Error::Mechanism)
    }

    /// What `C_GetMechanismInfo` tells: key sizes in bits, and flags. Signing comes with verifying and
    /// decrypting with encrypting: Java drops a mechanism that has one alone.
    #[must_use]
    pub fn info(&self) -> CK_MECHANISM_INFO {
        let ((min, max), flags) = match self.kind {
            Kind::RsaPkcs(None) | Kind::RsaRaw => (RSA_BITS, SIGN | DECRYPT),
            Kind::RsaPkcs(Some(_)) | Kind::RsaPss(_) => (RSA_BITS, SIGN),
            Kind::RsaOaep => (RSA_BITS, DECRYPT),
            Kind::Ecdsa(_) => (EC_BITS, SIGN | CURVE_FLAGS),
            Kind::Ecdh => (EC_BITS, CKF_HW | CKF_DERIVE | CURVE_FLAGS),
            Kind::Digest(_) => ((0, 0), CKF_DIGEST),
        };
        CK_MECHANISM_INFO {
            ulMinKeySize: min,
            ulMaxKeySize: max,
            flags,
        }
    }
}

/// Key derivation of ECDH (PKCS#11 3.0 mechanisms, 2.3.17): `CKD_NULL` is the only one here, so that what is
/// left is the peer's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcdhParameters {
    /// The peer's point, bare or as a DER OCTET STRING.
    pub public_data: Vec<u8>,
}

/// A mechanism's parameter, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parameter {
    /// There is none.
    #[default]
    None,
    /// `CK_RSA_PKCS_PSS_PARAMS`
    Pss(pss::Parameters),
    /// `CK_RSA_PKCS_OAEP_PARAMS`
    Oaep(oaep::Parameters),
    /// `CK_ECDH1_DERIVE_PARAMS`
    Ecdh(EcdhParameters),
}

/// A mechanism as a caller asks for it: known, with a parameter of the type that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// What it does.
    pub kind: Kind,
    /// Its parameter.
    pub parameter: Parameter,
}

impl Mechanism {
    /// Checks that kind and parameter belong together.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where they do not.
    pub fn new(kind: Kind, parameter: Parameter) -> Result<Self> {
        let fits = match (kind, &parameter) {
            (Kind::RsaPss(hash), Parameter::Pss(pss)) => hash.is_none_or(|hash| hash == pss.hash),
            (Kind::RsaOaep, Parameter::Oaep(_)) | (Kind::Ecdh, Parameter::Ecdh(_)) => true,
            (Kind::RsaPss(_) | Kind::RsaOaep | Kind::Ecdh, _) => false,
            (_, Parameter::None) => true,
            _ => false,
        };
        fits.then_some(Self { kind, parameter })
            .ok_or(Error::MechanismParameter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mechanism_stands_twice() {
        for (index, entry) in TABLE.iter().enumerate() {
            assert!(
                TABLE[..index]
                    .iter()
                    .all(|other| other.mechanism != entry.mechanism)
            );
            assert!(TABLE[..index].iter().all(|other| other.kind != entry.kind));
        }
    }

    #[test]
    fn rsa_flags_come_in_pairs() {
        for entry in &TABLE {
            let flags = entry.info().flags;
            assert_eq!(flags & CKF_SIGN != 0, flags & CKF_VERIFY != 0);
            assert_eq!(flags & CKF_DECRYPT != 0, flags & CKF_ENCRYPT != 0);
        }
    }

    #[test]
    fn a_pss_parameter_must_name_the_hash_of_the_mechanism() {
        let parameter = Parameter::Pss(pss::Parameters {
            hash: Hash::Sha1,
            mask_hash: Hash::Sha1,
            salt_length: 20,
        });
        assert!(Mechanism::new(Kind::RsaPss(None), parameter.clone()).is_ok());
        assert_eq!(
            Mechanism::new(Kind::RsaPss(Some(Hash::Sha256)), parameter),
            Err(Error::MechanismParameter)
        );
        assert_eq!(
            Mechanism::new(Kind::RsaPss(None), Parameter::None),
            Err(Error::MechanismParameter)
        );
    }
}
