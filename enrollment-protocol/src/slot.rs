//! The slots that are enrolled.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A key on the card by its reference, with its certificate (NIST SP 800-73-5 part 1, table 4b). The retired key
/// management keys are not enrolled, so they are not slots of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Slot {
    /// 9A: PIV authentication.
    PivAuthentication,
    /// 9C: digital signature.
    DigitalSignature,
    /// 9D: key management.
    KeyManagement,
    /// 9E: card authentication.
    CardAuthentication,
}

/// A text that is not a slot.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a slot: slots are 9A, 9C, 9D and 9E")]
pub struct UnknownSlot(pub String);

impl Slot {
    /// Every slot, in the order of their references.
    pub const ALL: [Self; 4] = [
        Self::PivAuthentication,
        Self::DigitalSignature,
        Self::KeyManagement,
        Self::CardAuthentication,
    ];

    /// The key reference as two hexadecimal digits, upper case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PivAuthentication => "9A",
            Self::DigitalSignature => "9C",
            Self::KeyManagement => "9D",
            Self::CardAuthentication => "9E",
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Slot {
    type Err = UnknownSlot;

    fn from_str(text: &str) -> Result<Self, UnknownSlot> {
        Self::ALL
            .into_iter()
            .find(|slot| slot.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownSlot(text.to_owned()))
    }
}

impl TryFrom<String> for Slot {
    type Error = UnknownSlot;

    fn try_from(text: String) -> Result<Self, UnknownSlot> {
        text.parse()
    }
}

impl From<Slot> for &'static str {
    fn from(slot: Slot) -> Self {
        slot.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_read_in_either_case_and_a_retired_key_is_not_one() {
        for slot in Slot::ALL {
            assert_eq!(slot.as_str().to_lowercase().parse(), Ok(slot));
        }
        for text in ["", "9", "9B", "82", "9A ", "9a9c"] {
            assert!(text.parse::<Slot>().is_err(), "{text}");
        }
    }
}
