//! The enrolled card: everything that an enrollment changes.

use std::collections::BTreeMap;

use card_edge::piv::{AsymmetricKey, ObjectId, Pin, Puk, certificate};
use der::Encode;
use x509_cert::Certificate;

use super::error::EnrollError;
use super::new_secrets::random_management_key;
use crate::gids::provision;
use crate::state::encoding::Bytes;
use crate::state::reference_data::{HashError, ReferenceData};
use crate::state::{CardState, Enrollment, PendingEnrollment};
use crate::x509::SigningError;

/// Puts certificates, keys, PIN, PUK and a new management key in their places, for one write.
///
/// # Errors
/// [`EnrollError::Interrupted`] where the card's pending enrollment is not this one.
pub(super) fn install(
    state: &mut CardState,
    pending: &PendingEnrollment,
    certificates: &BTreeMap<AsymmetricKey, Certificate>,
    enrollment: &Enrollment,
    pin: &Pin,
    puk: &str,
) -> Result<(), EnrollError> {
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
    state.pin = ReferenceData::new(pin.as_bytes(), state.pin.limit, false)?;
    let puk = Puk::new(puk.as_bytes()).map_err(|_| HashError)?;
    state.puk = ReferenceData::new(puk.as_bytes(), state.puk.limit, false)?;
    state.management_key = random_management_key()?;
    state.enrollment = Some(enrollment.clone());
    state.pending_enrollment = None;
    provision::after_enrollment(state)?;
    Ok(())
}
