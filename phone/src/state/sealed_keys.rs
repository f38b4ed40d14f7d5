//! Which keys of a card are encrypted under the PIN: all in PIV's places whose use needs it.
//!
//! A GIDS card encrypts none: whoever has its administrator's key sets a new PIN without the old one, so nothing could be
//! wrapped under the PIN alone.

use card_edge::piv::{AsymmetricKey, PinPolicy};

use super::card_state::CardState;
use super::check_in::CheckIn;
use super::key::{KeptHandle, KeyRecord};
use super::reference_data::ReferenceData;
use super::sealing::{self, OpeningKey, SealingError};
use crate::key_store::{KeyStore, KeyStoreError};

impl CardState {
    /// Encrypts the keys that should be and are not yet, on a card that does that. One that does not work stays as it is.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn seal_keys(&mut self, keys: &dyn KeyStore) -> Result<(), SealingError> {
        let Some(sealing) = &self.sealing else {
            return Ok(());
        };
        for (slot, record) in &mut self.keys {
            let KeptHandle::Clear(handle) = &record.handle else {
                continue;
            };
            if record.policy_in(*slot).pin == PinPolicy::Never {
                continue;
            }
            // Encrypted, it could not be tried any more.
            if keys.check(record.algorithm, handle).is_err() {
                continue;
            }
            if let Ok(key) = keys.open(record.algorithm, record.policy_in(*slot), handle) {
                let sealed = sealing.seal(record.algorithm, &key.public_key(), handle)?;
                record.handle = KeptHandle::Sealed(sealed);
            }
        }
        Ok(())
    }

    /// The places of the keys that are encrypted.
    pub fn sealed_keys(&self) -> impl Iterator<Item = AsymmetricKey> {
        let sealed = self.keys.iter().filter(|(_, key)| key.handle.is_sealed());
        sealed.map(|(slot, _)| *slot)
    }

    /// Whether the PIN in force must be given before PIN and PUK are set again and these keys replaced: else others would be lost,
    /// or a global PIN would open none any more.
    #[must_use]
    pub fn needs_present_pin(&self, is_replaced: impl Fn(AsymmetricKey) -> bool) -> bool {
        let keeps_keys = self.sealed_keys().any(|slot| !is_replaced(slot));
        keeps_keys || (self.sealing.is_some() && self.global_pin.is_some())
    }

    /// What decrypts the card's keys, from what is kept with this value of the card; the bytes must be the value.
    ///
    /// # Errors
    /// [`SealingError::Damaged`] where it is not what the card's keys are encrypted for: nothing may be wrapped with it.
    pub fn opening_key(
        &self,
        data: &ReferenceData,
        value: &[u8],
    ) -> Result<Option<OpeningKey>, SealingError> {
        let opening = data.opening_key(value)?;
        let fits = match (&self.sealing, &opening) {
            (Some(sealing), Some(opening)) => opening.fits(sealing),
            (None, None) => true,
            _ => false,
        };
        fits.then_some(opening).ok_or(SealingError::Damaged)
    }

    /// Forgets what nobody can decrypt who has neither PIN nor PUK: the keys that are encrypted, and the global PIN.
    pub(crate) fn forget_sealed_keys(&mut self) {
        self.keys.retain(|_, record| !record.handle.is_sealed());
        if self.sealing.is_some() {
            self.global_pin = None;
        }
    }

    /// What decrypts the card's keys from now on, where PIN and PUK are set again: a new pair, for which those are encrypted
    /// again that were. A global PIN that stays in force keeps what it decrypts with.
    ///
    /// # Errors
    /// [`SealingError::Locked`] where keys are encrypted that this does not decrypt.
    pub(crate) fn renew_sealing(
        &mut self,
        opening: Option<&OpeningKey>,
    ) -> Result<Option<OpeningKey>, SealingError> {
        if self.gids.is_some() {
            return Ok(None);
        }
        if self.global_pin.is_some() {
            return match (&self.sealing, opening) {
                // What would decrypt keys cannot be wrapped for all who may use them.
                (None, _) => Ok(None),
                (Some(sealing), Some(opening)) if opening.fits(sealing) => {
                    Ok(Some(opening.clone()))
                }
                (Some(_), _) => Err(SealingError::Locked),
            };
        }
        self.unseal_keys(opening)?;
        // It unwraps what decrypts no more.
        if let Some(own) = &mut self.check_in {
            own.unblocking = None;
        }
        let (sealing, opening) = sealing::pair()?;
        self.sealing = Some(sealing);
        Ok(Some(opening))
    }

    /// Encrypts no keys any more, and decrypts those that are encrypted.
    ///
    /// # Errors
    /// [`SealingError::Locked`] where there are some, and this does not decrypt them.
    pub fn unseal_keys(&mut self, opening: Option<&OpeningKey>) -> Result<(), SealingError> {
        for record in self.keys.values_mut() {
            let clear = record.handle.clear(record.algorithm, opening)?;
            record.handle = KeptHandle::Clear(clear.into_owned());
        }
        self.sealing = None;
        let values = [&mut self.pin, &mut self.puk];
        let unblocking = self
            .check_in
            .as_mut()
            .and_then(|own| own.unblocking.as_mut());
        let others = self.global_pin.as_mut().into_iter().chain(unblocking);
        for value in values.into_iter().chain(others) {
            value.forget_opening_key();
        }
        Ok(())
    }

    /// What types alone do not hold of it in a card that was read.
    pub(super) fn check_sealing(&self) -> Result<(), String> {
        let values = [&self.pin, &self.puk];
        let unblocking = self.check_in.iter().flat_map(|own| &own.unblocking);
        let mut values = values.into_iter().chain(&self.global_pin).chain(unblocking);
        let begun = self
            .begun_enrollments()
            .flat_map(|begun| begun.keys.values().chain(&begun.check_in));
        let gids = self.gids.iter().flat_map(|gids| gids.own_keys());
        let check_in = self.check_in.iter().flat_map(CheckIn::keys);
        let mut others = begun
            .chain(check_in)
            .chain(gids.map(|(_, key)| key))
            .chain(self.secure_messaging.iter().map(|kept| &kept.key));
        let is_free = |(slot, record): (&AsymmetricKey, &KeyRecord)| {
            record.handle.is_sealed() && record.policy_in(*slot).pin == PinPolicy::Never
        };
        if self.keys.iter().any(is_free) || others.any(|key| key.handle.is_sealed()) {
            return Err("a key is encrypted whose use needs no PIN".to_owned());
        }
        match &self.sealing {
            Some(_) if self.gids.is_some() => {
                Err("a GIDS card's keys are not encrypted".to_owned())
            }
            Some(sealing) if !sealing.is_valid() => {
                Err("the key that encrypts keys is not one".to_owned())
            }
            Some(_) if !values.all(|value| value.has_opening_key()) => {
                Err("a PIN, PUK or unblocking key lacks the key that decrypts keys".to_owned())
            }
            None if self.sealed_keys().next().is_some()
                || values.any(|value| value.has_opening_key()) =>
            {
                Err("keys are encrypted, and the key that does it is gone".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl From<SealingError> for KeyStoreError {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::Failed | SealingError::Damaged => Self::Failed,
            SealingError::Locked => Self::NotAuthorised,
        }
    }
}
