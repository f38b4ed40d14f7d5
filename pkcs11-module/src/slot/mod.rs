//! Slots (PKCS#11 3.0, 5.5): one for each reader that was ever seen, and what is in it.

mod awaited;
pub mod event;
pub mod wait;

use core::fmt::Display;
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_edge::piv::extensions::Digest;
use card_host::{Identity, KnownCards};
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SLOT_ID};
use data_encoding::HEXLOWER;

use crate::announce::Announcer;
use crate::cache::Cache;
use crate::card::Card;
use crate::card::probe::{NewCard, ProbeError};
use crate::error::{Error, Result};
use crate::log;
use crate::logins::Logins;
use crate::pcsc::bounded::BoundedReaders;
use crate::pcsc::{Insertion, LinkError, Location, ReaderStatus};
use crate::remembered::OneTap;
use crate::tap::Tap;
use crate::token::{Surroundings, Token};

/// How often a card that fails when it is probed is probed again in one insertion.
const PROBES_MAX: u8 = 3;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The token of this card; those that say to be the same come after it.
fn first_of(tokens: &[Arc<Token>], identity: Identity) -> Option<Arc<Token>> {
    tokens
        .iter()
        .find(|token| token.identity == identity)
        .cloned()
}

/// What is in a slot.
#[derive(Clone)]
pub enum SlotState {
    /// Nothing.
    Empty,
    /// A card that is not a PIV card, or does not answer.
    NotPiv,
    /// A PIV card.
    Token(Arc<Token>),
}

/// What is known of a slot.
#[derive(Default)]
struct Contents {
    probe: Option<Probe>,
    /// The PIV card that was in it last, whatever else has been in it since.
    last_token: Option<Arc<Token>>,
}

/// What was found in a slot when it was last looked at.
struct Probe {
    insertion: Insertion,
    state: SlotState,
    /// How often the card has failed in this insertion.
    failures: u8,
    /// The card that it said to be, and is not.
    impostor: Option<Impostor>,
}

/// A card that has not proved to be the one that it says to be.
#[derive(Clone)]
struct Impostor {
    /// What people call that one.
    claims: String,
    /// Why it is not believed.
    error: Error,
}

impl Impostor {
    fn of(claims: String, reason: &impl Display) -> Self {
        let error = format!("a card claims to be {claims}: {reason}");
        Self {
            claims,
            error: Error::Device(error),
        }
    }
}

/// A slot: a reader, or what waits for the first one that comes.
pub struct Slot {
    /// Its number, never used for another reader.
    pub id: CK_SLOT_ID,
    reader: Mutex<Option<CString>>,
    contents: Mutex<Contents>,
    /// The insertion that the last slot event reported.
    announced: Mutex<Option<Insertion>>,
}

impl Slot {
    /// The reader's name, if there is a reader.
    #[must_use]
    pub fn reader(&self) -> Option<CString> {
        lock(&self.reader).clone()
    }

    /// The reader's name as text.
    #[must_use]
    pub fn description(&self) -> String {
        self.reader()
            .map_or_else(|| "No reader".into(), |name| name.to_string_lossy().into())
    }
}

/// All slots, and all tokens that were ever in one.
pub struct Slots {
    readers: Arc<BoundedReaders>,
    cache: Arc<Cache>,
    known_cards: Arc<KnownCards>,
    logins: Arc<Logins>,
    tap: Arc<Tap>,
    announcer: Arc<Announcer>,
    /// Empty until the readers are looked at for the first time.
    list: Mutex<Vec<Arc<Slot>>>,
    tokens: Mutex<Vec<Arc<Token>>>,
}

