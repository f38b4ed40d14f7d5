//! Key references and algorithms (SP 800-73-5 part 1, table 4b; SP 800-78-5, table 6-2).

use core::fmt;

use thiserror::Error;

use super::object::ObjectId;
use crate::tlv::Tag;

/// The key reference of the card management key (9B).
pub const CARD_MANAGEMENT_KEY: u8 = 0x9B;

/// The management key that PIV tools know as a new card's: as AES-192 or as 3DES.
pub const DEFAULT_CARD_MANAGEMENT_KEY: [u8; 24] = [
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
];

/// A byte that stands for none of the values that it may.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// No asymmetric key has this reference.
    #[error("{0:02X} is no key reference of an asymmetric key")]
    UnknownSlot(u8),
    /// No algorithm has this identifier.
    #[error("{0:02X} is no algorithm identifier")]
    UnknownAlgorithm(u8),
}

/// The number of a retired key management key, 1 to 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RetiredNumber(u8);

impl RetiredNumber {
    /// The number, if it is one of 1 to 20.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (1..=20).contains(&number).then_some(Self(number))
    }

    /// 1 to 20.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

/// An asymmetric key of the card together with its certificate, by its key reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// 9A: signs in; needs the PIN once.
    PivAuthentication,
    /// 9C: signs documents; needs the PIN directly before each use.
    DigitalSignature,
    /// 9D: decrypts and agrees on keys; needs the PIN once.
    KeyManagement,
    /// 9E: opens doors; needs no PIN.
    CardAuthentication,
    /// 82 to 95: a former 9D; needs the PIN once.
    RetiredKeyManagement(RetiredNumber),
}

/// When a key asks for the PIN (SP 800-73-5 part 1, table 4b, "security condition for use").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinPolicy {
    /// Never.
    Never,
    /// Once after the application was selected or the card was reset.
    Once,
    /// Directly before each use.
    Always,
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Signatures.
    Sign,
    /// RSA decryption or ECDH.
    DecryptOrAgree,
}

impl Slot {
    /// The four slots that every PIV card may have, in the order of their references.
    pub const MAIN: [Self; 4] = [
        Self::PivAuthentication,
        Self::DigitalSignature,
        Self::KeyManagement,
        Self::CardAuthentication,
    ];

    /// The key reference byte: P2 of GENERAL AUTHENTICATE and of GENERATE ASYMMETRIC KEY PAIR.
    #[must_use]
    pub fn key_reference(self) -> u8 {
        match self {
            Self::PivAuthentication => 0x9A,
            Self::DigitalSignature => 0x9C,
            Self::KeyManagement => 0x9D,
            Self::CardAuthentication => 0x9E,
            Self::RetiredKeyManagement(number) => 0x81 + number.get(),
        }
    }

    /// The object that holds the certificate for this key.
    #[must_use]
    pub fn certificate(self) -> ObjectId {
        ObjectId::Certificate(self)
    }

    /// When the key asks for the PIN.
    #[must_use]
    pub fn pin_policy(self) -> PinPolicy {
        match self {
            Self::CardAuthentication => PinPolicy::Never,
            Self::DigitalSignature => PinPolicy::Always,
            Self::PivAuthentication | Self::KeyManagement | Self::RetiredKeyManagement(_) => {
                PinPolicy::Once
            }
        }
    }

    /// What the key is for.
    #[must_use]
    pub fn key_use(self) -> KeyUse {
        match self {
            Self::KeyManagement | Self::RetiredKeyManagement(_) => KeyUse::DecryptOrAgree,
            Self::PivAuthentication | Self::DigitalSignature | Self::CardAuthentication => {
                KeyUse::Sign
            }
        }
    }

    /// The name that SP 800-73-5 part 1 gives the certificate's container.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PivAuthentication => "PIV Authentication",
            Self::DigitalSignature => "Digital Signature",
            Self::KeyManagement => "Key Management",
            Self::CardAuthentication => "Card Authentication",
            Self::RetiredKeyManagement(_) => "Retired Key Management",
        }
    }
}

impl TryFrom<u8> for Slot {
    type Error = KeyError;

