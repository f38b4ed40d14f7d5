//! A token: one PIV card, by its identity. It outlives insertions; sessions and object handles stand on it.
//!
//! It has two locks: one for what is said to the card ([`connection::Connection`]), one for what is known of it
//! ([`known::Known`]). Code that takes both takes the connection first. What is known is never locked while a command is
//! sent, so that questions that need no card are answered at once.

pub mod access;
mod administrator;
pub mod connection;
pub mod data_objects;
mod entry;
mod key_without_certificate;
pub mod known;
mod login;
mod objects;
mod pin_policy;
pub mod use_key;
mod write;

use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use card_edge::Status;
use card_edge::apdu::Instruction;
use card_edge::piv::extensions::{Digest, SIGN};
use card_edge::piv::pkcs11;
use card_host::Identity;
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE};

use crate::announce::Announcer;
use crate::card::client::{Client, ClientError};
use crate::card::error::{CardError, RouteError};
use crate::card::probe::NewCard;
use crate::card::public_objects::PublicObjects;
use crate::card::sequence::{HeldPin, Here, Repeat};
use crate::error::{Error, Result};
use crate::hash::start_of_sha256;
use crate::log;
use crate::logins::Logins;
use crate::pcsc::bounded::BoundedReaders;
use crate::pcsc::{Location, ReaderStatus};
use crate::tap::Tap;
use connection::{Connection, PinFate};
use known::{Known, Tries};

/// What a card's token shares with the others of its module.
pub struct Surroundings {
    /// The readers.
    pub readers: Arc<BoundedReaders>,
    /// Which processes are logged in.
    pub logins: Arc<Logins>,
    /// The phone that is shown while it is away.
    pub tap: Arc<Tap>,
    /// Who tells the user.
    pub announcer: Arc<Announcer>,
}

/// One PIV card.
pub struct Token {
    /// The number of the card in this process, from 1; object handles are made of it.
    pub number: CK_OBJECT_HANDLE,
    /// Which card it is.
    pub identity: Identity,
    /// How many cards were seen before it that claim to be the same and were in another place meanwhile.
    equals: u64,
    readers: Arc<BoundedReaders>,
    logins: Arc<Logins>,
    tap: Arc<Tap>,
    announcer: Arc<Announcer>,
    /// Set by whoever does not wait any more for the PIN to be typed at the card.
    entry_is_over: Arc<AtomicBool>,
    connection: Mutex<Connection>,
    known: Mutex<Known>,
}

impl Token {
    /// A token for a card that has just been found.
    #[must_use]
    pub fn new(
        number: CK_OBJECT_HANDLE,
        new: NewCard,
        equals: u64,
        location: Location,
        surroundings: Surroundings,
    ) -> Self {
        let (digest, pin_entry) = (new.card.announced(), new.card.pin_entry());
        let known = Known::new(
            location,
            new.public,
            digest,
            pin_entry,
            surroundings.readers.bounds.grace,
        );
        Self {
            number,
            identity: new.card.identity(),
            equals,
            readers: surroundings.readers,
            logins: surroundings.logins,
            tap: surroundings.tap,
            announcer: surroundings.announcer,
            entry_is_over: Arc::default(),
            connection: Mutex::new(Connection::new(new.card)),
            known: Mutex::new(known),
        }
    }

