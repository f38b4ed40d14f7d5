//! Certificates for tests.

use std::time::Duration;

use const_oid::ObjectIdentifier;
use der::asn1::{BitString, Ia5String, OctetString, Uint, Utf8StringRef};
use der::{Any, Encode, Sequence};
use p256::ecdsa::{DerSignature, SigningKey};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use time::OffsetDateTime;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

#[derive(Sequence)]
struct RsaPublicKey {
    modulus: Uint,
    exponent: Uint,
}

struct Profile {
    subject: Name,
    names: SubjectAltName,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        name("CN=Example Issuing CA,O=Example")
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(vec![self.names.to_extension(tbs.subject(), &[])?])
    }
}

#[allow(clippy::unwrap_used, reason = "a constant of a test")]
fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The public key of the certificate.
#[derive(Clone, Copy)]
pub enum Key {
    /// RSA with this number of bits.
    Rsa(usize),
    /// A key on P-256.
    P256,
}

/// A certificate of this holder with this key, valid between two moments, with a logon name and a mail address.
#[allow(clippy::unwrap_used, reason = "constants of a test")]
pub fn issue(common_name: &str, key: Key, from: OffsetDateTime, to: OffsetDateTime) -> Vec<u8> {
    let names = vec![
        GeneralName::OtherName(OtherName {
            type_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3"),
            value: Any::encode_from(&Utf8StringRef::new("alice@corp.example").unwrap()).unwrap(),
        }),
        GeneralName::Rfc822Name(Ia5String::new("alice@example.com").unwrap()),
    ];
    issue_naming(common_name, key, (from, to), names)
}

/// A certificate for the card with this number: its UUID, and its FASC-N.
#[allow(clippy::unwrap_used, reason = "constants of a test")]
pub fn issue_for_card(uuid: Option<&str>, fasc_n: Option<&[u8]>) -> Vec<u8> {
    let uuid = uuid.map(|uuid| {
        let uri = Ia5String::new(&format!("urn:uuid:{uuid}")).unwrap();
        GeneralName::UniformResourceIdentifier(uri)
    });
    let fasc_n = fasc_n.map(|number| {
        GeneralName::OtherName(OtherName {
            type_id: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.6.6"),
            value: Any::encode_from(&OctetString::new(number).unwrap()).unwrap(),
        })
    });
    let names = uuid.into_iter().chain(fasc_n).collect();
    let from = OffsetDateTime::UNIX_EPOCH;
    let to = from + Duration::from_secs(3600);
    issue_naming("Alice", Key::P256, (from, to), names)
}

#[allow(clippy::unwrap_used, reason = "constants of a test")]
fn issue_naming(
    common_name: &str,
    key: Key,
    (from, to): (OffsetDateTime, OffsetDateTime),
    names: Vec<GeneralName>,
) -> Vec<u8> {
    let signer = SigningKey::from_slice(&[1; 32]).unwrap();
    let public_key = match key {
        Key::P256 => SubjectPublicKeyInfoOwned::from_key(signer.verifying_key()).unwrap(),
        Key::Rsa(bits) => SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: const_oid::db::rfc5912::RSA_ENCRYPTION,
                parameters: Some(Any::null()),
            },
            subject_public_key: BitString::from_bytes(
                &RsaPublicKey {
                    modulus: Uint::new(&vec![0xC1; bits / 8]).unwrap(),
                    exponent: Uint::new(&[1, 0, 1]).unwrap(),
                }
                .to_der()
                .unwrap(),
            )
            .unwrap(),
        },
    };
    let profile = Profile {
        subject: name(&format!("CN={common_name},O=Example")),
        names: SubjectAltName(names),
    };
    let validity = Validity::new(moment(from), moment(to));
    CertificateBuilder::new(
        profile,
        SerialNumber::from(0x1234_u32),
        validity,
        public_key,
    )
    .unwrap()
    .build::<_, DerSignature>(&signer)
    .unwrap()
    .to_der()
    .unwrap()
}

#[allow(clippy::unwrap_used, reason = "constants of a test")]
fn moment(time: OffsetDateTime) -> Time {
    let seconds = u64::try_from(time.unix_timestamp()).unwrap();
    let time = der::asn1::UtcTime::from_unix_duration(Duration::from_secs(seconds)).unwrap();
    Time::UtcTime(time)
}
