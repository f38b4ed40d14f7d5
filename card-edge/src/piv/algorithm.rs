//! Cryptographic algorithms by their identifiers (SP 800-78-5, table 6-2; SP 800-73-5 part 1, table 5). RSA-4096,
//! Ed25519 and X25519 have none in the standard: theirs are the ones that PIV tools use.
//!
//! The identifier is P1 of GENERAL AUTHENTICATE, tag 80 of GENERATE ASYMMETRIC KEY PAIR and of the application
//! property template.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// A byte or a name that stands for none of the algorithms that may be there.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AlgorithmError {
    /// Not an algorithm identifier.
    #[error("{0:02X} is not an algorithm identifier")]
    UnknownIdentifier(u8),
    /// Not the name of an algorithm of key pairs.
    #[error("{0:?} is not an algorithm of key pairs")]
    UnknownName(String),
}

/// Any algorithm of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Of a key pair.
    Key(KeyAlgorithm),
    /// Of the card management key.
    Cipher(Cipher),
}

/// The algorithm of a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyAlgorithm {
    /// 05: RSA with a modulus of 3072 bits.
    Rsa3072,
    /// 06: RSA with a modulus of 1024 bits; retired keys only.
    Rsa1024,
    /// 07: RSA with a modulus of 2048 bits.
    Rsa2048,
    /// 11: ECC on P-256.
    P256,
    /// 14: ECC on P-384.
    P384,
    /// 16, beyond the standard: RSA with a modulus of 4096 bits.
    Rsa4096,
    /// E0, beyond the standard: EdDSA on edwards25519 (RFC 8032).
    Ed25519,
    /// E1, beyond the standard: key agreement on curve25519 (RFC 7748).
    X25519,
}

/// The curve of an ECC key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

impl Curve {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::P256, Self::P384];

    /// The length of a coordinate, in bytes.
    #[must_use]
    pub fn field_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// The algorithm of key pairs on it.
    #[must_use]
    pub fn algorithm(self) -> KeyAlgorithm {
        match self {
            Self::P256 => KeyAlgorithm::P256,
            Self::P384 => KeyAlgorithm::P384,
        }
    }
}

/// What kind of key pair an algorithm is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// The length of the modulus, in bytes.
        modulus: usize,
    },
    /// ECDSA and ECDH on a curve.
    Ecc(Curve),
    /// EdDSA, which signs messages and not their hashes.
    Ed25519,
    /// Key agreement alone.
    X25519,
}

/// The algorithm of the card management key, in ECB mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cipher {
    /// 03 (and 00): 3DES with three keys.
    TripleDes,
    /// 08
    Aes128,
    /// 0A
    Aes192,
    /// 0C
    Aes256,
}

impl Algorithm {
    /// The algorithm identifier.
    #[must_use]
    pub fn identifier(self) -> u8 {
        match self {
            Self::Key(algorithm) => algorithm.identifier(),
            Self::Cipher(cipher) => cipher.identifier(),
        }
    }
}

impl TryFrom<u8> for Algorithm {
    type Error = AlgorithmError;

    fn try_from(identifier: u8) -> Result<Self, AlgorithmError> {
        KeyAlgorithm::try_from(identifier)
            .map(Self::Key)
            .or_else(|_| Cipher::try_from(identifier).map(Self::Cipher))
    }
}

impl From<KeyAlgorithm> for Algorithm {
    fn from(algorithm: KeyAlgorithm) -> Self {
        Self::Key(algorithm)
    }
}

impl From<Cipher> for Algorithm {
    fn from(cipher: Cipher) -> Self {
        Self::Cipher(cipher)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(algorithm) => algorithm.fmt(f),
            Self::Cipher(cipher) => cipher.fmt(f),
        }
    }
}

impl KeyAlgorithm {
    /// All of them, in the order of their identifiers.
    pub const ALL: [Self; 8] = [
        Self::Rsa3072,
        Self::Rsa1024,
        Self::Rsa2048,
        Self::P256,
        Self::P384,
        Self::Rsa4096,
        Self::Ed25519,
        Self::X25519,
    ];

    /// The algorithm identifier.
    #[must_use]
    pub fn identifier(self) -> u8 {
        match self {
            Self::Rsa3072 => 0x05,
            Self::Rsa1024 => 0x06,
            Self::Rsa2048 => 0x07,
            Self::P256 => 0x11,
            Self::P384 => 0x14,
            Self::Rsa4096 => 0x16,
            Self::Ed25519 => 0xE0,
            Self::X25519 => 0xE1,
        }
    }

    /// The kind of key pair.
    #[must_use]
    pub fn kind(self) -> KeyKind {
        match self {
            Self::Rsa1024 => KeyKind::Rsa { modulus: 128 },
            Self::Rsa2048 => KeyKind::Rsa { modulus: 256 },
            Self::Rsa3072 => KeyKind::Rsa { modulus: 384 },
            Self::Rsa4096 => KeyKind::Rsa { modulus: 512 },
            Self::P256 => KeyKind::Ecc(Curve::P256),
            Self::P384 => KeyKind::Ecc(Curve::P384),
            Self::Ed25519 => KeyKind::Ed25519,
            Self::X25519 => KeyKind::X25519,
        }
    }
}

impl TryFrom<u8> for KeyAlgorithm {
    type Error = AlgorithmError;

    fn try_from(identifier: u8) -> Result<Self, AlgorithmError> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.identifier() == identifier)
            .ok_or(AlgorithmError::UnknownIdentifier(identifier))
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa1024 => "RSA-1024",
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Rsa4096 => "RSA-4096",
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        })
    }
}

impl FromStr for KeyAlgorithm {
    type Err = AlgorithmError;

    /// Reads the name that `Display` writes.
    fn from_str(name: &str) -> Result<Self, AlgorithmError> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.to_string() == name)
            .ok_or_else(|| AlgorithmError::UnknownName(name.to_owned()))
    }
}

impl Cipher {
    /// All of them, in the order of their identifiers.
    pub const ALL: [Self; 4] = [Self::TripleDes, Self::Aes128, Self::Aes192, Self::Aes256];

    /// The algorithm identifier.
    #[must_use]
    pub fn identifier(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Aes128 => 0x08,
            Self::Aes192 => 0x0A,
            Self::Aes256 => 0x0C,
        }
    }

    /// The length of a block, in bytes.
    #[must_use]
    pub fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// The length of a key, in bytes.
    #[must_use]
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

impl TryFrom<u8> for Cipher {
    type Error = AlgorithmError;

    fn try_from(identifier: u8) -> Result<Self, AlgorithmError> {
        let identifier = if identifier == 0x00 { 0x03 } else { identifier };
        Self::ALL
            .into_iter()
            .find(|cipher| cipher.identifier() == identifier)
            .ok_or(AlgorithmError::UnknownIdentifier(identifier))
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TripleDes => "3DES",
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_names_lead_back() {
        let known: Vec<u8> = (0..=u8::MAX)
            .filter(|byte| Algorithm::try_from(*byte).is_ok())
            .collect();
        assert_eq!(
            known,
            [
                0x00, 0x03, 0x05, 0x06, 0x07, 0x08, 0x0A, 0x0C, 0x11, 0x14, 0x16, 0xE0, 0xE1
            ]
        );
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(
                KeyAlgorithm::try_from(algorithm.identifier()),
                Ok(algorithm)
            );
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        for cipher in Cipher::ALL {
            assert_eq!(Cipher::try_from(cipher.identifier()), Ok(cipher));
        }
        assert_eq!(Cipher::try_from(0x00), Ok(Cipher::TripleDes));
    }
}
