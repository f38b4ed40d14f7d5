//! VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-5 part 2, 3.2.1 to 3.2.3).
//!
//! A retry counter is on disk before a value is compared: pulling the card away at the right moment wins no try.

use card_edge::Status;
use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK, Pin, Puk};
use subtle::ConstantTimeEq;

use super::command::Change;
use super::{Outcome, PivApplication, Refused, status_of, status_of_state};
use crate::state::CardState;
use crate::state::reference_data::ReferenceData;

/// Which retry counter a value is compared under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counter {
    Pin,
    Puk,
}

impl Counter {
    fn of(self, state: &mut CardState) -> &mut ReferenceData {
        match self {
            Self::Pin => &mut state.pin,
            Self::Puk => &mut state.puk,
        }
    }
}

impl PivApplication {
    /// VERIFY with a PIN: 9000, 63Cx with the tries left, or 6983.
    pub(super) fn verify(&mut self, pin: &Pin) -> Outcome {
        self.compare(Counter::Pin, pin.as_bytes())?;
        self.change(|state| {
            state.pin.restore();
            Ok(())
        })?;
        self.security.pin_verified();
        Ok(Status::Success.into())
    }

    /// VERIFY without data: 9000 where the PIN has been verified, else 63Cx or 6983; costs no try.
    pub(super) fn verification_status(&self) -> Outcome {
        if self.security.is_pin_verified() {
            return Ok(Status::Success.into());
        }
        match self.tries_left(&self.store.state().pin) {
            0 => Err(Status::AuthenticationMethodBlocked),
            tries => Err(Status::TriesLeft(tries)),
        }
    }

    /// VERIFY with P1 = FF.
    pub(super) fn reset_verification(&mut self) -> Outcome {
        self.security.pin_unverified();
        Ok(Status::Success.into())
    }

    /// CHANGE REFERENCE DATA and RESET RETRY COUNTER. A changed value has all its tries again; the PIN counts
    /// as proven where it was changed by itself, and keeps its status where the PUK changed it.
    pub(super) fn change_reference_data(&mut self, change: &Change) -> Outcome {
        match change {
            Change::Pin { old, new } => {
                self.compare(Counter::Pin, old.as_bytes())?;
                self.replace_pin(new, |_| {})?;
                self.security.pin_proven();
            }
            Change::Puk { old, new } => {
                self.compare(Counter::Puk, old.as_bytes())?;
                let is_default = is_default(new.as_bytes(), DEFAULT_PUK);
                self.change(|state| {
                    let limit = state.puk.limit;
                    state.puk = ReferenceData::new(new.as_bytes(), limit, is_default)?;
                    Ok(())
                })?;
            }
            Change::PinByPuk { puk, new } => {
                self.compare(Counter::Puk, puk.as_bytes())?;
                self.replace_pin(new, |state| state.puk.restore())?;
            }
        }
        Ok(Status::Success.into())
    }

    fn replace_pin(&mut self, new: &Pin, also: impl FnOnce(&mut CardState)) -> Result<(), Status> {
        let is_default = is_default(new.as_bytes(), DEFAULT_PIN);
        self.change(|state| {
            let limit = state.pin.limit;
            state.pin = ReferenceData::new(new.as_bytes(), limit, is_default)?;
            also(state);
            Ok(())
        })
    }

    /// Takes one try, has that on disk, and compares.
    fn compare(&mut self, counter: Counter, value: &[u8; 8]) -> Result<(), Status> {
        let floor = self.interface.intermediate_retry_value();
        let data = self
            .store
            .update(|state| {
                let data = counter.of(state);
                if data.remaining <= floor {
                    return Err(Refused::With(Status::AuthenticationMethodBlocked));
                }
                data.remaining -= 1;
                Ok(data.clone())
            })
            .map_err(status_of)?;
        match data.matches(value) {
            Ok(true) => Ok(()),
            Ok(false) => {
                if counter == Counter::Pin {
                    self.security.pin_unverified();
                }
                Err(Status::TriesLeft(self.tries_left(&data)))
            }
            Err(error) => Err(status_of_state(error.into())),
        }
    }

    /// The tries that are left over this interface.
    fn tries_left(&self, data: &ReferenceData) -> u8 {
        let floor = self.interface.intermediate_retry_value();
        data.remaining.saturating_sub(floor)
    }

    /// Changes the state, or nothing.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut CardState) -> Result<(), Refused>,
    ) -> Result<(), Status> {
        self.store.update(change).map_err(status_of)
    }
}

fn is_default(value: &[u8; 8], default: &str) -> bool {
    Puk::new(default.as_bytes()).is_ok_and(|default| default.as_bytes().ct_eq(value).into())
}
