//! PIN and PUK as they go over the card edge (SP 800-73-5 part 1, 5.1; part 2, 2.4.3).

use core::fmt;

use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The bytes of a PIN or PUK on the card edge.
pub const REFERENCE_DATA_LENGTH: usize = 8;
/// Minimum digits of a PIN.
pub const PIN_MIN: usize = 6;
/// Minimum characters of a PIN of cards that are freer than the standard.
pub const FREE_PIN_MIN: usize = 4;
/// Maximum digits of a PIN, and maximum bytes of a PUK.
pub const PIN_MAX: usize = 8;
/// The PIN of a new card.
pub const DEFAULT_PIN: &str = "123456";
/// The PUK of a new card.
pub const DEFAULT_PUK: &str = "12345678";

const PADDING: u8 = 0xFF;

/// What stands on the card edge for no PIN and no PUK at all.
pub const PADDING_ALONE: [u8; REFERENCE_DATA_LENGTH] = [PADDING; REFERENCE_DATA_LENGTH];

/// Why something is not a PIN or PUK. Never carries the value.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PinError {
    /// Fewer than 6 or more than 8 digits.
    #[error("a PIN has 6 to 8 digits")]
    PinLength,
    /// Another character than 0 to 9.
    #[error("a PIN has digits only")]
    PinDigits,
    /// A PUK of no bytes or more than 8.
    #[error("a PUK has 1 to 8 characters")]
    PukLength,
    /// Not 8 bytes, or padding in the middle.
    #[error("reference data is not 8 bytes padded with FF")]
    Padding,
}

/// On the heap: a value that is moved leaves its bytes where it was, and nobody wipes them there.
type Bytes = Box<[u8; REFERENCE_DATA_LENGTH]>;

