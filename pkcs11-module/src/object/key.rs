//! Public and private key objects (PKCS#11 3.0, 4.7 to 4.9; mechanisms 2.1.2, 2.3.3 and following).

use card_edge::piv::{AsymmetricKey, KeyUse, PinPolicy};
use cryptoki_sys::*;
use der::Encode;

use super::certificate::Fields;
use super::{Attributes, Value, id, label};
use crate::mechanism::{Kind, TABLE};
use crate::public_key::PublicKey;

/// What both halves of a key have.
fn common(
    slot: AsymmetricKey,
    key: &PublicKey,
    fields: &Fields,
) -> Vec<(CK_ATTRIBUTE_TYPE, Value)> {
    let key_type = match key {
        PublicKey::Rsa(_) => CKK_RSA,
        PublicKey::Ec(_) => CKK_EC,
    };
    vec![
        (CKA_KEY_TYPE, Value::Number(key_type)),
        (CKA_ID, Value::bytes([id(slot)])),
        (CKA_LABEL, Value::text(&label(slot))),
        (CKA_SUBJECT, Value::bytes(fields.subject.as_slice())),
        (
            CKA_PUBLIC_KEY_INFO,
            Value::bytes(fields.public_key_info.as_slice()),
        ),
        (CKA_START_DATE, Value::bytes([])),
        (CKA_END_DATE, Value::bytes([])),
        // A card does not tell where its key was made.
        (CKA_LOCAL, Value::Flag(false)),
        (
            CKA_KEY_GEN_MECHANISM,
            Value::Number(CK_UNAVAILABLE_INFORMATION),
        ),
    ]
}

/// The numbers of the key, which both halves show.
fn numbers(key: &PublicKey) -> Vec<(CK_ATTRIBUTE_TYPE, Value)> {
    match key {
        PublicKey::Rsa(key) => vec![
            (CKA_MODULUS, Value::bytes(key.modulus.as_slice())),
            (CKA_PUBLIC_EXPONENT, Value::bytes(key.exponent.as_slice())),
        ],
        PublicKey::Ec(key) => vec![
            (
                CKA_EC_PARAMS,
                Value::bytes(key.curve.oid().to_der().unwrap_or_default()),
            ),
            (CKA_EC_POINT, Value::bytes(key.wrapped_point())),
        ],
    }
}

/// The mechanisms that a private key may be used with.
fn mechanisms(key: &PublicKey, key_use: KeyUse) -> Value {
    let may = |kind: Kind| match (key, key_use) {
        (PublicKey::Rsa(_), KeyUse::Sign) => {
            matches!(kind, Kind::RsaPkcs(_) | Kind::RsaPss(_) | Kind::RsaRaw)
        }
        (PublicKey::Rsa(_), KeyUse::DecryptOrAgree) => {
            matches!(kind, Kind::RsaPkcs(None) | Kind::RsaOaep | Kind::RsaRaw)
        }
        (PublicKey::Ec(_), KeyUse::Sign) => matches!(kind, Kind::Ecdsa(_)),
        (PublicKey::Ec(_), KeyUse::DecryptOrAgree) => kind == Kind::Ecdh,
    };
    Value::Numbers(
        TABLE
            .iter()
            .filter(|entry| may(entry.kind))
            .map(|entry| entry.mechanism)
            .collect(),
    )
}

/// The public half, visible to everyone.
pub fn public(slot: AsymmetricKey, key: &PublicKey, fields: &Fields) -> Attributes {
    let signs = slot.key_use() == KeyUse::Sign;
    let rsa = matches!(key, PublicKey::Rsa(_));
    let mut attributes = Attributes::of_token_object(CKO_PUBLIC_KEY, false)
        .with(common(slot, key, fields))
        .with(numbers(key))
        .with([
            (CKA_VERIFY, Value::Flag(signs)),
            (CKA_ENCRYPT, Value::Flag(rsa && !signs)),
            (CKA_VERIFY_RECOVER, Value::Flag(false)),
            (CKA_WRAP, Value::Flag(false)),
            (CKA_DERIVE, Value::Flag(false)),
            (CKA_TRUSTED, Value::Flag(false)),
        ]);
    if let PublicKey::Rsa(key) = key {
        let bits = CK_ULONG::try_from(key.bits()).unwrap_or(CK_UNAVAILABLE_INFORMATION);
        attributes.set(CKA_MODULUS_BITS, Value::Number(bits));
    }
    attributes
}

/// The private half, hidden until the user has logged in.
pub fn private(slot: AsymmetricKey, key: &PublicKey, fields: &Fields) -> Attributes {
    let signs = slot.key_use() == KeyUse::Sign;
    let rsa = matches!(key, PublicKey::Rsa(_));
    let secrets: &[CK_ATTRIBUTE_TYPE] = match key {
        PublicKey::Rsa(_) => &[
            CKA_PRIVATE_EXPONENT,
            CKA_PRIME_1,
            CKA_PRIME_2,
            CKA_EXPONENT_1,
            CKA_EXPONENT_2,
            CKA_COEFFICIENT,
        ],
        PublicKey::Ec(_) => &[CKA_VALUE],
    };
    Attributes::of_token_object(CKO_PRIVATE_KEY, true)
        .with(common(slot, key, fields))
        .with(numbers(key))
        .with([
            (CKA_SIGN, Value::Flag(signs)),
            (CKA_DECRYPT, Value::Flag(rsa && !signs)),
            (CKA_DERIVE, Value::Flag(!rsa && !signs)),
            (CKA_SIGN_RECOVER, Value::Flag(false)),
            (CKA_UNWRAP, Value::Flag(false)),
            (CKA_SENSITIVE, Value::Flag(true)),
            (CKA_ALWAYS_SENSITIVE, Value::Flag(true)),
            (CKA_EXTRACTABLE, Value::Flag(false)),
            (CKA_NEVER_EXTRACTABLE, Value::Flag(true)),
            (CKA_WRAP_WITH_TRUSTED, Value::Flag(false)),
            (
                CKA_ALWAYS_AUTHENTICATE,
                Value::Flag(slot.pin_policy() == PinPolicy::Always),
            ),
            (CKA_ALLOWED_MECHANISMS, mechanisms(key, slot.key_use())),
        ])
        .with(secrets.iter().map(|secret| (*secret, Value::Sensitive)))
}
