//! The messages of D-Bus that a notice takes (D-Bus specification, "Message Protocol"; Desktop Notifications specification,
//! "D-BUS Protocol"), both ways.
//!
//! Written here, since it is little: the wire format alone of a library would make the module an eighth larger, and connections of
//! libraries wait without a bound.

/// What every message begins with, in bytes: its own length can be told from that.
pub const START: usize = 16;
/// Bytes of a message from the bus at most. Answers have a number, or an error's words.
const LENGTH_MAX: usize = 65_536;
/// How much room a text has, in bytes.
const TEXT_MAX: usize = 1024;

const METHOD_CALL: u8 = 1;
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;
const VERSION: u8 = 1;

/// Fields of a header.
const PATH: u8 = 1;
const INTERFACE: u8 = 2;
const MEMBER: u8 = 3;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SIGNATURE: u8 = 8;

/// Urgency: it stays until it is closed, since somebody waits.
const CRITICAL: u8 = 2;

/// An object that is called.
struct Object {
    name: &'static str,
    path: &'static str,
}

/// The bus itself.
const BUS: Object = Object {
    name: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
};

/// The server of notices.
const NOTIFICATIONS: Object = Object {
    name: "org.freedesktop.Notifications",
    path: "/org/freedesktop/Notifications",
};

/// A call of a method, whose object has one interface, of its own name.
pub struct Call {
    object: Object,
    member: &'static str,
    signature: &'static str,
    arguments: Writer,
}

impl Call {
    /// The first call of each connection.
    #[must_use]
    pub fn hello() -> Self {
        Self {
            object: BUS,
            member: "Hello",
            signature: "",
            arguments: Writer::default(),
        }
    }

    /// Shows a notice, for this many milliseconds at most; the answer is its number. `summary` is text, `body` may be markup;
    /// both have no NUL.
    #[must_use]
    pub fn notify(summary: &str, body: &str, milliseconds: u32) -> Self {
        let mut arguments = Writer::default();
        // The program's name, the notice that it replaces, an icon.
        arguments.text(summary);
        arguments.number(0);
        arguments.text("");
        arguments.text(summary);
        arguments.text(body);
        // No actions.
        arguments.number(0);
        arguments.array_of_structures(|hints| {
            hints.text("urgency");
            hints.signature("y");
            hints.0.push(CRITICAL);
        });
        arguments.number(milliseconds);
        Self {
            object: NOTIFICATIONS,
            member: "Notify",
            signature: "susssasa{sv}i",
            arguments,
        }
    }

    /// Closes a notice.
    #[must_use]
    pub fn close(number: u32) -> Self {
        let mut arguments = Writer::default();
        arguments.number(number);
        Self {
            object: NOTIFICATIONS,
            member: "CloseNotification",
            signature: "u",
            arguments,
        }
    }

    /// The message, with this serial number.
    #[must_use]
    pub fn encode(&self, serial: u32) -> Vec<u8> {
        let mut message = Writer(vec![b'l', METHOD_CALL, 0, VERSION]);
        message.number(length(&self.arguments.0));
        message.number(serial);
        message.array_of_structures(|fields| {
            fields.field(PATH, "o", self.object.path);
            fields.field(DESTINATION, "s", self.object.name);
            fields.field(INTERFACE, "s", self.object.name);
            fields.field(MEMBER, "s", self.member);
            if !self.signature.is_empty() {
                fields.align(8);
                fields.0.push(SIGNATURE);
                fields.signature("g");
                fields.signature(self.signature);
            }
        });
        message.align(8);
        message.0.extend_from_slice(&self.arguments.0);
        message.0
    }
}

