//! The way of a PIN to a card: as it is over contacts, inside a channel of secure messaging where others can listen, and to a
//! card that has just come only where it proves the key that it was first met with.

use std::sync::Arc;

use card_edge::Transmit;
use card_edge::piv::client::{ChannelError, Client, ClientError};
use card_edge::piv::secure_messaging::CipherSuite;
use card_edge::piv::secure_messaging::key_establishment::KeyEstablishmentError;
use card_edge::transmit::ExchangeError;
use core::fmt::Display;
use thiserror::Error;

use crate::host_key::HostKey;
use crate::identity::Identity;
use crate::known_cards::{CardKey, KnownCards, Meeting};
use crate::selection::Selected;

/// Why a PIN does not go to a card. Nothing was sent of it.
#[derive(Debug, Error)]
pub enum RouteError<E> {
    /// It has another key than it was first met with, or offers no channel any more; the file that remembers the key.
    #[error(
        "the card does not prove the key that it was first met with; if it has a new one, `tapcard meet` compares it with what the phone shows (the first one is in {0})"
    )]
    NotProved(String),
    /// It has another key than it had when this program met it, or offers no channel any more.
    #[error("the card does not prove the key that it had before")]
    Replaced,
    /// Nobody can say which key it was first met with.
    #[error("what is remembered of the card's key cannot be read: {0}")]
    Unreadable(String),
    /// There is no channel, and the PIN does not go in clear here.
    #[error("the PIN is not sent, since no protected channel to the card can be opened: {0}")]
    NoChannel(ClientError<E>),
    /// The card offers no channel, and is one that always has it.
    #[error("the PIN is not sent, since the card offers no protected channel")]
    NotOffered,
}

/// Why a command that carries a PIN did not do what it should.
#[derive(Debug, Error)]
pub enum SendError<E> {
    /// Nothing was sent of it.
    #[error(transparent)]
    Route(#[from] RouteError<E>),
    /// The command failed, or the way to the card before it.
    #[error(transparent)]
    Command(#[from] ClientError<E>),
}

/// Where a PIN comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody gave it for this card just now.
    Typed,
    /// It was held since the card has accepted it.
    Held,
}

/// The way of a PIN to a card.
pub struct PinRoute {
    /// The cards that are known.
    pub cards: Arc<KnownCards>,
    /// The card that is meant.
    pub identity: Identity,
    /// What it told when it was selected last.
    pub told: Selected,
    /// Others can listen, as far as is known.
    pub is_contactless: bool,
    /// It may have been out of its reader since the PIN was given.
    pub was_away: bool,
    /// It has accepted a PIN in this insertion.
    pub has_accepted: bool,
    /// Whatever the PIN is for, it goes to the card alone that has the key that it was first met with.
    pub must_prove: bool,
}

impl PinRoute {
    /// Whether a PIN that is held may go to the card by itself: in another insertion than that in which the card has accepted
    /// it only where the card can prove itself.
    #[must_use]
    pub fn takes_held_pin(&self) -> bool {
        let can_prove = || {
            let known = self.cards.meeting(self.identity);
            self.told.suite.is_some() && matches!(known, Meeting::Known(_))
        };
        self.has_accepted || can_prove()
    }

