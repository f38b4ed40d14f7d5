//! The selection of the application, after something may have undone it.

use card_edge::piv::extensions::Digest;
use card_edge::piv::{Pin, PinReference};
use card_host::{Identity, PinRoute, Selected, Source, select};

use super::client::{Client, ClientError, refuses_pin};
use super::error::CardError;
use super::public_objects::{Extent, PublicObjects};

/// Selects the application, and makes sure that the card is the one: where it announces the digest that is known, its number is
/// the same too. Gives what it tells.
///
/// # Errors
/// [`CardError::OtherCard`], or any failure of the card.
pub fn select_the_same(
    client: &mut Client<'_>,
    identity: Identity,
    known: Option<Digest>,
) -> Result<Selected, CardError> {
    let selected = select(client).map_err(|error| match error {
        ClientError::NoPivApplication(_) => CardError::OtherCard,
        other => other.into(),
    })?;
    if selected.announced.is_none() || selected.objects() != known {
        let mut public = PublicObjects::default();
        public.read(client, Extent::Identity)?;
        if public.identity() != identity {
            return Err(CardError::OtherCard);
        }
    }
    Ok(selected)
}

/// Verifies the PIN that is held, for what has undone its verification.
///
/// # Errors
/// [`CardError::CachedPin`] where it is refused, [`CardError::PinLost`] where nobody knows, [`CardError::NotRestored`] or
/// [`CardError::Link`] where it was not sent.
pub fn verify_again(client: &mut Client<'_>, pin: &Pin, route: &PinRoute) -> Result<(), CardError> {
    let mut sent = false;
    let verified = route.send(client, Source::Held, |client| {
        sent = true;
        client.verify(PinReference::PivPin, pin)
    });
    verified.map_err(|error| match CardError::from(error) {
        CardError::Command(error) if refuses_pin(&error) => CardError::CachedPin(error),
        CardError::Route(error) => CardError::NotRestored(error),
        // Perhaps it cost a try, since another program may have changed it: it does not go out by itself again.
        CardError::Link(_) | CardError::Command(_) if sent => CardError::PinLost,
        other => other,
    })
}
