//! Who enrolled the card, and an enrollment that has begun.

use std::collections::BTreeMap;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use serde::{Deserialize, Serialize};

use super::encoding::{Bytes, algorithms_by_key, by_key};
use super::key::KeyRecord;
use crate::secret::Secret;

/// Who enrolled the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrollment {
    /// The organisation that the server speaks for.
    pub organisation: String,
    /// Whom the certificates name.
    pub holder: String,
    /// The server's address: `https://host:port`.
    pub server: String,
    /// The server's name for this phone.
    pub phone: String,
    /// SHA-256 of the invitation that was used, in hex: to recognise it, not to use it.
    pub invitation: String,
    /// The authority's certificates, DER, the issuing one first.
    pub issuers: Vec<Bytes>,
    /// The new PUK, until its holder has seen it: a kill in between must not lose it.
    pub unseen_puk: Option<Secret>,
}

/// An enrollment that has begun: its keys are made, its certificates not stored yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingEnrollment {
    /// SHA-256 of the invitation, in hex.
    pub invitation: String,
    /// The organisation that offers it.
    pub organisation: String,
    /// To whom.
    pub holder: String,
    /// The holder's account, as the offer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The holder's mail address, as the offer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Until when the invitation can be used, RFC 3339.
    pub expires: String,
    /// For which keys certificates are offered, and of which kinds.
    #[serde(with = "algorithms_by_key")]
    pub offered: BTreeMap<AsymmetricKey, KeyAlgorithm>,
    /// The keys that have been made for it.
    #[serde(with = "by_key")]
    pub keys: BTreeMap<AsymmetricKey, KeyRecord>,
    /// The key that the phone will check in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<KeyRecord>,
}
