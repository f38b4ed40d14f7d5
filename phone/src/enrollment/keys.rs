//! The keys of an enrollment: which are offered certificates, and making those that are missing.

use std::collections::BTreeMap;

use card_edge::piv::KeyAlgorithm;
use enrollment_protocol::offer::Offer;

use super::check_in_key::key_policy;
use super::error::EnrollError;
use super::flaw::AnswerFlaw;
use super::step::Step;
use super::text::check_name;
use super::translate::{key_algorithm, key_reference};
use crate::key_store::{KeyPolicy, KeyStore};
use crate::state::{KeyRecord, PendingEnrollment, StateError, Store};

/// What kind of key the phone checks in with.
const CHECK_IN_KEY: KeyAlgorithm = KeyAlgorithm::P256;

/// An enrollment by this offer, of a phone that makes keys of these kinds; no key made yet.
///
/// # Errors
/// [`EnrollError::UnsupportedAlgorithm`], and [`EnrollError::Answer`] where the offer cannot be meant.
pub(super) fn begin(
    invitation: String,
    offer: Offer,
    algorithms: &[KeyAlgorithm],
) -> Result<PendingEnrollment, EnrollError> {
    for (what, name) in [
        ("name of the organisation", Some(&offer.organisation)),
        ("name of the holder", Some(&offer.holder)),
        ("account name", offer.upn.as_ref()),
        ("mail address", offer.email.as_ref()),
        ("time of the end", Some(&offer.expires)),
    ] {
        name.map_or(Ok(()), |name| check_name(what, name))?;
    }
    if offer.slots.is_empty() {
        return Err(AnswerFlaw::Nothing.into());
    }
    let mut offered = BTreeMap::new();
    for one in &offer.slots {
        let algorithm = key_algorithm(one, algorithms)?;
        if offered.insert(key_reference(one.slot), algorithm).is_some() {
            return Err(AnswerFlaw::SlotTwice(one.slot).into());
        }
    }
    Ok(PendingEnrollment {
        invitation,
        organisation: offer.organisation,
        holder: offer.holder,
        upn: offer.upn,
        email: offer.email,
        expires: offer.expires,
        offered,
        keys: BTreeMap::new(),
        check_in: None,
    })
}

/// Makes the keys that are offered certificates and are not there yet. Each is on disk as soon as it is made.
///
/// # Errors
/// [`EnrollError::Key`] and [`EnrollError::State`].
pub(super) fn make_missing_keys(
    store: &mut Store,
    keys: &dyn KeyStore,
    mut pending: PendingEnrollment,
    on_step: &mut impl FnMut(Step<'_>),
) -> Result<PendingEnrollment, EnrollError> {
    if !pending.keys.is_empty() && store.state().pending_enrollment.as_ref() != Some(&pending) {
        // An earlier one goes on.
        store.update(|state| {
            state.go_on_with(pending.clone());
            Ok::<_, StateError>(())
        })?;
    }
    if pending.keys.is_empty() {
        // One that was begun without it goes on without it: the server may know the request.
        pending.check_in = Some(KeyRecord::generate(keys, CHECK_IN_KEY, key_policy())?);
    }
    for (reference, algorithm) in pending.offered.clone() {
        if pending.keys.contains_key(&reference) {
            on_step(Step::KeptKey(reference, algorithm));
            continue;
        }
        on_step(Step::MakingKey(reference, algorithm));
        let policy = KeyPolicy::of(reference).with(store.state().consent_of(reference));
        let record = KeyRecord::generate(keys, algorithm, policy)?;
        pending.keys.insert(reference, record);
        store.update(|state| {
            state.go_on_with(pending.clone());
            Ok::<_, StateError>(())
        })?;
    }
    Ok(pending)
}
