//! How what was made here is known again: a comment with a checksum of the lines that it stands above. Whoever changes one of
//! them keeps what they have: it is not ours any more.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// What the comment begins with.
const MADE: &str = "# Made by `tapcard setup ";

/// The line above what is made for a program. `also` is what undoing must know, in words without a space.
#[must_use]
pub fn line(program: &str, also: &str, body: &str) -> String {
    let checksum = checksum(body);
    format!("{MADE}{program}`; --undo takes it back. {checksum}{also}\n")
}

/// What such a line tells: what undoing must know; `None` where it is not one.
#[must_use]
pub fn read(line: &str, program: &str, body: &str) -> Option<Marked> {
    let rest = line
        .strip_prefix(MADE)?
        .strip_prefix(program)?
        .strip_prefix("`; --undo takes it back. ")?;
    let (checksum, also) = rest.split_at_checked(CHECKSUM_LENGTH)?;
    Some(if checksum == self::checksum(body) {
        Marked::AsMade(also.trim_end().to_owned())
    } else {
        Marked::Changed
    })
}

/// Whether what stands below a mark is what was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It is, with what undoing must know.
    AsMade(String),
    /// It was changed since.
    Changed,
}

/// Hexadecimal digits of a checksum.
const CHECKSUM_LENGTH: usize = 16;

fn checksum(body: &str) -> String {
    let mut text = HEXLOWER.encode(&Sha256::digest(body));
    text.truncate(CHECKSUM_LENGTH);
    text
}
