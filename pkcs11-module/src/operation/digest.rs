//! Hashing (PKCS#11 3.0, 5.12): in this process, without the card.

use cryptoki_sys::CK_SESSION_HANDLE;

use super::{Outcome, Room, Stage};
use crate::error::{Error, Result};
use crate::hash::{Hash, Hasher};
use crate::mechanism::{Kind, Mechanism};
use crate::module::Module;

/// A hash in the making.
pub struct Digest {
    hash: Hash,
    hasher: Hasher,
    stage: Stage,
}

impl Module {
    /// `C_DigestInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::Mechanism`], [`Error::OperationActive`].
    pub fn digest_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: Option<Mechanism>,
    ) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let Some(mechanism) = mechanism else {
            operations.digest = None;
            return Ok(());
        };
        if operations.digest.is_some() {
            return Err(Error::OperationActive);
        }
        let Kind::Digest(hash) = mechanism.kind else {
            return Err(Error::Mechanism);
        };
        operations.digest = Some(Digest {
            hash,
            hasher: hash.hasher(),
            stage: Stage::Begun,
        });
        Ok(())
    }

    /// `C_DigestUpdate`
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`].
    pub fn digest_update(&self, session: CK_SESSION_HANDLE, data: &[u8]) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let digest = operations
            .digest
            .as_mut()
            .ok_or(Error::OperationNotInitialized)?;
        digest.stage = Stage::Fed;
        digest.hasher.update(data);
        Ok(())
    }

    /// `C_Digest` with the whole of the data, `C_DigestFinal` without.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::OperationActive`] for data after an update.
    pub fn digest(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        room: Room,
    ) -> Result<Outcome> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let digest = operations
            .digest
            .take_if(|digest| room.holds(digest.hash.length()));
        let Some(mut digest) = digest else {
            let waiting = operations.digest.as_ref();
            return waiting
                .map(|digest| Outcome::Length(digest.hash.length()))
                .ok_or(Error::OperationNotInitialized);
        };
        if let Some(data) = data {
            if digest.stage == Stage::Fed {
                return Err(Error::OperationActive);
            }
            digest.hasher.update(data);
        }
        Ok(Outcome::Bytes(digest.hasher.finish()))
    }
}
