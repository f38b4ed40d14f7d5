//! The public objects of a card that announces their digest: from the cache, or in one read.

use card_edge::piv::extensions::Digest;
use card_edge::transmit::ExchangeError;

use super::client::{Client, ClientError};
use super::public_objects::PublicObjects;
use crate::cache::Cache;
use crate::log;

/// The public objects of a card that announced this digest, all of them; `None` where it does not keep what it announced, and
/// must be read as any other card.
///
/// # Errors
/// [`ClientError::Exchange`].
pub fn read(
    client: &mut Client<'_>,
    digest: Digest,
    cache: &Cache,
) -> Result<Option<PublicObjects>, ClientError> {
    if let Some(list) = cache.get(digest) {
        return Ok(Some(PublicObjects::of_list(&list)));
    }
    match client.public_objects() {
        Ok(list) if list.digest() == Ok(digest) => {
            cache.put(digest, &list);
            Ok(Some(PublicObjects::of_list(&list)))
        }
        Ok(_) => {
            log::note(|| "the card's public objects are not those that it announced".into());
            Ok(None)
        }
        Err(error @ ClientError::Exchange(ExchangeError::Transmit(_) | ExchangeError::Apdu(_))) => {
            Err(error)
        }
        Err(error) => {
            log::note(|| format!("the card's public objects cannot be read at once: {error}"));
            Ok(None)
        }
    }
}
