//! Serial numbers of certificates (RFC 5280, section 4.1.2.2).

use std::fmt;

use data_encoding::HEXLOWER;
use enroll_server_model::random::{self, NoRandomness};

/// Length of every serial number that is given here, in octets.
pub const LENGTH: usize = 16;

/// A serial number: sixteen random octets, the first between 40 and 7F, so that it is positive and of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialNumber([u8; LENGTH]);

impl SerialNumber {
    /// A new one.
    ///
    /// # Errors
    /// If random bytes cannot be had.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut octets = random::bytes::<LENGTH>()?;
        let [first, ..] = &mut octets;
        *first = *first & 0x7F | 0x40;
        Ok(Self(octets))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn to_rcgen(self) -> rcgen::SerialNumber {
        rcgen::SerialNumber::from_slice(&self.0)
    }
}

impl fmt::Display for SerialNumber {
    /// Lower-case hexadecimal, as the database has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_positive_and_has_sixteen_octets() {
        for _ in 0..100 {
            let serial = SerialNumber::generate().unwrap();
            assert!((0x40..0x80).contains(&serial.0[0]));
            assert_eq!(serial.to_string().len(), 32);
        }
    }
}
