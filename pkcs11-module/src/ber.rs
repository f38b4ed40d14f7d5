//! BER as certificates on cards have it (ITU-T X.690, 8), which DER is a part of: lengths in any form, indefinite ones among
//! them, and numbers with more bytes than they need. Whoever relies on a certificate judges it; here it is only taken apart.

use thiserror::Error;

/// INTEGER
pub const INTEGER: u8 = 0x02;
/// BIT STRING
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING
pub const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// SEQUENCE
pub const SEQUENCE: u8 = 0x30;
/// SET
pub const SET: u8 = 0x31;

/// The bit of a tag that says that elements stand inside.
const CONSTRUCTED: u8 = 0x20;
/// The bits of a tag that say that more bytes of it follow.
const LONG_TAG: u8 = 0x1F;
/// The length byte of an element that lasts until two bytes of zero.
const INDEFINITE: u8 = 0x80;
const END_OF_CONTENTS: [u8; 2] = [0, 0];
/// How deep elements of indefinite length may stand in each other.
const DEPTH_MAX: u8 = 16;

/// Why bytes cannot be taken apart.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BerError {
    /// The bytes end inside an element.
    #[error("it ends too early")]
    Truncated,
    /// A length that no memory has, or an indefinite one where none may be.
    #[error("a length is not valid")]
    Length,
    /// Elements of indefinite length stand in each other without end.
    #[error("its elements stand too deep in each other")]
    TooDeep,
    /// This part is not there, or something else is in its place.
    #[error("its {0} is missing")]
    Missing(&'static str),
}

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The first byte of its tag.
    pub tag: u8,
    /// What stands inside.
    pub content: &'a [u8],
    /// The element with its tag and length.
    pub whole: &'a [u8],
}

/// Reads elements one after another.
#[derive(Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader over these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next element, if there is one.
    ///
    /// # Errors
    /// [`BerError`] where the bytes are not one.
    pub fn element(&mut self) -> Result<Option<Element<'a>>, BerError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let (element, rest) = read(self.0, 0)?;
        self.0 = rest;
        Ok(Some(element))
    }

    /// The next element, which must have this tag; `what` is its name for people.
    ///
    /// # Errors
    /// [`BerError::Missing`] where it has not, or as [`Self::element`].
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, BerError> {
        self.element()?
            .filter(|element| element.tag == tag)
            .ok_or(BerError::Missing(what))
    }

    /// Steps over the next element where it has this tag.
    ///
    /// # Errors
    /// As [`Self::element`].
    pub fn skip(&mut self, tag: u8) -> Result<(), BerError> {
        let mut ahead = *self;
        if ahead.element()?.is_some_and(|element| element.tag == tag) {
            *self = ahead;
        }
        Ok(())
    }
}

/// What stands inside the element with this tag at the front, of which the end may be missing.
#[must_use]
pub fn inside(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.strip_prefix(&[tag])?.split_first()?;
    let longer = if *first < INDEFINITE { 0 } else { first & 0x7F };
    rest.get(usize::from(longer)..)
}

/// The number in the content of an INTEGER that is not negative, without leading zeros.
#[must_use]
pub fn unsigned(content: &[u8]) -> &[u8] {
    let zeros = content.iter().take_while(|byte| **byte == 0).count();
    content.get(zeros..).unwrap_or_default()
}

/// The element at the front, and what follows it.
fn read(bytes: &[u8], depth: u8) -> Result<(Element<'_>, &[u8]), BerError> {
    let (tag, after_tag) = bytes.split_first().ok_or(BerError::Truncated)?;
    let after_tag = match tag & LONG_TAG {
        LONG_TAG => {
            let more = after_tag
                .iter()
                .take_while(|byte| **byte & 0x80 != 0)
                .count();
            after_tag.get(more + 1..).ok_or(BerError::Truncated)?
        }
        _ => after_tag,
    };
    let (first, after_first) = after_tag.split_first().ok_or(BerError::Truncated)?;
    let (content, rest) = match *first {
        INDEFINITE if tag & CONSTRUCTED != 0 => indefinite(after_first, depth)?,
        INDEFINITE => return Err(BerError::Length),
        short @ 0..=0x7F => split(after_first, usize::from(short))?,
        long => {
            let (length, content) = split(after_first, usize::from(long & 0x7F))?;
            split(content, number(length)?)?
        }
    };
    let length = bytes.len().saturating_sub(rest.len());
    let element = Element {
        tag: *tag,
        content,
        whole: bytes.get(..length).unwrap_or_default(),
    };
    Ok((element, rest))
}

fn split(bytes: &[u8], length: usize) -> Result<(&[u8], &[u8]), BerError> {
    bytes.split_at_checked(length).ok_or(BerError::Truncated)
}

fn number(bytes: &[u8]) -> Result<usize, BerError> {
    bytes.iter().try_fold(0_usize, |number, byte| {
        number
            .checked_mul(0x100)
            .and_then(|number| number.checked_add(usize::from(*byte)))
            .ok_or(BerError::Length)
    })
}

/// What stands before the two zeros that end an element of indefinite length, and what follows them.
fn indefinite(bytes: &[u8], depth: u8) -> Result<(&[u8], &[u8]), BerError> {
    if depth >= DEPTH_MAX {
        return Err(BerError::TooDeep);
    }
    let mut rest = bytes;
    loop {
        if let Some(after) = rest.strip_prefix(&END_OF_CONTENTS) {
            let length = bytes.len().saturating_sub(rest.len());
            return Ok((bytes.get(..length).unwrap_or_default(), after));
        }
        rest = read(rest, depth + 1)?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(bytes: &[u8]) -> Result<Element<'_>, BerError> {
        Reader::new(bytes).element().map(Option::unwrap)
    }

    #[test]
    fn lengths_in_every_form() {
        for bytes in [
            &[0x30, 2, 0x05, 0][..],
            &[0x30, 0x81, 2, 0x05, 0],
            &[0x30, 0x84, 0, 0, 0, 2, 0x05, 0],
            &[0x30, 0x80, 0x05, 0, 0, 0],
        ] {
            let element = only(bytes).unwrap();
            assert_eq!((element.tag, element.content), (0x30, &[0x05, 0][..]));
            assert_eq!(element.whole, bytes);
        }
        let nested = [0x30, 0x80, 0x31, 0x80, 0x02, 1, 0, 0, 0, 0, 0, 9];
        assert_eq!(only(&nested).unwrap().content, &nested[2..9]);
    }

    #[test]
    fn what_cannot_be_taken_apart_is_an_error() {
        for (bytes, error) in [
            (&[0x30][..], BerError::Truncated),
            (&[0x30, 5, 0], BerError::Truncated),
            (&[0x30, 0x82, 1], BerError::Truncated),
            (&[0x02, 0x80, 0, 0], BerError::Length),
            (&[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0], BerError::Length),
            (&[0x30, 0x80, 0x05, 0], BerError::Truncated),
            (&[0x3F, 0x81], BerError::Truncated),
        ] {
            assert_eq!(only(bytes), Err(error), "{bytes:02X?}");
        }
        assert_eq!(only(&[0x30, 0x80].repeat(40)), Err(BerError::TooDeep));
    }
}
