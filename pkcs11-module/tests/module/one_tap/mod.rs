//! A phone that is away is shown as it was, and a login waits for it: for this phone and no other.

mod desktop;
mod hiccups;
mod impostors;
mod others;
mod uses;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId};
use card_host::KnownCards;
use cryptoki_sys::*;
use tapcard_pkcs11::cache::Cache;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pcsc::Readers;
use tapcard_pkcs11::remembered::{OneTap, Remembered};
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;
use tempfile::{TempDir, tempdir};

use crate::card::{Answers, Foreign, Phone, contactless_phone, phone, put_object};
use crate::reader::Reader;
use crate::replaced::Two;
use crate::rig::{PIN, Rig, class_is, is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];
const SELECT: &str = "SELECT";
const ESTABLISH: &str = "GENERAL AUTHENTICATE";
const VERIFY: &str = "VERIFY";
const SIGN: &str = "PERFORM SECURITY OPERATION";
const WRONG: &[u8] = b"000000";
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(300);
/// What a wait may take that something has ended, on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// A reader whose phone was used here and is away now, and what was kept of it.
struct Desk {
    reader: Reader,
    phone: Option<Box<dyn Answers>>,
    chuid: Vec<u8>,
    kept: TempDir,
}

fn readers_of(reader: &Reader) -> Arc<dyn Readers> {
    Arc::new(reader.clone())
}

/// A program whose user allows one tap.
fn program(readers: Arc<dyn Readers>, reader: &Reader, kept: &Path, wait: Duration) -> Rig {
    program_with(readers, reader, allowing(kept, wait))
}

/// A user who allows one tap.
fn allowing(kept: &Path, wait: Duration) -> Settings {
    Settings {
        cache: Cache::at(kept.join("cache")),
        known_cards: KnownCards::at(kept.join("cards")),
        one_tap: OneTap {
            remembered: Remembered::at(kept.join("state")),
            wait,
        },
        ..Settings::default()
    }
}

fn program_with(readers: Arc<dyn Readers>, reader: &Reader, settings: Settings) -> Rig {
    Rig {
        module: Module::new(readers, settings),
        reader: reader.clone(),
        issued: Vec::new(),
    }
}

impl Desk {
    fn over_contacts() -> Self {
        Self::with(Reader::with(phone(&KEYS).0.announcing()))
    }

    fn contactless() -> Self {
        Self::with(Reader::contactless_with(
            contactless_phone(&KEYS).0.announcing(),
        ))
    }

    fn each() -> [Self; 2] {
        [Self::over_contacts(), Self::contactless()]
    }

    fn with(reader: Reader) -> Self {
        let kept = tempdir().unwrap();
        let rig = program(readers_of(&reader), &reader, kept.path(), LONG);
        rig.user_session();
        rig.module.finalize();
        let chuid = reader.chuid();
        let phone = reader.take();
        reader.sent();
        // Over contacts the first PIN went in clear.
        reader.is_heard_from_now();
        Self {
            reader,
            phone,
            chuid,
            kept,
        }
    }

    fn program(&self) -> Rig {
        self.program_that_waits(LONG)
    }

    fn program_that_waits(&self, wait: Duration) -> Rig {
        let readers = readers_of(&self.reader);
        program(readers, &self.reader, self.kept.path(), wait)
    }

    /// Puts the phone into the reader.
    fn tap(&mut self) {
        self.reader.put(self.phone.take().unwrap());
    }
}

/// Another phone for the same kind of reader.
fn another(desk: &Desk, is_contactless: bool) -> Phone {
    let (mut phone, _) = if is_contactless {
        contactless_phone(&KEYS)
    } else {
        phone(&KEYS)
    };
    put_object(&mut phone, ObjectId::Chuid, &desk.chuid);
    phone.announcing()
}

