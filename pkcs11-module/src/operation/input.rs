//! What operations are fed with.

use card_edge::secret;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hash::{Hash, Hasher};

/// Most bytes that an operation gathers before it can work on them; the longest RSA block is far below.
const GATHERED_MAX: usize = 65_536;

/// The input of an operation.
pub enum Input {
    /// Bytes that are hashed as they come.
    Hashed(Hasher),
    /// Bytes that are needed as they are.
    Gathered(Zeroizing<Vec<u8>>),
}

impl Input {
    /// An empty input, for a mechanism that hashes or one that does not.
    #[must_use]
    pub fn new(hash: Option<Hash>) -> Self {
        match hash {
            Some(hash) => Self::Hashed(hash.hasher()),
            None => Self::Gathered(Zeroizing::new(Vec::new())),
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::DataLength`] where there are too many of them.
    pub fn add(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Hashed(hasher) => hasher.update(bytes),
            Self::Gathered(gathered) => {
                if gathered.len() + bytes.len() > GATHERED_MAX {
                    return Err(Error::DataLength);
                }
                secret::append(gathered, bytes);
            }
        }
        Ok(())
    }

    /// The hash, or the bytes.
    #[must_use]
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Hashed(hasher) => hasher.finish(),
            Self::Gathered(gathered) => gathered,
        }
    }
}
