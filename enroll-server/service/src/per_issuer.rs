//! What is kept in memory for each authority.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as ShortMutex, PoisonError};

use enroll_server_ca::key_id::KeyId;
use tokio::sync::Mutex;

/// What is kept of one authority, if it was made yet. Whoever makes it holds the lock, so that it is made once.
pub(crate) type Kept<T> = Arc<Mutex<Option<Arc<T>>>>;

/// Something that is made for each authority and kept. Each has a lock of its own: a root whose key takes long to read
/// keeps nobody waiting who asks another authority.
#[derive(Debug)]
pub(crate) struct PerIssuer<T>(ShortMutex<HashMap<KeyId, Kept<T>>>);

impl<T> Default for PerIssuer<T> {
    fn default() -> Self {
        Self(ShortMutex::default())
    }
}

impl<T> PerIssuer<T> {
    /// What is kept of an authority.
    pub(crate) fn of(&self, issuer: KeyId) -> Kept<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(issuer).or_default().clone()
    }
}