    /// What is said to the card: the first lock.
    fn connection(&self) -> Hold<'_> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Hold {
            connection,
            token: self,
        }
    }

    /// What is known of the card: the second lock.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The card is back, at this location, over this connection, as far as its identity tells: its user must log in
    /// again.
    pub fn attach(&self, new: NewCard, location: Location) {
        let mut connection = self.connection();
        // A call may have found it again meanwhile, and its user logged in.
        if self.is_at(&location) {
            return;
        }
        let (digest, pin_entry) = (new.card.announced(), new.card.pin_entry());
        *connection = Connection::new(new.card);
        let mut known = self.known();
        known.is_here = true;
        known.location = location;
        known.pin_entry = pin_entry;
        let is_same = digest == known.digest
            && (digest.is_some() || new.public.chuid() == known.public.chuid());
        if known.is_empty() || !is_same {
            known.set_public(new.public, digest);
        }
        known.was_away();
        known.log_out();
    }

    /// Whether nothing was found on it, so that it is looked at again when it comes back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known().is_empty()
    }

    /// Its label ([`pkcs11::token_label`]).
    #[must_use]
    pub fn label(&self) -> String {
        pkcs11::token_label(self.known().holder.as_deref(), &self.identity.0)
    }

    /// Its serial number ([`pkcs11::serial_number`]). Of another card that claims to be the same it is made of the identity
    /// and its number.
    #[must_use]
    pub fn serial(&self) -> String {
        if self.equals == 0 {
            return pkcs11::serial_number(&self.identity.0);
        }
        let other = start_of_sha256(&[&self.identity.0, &self.equals.to_be_bytes()]);
        pkcs11::serial_number(&other)
    }

    /// Where it was last seen.
    #[must_use]
    pub fn location(&self) -> Location {
        self.known().location.clone()
    }

    /// Whether it is where it was last seen, as the reader reports.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.is_among(&self.readers.snapshot())
    }

    /// Whether it is where it was last seen, as these readers report.
    #[must_use]
    pub fn is_among(&self, present: &[ReaderStatus]) -> bool {
        let known = self.known();
        known.is_here && known.location.is_among(present)
    }

    /// Whether it was found at this location, and has not left since.
    #[must_use]
    pub fn is_at(&self, location: &Location) -> bool {
        let known = self.known();
        known.is_here && known.location == *location
    }

    /// Whether the user is logged in, as far as is known without asking the card.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.known().logged_in
    }

    /// What is known of the PIN's tries.
    #[must_use]
    pub fn tries(&self) -> Tries {
        self.known().tries
    }

    /// The card has left, and its user is logged out. A reader that was replaced by another of its kind counts from the start.
    pub fn card_left(&self) {
        self.known().is_away();
        // Who holds the connection finds it out.
        if let Ok(mut connection) = self.connection.try_lock() {
            connection.card.left();
            connection.is_verified = false;
            connection.login = None;
        }
    }

    /// The common name of its holder, as the card tells it.
    #[must_use]
    pub fn holder(&self) -> Option<String> {
        self.known().holder.clone()
    }

    /// Whether a session is open.
    #[must_use]
    pub fn has_sessions(&self) -> bool {
        !self.known().sessions.is_empty()
    }

    /// One more waits for it (1), or one less (-1).
    pub fn waits(&self, difference: isize) {
        let mut known = self.known();
        known.waiting = known.waiting.saturating_add_signed(difference);
    }

    /// Whether somebody waits for it.
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        self.known().waiting > 0
    }

    /// While it is away it is shown with these public objects, where nothing is known of it.
    pub fn is_shown_as(&self, public: &PublicObjects, digest: Digest) {
        let mut known = self.known();
        let is_unread = known.public.is_announced() && known.digest == Some(digest);
        if known.digest.is_none() || is_unread {
            known.set_public(public.clone(), Some(digest));
        }
    }

    /// The card that is here in its name is not it: it is away still.
    pub fn is_not(&self, here: &Location) {
        let mut connection = self.connection();
        {
            let mut known = self.known();
            // Another one may have come meanwhile.
            if !known.is_here || known.location != *here {
                return;
            }
            known.is_away();
        }
        connection.card.left();
        connection.is_verified = false;
        connection.login = None;
    }

    /// The digest of its public objects that it announced last, if it did.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.known().digest
    }

    /// Whether this session with it is open.
    #[must_use]
    pub fn has_session(&self, session: CK_SESSION_HANDLE) -> bool {
        self.known().sessions.contains_key(&session)
    }

    /// Whether nobody is speaking to the card.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.connection.try_lock().is_ok()
    }

    /// What is said to the card, where it is free before the module's end is over: a program may end inside a call.
    fn connection_before_end(&self) -> Option<Hold<'_>> {
        while self.readers.end().has_come() {
            if let Ok(connection) = self.connection.try_lock() {
                return Some(Hold {
                    connection,
                    token: self,
                });
            }
            if self.readers.end().is_over() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(self.connection())
    }

    /// Sends a sequence of commands, and takes from it what it says of the card and of the login.
    fn sequence<R>(
        &self,
        connection: &mut Connection,
        pin: PinUse,
        repeat: Repeat,
        work: impl FnMut(&mut Client<'_>, &Here) -> core::result::Result<R, CardError>,
    ) -> Result<R> {
        self.card_sequence(connection, pin, repeat, work)
            .map_err(|error| self.failed(error))
    }

    /// The same; what a failure says of the login is left to the caller.
    fn card_sequence<R>(
        &self,
        connection: &mut Connection,
        pin: PinUse,
        repeat: Repeat,
        work: impl FnMut(&mut Client<'_>, &Here) -> core::result::Result<R, CardError>,
    ) -> core::result::Result<R, CardError> {
        connection.just_verified = false;
        // As long as it is held alone: a sequence before this one may have found that another card is there.
        let held = match pin {
            PinUse::Needed => self.known().pin.get(),
            PinUse::Outlasts => {
                let known = self.known();
                known.logged_in.then(|| known.pin.get()).flatten()
            }
            PinUse::Stays => None,
        };
        let sent = held.as_ref().map(|held| HeldPin {
            pin: held,
            is_needed: pin == PinUse::Needed,
        });
        let result = connection.card.sequence(sent, repeat, work);
        // Where a PIN went out before, it is not sent to any other card that comes now.
        if matches!(connection.pin_fate, PinFate::NotSent | PinFate::Unproved) {
            connection.pin_fate = match &result {
                Err(CardError::Route(reason)) if tells_of_another(reason) => PinFate::NotProved,
                Err(CardError::Route(_) | CardError::Command(_)) => PinFate::Unproved,
                Ok(_) | Err(_) => PinFate::NotSent,
            };
        }
        let changes = connection.card.take_changes();
        connection.was_away = changes.was_away;
        // What wants the PIN was done: the card has it verified. After a reset it can only be for another program.
        let has_proved_login = pin == PinUse::Needed && result.is_ok();
        let is_refused = changes.held_pin_refused || matches!(result, Err(CardError::CachedPin(_)));
        let mut known = self.known();
        known.pin_entry = connection.card.pin_entry();
        if changes.objects_changed {
            known.forget_objects();
        }
        if let Some(insertion) = changes.insertion {
            known.location.insertion = insertion;
            known.is_here = true;
        }
        if changes.was_away {
            known.was_away();
            if !changes.verified_again {
                connection.is_verified = false;
                known.log_out();
            }
        } else if changes.verification_lost && (changes.was_reset || !has_proved_login) {
            known.log_out_without_pin();
        }
        if let (true, Some(sent)) = (is_refused, sent) {
            known.refused.remember(sent.pin);
        }
        result
    }

    /// Takes from a failure what it says of the login, and gives the error for the caller.
    fn failed(&self, error: CardError) -> Error {
        log::note(|| error.to_string());
        failure(&mut self.known(), error)
    }
}

/// What a login without a PIN gets where neither card nor reader has its holder type it.
pub const NO_ENTRY: Error = Error::Arguments(
    "the PIN can be typed neither at this card nor at this reader: it must be given",
);

/// What a sequence does with the PIN that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PinUse {
    /// It is sent where a command wants it, or the card was away.
    Needed,
    /// It is sent to a card that was away, so that the login outlasts that.
    Outlasts,
    /// It is not sent.
    Stays,
}

