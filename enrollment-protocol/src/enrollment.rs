//! `POST /api/v1/enrollment`: keys and the proof of their possession go in, certificates come out.

use serde::{Deserialize, Serialize};

use crate::der::Der;
use crate::guid::Guid;
use crate::invitation::TokenText;
use crate::slot::Slot;
use crate::unblocking::UnblockingKey;
use crate::version::Version;

/// The path of the enrollment.
pub const PATH: &str = "/api/v1/enrollment";

/// Enrolls a phone. The same request again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentRequest {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The invitation's token.
    pub invitation: TokenText,
    /// Which phone asks.
    pub phone: Phone,
    /// One certification request for each slot of the offer.
    pub requests: Vec<SlotRequest>,
    /// PKCS#10 for the key that this phone will check in with: P-256. Without it the phone cannot check in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<Der>,
}

/// How a phone names itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// A name for people, of at most [`crate::limit::PHONE_NAME_MAX`] characters.
    pub name: String,
    /// The GUID of its card.
    pub guid: Guid,
}

/// The certification request for a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UnreadSlotRequest")]
pub struct SlotRequest {
    /// The slot.
    pub slot: Slot,
    /// PKCS#10 (RFC 2986).
    pub csr: Der,
}

/// A [`SlotRequest`] whose base64 was not read yet: what is wrong with it is said with the slot.
#[derive(Deserialize)]
struct UnreadSlotRequest {
    slot: Slot,
    csr: String,
}

/// A certification request that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the request for slot {slot} is not base64: {source}")]
struct NotBase64 {
    slot: Slot,
    source: data_encoding::DecodeError,
}

impl TryFrom<UnreadSlotRequest> for SlotRequest {
    type Error = NotBase64;

    fn try_from(UnreadSlotRequest { slot, csr }: UnreadSlotRequest) -> Result<Self, NotBase64> {
        Der::from_base64(&csr)
            .map(|csr| Self { slot, csr })
            .map_err(|source| NotBase64 { slot, source })
    }
}

/// What was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentAnswer {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The server's id for this phone.
    pub phone: String,
    /// A certificate for each slot, in the order of the offer.
    pub certificates: Vec<SlotCertificate>,
    /// The certificates of the authorities that issued these and of those above them, each once, and each before those
    /// above it.
    pub issuers: Vec<Der>,
    /// What the holder should know of these certificates: that they end earlier than others do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// What the phone needs one day to take a new PIN without the present one; none for a phone that does not check in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unblocking: Option<UnblockingKey>,
}

/// The certificate for a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotCertificate {
    /// The slot.
    pub slot: Slot,
    /// The certificate.
    pub certificate: Der,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_not_base64_is_named_by_its_slot() {
        let wrong = serde_json::from_str::<SlotRequest>(r#"{"slot":"9d","csr":"%%%"}"#);
        let message = wrong.unwrap_err().to_string();
        assert!(message.contains("slot 9D is not base64"), "{message}");
    }
}
