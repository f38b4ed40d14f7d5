//! The messages of the enrollment protocol, version 1: JSON over HTTPS (docs/enrollment-protocol.md).

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::encoding::Bytes;

/// The version that this client speaks.
pub const PROTOCOL: u32 = 1;

/// A slot by its key reference, as `9A`; only the four main ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotName(pub AsymmetricKey);

impl Serialize for SlotName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SlotName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        u8::from_str_radix(&name, 16)
            .ok()
            .and_then(|reference| AsymmetricKey::try_from(reference).ok())
            .filter(|slot| AsymmetricKey::MAIN.contains(slot))
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("{name} is no slot of this phone")))
    }
}

/// Answer to `GET /api/v1/authority`.
#[derive(Debug, Deserialize)]
pub struct Authority {
    /// The root certificate, DER.
    pub root: Bytes,
}

/// `POST /api/v1/enrollment/offer`.
#[derive(Serialize)]
pub struct OfferRequest<'a> {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The token.
    pub invitation: &'a str,
}

/// What an invitation offers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Offer {
    /// Who issues.
    pub organisation: String,
    /// To whom.
    pub holder: String,
    /// Until when the invitation can be used, RFC 3339.
    pub expires: String,
    /// What.
    pub slots: Vec<OfferedSlot>,
}

/// A certificate that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OfferedSlot {
    /// For which slot.
    pub slot: SlotName,
    /// For which kind of key.
    #[serde(with = "crate::state::encoding::algorithm")]
    pub algorithm: KeyAlgorithm,
}

/// `POST /api/v1/enrollment`.
#[derive(Serialize)]
pub struct EnrollmentRequest<'a> {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The token.
    pub invitation: &'a str,
    /// Which phone asks.
    pub phone: Phone<'a>,
    /// A certification request for each slot.
    pub requests: Vec<SlotRequest>,
}

/// How a phone names itself.
#[derive(Clone, Copy, Serialize)]
pub struct Phone<'a> {
    /// A name for people.
    pub name: &'a str,
    /// The CHUID's GUID, 32 hex digits.
    pub guid: &'a str,
}

/// The certification request for a slot.
#[derive(Serialize)]
pub struct SlotRequest {
    /// The slot.
    pub slot: SlotName,
    /// PKCS#10, DER.
    pub csr: Bytes,
}

/// What was issued.
#[derive(Debug, Deserialize)]
pub struct EnrollmentAnswer {
    /// The server's name for this phone.
    pub phone: String,
    /// A certificate for each slot.
    pub certificates: Vec<SlotCertificate>,
    /// The issuing authority's certificate and the root's, DER.
    pub issuers: Vec<Bytes>,
}

/// The certificate for a slot.
#[derive(Debug, Deserialize)]
pub struct SlotCertificate {
    /// The slot.
    pub slot: SlotName,
    /// DER.
    pub certificate: Bytes,
}

/// Why the server refuses.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    /// What it is, for programs.
    pub error: String,
    /// What happened, why, and what to do next, for people.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    #[test]
    fn an_offer_is_read() {
        let offer: Offer = serde_json::from_str(
            r#"{"protocol":1,"organisation":"Example","holder":"Alice Example","expires":"2026-01-01T00:00:00Z",
                "slots":[{"slot":"9A","algorithm":"RSA-2048","profile":"piv-authentication"},{"slot":"9e","algorithm":"P-256"}]}"#,
        )
        .unwrap();
        let slots: Vec<_> = offer
            .slots
            .iter()
            .map(|slot| (slot.slot.0, slot.algorithm))
            .collect();
        assert_eq!(
            slots,
            [
                (AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048),
                (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
            ]
        );
        assert!(serde_json::from_str::<SlotName>("\"9B\"").is_err());
        assert!(serde_json::from_str::<SlotName>("\"82\"").is_err());
    }

    #[test]
    fn bytes_are_base64() {
        let request = SlotRequest {
            slot: SlotName(AsymmetricKey::PivAuthentication),
            csr: Bytes(vec![1, 2, 3]),
        };
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            format!(r#"{{"slot":"9A","csr":"{}"}}"#, BASE64.encode(&[1, 2, 3]))
        );
    }
}
