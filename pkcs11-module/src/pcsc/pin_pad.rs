//! A reader's own PIN pad (PC/SC part 10, v2.02.09): the PIN that is typed there is in no command of this process.
//!
//! The reader tells in a list of TLVs by which control codes its features are reached:
//!
//! ```text
//! 1 byte    the feature
//! 1 byte    the length, 04
//! 4 bytes   the control code, big-endian
//! ```

use std::time::Duration;

use card_edge::transmit::ResponseBytes;

/// CM_IOCTL_GET_FEATURE_REQUEST (2.2), as the platform counts control codes.
#[allow(
    clippy::cast_possible_truncation,
    reason = "it has 32 bits on every platform"
)]
pub const GET_FEATURES: u32 = pcsc::ctl_code(3400) as u32;

/// FEATURE_VERIFY_PIN_DIRECT (2.5.1).
const VERIFY_PIN_DIRECT: u8 = 0x06;
/// FEATURE_IFD_PIN_PROPERTIES (2.5.5).
const PIN_PROPERTIES: u8 = 0x0A;
/// Bytes of a control code.
const CODE_LENGTH: usize = 4;

/// bmFormatString: the PIN is ASCII, left justified, and begins (its unit is the byte) where the data of the command begins.
const FORMAT: u8 = 0x82;
/// bmPINBlockString: 8 bytes, without a length in them.
const BLOCK: u8 = 0x08;
/// wPINMaxExtraDigit: 6 digits at least, 8 at most; little-endian.
const DIGITS: [u8; 2] = [8, 6];
/// bEntryValidationCondition: who has typed the PIN presses a key.
const UNTIL_KEY: u8 = 0x02;
/// bNumberMessage: what the reader shows by itself, or nothing where it has no display.
const OWN_MESSAGE: u8 = 0xFF;
const NO_MESSAGE: u8 = 0x00;

/// What a reader, not the card in it, is asked (SCardControl).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The control code.
    pub code: u32,
    /// The input.
    pub input: Vec<u8>,
    /// How much longer than an exchange the answer may take, since somebody types the PIN first.
    pub entry: Option<Duration>,
}

/// The PIN pad of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPad {
    /// The control code of FEATURE_VERIFY_PIN_DIRECT.
    verify: u32,
    has_display: bool,
}

impl PinPad {
    /// The PIN pad of the reader that is asked so. One whose answers are odd, or that knows no such request (`None`), has none.
    ///
    /// # Errors
    /// Where the question is lost: it says nothing of the reader.
    pub fn find<E>(
        mut control: impl FnMut(&Control) -> Result<Option<ResponseBytes>, E>,
    ) -> Result<Option<Self>, E> {
        let mut ask = |code| {
            control(&Control {
                code,
                input: Vec::new(),
                entry: None,
            })
        };
        let Some(features) = ask(GET_FEATURES)? else {
            return Ok(None);
        };
        let Some(verify) = code_of(&features, VERIFY_PIN_DIRECT) else {
            return Ok(None);
        };
        let properties = match code_of(&features, PIN_PROPERTIES) {
            Some(code) => ask(code)?,
            None => None,
        };
        // wLcdLayout comes first: lines and characters of the display.
        let layout = properties.as_ref().and_then(|bytes| bytes.get(..2));
        Ok(Some(Self {
            verify,
            has_display: layout.is_some_and(|layout| layout != [0, 0]),
        }))
    }

    /// Has the PIN typed and sent in this VERIFY, which has padding in its place; `time` counts in seconds, from 1 to 255.
    /// The structure PIN_VERIFY of 2.5.1, little-endian.
    #[must_use]
    pub fn verify(&self, command: &[u8], time: Duration) -> Control {
        let seconds = u8::try_from(time.as_secs()).unwrap_or(u8::MAX);
        let message = if self.has_display {
            OWN_MESSAGE
        } else {
            NO_MESSAGE
        };
        let length = u32::try_from(command.len()).unwrap_or(u32::MAX);
        // bTimerOut, and bTimerOut2 after the first key.
        let mut input = vec![seconds, seconds, FORMAT, BLOCK];
        // bmPINLengthFormat: the length of the PIN is nowhere in the command.
        input.push(0);
        input.extend(DIGITS);
        input.extend([UNTIL_KEY, message]);
        // wLangId, bMsgIndex, and bTeoPrologue, which the reader's driver fills in.
        input.extend([0; 6]);
        input.extend(length.to_le_bytes());
        input.extend(command);
        Control {
            code: self.verify,
            input,
            // The second time begins with the first key.
            entry: Some(2 * Duration::from_secs(seconds.into())),
        }
    }
}