impl Slots {
    /// The slots of these readers. PC/SC is not touched: this may run in a child that was forked while another
    /// thread of its parent was inside the PC/SC library, whose locks are then never released.
    #[must_use]
    pub fn new(
        readers: BoundedReaders,
        cache: Cache,
        known_cards: KnownCards,
        logins: Logins,
        one_tap: OneTap,
        announcer: Arc<Announcer>,
    ) -> Self {
        let (cache, known_cards) = (Arc::new(cache), Arc::new(known_cards));
        let tap = Tap::new(one_tap, Arc::clone(&cache), Arc::clone(&known_cards));
        Self {
            readers: Arc::new(readers),
            cache,
            known_cards,
            logins: Arc::new(logins),
            tap: Arc::new(tap),
            announcer,
            list: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// The readers that the slots stand for.
    #[must_use]
    pub fn readers(&self) -> &BoundedReaders {
        &self.readers
    }

    /// Looks for new readers. The list only grows, and is never empty: the first slot waits for a reader where
    /// there is none. What the first look finds is not a slot event.
    pub fn refresh(&self) -> Vec<ReaderStatus> {
        let present = self.readers.snapshot();
        let mut list = lock(&self.list);
        let first_look = list.is_empty();
        if first_look {
            list.push(Arc::new(Slot::empty(0)));
        }
        for status in &present {
            let known = list
                .iter()
                .any(|slot| lock(&slot.reader).as_ref() == Some(&status.name));
            if known {
                continue;
            }
            let waiting = list.iter().find(|slot| lock(&slot.reader).is_none());
            match waiting {
                Some(slot) => *lock(&slot.reader) = Some(status.name.clone()),
                None => {
                    let Ok(id) = CK_SLOT_ID::try_from(list.len()) else {
                        continue;
                    };
                    let slot = Slot::empty(id);
                    *lock(&slot.reader) = Some(status.name.clone());
                    list.push(Arc::new(slot));
                }
            }
        }
        if first_look {
            for slot in list.iter() {
                *lock(&slot.announced) = card_in(slot, &present).cloned();
            }
        }
        present
    }

    /// All slots in the order of their numbers.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Slot>> {
        let list = lock(&self.list).clone();
        if !list.is_empty() {
            return list;
        }
        self.refresh();
        lock(&self.list).clone()
    }

    /// The slot with this number.
    ///
    /// # Errors
    /// [`Error::SlotId`].
    pub fn get(&self, id: CK_SLOT_ID) -> Result<Arc<Slot>> {
        usize::try_from(id)
            .ok()
            .and_then(|index| self.all().get(index).cloned())
            .ok_or(Error::SlotId)
    }

    /// What is in the slot. A card that was seen before in this insertion is sent nothing; a new one is
    /// probed once. The second value is a token that another card has replaced.
    pub fn state(&self, slot: &Slot) -> (SlotState, Option<Arc<Token>>) {
        let mut contents = lock(&slot.contents);
        // Looked at under the lock: a thread that saw an earlier insertion must not have the last word.
        let present = self.readers.snapshot();
        let state = self.look(slot, &mut contents, &present);
        let now = match &state {
            SlotState::Token(token) => Some(Arc::clone(token)),
            SlotState::Empty | SlotState::NotPiv => None,
        };
        let gone = contents
            .last_token
            .clone()
            .filter(|last| now.as_ref().is_none_or(|now| !Arc::ptr_eq(last, now)));
        // A card that comes by mistake while a phone is waited for takes nobody's place.
        if gone.as_ref().is_some_and(|token| token.is_waited_for()) {
            return (state, None);
        }
        // Nor does another one, where the phone came to another reader.
        let gone = gone.filter(|token| !self.tap.must_prove(token.identity) || !token.is_present());
        // It may be in another reader, since the look has begun too.
        if let Some(token) = gone.as_ref().filter(|token| !token.is_present()) {
            token.card_left();
        }
        if now.is_none() {
            return (state, None);
        }
        contents.last_token = now;
        (state, gone)
    }

    fn look(&self, slot: &Slot, contents: &mut Contents, present: &[ReaderStatus]) -> SlotState {
        let Some(insertion) = card_in(slot, present) else {
            // A reader that was replaced by another of its kind counts from the start.
            contents.probe = None;
            return SlotState::Empty;
        };
        let failures = match &contents.probe {
            Some(probe) if probe.insertion == *insertion => {
                if probe.failures == 0 || probe.failures >= PROBES_MAX {
                    return probe.state.clone();
                }
                probe.failures
            }
            Some(_) | None => 0,
        };
        let mut impostor = None;
        // A call that needed the card may have found it again before anybody looked here.
        let (state, failures) = match self.found_at(slot, insertion) {
            Some(token) => (SlotState::Token(token), 0),
            None => match self.probe(slot, insertion) {
                Ok(state) => (state, 0),
                // A card that another program holds was not probed, and does not count; nor does one for which another call waits.
                Err(ProbeError::Link(LinkError::Busy | LinkError::Silent)) => {
                    (SlotState::NotPiv, failures.max(1))
                }
                Err(ProbeError::NotProved(identity, reason)) => {
                    let stranger = Impostor::of(self.name_of(identity), &reason);
                    log::note(|| format!("{}: {}", slot.description(), stranger.error));
                    impostor = Some(stranger);
                    (SlotState::NotPiv, 0)
                }
                Err(error) => {
                    log::note(|| format!("{}: {error}", slot.description()));
                    (SlotState::NotPiv, failures + 1)
                }
            },
        };
        contents.probe = Some(Probe {
            insertion: insertion.clone(),
            state: state.clone(),
            failures,
            impostor,
        });
        state
    }

    /// What people call the card with this identity, as far as this program has met it.
    fn name_of(&self, identity: Identity) -> String {
        let token = first_of(&lock(&self.tokens), identity);
        match token.and_then(|token| token.holder()) {
            Some(holder) => format!("the phone of {holder}"),
            None => format!("the card {}", HEXLOWER.encode(&identity.0)),
        }
    }

    /// The token that was found in this slot in this insertion.
    fn found_at(&self, slot: &Slot, insertion: &Insertion) -> Option<Arc<Token>> {
        let location = Location {
            reader: slot.reader()?,
            insertion: insertion.clone(),
        };
        lock(&self.tokens)
            .iter()
            .find(|token| token.is_at(&location))
            .cloned()
    }

    /// Probes a card: whether it is a PIV card, and which. A token is a card in a place: one that claims to be a card that is
    /// elsewhere now is another one.
    fn probe(
        &self,
        slot: &Slot,
        insertion: &Insertion,
    ) -> core::result::Result<SlotState, ProbeError> {
        let reader = slot.reader().ok_or(LinkError::Gone)?;
        let is_unknown = |identity: Identity| {
            lock(&self.tokens)
                .iter()
                .all(|token| token.identity != identity || token.is_empty())
        };
        let shown = self.shown();
        let is_proof_due = |identity, digest: Option<Digest>| {
            // What it had before needs none.
            let of_token = first_of(&lock(&self.tokens), identity).and_then(|token| token.digest());
            let of_shown = shown.as_ref().map(|shown| shown.phone);
            let of_shown = of_shown.filter(|phone| phone.identity == identity);
            let before = [of_token, of_shown.map(|phone| phone.objects)];
            self.tap.must_prove(identity) && (digest.is_none() || !before.contains(&digest))
        };
        let probed = Card::probe(
            &self.readers,
            &reader,
            insertion,
            &self.cache,
            &self.known_cards,
            is_unknown,
            is_proof_due,
        )?;
        let Some(mut new_card) = probed else {
            return Ok(SlotState::NotPiv);
        };
        let location = Location {
            reader,
            insertion: new_card.insertion.clone(),
        };
        let identity = new_card.card.identity();
        new_card.card.proves_itself(self.tap.must_prove(identity));
        let present = self.readers.snapshot();
        let mut tokens = lock(&self.tokens);
        let equal: Vec<_> = tokens
            .iter()
            .filter(|token| token.identity == identity)
            .cloned()
            .collect();
        // Cards that have neither number nor certificate tell nothing of whether they are the same: each insertion is another.
        let here = |token: &&Arc<Token>| {
            let is_same = identity.is_unique() || token.location() == location;
            is_same && token.location().reader == location.reader
        };
        let elsewhere = |token: &&Arc<Token>| identity.is_unique() && !token.is_among(&present);
        let again = equal
            .iter()
            .find(here)
            .or_else(|| equal.iter().find(elsewhere));
        if let Some(token) = again {
            drop(tokens);
            token.attach(new_card, location);
            return Ok(SlotState::Token(Arc::clone(token)));
        }
        let others = equal
            .iter()
            .filter(|token| identity.is_unique() || token.is_among(&present));
        let equals = u64::try_from(others.count()).unwrap_or(u64::MAX);
        Ok(self
            .add_token(&mut tokens, new_card, equals, location)
            .map_or(SlotState::NotPiv, SlotState::Token))
    }

    /// Adds a token; `equals` is how many there are that claim to be the same card.
    fn add_token(
        &self,
        tokens: &mut Vec<Arc<Token>>,
        new: NewCard,
        equals: u64,
        location: Location,
    ) -> Option<Arc<Token>> {
        let token = Token::new(
            CK_OBJECT_HANDLE::try_from(tokens.len() + 1).ok()?,
            new,
            equals,
            location,
            Surroundings {
                readers: Arc::clone(&self.readers),
                logins: Arc::clone(&self.logins),
                tap: Arc::clone(&self.tap),
                announcer: Arc::clone(&self.announcer),
            },
        );
        let token = Arc::new(token);
        tokens.push(Arc::clone(&token));
        Some(token)
    }

    /// The first slot where a card has come or gone since the last event.
    #[must_use]
    pub fn next_event(&self, present: &[ReaderStatus]) -> Option<CK_SLOT_ID> {
        self.all().into_iter().find_map(|slot| {
            let now = card_in(&slot, present);
            let mut announced = lock(&slot.announced);
            (announced.as_ref() != now).then(|| {
                *announced = now.cloned();
                slot.id
            })
        })
    }
}

impl Slot {
    fn empty(id: CK_SLOT_ID) -> Self {
        Self {
            id,
            reader: Mutex::new(None),
            contents: Mutex::new(Contents::default()),
            announced: Mutex::new(None),
        }
    }
}

/// The card in the slot's reader.
#[must_use]
pub fn card_in<'a>(slot: &Slot, present: &'a [ReaderStatus]) -> Option<&'a Insertion> {
    let reader = slot.reader()?;
    present
        .iter()
        .find(|status| status.name == reader)
        .and_then(|status| status.card.as_ref())
}
