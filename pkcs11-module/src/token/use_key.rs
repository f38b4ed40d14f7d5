//! The use of private keys.

use card_edge::piv::PinPolicy;
use card_edge::piv::extensions::SignatureRequest;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use zeroize::Zeroizing;

use super::Token;
use super::connection::Connection;
use crate::card::client::{Client, ClientError};
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::mechanism::scheme::ByCard;
use crate::note::note;

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
        self.use_key(&mut self.connection(), key, consent, |client| {
            client.apply_key(key, algorithm, block)
        })
    }

    /// A signature in one command and one answer: see [`card_edge::piv::Client::sign`]. `None` where the card did not announce
    /// that it can do it, or not with this key.
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn sign(
        &self,
        key: AsymmetricKey,
        asked: ByCard,
        consent: Consent,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let is_for_it = matches!(
            key,
            AsymmetricKey::PivAuthentication
                | AsymmetricKey::DigitalSignature
                | AsymmetricKey::CardAuthentication
        );
        let mut connection = self.connection();
        if !is_for_it || connection.card.announced().is_none() {
            return Ok(None);
        }
        let request = SignatureRequest {
            key,
            scheme: asked.scheme,
            hash_algorithm: asked.hash_algorithm,
            hash: asked.hash,
            note: note(),
        };
        self.use_key(&mut connection, key, consent, |client| {
            client.sign(&request).map(Zeroizing::new)
        })
        .map(Some)
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
        self.use_key(&mut self.connection(), key, Consent::Pending, |client| {
            client.agree(key, algorithm, point)
        })
    }

    fn use_key(
        &self,
        connection: &mut Connection,
        key: AsymmetricKey,
        consent: Consent,
        work: impl FnMut(&mut Client<'_>) -> core::result::Result<Zeroizing<Vec<u8>>, ClientError>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let agreed = consent == Consent::Given || connection.just_verified;
        // A cached PIN must not stand in for the consent that such a key wants for each use.
        if key.pin_policy() == PinPolicy::Always && !agreed {
            return Err(Error::UserNotLoggedIn);
        }
        let pin = match key.pin_policy() {
            PinPolicy::Never => None,
            PinPolicy::Once | PinPolicy::Always => self.known().pin.get(),
        };
        self.sequence(connection, pin.as_ref(), Repeat::Allowed, work)
    }
}
