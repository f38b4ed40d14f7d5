//! The PIN typed at the card or at the reader: one of them asks the holder, and this process never has it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use card_edge::Status;
use card_edge::piv::PinReference;
use card_edge::piv::client::PinStatus;
use card_edge::piv::extensions::EntryTime;
use card_edge::piv::pin::PinForm;
use card_host::Source;
use cryptoki_sys::CK_SESSION_HANDLE;

use super::connection::{Connection, PinFailure, PinFate};
use super::known::{Known, Tries};
use super::login::{Before, Torn};
use super::{PinUse, Token};
use crate::announce::Announcement;
use crate::card::client::{Client, ClientError};
use crate::card::error::CardError;
use crate::card::sequence::{Here, Repeat, is_restorable};
use crate::card::{PinEntry, pin_pad};
use crate::error::{Error, Result};
use crate::log;
use crate::note::note;
use crate::pcsc::pin_pad::PinPad;
use crate::pcsc::{LinkError, Reach};

/// What a reader says that does not take the structure of PC/SC part 10.
const NOT_TAKEN: u16 = 0x6B80;

/// What drivers say that know the feature and not how it is asked for.
const NOT_SUPPORTED: [pcsc::Error; 3] = [
    pcsc::Error::UnsupportedFeature,
    pcsc::Error::InvalidParameter,
    pcsc::Error::InsufficientBuffer,
];

/// What some drivers say instead of the reader's own 6400 and 6401.
const NOT_TYPED: [pcsc::Error; 3] = [
    pcsc::Error::Timeout,
    pcsc::Error::Cancelled,
    pcsc::Error::CancelledByUser,
];

impl Token {
    /// Where a PIN of this form can be typed that no program gives; `None` where it cannot. A pad has digits alone.
    #[must_use]
    pub fn pin_entry(&self, form: PinForm) -> Option<PinEntry> {
        let entry = self.known().pin_entry;
        entry.filter(|entry| *entry != PinEntry::Reader || form == PinForm::Standard)
    }

    /// As [`Self::login`], with the PIN that is typed at the card or the reader; `goes_on` fails where nobody needs it any more.
    ///
    /// # Errors
    /// As [`Self::may_log_in`], [`Error::Canceled`] where it was not typed or nobody waits for it any more,
    /// [`Error::PinLocked`], [`Error::PinIncorrect`] and [`Error::PinLength`] at a reader, [`Error::Arguments`] where it cannot be
    /// typed, or any failure of card or reader.
    pub fn login_typed(
        &self,
        session: CK_SESSION_HANDLE,
        goes_on: impl Fn() -> Result<()>,
    ) -> core::result::Result<(), PinFailure> {
        self.with_pin(|connection| {
            self.may_log_in(session)?;
            self.log_in_over(connection, |connection| {
                self.verify_typed_over(connection, session, goes_on)
            })
        })
    }

