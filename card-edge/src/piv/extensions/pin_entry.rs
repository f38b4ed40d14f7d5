//! VERIFY of a PIN that its holder types at the card: `00 20 01 80`. No PIN is in the command; the answer comes when the
//! holder has answered.
//!
//! ```text
//! [0C { note }]
//! ```

use core::time::Duration;

use super::signature::{Note, SignatureRequestError, TAG_NOTE};
use crate::tlv::{self, Reader, TlvError};

/// P1 of VERIFY: the PIN is typed at the card.
pub const VERIFY_AT_CARD: u8 = 0x01;

/// How long the card waits for its holder, of the announcement: 1 to 600 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTime(u16);

impl EntryTime {
    /// The longest.
    pub const MAX: Self = Self(600);

    /// This time in whole seconds, or the longest where it is longer; `None` of less than a second.
    #[must_use]
    pub fn of(time: Duration) -> Option<Self> {
        let seconds = u16::try_from(time.as_secs()).map_or(Self::MAX.0, |it| it.min(Self::MAX.0));
        (seconds > 0).then_some(Self(seconds))
    }

    /// The time.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }

    /// A decimal number from 1 to 600, without zeros before it.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let seconds: u16 = text.parse().ok()?;
        let is_one = (1..=Self::MAX.0).contains(&seconds) && seconds.to_string() == text;
        is_one.then_some(Self(seconds))
    }

    pub(super) fn encode(self) -> String {
        self.0.to_string()
    }
}

/// The command data: nothing, or what the host says of itself.
///
/// # Errors
/// [`TlvError`] never for a note; the signature is that of all encoders.
pub fn encode_pin_entry(note: Option<&Note>) -> Result<Vec<u8>, TlvError> {
    note.map_or(Ok(Vec::new()), |note| {
        tlv::encode(TAG_NOTE, note.as_str().as_bytes())
    })
}

/// Reads command data.
///
/// # Errors
/// [`SignatureRequestError`] of what is malformed, and of anything but one note.
pub fn decode_pin_entry(data: &[u8]) -> Result<Option<Note>, SignatureRequestError> {
    let mut note = None;
    for field in Reader::new(data) {
        let field = field?;
        if field.tag != TAG_NOTE || note.is_some() {
            return Err(TlvError::InvalidValue(field.tag).into());
        }
        note = Some(Note::from_bytes(field.value)?);
    }
    Ok(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_data_of_the_document() {
        let note = Note::new("ssh").unwrap();
        let data = [0x0C, 3, b's', b's', b'h'];
        assert_eq!(encode_pin_entry(Some(&note)).unwrap(), data);
        assert_eq!(decode_pin_entry(&data), Ok(Some(note)));
        assert_eq!(encode_pin_entry(None).unwrap(), []);
        assert_eq!(decode_pin_entry(&[]), Ok(None));
    }

    #[test]
    fn what_is_not_a_note_is_refused() {
        let long = [&[0x0C, 65], [0x41; 65].as_slice()].concat();
        for data in [
            &[0x0C][..],
            &[0x0C, 0],
            &[0x0C, 1, 0xFF],
            &[0x0D, 1, 0x41],
            &[0x0C, 1, 0x41, 0x0C, 1, 0x41],
            b"123456\xFF\xFF",
            &long,
        ] {
            assert!(decode_pin_entry(data).is_err(), "{data:02X?}");
        }
    }

    #[test]
    fn a_time_is_one_to_six_hundred_seconds() {
        let of = |seconds| EntryTime::of(Duration::from_secs(seconds)).map(EntryTime::encode);
        assert_eq!(of(0), None);
        assert_eq!(of(30), Some("30".to_owned()));
        assert_eq!(of(601), Some("600".to_owned()));
        assert_eq!(of(u64::MAX), Some("600".to_owned()));
        assert_eq!(EntryTime::decode("600"), Some(EntryTime::MAX));
        for text in ["", "0", "030", "601", "70000", "-1", "+1", "1.5"] {
            assert_eq!(EntryTime::decode(text), None, "{text}");
        }
    }
}
