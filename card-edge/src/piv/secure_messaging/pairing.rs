//! The pairing code (SP 800-73-5 part 1, 5.1.3) and the object that holds it, 5FC123 (table 43).
//!
//! ```text
//! 99 eight digits, FE
//! ```

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::piv::object::TAG_ERROR_DETECTION;
use crate::tlv::{self, Tag, TlvError};

const TAG_PAIRING_CODE: Tag = Tag::new(0x99);

/// The digits of a pairing code.
pub const PAIRING_CODE_LENGTH: usize = 8;

/// The code that pairs a device with the card: eight digits. `Debug` does not show them.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PairingCode([u8; PAIRING_CODE_LENGTH]);

impl PairingCode {
    /// A code; `None` where there are not eight digits.
    #[must_use]
    pub fn new(digits: &[u8]) -> Option<Self> {
        digits
            .try_into()
            .ok()
            .filter(|digits: &[u8; PAIRING_CODE_LENGTH]| digits.iter().all(u8::is_ascii_digit))
            .map(Self)
    }

    /// A code from a random number; each is as likely as the others for one of 64 bits.
    #[must_use]
    pub fn from_random(number: u64) -> Self {
        let mut rest = number;
        let mut digits = [b'0'; PAIRING_CODE_LENGTH];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        Self(digits)
    }

    /// The digits, as VERIFY carries them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; PAIRING_CODE_LENGTH] {
        &self.0
    }

    /// Whether these are its digits.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        self.0.as_slice().ct_eq(presented).into()
    }

    /// The object's content, to stand inside tag 53.
    ///
    /// # Errors
    /// [`TlvError`] never for a code; the signature is that of all encoders.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, TlvError> {
        let mut out = Zeroizing::new(tlv::encode(TAG_PAIRING_CODE, &self.0)?);
        tlv::write(&mut out, TAG_ERROR_DETECTION, &[])?;
        Ok(out)
    }

    /// Reads the object's content.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed or holds no eight digits.
    pub fn decode(content: &[u8]) -> Result<Self, TlvError> {
        Self::new(tlv::require(content, TAG_PAIRING_CODE)?)
            .ok_or(TlvError::InvalidValue(TAG_PAIRING_CODE))
    }
}

impl fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_eight_digits_and_shows_none_of_them() {
        let code = PairingCode::new(b"01234567").unwrap();
        let content = code.encode().unwrap();
        assert_eq!(content.len(), 12);
        assert!(PairingCode::decode(&content).unwrap().matches(b"01234567"));
        assert!(!code.matches(b"01234568") && !code.matches(b"0123456") && !code.matches(b""));
        assert_eq!(format!("{code:?}"), "PairingCode(..)");
        for wrong in [&b"1234567"[..], b"123456789", b"1234567\xFF", b""] {
            assert!(PairingCode::new(wrong).is_none());
        }
        assert_eq!(PairingCode::from_random(42).as_bytes(), b"00000042");
        assert_eq!(PairingCode::from_random(u64::MAX).as_bytes(), b"09551615");
    }
}
