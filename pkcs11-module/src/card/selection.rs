//! The selection of the application, after something may have undone it.

use card_edge::piv::extensions::{Announcement, Digest};
use card_edge::piv::{Pin, PinReference};

use super::client::{Client, ClientError, select};
use super::error::CardError;
use super::identity::Identity;
use super::public_objects::{Extent, PublicObjects};

/// Selects the application, and makes sure that the card is the one: where it announces the digest that is known, its number is
/// the same too. Gives what it announces.
///
/// # Errors
/// [`CardError::OtherCard`], or any failure of the card.
pub fn select_the_same(
    client: &mut Client<'_>,
    identity: Identity,
    known: Option<Digest>,
) -> Result<Option<Announcement>, CardError> {
    let announced = select(client).map_err(|error| match error {
        ClientError::NoPivApplication(_) => CardError::OtherCard,
        other => other.into(),
    })?;
    if announced.is_none() || announced.map(|announced| announced.objects) != known {
        let mut public = PublicObjects::default();
        public.read(client, Extent::Identity)?;
        if public.identity() != identity {
            return Err(CardError::OtherCard);
        }
    }
    Ok(announced)
}

/// Verifies the PIN that is held, for what has undone its verification.
///
/// # Errors
/// [`CardError::CachedPin`] where it is refused, [`CardError::PinLost`] where nobody knows.
pub fn verify_again(client: &mut Client<'_>, pin: &Pin) -> Result<(), CardError> {
    client
        .verify(PinReference::PivPin, pin)
        .map_err(|error| match CardError::from(error) {
            CardError::Command(error) => CardError::CachedPin(error),
            // Perhaps it cost a try, since another program may have changed it: it does not go out by itself again.
            CardError::Link(_) => CardError::PinLost,
            other => other,
        })
}
