//! The PIN typed at the card: the card asks its holder, and this process never has it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use card_edge::piv::extensions::EntryTime;
use cryptoki_sys::CK_SESSION_HANDLE;

use super::connection::{Connection, PinFailure, PinFate};
use super::known::{Known, Tries};
use super::{PinUse, Token};
use crate::card::error::CardError;
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::log;
use crate::note::note;
use crate::terminal;

impl Token {
    /// How long the card's holder is waited for, who can type the PIN there; `None` where nobody can.
    #[must_use]
    pub fn entry_time(&self) -> Option<EntryTime> {
        self.known().entry_time
    }

    /// As [`Self::login`], with the PIN that is typed at the card; `goes_on` fails where nobody needs it any more.
    ///
    /// # Errors
    /// As [`Self::may_log_in`], [`Error::Canceled`] where it was not typed or nobody waits for it any more,
    /// [`Error::PinLocked`], [`Error::Arguments`] where it cannot be typed there, or any failure of the card.
    pub fn login_at_card(
        &self,
        session: CK_SESSION_HANDLE,
        goes_on: impl Fn() -> Result<()>,
    ) -> core::result::Result<(), PinFailure> {
        self.with_pin(|connection| {
            self.may_log_in(session)?;
            self.log_in_over(connection, |connection| {
                self.verify_at_card_over(connection, session, goes_on)
            })
        })
    }

    /// As [`Self::verify`], with the PIN that is typed at the card; `goes_on` as of [`Self::login_at_card`].
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`], and as [`Self::login_at_card`].
    pub fn verify_at_card(
        &self,
        session: CK_SESSION_HANDLE,
        goes_on: impl Fn() -> Result<()>,
    ) -> core::result::Result<(), PinFailure> {
        self.with_pin(|connection| {
            if !self.is_logged_in() {
                return Err(Error::UserNotLoggedIn);
            }
            self.verify_at_card_over(connection, session, goes_on)?;
            self.known().logged_in = true;
            Ok(())
        })
    }

    /// This session does not wait any more for the PIN to be typed at the card.
    pub fn stop_entry(&self, session: CK_SESSION_HANDLE) {
        self.stop_entry_of(&self.known(), session);
    }

    pub(super) fn stop_entry_of(&self, known: &Known, session: CK_SESSION_HANDLE) {
        if known.entry_for == Some(session) {
            self.entry_is_over.store(true, Ordering::Relaxed);
        }
    }

    fn verify_at_card_over(
        &self,
        connection: &mut Connection,
        session: CK_SESSION_HANDLE,
        goes_on: impl Fn() -> Result<()>,
    ) -> Result<()> {
        let identity = connection.card.identity();
        connection.card.proves_itself(self.tap.must_prove(identity));
        connection
            .card
            .stop_entry_by(Arc::clone(&self.entry_is_over));
        self.entry_is_over.store(false, Ordering::Relaxed);
        self.known().entry_for = Some(session);
        // Whoever has ended it before that was not heard by `stop_entry`.
        if let Err(error) = goes_on() {
            self.known().entry_for = None;
            return Err(error);
        }
        let (mut is_asked, mut is_proved) = (false, false);
        let result =
            self.card_sequence(connection, PinUse::Stays, Repeat::Never, |client, here| {
                // What offers nothing may be another card that came in the phone's name.
                here.pins.prove_where_due(client)?;
                is_proved = here.pins.must_prove;
                let announced = here.pins.told.announced.as_ref();
                if announced.is_none_or(|announced| announced.pin_entry.is_none()) {
                    return Err(CardError::NoEntry);
                }
                self.tell_where_to_type();
                is_asked = true;
                Ok(client.verify_at_card(note().as_ref())?)
            });
        self.known().entry_for = None;
        if is_asked {
            connection.pin_fate = PinFate::Sent;
        }
        match result {
            Ok(()) => {}
            Err(error) => {
                if matches!(error, CardError::NoEntry) {
                    self.known().entry_when_away = None;
                    self.tap.has_no_entry(identity);
                }
                // What the holder has typed for an answer that did not arrive serves nobody.
                connection.is_verified |= is_asked && matches!(error, CardError::Link(_));
                let error = self.failed(error);
                return Err(if self.readers.end().has_come() {
                    Error::NotInitialized
                } else if self.entry_is_over.load(Ordering::Relaxed) {
                    Error::Canceled
                } else {
                    error
                });
            }
        }
        if is_proved {
            connection.card.accepted_pin();
        }
        connection.card.accepted_entry();
        connection.just_verified = true;
        connection.is_verified = true;
        let mut known = self.known();
        known.tries = Tries::Unknown;
        known.tries_before = None;
        known.refused.forget();
        known.pin.forget();
        Ok(())
    }

    fn tell_where_to_type(&self) {
        log::note(|| "the card asks its holder for the PIN".into());
        terminal::show(&match self.holder() {
            Some(holder) => format!("Tapcard: type the PIN at the phone of {holder}"),
            None => "Tapcard: type the PIN at the phone".into(),
        });
    }
}
