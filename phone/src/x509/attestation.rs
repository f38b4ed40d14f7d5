//! Attestation: a certificate in which the card says what it knows of one of its keys, signed with F9.
//!
//! The statement is a URI in the subject alternative name, so that every tool shows it:
//!
//! ```text
//! tapcard:attestation/1?key=9A&origin=generated&store=software&pin=once&touch=never&card=GUID&serial=NUMBER
//! ```
//!
//! What it proves is what F9 is worth: docs/phone.md says it.

use core::str::FromStr;

use card_edge::piv::yubico::policy::TouchPolicy;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinPolicy, PublicKey};
use der::asn1::{BitString, GeneralizedTime, Ia5String};
use der::{DateTime, Decode, Encode, Sequence};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use uuid::Uuid;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::ext::{Extension, Extensions, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::error::SigningError;
use super::key_type::{public_key_info, sign, signature_algorithm};
use crate::key_store::{KeyStoreError, PrivateKey, Protection};

/// What the card says of a key. That it was made on the card goes without saying: of others it says nothing.
pub(crate) struct Statement<'a> {
    /// Where the key is now.
    pub(crate) key: AsymmetricKey,
    /// What kind of key it is.
    pub(crate) algorithm: KeyAlgorithm,
    /// Its public half.
    pub(crate) public_key: &'a PublicKey,
    /// What keeps it.
    pub(crate) protection: Protection,
    /// When its use needs the PIN.
    pub(crate) pin: Option<PinPolicy>,
    /// When its use needs a touch.
    pub(crate) touch: TouchPolicy,
    /// The card's GUID.
    pub(crate) card: Option<Uuid>,
    /// The card's serial number.
    pub(crate) serial: u32,
}

/// A key that signs certificates: F9, or that of a content signing certificate.
pub(crate) struct Authority<'a> {
    /// What kind of key it is.
    pub(crate) algorithm: KeyAlgorithm,
    /// The key.
    pub(crate) key: &'a dyn PrivateKey,
}

/// `TBSCertificate` (RFC 5280, 4.1): x509-cert's own has no constructor but its builder's, which adds extensions.
#[derive(Sequence)]
struct Body {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Name,
    validity: Validity,
    subject: Name,
    public_key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

/// `Certificate`.
#[derive(Sequence)]
struct Signed {
    body: Body,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

impl Authority<'_> {
    /// The authority's own certificate, signed by itself.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn own_certificate(&self, serial: u32) -> Result<Vec<u8>, SigningError> {
        let name = Name::from_str(&format!("CN=Tapcard phone {serial} key attestation"))?;
        let constraints = BasicConstraints {
            ca: true,
            path_len_constraint: Some(0),
        };
        let usage = KeyUsage(KeyUsages::KeyCertSign.into());
        let extensions = vec![
            extension(true, &constraints, &name)?,
            extension(true, &usage, &name)?,
        ];
        let key = public_key_info(self.algorithm, &self.key.public_key())?;
        self.certificate(name.clone(), name, key, extensions)
    }

    /// Whether this is the certificate of this key.
    pub(crate) fn has_certificate(&self, der: &[u8]) -> bool {
        let own = public_key_info(self.algorithm, &self.key.public_key());
        Certificate::from_der(der).is_ok_and(|certificate| {
            own.is_ok_and(|own| *certificate.tbs_certificate().subject_public_key_info() == own)
        })
    }

    /// The statement, signed. `issuer` is the authority's certificate, whoever issued that.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn attest(
        &self,
        issuer: &[u8],
        statement: &Statement<'_>,
    ) -> Result<Vec<u8>, SigningError> {
        let issuer = Certificate::from_der(issuer)?;
        let subject = Name::from_str(&format!(
            "CN=Tapcard phone {} key {}",
            statement.serial, statement.key
        ))?;
        let uri = Ia5String::new(&statement.uri())?;
        let names = SubjectAltName(vec![GeneralName::UniformResourceIdentifier(uri)]);
        let extensions = vec![extension(false, &names, &subject)?];
        let key = public_key_info(statement.algorithm, statement.public_key)?;
        let issuer = issuer.tbs_certificate().subject().clone();
        self.certificate(issuer, subject, key, extensions)
    }

    /// A certificate without an end, and from the day on that this form of statement is from: the card has no clock.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(super) fn certificate(
        &self,
        issuer: Name,
        subject: Name,
        public_key: SubjectPublicKeyInfoOwned,
        extensions: Vec<Extension>,
    ) -> Result<Vec<u8>, SigningError> {
        let begin = GeneralizedTime::from_date_time(DateTime::new(2026, 1, 1, 0, 0, 0)?);
        let mut number = [0; 16];
        getrandom::fill(&mut number).map_err(|_| KeyStoreError::Failed)?;
        // Positive, and as long for every certificate.
        if let Some(first) = number.first_mut() {
            *first = *first & 0x3F | 0x40;
        }
        let algorithm = signature_algorithm(self.algorithm)?;
        let body = Body {
            version: Version::V3,
            serial_number: SerialNumber::new(&number)?,
            signature: algorithm.clone(),
            issuer,
            validity: Validity::new(
                Time::UtcTime(der::asn1::UtcTime::from_date_time(begin.to_date_time())?),
                Time::INFINITY,
            ),
            subject,
            public_key,
            extensions: Some(extensions),
        };
        let signature = sign(self.algorithm, self.key, &body.to_der()?)?;
        let signed = Signed {
            body,
            algorithm,
            signature: BitString::from_bytes(&signature)?,
        };
        Ok(signed.to_der()?)
    }
}

impl Statement<'_> {
    fn uri(&self) -> String {
        let store = match self.protection {
            Protection::Software => "software",
            Protection::TrustedEnvironment => "trusted-environment",
            Protection::StrongBox => "strongbox",
        };
        let pin = match self.pin {
            None | Some(PinPolicy::Never) => "never",
            Some(PinPolicy::Once) => "once",
            Some(PinPolicy::Always) => "always",
        };
        let touch = match self.touch {
            TouchPolicy::Never => "never",
            TouchPolicy::Always => "always",
            TouchPolicy::Cached => "cached",
        };
        let card = self.card.map(|card| card.to_string()).unwrap_or_default();
        format!(
            "tapcard:attestation/1?key={}&origin=generated&store={store}&pin={pin}&touch={touch}&card={card}&serial={}",
            self.key, self.serial
        )
    }
}

/// An extension of a certificate.
pub(super) fn extension<T>(
    critical: bool,
    value: &T,
    subject: &Name,
) -> Result<Extension, SigningError>
where
    T: const_oid::AssociatedOid + Encode,
{
    Ok((critical, value).to_extension(subject, &[])?)
}
