//! The login with a phone that is away: it is waited for in any reader, told from others by its number and its key, and
//! logged in to in one go. Nothing else waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use card_edge::piv::Pin;
use cryptoki_sys::CK_SESSION_HANDLE;

use super::Token;
use super::connection::{Connection, PinFate};
use super::known::Location;
use crate::cache::Cache;
use crate::card::Card;
use crate::card::probe::ProbeError;
use crate::card::public_objects::PublicObjects;
use crate::error::{Error, Result};
use crate::known_cards::{KnownCards, Meeting};
use crate::log;
use crate::pcsc::ReaderStatus;
use crate::remembered::{OneTap, Phone};
use crate::terminal;

/// The longest time between two looks at the readers and at who still waits.
const LOOK: Duration = Duration::from_millis(250);

/// What tokens share of the wait for a phone.
pub struct Tap {
    one_tap: OneTap,
    cache: Arc<Cache>,
    known_cards: Arc<KnownCards>,
    /// The insertions of cards that turned out not to be the phone; they are left alone.
    strangers: Mutex<Vec<(Phone, Location)>>,
}

impl Tap {
    /// The wait for a phone of which these remember what it had.
    #[must_use]
    pub fn new(one_tap: OneTap, cache: Arc<Cache>, known_cards: Arc<KnownCards>) -> Self {
        Self {
            one_tap,
            cache,
            known_cards,
            strangers: Mutex::default(),
        }
    }

