//! Keys that have been used and stay open: opening one costs more than using it.

use crate::key_store::{KeyPlace, KeyPolicy, KeyStore, KeyStoreError, PrivateKey};
use crate::state::{KeptHandle, KeyRecord, OpeningKey};

/// Which key of a card is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one in this place.
    In(KeyPlace),
    /// The one for secure messaging.
    SecureMessaging,
}

/// The keys of a card that are open.
#[derive(Default)]
pub struct OpenKeys {
    open: Vec<OpenKey>,
    /// Keys that do not work.
    dead: Vec<KeptHandle>,
}

struct OpenKey {
    which: Which,
    policy: KeyPolicy,
    handle: KeptHandle,
    key: Box<dyn PrivateKey>,
}

impl OpenKeys {
    /// This key, opened where it is not open yet, or where another is or one under another policy.
    ///
    /// # Errors
    /// As [`KeyRecord::open`]; [`KeyStoreError::Failed`] for a key that was set aside.
    pub fn open(
        &mut self,
        store: &dyn KeyStore,
        which: Which,
        policy: KeyPolicy,
        record: &KeyRecord,
        opening: Option<&OpeningKey>,
    ) -> Result<&dyn PrivateKey, KeyStoreError> {
        if self.dead.contains(&record.handle) {
            return Err(KeyStoreError::Failed);
        }
        let found = self.open.iter().position(|open| {
            open.which == which && open.policy == policy && open.handle == record.handle
        });
        let index = match found {
            Some(index) => index,
            None => {
                let key = record.open(store, policy, opening)?;
                self.open.retain(|open| open.which != which);
                self.open.push(OpenKey {
                    which,
                    policy,
                    handle: record.handle.clone(),
                    key,
                });
                self.open.len() - 1
            }
        };
        self.open
            .get(index)
            .map(|open| open.key.as_ref())
            .ok_or(KeyStoreError::Failed)
    }

    /// Sets a key that does not work aside: it is not opened, wherever it moves to.
    pub fn set_aside(&mut self, handle: KeptHandle) {
        self.open.retain(|open| open.handle != handle);
        self.dead.push(handle);
    }

    /// Closes all of them.
    pub fn close(&mut self) {
        self.open.clear();
    }
}
