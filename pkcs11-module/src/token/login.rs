//! Logging in and out, the sessions that a login lasts for, and what is remembered of PINs.

use card_edge::piv::client::PinStatus;
use card_edge::piv::{Pin, PinReference};
use card_host::Source;
use cryptoki_sys::CK_SESSION_HANDLE;

use super::access::Access;
use super::connection::{Connection, PinFailure, PinFate};
use super::known::Tries;
use super::{PinUse, Token};
use crate::card::PinEntry;
use crate::card::client::{Client, ClientError, refuses_pin};
use crate::card::error::CardError;
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::log;
use crate::logins::Login;
use crate::pcsc::LinkError;
use crate::remembered::Phone;

/// What became of a PIN that was under way when the connection broke.
pub(super) enum Torn {
    /// It was right.
    Right,
    /// It was wrong; this many tries are left.
    Wrong(u8),
    /// It was wrong, and the last one.
    Blocked,
    /// No try was counted: it did not arrive, or was right.
    Never,
}

/// What is known of the card's counter before a PIN goes out.
#[derive(Clone, Copy)]
pub(super) enum Before {
    /// This many tries are left.
    Tries(u8),
    /// All that there are: the user is logged in. A card does not tell then how many.
    Limit,
    /// Nothing.
    Unknown,
}

impl Token {
    /// Whether the user may log in over this session.
    ///
    /// # Errors
    /// [`Error::SessionHandle`] where the session has been closed, [`Error::UserAlreadyLoggedIn`],
    /// [`Error::UserAnotherLoggedIn`].
    pub fn may_log_in(&self, session: CK_SESSION_HANDLE) -> Result<()> {
        let known = self.known();
        if !known.sessions.contains_key(&session) {
            return Err(Error::SessionHandle);
        }
        if known.logged_in {
            return Err(Error::UserAlreadyLoggedIn);
        }
        if known.administrator.is_some() {
            return Err(Error::UserAnotherLoggedIn);
        }
        Ok(())
    }

    /// Logs the user in, for all sessions with the card.
    ///
    /// # Errors
    /// As [`Self::may_log_in`], [`Error::PinIncorrect`], [`Error::PinLocked`] or any failure of the card.
    pub fn login(
        &self,
        session: CK_SESSION_HANDLE,
        pin: &Pin,
    ) -> core::result::Result<(), PinFailure> {
        self.with_pin(|connection| {
            // Asked while nobody else can log in: a second PIN must not cost a try.
            self.may_log_in(session)?;
            self.log_in_over(connection, |connection| self.verify_over(connection, pin))
        })
    }

