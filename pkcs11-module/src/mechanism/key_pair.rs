//! Making key pairs on the card (PKCS#11 3.0 mechanisms, 2.1.4 and 2.3.5).

use cryptoki_sys::*;

use super::row::{Row, Usage};
use crate::public_key::KeyType;

const fn row(number: CK_MECHANISM_TYPE, name: &'static str, keys: &'static [KeyType]) -> Row {
    Row {
        number,
        name,
        keys,
        usage: Usage::GenerateKeyPair,
        hash: None,
    }
}

pub const ROWS: [Row; 4] = [
    row(
        CKM_RSA_PKCS_KEY_PAIR_GEN,
        "CKM_RSA_PKCS_KEY_PAIR_GEN",
        &[KeyType::Rsa],
    ),
    row(CKM_EC_KEY_PAIR_GEN, "CKM_EC_KEY_PAIR_GEN", &[KeyType::Ec]),
    row(
        CKM_EC_EDWARDS_KEY_PAIR_GEN,
        "CKM_EC_EDWARDS_KEY_PAIR_GEN",
        &[KeyType::Edwards],
    ),
    row(
        CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
        "CKM_EC_MONTGOMERY_KEY_PAIR_GEN",
        &[KeyType::Montgomery],
    ),
];
