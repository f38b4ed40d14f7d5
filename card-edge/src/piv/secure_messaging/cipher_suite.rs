//! The cipher suites (SP 800-73-5 part 2, 4.1.4).

use crate::piv::algorithm::{AlgorithmError, Curve};

/// What host and card compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CipherSuite {
    /// 27: P-256, SHA-256 and AES-128.
    Cs2,
    /// 2E: P-384, SHA-384 and AES-256.
    Cs7,
}

impl CipherSuite {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Cs2, Self::Cs7];

    /// The algorithm identifier: P1 of GENERAL AUTHENTICATE, and in the answer to SELECT.
    #[must_use]
    pub fn identifier(self) -> u8 {
        match self {
            Self::Cs2 => 0x27,
            Self::Cs7 => 0x2E,
        }
    }

    /// The curve of the card's key and the host's.
    #[must_use]
    pub fn curve(self) -> Curve {
        match self {
            Self::Cs2 => Curve::P256,
            Self::Cs7 => Curve::P384,
        }
    }

    /// The suite of a curve.
    #[must_use]
    pub fn of(curve: Curve) -> Self {
        match curve {
            Curve::P256 => Self::Cs2,
            Curve::P384 => Self::Cs7,
        }
    }

    /// The length of an uncompressed point `04 X Y`, in bytes.
    #[must_use]
    pub fn point_length(self) -> usize {
        1 + 2 * self.curve().field_length()
    }

    /// The length of the card's nonce, in bytes.
    #[must_use]
    pub fn nonce_length(self) -> usize {
        match self {
            Self::Cs2 => 16,
            Self::Cs7 => 24,
        }
    }

    /// The length of each session key, in bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Cs2 => 16,
            Self::Cs7 => 32,
        }
    }

    /// What stands for the cipher in OtherInfo of the key derivation (4.1.6).
    pub(super) fn cipher_identifier(self) -> u8 {
        match self {
            Self::Cs2 => 0x09,
            Self::Cs7 => 0x0D,
        }
    }
}

impl TryFrom<u8> for CipherSuite {
    type Error = AlgorithmError;

    fn try_from(identifier: u8) -> Result<Self, AlgorithmError> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.identifier() == identifier)
            .ok_or(AlgorithmError::UnknownIdentifier(identifier))
    }
}
