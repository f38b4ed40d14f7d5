//! A PIN as it goes over the card edge: 4 to 16 characters, as they are.

use core::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

/// Minimum bytes of a PIN.
pub const PIN_MIN: usize = 4;
/// Maximum bytes of a PIN.
pub const PIN_MAX: usize = 16;

/// No text has it in UTF-8, and the PIN of PIV is padded with it.
const PADDING: u8 = 0xFF;
/// The bytes that the PIN of PIV is padded to.
const PADDED: usize = 8;

/// Bytes that are not a PIN. Never carries them.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a PIN has 4 to 16 characters")]
pub struct GidsPinError;

/// A PIN. It is wiped when dropped, and `Debug` shows nothing of it.
#[derive(Clone)]
pub struct GidsPin(Zeroizing<Vec<u8>>);

impl GidsPin {
    /// A PIN.
    ///
    /// # Errors
    /// [`GidsPinError`] where the bytes are not one.
    pub fn new(bytes: &[u8]) -> Result<Self, GidsPinError> {
        if !(PIN_MIN..=PIN_MAX).contains(&bytes.len()) || bytes.contains(&PADDING) {
            return Err(GidsPinError);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// The form in which both card edges keep it: filled up to eight bytes with FF, as the PIN of PIV is. Different PINs
    /// have different ones.
    #[must_use]
    pub fn padded(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(PIN_MAX));
        out.extend_from_slice(&self.0);
        out.resize(self.0.len().max(PADDED), PADDING);
        out
    }

    /// Whether it can be the PIN of PIV too: 6 to 8 digits.
    #[must_use]
    pub fn is_of_piv(&self) -> bool {
        crate::piv::Pin::new(&self.0).is_ok()
    }
}

impl fmt::Debug for GidsPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GidsPin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_to_sixteen_characters() {
        for length in 0..20 {
            let is_pin = GidsPin::new(&vec![b'7'; length]).is_ok();
            assert_eq!(is_pin, (4..=16).contains(&length), "{length}");
        }
        assert!(GidsPin::new(b"1234\xFF").is_err());
        assert_eq!(
            format!("{:?}", GidsPin::new(b"1234").unwrap()),
            "GidsPin(..)"
        );
    }

    #[test]
    fn a_pin_of_piv_is_kept_as_piv_keeps_it() {
        let pin = GidsPin::new(b"123456").unwrap();
        let piv = crate::piv::Pin::new(b"123456").unwrap();
        assert_eq!(pin.padded().as_slice(), piv.as_bytes());
        assert!(pin.is_of_piv());
        let long = GidsPin::new(b"correct horse").unwrap();
        assert_eq!(long.padded().as_slice(), b"correct horse");
        assert!(!long.is_of_piv() && !GidsPin::new(b"1234").unwrap().is_of_piv());
    }
}
