//! `POST /api/v1/enrollment/offer`: what an invitation offers.

use serde::{Deserialize, Serialize};

use crate::algorithm::KeyAlgorithm;
use crate::invitation::TokenText;
use crate::slot::Slot;
use crate::version::Version;

/// The path of the offer.
pub const PATH: &str = "/api/v1/enrollment/offer";

/// Asks what an invitation offers. Uses nothing up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRequest {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The invitation's token.
    pub invitation: TokenText,
}

/// What an invitation offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// Who issues.
    pub organisation: String,
    /// To whom.
    pub holder: String,
    /// The holder's account (user principal name): certificates name no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The holder's mail address: certificates name no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Until when the invitation can be used: RFC 3339, in UTC.
    pub expires: String,
    /// The certificates that are offered.
    pub slots: Vec<OfferedSlot>,
}

/// A certificate that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedSlot {
    /// For which slot.
    pub slot: Slot,
    /// For which kind of key.
    pub algorithm: KeyAlgorithm,
    /// The name of the certificate's profile: the server's own, which a phone only shows.
    #[serde(default)]
    pub profile: String,
}