    /// As [`Self::verify`], with the PIN that is typed at the card or the reader; `goes_on` as of [`Self::login_typed`].
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`], and as [`Self::login_typed`].
    pub fn verify_typed(
        &self,
        session: CK_SESSION_HANDLE,
        goes_on: impl Fn() -> Result<()>,
    ) -> core::result::Result<(), PinFailure> {
        self.with_pin(|connection| {
            if !self.is_logged_in() {
                return Err(Error::UserNotLoggedIn);
            }
            self.verify_typed_over(connection, session, goes_on)?;
            self.known().logged_in = true;
            Ok(())
        })
    }

    /// This session does not wait any more for the PIN to be typed.
    pub fn stop_entry(&self, session: CK_SESSION_HANDLE) {
        self.stop_entry_of(&self.known(), session);
    }

    pub(super) fn stop_entry_of(&self, known: &Known, session: CK_SESSION_HANDLE) {
        if known.entry_for == Some(session) {
            self.entry_is_over.store(true, Ordering::Relaxed);
        }
    }

    fn verify_typed_over(
        &self,
        connection: &mut Connection,
        session: CK_SESSION_HANDLE,
        goes_on: impl Fn() -> Result<()>,
    ) -> Result<()> {
        let is_logged_in = self.is_logged_in();
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
        let (mut told, mut is_proved) = (None, false);
        // What the card had before somebody was asked at the reader.
        let mut before = None;
        let time = self.readers.bounds.pin_pad;
        let result =
            self.card_sequence(connection, PinUse::Stays, Repeat::Never, |client, here| {
                // What offers nothing may be another card that came in the phone's name.
                here.pins.prove_where_due(client)?;
                is_proved = here.pins.must_prove;
                match &here.pins.told.announced {
                    Some(announced) => {
                        let entry = announced.pin_entry.ok_or(CardError::NoEntry)?;
                        told = Some(self.tell_where_to_type(entry));
                        Ok(client.verify_at_card(note().as_ref())?)
                    }
                    None => {
                        let (pin_pad, tries) = ready_pin_pad(client, here)?;
                        before = Some(if is_logged_in { Before::Limit } else { tries });
                        log::note(|| "the reader asks for the PIN".into());
                        told = Some(self.announcer.tell("type the PIN at the reader", time));
                        pin_pad::verify(client, pin_pad, time)
                    }
                }
            });
        self.known().entry_for = None;
        let is_asked = told.take().is_some();
        if is_asked {
            connection.pin_fate = PinFate::Sent;
        }
        let proved = match (result, before) {
            (Ok(()), _) => Ok(()),
            (Err(CardError::Link(LinkError::Failed(reason))), Some(before)) => {
                self.after_lost(connection, before, reason)
            }
            (Err(error), _) => Err(self.not_proved(connection, error, is_asked)),
        };
        proved.map_err(|error| {
            if self.readers.end().has_come() {
                Error::NotInitialized
            } else if self.entry_is_over.load(Ordering::Relaxed) {
                Error::Canceled
            } else {
                error
            }
        })?;
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

    /// What a failure means for whoever waits for the PIN to be typed.
    fn not_proved(&self, connection: &mut Connection, error: CardError, is_asked: bool) -> Error {
        match &error {
            CardError::NoEntry => {
                self.has_no_pin_pad(connection);
                self.known().entry_when_away = None;
                self.tap.has_no_entry(connection.card.identity());
            }
            CardError::PinPad(Status::Other(NOT_TAKEN)) => self.has_no_pin_pad(connection),
            _ => {}
        }
        // What the holder has typed for an answer that did not arrive serves nobody.
        connection.is_verified |= is_asked && tells_nothing(&error);
        self.failed(error)
    }

    /// The reader did not say what became of the PIN: the card's counter tells whether it has come there.
    fn after_lost(
        &self,
        connection: &mut Connection,
        before: Before,
        reason: pcsc::Error,
    ) -> Result<()> {
        log::note(|| format!("the reader failed: {reason}"));
        // Unless the card says that it was right, what was typed serves nobody.
        connection.is_verified = true;
        let error = match self.after_torn(connection, before) {
            Some(Torn::Right) => return Ok(()),
            Some(Torn::Wrong(tries)) => ClientError::Wrong(tries).into(),
            Some(Torn::Blocked) => ClientError::Blocked.into(),
            Some(Torn::Never) if NOT_TYPED.contains(&reason) => CardError::NotTyped,
            Some(Torn::Never) => {
                if NOT_SUPPORTED.contains(&reason) {
                    self.has_no_pin_pad(connection);
                }
                CardError::Link(LinkError::Failed(reason))
            }
            None if !self.is_present() => CardError::Gone,
            None => CardError::Link(LinkError::Failed(reason)),
        };
        Err(self.failed(error))
    }

    /// Nobody is asked there again, and programs ask for the PIN themselves, until the card is put in again.
    fn has_no_pin_pad(&self, connection: &mut Connection) {
        log::note(|| "the reader does not take a PIN at its pad".into());
        connection.card.has_no_pin_pad();
        self.known().pin_entry = connection.card.pin_entry();
    }

    fn tell_where_to_type(&self, entry: EntryTime) -> Announcement {
        log::note(|| "the card asks its holder for the PIN".into());
        let text = match self.holder() {
            Some(holder) => format!("type the PIN at the phone of {holder}"),
            None => "type the PIN at the phone".into(),
        };
        self.announcer.tell(&text, entry.duration())
    }
}

/// Whether neither card nor reader has said what became of the PIN.
fn tells_nothing(error: &CardError) -> bool {
    matches!(
        error,
        CardError::Link(_) | CardError::Command(ClientError::Exchange(_))
    )
}

/// The reader's PIN pad, where the PIN may be typed there, and the tries that the card has: what the PIN is for is found out
/// first, as nobody types it twice.
fn ready_pin_pad(
    client: &mut Client<'_>,
    here: &Here,
) -> core::result::Result<(PinPad, Before), CardError> {
    // In clear, where others cannot listen.
    let pin_pad = if here.pins.is_contactless {
        None
    } else {
        client.card().pin_pad()?
    };
    let pin_pad = pin_pad.ok_or(CardError::NoEntry)?;
    // A card that must prove itself before it is told a PIN does so.
    here.pins.send(client, Source::Typed, |_| Ok(()))?;
    match client.pin_status(PinReference::PivPin) {
        Ok(PinStatus::Blocked | PinStatus::TriesLeft(0)) => Err(ClientError::Blocked.into()),
        Err(error @ ClientError::Exchange(_)) => Err(error.into()),
        // Another program may have selected another application, whose PIN it would be.
        Err(error) if !here.is_selected_anew && is_restorable(&error, None) => Err(error.into()),
        Ok(PinStatus::TriesLeft(tries)) => Ok((pin_pad, Before::Tries(tries))),
        Ok(PinStatus::Verified | PinStatus::NotVerified) | Err(_) => Ok((pin_pad, Before::Unknown)),
    }
}
