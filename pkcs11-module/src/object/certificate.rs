//! X.509 certificate objects (PKCS#11 3.0, 4.6.3).

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::*;
use der::{DateTime, Decode, Encode};
use x509_cert::certificate::{CertificateInner, Raw};

use super::attribute::{Attributes, Value, Visibility};
use super::naming::{id, label};
use crate::hash::Hash;

/// The first bytes of the certificate's SHA-1 (CKA_CHECK_VALUE).
const CHECK_VALUE_LENGTH: usize = 3;

/// What of a certificate attributes are made of; names, serial number and key in DER.
pub struct Fields {
    /// Subject.
    pub subject: Vec<u8>,
    /// Issuer.
    pub issuer: Vec<u8>,
    /// Serial number, an INTEGER.
    pub serial_number: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub public_key_info: Vec<u8>,
    /// The first common name of the subject.
    pub common_name: Option<String>,
    not_before: DateTime,
    not_after: DateTime,
}

impl Fields {
    /// The fields of a DER certificate; `None` where it is not one. What it promises is not checked: that is
    /// for those who rely on it.
    pub fn read(der: &[u8]) -> Option<Self> {
        let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
        let body = certificate.tbs_certificate();
        Some(Self {
            subject: body.subject().to_der().ok()?,
            issuer: body.issuer().to_der().ok()?,
            serial_number: body.serial_number().to_der().ok()?,
            public_key_info: body.subject_public_key_info().to_der().ok()?,
            common_name: body
                .subject()
                .common_name()
                .ok()
                .flatten()
                .map(|name| name.value().into_owned())
                .filter(|name| !name.is_empty()),
            not_before: body.validity().not_before.to_date_time(),
            not_after: body.validity().not_after.to_date_time(),
        })
    }
}

/// `CK_DATE`: year, month and day in digits.
fn date(date: DateTime) -> Value {
    Value::text(&format!(
        "{:04}{:02}{:02}",
        date.year(),
        date.month(),
        date.day()
    ))
}

pub fn attributes(key: AsymmetricKey, der: &[u8], fields: &Fields) -> Attributes {
    let check_value = Hash::Sha1.of(&[der]);
    Attributes::of_token_object(CKO_CERTIFICATE, Visibility::Public).with([
        (CKA_CERTIFICATE_TYPE, Value::Number(CKC_X_509)),
        (CKA_LABEL, Value::text(&label(key))),
        (CKA_ID, Value::bytes([id(key)])),
        (CKA_SUBJECT, Value::bytes(fields.subject.as_slice())),
        (CKA_ISSUER, Value::bytes(fields.issuer.as_slice())),
        (
            CKA_SERIAL_NUMBER,
            Value::bytes(fields.serial_number.as_slice()),
        ),
        (CKA_VALUE, Value::bytes(der)),
        (
            CKA_PUBLIC_KEY_INFO,
            Value::bytes(fields.public_key_info.as_slice()),
        ),
        (CKA_TRUSTED, Value::Flag(false)),
        (
            CKA_CERTIFICATE_CATEGORY,
            Value::Number(CK_CERTIFICATE_CATEGORY_TOKEN_USER),
        ),
        (
            CKA_CHECK_VALUE,
            Value::bytes(check_value.get(..CHECK_VALUE_LENGTH).unwrap_or_default()),
        ),
        (CKA_START_DATE, date(fields.not_before)),
        (CKA_END_DATE, date(fields.not_after)),
        (CKA_URL, Value::bytes([])),
        (CKA_HASH_OF_SUBJECT_PUBLIC_KEY, Value::bytes([])),
        (CKA_HASH_OF_ISSUER_PUBLIC_KEY, Value::bytes([])),
        (
            CKA_JAVA_MIDP_SECURITY_DOMAIN,
            Value::Number(CK_SECURITY_DOMAIN_UNSPECIFIED),
        ),
        (CKA_NAME_HASH_ALGORITHM, Value::Number(CKM_SHA_1)),
    ])
}
