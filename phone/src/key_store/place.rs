//! Where the card has a key.

use std::fmt;
use std::str::FromStr;

use card_edge::gids::FileId;
use card_edge::piv::AsymmetricKey;
use thiserror::Error;

/// Where the card has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyPlace {
    /// One of PIV's places. Its key may be in a GIDS container too.
    Slot(AsymmetricKey),
    /// A container of a GIDS card alone, by the reference of its key.
    Container(u8),
}

/// A text is not the name of a place.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0} is not a key")]
pub struct KeyPlaceError(String);

impl KeyPlace {
    /// What the key is, in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slot(key) => key.name(),
            Self::Container(_) => "GIDS container",
        }
    }
}

impl From<AsymmetricKey> for KeyPlace {
    fn from(key: AsymmetricKey) -> Self {
        Self::Slot(key)
    }
}

/// The reference of a key of PIV, as `9A`, or the identifier of the file of another, as `B081`.
impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot(key) => key.fmt(f),
            Self::Container(reference) => FileId::of_key(*reference).fmt(f),
        }
    }
}

impl FromStr for KeyPlace {
    type Err = KeyPlaceError;

    fn from_str(text: &str) -> Result<Self, KeyPlaceError> {
        let number = u16::from_str_radix(text, 16).ok();
        let slot = number
            .and_then(|number| u8::try_from(number).ok())
            .and_then(|number| AsymmetricKey::try_from(number).ok())
            .map(Self::Slot);
        let container = || number.and_then(|number| FileId(number).key_reference());
        slot.or_else(|| container().map(Self::Container))
            .ok_or_else(|| KeyPlaceError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for place in [
            KeyPlace::Slot(AsymmetricKey::PivAuthentication),
            KeyPlace::Container(0x81),
        ] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "9B", "A010", "B07F", "x"] {
            assert!(text.parse::<KeyPlace>().is_err(), "{text}");
        }
    }
}
