//! What a session is in the middle of: at most one search and one operation of each kind (PKCS#11 3.0, 5.6 to 5.16).

pub mod decrypt;
pub mod derive;
pub mod digest;
pub mod encrypt;
pub mod search;
pub mod sign;
pub mod verify;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hash::{Hash, Hasher};

/// Most bytes that an operation gathers before it can work on them; the longest RSA block is far below.
const COLLECTED_MAX: usize = 65_536;

/// The room that a caller has for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// None: only the length is asked for.
    Length,
    /// So many bytes.
    Bytes(usize),
}

impl Room {
    /// Whether a result of this length fits.
    #[must_use]
    pub fn holds(self, length: usize) -> bool {
        matches!(self, Self::Bytes(room) if room >= length)
    }
}

/// What a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was done; the result would take at most so many bytes.
    Length(usize),
    /// The result.
    Bytes(Zeroizing<Vec<u8>>),
}

/// The operations of one session.
#[derive(Default)]
pub struct Operations {
    /// `C_FindObjects...`
    pub search: Option<search::Search>,
    /// `C_Digest...`
    pub digest: Option<digest::Digest>,
    /// `C_Sign...`
    pub sign: Option<sign::Sign>,
    /// `C_Verify...`
    pub verify: Option<verify::Verify>,
    /// `C_Encrypt...`
    pub encrypt: Option<encrypt::Encrypt>,
    /// `C_Decrypt...`
    pub decrypt: Option<decrypt::Decrypt>,
}

/// What an operation is fed with.
pub enum Input {
    /// Bytes that are hashed as they come.
    Hashing(Hasher),
    /// Bytes that are needed as they are.
    Collecting(Zeroizing<Vec<u8>>),
}

impl Input {
    /// An empty input for a mechanism that hashes, or does not.
    #[must_use]
    pub fn new(hash: Option<Hash>) -> Self {
        match hash {
            Some(hash) => Self::Hashing(hash.hasher()),
            None => Self::Collecting(Zeroizing::new(Vec::new())),
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::DataLength`] where there are too many of them.
    pub fn update(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Hashing(hasher) => hasher.update(bytes),
            Self::Collecting(collected) => {
                if collected.len() + bytes.len() > COLLECTED_MAX {
                    return Err(Error::DataLength);
                }
                collected.extend_from_slice(bytes);
            }
        }
        Ok(())
    }

    /// The hash, or the bytes.
    #[must_use]
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Hashing(hasher) => hasher.finish(),
            Self::Collecting(collected) => collected,
        }
    }
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was fed to it.
    Begun,
    /// Some bytes were fed to it: it is ended by its last function, not by the one-shot function.
    Fed,
}

/// `C_...Update`: adds bytes to the operation that waits; bytes that it cannot take end it.
///
/// # Errors
/// [`Error::OperationNotInitialized`], [`Error::DataLength`].
fn feed<O>(
    waiting: &mut Option<O>,
    bytes: &[u8],
    parts: impl FnOnce(&mut O) -> (&mut Input, &mut Stage),
) -> Result<()> {
    let (input, stage) = parts(waiting.as_mut().ok_or(Error::OperationNotInitialized)?);
    *stage = Stage::Fed;
    let fed = input.update(bytes);
    if fed.is_err() {
        *waiting = None;
    }
    fed
}
