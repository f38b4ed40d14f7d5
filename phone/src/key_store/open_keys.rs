//! Keys that have been used and stay open: opening one costs more than using it.

use card_edge::piv::KeyAlgorithm;

use super::handle::KeyHandle;
use super::place::KeyPlace;
use super::policy::KeyPolicy;
use super::store::{KeyStore, KeyStoreError, PrivateKey};

/// The keys of a card that are open.
#[derive(Default)]
pub struct OpenKeys(Vec<OpenKey>);

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
    /// As [`KeyStore::open`].
    pub fn open(
        &mut self,
        store: &dyn KeyStore,
        place: KeyPlace,
        policy: KeyPolicy,
        algorithm: KeyAlgorithm,
        handle: &KeyHandle,
    ) -> Result<&dyn PrivateKey, KeyStoreError> {
        let found = self.0.iter().position(|open| {
            open.place == place && open.policy == policy && open.handle == *handle
        });
        let index = match found {
            Some(index) => index,
            None => {
                let key = store.open(algorithm, policy, handle)?;
                self.0.retain(|open| open.place != place);
                self.0.push(OpenKey {
                    place,
                    policy,
                    handle: handle.clone(),
                    key,
                });
                self.0.len() - 1
            }
        };
        self.0
            .get(index)
            .map(|open| open.key.as_ref())
            .ok_or(KeyStoreError::Failed)
    }

    /// Closes all of them.
    pub fn close(&mut self) {
        self.0.clear();
    }
}
