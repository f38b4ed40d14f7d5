//! RSA public keys.

use card_edge::piv::{KeyAlgorithm, KeyKind};
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;

use crate::ber::{self, INTEGER, Reader, SEQUENCE};
use crate::error::{Error, Result};

/// An RSA public key. Numbers are big-endian without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus.
    pub modulus: Vec<u8>,
    /// The public exponent.
    pub exponent: Vec<u8>,
    /// The algorithm that the card knows for a modulus of this length.
    pub algorithm: KeyAlgorithm,
}

impl RsaKey {
    /// The key in an RSAPublicKey (RFC 8017, A.1.1); `None` where it is of another length than PIV cards have, or
    /// malformed.
    #[must_use]
    pub fn from_pkcs1(key: &[u8]) -> Option<Self> {
        let numbers = Reader::new(key).expect(SEQUENCE, "key").ok()?;
        let mut numbers = Reader::new(numbers.content);
        let mut number = |what| {
            let number = numbers.expect(INTEGER, what).ok()?;
            Some(ber::unsigned(number.content).to_vec())
        };
        let (modulus, exponent) = (number("modulus")?, number("exponent")?);
        let algorithm = KeyAlgorithm::ALL.into_iter().find(|algorithm| {
            algorithm.kind()
                == KeyKind::Rsa {
                    modulus: modulus.len(),
                }
        })?;
        // A card of such an algorithm has a modulus of exactly that many bits.
        let full = modulus.first().is_some_and(|first| first & 0x80 != 0);
        let key = Self {
            modulus,
            exponent,
            algorithm,
        };
        (full && key.parts().is_some()).then_some(key)
    }

    fn parts(&self) -> Option<rsa::PublicKey> {
        let bits = u32::try_from(8 * self.modulus.len()).ok()?;
        let modulus = BoxedUint::from_be_slice(&self.modulus, bits).ok()?;
        let exponent = BoxedUint::from_be_slice(&self.exponent, 64).ok()?;
        rsa::PublicKey::new(modulus, exponent).ok()
    }

    /// The length of the modulus in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.modulus.len()
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        8 * self.modulus.len()
    }

    /// The bare public operation (RFC 8017, 5.1.1) on a block as long as the modulus; so is the result.
    ///
    /// # Errors
    /// [`Error::DataLength`] where the block is of another length or not below the modulus.
    pub fn apply(&self, block: &[u8]) -> Result<Vec<u8>> {
        let key = self.parts().ok_or(Error::KeyType)?;
        if block.len() != self.length() || block >= self.modulus.as_slice() {
            return Err(Error::DataLength);
        }
        let number = BoxedUint::from_be_slice(block, key.n().bits_precision())
            .map_err(|_| Error::DataLength)?;
        let result = rsa::hazmat::rsa_encrypt(&key, &number).map_err(|_| Error::DataLength)?;
        let bytes = result.to_be_bytes();
        let surplus = bytes.len().saturating_sub(self.length());
        Ok(bytes.get(surplus..).unwrap_or_default().to_vec())
    }
}