    /// Sends a command that carries a PIN.
    ///
    /// # Errors
    /// [`SendError::Route`] where nothing was sent of it; [`SendError::Command`] with the command's own error, or with that of
    /// the link where it broke before.
    pub fn send<T, R>(
        &self,
        client: &mut Client<T>,
        source: Source,
        command: impl FnOnce(&mut Client<T>) -> Result<R, ClientError<T::Error>>,
    ) -> Result<R, SendError<T::Error>>
    where
        T: Transmit,
        T::Error: Display,
    {
        let known = match self.cards.meeting(self.identity) {
            Meeting::Known(key) => Some(key),
            Meeting::Never => None,
            Meeting::Unreadable(why) => return Err(RouteError::Unreadable(why).into()),
        };
        let is_for_a_stranger = source == Source::Held && !self.has_accepted;
        if (is_for_a_stranger || self.must_prove) && known.is_none() {
            return Err(self.not_proved().into());
        }
        let is_our_phone = self.told.announced.is_some();
        let must_be = known.is_some() || (is_our_phone && self.is_contactless);
        let Some(suite) = self.told.suite else {
            return match known {
                Some(_) => Err(self.not_proved().into()),
                None if must_be => Err(RouteError::NotOffered.into()),
                None => Ok(command(client)?),
            };
        };
        let is_needed =
            self.is_contactless || self.was_away || is_for_a_stranger || self.must_prove;
        let is_first_meeting = known.is_none() && self.cards.can_meet(self.identity);
        if !is_needed && !is_first_meeting {
            return Ok(command(client)?);
        }
        let mut opened = self.open(client, suite, known);
        if self.must_prove && matches!(&opened, Err(error) if may_be_chance(error)) {
            opened = self.open(client, suite, known);
        }
        match opened {
            Ok(()) => {}
            Err(error @ ClientError::Exchange(ExchangeError::Transmit(_))) => {
                return Err(error.into());
            }
            Err(ClientError::Channel(ChannelError::NotTrusted)) => {
                return Err(self.not_proved().into());
            }
            Err(error) if self.must_prove && tells_of_another(&error) => {
                self.cards
                    .note(format_args!("the card does not prove its key: {error}"));
                return Err(self.not_proved().into());
            }
            Err(error) if must_be => return Err(RouteError::NoChannel(error).into()),
            Err(error) => self
                .cards
                .note(format_args!("the PIN goes in clear: {error}")),
        }
        let result = command(client);
        // What follows needs no protection, and less time without it.
        client.take_channel();
        Ok(result?)
    }

    /// Lets the card prove the key that it was first met with, where it must.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn prove_where_due<T>(&self, client: &mut Client<T>) -> Result<(), SendError<T::Error>>
    where
        T: Transmit,
        T::Error: Display,
    {
        if self.must_prove {
            self.send(client, Source::Typed, |_| Ok(()))?;
        }
        Ok(())
    }

    /// Remembers the key of a card that is met for the first time. A card that cannot prove one is not asked again by this
    /// program.
    ///
    /// # Errors
    /// Why the connection is not what it was.
    pub fn meet<T>(&self, client: &mut Client<T>) -> Result<(), ClientError<T::Error>>
    where
        T: Transmit,
        T::Error: Display,
    {
        let is_new = self.cards.can_meet(self.identity)
            && matches!(self.cards.meeting(self.identity), Meeting::Never);
        let Some(suite) = self.told.suite.filter(|_| is_new) else {
            return Ok(());
        };
        let met = self.open(client, suite, None);
        client.take_channel();
        match met {
            Err(error @ ClientError::Exchange(_)) => Err(error),
            Err(error) => {
                self.cards
                    .note(format_args!("the card's key is not known: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn open<T: Transmit>(
        &self,
        client: &mut Client<T>,
        suite: CipherSuite,
        known: Option<CardKey>,
    ) -> Result<(), ClientError<T::Error>> {
        let host = HostKey::generate(suite).ok_or(ChannelError::Point)?;
        let mut met = None;
        let opened = client.open_channel(suite, host, |certificate| {
            let key = CardKey::of(suite, certificate);
            met = Some(key);
            known.is_none_or(|known| known == key)
        });
        match (&opened, known, met) {
            (Ok(()), None, Some(key)) => self.cards.meet(self.identity, key),
            // Where the link broke the card has said nothing.
            (Err(ClientError::Exchange(_)), ..) => {}
            (Err(_), None, _) => self.cards.give_up(self.identity),
            _ => {}
        }
        opened
    }

    fn not_proved<E>(&self) -> RouteError<E> {
        if self.cards.is_held(self.identity) {
            return RouteError::Replaced;
        }
        let path = self.cards.path(self.identity).unwrap_or_default();
        RouteError::NotProved(path.display().to_string())
    }
}

/// Whether a card that has the key does not answer so, even for a moment: it shows another key, or the proof is wrong.
fn tells_of_another<E>(error: &ClientError<E>) -> bool {
    matches!(
        error,
        ClientError::Channel(
            ChannelError::NotTrusted
                | ChannelError::Point
                | ChannelError::KeyEstablishment(
                    KeyEstablishmentError::Certificate(_)
                        | KeyEstablishmentError::OtherCertificate
                        | KeyEstablishmentError::NotProved
                )
        )
    )
}

/// Whether a card that has the key may have answered so: once, for a reason of its own.
fn may_be_chance<E>(error: &ClientError<E>) -> bool {
    !matches!(
        error,
        ClientError::Exchange(ExchangeError::Transmit(_))
            | ClientError::Channel(ChannelError::NotTrusted)
    )
}
