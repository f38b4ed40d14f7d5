//! Hashing (PKCS#11 3.0, 5.12): in this process, without the card.

use zeroize::Zeroizing;

use super::state::{Feed, OutputLength, Produce};
use crate::error::Result;
use crate::hash::{Hash, Hasher};
use crate::mechanism::Mechanism;

/// A hash in the making.
pub struct Digest {
    hash: Hash,
    hasher: Hasher,
}

impl Digest {
    /// `C_DigestInit`
    ///
    /// # Errors
    /// [`crate::error::Error::Mechanism`].
    pub fn begin(mechanism: Mechanism) -> Result<Self> {
        let hash = mechanism.digest()?;
        Ok(Self {
            hash,
            hasher: hash.hasher(),
        })
    }
}

impl Feed for Digest {
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        Ok(())
    }
}

impl Produce for Digest {
    fn output_length(&self) -> OutputLength {
        OutputLength::Exactly(self.hash.length())
    }

    fn finish(self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(self.hasher.finish())
    }
}
