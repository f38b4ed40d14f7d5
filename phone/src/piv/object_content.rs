//! The content of objects as the card gives it: as it was written, but for the Key History Object, whose counts are the
//! card's own, and the Discovery Object, which says what PINs and which contactless rules the card has.

use std::borrow::Cow;

use card_edge::Status;
use card_edge::piv::discovery::{self, PinUsagePolicy};
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, ObjectId, RetiredNumber};

use crate::refusal::malformed;
use crate::state::{CardState, ContactlessPolicy};

/// The content of an object, if it is on the card.
pub(super) fn content(
    state: &CardState,
    object: ObjectId,
) -> Result<Option<Cow<'_, [u8]>>, Status> {
    match object {
        ObjectId::KeyHistory => key_history(state)
            .map(|history| history.encode().map(Cow::Owned).map_err(malformed))
            .transpose(),
        ObjectId::Discovery if state.object(object).is_some() => {
            discovery::encode(pin_usage_policy(state))
                .map(|content| Some(Cow::Owned(content)))
                .map_err(malformed)
        }
        _ => Ok(state.object(object).map(Cow::Borrowed)),
    }
}

/// Which PINs the card has, and whether it has a virtual contact interface (SP 800-73-5 part 1, table 18).
fn pin_usage_policy(state: &CardState) -> PinUsagePolicy {
    let pins = match state.global_pin {
        Some(_) => PinUsagePolicy::GLOBAL_PIN_TOO,
        None => PinUsagePolicy::PIV_PIN_ONLY,
    };
    match state.contactless {
        ContactlessPolicy::ContactLike => pins,
        ContactlessPolicy::Strict => pins.with_virtual_contact(),
        ContactlessPolicy::StrictWithoutPairing => pins.with_virtual_contact_without_pairing(),
    }
}

/// The Key History Object (SP 800-73-5 part 1, 3.3.3): where keys and certificates lie is what counts, whatever a host
/// wrote. Its URL is the host's.
///
/// Certificates on the card have the lowest references: C1 reaches from 82 to the last of them, so that a host which
/// reads as many finds all of them. Keys above are those whose certificates are elsewhere.
fn key_history(state: &CardState) -> Option<KeyHistory> {
    let written = state.object(ObjectId::KeyHistory);
    let retired = || RetiredNumber::all().map(AsymmetricKey::RetiredKeyManagement);
    let on_card = RetiredNumber::all()
        .filter(|number| {
            let key = AsymmetricKey::RetiredKeyManagement(*number);
            state.object(ObjectId::Certificate(key)).is_some()
        })
        .last()
        .map_or(0, RetiredNumber::get);
    let off_card = retired()
        .skip(usize::from(on_card))
        .filter(|key| state.keys.contains_key(key))
        .fold(0, |count, _| count + 1);
    if (on_card, off_card) == (0, 0) {
        return written.map(|_| KeyHistory::default());
    }
    let url = written
        .and_then(|content| KeyHistory::decode(content).ok())
        .and_then(|history| history.url);
    Some(KeyHistory {
        on_card,
        off_card,
        url,
    })
}

/// What may be written to an object: anything, but for the Key History Object, which must be one. 6A80 otherwise.
pub(super) fn may_be_written(object: ObjectId, content: &[u8]) -> Result<(), Status> {
    match object {
        ObjectId::KeyHistory if !content.is_empty() => {
            KeyHistory::decode(content).map(drop).map_err(malformed)
        }
        _ => Ok(()),
    }
}
