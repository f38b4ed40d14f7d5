//! What an enrolled phone checks in with.

use std::collections::BTreeMap;

use card_edge::piv::AsymmetricKey;
use serde::{Deserialize, Serialize};

use super::encoding::{Bytes, by_key};
use super::key::KeyRecord;
use super::reference_data::ReferenceData;

/// What an enrolled phone checks in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// The server's address: `https://host:port`.
    pub server: String,
    /// The server's name for this phone.
    pub phone: String,
    /// The root that the server proves to be under, DER.
    pub root: Bytes,
    /// The key that proves that it is this phone. Its use needs no PIN.
    pub key: KeyRecord,
    /// Keys that were made for a renewal, and whose certificates are not on the card yet.
    #[serde(with = "by_key", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub renewal: BTreeMap<AsymmetricKey, KeyRecord>,
    /// What the server's unblocking key is compared with, and what it unwraps; none on a card that was enrolled before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unblocking: Option<ReferenceData>,
    /// Whether the card was emptied, as the server said, and the server does not know it yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_wiped: bool,
}

impl CheckIn {
    /// All keys of it.
    pub(super) fn keys(&self) -> impl Iterator<Item = &KeyRecord> {
        std::iter::once(&self.key).chain(self.renewal.values())
    }
}
