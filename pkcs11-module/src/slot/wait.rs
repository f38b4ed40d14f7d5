//! The wait for a phone that is away: in all readers, bounded, and ended by whoever needs it no more.

use std::sync::TryLockError;
use std::time::{Duration, Instant};

use super::{Slot, Slots, card_in};
use crate::error::{Error, Result};
use crate::log;
use crate::pcsc::ReaderStatus;
use crate::terminal;
use crate::token::Token;
use crate::token::connection::PinFate;

/// The longest time between two looks at the readers and at who still waits: a tap is short.
const LOOK: Duration = Duration::from_millis(50);

/// The time between two tries with a phone that is there and fails.
const PAUSE: Duration = Duration::from_millis(250);

/// A wait for a phone that is away.
pub struct Wait<'a> {
    slots: &'a Slots,
    token: &'a Token,
    /// Since when a phone that is away is waited for, and until when; `None` while it was not away.
    until: Option<Instant>,
    /// Why a card that said to be the phone was not taken for it.
    impostor: Option<Error>,
}

impl Slots {
    /// A wait for this token's card, should it be a phone that is away.
    #[must_use]
    pub fn wait_for<'a>(&'a self, token: &'a Token) -> Wait<'a> {
        Wait {
            slots: self,
            token,
            until: None,
            impostor: None,
        }
    }

    /// Whether this is a phone that is away and may be waited for.
    #[must_use]
    pub fn awaits(&self, token: &Token) -> bool {
        self.tap.is_allowed()
            && !token.is_present()
            && self
                .shown()
                .is_some_and(|shown| shown.phone.identity == token.identity)
    }

    /// Looks at the cards that are there, those that have failed last of all, until the token's is among them.
    fn look_for(&self, token: &Token, present: &[ReaderStatus]) -> bool {
        let mut slots = self.all();
        slots.retain(|slot| card_in(slot, present).is_some());
        slots.sort_by_key(|slot| slot.failures());
        slots.iter().any(|slot| {
            let mut contents = match slot.contents.try_lock() {
                Ok(contents) => contents,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                // Another thread is looking at it.
                Err(TryLockError::WouldBlock) => return token.is_present(),
            };
            // Whether the card takes another one's place is for the next look at the slot to say.
            self.look(slot, &mut contents, &self.readers.snapshot());
            drop(contents);
            token.is_present()
        })
    }

    /// The card that came in the phone's name has not proved its key: it is away still.
    fn was_impostor(&self, token: &Token) {
        log::note(|| "the card in the reader is not the phone: it is left alone".into());
        self.tap
            .met_impostor(token.location(), &self.readers.snapshot());
        if let Some(shown) = self.shown() {
            token.is_away(self.card_away(&shown));
        }
    }
}

impl Slot {
    fn failures(&self) -> u8 {
        let contents = self.contents.try_lock();
        contents.map_or(0, |contents| {
            contents.probe.as_ref().map_or(0, |probe| probe.failures)
        })
    }
}

impl Wait<'_> {
    /// Waits until the phone is there, as far as its number tells, where it is away and may be waited for; `goes_on` fails
    /// where nobody needs it any more.
    ///
    /// # Errors
    /// As `goes_on`, [`Error::DeviceRemoved`] where it does not come in time, [`Error::Device`] where another card came in its
    /// name, [`Error::NotInitialized`] where the module ends meanwhile.
    pub fn until_here(&mut self, goes_on: impl Fn() -> Result<()>) -> Result<()> {
        let (slots, token) = (self.slots, self.token);
        if self.until.is_none() && !slots.awaits(token) {
            return Ok(());
        }
        let _awaited = Awaited::new(token);
        loop {
            if slots.readers.end().has_come() {
                return Err(Error::NotInitialized);
            }
            goes_on()?;
            let present = slots.refresh();
            if token.is_among(&present) || slots.look_for(token, &present) {
                return Ok(());
            }
            let left = self.time_left();
            if left.is_zero() {
                log::note(|| "the phone did not come in time".into());
                return Err(self.impostor.take().unwrap_or(Error::DeviceRemoved));
            }
            if present.is_empty() {
                slots.readers.end().wait(left.min(LOOK));
            } else {
                slots.readers.wait(&present, left.min(LOOK));
            }
        }
    }

    /// The time that is left; the first question begins the wait, and tells the user.
    fn time_left(&mut self) -> Duration {
        let now = Instant::now();
        let patience = self.slots.tap.patience();
        let until = self.until.get_or_insert_with(|| {
            log::note(|| format!("waiting for the phone, {} s", patience.as_secs_f32().ceil()));
            terminal::show(&match self.token.holder() {
                Some(holder) => format!("Tapcard: hold the phone of {holder} to the reader"),
                None => "Tapcard: hold the phone to the reader".into(),
            });
            now + patience
        });
        until.saturating_duration_since(now)
    }

    /// Whether it has begun: the phone was away.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.until.is_some()
    }

    /// Whether what failed with this error is done again, once the phone is there (again).
    #[must_use]
    pub fn goes_on_after(&mut self, error: &Error, pin: PinFate) -> bool {
        let (slots, token) = (self.slots, self.token);
        if !slots.tap.must_prove(token.identity) {
            return false;
        }
        match pin {
            PinFate::NotProved => {
                slots.was_impostor(token);
                terminal::show("Tapcard: the card in the reader is not the phone");
                self.impostor = Some(error.clone());
                self.is_due()
            }
            PinFate::NotSent if is_of_card(error) && self.is_due() => {
                log::note(|| format!("{error} before the PIN was sent; waiting on"));
                slots.readers.end().wait(PAUSE);
                true
            }
            PinFate::NotSent | PinFate::Sent => false,
        }
    }

    /// Whether the phone is waited for already, or is to be from now on.
    fn is_due(&self) -> bool {
        match self.until {
            Some(until) => Instant::now() < until,
            None => self.slots.awaits(self.token),
        }
    }
}

/// Whether this failure tells of the card and its link alone: a phone that comes again may end it.
fn is_of_card(error: &Error) -> bool {
    matches!(
        error,
        Error::DeviceRemoved | Error::Device(_) | Error::SessionHandle
    )
}

/// Says that a token's card is waited for, as long as it lives.
struct Awaited<'a>(&'a Token);

impl<'a> Awaited<'a> {
    fn new(token: &'a Token) -> Self {
        token.waits(1);
        Self(token)
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.waits(-1);
    }
}