macro_rules! reference_data {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Bytes);

        impl Clone for $name {
            fn clone(&self) -> Self {
                Self(padded(self.0.as_slice()))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.0.as_mut_slice().zeroize();
            }
        }

        impl ZeroizeOnDrop for $name {}

        impl $name {
            /// The 8 bytes as they go over the card edge, padded with FF.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; REFERENCE_DATA_LENGTH] {
                &self.0
            }
        }

        impl ConstantTimeEq for $name {
            fn ct_eq(&self, other: &Self) -> subtle::Choice {
                self.0.as_slice().ct_eq(other.0.as_slice())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

reference_data! {
    /// A PIV or global PIN, padded with FF to 8 bytes: 6 to 8 ASCII digits, or what [`PinForm::Free`] allows.
    Pin
}

reference_data! {
    /// A PIN unblocking key: 8 bytes; shorter ones are padded with FF as tools do.
    Puk
}

reference_data! {
    /// What a host presents to be compared with a PIN or PUK, whatever it is (ISO/IEC 7816-4: verification data).
    VerificationData
}

impl VerificationData {
    /// Any 8 bytes.
    ///
    /// # Errors
    /// [`PinError::Padding`] where there are not 8.
    pub fn new(bytes: &[u8]) -> Result<Self, PinError> {
        if bytes.len() != REFERENCE_DATA_LENGTH {
            return Err(PinError::Padding);
        }
        Ok(Self(padded(bytes)))
    }
}

/// What a PIN may look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinForm {
    /// 6 to 8 digits, as the standard says.
    #[default]
    Standard,
    /// 4 to 8 printable ASCII characters, as some cards have them.
    Free,
}

impl PinForm {
    /// The fewest characters.
    #[must_use]
    pub fn shortest(self) -> usize {
        match self {
            Self::Standard => PIN_MIN,
            Self::Free => FREE_PIN_MIN,
        }
    }

    fn check(self, value: &[u8]) -> Result<(), PinError> {
        let is_allowed = |byte: &u8| match self {
            Self::Standard => byte.is_ascii_digit(),
            Self::Free => byte.is_ascii_graphic() || *byte == b' ',
        };
        if !(self.shortest()..=PIN_MAX).contains(&value.len()) {
            return Err(PinError::PinLength);
        }
        if !value.iter().all(is_allowed) {
            return Err(PinError::PinDigits);
        }
        Ok(())
    }
}

/// Whether a PIN is among the first that everybody tries: digits that are all the same or run up or down, from 9 on to 0
/// too. The PIN of every new card is one of them.
#[must_use]
pub fn is_guessable(digits: &[u8]) -> bool {
    let mut steps = digits.windows(2).map(|pair| match pair {
        [one, next] => next.wrapping_sub(*one).wrapping_add(10) % 10,
        _ => 0,
    });
    match steps.next() {
        Some(first @ (0 | 1 | 9)) => steps.all(|step| step == first),
        _ => false,
    }
}

fn padded(value: &[u8]) -> Bytes {
    let mut out = Box::new(PADDING_ALONE);
    for (to, from) in out.iter_mut().zip(value) {
        *to = *from;
    }
    out
}

impl Pin {
    /// What its holder types, without padding.
    #[must_use]
    pub fn typed(&self) -> &[u8] {
        self.0
            .split(|byte| *byte == PADDING)
            .next()
            .unwrap_or_default()
    }

    /// A PIN as its holder types it.
    ///
    /// # Errors
    /// [`PinError`] where it does not have 6 to 8 digits.
    pub fn new(digits: &[u8]) -> Result<Self, PinError> {
        Self::of_form(digits, PinForm::Standard)
    }

    /// A PIN of this form as its holder types it.
    ///
    /// # Errors
    /// [`PinError`] where it does not have this form.
    pub fn of_form(value: &[u8], form: PinForm) -> Result<Self, PinError> {
        form.check(value)?;
        Ok(Self(padded(value)))
    }

    /// A PIN as it comes over the card edge: 8 bytes, padded with FF.
    ///
    /// # Errors
    /// [`PinError`] where the padding is wrong or what is padded is not a PIN.
    pub fn from_padded(bytes: &[u8]) -> Result<Self, PinError> {
        Self::of_form_from_padded(bytes, PinForm::Standard)
    }

    /// The same of a PIN of this form.
    ///
    /// # Errors
    /// As [`Self::from_padded`].
    pub fn of_form_from_padded(bytes: &[u8], form: PinForm) -> Result<Self, PinError> {
        if bytes.len() != REFERENCE_DATA_LENGTH {
            return Err(PinError::Padding);
        }
        let digits = bytes
            .iter()
            .position(|byte| *byte == PADDING)
            .unwrap_or(bytes.len());
        let (value, padding) = bytes.split_at_checked(digits).ok_or(PinError::Padding)?;
        if padding.iter().any(|byte| *byte != PADDING) {
            return Err(PinError::Padding);
        }
        Self::of_form(value, form)
    }
}

impl Puk {
    /// A PUK as its holder types it.
    ///
    /// # Errors
    /// [`PinError::PukLength`] where it does not have 1 to 8 bytes, or padding alone.
    pub fn new(value: &[u8]) -> Result<Self, PinError> {
        if value.len() > PIN_MAX || value.iter().all(|byte| *byte == PADDING) {
            return Err(PinError::PukLength);
        }
        Ok(Self(padded(value)))
    }

    /// A PUK as it comes over the card edge: any 8 bytes that are not padding alone, which would be no PUK at all.
    ///
    /// # Errors
    /// [`PinError::Padding`] where there are not 8, [`PinError::PukLength`] where all are padding.
    pub fn from_padded(bytes: &[u8]) -> Result<Self, PinError> {
        if bytes.len() != REFERENCE_DATA_LENGTH {
            return Err(PinError::Padding);
        }
        Self::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_digits_padded_with_ff() {
        let pin = Pin::new(b"123456").unwrap();
        assert_eq!(pin.as_bytes(), b"123456\xFF\xFF");
        assert_eq!(pin.typed(), b"123456");
        assert_eq!(Pin::new(b"12345678").unwrap().typed(), b"12345678");
        assert!(bool::from(
            Pin::from_padded(b"123456\xFF\xFF").unwrap().ct_eq(&pin)
        ));
        assert_eq!(Pin::new(b"12345").unwrap_err(), PinError::PinLength);
        assert_eq!(Pin::new(b"hunter22").unwrap_err(), PinError::PinDigits);
        assert_eq!(
            Pin::from_padded(b"1234\xFF567").unwrap_err(),
            PinError::Padding
        );
        assert_eq!(Pin::from_padded(b"123456").unwrap_err(), PinError::Padding);
    }

    #[test]
    fn a_free_pin_has_four_to_eight_characters() {
        for value in [&b"1234"[..], b"passw0rd", b"A b-"] {
            let pin = Pin::of_form(value, PinForm::Free).unwrap();
            let again = Pin::of_form_from_padded(pin.as_bytes(), PinForm::Free).unwrap();
            assert!(bool::from(again.ct_eq(&pin)));
            assert!(Pin::new(value).is_err());
        }
        for value in [&b"123"[..], b"123456789", b"123\n", "12\u{e9}4".as_bytes()] {
            assert!(Pin::of_form(value, PinForm::Free).is_err());
        }
    }

    #[test]
    fn a_puk_is_any_bytes_but_padding_alone() {
        assert!(Puk::from_padded(b"1234567\xFF").is_ok());
        assert!(Puk::from_padded(&[0; 8]).is_ok());
        for (bytes, error) in [
            (&[0xFF; 8][..], PinError::PukLength),
            (b"1234567", PinError::Padding),
            (b"", PinError::Padding),
        ] {
            assert_eq!(Puk::from_padded(bytes).unwrap_err(), error);
        }
        for value in [&b""[..], b"123456789", b"\xFF"] {
            assert_eq!(Puk::new(value).unwrap_err(), PinError::PukLength);
        }
    }

    #[test]
    fn what_everybody_tries_is_guessable() {
        for pin in [
            DEFAULT_PIN,
            "000000",
            "99999999",
            "234567",
            "12345678",
            "654321",
            "87654321",
            "789012",
            "321098",
        ] {
            assert!(is_guessable(pin.as_bytes()), "{pin}");
        }
        for pin in [
            "739154", "123457", "112233", "123321", "135791", "654320", "000001",
        ] {
            assert!(!is_guessable(pin.as_bytes()), "{pin}");
        }
    }

    #[test]
    fn debug_shows_no_pin() {
        assert_eq!(format!("{:?}", Pin::new(b"123456").unwrap()), "Pin(..)");
    }
}
