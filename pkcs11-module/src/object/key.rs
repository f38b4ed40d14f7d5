//! Public and private key objects (PKCS#11 3.0, 4.7 to 4.9; mechanisms 2.1.2, 2.3.3 and following).

use card_edge::piv::{AsymmetricKey, KeyUse, PinPolicy};
use const_oid::ObjectIdentifier;
use cryptoki_sys::*;
use der::Encode;

use super::attribute::{Attributes, Value, Visibility};
use super::naming::{id, label};
use crate::mechanism;
use crate::public_key::{CertifiedKey, KeyType, curve25519, ec};

/// What is known of a key beside its numbers.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// The DER subject of its certificate; empty where it has none.
    pub subject: &'a [u8],
    /// SubjectPublicKeyInfo.
    pub public_key_info: &'a [u8],
    /// Whether the card made it, as this process has seen.
    pub is_local: bool,
}

/// What both halves of a key have.
fn common(
    reference: AsymmetricKey,
    key: &CertifiedKey,
    about: About<'_>,
) -> Vec<(CK_ATTRIBUTE_TYPE, Value)> {
    let mechanism = match key.key_type() {
        _ if !about.is_local => CK_UNAVAILABLE_INFORMATION,
        KeyType::Rsa => CKM_RSA_PKCS_KEY_PAIR_GEN,
        KeyType::Ec => CKM_EC_KEY_PAIR_GEN,
        KeyType::Edwards => CKM_EC_EDWARDS_KEY_PAIR_GEN,
        KeyType::Montgomery => CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
    };
    vec![
        (CKA_KEY_TYPE, Value::Number(key.key_type().number())),
        (CKA_ID, Value::bytes([id(reference)])),
        (CKA_LABEL, Value::text(&label(reference))),
        (CKA_SUBJECT, Value::bytes(about.subject)),
        (CKA_PUBLIC_KEY_INFO, Value::bytes(about.public_key_info)),
        (CKA_START_DATE, Value::bytes([])),
        (CKA_END_DATE, Value::bytes([])),
        // A card does not say where its key was made.
        (CKA_LOCAL, Value::Flag(about.is_local)),
        (CKA_KEY_GEN_MECHANISM, Value::Number(mechanism)),
    ]
}

/// The numbers of the key, which both halves show.
fn numbers(key: &CertifiedKey) -> Vec<(CK_ATTRIBUTE_TYPE, Value)> {
    match key {
        CertifiedKey::Rsa(key) => vec![
            (CKA_MODULUS, Value::bytes(key.modulus.as_slice())),
            (CKA_PUBLIC_EXPONENT, Value::bytes(key.exponent.as_slice())),
        ],
        CertifiedKey::Ec(key) => vec![
            (
                CKA_EC_PARAMS,
                Value::bytes(ec::oid(key.curve).to_der().unwrap_or_default()),
            ),
            (CKA_EC_POINT, Value::bytes(key.wrapped_point())),
        ],
        CertifiedKey::Edwards(key) => on_curve25519(curve25519::EDWARDS, &key.0),
        CertifiedKey::Montgomery(key) => on_curve25519(curve25519::MONTGOMERY, &key.0),
    }
}

fn on_curve25519(
    curve: ObjectIdentifier,
    key: &[u8; curve25519::LENGTH],
) -> Vec<(CK_ATTRIBUTE_TYPE, Value)> {
    vec![
        (
            CKA_EC_PARAMS,
            Value::bytes(curve.to_der().unwrap_or_default()),
        ),
        (CKA_EC_POINT, Value::bytes(curve25519::wrapped(key))),
    ]
}

