//! What a host may say of a new key: when its use needs the PIN, and when a touch.
//!
//! ```text
//! AA { PIN policy (1 byte) }, AB { touch policy (1 byte) }
//! ```

use crate::piv::access::PinPolicy;
use crate::tlv::{Tag, TlvError};

const TAG_PIN_POLICY: Tag = Tag::new(0xAA);
const TAG_TOUCH_POLICY: Tag = Tag::new(0xAB);

/// 00: the choice is the card's.
const CARD_DECIDES: u8 = 0x00;

/// When the use of a key needs a touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchPolicy {
    /// 01: never.
    Never,
    /// 02: each time.
    Always,
    /// 03: each time, but not within 15 seconds after the last one.
    Cached,
}

/// Both policies of a key, as metadata gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policies {
    /// When the key needs the PIN; `None` (00) where that says nothing, as of the management key.
    pub pin: Option<PinPolicy>,
    /// When it needs a touch.
    pub touch: TouchPolicy,
}

/// One policy that a host asks for; `None` leaves it to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyField {
    /// AA.
    Pin(Option<PinPolicy>),
    /// AB.
    Touch(Option<TouchPolicy>),
}

impl TouchPolicy {
    /// The byte.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        match self {
            Self::Never => 0x01,
            Self::Always => 0x02,
            Self::Cached => 0x03,
        }
    }

    fn from_u8(byte: u8) -> Option<Self> {
        [Self::Never, Self::Always, Self::Cached]
            .into_iter()
            .find(|policy| policy.to_u8() == byte)
    }
}

/// The byte of a PIN policy.
#[must_use]
pub fn pin_policy_to_u8(policy: PinPolicy) -> u8 {
    match policy {
        PinPolicy::Never => 0x01,
        PinPolicy::Once => 0x02,
        PinPolicy::Always => 0x03,
    }
}

fn pin_policy_from_u8(byte: u8) -> Option<PinPolicy> {
    [PinPolicy::Never, PinPolicy::Once, PinPolicy::Always]
        .into_iter()
        .find(|policy| pin_policy_to_u8(*policy) == byte)
}

impl Policies {
    /// The two bytes of metadata's tag 02.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 2] {
        [self.pin.map_or(0x00, pin_policy_to_u8), self.touch.to_u8()]
    }

    /// Reads them; `None` where one is not a policy.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 2]) -> Option<Self> {
        let [pin, touch] = bytes;
        Some(Self {
            pin: match pin {
                0x00 => None,
                byte => Some(pin_policy_from_u8(byte)?),
            },
            touch: TouchPolicy::from_u8(touch)?,
        })
    }
}

impl PolicyField {
    /// Reads a field.
    ///
    /// # Errors
    /// [`TlvError::InvalidValue`] where it is not a policy.
    pub fn decode(tag: Tag, value: &[u8]) -> Result<Self, TlvError> {
        let invalid = TlvError::InvalidValue(tag);
        match (tag, value) {
            (TAG_PIN_POLICY, [CARD_DECIDES]) => Ok(Self::Pin(None)),
            (TAG_TOUCH_POLICY, [CARD_DECIDES]) => Ok(Self::Touch(None)),
            (TAG_PIN_POLICY, [byte]) => pin_policy_from_u8(*byte)
                .map(|policy| Self::Pin(Some(policy)))
                .ok_or(invalid),
            (TAG_TOUCH_POLICY, [byte]) => TouchPolicy::from_u8(*byte)
                .map(|policy| Self::Touch(Some(policy)))
                .ok_or(invalid),
            _ => Err(invalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read() {
        assert_eq!(
            PolicyField::decode(TAG_PIN_POLICY, &[3]),
            Ok(PolicyField::Pin(Some(PinPolicy::Always)))
        );
        assert_eq!(
            PolicyField::decode(TAG_TOUCH_POLICY, &[0]),
            Ok(PolicyField::Touch(None))
        );
        for (tag, value) in [
            (TAG_PIN_POLICY, &[9][..]),
            (TAG_TOUCH_POLICY, &[]),
            (Tag::new(0xAC), &[1]),
        ] {
            assert!(PolicyField::decode(tag, value).is_err());
        }
        let policies = Policies {
            pin: Some(PinPolicy::Once),
            touch: TouchPolicy::Never,
        };
        assert_eq!(policies.to_bytes(), [2, 1]);
        assert_eq!(Policies::from_bytes([2, 1]), Some(policies));
        assert_eq!(Policies::from_bytes([0, 1]).unwrap().to_bytes(), [0, 1]);
        assert_eq!(Policies::from_bytes([9, 1]), None);
    }
}
