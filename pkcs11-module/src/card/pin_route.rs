//! The way of a PIN to a card: as it is over contacts, inside a channel of secure messaging where others can listen, and to a
//! card that has just come only where it proves the key that it was first met with.

use std::sync::Arc;

use card_edge::piv::client::{ChannelError, EphemeralKey};
use card_edge::piv::secure_messaging::CipherSuite;
use thiserror::Error;
use zeroize::Zeroizing;

use super::client::{Client, ClientError, Selected};
use super::error::CardError;
use super::identity::Identity;
use crate::known_cards::{CardKey, KnownCards};
use crate::log;

/// Why a PIN does not go to a card.
#[derive(Debug, Error)]
pub enum RouteError {
    /// It has another key than it was first met with, or offers no channel any more.
    #[error(
        "the card does not prove the key that it was first met with; if it has a new one, remove {0}"
    )]
    NotProved(String),
    /// There is no channel, and the PIN does not go in clear here.
    #[error("the PIN is not sent, since no protected channel to the card can be opened: {0}")]
    NoChannel(ClientError),
}

/// The way of a PIN to a card.
#[derive(Clone)]
pub struct PinRoute {
    /// The cards that are known.
    pub cards: Arc<KnownCards>,
    /// The card that is meant.
    pub identity: Identity,
    /// The cipher suite that it offers.
    pub suite: Option<CipherSuite>,
    /// Others can listen.
    pub is_contactless: bool,
    /// It may have been out of its reader, so that nothing but its key tells that it is the same.
    pub was_away: bool,
    /// It announces what our phone announces: it has a channel.
    pub is_ours: bool,
}

impl PinRoute {
    /// The card has been selected again, and tells this.
    pub fn tells(&mut self, told: &Selected) {
        self.suite = told.suite;
        self.is_ours = told.announced.is_some();
    }

    /// Whether a PIN that is held may go to the card by itself: to one that was away only where it can prove itself.
    #[must_use]
    pub fn takes_held_pin(&self) -> bool {
        !self.was_away || (self.suite.is_some() && self.cards.key(self.identity).is_some())
    }

    /// Sends a command that carries a PIN.
    ///
    /// # Errors
    /// [`CardError::Route`] where nothing was sent of it, or the command's own.
    pub fn send<R>(
        &self,
        client: &mut Client<'_>,
        command: impl FnOnce(&mut Client<'_>) -> Result<R, ClientError>,
    ) -> Result<R, CardError> {
        let known = self.cards.key(self.identity);
        let Some(suite) = self.suite else {
            return match known {
                None => Ok(command(client)?),
                Some(_) => Err(self.not_proved()),
            };
        };
        let is_needed = self.is_contactless || self.was_away;
        let is_first_meeting = known.is_none() && self.cards.can_keep(self.identity);
        if !is_needed && !is_first_meeting {
            return Ok(command(client)?);
        }
        let must_be = known.is_some() || (self.is_ours && self.is_contactless);
        match self.open(client, suite, known) {
            Ok(()) => {}
            Err(ClientError::Channel(ChannelError::NotTrusted)) => return Err(self.not_proved()),
            Err(error @ ClientError::Exchange(_)) => return Err(error.into()),
            Err(error) if must_be => return Err(RouteError::NoChannel(error).into()),
            Err(error) => log::note(|| format!("the PIN goes in clear: {error}")),
        }
        let result = command(client);
        // What follows needs no protection, and less time without it.
        client.take_channel();
        Ok(result?)
    }

    /// Remembers the key of a card that is met for the first time. One that cannot prove it is met again another time.
    ///
    /// # Errors
    /// [`ClientError::Exchange`].
    pub fn meet(&self, client: &mut Client<'_>) -> Result<(), ClientError> {
        let is_new = self.cards.can_keep(self.identity) && self.cards.key(self.identity).is_none();
        let Some(suite) = self.suite.filter(|_| is_new) else {
            return Ok(());
        };
        let met = self.open(client, suite, None);
        client.take_channel();
        match met {
            Err(error @ ClientError::Exchange(_)) => Err(error),
            Err(error) => {
                log::note(|| format!("the card's key is not known: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn open(
        &self,
        client: &mut Client<'_>,
        suite: CipherSuite,
        known: Option<CardKey>,
    ) -> Result<(), ClientError> {
        let host = HostKey::generate(suite).ok_or(ChannelError::Point)?;
        let mut met = None;
        client.open_channel(suite, host, |certificate| {
            let key = CardKey::of(suite, certificate);
            met = Some(key);
            known.is_none_or(|known| known == key)
        })?;
        if let (None, Some(key)) = (known, met) {
            self.cards.meet(self.identity, key);
        }
        Ok(())
    }

    fn not_proved(&self) -> CardError {
        let path = self.cards.path(self.identity).unwrap_or_default();
        RouteError::NotProved(path.display().to_string()).into()
    }
}

/// A key of this side, for one channel.
enum HostKey {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

impl HostKey {
    /// A new one; `None` without randomness.
    fn generate(suite: CipherSuite) -> Option<Self> {
        // Of numbers as long as the order, one in four billion is none.
        (0..8).find_map(|_| {
            let mut number = Zeroizing::new([0; 48]);
            getrandom::fill(number.as_mut_slice()).ok()?;
            match suite {
                CipherSuite::Cs2 => p256::SecretKey::from_slice(number.get(..32)?)
                    .ok()
                    .map(Self::P256),
                CipherSuite::Cs7 => p384::SecretKey::from_slice(number.as_slice())
                    .ok()
                    .map(Self::P384),
            }
        })
    }
}

impl EphemeralKey for HostKey {
    fn point(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.public_key().to_sec1_bytes().to_vec(),
            Self::P384(key) => key.public_key().to_sec1_bytes().to_vec(),
        }
    }

    fn agree(self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(match self {
            Self::P256(key) => key
                .diffie_hellman(&p256::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
            Self::P384(key) => key
                .diffie_hellman(&p384::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
        }))
    }
}
