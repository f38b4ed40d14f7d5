//! The keys of an enrollment: which are offered certificates, and making those that are missing.

use std::collections::BTreeMap;

use card_edge::piv::KeyAlgorithm;
use enrollment_protocol::offer::Offer;

use super::error::EnrollError;
use super::step::Step;
use super::translate::{UnsupportedAlgorithm, key_algorithm, key_reference};
use crate::key_store::{KeyPolicy, KeyRequest, KeyStore};
use crate::state::{KeyRecord, Origin, PendingEnrollment, StateError, Store};

/// An enrollment by this offer, of a phone that makes keys of these kinds; no key made yet.
///
/// # Errors
/// [`UnsupportedAlgorithm`].
pub(super) fn begin(
    invitation: String,
    offer: Offer,
    algorithms: &[KeyAlgorithm],
) -> Result<PendingEnrollment, UnsupportedAlgorithm> {
    Ok(PendingEnrollment {
        invitation,
        organisation: offer.organisation,
        holder: offer.holder,
        expires: offer.expires,
        offered: offer
            .slots
            .iter()
            .map(|offered| {
                Ok((
                    key_reference(offered.slot),
                    key_algorithm(offered, algorithms)?,
                ))
            })
            .collect::<Result<_, UnsupportedAlgorithm>>()?,
        keys: BTreeMap::new(),
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
    for (reference, algorithm) in pending.offered.clone() {
        if pending.keys.contains_key(&reference) {
            on_step(Step::KeptKey(reference, algorithm));
            continue;
        }
        on_step(Step::MakingKey(reference, algorithm));
        let created = keys.generate(&KeyRequest {
            algorithm,
            policy: KeyPolicy::of(reference),
            challenge: None,
        })?;
        let record = KeyRecord {
            algorithm,
            origin: Origin::Generated,
            handle: created.handle,
            attestation: created.attestation,
        };
        pending.keys.insert(reference, record);
        store.update(|state| {
            state.pending_enrollment = Some(pending.clone());
            Ok::<_, StateError>(())
        })?;
    }
    Ok(pending)
}
