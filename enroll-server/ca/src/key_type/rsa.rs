//! RSA (RFC 3279, section 2.3.1; RFC 8017).

use const_oid::db::rfc5912;
use der::Encode;
use der::asn1::{Any, BitString, UintRef};
use enroll_server_model::KeyAlgorithm;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use signature::Verifier;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use ssh_key::Mpint;
use ssh_key::public::{KeyData, RsaPublicKey};
use x509_cert::ext::pkix::KeyUsages;

use super::error::{KeyFlaw, KeyForm, PublicKeyError};
use super::operations::KeyType;
use super::rsa_check;
use crate::error::Result;
use crate::signature_algorithm::SignatureAlgorithm;

/// sha256WithRSAEncryption (RFC 4055, section 5), for keys of every size.
static SHA256_WITH_RSA: SignatureAlgorithm = SignatureAlgorithm {
    oid: rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
    name: "sha256WithRSAEncryption",
    scheme: "RSA PKCS #1 v1.5",
    hash: "SHA-256",
    has_null_parameters: true,
    rcgen: &PKCS_RSA_SHA256,
};

/// RSA with a modulus of one size.
pub(super) struct Rsa {
    octets: usize,
    size: RsaKeySize,
}

/// 2048 bits.
pub(super) static RSA_2048: Rsa = Rsa {
    octets: 256,
    size: RsaKeySize::_2048,
};
/// 3072 bits.
pub(super) static RSA_3072: Rsa = Rsa {
    octets: 384,
    size: RsaKeySize::_3072,
};
/// 4096 bits.
pub(super) static RSA_4096: Rsa = Rsa {
    octets: 512,
    size: RsaKeySize::_4096,
};

impl KeyType for Rsa {
    fn signature_algorithm(&self) -> &'static SignatureAlgorithm {
        &SHA256_WITH_RSA
    }

    fn decrypts_by(&self) -> KeyUsages {
        KeyUsages::KeyEncipherment
    }

    fn responder(&self) -> KeyAlgorithm {
        KeyAlgorithm::Rsa2048
    }

    fn check(&self, key: &[u8]) -> Result<(), KeyFlaw> {
        rsa_check::check(key)
    }

    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), signature::Error> {
        let public = rsa::PublicKey::from_pkcs1_der(key).map_err(|_| signature::Error::new())?;
        rsa::pkcs1v15::VerifyingKey::<sha2::Sha256>::new(public)
            .verify(message, &rsa::pkcs1v15::Signature::try_from(signature)?)
    }

    fn generate(&self) -> Result<KeyPair, rcgen::Error> {
        KeyPair::generate_rsa_for(SHA256_WITH_RSA.rcgen, self.size)
    }

    /// A number of the right length that nobody has the factors of: to generate a key would take long, and no
    /// certificate of it is given out.
    fn sample(&self) -> Result<SubjectPublicKeyInfoOwned> {
        let modulus = vec![0xA5; self.octets];
        let key = rsa::pkcs1::RsaPublicKey {
            modulus: UintRef::new(&modulus)?,
            public_exponent: UintRef::new(&[1, 0, 1])?,
        };
        Ok(SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: rfc5912::RSA_ENCRYPTION,
                parameters: Some(Any::null()),
            },
            subject_public_key: BitString::from_bytes(&key.to_der()?)?,
        })
    }

    fn to_ssh(&self, key: &[u8]) -> Result<KeyData, ssh_key::Error> {
        let key = rsa::PublicKey::from_pkcs1_der(key).map_err(|_| ssh_key::Error::PublicKey)?;
        Ok(KeyData::Rsa(RsaPublicKey {
            e: Mpint::from_positive_bytes(&key.e_bytes())?,
            n: Mpint::from_positive_bytes(&key.n_bytes())?,
        }))
    }
}

/// The size of a key, if it is rsaEncryption.
pub(super) fn read(
    info: &SubjectPublicKeyInfoOwned,
    key: &[u8],
) -> Option<Result<KeyAlgorithm, PublicKeyError>> {
    (info.algorithm.oid == rfc5912::RSA_ENCRYPTION).then(|| read_rsa(info, key))
}

fn read_rsa(info: &SubjectPublicKeyInfoOwned, key: &[u8]) -> Result<KeyAlgorithm, PublicKeyError> {
    if info.algorithm.parameters != Some(Any::null()) {
        return Err(PublicKeyError::OtherForm(KeyForm::NullParameters));
    }
    let key = rsa::PublicKey::from_pkcs1_der(key).map_err(|_| PublicKeyError::MalformedRsa)?;
    match key.n().bit_width_vartime() {
        2048 => Ok(KeyAlgorithm::Rsa2048),
        3072 => Ok(KeyAlgorithm::Rsa3072),
        4096 => Ok(KeyAlgorithm::Rsa4096),
        size => Err(PublicKeyError::RsaSize(size)),
    }
}
