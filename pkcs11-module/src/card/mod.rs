//! The PIV application of one card, over connections that may break: sequences of commands, each in one
//! transaction, restored where another program or a moment without a field has come between.

pub mod administration;
pub mod announced;
mod away;
pub mod client;
pub mod error;
pub mod kept;
pub mod pin_pad;
mod presence;
pub mod probe;
pub mod public_objects;
mod selection;
pub mod sequence;

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use card_edge::piv::extensions::{Digest, EntryTime};
use card_edge::piv::{self, PinReference};
use card_host::{Identity, KnownCards, PinRoute, Selected, is_over_contacts};

use crate::cache::Cache;
use crate::log;
use crate::pcsc::bounded::{BoundedLink, BoundedReaders, EntryWait};
use crate::pcsc::{Insertion, LinkError};
use client::Client;
use error::CardError;

/// How long a connection is kept that nobody uses any more.
const LINGERS: Duration = Duration::from_secs(3);

/// Where the PIN can be typed that a program does not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinEntry {
    /// At the card, which waits this long for its holder.
    Card(EntryTime),
    /// At the reader's PIN pad.
    Reader,
}

/// A card with the PIV application, in the reader where it was last seen.
pub struct Card {
    readers: Arc<BoundedReaders>,
    reader: CString,
    identity: Identity,
    link: Option<BoundedLink>,
    /// The insertion that the link reaches, or reached last; `None` where that is not known.
    insertion: Option<Insertion>,
    /// Whether the application was selected and the identity was checked, as far as this process knows.
    selected: bool,
    /// What it told when it was last selected.
    told: Selected,
    cache: Arc<Cache>,
    known_cards: Arc<KnownCards>,
    /// The insertion in which it has accepted a PIN last.
    accepted_in: Option<Insertion>,
    /// It is one that may be shown while it is away: in each insertion it proves its key before it is told a PIN, and before
    /// what it has counts, where that is something else than before.
    proves: bool,
    /// The PIN that is under way was given, or begun to be sent, before the card was away.
    proof_is_due: bool,
    /// How long its holder is waited for, who types the PIN.
    entry: EntryWait,
    /// Its reader had a PIN pad when it was last asked.
    has_pin_pad: bool,
    changes: Changes,
}

/// What sequences have found out besides their results.
#[derive(Default)]
pub struct Changes {
    /// A new selection may have cost the PIN's verification.
    pub verification_lost: bool,
    /// Another program has reset the card, which has cost it for sure.
    pub was_reset: bool,
    /// The card may have been out of its reader: a number that anybody can read does not prove that the one that is
    /// there now is the same.
    pub was_away: bool,
    /// The PIN that was held is verified, by a card that has proved to be the same where it was away.
    pub verified_again: bool,
    /// The PIN that was held is refused.
    pub held_pin_refused: bool,
    /// The PIN that was held was sent without success: it is not sent again by itself.
    held_pin_spent: bool,
    /// Its public objects are not those any more that were read.
    pub objects_changed: bool,
    /// The insertion in which the card was found again.
    pub insertion: Option<Insertion>,
}

impl Card {
    /// Which card it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Its issuer has just given it another identity.
    pub fn is_now(&mut self, identity: Identity) {
        self.identity = identity;
    }

    /// The reader's name.
    #[must_use]
    pub fn reader(&self) -> &CString {
        &self.reader
    }

    /// The digest of its public objects that it announced when it was last selected, if it did.
    #[must_use]
    pub fn announced(&self) -> Option<Digest> {
        self.told.objects()
    }

    /// The tries of the PIN that it announced when it was last selected, if it did: once, since the PIN that follows changes
    /// them.
    pub fn take_announced_tries(&mut self) -> Option<u8> {
        self.told.announced.as_mut()?.pin_tries.take()
    }

    /// How long its holder is waited for, who can type the PIN at the card, as it announced when it was last selected.
    fn entry_time(&self) -> Option<EntryTime> {
        self.told.announced.as_ref()?.pin_entry
    }

    /// Where the PIN can be typed, as card and reader told last. The pad of a reader sends it in clear: it is used over contacts
    /// alone, and not for our phone, which has its own way.
    #[must_use]
    pub fn pin_entry(&self) -> Option<PinEntry> {
        match &self.told.announced {
            Some(_) => self.entry_time().map(PinEntry::Card),
            // After a failure of the connection nobody knows what lies there: what was found last stands until it is seen.
            None => (self.has_pin_pad && (self.insertion.is_none() || self.is_over_contacts()))
                .then_some(PinEntry::Reader),
        }
    }

    /// Its reader has no PIN pad any more.
    pub fn has_no_pin_pad(&mut self) {
        self.has_pin_pad = false;
    }

    /// From now on this ends the wait for its holder.
    pub fn stop_entry_by(&mut self, is_over: Arc<AtomicBool>) {
        self.entry.is_over = is_over;
    }

    /// The PIN was typed at the card.
    pub fn accepted_entry(&mut self) {
        // The tries are others now.
        self.take_announced_tries();
    }

