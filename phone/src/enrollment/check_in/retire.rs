//! Where an earlier decryption key goes, so that old mail stays readable: with its certificate to the lowest place that is free
//! of the twenty for retired keys (NIST SP 800-73-5 part 1, 3.3.3), which the Key History Object counts.

use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, ObjectId, RetiredNumber};

use super::error::CheckInError;
use crate::state::CardState;
use crate::state::encoding::Bytes;

const CURRENT: AsymmetricKey = AsymmetricKey::KeyManagement;
/// The places for retired keys.
const PLACES: usize = 20;

/// The place for the next retired key; none where all are taken.
pub(super) fn free_place(state: &CardState) -> Option<AsymmetricKey> {
    let elsewhere = history(state).off_card;
    let on_card = retired(state).count();
    if on_card + usize::from(elsewhere) >= PLACES {
        return None;
    }
    let mut places = RetiredNumber::all().map(AsymmetricKey::RetiredKeyManagement);
    places.find(|place| !is_taken(state, *place))
}

/// Moves the decryption key and its certificate to the next place for retired keys. Returns false, and moves nothing, where all
/// are taken.
pub(super) fn retire(state: &mut CardState) -> Result<bool, CheckInError> {
    if !state.keys.contains_key(&CURRENT) {
        return Ok(true);
    }
    let Some(place) = free_place(state) else {
        return Ok(false);
    };
    if let Some(record) = state.keys.remove(&CURRENT) {
        state.keys.insert(place, record);
    }
    if let Some(certificate) = state.objects.remove(&ObjectId::Certificate(CURRENT).tag()) {
        let object = ObjectId::Certificate(place);
        state.objects.insert(object.tag(), certificate);
    }
    // What the holder wants of the key goes with it.
    let consent = state.consent_of(CURRENT).max(state.consent_of(place));
    state.set_consent(place, consent);
    let history = KeyHistory {
        on_card: u8::try_from(retired(state).count()).unwrap_or(u8::MAX),
        ..history(state)
    };
    let object = ObjectId::KeyHistory.tag();
    state.objects.insert(object, Bytes(history.encode()?));
    Ok(true)
}

fn is_taken(state: &CardState, place: AsymmetricKey) -> bool {
    state.keys.contains_key(&place) || state.object(ObjectId::Certificate(place)).is_some()
}

/// The retired keys and certificates that are on the card.
fn retired(state: &CardState) -> impl Iterator<Item = AsymmetricKey> {
    let places = RetiredNumber::all().map(AsymmetricKey::RetiredKeyManagement);
    places.filter(|place| is_taken(state, *place))
}

/// What the card says of its retired keys; one that a host has damaged says nothing.
fn history(state: &CardState) -> KeyHistory {
    let content = state.object(ObjectId::KeyHistory);
    content
        .and_then(|content| KeyHistory::decode(content).ok())
        .unwrap_or_default()
}