fn length(bytes: &[u8]) -> u32 {
    // Texts are cut: nothing here is that long.
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Writes values, in little-endian order, where the message begins at a multiple of 8.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn align(&mut self, to: usize) {
        self.0.resize(self.0.len().next_multiple_of(to), 0);
    }

    fn number(&mut self, number: u32) {
        self.align(4);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        let end = (0..=TEXT_MAX).rev().find(|end| text.is_char_boundary(*end));
        let text = text.get(..end.unwrap_or(0)).unwrap_or(text);
        self.number(length(text.as_bytes()));
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
    }

    fn signature(&mut self, signature: &'static str) {
        self.0
            .push(u8::try_from(signature.len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(signature.as_bytes());
        self.0.push(0);
    }

    /// A field of a header, whose value is text of this type.
    fn field(&mut self, code: u8, signature: &'static str, value: &str) {
        self.align(8);
        self.0.push(code);
        self.signature(signature);
        self.text(value);
    }

    fn array_of_structures(&mut self, write: impl FnOnce(&mut Self)) {
        self.number(0);
        let before = self.0.len();
        self.align(8);
        let begin = self.0.len();
        write(self);
        let inside = length(self.0.get(begin..).unwrap_or_default());
        if let Some(place) = self.0.get_mut(before - 4..before) {
            place.copy_from_slice(&inside.to_le_bytes());
        }
    }
}

/// A message from the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The answer to the call with this serial number, and the number in it, if there is one.
    Returned(u32, Option<u32>),
    /// The call with this serial number has failed, for this reason.
    Failed(u32, String),
    /// Something else.
    Other,
}

/// How long the message is that begins so, in bytes; `None` where it is not D-Bus, or too long.
#[must_use]
pub fn length_of(start: &[u8; START]) -> Option<usize> {
    let mut reader = Reader::new(start)?;
    reader.at = 4;
    let body = usize::try_from(reader.number()?).ok()?;
    reader.at = START - 4;
    let fields = usize::try_from(reader.number()?).ok()?;
    let header = START.checked_add(fields)?.checked_next_multiple_of(8)?;
    header
        .checked_add(body)
        .filter(|length| *length <= LENGTH_MAX)
}

impl Incoming {
    /// Reads a whole message; `None` where it is not D-Bus, or torn.
    #[must_use]
    pub fn parse(message: &[u8]) -> Option<Self> {
        let kind = *message.get(1)?;
        let mut reader = Reader::new(message)?;
        reader.at = START - 4;
        let fields = usize::try_from(reader.number()?).ok()?;
        let end = START.checked_add(fields)?;
        let (mut answers, mut signature) = (None, "");
        while reader.at < end {
            reader.align(8);
            let code = reader.byte()?;
            match reader.signature()? {
                "u" => {
                    let number = reader.number()?;
                    if code == REPLY_SERIAL {
                        answers = Some(number);
                    }
                }
                "s" | "o" => drop(reader.text()?),
                "g" => {
                    let value = reader.signature()?;
                    if code == SIGNATURE {
                        signature = value;
                    }
                }
                // No field has a value of another type.
                _ => return None,
            }
        }
        reader.align(8);
        let Some(answers) = answers else {
            return Some(Self::Other);
        };
        Some(match (kind, signature) {
            (METHOD_RETURN, "u") => Self::Returned(answers, Some(reader.number()?)),
            (METHOD_RETURN, _) => Self::Returned(answers, None),
            (ERROR, "s") => Self::Failed(answers, reader.text()?.to_owned()),
            (ERROR, _) => Self::Failed(answers, String::new()),
            _ => Self::Other,
        })
    }
}

/// Reads values.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    number: fn([u8; 4]) -> u32,
}

impl<'a> Reader<'a> {
    /// Reads this message.
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let number = match bytes.first()? {
            b'l' => u32::from_le_bytes,
            b'B' => u32::from_be_bytes,
            _ => return None,
        };
        Some(Self {
            bytes,
            at: 0,
            number,
        })
    }

    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u32> {
        self.align(4);
        Some((self.number)(self.take(4)?.try_into().ok()?))
    }

    /// Text, and the NUL behind it.
    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        self.until_nul(length)
    }

    fn signature(&mut self) -> Option<&'a str> {
        let length = usize::from(self.byte()?);
        self.until_nul(length)
    }

    fn until_nul(&mut self, length: usize) -> Option<&'a str> {
        let text = self.take(length)?;
        self.take(1)?;
        core::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer to call 2 with the number 7, as dbus-daemon 1.14 passes it on, in this order of bytes.
    fn answer(order: u8) -> Vec<u8> {
        let number = |number: u32| match order {
            b'l' => number.to_le_bytes(),
            _ => number.to_be_bytes(),
        };
        let mut bytes = vec![order, METHOD_RETURN, 1, VERSION];
        bytes.extend(number(4));
        bytes.extend(number(9));
        bytes.extend(number(0x2D));
        bytes.extend(b"\x06\x01s\0");
        bytes.extend(number(4));
        bytes.extend(b":1.1\0\0\0\0");
        bytes.extend(b"\x05\x01u\0");
        bytes.extend(number(2));
        bytes.extend(b"\x08\x01g\0\x01u\0\0");
        bytes.extend(b"\x07\x01s\0");
        bytes.extend(number(4));
        bytes.extend(b":1.0\0\0\0\0");
        let fields = u32::try_from(bytes.len() - START - 3).unwrap();
        bytes[12..16].copy_from_slice(&number(fields));
        bytes.extend(number(7));
        bytes
    }

    #[test]
    fn an_answer_is_read_in_either_order_of_bytes() {
        for order in *b"lB" {
            let bytes = answer(order);
            let start = bytes.first_chunk().unwrap();
            assert_eq!(length_of(start), Some(bytes.len()));
            assert_eq!(
                Incoming::parse(&bytes),
                Some(Incoming::Returned(2, Some(7)))
            );
        }
    }

    #[test]
    fn what_is_torn_or_changed_is_no_message_or_another_and_nothing_worse() {
        let bytes = answer(b'l');
        for length in 0..bytes.len() {
            assert_eq!(Incoming::parse(&bytes[..length]), None);
        }
        for place in 0..bytes.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut changed = bytes.clone();
                changed[place] = value;
                drop(Incoming::parse(&changed));
                let length = length_of(changed.first_chunk().unwrap());
                assert!(length.is_none_or(|length| length <= LENGTH_MAX));
            }
        }
    }

    #[test]
    fn a_call_is_a_message_and_a_long_text_is_cut() {
        let call = Call::notify("Tapcard", &"ä".repeat(5000), 30_000);
        let message = call.encode(2);
        assert_eq!(
            length_of(message.first_chunk().unwrap()),
            Some(message.len())
        );
        assert!(message.len() < 2 * TEXT_MAX);
        assert_eq!(Incoming::parse(&message), Some(Incoming::Other));
    }
}