    /// Where what it announces may be kept.
    #[must_use]
    pub fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    /// The insertion of its connection, as far as it is known.
    #[must_use]
    pub fn insertion_hash(&self) -> [u8; 16] {
        self.insertion.as_ref().map_or([0; 16], |insertion| {
            kept::insertion_hash(&self.reader, insertion)
        })
    }

    /// What was found out since the last call of this.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// The next sequence selects the application and checks the card's identity first.
    pub fn select_again(&mut self) {
        self.selected = false;
    }

    /// Connects, where there is no connection.
    fn connect(&mut self, until: Option<Instant>) -> Result<(), LinkError> {
        if self.link.as_ref().is_some_and(|link| !link.linger(None)) {
            self.link = None;
            // Without a connection nobody tells what other programs do, and the daemon takes the power from the card.
            self.selected = false;
        }
        if self.link.is_none() {
            self.link = Some(self.readers.connect(&self.reader, until)?);
            self.look_for_insertion();
        }
        Ok(())
    }

    /// Nothing that the card must remember depends on the connection. It ends unless it is used soon: a program that has
    /// looked at a card often logs in directly after that.
    pub fn release(&mut self) {
        if let Some(link) = &self.link {
            link.linger(Some(LINGERS));
        }
    }

    /// After a connection was made: whether it is the insertion of the one before.
    fn look_for_insertion(&mut self) {
        let now = presence::insertion(&self.readers, &self.reader);
        if now.is_none() || now != self.insertion {
            self.changes.was_away = true;
            self.accepted_in = None;
        }
        self.insertion = now;
    }

    /// How a PIN goes to the card that is there now.
    fn pin_route(&self) -> PinRoute {
        PinRoute {
            cards: Arc::clone(&self.known_cards),
            identity: self.identity,
            told: self.told.clone(),
            is_contactless: !self.is_over_contacts(),
            was_away: self.changes.was_away || self.proof_is_due,
            has_accepted: self.has_accepted_pin(),
            must_prove: self.proves && !self.has_accepted_pin(),
        }
    }

    /// Whether it has accepted a PIN in this insertion.
    fn has_accepted_pin(&self) -> bool {
        self.insertion.is_some() && self.accepted_in == self.insertion
    }

    /// Whether it may be shown while it is away, and others come in its name.
    pub fn proves_itself(&mut self, proves: bool) {
        self.proves = proves;
    }

    /// Whether the card is known to be connected by contacts.
    fn is_over_contacts(&self) -> bool {
        self.insertion
            .as_ref()
            .is_some_and(|insertion| is_over_contacts(&insertion.atr))
    }

    /// Until this is taken back, a card that can prove itself does so before a PIN is sent.
    pub fn must_prove(&mut self, is_due: bool) {
        self.proof_is_due = is_due;
    }

    /// The card has accepted a PIN just now.
    pub fn accepted_pin(&mut self) {
        self.accepted_in.clone_from(&self.insertion);
        // They are others now.
        self.take_announced_tries();
    }

    /// Begins a transaction, over a new connection where there is none. It ends when the client is dropped.
    fn begin(&mut self, until: Option<Instant>) -> Result<Client<'_>, LinkError> {
        self.connect(until)?;
        self.entry.is_for(self.entry_time());
        let link = self.link.as_mut().ok_or(LinkError::Gone)?;
        link.set_entry_wait(self.entry.clone());
        Ok(piv::Client::new(link.begin(until)?))
    }

    /// Takes the PIN's verification back. A card that was out of its reader since has lost it already, and another one in its
    /// place is told nothing.
    pub fn log_out(&mut self) {
        match self.take_verification_back() {
            Ok(()) => {}
            Err(CardError::Command(error)) => {
                log::note(|| format!("the card does not log out: {error}"));
                self.reset_alone();
            }
            Err(error) => log::note(|| format!("the card has lost its login: {error}")),
        }
        self.link = None;
        self.selected = false;
    }

    fn take_verification_back(&mut self) -> Result<(), CardError> {
        self.connect(None)?;
        if self.changes.was_away {
            return Err(CardError::Gone);
        }
        let (identity, selected, known) = (self.identity, self.selected, self.announced());
        let mut client = self.begin(None)?;
        if !selected {
            selection::select_the_same(&mut client, identity, known)?;
        }
        Ok(client.reset_verification(PinReference::PivPin)?)
    }

    /// Its reader reports that it left, whatever is in there next.
    pub fn left(&mut self) {
        self.link = None;
        self.insertion = None;
        self.selected = false;
    }

    /// What is left for a card that does not know P1 = FF: a reset, which would cost a contactless one its field.
    fn reset_alone(&mut self) {
        let over_contacts = self.is_over_contacts();
        let Some(link) = self.link.take().filter(|_| over_contacts) else {
            return;
        };
        self.selected = false;
        if let Err(error) = link.reset_alone() {
            log::note(|| format!("the card is not reset: {error}"));
        }
    }
}
