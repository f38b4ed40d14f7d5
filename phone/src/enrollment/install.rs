//! The enrolled card: everything that an enrollment changes.

use std::collections::BTreeMap;

use card_edge::piv::{AsymmetricKey, ObjectId, Pin, Puk, certificate};
use der::Encode;
use x509_cert::Certificate;

use super::error::EnrollError;
use super::new_secrets::random_management_key;
use crate::gids::provision;
use crate::key_store::KeyStore;
use crate::state::encoding::Bytes;
use crate::state::reference_data::{HashError, ReferenceData};
use crate::state::{
    CardState, Enrollment, OpeningKey, PendingEnrollment, SealingError, StateError,
};
use crate::x509::SigningError;

/// What the enrolled card's secrets are.
pub(super) struct NewSecrets<'a> {
    /// The new PIN.
    pub(super) pin: &'a Pin,
    /// The new PUK, eight digits.
    pub(super) puk: &'a str,
    /// What decrypts the keys that the card has, where the holder proved the PIN for that.
    pub(super) opening: Option<&'a OpeningKey>,
    /// Whether the holder gives up what is encrypted and stays.
    pub(super) forgets_sealed_keys: bool,
}

/// Puts certificates, keys, PIN, PUK and a new management key in their places, for one write. Gives what decrypts the card's keys from
/// now on, where it encrypts them.
///
/// # Errors
/// [`EnrollError::Interrupted`] where the card's pending enrollment is not this one; [`EnrollError::KeysCame`] where keys that
/// the card keeps are encrypted under a PIN that nobody has given.
pub(super) fn install(
    state: &mut CardState,
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
    certificates: &BTreeMap<AsymmetricKey, Certificate>,
    enrollment: &Enrollment,
    secrets: &NewSecrets<'_>,
) -> Result<Option<OpeningKey>, EnrollError> {
    if state.pending_enrollment.as_ref() != Some(pending) {
        return Err(EnrollError::Interrupted);
    }
    for (reference, certificate) in certificates {
        let der = certificate.to_der().map_err(SigningError::from)?;
        let content = certificate::encode_short(&der)?;
        state
            .objects
            .insert(ObjectId::Certificate(*reference).tag(), Bytes(content));
    }
    state.keys.extend(pending.keys.clone());
    if secrets.forgets_sealed_keys {
        state.forget_sealed_keys();
    }
    let opening = state
        .renew_sealing(secrets.opening)
        .map_err(|error| match error {
            SealingError::Locked => EnrollError::KeysCame,
            error => StateError::from(error).into(),
        })?;
    let wrapped = opening.as_ref();
    state.pin = ReferenceData::new(secrets.pin.as_bytes(), state.pin.limit, false, wrapped)?;
    let puk = Puk::new(secrets.puk.as_bytes()).map_err(|_| HashError)?;
    state.puk = ReferenceData::new(puk.as_bytes(), state.puk.limit, false, wrapped)?;
    state.management_key = random_management_key()?;
    state.enrollment = Some(enrollment.clone());
    state.pending_enrollment = None;
    provision::after_enrollment(state)?;
    state.seal_keys(keys).map_err(StateError::from)?;
    Ok(opening)
}