/// Waits until this session's login waits for the phone.
fn wait_until_waiting(rig: &Rig, session: CK_SESSION_HANDLE) {
    let token = Arc::clone(&rig.at(session).token);
    wait_for("the login waits", || token.is_waited_for());
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> Result<(), Error> {
    begin(rig, session, key)?;
    finish(rig, session)
}

fn begin(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> Result<(), Error> {
    let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(ecdsa), key)
}

/// The signature that was begun.
fn finish(rig: &Rig, session: CK_SESSION_HANDLE) -> Result<(), Error> {
    let session = rig.at(session);
    let mut operations = session.operations();
    let signed = operations.sign.whole(&[5; 32], OutputBuffer::Bytes(64));
    signed.map(drop)
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The DER certificate with this CKA_ID.
fn certificate(rig: &Rig, session: CK_SESSION_HANDLE, id: u8) -> Vec<u8> {
    let found = rig.object(session, CKO_CERTIFICATE, id);
    let object = rig.at(session).object(found).unwrap();
    object.attributes.value(CKA_VALUE).unwrap().to_vec()
}

#[test]
fn a_phone_that_is_away_is_listed_and_nothing_is_sent() {
    let desk = Desk::over_contacts();
    let rig = desk.program();
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    let slot = rig.module.slot_info(0).unwrap();
    assert_eq!(slot.flags & CKF_TOKEN_PRESENT, CKF_TOKEN_PRESENT);
    assert_eq!(rig.module.token_info(0).unwrap().label, "Alice Example");
    let session = rig.session();
    for class in [CKO_CERTIFICATE, CKO_PUBLIC_KEY] {
        assert_eq!(rig.find(session, &[class_is(class)]).unwrap().len(), 4);
    }
    assert!(!certificate(&rig, session, 1).is_empty());
    // Neither does a search for a key that it has not wait for it.
    let absent = [class_is(CKO_PUBLIC_KEY), is(CKA_ID, &[5])];
    assert!(rig.find(session, &absent).unwrap().is_empty());
    assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
    rig.module.close_session(session).unwrap();
    rig.module.finalize();
    assert!(desk.reader.sent().is_empty());
}

#[test]
fn a_login_waits_for_the_tap_and_is_done_in_one_go() {
    for mut desk in Desk::each() {
        let rig = desk.program();
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
        let key = rig.private_key(session, 1);
        sign(&rig, session, key).unwrap();
        assert_eq!(rig.reader.sent(), [SELECT, ESTABLISH, VERIFY, SIGN]);
        assert!(!rig.reader.has_heard(PIN));
        // It is the token that was shown.
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        assert!(rig.module.session(session).is_ok());
        drop(rig.reader.take());
        // Away again, and logged out.
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
    }
}

#[test]
fn a_wait_has_a_bound_and_the_next_one_succeeds() {
    let mut desk = Desk::contactless();
    let rig = desk.program_that_waits(Duration::from_millis(200));
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(PIN));
    assert_eq!(login(), Err(Error::DeviceRemoved));
    desk.tap();
    assert_eq!(login(), Ok(()));
}

/// What ends a wait.
#[derive(Clone, Copy)]
enum By {
    Cancel,
    Session,
    Module,
}

#[test]
fn a_cancellation_or_the_end_of_session_or_module_ends_the_wait() {
    let desk = Desk::contactless();
    let rig = desk.program();
    let mut ended = vec![];
    for by in [By::Cancel, By::Session, By::Module] {
        let session = rig.session();
        let begun = Instant::now();
        let end = std::thread::scope(|scope| {
            let of_session = rig.at(session);
            let login = scope.spawn(move || of_session.login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            match by {
                By::Cancel => rig.at(session).cancel(0),
                By::Session => rig.module.close_session(session).unwrap(),
                By::Module => rig.module.finalize(),
            }
            login.join().unwrap()
        });
        assert!(begun.elapsed() < SOON);
        ended.push(end);
    }
    assert_eq!(
        ended,
        [
            Err(Error::Canceled),
            Err(Error::SessionHandle),
            Err(Error::NotInitialized)
        ]
    );
    assert!(desk.reader.sent().is_empty());
}

#[test]
fn other_cards_are_left_alone_and_told_nothing() {
    for (mut desk, is_contactless) in Desk::each().into_iter().zip([false, true]) {
        let reader = desk.reader.clone();
        let strangers: [(Box<dyn Answers>, &str); 4] = [
            (Box::new(Foreign), SELECT),
            (Box::new(phone(&KEYS).0), SELECT),
            (Box::new(phone(&KEYS).0.announcing()), SELECT),
            // One that claims to be the phone, with certificates and a key of its own.
            (Box::new(another(&desk, is_contactless)), ESTABLISH),
        ];
        let rig = desk.program();
        let session = rig.session();
        let before = certificate(&rig, session, 1);
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            for (stranger, command) in strangers {
                let heard = std::cell::RefCell::new(Vec::new());
                reader.put(stranger);
                wait_for("it is looked at", || {
                    heard.borrow_mut().extend(reader.sent());
                    heard.borrow().iter().any(|sent| sent == command)
                });
                assert!(!login.is_finished());
                drop(reader.take());
                heard.borrow_mut().extend(reader.sent());
                assert!(!heard.borrow().iter().any(|sent| sent == VERIFY));
            }
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
        assert_eq!(rig.reader.sent(), [SELECT, ESTABLISH, VERIFY]);
        assert_eq!(certificate(&rig, session, 1), before);
        let key = rig.private_key(session, 1);
        assert_eq!(sign(&rig, session, key), Ok(()));
    }
}

#[test]
fn a_wrong_pin_costs_one_try_and_its_repetition_none() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(WRONG)));
        desk.tap();
        assert_eq!(login.join().unwrap(), Err(Error::PinIncorrect));
    });
    let login = |pin| rig.at(session).login(CKU_USER, Some(pin));
    assert_eq!(login(WRONG), Err(Error::PinIncorrect));
    let sent = rig.reader.sent();
    assert_eq!(sent.iter().filter(|name| *name == VERIFY).count(), 1);
    // It is there, and is not waited for.
    assert_eq!(login(PIN), Ok(()));
}

