//! Logging in and out, and what is remembered of PINs.

use card_edge::piv::client::PinStatus;
use card_edge::piv::{Pin, PinReference};

use super::{Line, Token, Tries, lock};
use crate::card::Repeat;
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
        lock(&self.login).logged_in = true;
        Ok(())
    }

    /// Verifies the PIN, for a login or for one use of a key that wants it each time.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub fn verify(&self, pin: &Pin) -> Result<()> {
        let mut line = lock(&self.line);
        if self.is_refused(&mut line, pin)? {
            log::note(|| "the card has refused this PIN before: not sent again".into());
            return Err(Error::PinIncorrect);
        }
        let verified = self.sequence_on(&mut line, None, Repeat::Never, &mut |client| {
            client.verify(PinReference::PivPin, pin)
        });
        match verified {
            Ok(()) => {
                line.just_verified = true;
                self.accepted(pin);
                Ok(())
            }
            Err(error) => {
                if error == Error::PinIncorrect {
                    self.refused(pin);
                }
                Err(error)
            }
        }
    }

    /// Whether the card has refused this PIN before. Where it was away since, another program may have changed the
    /// PIN, and then the counter is another one: that is asked without costing a try.
    fn is_refused(&self, line: &mut Line, pin: &Pin) -> Result<bool> {
        let before = {
            let mut login = lock(&self.login);
            if !login.refused.contain(pin) {
                return Ok(false);
            }
            login.tries_before.take()
        };
        let Some(before) = before else {
            return Ok(true);
        };
        let status = self.sequence_on(line, None, Repeat::Allowed, &mut |client| {
            client.pin_status(PinReference::PivPin)
        });
        let mut login = lock(&self.login);
        login.tries = match status {
            Ok(PinStatus::Verified) => Tries::Unknown,
            Ok(PinStatus::TriesLeft(tries)) => Tries::Left(tries),
            Ok(PinStatus::Blocked) => Tries::Blocked,
            Err(error) => {
                login.tries_before = Some(before);
                return Err(error);
            }
        };
        if login.tries != before {
            login.refused.forget();
        }
        Ok(login.tries == before)
    }

    fn refused(&self, pin: &Pin) {
        let mut login = lock(&self.login);
        login.tries_before = None;
        login.refused.remember(pin);
    }

    fn accepted(&self, pin: &Pin) {
        let mut login = lock(&self.login);
        login.tries = Tries::Unknown;
        login.tries_before = None;
        login.refused.forget();
        self.kept_pin.keep(pin, self.threads);
    }

    /// Changes the PIN.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        let mut line = lock(&self.line);
        if self.is_refused(&mut line, old)? {
            return Err(Error::PinIncorrect);
        }
        let changed = self.sequence_on(&mut line, None, Repeat::Never, &mut |client| {
            client.change_pin(old, new)
        });
        match changed {
            Ok(()) => {
                self.accepted(new);
                Ok(())
            }
            Err(error) => {
                if error == Error::PinIncorrect {
                    self.refused(old);
                }
                Err(error)
            }
        }
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
        let mut line = lock(&self.line);
        self.set_logged_out();
        line.just_verified = false;
        line.card.log_out();
        Ok(())
    }
}
