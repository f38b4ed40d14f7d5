//! Keys that have been used and stay open: opening one costs more than using it.

use card_edge::piv::KeyAlgorithm;

use super::handle::KeyHandle;
use super::place::KeyPlace;
use super::policy::KeyPolicy;
use super::store::{KeyStore, KeyStoreError, PrivateKey};

/// The keys of a card that are open.
#[derive(Default)]
pub struct OpenKeys {
    open: Vec<OpenKey>,
    /// Keys that do not work.
    dead: Vec<KeyHandle>,
}

struct OpenKey {
    place: KeyPlace,
    policy: KeyPolicy,
    handle: KeyHandle,
    key: Box<dyn PrivateKey>,
}

impl OpenKeys {
    /// The key in this place, opened where it is not open yet, or where another is or one under another policy.
    ///
    /// # Errors
    /// As [`KeyStore::open`]; [`KeyStoreError::Failed`] for a key that was set aside.
    pub fn open(
        &mut self,
        store: &dyn KeyStore,
        place: KeyPlace,
        policy: KeyPolicy,
        algorithm: KeyAlgorithm,
        handle: &KeyHandle,
    ) -> Result<&dyn PrivateKey, KeyStoreError> {
        if self.dead.contains(handle) {
            return Err(KeyStoreError::Failed);
        }
        let found = self.open.iter().position(|open| {
            open.place == place && open.policy == policy && open.handle == *handle
        });
        let index = match found {
            Some(index) => index,
            None => {
                let key = store.open(algorithm, policy, handle)?;
                self.open.retain(|open| open.place != place);
                self.open.push(OpenKey {
                    place,
                    policy,
                    handle: handle.clone(),
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
    pub fn set_aside(&mut self, handle: KeyHandle) {
        self.open.retain(|open| open.handle != handle);
        self.dead.push(handle);
    }

    /// Closes all of them.
    pub fn close(&mut self) {
        self.open.clear();
    }
}