#[test]
fn a_renewed_phone_shows_what_it_has_after_the_tap() {
    let mut desk = Desk::over_contacts();
    let rig = desk.program();
    let session = rig.session();
    let before = certificate(&rig, session, 1);
    let gone = rig.object(session, CKO_CERTIFICATE, 4);
    // 9A has another certificate, and 9E none.
    let other = {
        let key = Reader::with(phone(&KEYS[..1]).0.announcing());
        let rig = Rig::with_reader(key);
        let session = rig.session();
        certificate(&rig, session, 1)
    };
    let content = card_edge::piv::certificate::encode(&other).unwrap();
    put_object(
        desk.phone.as_mut().unwrap().as_mut(),
        ObjectId::Certificate(AsymmetricKey::PivAuthentication),
        &content,
    );
    put_object(
        desk.phone.as_mut().unwrap().as_mut(),
        ObjectId::Certificate(AsymmetricKey::CardAuthentication),
        &[],
    );
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_ne!(before, other);
    assert_eq!(certificate(&rig, session, 1), other);
    assert_eq!(
        rig.at(session).object(gone).err(),
        Some(Error::ObjectHandle)
    );
    rig.module.finalize();
    // The next program knows the new ones.
    drop(rig.reader.take());
    let rig = desk.program();
    assert_eq!(certificate(&rig, rig.session(), 1), other);
}

/// How many certificates a session sees.
fn certificates(rig: &Rig, session: CK_SESSION_HANDLE) -> usize {
    let found = rig.find(session, &[class_is(CKO_CERTIFICATE)]);
    found.unwrap().len()
}

#[test]
fn a_renewed_phone_is_read_while_it_is_there() {
    let mut desk = Desk::over_contacts();
    let rig = desk.program();
    let session = rig.session();
    assert_eq!(certificates(&rig, session), 4);
    put_object(
        desk.phone.as_mut().unwrap().as_mut(),
        ObjectId::Certificate(AsymmetricKey::CardAuthentication),
        &[],
    );
    desk.tap();
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    drop(rig.reader.take());
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    rig.reader.sent();
    assert_eq!(certificates(&rig, session), 3);
    assert!(rig.reader.sent().is_empty());
}

#[test]
fn a_phone_that_another_program_has_read_is_shown_by_one_that_has_only_listed_it() {
    let reader = Reader::with(phone(&KEYS).0.announcing());
    let kept = tempdir().unwrap();
    let open = || program(readers_of(&reader), &reader, kept.path(), LONG);
    let rig = open();
    let session = rig.session();
    assert_eq!(reader.sent(), [SELECT, ESTABLISH]);
    let other = open();
    other.user_session();
    other.module.finalize();
    drop(reader.take());
    reader.sent();
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    assert_eq!(certificates(&rig, session), 4);
    assert!(reader.sent().is_empty());
}

#[test]
fn any_reader_may_bring_the_phone_and_it_is_shown_once() {
    let mut desk = Desk::contactless();
    let (left, right) = (Reader::empty(), desk.reader.clone());
    let kept = desk.kept.path().to_owned();
    let readers = Arc::new(Two([left, right.clone()]));
    let open = || {
        let readers = Arc::clone(&readers) as Arc<dyn Readers>;
        program(readers, &right, &kept, LONG)
    };
    let rig = open();
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(rig.module.slot_list(Which::WithToken), [1]);
    assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
    // A program that comes later sees it where it is.
    assert_eq!(open().module.slot_list(Which::WithToken), [1]);
}

#[test]
fn sessions_end_where_another_card_takes_the_place() {
    let desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    desk.reader.put(Box::new(contactless_phone(&KEYS).0));
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    assert_eq!(
        rig.module.session(session).err(),
        Some(Error::SessionHandle)
    );
}

#[test]
fn without_the_users_word_nothing_is_shown_nor_what_cannot_prove_itself() {
    let desk = Desk::contactless();
    let absent = |rig: Rig| {
        assert!(rig.module.slot_list(Which::WithToken).is_empty());
        assert_eq!(
            rig.module.open_session(0, Access::ReadOnly),
            Err(Error::TokenNotPresent)
        );
    };
    absent(Rig::keeping_at(
        &desk.kept.path().join("cache"),
        &desk.reader,
    ));
    std::fs::remove_dir_all(desk.kept.path().join("cards")).unwrap();
    absent(desk.program());
}
