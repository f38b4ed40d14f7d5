//! The hash functions as mechanisms (PKCS#11 3.0 mechanisms, 2.20 to 2.24).

use cryptoki_sys::*;

use super::row::{Row, Usage};
use crate::hash::Hash;

const fn row(number: CK_MECHANISM_TYPE, name: &'static str, hash: Hash) -> Row {
    Row {
        number,
        name,
        keys: &[],
        usage: Usage::Digest,
        hash: Some(hash),
    }
}

/// The mechanisms.
pub const ROWS: [Row; 5] = [
    row(CKM_SHA_1, "CKM_SHA_1", Hash::Sha1),
    row(CKM_SHA224, "CKM_SHA224", Hash::Sha224),
    row(CKM_SHA256, "CKM_SHA256", Hash::Sha256),
    row(CKM_SHA384, "CKM_SHA384", Hash::Sha384),
    row(CKM_SHA512, "CKM_SHA512", Hash::Sha512),
];

/// The hash function of a digest mechanism (`CKM_SHA256` and so on).
#[must_use]
pub fn find(mechanism: CK_MECHANISM_TYPE) -> Option<Hash> {
    ROWS.iter()
        .find(|row| row.number == mechanism)
        .and_then(|row| row.hash)
}