    /// Does what a PIN is for, and tells of a failure whether it went out.
    pub(super) fn with_pin(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> core::result::Result<(), PinFailure> {
        let mut connection = self.connection();
        connection.pin_fate = PinFate::NotSent;
        work(&mut connection).map_err(|error| PinFailure {
            error,
            pin: connection.pin_fate,
            location: self.location(),
        })
    }

    /// Logs in by what `verify` does.
    pub(super) fn log_in_over(
        &self,
        connection: &mut Connection,
        verify: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<()> {
        // What the caller will look for next is read before the PIN goes out, so that VERIFY is the last
        // command before a signature.
        if connection.card.announced().is_some() {
            // Where it was reset, the selection that is due tells whether they are others now.
            self.sequence(connection, PinUse::Stays, Repeat::Allowed, |_, _| Ok(()))?;
        }
        self.read_objects(connection)?;
        // Whoever logs out from now on leaves the card as it is.
        let (reader, card) = (connection.card.reader(), self.identity);
        connection.login = self.logins.enter(reader, card);
        let found_others = connection.login.as_ref().is_some_and(Login::found_others);
        verify(connection).inspect_err(|_| {
            // Who has logged out meanwhile has left that to this one.
            connection.is_verified |= found_others;
        })?;
        let (digest, reader, pin_entry) = {
            let mut known = self.known();
            known.logged_in = true;
            known.entry_when_away = known.pin_entry;
            let reader = known.location.reader.clone();
            let pin_entry = match known.pin_entry {
                Some(PinEntry::Card(time)) => Some(time),
                Some(PinEntry::Reader) | None => None,
            };
            (known.digest, reader, pin_entry)
        };
        if let Some(objects) = digest {
            // Its issuer may have given it another one.
            let identity = connection.card.identity();
            let phone = Phone {
                identity,
                objects,
                pin_entry,
            };
            self.tap.was_used(phone, reader);
            // It may be shown while it is away from now on.
            connection.card.proves_itself(self.tap.must_prove(identity));
        }
        Ok(())
    }

    /// Verifies the PIN for one use of a key that wants it each time.
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`], [`Error::PinIncorrect`], [`Error::PinLocked`] or any failure of the card.
    pub fn verify(&self, pin: &Pin) -> core::result::Result<(), PinFailure> {
        self.with_pin(|connection| {
            if !self.is_logged_in() {
                return Err(Error::UserNotLoggedIn);
            }
            self.verify_over(connection, pin)?;
            // What the selection before it may have cost is there again.
            self.known().logged_in = true;
            Ok(())
        })
    }

    /// Changes the PIN. A card takes that for a login, which nobody has asked for.
    ///
    /// # Errors
    /// [`Error::PinIncorrect`], [`Error::PinLocked`] or any failure of the card.
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        let mut connection = self.connection();
        self.check_number(&mut connection)?;
        if !self.is_logged_in() {
            let (reader, card) = (connection.card.reader(), self.identity);
            connection.login = self.logins.enter(reader, card);
        }
        let changed = self.try_pin(&mut connection, old, new, Repeat::Never, |client| {
            client.change_pin(old, new)
        });
        if !self.is_logged_in() {
            self.logout_over(&mut connection);
        }
        changed
    }

    fn verify_over(&self, connection: &mut Connection, pin: &Pin) -> Result<()> {
        self.try_pin(connection, pin, pin, Repeat::Allowed, |client| {
            client.verify(PinReference::PivPin, pin)
        })?;
        connection.just_verified = true;
        connection.is_verified = true;
        Ok(())
    }

    /// Sends a command that costs a try where `tried` is wrong; `valid` is the PIN where the card accepts it. Where the
    /// connection breaks meanwhile, the card's counter tells what became of it; the command may be sent once more where it is
    /// allowed to.
    fn try_pin(
        &self,
        connection: &mut Connection,
        tried: &Pin,
        valid: &Pin,
        repeat: Repeat,
        command: impl FnMut(&mut Client<'_>) -> core::result::Result<(), ClientError>,
    ) -> Result<()> {
        let identity = connection.card.identity();
        connection.card.proves_itself(self.tap.must_prove(identity));
        if self.is_refused(connection, tried)? {
            log::note(|| "the card has refused this PIN before: not sent again".into());
            return Err(match self.tries() {
                Tries::Blocked => Error::PinLocked,
                Tries::Unknown | Tries::Left(_) => Error::PinIncorrect,
            });
        }
        let mut refused = false;
        let result = self.send_pin(connection, repeat, &mut refused, command);
        connection.card.must_prove(false);
        let mut known = self.known();
        match &result {
            Ok(()) => {
                connection.card.accepted_pin();
                known.tries = Tries::Unknown;
                known.tries_before = None;
                known.refused.forget();
                known.pin.hold(valid);
            }
            Err(_) if refused => {
                // Another program can unblock it at any time: the counter tells.
                known.tries_before = (known.tries == Tries::Blocked).then_some(Tries::Blocked);
                known.refused.remember(tried);
            }
            Err(_) => {}
        }
        result
    }

    /// Sends the command of [`Self::try_pin`]. `refused` tells whether the card has refused the PIN.
    fn send_pin(
        &self,
        connection: &mut Connection,
        repeat: Repeat,
        refused: &mut bool,
        mut command: impl FnMut(&mut Client<'_>) -> core::result::Result<(), ClientError>,
    ) -> Result<()> {
        let mut may_repeat = repeat == Repeat::Allowed;
        let mut may_begin_again = true;
        loop {
            let before = self.tries_before(connection)?;
            let mut sent = false;
            let result =
                self.card_sequence(connection, PinUse::Stays, Repeat::Never, |client, here| {
                    here.pins.send(client, Source::Typed, |client| {
                        sent = true;
                        let answer = command(client);
                        *refused = answer.as_ref().is_err_and(refuses_pin);
                        answer
                    })?;
                    Ok(())
                });
            if sent {
                connection.pin_fate = PinFate::Sent;
            }
            match result {
                // The connection broke while the channel was opened.
                Err(error @ (CardError::Gone | CardError::Link(LinkError::Reset)))
                    if !sent && may_begin_again =>
                {
                    log::note(|| format!("{error} before the PIN was sent; once more"));
                    may_begin_again = false;
                    connection.card.must_prove(true);
                }
                // An answer that does not belong to the channel tells nothing either.
                Err(
                    error @ (CardError::Gone
                    | CardError::Link(_)
                    | CardError::Command(ClientError::Channel(_))),
                ) if sent => {
                    let is_of_channel = matches!(error, CardError::Command(_));
                    let torn = self.failed(error);
                    connection.card.must_prove(true);
                    match self.after_torn(connection, before) {
                        Some(Torn::Never) if may_repeat => may_repeat = false,
                        // After an answer of nobody knows whom, another login may be what the card tells of.
                        Some(Torn::Right) if is_of_channel => break Err(torn),
                        Some(Torn::Right) => break Ok(()),
                        Some(Torn::Wrong(tries)) => {
                            *refused = true;
                            break Err(self.failed(ClientError::Wrong(tries).into()));
                        }
                        Some(Torn::Blocked) => {
                            *refused = true;
                            break Err(self.failed(ClientError::Blocked.into()));
                        }
                        Some(Torn::Never) | None => break Err(torn),
                    }
                }
                other => break other.map_err(|error| self.failed(error)),
            }
        }
    }

    /// The tries that are left before a PIN goes out, so that one that gets lost can be told from a wrong one. Our phone tells
    /// them with its selection, for the first PIN; else the card is asked.
    fn tries_before(&self, connection: &mut Connection) -> Result<Before> {
        if self.is_logged_in() {
            return Ok(Before::Limit);
        }
        if let Some(announced) = connection.card.take_announced_tries() {
            return Ok(Before::Tries(announced));
        }
        let status =
            self.sequence(
                connection,
                PinUse::Stays,
                Repeat::Allowed,
                |client, _| match client.pin_status(PinReference::PivPin) {
                    Err(error @ ClientError::Exchange(_)) => Err(error.into()),
                    other => Ok(other.ok()),
                },
            )?;
        Ok(match status {
            Some(PinStatus::TriesLeft(tries)) => Before::Tries(tries),
            Some(PinStatus::Verified | PinStatus::NotVerified | PinStatus::Blocked) | None => {
                Before::Unknown
            }
        })
    }

    /// What became of a PIN when the connection broke, as the card tells once it is back; `None` where it does not.
    pub(super) fn after_torn(&self, connection: &mut Connection, before: Before) -> Option<Torn> {
        let answer = self.sequence(
            connection,
            PinUse::Stays,
            Repeat::Allowed,
            |client, here| {
                here.pins.prove_where_due(client)?;
                let status = client.pin_status(PinReference::PivPin)?;
                Ok(match (status, before) {
                    (_, Before::Tries(tries)) => (status, Some(tries)),
                    // Both numbers from one answer: over the air a card may tell fewer tries than it has.
                    (PinStatus::TriesLeft(_), Before::Limit) => {
                        let metadata = client.metadata(PinReference::PivPin)?;
                        match metadata.and_then(|metadata| metadata.retries) {
                            Some(retries) => {
                                (PinStatus::TriesLeft(retries.left), Some(retries.limit))
                            }
                            None => (status, None),
                        }
                    }
                    (_, Before::Limit | Before::Unknown) => (status, None),
                })
            },
        );
        match answer.ok()? {
            // The card kept its power, and is the one that it was.
            (PinStatus::Verified, Some(_)) if !connection.was_away => Some(Torn::Right),
            (PinStatus::Blocked, _) => Some(Torn::Blocked),
            (PinStatus::TriesLeft(now), Some(before)) if now < before => Some(Torn::Wrong(now)),
            (PinStatus::TriesLeft(_), Some(_)) => Some(Torn::Never),
            (PinStatus::Verified, _)
            | (PinStatus::TriesLeft(_), None)
            | (PinStatus::NotVerified, _) => None,
        }
    }

    /// Whether the card has refused this PIN before. Where it was away since, another program may have changed the
    /// PIN, and then the counter is another one: the card is asked for it, which costs no try.
    fn is_refused(&self, connection: &mut Connection, pin: &Pin) -> Result<bool> {
        if !self.known().refused.contain(pin) {
            return Ok(false);
        }
        // Whether it was away.
        self.sequence(connection, PinUse::Stays, Repeat::Allowed, |_, _| Ok(()))?;
        let before = {
            let mut known = self.known();
            match known.tries_before.take() {
                Some(before) => before,
                None => return Ok(true),
            }
        };
        let status = self.sequence(
            connection,
            PinUse::Stays,
            Repeat::Allowed,
            |client, here| {
                here.pins.prove_where_due(client)?;
                Ok(client.pin_status(PinReference::PivPin)?)
            },
        );
        let mut known = self.known();
        known.tries = match status {
            Ok(PinStatus::Verified | PinStatus::NotVerified) => Tries::Unknown,
            Ok(PinStatus::TriesLeft(tries)) => Tries::Left(tries),
            Ok(PinStatus::Blocked) => Tries::Blocked,
            Err(error) => {
                known.tries_before = Some(before);
                return Err(error);
            }
        };
        if known.tries != before {
            known.refused.forget();
        } else if before == Tries::Blocked {
            known.tries_before = Some(before);
        }
        Ok(known.tries == before)
    }

    /// Logs the user out, on the card too: what is verified there would serve every other program. While another process of
    /// this module is logged in, it stays so.
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`].
    pub fn logout(&self) -> Result<()> {
        let mut connection = self.connection();
        if self.known().administrator.take().is_some() {
            // On the card nothing is left of it.
            return Ok(());
        }
        if !self.is_logged_in() {
            return Err(Error::UserNotLoggedIn);
        }
        self.logout_over(&mut connection);
        Ok(())
    }

    pub(super) fn logout_over(&self, connection: &mut Connection) {
        self.known().log_out();
        connection.just_verified = false;
        connection.is_verified = false;
        match connection.login.take().map(Login::leave) {
            Some(None) => log::note(|| "another program is logged in: the card stays so".into()),
            Some(Some(last_out)) => {
                connection.card.log_out();
                drop(last_out);
            }
            None => connection.card.log_out(),
        }
    }

    /// A session begins.
    ///
    /// # Errors
    /// [`Error::SessionReadWriteSoExists`] where it may only read, and the security officer is logged in.
    pub fn session_opened(&self, session: CK_SESSION_HANDLE, access: Access) -> Result<()> {
        let mut known = self.known();
        if access == Access::ReadOnly && known.administrator.is_some() {
            return Err(Error::SessionReadWriteSoExists);
        }
        known.sessions.insert(session, access);
        Ok(())
    }

    /// A session ends: its objects are removed, and the last one takes the login with it.
    pub fn session_closed(&self, session: CK_SESSION_HANDLE) {
        {
            let mut known = self.known();
            known.sessions.remove(&session);
            self.stop_entry_of(&known, session);
            known
                .session_objects
                .retain(|_, entry| entry.owner != session);
            if !known.sessions.is_empty() {
                return;
            }
            known.administrator = None;
        }
        let Some(mut connection) = self.connection_before_end() else {
            return;
        };
        // Asked while nobody can log in: another session may have been opened in the meantime.
        let ends_login = {
            let known = self.known();
            known.logged_in && known.sessions.is_empty()
        };
        if ends_login {
            self.logout_over(&mut connection);
        }
    }
}
