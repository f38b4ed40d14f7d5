//! A token: one PIV card, by its identity. It outlives insertions; sessions and object handles stand on it.

mod key;
mod login;
mod objects;

use std::collections::BTreeMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_edge::piv::Pin;
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE};

use crate::card::{Card, CardError, CertificateObject, ClientError, Found, Identity, Repeat, Work};
use crate::error::{Error, Result};
use crate::log;
use crate::object::{self, Object};
use crate::pin::{PinKeeper, RefusedPins, Threads};
use crate::reader::Insertion;

/// Where a token was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The reader's name.
    pub reader: CString,
    /// The insertion.
    pub insertion: Insertion,
}

/// What is known of the PIN without asking the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tries {
    /// Nothing, or that all are left.
    #[default]
    Unknown,
    /// So many are left after a wrong PIN.
    Left(u8),
    /// It is blocked.
    Blocked,
}

#[derive(Default)]
struct Login {
    logged_in: bool,
    tries: Tries,
    refused: RefusedPins,
    /// The card was away since it refused a PIN; so many tries were left then.
    tries_before: Option<Tries>,
}

/// What is said to the card, in this order of locks: `card` before `objects` before `login`.
struct Line {
    card: Card,
    /// VERIFY was the last command, so that a key that wants the PIN each time can be used once.
    just_verified: bool,
}

/// How the holder of a key that wants the PIN each time has agreed to this use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// By a login for this operation.
    Given,
    /// Not yet; a login that came just before counts once.
    Pending,
}

/// One PIV card.
pub struct Token {
    /// The number of the card in this process, from 1; object handles are made of it.
    pub number: CK_OBJECT_HANDLE,
    /// Who it is.
    pub identity: Identity,
    threads: Threads,
    label: Mutex<String>,
    place: Mutex<Option<Place>>,
    line: Mutex<Line>,
    first_certificate: Mutex<CertificateObject>,
    objects: Mutex<Option<Arc<Vec<Arc<Object>>>>>,
    login: Mutex<Login>,
    kept_pin: PinKeeper,
    session_objects: Mutex<BTreeMap<CK_OBJECT_HANDLE, (CK_SESSION_HANDLE, Arc<Object>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Token {
    /// A token for a card that was found just now.
    #[must_use]
    pub fn new(number: CK_OBJECT_HANDLE, found: Found, place: Place, threads: Threads) -> Self {
        let identity = found.card.identity();
        let token = Self {
            number,
            identity,
            threads,
            label: Mutex::new(String::new()),
            place: Mutex::new(Some(place)),
            line: Mutex::new(Line {
                card: found.card,
                just_verified: false,
            }),
            first_certificate: Mutex::new(None),
            objects: Mutex::new(None),
            login: Mutex::new(Login::default()),
            kept_pin: PinKeeper::default(),
            session_objects: Mutex::new(BTreeMap::new()),
        };
        token.set_first_certificate(found.certificate);
        token
    }

    /// The card is back: in this place, over this connection.
    pub fn attach(&self, found: Found, place: Place) {
        let mut line = lock(&self.line);
        *line = Line {
            card: found.card,
            just_verified: false,
        };
        *lock(&self.place) = Some(place);
        if self.is_empty() {
            *lock(&self.objects) = None;
            self.set_first_certificate(found.certificate);
        }
        {
            let mut login = lock(&self.login);
            let tries = std::mem::take(&mut login.tries);
            login.tries_before.get_or_insert(tries);
        }
        if self.kept_pin.get().is_none() {
            self.set_logged_out();
        } else {
            // The next use of a key selects, checks who the card is, and verifies the kept PIN.
            line.card.select_again();
        }
    }

    fn set_first_certificate(&self, certificate: Option<CertificateObject>) {
        let Some(certificate) = certificate else {
            return;
        };
        let name = certificate.as_deref().and_then(object::common_name);
        *lock(&self.label) = name.unwrap_or_default();
        *lock(&self.first_certificate) = certificate;
    }

    /// Whether nothing was found on it, so that it is looked at again when it comes back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        lock(&self.first_certificate).is_none()
            && lock(&self.objects)
                .as_ref()
                // The profile is not on the card.
                .is_none_or(|objects| objects.len() <= 1)
    }

    /// The common name in the 9A certificate's subject, or `PIV` and the first four bytes of the identity.
    #[must_use]
    pub fn label(&self) -> String {
        let name = lock(&self.label).clone();
        if name.is_empty() {
            let serial = self.serial();
            format!("PIV {}", serial.get(..8).unwrap_or_default())
        } else {
            name
        }
    }

    /// The first eight bytes of the identity in hexadecimal.
    #[must_use]
    pub fn serial(&self) -> String {
        self.identity
            .0
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Where it was last seen.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        lock(&self.place).clone()
    }

    /// Whether the user is logged in, as far as is known without asking the card.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        lock(&self.login).logged_in
    }

    /// What is known of the PIN.
    #[must_use]
    pub fn tries(&self) -> Tries {
        lock(&self.login).tries
    }

    /// The card has left: its user is logged in no more once a kept PIN has been wiped.
    pub fn left(&self) {
        if self.kept_pin.get().is_none() {
            self.set_logged_out();
        }
    }

    fn set_logged_out(&self) {
        lock(&self.login).logged_in = false;
        self.kept_pin.forget();
        lock(&self.session_objects).retain(|_, (_, object)| !object.is_private());
    }

    /// A sequence of commands, with what its failure says of the login.
    fn sequence_on<R>(
        &self,
        line: &mut Line,
        pin: Option<&Pin>,
        repeat: Repeat,
        work: Work<'_, R>,
    ) -> Result<R> {
        line.just_verified = false;
        let result = line.card.sequence(pin, repeat, work);
        if let Some(insertion) = line.card.take_insertion()
            && let Some(place) = &mut *lock(&self.place)
        {
            place.insertion = insertion;
        }
        if line.card.take_verification_lost() && self.kept_pin.get().is_none() {
            self.set_logged_out();
        }
        result.map_err(|error| {
            log::note(|| error.to_string());
            self.failure(error)
        })
    }

    fn failure(&self, error: CardError) -> Error {
        match error {
            CardError::Gone => Error::DeviceRemoved,
            CardError::OtherCard => Error::SessionHandle,
            CardError::KeptPin(_) | CardError::Command(ClientError::NotAuthorised(_)) => {
                self.set_logged_out();
                Error::UserNotLoggedIn
            }
            CardError::Command(ClientError::Wrong(tries)) => {
                lock(&self.login).tries = match tries {
                    0 => Tries::Blocked,
                    left => Tries::Left(left),
                };
                Error::PinIncorrect
            }
            CardError::Command(ClientError::Blocked) => {
                lock(&self.login).tries = Tries::Blocked;
                Error::PinLocked
            }
            other => Error::Device(other.to_string()),
        }
    }
}