/// The control code of a feature in such a list; `None` where it is not there, or the list makes no sense.
#[must_use]
pub fn code_of(list: &[u8], feature: u8) -> Option<u32> {
    let mut found = None;
    let mut rest = list;
    while let [tag, length, after @ ..] = rest {
        let (value, after) = after.split_at_checked(usize::from(*length))?;
        if *tag == feature {
            let code: [u8; CODE_LENGTH] = value.try_into().ok()?;
            let code = Some(u32::from_be_bytes(code)).filter(|code| *code != 0)?;
            // Two that differ: nobody knows which one is meant.
            if found.is_some_and(|found| found != code) {
                return None;
            }
            found = Some(code);
        }
        rest = after;
    }
    found.filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [u8; 12] = [
        0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x0A, 4, 0x42, 0x33, 0x00, 0x0A,
    ];

    #[test]
    fn a_list_that_makes_no_sense_has_no_pad() {
        let code = Some(0x4233_0006);
        for (list, expected) in [
            (&LIST[..], code),
            (&LIST[..6], code),
            (&[], None),
            (&[0x06], None),
            (&[0x06, 4], None),
            (&LIST[..5], None),
            (&LIST[..7], None),
            (&LIST[..11], None),
            // Other features alone, or of other lengths.
            (&LIST[6..], None),
            (&[0x20, 0, 0x06, 4, 0x42, 0x33, 0, 6], code),
            (&[0x20, 1, 9, 0x06, 4, 0x42, 0x33, 0, 6], code),
            // Odd codes.
            (&[0x06, 0], None),
            (&[0x06, 3, 0x33, 0, 6], None),
            (&[0x06, 5, 0, 0x42, 0x33, 0, 6], None),
            (&[0x06, 4, 0, 0, 0, 0], None),
            (&[0x06, 0xFF, 0x42, 0x33, 0, 6], None),
            // Twice.
            (&[0x06, 4, 0x42, 0x33, 0, 6, 6, 4, 0x42, 0x33, 0, 6], code),
            (&[0x06, 4, 0x42, 0x33, 0, 6, 6, 4, 0x42, 0x33, 0, 7], None),
            // What some drivers answer where they know no such request: a status word.
            (&[0x6D, 0x00], None),
        ] {
            assert_eq!(code_of(list, VERIFY_PIN_DIRECT), expected, "{list:02X?}");
        }
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_a_panic() {
        let mut bytes = Vec::new();
        let mut state = 1_u32;
        for length in 0..600 {
            bytes.resize(length % 40, 0);
            for byte in &mut bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Small numbers are the tags and lengths that there are.
                *byte = (state >> 24) as u8 % if length % 3 == 0 { 255 } else { 8 };
            }
            for feature in 0..=u8::MAX {
                if let Some(code) = code_of(&bytes, feature) {
                    assert!(code != 0);
                    let entry = [&[feature, 4][..], &code.to_be_bytes()].concat();
                    assert!(bytes.windows(entry.len()).any(|part| part == entry));
                }
            }
        }
    }

    #[test]
    fn the_structure_is_that_of_the_standard() {
        let command = [
            0x00, 0x20, 0x00, 0x80, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        ];
        let pad = |layout: &'static [u8]| {
            PinPad::find(|control| -> Result<_, ()> {
                assert!(control.input.is_empty() && control.entry.is_none());
                Ok(Some(match control.code {
                    GET_FEATURES => LIST.to_vec().into(),
                    0x4233_000A => layout.to_vec().into(),
                    other => panic!("{other:08X}"),
                }))
            })
            .unwrap()
            .unwrap()
        };
        for (layout, message) in [
            (&[0x10, 0x02, 0x07, 0x00][..], 0xFF),
            (&[0x00, 0x00, 0x07, 0x00], 0x00),
            (&[0x10], 0x00),
            (&[], 0x00),
        ] {
            let asked = pad(layout).verify(&command, Duration::from_secs(30));
            assert_eq!(
                (asked.code, asked.entry),
                (0x4233_0006, Some(Duration::from_secs(60)))
            );
            let structure = [
                30, 30, 0x82, 0x08, 0x00, 0x08, 0x06, 0x02, message, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0,
            ];
            assert_eq!(asked.input, [&structure[..], &command].concat());
        }
    }

    #[test]
    fn a_reader_that_knows_no_such_request_has_no_pad_and_one_that_is_lost_says_nothing() {
        assert_eq!(PinPad::find(|_| Ok::<_, ()>(None)), Ok(None));
        assert_eq!(PinPad::find(|_| Err(())), Err(()));
        let features = |properties: Result<Option<ResponseBytes>, ()>| {
            PinPad::find(move |control| match control.code {
                GET_FEATURES => Ok(Some(LIST.to_vec().into())),
                _ => properties.clone(),
            })
        };
        let pad = features(Ok(None)).unwrap();
        assert!(pad.is_some_and(|pad| !pad.has_display));
        assert_eq!(features(Err(())), Err(()));
    }
}
