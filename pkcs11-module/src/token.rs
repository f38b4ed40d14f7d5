//! A token: one PIV card, by its identity. It outlives insertions; sessions and object handles stand on it.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_edge::piv::key::{PinPolicy, RetiredNumber};
use card_edge::piv::object::ObjectId;
use card_edge::piv::{Algorithm, Pin, Reference, Slot, history::KeyHistory};
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE};
use zeroize::Zeroizing;

use crate::card::{
    Card, CardError, CertificateObject, Client, ClientError, Found, Identity, Repeat, Work,
    read_certificate,
};
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
        lock(&self.login).tries = Tries::Unknown;
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
    fn sequence<R>(&self, pin: Option<&Pin>, repeat: Repeat, work: Work<'_, R>) -> Result<R> {
        self.sequence_on(&mut lock(&self.line), pin, repeat, work)
    }

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
        if lock(&self.login).refused.contain(pin) {
            log::note(|| "the card has refused this PIN before: not sent again".into());
            return Err(Error::PinIncorrect);
        }
        let verified = self.sequence_on(&mut line, None, Repeat::Never, &mut |client| {
            client.verify(Reference::PivPin, pin)
        });
        match verified {
            Ok(()) => {
                line.just_verified = true;
                self.accepted(pin);
                Ok(())
            }
            Err(error) => {
                if error == Error::PinIncorrect {
                    lock(&self.login).refused.remember(pin);
                }
                Err(error)
            }
        }
    }

    fn accepted(&self, pin: &Pin) {
        let mut login = lock(&self.login);
        login.tries = Tries::Unknown;
        login.refused.forget();
        self.kept_pin.keep(pin, self.threads);
    }

    /// Changes the PIN.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        if lock(&self.login).refused.contain(old) {
            return Err(Error::PinIncorrect);
        }
        let changed = self.sequence(None, Repeat::Never, &mut |client| {
            client.change_pin(old, new)
        });
        match changed {
            Ok(()) => {
                self.accepted(new);
                Ok(())
            }
            Err(error) => {
                if error == Error::PinIncorrect {
                    lock(&self.login).refused.remember(old);
                }
                Err(error)
            }
        }
    }

    /// Logs the user out, on the card too: what is verified there would serve every other program.
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
        line.card.if_selected(&mut |client| {
            // A card that does not know P1 = FF keeps its state until it leaves the field.
            if let Err(error) = client.reset_verification(Reference::PivPin) {
                log::note(|| format!("the card did not log out: {error}"));
            }
        });
        Ok(())
    }

    /// The objects of the card, read once for as long as the process lives.
    ///
    /// # Errors
    /// Any failure of the card.
    pub fn objects(&self) -> Result<Arc<Vec<Arc<Object>>>> {
        if let Some(objects) = lock(&self.objects).clone() {
            return Ok(objects);
        }
        let mut line = lock(&self.line);
        if let Some(objects) = lock(&self.objects).clone() {
            return Ok(objects);
        }
        let mut certificates = self.read_certificates(&mut line)?;
        if certificates.is_empty() {
            // Another program may have selected another application, which answers just the same.
            line.card.select_again();
            certificates = self.read_certificates(&mut line)?;
        }
        let first = lock(&self.first_certificate).clone();
        certificates.splice(0..0, first.map(|der| (Slot::PivAuthentication, der)));
        let objects = object::from_certificates(self.number, &certificates);
        let objects = Arc::new(objects.into_iter().map(Arc::new).collect::<Vec<_>>());
        *lock(&self.objects) = Some(Arc::clone(&objects));
        Ok(objects)
    }

    /// Reads all certificates but the first, which the label was made of. This is the one place where public
    /// objects come from the card.
    fn read_certificates(&self, line: &mut Line) -> Result<Vec<(Slot, Vec<u8>)>> {
        self.sequence_on(line, None, Repeat::Allowed, &mut |client| {
            let mut certificates = Vec::new();
            let main = Slot::MAIN.into_iter().skip(1);
            for slot in main.chain(retired_slots(client)?) {
                if let Some(der) = read_certificate(client, slot)? {
                    certificates.push((slot, der));
                }
            }
            Ok(certificates)
        })
    }

    /// The objects of the card and of its sessions that can be seen now.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub fn visible_objects(&self) -> Result<Vec<Arc<Object>>> {
        let logged_in = self.is_logged_in();
        let card = self.objects()?;
        let session = lock(&self.session_objects);
        let session = session.values().map(|(_, object)| object);
        Ok(card
            .iter()
            .chain(session)
            .filter(|object| logged_in || !object.is_private())
            .cloned()
            .collect())
    }

    /// The object with this handle, whether or not it can be seen now.
    ///
    /// # Errors
    /// [`Error::ObjectHandle`], or as [`Self::objects`].
    pub fn object(&self, handle: CK_OBJECT_HANDLE) -> Result<Arc<Object>> {
        if handle >= object::FIRST_SESSION_HANDLE {
            return lock(&self.session_objects)
                .get(&handle)
                .map(|(_, object)| Arc::clone(object))
                .ok_or(Error::ObjectHandle);
        }
        self.objects()?
            .iter()
            .find(|object| object.handle == handle)
            .cloned()
            .ok_or(Error::ObjectHandle)
    }

    /// Adds an object that lives as long as the session.
    pub fn add_session_object(&self, session: CK_SESSION_HANDLE, object: Object) {
        lock(&self.session_objects).insert(object.handle, (session, Arc::new(object)));
    }

    /// Removes a session's object.
    ///
    /// # Errors
    /// [`Error::ObjectHandle`], [`Error::ActionProhibited`] for an object of the card.
    pub fn destroy_object(&self, handle: CK_OBJECT_HANDLE) -> Result<()> {
        if !self
            .object(handle)?
            .attributes
            .flag(cryptoki_sys::CKA_DESTROYABLE)
        {
            return Err(Error::ActionProhibited);
        }
        lock(&self.session_objects)
            .remove(&handle)
            .map(drop)
            .ok_or(Error::ObjectHandle)
    }

    /// Removes all objects of a session that was closed.
    pub fn destroy_objects_of(&self, session: CK_SESSION_HANDLE) {
        lock(&self.session_objects).retain(|_, (owner, _)| *owner != session);
    }

    /// The bare operation of a private key on a block: see [`Client::apply_key`].
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where the card wants the PIN (again), or any failure of the card.
    pub fn apply_key(
        &self,
        slot: Slot,
        algorithm: Algorithm,
        block: &[u8],
        consent: Consent,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(slot, consent, &mut |client| {
            client.apply_key(slot, algorithm, block)
        })
    }

    /// ECDH of a private key with a point: see [`Client::agree`].
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn agree(
        &self,
        slot: Slot,
        algorithm: Algorithm,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(slot, Consent::Pending, &mut |client| {
            client.agree(slot, algorithm, point)
        })
    }

    fn use_key(
        &self,
        slot: Slot,
        consent: Consent,
        work: Work<'_, Zeroizing<Vec<u8>>>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut line = lock(&self.line);
        let agreed = consent == Consent::Given || line.just_verified;
        // A kept PIN must not stand in for the consent that such a key wants for each use.
        if slot.pin_policy() == PinPolicy::Always && !agreed {
            return Err(Error::UserNotLoggedIn);
        }
        let pin = (slot.pin_policy() != PinPolicy::Never)
            .then(|| self.kept_pin.get())
            .flatten();
        self.sequence_on(&mut line, pin.as_ref(), Repeat::Allowed, work)
    }
}

/// The slots of retired keys whose certificates are on the card: one command tells how many.
fn retired_slots(client: &mut Client<'_>) -> core::result::Result<Vec<Slot>, ClientError> {
    let content = match client.get_data(ObjectId::KeyHistory) {
        Err(error @ ClientError::Exchange(_)) => return Err(error),
        other => other.ok().flatten(),
    };
    let on_card = content
        .and_then(|content| KeyHistory::decode(&content).ok())
        .map_or(0, |history| history.on_card);
    Ok((1..=on_card)
        .filter_map(RetiredNumber::new)
        .map(Slot::RetiredKeyManagement)
        .collect())
}
