//! The wait for a phone that is away: in all readers, bounded, and ended by whoever needs it no more.

use std::sync::{Arc, TryLockError};
use std::time::{Duration, Instant};

use super::{Impostor, Slot, Slots, card_in, first_of, lock};
use crate::announce::Announcement;
use crate::error::{Error, Result};
use crate::log;
use crate::pcsc::{Location, ReaderStatus};
use crate::token::Token;
use crate::token::connection::{PinFailure, PinFate};

/// The longest time between two looks at the readers and at who still waits: a tap is short.
const LOOK: Duration = Duration::from_millis(50);
/// How often a card in one insertion may give an answer that proves nothing: one that goes on is taken for another.
const UNPROVED_MAX: u8 = 3;
/// The time between two looks at a card that fails, and between two tries with a phone that does.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the desktop says of a card that it is another one: nothing waits for an answer to that.
const WARNING: Duration = Duration::from_secs(10);

/// A wait for a phone, should it be away.
pub struct Wait<'a> {
    slots: &'a Slots,
    token: &'a Token,
    begun: Option<Begun<'a>>,
    /// A card that said to be the phone and was not taken for it.
    impostor: Option<Impostor>,
    /// Where a card has given answers that prove nothing, and how often.
    unproved: Option<(Location, u8)>,
}

/// A wait that has begun: its phone was away.
struct Begun<'a> {
    _awaited: Awaited<'a>,
    until: Instant,
    /// What the user was told.
    told: Option<Announcement>,
    /// When cards that fail are looked at again.
    again: Instant,
}

impl Slots {
    /// A wait for this token's card, should it be a phone that is away.
    #[must_use]
    pub fn wait_for<'a>(&'a self, token: &'a Token) -> Wait<'a> {
        Wait {
            slots: self,
            token,
            begun: None,
            impostor: None,
            unproved: None,
        }
    }

    /// Whether this is a phone that is away and may be waited for.
    #[must_use]
    pub fn awaits(&self, token: &Token) -> bool {
        if !self.tap.is_allowed() || token.is_present() {
            return false;
        }
        let is_shown = self
            .shown()
            .is_some_and(|shown| shown.phone.identity == token.identity);
        let present = self.readers.snapshot();
        let tokens = lock(&self.tokens);
        // Not one of those that came in its name while it was in another reader.
        let is_first = first_of(&tokens, token.identity)
            .is_some_and(|first| std::ptr::eq(Arc::as_ptr(&first), token));
        is_shown
            && is_first
            && !tokens
                .iter()
                .any(|other| other.identity == token.identity && other.is_among(&present))
    }

    /// Looks at one slot, unless another thread does; why what is in it is not what it said to be.
    fn look_at(&self, slot: &Slot) -> Option<Impostor> {
        let mut contents = match slot.contents.try_lock() {
            Ok(contents) => contents,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        // Whether the card takes another one's place is for the next look at the slot to say.
        self.look(slot, &mut contents, &self.readers.snapshot());
        contents.probe.as_ref()?.impostor.clone()
    }

    /// The card that came there in the phone's name has not proved its key: the phone is away still.
    fn was_impostor(&self, token: &Token, location: &Location, impostor: &Impostor) {
        token.is_not(location);
        let all = self.all();
        let there = all
            .iter()
            .find(|slot| slot.reader().as_ref() == Some(&location.reader));
        let Some(slot) = there else { return };
        if let Some(probe) = &mut lock(&slot.contents).probe
            && probe.insertion == location.insertion
        {
            probe.state = super::SlotState::NotPiv;
            probe.impostor = Some(impostor.clone());
        }
    }
}

impl Slot {
    /// How often the card in it has failed, as far as nobody is looking at it.
    fn failures(&self, present: &[ReaderStatus]) -> u8 {
        let Ok(contents) = self.contents.try_lock() else {
            return 0;
        };
        let probe = contents.probe.as_ref();
        probe
            .filter(|probe| Some(&probe.insertion) == card_in(self, present))
            .map_or(0, |probe| probe.failures)
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
        if self.begun.is_none() {
            if !self.slots.awaits(self.token) {
                return Ok(());
            }
            let now = Instant::now();
            self.begun = Some(Begun {
                _awaited: Awaited::new(self.token),
                until: now + self.slots.tap.patience(),
                told: None,
                again: now,
            });
        }
        loop {
            if self.slots.readers.end().has_come() {
                return Err(Error::NotInitialized);
            }
            goes_on()?;
            let present = self.slots.refresh();
            if self.token.is_among(&present) || self.look(&present, &goes_on)? {
                self.has_come();
                return Ok(());
            }
            let left = self.time_left();
            if left.is_zero() {
                log::note(|| "the phone did not come in time".into());
                let impostor = self.impostor.take();
                return Err(impostor.map_or(Error::DeviceRemoved, |impostor| impostor.error));
            }
            self.tell(left);
            let readers = &self.slots.readers;
            if present.is_empty() {
                readers.end().wait(left.min(LOOK));
            } else {
                readers.wait(&present, left.min(LOOK));
            }
        }
    }

