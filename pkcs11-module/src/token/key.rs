//! The use of private keys.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinPolicy};
use zeroize::Zeroizing;

use super::{Consent, Token, lock};
use crate::card::{Repeat, Work};
use crate::error::{Error, Result};

impl Token {
    /// The bare operation of a private key on a block: see [`card_edge::piv::Client::apply_key`].
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where the card wants the PIN (again), or any failure of the card.
    pub fn apply_key(
        &self,
        slot: AsymmetricKey,
        algorithm: KeyAlgorithm,
        block: &[u8],
        consent: Consent,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(slot, consent, &mut |client| {
            client.apply_key(slot, algorithm, block)
        })
    }

    /// ECDH of a private key with a point: see [`card_edge::piv::Client::agree`].
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn agree(
        &self,
        slot: AsymmetricKey,
        algorithm: KeyAlgorithm,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(slot, Consent::Pending, &mut |client| {
            client.agree(slot, algorithm, point)
        })
    }

    fn use_key(
        &self,
        slot: AsymmetricKey,
        consent: Consent,
        work: Work<'_, Zeroizing<Vec<u8>>>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut line = lock(&self.line);
        let agreed = consent == Consent::Given || line.just_verified;
        // A kept PIN must not stand in for the consent that such a key wants for each use.
        if slot.pin_policy() == PinPolicy::Always && !agreed {
            return Err(Error::UserNotLoggedIn);
        }
        let pin = (slot.pin_policy() != PinPolicy::Never)
            .then(|| self.kept_pin.get())
            .flatten();
        self.sequence_on(&mut line, pin.as_ref(), Repeat::Allowed, work)
    }
}
