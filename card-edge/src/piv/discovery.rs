//! The Discovery Object and its PIN usage policy (SP 800-73-5 part 1, 3.3.2 and table 18).
//!
//! ```text
//! 7E { 4F application identifier, 5F2F PIN usage policy (2 bytes) }
//! ```

use super::aid::AID;
use super::reference::PinReference;
use crate::tlv::{self, Tag, TlvError};

const TAG_AID: Tag = Tag::new(0x4F);
const TAG_PIN_USAGE_POLICY: Tag = Tag::new(0x5F2F);

/// Tag 5F2F, two bytes: which PINs exist and which comes first, and what the contactless interface can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinUsagePolicy(pub u16);

impl PinUsagePolicy {
    /// The PIV PIN alone: 40 00.
    pub const PIV_PIN_ONLY: Self = Self(0x4000);

    /// The global PIN too, and the PIV PIN first: 60 10.
    pub const GLOBAL_PIN_TOO: Self = Self(0x6010);

    /// The same, with a virtual contact interface (bit 08 of the first byte).
    #[must_use]
    pub fn with_virtual_contact(self) -> Self {
        Self(self.0 | 0x0800)
    }

    /// The same, with a virtual contact interface that needs no pairing code (bits 08 and 04).
    #[must_use]
    pub fn with_virtual_contact_without_pairing(self) -> Self {
        Self(self.0 | 0x0C00)
    }

    /// Whether the card has a virtual contact interface.
    #[must_use]
    pub fn has_virtual_contact(self) -> bool {
        self.0 & 0x0800 != 0
    }

    /// Whether the virtual contact interface needs the pairing code.
    #[must_use]
    pub fn needs_pairing(self) -> bool {
        self.has_virtual_contact() && self.0 & 0x0400 == 0
    }

    /// Whether the global PIN satisfies access rules too (bit 20 of the first byte).
    #[must_use]
    pub fn has_global_pin(self) -> bool {
        self.0 & 0x2000 != 0
    }

    /// The PIN that a host should ask for first.
    #[must_use]
    pub fn primary(self) -> PinReference {
        if self.has_global_pin() && self.0 & 0x00FF == 0x20 {
            PinReference::GlobalPin
        } else {
            PinReference::PivPin
        }
    }
}

/// The content of the Discovery Object, to stand inside tag 7E.
///
/// # Errors
/// [`TlvError`] never for the values here; the signature is that of all encoders.
pub fn encode(policy: PinUsagePolicy) -> Result<Vec<u8>, TlvError> {
    let mut out = tlv::encode(TAG_AID, &AID)?;
    tlv::write(&mut out, TAG_PIN_USAGE_POLICY, &policy.0.to_be_bytes())?;
    Ok(out)
}

/// Reads the PIN usage policy from the content of tag 7E.
///
/// # Errors
/// [`TlvError`] where it is malformed or missing.
pub fn decode(content: &[u8]) -> Result<PinUsagePolicy, TlvError> {
    let bytes = tlv::require(content, TAG_PIN_USAGE_POLICY)?;
    let bytes: [u8; 2] = bytes
        .try_into()
        .map_err(|_| TlvError::InvalidValue(TAG_PIN_USAGE_POLICY))?;
    Ok(PinUsagePolicy(u16::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_survives_and_names_the_primary_pin() {
        let content = encode(PinUsagePolicy::PIV_PIN_ONLY).unwrap();
        assert_eq!(content.len(), 18);
        assert_eq!(decode(&content).unwrap().primary(), PinReference::PivPin);
        assert_eq!(PinUsagePolicy(0x6020).primary(), PinReference::GlobalPin);
        let pin = PinUsagePolicy::PIV_PIN_ONLY;
        assert_eq!(pin.with_virtual_contact(), PinUsagePolicy(0x4800));
        let without = pin.with_virtual_contact_without_pairing();
        assert_eq!(without, PinUsagePolicy(0x4C00));
        assert!(without.has_virtual_contact() && !without.needs_pairing() && !pin.needs_pairing());
        assert!(pin.with_virtual_contact().needs_pairing());
    }
}
