//! Key references: the byte by which a command names a key, a PIN or another secret of the card
//! (SP 800-73-5 part 1, table 4b).
//!
//! [`KeyReference`] is all of them. A command that takes some alone takes one of the subsets: [`AsymmetricKey`]
//! (GENERATE ASYMMETRIC KEY PAIR, and GENERAL AUTHENTICATE with a key pair) or [`PinReference`] (VERIFY, CHANGE
//! REFERENCE DATA and RESET RETRY COUNTER).

use core::fmt;

use thiserror::Error;

/// A byte that is not the key reference of what a command needs.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ReferenceError {
    /// Not a key reference at all.
    #[error("{0:02X} is not a key reference")]
    Unknown(u8),
    /// Not the reference of an asymmetric key.
    #[error("{0:02X} is not the key reference of an asymmetric key")]
    NotAsymmetric(u8),
    /// Not the reference of a PIN or of other reference data.
    #[error("{0:02X} is not the key reference of a PIN")]
    NotPin(u8),
}

/// A key reference: P2 of VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, GENERAL AUTHENTICATE, GENERATE
/// ASYMMETRIC KEY PAIR and GET METADATA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyReference {
    /// 00, 80, 81, 96, 97 and 98: what a person proves.
    Pin(PinReference),
    /// 04: the key that secure messaging is set up with.
    SecureMessaging,
    /// 9B: the symmetric key of whoever may change the card.
    CardManagement,
    /// 9A, 9C, 9D, 9E, 82 to 95 and F9: a key pair.
    Asymmetric(AsymmetricKey),
}

/// The reference of a key pair and of the certificate that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AsymmetricKey {
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
    /// F9, beyond the standard: the card signs with it what it says of its other keys, and no host can use it.
    Attestation,
}

/// The number of a retired key management key, 1 to 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RetiredNumber(u8);

/// The reference of reference data: what a person proves to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PinReference {
    /// 00: a PIN that the card's applications share.
    GlobalPin,
    /// 80: the PIN of the PIV application.
    PivPin,
    /// 81: the PIN unblocking key.
    Puk,
    /// 96: the primary finger, compared on the card.
    PrimaryFinger,
    /// 97: the secondary finger, compared on the card.
    SecondaryFinger,
    /// 98: the code that pairs a device with the card.
    PairingCode,
}

impl KeyReference {
    /// The byte.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        match self {
            Self::Pin(reference) => reference.to_u8(),
            Self::SecureMessaging => 0x04,
            Self::CardManagement => 0x9B,
            Self::Asymmetric(key) => key.to_u8(),
        }
    }
}

impl TryFrom<u8> for KeyReference {
    type Error = ReferenceError;

    fn try_from(value: u8) -> Result<Self, ReferenceError> {
        Ok(match value {
            0x04 => Self::SecureMessaging,
            0x9B => Self::CardManagement,
            _ => PinReference::try_from(value)
                .map(Self::Pin)
                .or_else(|_| AsymmetricKey::try_from(value).map(Self::Asymmetric))
                .map_err(|_| ReferenceError::Unknown(value))?,
        })
    }
}

impl From<AsymmetricKey> for KeyReference {
    fn from(key: AsymmetricKey) -> Self {
        Self::Asymmetric(key)
    }
}

impl From<PinReference> for KeyReference {
    fn from(reference: PinReference) -> Self {
        Self::Pin(reference)
    }
}

impl RetiredNumber {
    /// Every number, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=20).map(Self)
    }

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

impl AsymmetricKey {
    /// The four keys that every PIV card may have, in the order of their references.
    pub const MAIN: [Self; 4] = [
        Self::PivAuthentication,
        Self::DigitalSignature,
        Self::KeyManagement,
        Self::CardAuthentication,
    ];

    /// Every key: [`Self::MAIN`], the retired ones, and the one of attestation.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::usable().chain([Self::Attestation])
    }

    /// The keys that a host can use: [`Self::MAIN`], then the retired ones.
    pub fn usable() -> impl Iterator<Item = Self> {
        let retired = RetiredNumber::all().map(Self::RetiredKeyManagement);
        Self::MAIN.into_iter().chain(retired)
    }

    /// The byte.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        match self {
            Self::PivAuthentication => 0x9A,
            Self::DigitalSignature => 0x9C,
            Self::KeyManagement => 0x9D,
            Self::CardAuthentication => 0x9E,
            Self::RetiredKeyManagement(number) => 0x81 + number.get(),
            Self::Attestation => 0xF9,
        }
    }

    /// The name of the key in the standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PivAuthentication => "PIV Authentication",
            Self::DigitalSignature => "Digital Signature",
            Self::KeyManagement => "Key Management",
            Self::CardAuthentication => "Card Authentication",
            Self::RetiredKeyManagement(_) => "Retired Key Management",
            Self::Attestation => "Attestation",
        }
    }
}

impl TryFrom<u8> for AsymmetricKey {
    type Error = ReferenceError;

    fn try_from(value: u8) -> Result<Self, ReferenceError> {
        Self::all()
            .find(|key| key.to_u8() == value)
            .ok_or(ReferenceError::NotAsymmetric(value))
    }
}

impl fmt::Display for AsymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.to_u8())
    }
}

impl PinReference {
    /// Every reference, in the order of the standard's table.
    pub const ALL: [Self; 6] = [
        Self::GlobalPin,
        Self::PivPin,
        Self::Puk,
        Self::PrimaryFinger,
        Self::SecondaryFinger,
        Self::PairingCode,
    ];

    /// The byte.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        match self {
            Self::GlobalPin => 0x00,
            Self::PivPin => 0x80,
            Self::Puk => 0x81,
            Self::PrimaryFinger => 0x96,
            Self::SecondaryFinger => 0x97,
            Self::PairingCode => 0x98,
        }
    }
}

impl TryFrom<u8> for PinReference {
    type Error = ReferenceError;

    fn try_from(value: u8) -> Result<Self, ReferenceError> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.to_u8() == value)
            .ok_or(ReferenceError::NotPin(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_one_reference_or_none() {
        let known: Vec<KeyReference> = (0..=u8::MAX)
            .filter_map(|byte| KeyReference::try_from(byte).ok())
            .collect();
        assert_eq!(known.len(), 25 + 6 + 2);
        assert!(
            known
                .iter()
                .all(|reference| KeyReference::try_from(reference.to_u8()) == Ok(*reference))
        );
        assert_eq!(
            KeyReference::try_from(0xF8),
            Err(ReferenceError::Unknown(0xF8))
        );
    }

    #[test]
    fn the_references_of_key_pairs_are_those_of_the_table() {
        let bytes: Vec<u8> = AsymmetricKey::all().map(AsymmetricKey::to_u8).collect();
        let expected: Vec<u8> = [0x9A, 0x9C, 0x9D, 0x9E]
            .into_iter()
            .chain(0x82..=0x95)
            .chain([0xF9])
            .collect();
        assert_eq!(bytes, expected);
        assert_eq!(
            AsymmetricKey::try_from(0x9B),
            Err(ReferenceError::NotAsymmetric(0x9B))
        );
    }
}
