//! The public objects of a card that announces their digest: from the cache, or in one read; and what such a card is called.

use card_edge::piv::extensions::{Announcement, Digest};
use card_edge::transmit::ExchangeError;
use card_host::Identity;

use super::client::{Client, ClientError};
use super::public_objects::PublicObjects;
use crate::cache::Cache;
use crate::log;

/// The public objects of a card that has just announced this, as far as a list of cards needs them: all where they are kept
/// here; else what it says that it is called, where `goes_by_name` lets a card with this number; else all. `None` as of [`read`].
///
/// # Errors
/// As [`read`].
pub fn look(
    client: &mut Client<'_>,
    announced: &Announcement,
    cache: &Cache,
    goes_by_name: impl Fn(Identity) -> bool,
) -> Result<Option<PublicObjects>, ClientError> {
    if let Some(list) = cache.get(announced.objects) {
        return Ok(Some(PublicObjects::of_list(&list)));
    }
    let called = announced.name.as_ref().map(PublicObjects::announced);
    match called.filter(|called| goes_by_name(called.identity())) {
        Some(called) => Ok(Some(called)),
        None => read(client, announced.objects, cache),
    }
}

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