    /// Whether a phone that is away may be shown and waited for.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.one_tap.remembered.is_there()
    }

    /// The phone that was used last with its public objects, where it can prove its key when it comes.
    #[must_use]
    pub fn phone(&self) -> Option<(Phone, PublicObjects)> {
        let phone = self.one_tap.remembered.last()?;
        self.can_prove(phone).then_some(())?;
        let public = PublicObjects::of_list(&self.cache.get(phone.objects)?);
        (public.identity() == phone.identity).then_some((phone, public))
    }

    /// Whether it is remembered which key it was first met with.
    fn can_prove(&self, phone: Phone) -> bool {
        matches!(self.known_cards.meeting(phone.identity), Meeting::Known(_))
    }

    /// A user has logged in with this phone.
    pub(super) fn was_used(&self, phone: Phone) {
        if self.can_prove(phone) {
            self.one_tap.remembered.keep(phone);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Phone, Location)>> {
        self.strangers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn met_stranger(&self, phone: Phone, location: Location) {
        log::note(|| "another card is in the reader: it is left alone".into());
        self.lock().push((phone, location));
    }

    /// The cards that are there now and may be the phone.
    fn candidates(&self, phone: Phone, present: &[ReaderStatus]) -> Vec<Location> {
        let here = |status: &ReaderStatus| {
            Some(Location {
                reader: status.name.clone(),
                insertion: status.card.clone()?,
            })
        };
        let mut here: Vec<_> = present.iter().filter_map(here).collect();
        let mut strangers = self.lock();
        strangers.retain(|(_, location)| here.contains(location));
        here.retain(|location| {
            !strangers
                .iter()
                .any(|(of, stranger)| of.identity == phone.identity && stranger == location)
        });
        here
    }
}

/// What was known of a phone before a card came that may be it.
struct Awaited {
    phone: Phone,
    public: PublicObjects,
    location: Location,
}

impl Token {
    /// Logs the user in, for all sessions with the card. A phone that is away is waited for, where the user allows that.
    ///
    /// # Errors
    /// [`Error::SessionHandle`] where the session has been closed, [`Error::UserAlreadyLoggedIn`], [`Error::UserAnotherLoggedIn`],
    /// [`Error::PinIncorrect`], [`Error::PinLocked`] or any failure of the card; [`Error::DeviceRemoved`] where a phone does not
    /// come in time, [`Error::NotInitialized`] where the module ends meanwhile.
    pub fn login(&self, session: CK_SESSION_HANDLE, pin: &Pin) -> Result<()> {
        let Some(awaited) = self.awaited() else {
            return self.login_over(&mut self.connection(), session, pin);
        };
        self.mark_awaited();
        let until = Instant::now() + self.tap.one_tap.wait;
        let mut is_told = false;
        loop {
            self.wait_for_tap(session, awaited.phone, until, &mut is_told)?;
            let mut connection = self.connection();
            let result = self.login_over(&mut connection, session, pin);
            let Err(error) = &result else {
                return Ok(());
            };
            match connection.pin_fate {
                PinFate::NotProved => self.was_another(&mut connection, &awaited),
                PinFate::NotSent if is_of_card(error) && Instant::now() < until => {
                    log::note(|| format!("{error} before the PIN was sent; waiting on"));
                    drop(connection);
                    self.readers.end().wait(LOOK);
                }
                PinFate::NotSent | PinFate::Sent => return result,
            }
        }
    }

    /// What is known of the card, where it is a phone that is away and may be waited for.
    fn awaited(&self) -> Option<Awaited> {
        if !self.tap.is_allowed() || self.is_present() {
            return None;
        }
        let (phone, _) = self.tap.phone()?;
        let known = self.known();
        (phone.identity == self.identity).then_some(())?;
        Some(Awaited {
            phone: Phone {
                objects: known.digest?,
                ..phone
            },
            public: known.public.clone(),
            location: known.location.clone(),
        })
    }

    /// It is shown although it is away: what comes in its name proves its key before it is told a PIN.
    pub fn mark_awaited(&self) {
        self.known().must_prove = true;
    }

    /// Waits until the phone is there, as far as its number tells.
    fn wait_for_tap(
        &self,
        session: CK_SESSION_HANDLE,
        phone: Phone,
        until: Instant,
        is_told: &mut bool,
    ) -> Result<()> {
        loop {
            if self.readers.end().has_come() {
                return Err(Error::NotInitialized);
            }
            self.may_log_in(session)?;
            let present = self.readers.snapshot();
            for location in self.tap.candidates(phone, &present) {
                if self.is_at(&location) || self.comes_to(phone, location) {
                    return Ok(());
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                log::note(|| "the phone did not come in time".into());
                return Err(Error::DeviceRemoved);
            }
            if !std::mem::replace(is_told, true) {
                log::note(|| format!("waiting for the phone, {} s", left.as_secs_f32().ceil()));
                terminal::show(&self.invitation());
            }
            if present.is_empty() {
                self.readers.end().wait(left.min(LOOK));
            } else {
                self.readers.wait(&present, left.min(LOOK));
            }
        }
    }

    fn invitation(&self) -> String {
        match &self.known().holder {
            Some(holder) => format!("Tapcard: hold the phone of {holder} to the reader"),
            None => "Tapcard: hold the phone to the reader".into(),
        }
    }

    /// Looks at a card that has come, and takes it over where it claims to be the phone.
    fn comes_to(&self, phone: Phone, location: Location) -> bool {
        let probed = Card::probe(
            &self.readers,
            &location.reader,
            &location.insertion,
            &self.tap.cache,
            &self.tap.known_cards,
            |_| false,
        );
        match probed {
            Ok(Some(new)) => {
                let is_it = new.card.identity() == self.identity && new.card.announced().is_some();
                let location = Location {
                    insertion: new.insertion.clone(),
                    ..location
                };
                if is_it {
                    self.attach(new, location);
                } else {
                    self.tap.met_stranger(phone, location);
                }
                is_it
            }
            Ok(None) | Err(ProbeError::Odd(_)) => {
                self.tap.met_stranger(phone, location);
                false
            }
            // It may have left again, or another program holds it.
            Err(ProbeError::Link(error)) => {
                log::note(|| format!("{error}; waiting on"));
                false
            }
        }
    }

    /// The card that came in the phone's name has not proved its key.
    fn was_another(&self, connection: &mut Connection, awaited: &Awaited) {
        let mut known = self.known();
        self.tap.met_stranger(awaited.phone, known.location.clone());
        *connection = Connection::new(Card::away(
            &self.readers,
            awaited.location.reader.clone(),
            &self.tap.cache,
            &self.tap.known_cards,
            awaited.phone,
        ));
        known.is_here = false;
        known.location = awaited.location.clone();
        known.set_public(awaited.public.clone(), Some(awaited.phone.objects));
    }
}

/// Whether this failure tells of the card and its link alone: a phone that comes again may end it.
fn is_of_card(error: &Error) -> bool {
    matches!(
        error,
        Error::DeviceRemoved | Error::Device(_) | Error::SessionHandle
    )
}
