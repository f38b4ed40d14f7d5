//! Sequences of commands that are restored after a disturbance.

use std::time::Instant;

use card_edge::Status;
use card_edge::piv::Pin;
use card_edge::piv::extensions::Digest;
use card_host::PinRoute;

use super::client::{Client, ClientError};
use super::error::CardError;
use super::selection::{select_the_same, verify_again};
use super::{Card, presence};
use crate::log;
use crate::pcsc::LinkError;

/// Whether a sequence may be sent again when the connection broke in the middle of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing on the card.
    Allowed,
    /// It counts something, such as a try of the PIN.
    Never,
    /// As [`Self::Never`], and it is not begun where the card was away before: it proves a secret to a card that was
    /// there all the time alone.
    NeverElsewhere,
}

/// The card that a sequence speaks to.
pub struct Here {
    /// The digest of its public objects that it announced when it was last selected, if it did.
    pub objects: Option<Digest>,
    /// How a PIN goes to it.
    pub pins: PinRoute,
    /// The application was selected just now.
    pub is_selected_anew: bool,
}

/// The PIN that is held for the grace time.
#[derive(Clone, Copy)]
pub struct HeldPin<'a> {
    /// The PIN, as this card has accepted it.
    pub pin: &'a Pin,
    /// Whether the commands may need it. Else it is sent alone to a card that was away, so that the login outlasts that.
    pub is_needed: bool,
}

impl Card {
    /// Sends a sequence of commands in one transaction. Where the application is not selected any more, or
    /// `pin` can restore what is missing, the application is selected, the card's identity checked (which the digest that it
    /// announces covers), `pin` verified, and `work` done once more; where the card is away it is waited for, the time of grace
    /// at most. In another insertion `pin` is sent where the card proves to be the same alone.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn sequence<R>(
        &mut self,
        pin: Option<HeldPin<'_>>,
        repeat: Repeat,
        mut work: impl FnMut(&mut Client<'_>, &Here) -> Result<R, CardError>,
    ) -> Result<R, CardError> {
        let patience = Instant::now() + self.readers.bounds.grace;
        let mut pin = pin;
        let mut broken = 0;
        loop {
            let mut begun = false;
            let error = match self.attempt(pin, repeat, &mut begun, &mut work) {
                Err(CardError::Link(error)) => error,
                other => return other,
            };
            self.recover(error);
            pin = pin.filter(|_| !self.changes.held_pin_spent);
            if begun {
                broken += 1;
            }
            let is_over = begun && (repeat != Repeat::Allowed || broken > 1);
            if is_over || error == LinkError::Silent || Instant::now() >= patience {
                return Err(match error {
                    LinkError::Gone => CardError::Gone,
                    other => CardError::Link(other),
                });
            }
            log::note(|| format!("{error}; connecting again"));
            if self.link.is_none() {
                presence::wait(&self.readers, &self.reader);
            }
        }
    }

    /// Does the work in one transaction. `begun` tells whether it may have been begun before a failure.
    fn attempt<R>(
        &mut self,
        pin: Option<HeldPin<'_>>,
        repeat: Repeat,
        begun: &mut bool,
        work: &mut impl FnMut(&mut Client<'_>, &Here) -> Result<R, CardError>,
    ) -> Result<R, CardError> {
        self.changes.verified_again = false;
        self.connect(None)?;
        if self.changes.was_away && repeat == Repeat::NeverElsewhere {
            return Err(CardError::Gone);
        }
        let (identity, selected, known) = (self.identity, self.selected, self.announced());
        let mut here = Here {
            objects: known,
            pins: self.pin_route(),
            is_selected_anew: false,
        };
        let entry = self.entry.clone();
        let mut client = self.begin(None)?;
        if selected {
            *begun = true;
            match work(&mut client, &here) {
                Err(CardError::Command(error)) if is_restorable(&error, pin) => {
                    log::note(|| format!("{error}; selecting again"));
                }
                other => return other,
            }
        }
        let mut found = None;
        let mut verified_again = false;
        let (mut held_pin_refused, mut held_pin_spent) = (false, false);
        let restored = select_the_same(&mut client, identity, known).and_then(|told| {
            here.objects = told.objects();
            here.pins.told = told.clone();
            here.is_selected_anew = true;
            entry.is_for(told.announced.as_ref().and_then(|told| told.pin_entry));
            // What is new on a card that others may come in the name of counts once it has proved its key.
            if told.objects() != known {
                here.pins.prove_where_due(&mut client)?;
            }
            found = Some(told);
            let held = pin.filter(|held| {
                (held.is_needed || here.pins.was_away || !here.pins.has_accepted)
                    && identity.is_unique()
                    && here.pins.takes_held_pin()
            });
            let Some(held) = held else {
                return Ok(());
            };
            match verify_again(&mut client, held.pin, &here.pins) {
                Ok(()) => verified_again = true,
                // What does not need the PIN goes on without the login.
                Err(error) if !held.is_needed && !matches!(error, CardError::Link(_)) => {
                    log::note(|| format!("the login is lost: {error}"));
                    held_pin_refused = matches!(error, CardError::CachedPin(_));
                    held_pin_spent = held_pin_refused || matches!(error, CardError::PinLost);
                }
                Err(error) => return Err(error),
            }
            Ok(())
        });
        let is_found = restored.is_ok();
        let result = match restored {
            Ok(()) => {
                *begun = true;
                work(&mut client, &here)
            }
            Err(error) => Err(error),
        };
        drop(client);
        self.changes.verification_lost = !verified_again;
        self.changes.verified_again = verified_again;
        self.changes.held_pin_refused |= held_pin_refused;
        self.changes.held_pin_spent |= held_pin_spent;
        if verified_again {
            self.accepted_pin();
        }
        if let Some(told) = found {
            self.changes.objects_changed |= told.objects() != known;
            self.told = told;
        }
        if is_found {
            self.changes.insertion.clone_from(&self.insertion);
        }
        if let Err(CardError::OtherCard) = &result {
            self.selected = false;
            self.link = None;
        } else {
            self.selected |= *begun;
        }
        result
    }

    /// After a failure of the connection: what was selected is lost, and only a reset leaves a connection.
    fn recover(&mut self, error: LinkError) {
        self.selected = false;
        self.changes.was_reset |= error == LinkError::Reset;
        let reconnected = error == LinkError::Reset
            && self
                .link
                .as_mut()
                .is_some_and(|link| link.reconnect().is_ok());
        if reconnected {
            self.look_for_insertion();
        } else {
            self.link = None;
        }
        if error == LinkError::Gone {
            // A daemon that was started again counts from the start.
            self.insertion = None;
        }
    }
}

/// Whether another selection of the application, with the PIN, may change this answer: another program may
/// have selected another application, or logged out.
#[must_use]
pub fn is_restorable(error: &ClientError, pin: Option<HeldPin<'_>>) -> bool {
    match error {
        ClientError::NotAuthorised(_) => pin.is_some_and(|held| held.is_needed),
        ClientError::Refused(_, status) => matches!(
            status,
            Status::InstructionNotSupported
                | Status::ClassNotSupported
                | Status::FunctionNotSupported
                | Status::NotFound
                | Status::IncorrectParameters
                | Status::ReferenceNotFound
        ),
        ClientError::Exchange(_)
        | ClientError::NoPivApplication(_)
        | ClientError::Wrong(_)
        | ClientError::WrongUncounted
        | ClientError::Blocked
        | ClientError::NotTyped
        | ClientError::Malformed(..)
        | ClientError::Certificate(_)
        | ClientError::Channel(_)
        | ClientError::Unencodable(_) => false,
    }
}
