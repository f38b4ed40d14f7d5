//! A renewed certificate on the card.

use card_edge::piv::{AsymmetricKey, ObjectId, certificate};
use der::Encode;
use x509_cert::Certificate;

use super::error::CheckInError;
use super::retire;
use crate::gids::provision;
use crate::key_store::KeyStore;
use crate::state::encoding::Bytes;
use crate::state::{CardState, KeyRecord};
use crate::x509::SigningError;

/// A certificate that was checked, and the new key that it is for; none where the key stays.
pub(super) struct New {
    pub(super) slot: AsymmetricKey,
    pub(super) certificate: Certificate,
    pub(super) key: Option<KeyRecord>,
}

/// Puts a certificate and its key in their places, for one write. The decryption key of before moves to a place for retired ones.
///
/// # Errors
/// [`CheckInError::Interrupted`] where the key is no longer that of this check-in.
pub(super) fn install(
    state: &mut CardState,
    keys: &dyn KeyStore,
    new: &New,
) -> Result<(), CheckInError> {
    if let Some(key) = &new.key {
        let own = state.check_in.as_mut().ok_or(CheckInError::Interrupted)?;
        if own.renewal.remove(&new.slot).as_ref() != Some(key) {
            return Err(CheckInError::Interrupted);
        }
        if new.slot == AsymmetricKey::KeyManagement && !retire::retire(state)? {
            return Err(CheckInError::Interrupted);
        }
        let before = state.keys.get(&new.slot);
        let key = KeyRecord {
            pin_policy: before.and_then(|before| before.pin_policy),
            ..key.clone()
        };
        state.keys.insert(new.slot, key);
    }
    let der = new.certificate.to_der().map_err(SigningError::from)?;
    let content = Bytes(certificate::encode_short(&der)?);
    let object = ObjectId::Certificate(new.slot);
    state.objects.insert(object.tag(), content);
    provision::after_renewal(state)?;
    state.seal_keys(keys)?;
    Ok(())
}