/// What is said to a card, as long as this is held. It is released at the end unless its user is logged in.
struct Hold<'a> {
    connection: MutexGuard<'a, Connection>,
    token: &'a Token,
}

impl Deref for Hold<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Hold<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if self.token.is_logged_in() {
            return;
        }
        if self.connection.is_verified {
            // Something has ended the login that the card does not know of.
            self.token.logout_over(&mut self.connection);
        }
        self.connection.login = None;
        self.connection.card.release();
    }
}

/// What a failure says of the login, and the error that the caller gets.
fn failure(known: &mut Known, error: CardError) -> Error {
    match error {
        CardError::Gone => {
            known.log_out();
            Error::DeviceRemoved
        }
        CardError::Renewed => Error::DeviceRemoved,
        CardError::WrongManagementKey => Error::PinIncorrect,
        CardError::WriteProtected => Error::TokenWriteProtected,
        CardError::OtherCard => {
            known.log_out();
            Error::SessionHandle
        }
        CardError::WantsPin => Error::UserNotLoggedIn,
        CardError::CachedPin(_)
        | CardError::NotRestored(_)
        | CardError::PinLost
        | CardError::Command(ClientError::NotAuthorised(_)) => {
            known.log_out();
            Error::UserNotLoggedIn
        }
        CardError::Command(ClientError::Wrong(tries)) => {
            known.tries = match tries {
                0 => Tries::Blocked,
                left => Tries::Left(left),
            };
            Error::PinIncorrect
        }
        CardError::Command(ClientError::WrongUncounted) => {
            known.tries = Tries::Unknown;
            Error::PinIncorrect
        }
        CardError::Command(ClientError::Blocked) => {
            known.tries = Tries::Blocked;
            Error::PinLocked
        }
        CardError::Command(ClientError::Refused(
            Instruction::GeneralAuthenticate | SIGN,
            Status::ConditionsNotSatisfied,
        )) => Error::Rejected,
        // The word of PKCS#11 for the entry of a PIN through a protected path that was ended there (3.0, 5.1.6).
        CardError::Command(ClientError::NotTyped) => {
            known.tries = Tries::Unknown;
            Error::Canceled
        }
        // Nothing went to the card: what is known of its tries stands.
        CardError::NotTyped => Error::Canceled,
        CardError::NoEntry => NO_ENTRY,
        CardError::TypedLength => Error::PinLength,
        CardError::PinPad(_) => {
            known.tries = Tries::Unknown;
            Error::Device(error.to_string())
        }
        CardError::Route(reason) => {
            if tells_of_another(&reason) {
                known.log_out();
            }
            Error::Device(reason.to_string())
        }
        other @ (CardError::Link(_) | CardError::Command(_)) => Error::Device(other.to_string()),
    }
}

/// Whether it is another card than the one that was met.
fn tells_of_another(reason: &RouteError) -> bool {
    matches!(reason, RouteError::NotProved(_) | RouteError::Replaced)
}
