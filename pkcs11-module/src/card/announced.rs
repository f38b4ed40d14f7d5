//! The public objects of a card that announces their digest: from the cache, or in one read.

use std::sync::Arc;

use card_edge::piv::extensions::Digest;

use super::client::{Client, ClientError};
use super::public_objects::PublicObjects;
use crate::cache::Cache;
use crate::log;

/// What a card announced when it was selected, and where its objects may be kept.
#[derive(Clone)]
pub struct Announced {
    /// The digest of its public objects.
    pub digest: Digest,
    /// Where they may be kept.
    pub cache: Arc<Cache>,
}

impl Announced {
    /// The card's public objects, all of them; `None` where it does not keep what it announced, and must be read as any other
    /// card.
    ///
    /// # Errors
    /// [`ClientError::Exchange`].
    pub fn read(&self, client: &mut Client<'_>) -> Result<Option<PublicObjects>, ClientError> {
        if let Some(list) = self.cache.get(self.digest) {
            return Ok(Some(PublicObjects::of_list(&list)));
        }
        match client.public_objects() {
            Ok(list) if list.digest() == Ok(self.digest) => {
                self.cache.put(self.digest, &list);
                Ok(Some(PublicObjects::of_list(&list)))
            }
            Ok(_) => {
                log::note(|| "the card's public objects are not those that it announced".into());
                Ok(None)
            }
            Err(error @ ClientError::Exchange(_)) => Err(error),
            Err(error) => {
                log::note(|| format!("the card's public objects cannot be read at once: {error}"));
                Ok(None)
            }
        }
    }
}