    /// Looks at the cards that are there, those that have failed seldom and last, until the token's is among them.
    fn look(&mut self, present: &[ReaderStatus], goes_on: impl Fn() -> Result<()>) -> Result<bool> {
        let (slots, token) = (self.slots, self.token);
        let now = Instant::now();
        let is_again = self.begun.as_mut().is_some_and(|begun| {
            let is_due = now >= begun.again;
            if is_due {
                begun.again = now + PAUSE;
            }
            is_due
        });
        let mut with_card = slots.all();
        with_card.retain(|slot| card_in(slot, present).is_some());
        with_card.retain(|slot| is_again || slot.failures(present) == 0);
        with_card.sort_by_key(|slot| slot.failures(present));
        for slot in with_card {
            goes_on()?;
            if let Some(impostor) = slots.look_at(&slot) {
                self.met_impostor(impostor);
            }
            if token.is_present() {
                return Ok(true);
            }
            if self.time_left().is_zero() {
                break;
            }
        }
        Ok(false)
    }

    fn met_impostor(&mut self, impostor: Impostor) {
        let claims = impostor.claims.clone();
        if self.impostor.replace(impostor).is_none() {
            let text = format!(
                "the card in the reader claims to be {claims}, and does not prove it (if that has a new key: tapcard meet)"
            );
            self.slots.announcer.tell(&text, WARNING).stays();
        }
    }

    fn time_left(&self) -> Duration {
        let until = self.begun.as_ref().map(|begun| begun.until);
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// Tells the user, once in a wait; on the desktop again where the phone has come and gone meanwhile.
    fn tell(&mut self, left: Duration) {
        let begun = self.begun.as_mut().filter(|begun| begun.told.is_none());
        if let Some(begun) = begun {
            log::note(|| format!("waiting for the phone, {} s", left.as_secs_f32().ceil()));
            let text = match self.token.holder() {
                Some(holder) => format!("hold the phone of {holder} to the reader"),
                None => "hold the phone to the reader".into(),
            };
            begun.told = Some(self.slots.announcer.tell(&text, left));
        }
    }

    /// What the desktop says is true no more.
    fn has_come(&mut self) {
        if let Some(begun) = &mut self.begun {
            begun.told.take_if(|told| told.goes());
        }
    }

    /// Whether it has begun: the phone was away.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// Whether what has failed is done again, once the phone is there (again).
    #[must_use]
    pub fn goes_on_after(&mut self, failure: &PinFailure) -> bool {
        if !self.slots.tap.must_prove(self.token.identity) {
            return false;
        }
        // One that says neither yes nor no must not keep the phone's place while it lies there.
        let has_failed_often =
            failure.pin == PinFate::Unproved && self.is_unproved_again(&failure.location);
        match failure.pin {
            PinFate::NotProved | PinFate::Unproved
                if failure.pin == PinFate::NotProved || has_failed_often =>
            {
                let claims = self.slots.name_of(self.token.identity);
                let impostor = match &failure.error {
                    Error::Device(reason) => Impostor::of(claims, reason),
                    other => Impostor::of(claims, other),
                };
                self.slots
                    .was_impostor(self.token, &failure.location, &impostor);
                self.met_impostor(impostor);
                self.is_due()
            }
            PinFate::NotSent | PinFate::Unproved if is_of_card(&failure.error) && self.is_due() => {
                let reason = &failure.error;
                log::note(|| format!("{reason} before the PIN was sent; waiting on"));
                // One that is there is left in peace for a moment; one that has left may be back at once.
                if self.token.is_present() {
                    self.slots.readers.end().wait(PAUSE);
                }
                true
            }
            PinFate::NotSent | PinFate::NotProved | PinFate::Unproved | PinFate::Sent => false,
        }
    }

    /// Counts an answer that proves nothing; whether it is one too many in this insertion.
    fn is_unproved_again(&mut self, location: &Location) -> bool {
        let before = self.unproved.take().filter(|(there, _)| there == location);
        let count = before.map_or(0, |(_, count)| count).saturating_add(1);
        self.unproved = Some((location.clone(), count));
        count >= UNPROVED_MAX
    }

    /// Whether the phone is waited for already, or is to be from now on.
    fn is_due(&self) -> bool {
        if self.begun.is_some() {
            !self.time_left().is_zero()
        } else {
            self.slots.awaits(self.token)
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
