//! The use of private keys.

use card_edge::piv::PinPolicy;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use zeroize::Zeroizing;

use super::Token;
use crate::card::client::{Client, ClientError};
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};

/// How the holder of a key that wants the PIN each time has agreed to this use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// By a login for this operation.
    Given,
    /// Not yet; a login that came just before counts once.
    Pending,
}

impl Token {
    /// The bare operation of a private key on a block: see [`card_edge::piv::Client::apply_key`].
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where the card wants the PIN (again), [`Error::Rejected`] where its holder has not agreed,
    /// or any failure of the card.
    pub fn apply_key(
        &self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        block: &[u8],
        consent: Consent,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(key, consent, |client| {
            client.apply_key(key, algorithm, block)
        })
    }

    /// ECDH of a private key with a point: see [`card_edge::piv::Client::agree`].
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn agree(
        &self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(key, Consent::Pending, |client| {
            client.agree(key, algorithm, point)
        })
    }

    fn use_key(
        &self,
        key: AsymmetricKey,
        consent: Consent,
        work: impl FnMut(&mut Client<'_>) -> core::result::Result<Zeroizing<Vec<u8>>, ClientError>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut connection = self.connection();
        let agreed = consent == Consent::Given || connection.just_verified;
        // A cached PIN must not stand in for the consent that such a key wants for each use.
        if key.pin_policy() == PinPolicy::Always && !agreed {
            return Err(Error::UserNotLoggedIn);
        }
        let pin = match key.pin_policy() {
            PinPolicy::Never => None,
            PinPolicy::Once | PinPolicy::Always => self.known().pin.get(),
        };
        self.sequence(&mut connection, pin.as_ref(), Repeat::Allowed, work)
    }
}
