//! Certificates for keys that a card has made.

use card_edge::piv::{Curve, KeyAlgorithm, PublicKey};
use const_oid::db::rfc8410::{ID_ED_25519, ID_X_25519};
use std::time::Duration;

use der::asn1::{BitString, OctetString};
use der::{Decode, Encode};
use p256::ecdsa::{DerSignature, SigningKey};
use spki::{
    AlgorithmIdentifierOwned, EncodePublicKey, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

/// About as many bytes as certificates from an enrollment server have.
const LENGTH: usize = 900;

struct Profile {
    subject: Name,
    padding: usize,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        "CN=Example Issuing CA".parse().unwrap()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(vec![Extension {
            extn_id: "1.3.6.1.4.1.99999.1".parse().unwrap(),
            critical: false,
            extn_value: OctetString::new(vec![0; self.padding]).unwrap(),
        }])
    }
}

fn public_key_info(key: &PublicKey, algorithm: KeyAlgorithm) -> SubjectPublicKeyInfoOwned {
    let der = match key {
        PublicKey::Rsa { modulus, exponent } => {
            let number = |bytes: &[u8]| {
                let bits = u32::try_from(8 * bytes.len()).unwrap();
                rsa::BoxedUint::from_be_slice(bytes, bits).unwrap()
            };
            rsa::PublicKey::new(number(modulus), number(exponent))
                .unwrap()
                .to_public_key_der()
        }
        PublicKey::Ecc {
            curve: Curve::P256,
            point,
        } => p256::PublicKey::from_sec1_bytes(point)
            .unwrap()
            .to_public_key_der(),
        PublicKey::Ecc {
            curve: Curve::P384,
            point,
        } => p384::PublicKey::from_sec1_bytes(point)
            .unwrap()
            .to_public_key_der(),
        PublicKey::Curve25519 { key } => {
            return SubjectPublicKeyInfoOwned {
                algorithm: AlgorithmIdentifierOwned {
                    oid: match algorithm {
                        KeyAlgorithm::X25519 => ID_X_25519,
                        _ => ID_ED_25519,
                    },
                    parameters: None,
                },
                subject_public_key: BitString::from_bytes(key).unwrap(),
            };
        }
    };
    SubjectPublicKeyInfoOwned::from_der(der.unwrap().as_bytes()).unwrap()
}

fn build(common_name: &str, key: &PublicKey, algorithm: KeyAlgorithm, padding: usize) -> Vec<u8> {
    CertificateBuilder::new(
        Profile {
            subject: format!("CN={common_name},O=Example").parse().unwrap(),
            padding,
        },
        SerialNumber::from(0x1234_u32),
        Validity::new(moment(1_700_000_000), moment(1_900_000_000)),
        public_key_info(key, algorithm),
    )
    .unwrap()
    .build::<_, DerSignature>(&SigningKey::from_slice(&[1; 32]).unwrap())
    .unwrap()
    .to_der()
    .unwrap()
}

fn moment(seconds: u64) -> Time {
    Time::try_from(std::time::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap()
}

/// A certificate of about 900 bytes for this key.
pub fn issue(common_name: &str, key: &PublicKey) -> Vec<u8> {
    // Of keys that do not tell their algorithm, those that sign.
    issue_for(common_name, key, KeyAlgorithm::Ed25519)
}

/// The same for a key that does not tell its algorithm, which is this one.
pub fn issue_for(common_name: &str, key: &PublicKey, algorithm: KeyAlgorithm) -> Vec<u8> {
    let bare = build(common_name, key, algorithm, 0).len();
    build(common_name, key, algorithm, LENGTH.saturating_sub(bare))
}
