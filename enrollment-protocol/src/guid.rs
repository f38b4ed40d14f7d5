//! The GUID of a card.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The GUID of a card's CHUID (SP 800-73-5 part 1, 3.4.1): a UUID, written as 32 hexadecimal digits without hyphens.
/// Read in either case; `{}` writes lower case, `{:X}` upper case.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Guid(Uuid);

/// A text that is not a GUID.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a GUID is 32 hexadecimal digits")]
pub struct GuidError;

impl Guid {
    /// The GUID of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The GUID as a uniform resource name (RFC 9562, section 4): `urn:uuid:00112233-4455-...`.
    #[must_use]
    pub fn urn(&self) -> String {
        self.0.urn().to_string()
    }
}

impl FromStr for Guid {
    type Err = GuidError;

    fn from_str(text: &str) -> Result<Self, GuidError> {
        // The parser would also take hyphens, braces and a URN; those are longer.
        if text.len() != 32 {
            return Err(GuidError);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| GuidError)
    }
}

impl TryFrom<String> for Guid {
    type Error = GuidError;

    fn try_from(text: String) -> Result<Self, GuidError> {
        text.parse()
    }
}

impl From<Guid> for String {
    fn from(guid: Guid) -> Self {
        guid.to_string()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(self.0.as_simple(), f)
    }
}

impl fmt::UpperHex for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::UpperHex::fmt(self.0.as_simple(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_read_in_either_case_and_written_in_both() {
        let guid: Guid = "00112233445566778899AABBccddeeff".parse().unwrap();
        assert_eq!(guid.to_string(), "00112233445566778899aabbccddeeff");
        assert_eq!(format!("{guid:X}"), "00112233445566778899AABBCCDDEEFF");
        assert_eq!(guid.urn(), "urn:uuid:00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(guid.as_bytes()[15], 0xFF);
    }

    #[test]
    fn other_forms_of_a_uuid_are_not_guids() {
        for text in [
            "",
            "00",
            "00112233-4455-6677-8899-aabbccddeeff",
            "{00112233445566778899aabbccddeeff}",
            "0011223344556677-899aabbccddeeff0",
            &"x".repeat(32),
            &"é".repeat(16),
        ] {
            assert_eq!(text.parse::<Guid>(), Err(GuidError), "{text}");
        }
    }
}
