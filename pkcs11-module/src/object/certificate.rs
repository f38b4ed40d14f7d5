//! X.509 certificate objects (PKCS#11 3.0, 4.6.3).

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::*;

use super::attribute::{Attributes, Value, Visibility};
use super::fields::{Date, Fields};
use super::naming::{id, label};
use crate::hash::Hash;

/// The first bytes of the certificate's SHA-1 (CKA_CHECK_VALUE).
const CHECK_VALUE_LENGTH: usize = 3;

/// `CK_DATE`, empty where there is none.
fn date(date: Option<Date>) -> Value {
    Value::bytes(date.map_or_else(Vec::new, Vec::from))
}

pub fn attributes(key: AsymmetricKey, fields: &Fields) -> Attributes {
    let check_value = Hash::Sha1.of(&[&fields.certificate]);
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
        (CKA_VALUE, Value::bytes(fields.certificate.as_slice())),
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
