//! Logging in and out, and what is remembered of PINs.

use card_edge::piv::client::PinStatus;
use card_edge::piv::{Pin, PinReference};

use super::Token;
use super::connection::Connection;
use super::known::Tries;
use crate::card::client::{Client, ClientError};
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::log;

impl Token {
    /// Logs the user in.
    ///
    /// # Errors
    /// [`Error::UserAlreadyLoggedIn`], [`Error::PinIncorrect`], [`Error::PinLocked`] or any failure of the card.
    pub fn login(&self, pin: &Pin) -> Result<()> {
        if self.is_logged_in() {
            return Err(Error::UserAlreadyLoggedIn);
        }
        // What the caller will look for next is read before the PIN goes out, so that VERIFY is the last
        // command before a signature.
        self.objects()?;
        self.verify(pin)?;
        self.known().logged_in = true;
        Ok(())
    }

    /// Verifies the PIN, for a login or for one use of a key that wants it each time.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub fn verify(&self, pin: &Pin) -> Result<()> {
        let mut connection = self.connection();
        self.try_pin(&mut connection, pin, pin, |client| {
            client.verify(PinReference::PivPin, pin)
        })?;
        connection.just_verified = true;
        Ok(())
    }

    /// Changes the PIN.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        let mut connection = self.connection();
        self.try_pin(&mut connection, old, new, |client| {
            client.change_pin(old, new)
        })
    }

    /// Sends a command that costs a try where `tried` is wrong; `valid` is the PIN where the card accepts it.
    fn try_pin(
        &self,
        connection: &mut Connection,
        tried: &Pin,
        valid: &Pin,
        command: impl FnMut(&mut Client<'_>) -> core::result::Result<(), ClientError>,
    ) -> Result<()> {
        if self.is_refused(connection, tried)? {
            log::note(|| "the card has refused this PIN before: not sent again".into());
            return Err(Error::PinIncorrect);
        }
        let result = self.sequence(connection, None, Repeat::Never, command);
        let mut known = self.known();
        match &result {
            Ok(()) => {
                known.tries = Tries::Unknown;
                known.tries_before = None;
                known.refused.forget();
                known.pin.hold(valid, self.threads);
            }
            Err(Error::PinIncorrect) => {
                known.tries_before = None;
                known.refused.remember(tried);
            }
            Err(_) => {}
        }
        result
    }

    /// Whether the card has refused this PIN before. Where it was away since, another program may have changed the
    /// PIN, and then the counter is another one: the card is asked for it, which costs no try.
    fn is_refused(&self, connection: &mut Connection, pin: &Pin) -> Result<bool> {
        let before = {
            let mut known = self.known();
            if !known.refused.contain(pin) {
                return Ok(false);
            }
            match known.tries_before.take() {
                Some(before) => before,
                None => return Ok(true),
            }
        };
        let status = self.sequence(connection, None, Repeat::Allowed, |client| {
            client.pin_status(PinReference::PivPin)
        });
        let mut known = self.known();
        known.tries = match status {
            Ok(PinStatus::Verified) => Tries::Unknown,
            Ok(PinStatus::TriesLeft(tries)) => Tries::Left(tries),
            Ok(PinStatus::Blocked) => Tries::Blocked,
            Err(error) => {
                known.tries_before = Some(before);
                return Err(error);
            }
        };
        if known.tries != before {
            known.refused.forget();
        }
        Ok(known.tries == before)
    }

    /// Logs the user out, on the card too: what is verified there would serve every other program. Those that
    /// use the card now keep what they have.
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`].
    pub fn logout(&self) -> Result<()> {
        if !self.is_logged_in() {
            return Err(Error::UserNotLoggedIn);
        }
        let mut connection = self.connection();
        self.known().log_out();
        connection.just_verified = false;
        connection.card.log_out();
        Ok(())
    }
}
