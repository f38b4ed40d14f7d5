//! BER-TLV as cards use it (ISO/IEC 7816-4, 5.2.2; tags of one to three bytes, definite lengths).

use core::fmt;

use thiserror::Error;

/// The maximum number of bytes that a value may claim: no PIV object comes near it, and a hostile length cannot ask for more.
pub const VALUE_MAX: usize = 65_535;

/// A BER-TLV tag of one to three bytes, as the number that its bytes spell (53, 7F49, 5FC105).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u32);

impl Tag {
    /// The tag that these bytes spell. The caller gives a well-formed constant; [`Reader`] checks tags from outside.
    #[must_use]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The tag as a number.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }

    /// The tag's bytes, one to three of them.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        self.spelled().as_slice().to_vec()
    }

    /// The tag's bytes, without memory of their own.
    fn spelled(self) -> Spelled {
        let bytes = self.0.to_be_bytes();
        let start = bytes.iter().take(3).take_while(|byte| **byte == 0).count();
        Spelled { bytes, start }
    }

    /// Reads a tag from the front of `bytes`; gives the tag and what follows it.
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), TlvError> {
        let (first, mut rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
        let mut value = u32::from(*first);
        if first & 0x1F == 0x1F {
            for _ in 0..2 {
                let (next, after) = rest.split_first().ok_or(TlvError::Truncated)?;
                value = value << 8 | u32::from(*next);
                rest = after;
                if next & 0x80 == 0 {
                    return Ok((Self(value), rest));
                }
            }
            return Err(TlvError::TagTooLong);
        }
        Ok((Self(value), rest))
    }

    /// Parses bytes that are a tag and nothing else.
    ///
    /// # Errors
    /// [`TlvError`] where they are not.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlvError> {
        match Self::read(bytes)? {
            (tag, []) => Ok(tag),
            _ => Err(TlvError::TrailingBytes),
        }
    }
}

/// The bytes of a tag, behind the zeros of a number of four bytes.
struct Spelled {
    bytes: [u8; 4],
    start: usize,
}

impl Spelled {
    fn as_slice(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

/// Why bytes are not the BER-TLV that was expected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TlvError {
    /// The bytes end inside a tag, a length or a value.
    #[error("TLV ends too early")]
    Truncated,
    /// A tag of more than three bytes.
    #[error("TLV tag is longer than three bytes")]
    TagTooLong,
    /// An indefinite length, one of more than two bytes, or one above [`VALUE_MAX`].
    #[error("TLV length is not supported")]
    UnsupportedLength,
    /// Bytes after the last element.
    #[error("bytes after the last TLV element")]
    TrailingBytes,
    /// Another tag than this one was found, or none.
    #[error("TLV tag {0} is missing")]
    Missing(Tag),
    /// The value of this tag has a wrong length or content.
    #[error("value of TLV tag {0} is not valid")]
    InvalidValue(Tag),
}

/// One element: a tag and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value, without tag and length.
    pub value: &'a [u8],
}

/// Reads the elements of a buffer one after another; ends after the first error.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn read(bytes: &'a [u8]) -> Result<(Tlv<'a>, &'a [u8]), TlvError> {
        let (tag, rest) = Tag::read(bytes)?;
        let (length, rest) = match rest {
            [length @ 0..=0x7F, rest @ ..] => (usize::from(*length), rest),
            [0x81, length, rest @ ..] => (usize::from(*length), rest),
            [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            [] | [0x81] | [0x82] | [0x82, _] => return Err(TlvError::Truncated),
            _ => return Err(TlvError::UnsupportedLength),
        };
        let (value, rest) = rest.split_at_checked(length).ok_or(TlvError::Truncated)?;
        Ok((Tlv { tag, value }, rest))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match Self::read(self.rest) {
            Ok((tlv, rest)) => {
                self.rest = rest;
                Some(Ok(tlv))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// The value of the one element that `bytes` is, which must have this tag.
///
/// # Errors
/// [`TlvError`] where it has another tag, is malformed, or is followed by more bytes.
pub fn only(bytes: &[u8], tag: Tag) -> Result<&[u8], TlvError> {
    match Reader::read(bytes)? {
        (tlv, []) if tlv.tag == tag => Ok(tlv.value),
        (tlv, _) if tlv.tag == tag => Err(TlvError::TrailingBytes),
        _ => Err(TlvError::Missing(tag)),
    }
}

/// These elements without the zeros that some cards leave behind the last one (ISO/IEC 7816-4, 5.2.2: they mean nothing).
#[must_use]
pub fn without_padding(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while !rest.is_empty() {
        if rest.iter().all(|byte| *byte == 0) {
            let elements = bytes.len().saturating_sub(rest.len());
            return bytes.get(..elements).unwrap_or(bytes);
        }
        match Reader::read(rest) {
            Ok((_, after)) => rest = after,
            Err(_) => break,
        }
    }
    bytes
}

/// The value of the first element with this tag, or `None`; the whole buffer must be well formed.
///
/// # Errors
/// [`TlvError`] where any element is malformed.
pub fn find(bytes: &[u8], tag: Tag) -> Result<Option<&[u8]>, TlvError> {
    let mut found = None;
    for tlv in Reader::new(bytes) {
        let tlv = tlv?;
        if tlv.tag == tag && found.is_none() {
            found = Some(tlv.value);
        }
    }
    Ok(found)
}

/// As [`find`], but the element must be there.
///
/// # Errors
/// [`TlvError::Missing`] where it is not, or as [`find`].
pub fn require(bytes: &[u8], tag: Tag) -> Result<&[u8], TlvError> {
    find(bytes, tag)?.ok_or(TlvError::Missing(tag))
}

/// Appends an element to `out`. Lengths take one to three bytes, the fewest that do.
///
/// # Errors
/// [`TlvError::UnsupportedLength`] where the value is longer than [`VALUE_MAX`].
pub fn write(out: &mut Vec<u8>, tag: Tag, value: &[u8]) -> Result<(), TlvError> {
    write_header(out, tag, value.len())?;
    out.extend_from_slice(value);
    Ok(())
}

/// Appends the tag and the length of an element whose value, of this many bytes, the caller appends.
///
/// # Errors
/// As [`write()`].
pub fn write_header(out: &mut Vec<u8>, tag: Tag, length: usize) -> Result<(), TlvError> {
    let length = u16::try_from(length).map_err(|_| TlvError::UnsupportedLength)?;
    out.extend_from_slice(tag.spelled().as_slice());
    match length.to_be_bytes() {
        [0, low @ 0..=0x7F] => out.push(low),
        [0, low] => out.extend_from_slice(&[0x81, low]),
        [high, low] => out.extend_from_slice(&[0x82, high, low]),
    }
    Ok(())
}

/// How many bytes an element takes whose value has this many.
#[must_use]
pub fn length_of(tag: Tag, length: usize) -> usize {
    let length_bytes = match length {
        0..=0x7F => 1,
        0x80..=0xFF => 2,
        _ => 3,
    };
    tag.spelled().as_slice().len() + length_bytes + length
}

/// One element as bytes.
///
/// # Errors
/// As [`write()`].
pub fn encode(tag: Tag, value: &[u8]) -> Result<Vec<u8>, TlvError> {
    let mut out = Vec::with_capacity(value.len() + 6);
    write(&mut out, tag, value)?;
    Ok(out)
}