/// What the private half of a key is used for: `CKF_SIGN`, `CKF_DECRYPT`, `CKF_DERIVE`, or nothing where the key cannot do
/// what its slot is for.
fn usage(reference: AsymmetricKey, key_type: KeyType) -> CK_FLAGS {
    match (reference.key_use(), key_type) {
        (KeyUse::Sign, KeyType::Rsa | KeyType::Ec | KeyType::Edwards) => CKF_SIGN,
        (KeyUse::DecryptOrAgree, KeyType::Rsa) => CKF_DECRYPT,
        (KeyUse::DecryptOrAgree, KeyType::Ec | KeyType::Montgomery) => CKF_DERIVE,
        (KeyUse::Sign, KeyType::Montgomery) | (KeyUse::DecryptOrAgree, KeyType::Edwards) => 0,
    }
}

/// The mechanisms that a private key may be used with.
fn mechanisms(key_type: KeyType, usage: CK_FLAGS) -> Value {
    Value::Numbers(
        mechanism::rows()
            .filter(|row| row.keys.contains(&key_type) && row.flags() & usage != 0)
            .map(|row| row.number)
            .collect(),
    )
}

/// The public half, visible to everyone.
pub fn public(reference: AsymmetricKey, key: &CertifiedKey, about: About<'_>) -> Attributes {
    let usage = usage(reference, key.key_type());
    let mut attributes = Attributes::of_token_object(CKO_PUBLIC_KEY, Visibility::Public)
        .with(common(reference, key, about))
        .with(numbers(key))
        .with([
            (CKA_VERIFY, Value::Flag(usage == CKF_SIGN)),
            (CKA_ENCRYPT, Value::Flag(usage == CKF_DECRYPT)),
            (CKA_VERIFY_RECOVER, Value::Flag(false)),
            (CKA_WRAP, Value::Flag(false)),
            (CKA_DERIVE, Value::Flag(false)),
            (CKA_TRUSTED, Value::Flag(false)),
        ]);
    if let CertifiedKey::Rsa(key) = key {
        let bits = CK_ULONG::try_from(key.bits()).unwrap_or(CK_UNAVAILABLE_INFORMATION);
        attributes.set(CKA_MODULUS_BITS, Value::Number(bits));
    }
    attributes
}

/// The private half, hidden until the user has logged in.
pub fn private(reference: AsymmetricKey, key: &CertifiedKey, about: About<'_>) -> Attributes {
    let usage = usage(reference, key.key_type());
    let secrets: &[CK_ATTRIBUTE_TYPE] = match key {
        CertifiedKey::Rsa(_) => &[
            CKA_PRIVATE_EXPONENT,
            CKA_PRIME_1,
            CKA_PRIME_2,
            CKA_EXPONENT_1,
            CKA_EXPONENT_2,
            CKA_COEFFICIENT,
        ],
        CertifiedKey::Ec(_) | CertifiedKey::Edwards(_) | CertifiedKey::Montgomery(_) => {
            &[CKA_VALUE]
        }
    };
    Attributes::of_token_object(CKO_PRIVATE_KEY, Visibility::Private)
        .with(common(reference, key, about))
        .with(numbers(key))
        .with([
            (CKA_SIGN, Value::Flag(usage == CKF_SIGN)),
            (CKA_DECRYPT, Value::Flag(usage == CKF_DECRYPT)),
            (CKA_DERIVE, Value::Flag(usage == CKF_DERIVE)),
            (CKA_SIGN_RECOVER, Value::Flag(false)),
            (CKA_UNWRAP, Value::Flag(false)),
            (CKA_SENSITIVE, Value::Flag(true)),
            (CKA_ALWAYS_SENSITIVE, Value::Flag(true)),
            (CKA_EXTRACTABLE, Value::Flag(false)),
            (CKA_NEVER_EXTRACTABLE, Value::Flag(true)),
            (CKA_WRAP_WITH_TRUSTED, Value::Flag(false)),
            (
                CKA_ALWAYS_AUTHENTICATE,
                Value::Flag(reference.pin_policy() == PinPolicy::Always),
            ),
            (CKA_ALLOWED_MECHANISMS, mechanisms(key.key_type(), usage)),
        ])
        .with(secrets.iter().map(|secret| (*secret, Value::Sensitive)))
}