    fn try_from(value: u8) -> Result<Self, KeyError> {
        match value {
            0x9A => Ok(Self::PivAuthentication),
            0x9C => Ok(Self::DigitalSignature),
            0x9D => Ok(Self::KeyManagement),
            0x9E => Ok(Self::CardAuthentication),
            0x82..=0x95 => RetiredNumber::new(value - 0x81)
                .map(Self::RetiredKeyManagement)
                .ok_or(KeyError::UnknownSlot(value)),
            other => Err(KeyError::UnknownSlot(other)),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.key_reference())
    }
}

/// A cryptographic algorithm by its identifier: P1 of GENERAL AUTHENTICATE, tag 80 of GENERATE and of the
/// application property template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// 03 (and 00): 3DES in ECB mode with three keys; for the card management key only.
    TripleDes,
    /// 05
    Rsa3072,
    /// 06: retired keys only.
    Rsa1024,
    /// 07
    Rsa2048,
    /// 08: AES-128 in ECB mode.
    Aes128,
    /// 0A: AES-192 in ECB mode.
    Aes192,
    /// 0C: AES-256 in ECB mode.
    Aes256,
    /// 11: ECC on P-256.
    P256,
    /// 14: ECC on P-384.
    P384,
}

impl Algorithm {
    /// The algorithm identifier.
    #[must_use]
    pub fn identifier(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Rsa3072 => 0x05,
            Self::Rsa1024 => 0x06,
            Self::Rsa2048 => 0x07,
            Self::Aes128 => 0x08,
            Self::Aes192 => 0x0A,
            Self::Aes256 => 0x0C,
            Self::P256 => 0x11,
            Self::P384 => 0x14,
        }
    }

    /// The length in bytes of what the algorithm works on: the RSA modulus, a coordinate of the curve,
    /// or the cipher's block.
    #[must_use]
    pub fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::Rsa1024 => 128,
            Self::Rsa2048 => 256,
            Self::Rsa3072 => 384,
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// Whether this is RSA of any length.
    #[must_use]
    pub fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa1024 | Self::Rsa2048 | Self::Rsa3072)
    }

    /// Whether this is a curve.
    #[must_use]
    pub fn is_ecc(self) -> bool {
        matches!(self, Self::P256 | Self::P384)
    }
}

impl TryFrom<u8> for Algorithm {
    type Error = KeyError;

    fn try_from(value: u8) -> Result<Self, KeyError> {
        Ok(match value {
            0x00 | 0x03 => Self::TripleDes,
            0x05 => Self::Rsa3072,
            0x06 => Self::Rsa1024,
            0x07 => Self::Rsa2048,
            0x08 => Self::Aes128,
            0x0A => Self::Aes192,
            0x0C => Self::Aes256,
            0x11 => Self::P256,
            0x14 => Self::P384,
            other => return Err(KeyError::UnknownAlgorithm(other)),
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TripleDes => "3DES",
            Self::Rsa1024 => "RSA-1024",
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        })
    }
}

/// The tag of the object that holds the certificate of a slot.
pub(super) fn certificate_tag(slot: Slot) -> Tag {
    Tag::new(match slot {
        Slot::PivAuthentication => 0x5F_C105,
        Slot::DigitalSignature => 0x5F_C10A,
        Slot::KeyManagement => 0x5F_C10B,
        Slot::CardAuthentication => 0x5F_C101,
        Slot::RetiredKeyManagement(number) => 0x5F_C10C + u32::from(number.get()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_slots_agree() {
        let known: Vec<Slot> = (0..=u8::MAX)
            .filter_map(|byte| Slot::try_from(byte).ok())
            .collect();
        assert_eq!(known.len(), 24);
        assert!(
            known
                .iter()
                .all(|slot| Slot::try_from(slot.key_reference()) == Ok(*slot))
        );
        assert_eq!(
            Slot::try_from(0x95).unwrap().certificate().tag(),
            Tag::new(0x5F_C120)
        );
        assert_eq!(
            Slot::try_from(0x82).unwrap().certificate().tag(),
            Tag::new(0x5F_C10D)
        );
    }
}
