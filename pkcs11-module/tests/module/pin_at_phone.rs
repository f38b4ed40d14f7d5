//! The PIN typed at the phone: what a login without a PIN does, costs and answers, and what ends it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, Pin};
use cryptoki_sys::*;
use tapcard_phone::consent::{
    Answer, Desk, Holder, Link, PinAnswer, PinCheck, PinRequest, Question, Reply, Usage,
};
use tapcard_phone::interface::Interface;
use tapcard_phone::state::PinEntry;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::hash::Hash;
use tapcard_pkcs11::logins::Logins;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pcsc::bounded::Bounds;
use tapcard_pkcs11::settings::Settings;

use super::card::{Answers, Phone, USUAL, contactless_phone, phone};
use super::reader::Reader;
use super::rig::{BOUND, PIN, Rig};

const ECC: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];

const SELECT: &str = "SELECT";
const VERIFY: &str = "VERIFY";
const SIGN: &str = "PERFORM SECURITY OPERATION";
const LOG_OUT: &str = "VERIFY, log out";
/// VERIFY without data.
const ASKS: [u8; 4] = [0x00, 0x20, 0x00, 0x80];
const VERIFIED: [u8; 2] = [0x90, 0x00];
const SOON: Duration = Duration::from_secs(20);

/// What the holder does.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Types(&'static str),
    Ends(PinAnswer),
}

/// Types the PIN.
pub const RIGHT: Act = Act::Types("123456");
const WRONG: Act = Act::Types("999999");

/// Does one after the other, and remembers what was asked.
#[derive(Clone)]
pub struct Hand(Arc<Mutex<Vec<Act>>>, Arc<Mutex<Vec<PinRequest>>>);

impl Hand {
    /// Does these.
    pub fn new(acts: &[Act]) -> Self {
        let acts = acts.iter().rev().copied().collect();
        Self(Arc::new(Mutex::new(acts)), Arc::default())
    }

    /// What was asked.
    pub fn asked(&self) -> Vec<PinRequest> {
        self.1.lock().unwrap().clone()
    }
}

impl Holder for Hand {
    fn ask(&mut self, _: &Usage, _: &mut dyn Link) -> Answer {
        Answer::Refused
    }

    fn pin_time(&self) -> Option<Duration> {
        Some(Duration::from_secs(30))
    }

    fn ask_for_pin(&mut self, request: &PinRequest, card: &mut dyn PinCheck) -> PinAnswer {
        self.1.lock().unwrap().push(request.clone());
        match self.0.lock().unwrap().pop().unwrap() {
            Act::Types(digits) => card.compare(&Pin::new(digits.as_bytes()).unwrap()),
            Act::Ends(answer) => answer,
        }
    }
}

/// A module with a phone on which this holder types the PIN.
fn rig(hand: &Hand) -> Rig {
    Rig::with_reader(Reader::with(phone(&ECC).0.typing(hand.clone())))
}

fn flags(rig: &Rig) -> CK_FLAGS {
    rig.module.token_info(0).unwrap().flags & CKF_PROTECTED_AUTHENTICATION_PATH
}

fn state(rig: &Rig, session: CK_SESSION_HANDLE) -> CK_STATE {
    rig.at(session).info().state
}

fn login(rig: &Rig, session: CK_SESSION_HANDLE) -> Result<(), Error> {
    rig.at(session).login(CKU_USER, None)
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, id: u8) -> Result<(), Error> {
    let key = rig.private_key(session, id);
    let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
    let session = rig.at(session);
    session.sign_init(Some(ecdsa), key)?;
    let mut operations = session.operations();
    let signed = operations.sign.whole(&[5; 32], OutputBuffer::Bytes(64));
    signed.map(drop)
}

#[test]
fn a_login_is_three_commands_over_either_interface_and_the_pin_is_not_in_them() {
    for (keys, algorithm) in [(&USUAL, KeyAlgorithm::Rsa2048), (&ECC, KeyAlgorithm::P256)] {
        for interface in [Interface::Contact, Interface::Contactless] {
            let hand = Hand::new(&[RIGHT; 2]);
            let reader = match interface {
                Interface::Contact => Reader::with(phone(keys).0.typing(hand.clone())),
                Interface::Contactless => {
                    let (phone, _) = contactless_phone(keys);
                    Reader::contactless_with(phone.typing(hand.clone()))
                }
            };
            let folder = tempfile::tempdir().unwrap();
            let hash = Hash::Sha256.of(&[b"abc"]);
            let (mechanism, data) = match algorithm {
                KeyAlgorithm::P256 => (Mechanism::Ecdsa(Ecdsa { hash: None }), hash.to_vec()),
                _ => (
                    Mechanism::RsaPkcs(RsaPkcs { hash: None }),
                    Hash::Sha256.digest_info(&hash).unwrap().to_vec(),
                ),
            };
            let mut sent = Vec::new();
            for _ in 0..2 {
                let rig = Rig::keeping_at(folder.path(), &reader);
                let session = rig.session();
                assert_ne!(flags(&rig), 0);
                login(&rig, session).unwrap();
                assert_eq!(state(&rig, session), CKS_RO_USER_FUNCTIONS);
                let key = rig.private_key(session, 1);
                let session = rig.at(session);
                session.sign_init(Some(mechanism.clone()), key).unwrap();
                let mut operations = session.operations();
                let output = OutputBuffer::Bytes(512);
                operations.sign.whole(&data, output).unwrap();
                drop(operations);
                rig.module.finalize();
                sent = reader.sent();
            }
            assert_eq!(sent, [SELECT, VERIFY, SIGN, LOG_OUT], "{interface:?}");
            assert!(!reader.has_heard(PIN));
            let asked = hand.asked();
            assert!(asked.iter().all(|one| one.interface == interface));
            // The holder is told which program asks.
            let says = asked.first().and_then(|one| one.says.clone());
            assert!(says.is_some_and(|says| says.contains(" on ")));
        }
    }
}

#[test]
fn without_the_flag_a_pin_must_be_given_and_with_it_may_be() {
    let plain = Rig::with_reader(Reader::with(phone(&ECC).0.announcing()));
    let session = plain.session();
    assert_eq!(flags(&plain), 0);
    let refused = login(&plain, session).unwrap_err();
    assert_eq!(refused.rv(), CKR_ARGUMENTS_BAD);
    assert!(!plain.at(session).has_pin_typed());

    let hand = Hand::new(&[]);
    let rig = rig(&hand);
    let session = rig.user_session();
    assert_ne!(flags(&rig), 0);
    assert_eq!(sign(&rig, session, 1), Ok(()));
    assert_eq!(hand.asked().len(), 0);
    assert!(rig.at(session).has_pin_typed());
    // The security officer's is never typed there.
    rig.at(session).logout().unwrap();
    let refused = rig.at(session).login(CKU_SO, None).unwrap_err();
    assert_eq!(refused.rv(), CKR_ARGUMENTS_BAD);
}

#[test]
fn what_the_holder_does_not_type_is_canceled() {
    for end in [PinAnswer::Refused, PinAnswer::TimedOut] {
        let hand = Hand::new(&[WRONG, Act::Ends(end), RIGHT]);
        let rig = rig(&hand);
        let session = rig.session();
        assert_eq!(
            login(&rig, session).unwrap_err().rv(),
            CKR_FUNCTION_CANCELED
        );
        assert_eq!(state(&rig, session), CKS_RO_PUBLIC_SESSION);
        assert_eq!(pin_status(&rig.reader), [0x63, 0xC4]);
        // Whoever repeats it at once has nobody asked again.
        let again = Hand::new(&[Act::Ends(end)]);
        let phone = phone(&ECC).0.typing(again.clone());
        let rig = Rig::with_reader(Reader::with(phone.remembering_refusals()));
        let session = rig.session();
        for _ in 0..3 {
            assert_eq!(login(&rig, session), Err(Error::Canceled));
        }
        assert_eq!(again.asked().len(), 1);
    }
}

#[test]
fn a_wrong_pin_is_between_phone_and_holder() {
    let hand = Hand::new(&[WRONG, WRONG, RIGHT]);
    let rig = rig(&hand);
    let session = rig.session();
    assert_eq!(login(&rig, session), Ok(()));
    assert_eq!(hand.asked().last().unwrap().tries, 3);
    assert_eq!(sign(&rig, session, 1), Ok(()));
    let wrong = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;
    assert_eq!(rig.module.token_info(0).unwrap().flags & wrong, 0);
}

#[test]
fn a_blocked_pin_is_locked() {
    let hand = Hand::new(&[WRONG; 5]);
    let rig = rig(&hand);
    let session = rig.session();
    for _ in 0..2 {
        assert_eq!(login(&rig, session), Err(Error::PinLocked));
    }
    assert_eq!(hand.asked().len(), 5);
    let locked = rig.module.token_info(0).unwrap().flags & CKF_USER_PIN_LOCKED;
    assert_ne!(locked, 0);
}

#[test]
fn each_signature_of_9c_has_the_pin_typed() {
    let hand = Hand::new(&[RIGHT, RIGHT, Act::Ends(PinAnswer::Refused)]);
    let rig = rig(&hand);
    let session = rig.session();
    login(&rig, session).unwrap();
    // Directly after the login it signs once.
    assert_eq!(sign(&rig, session, 2), Ok(()));
    assert_eq!(sign(&rig, session, 2), Err(Error::UserNotLoggedIn));
    let key = rig.private_key(session, 2);
    for result in [Ok(()), Err(Error::Canceled)] {
        let session = rig.at(session);
        let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
        session.sign_init(Some(ecdsa), key).unwrap();
        assert_eq!(session.login(CKU_CONTEXT_SPECIFIC, None), result);
        let mut operations = session.operations();
        let signed = operations.sign.whole(&[5; 32], OutputBuffer::Bytes(64));
        assert_eq!(signed.is_ok(), result.is_ok());
    }
    // Without a signature that wants it nobody is asked.
    assert_eq!(
        rig.at(session).login(CKU_CONTEXT_SPECIFIC, None),
        Err(Error::OperationNotInitialized)
    );
}

#[test]
fn a_holder_who_turns_it_off_meanwhile_is_not_asked() {
    let hand = Hand::new(&[]);
    let phone = phone(&ECC).0.typing(hand.clone());
    let setting = phone.entry();
    let rig = Rig::with_reader(Reader::with(phone));
    let session = rig.session();
    assert_ne!(flags(&rig), 0);
    setting.set(PinEntry::Host);
    assert_eq!(login(&rig, session).unwrap_err().rv(), CKR_ARGUMENTS_BAD);
    assert_eq!(flags(&rig), 0);
    let given = rig.at(session).login(CKU_USER, Some(PIN));
    assert_eq!(given, Ok(()));
    assert_eq!(sign(&rig, session, 1), Ok(()));
    assert_eq!(hand.asked().len(), 0);
}

/// A module for which a card's answer takes no longer than this, and a phone whose holder is at a desk.
fn at_desk(time: Duration) -> (Rig, Desk) {
    let desk = Desk::new(time);
    let rig = impatient(Reader::with(phone(&ECC).0.typing(desk.clone())));
    (rig, desk)
}

/// A module for which a card's answer takes no longer than this.
fn impatient(reader: Reader) -> Rig {
    let settings = Settings {
        bounds: Bounds {
            exchange: *BOUND,
            look: *BOUND,
            ..Bounds::default()
        },
        ..Settings::default()
    };
    let module = Module::new(Arc::new(reader.clone()), settings);
    Rig {
        module,
        reader,
        issued: Vec::new(),
    }
}

/// The name of the request for the PIN that waits at the desk.
fn request(desk: &Desk) -> String {
    let begun = Instant::now();
    let mut now = desk.now();
    loop {
        assert!(begun.elapsed() < SOON, "{now:?}");
        match &now.request {
            Some(request) if matches!(request.question, Question::Pin(_)) => {
                return request.id.to_string();
            }
            _ => now = desk.wait_for_change(now.revision, SOON),
        }
    }
}

/// What another program is told of the PIN: verified, or the tries.
fn pin_status(reader: &Reader) -> Vec<u8> {
    reader.ask(&ASKS)
}

/// Programs of one user, each of which knows who is logged in.
struct Programs {
    reader: Reader,
    folder: tempfile::TempDir,
}

impl Programs {
    fn at(reader: Reader) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { reader, folder }
    }

    fn program(&self) -> Rig {
        let settings = Settings {
            logins: Logins::at(self.folder.path().join("logins")),
            ..Settings::default()
        };
        Rig {
            module: Module::new(Arc::new(self.reader.clone()), settings),
            ..Rig::with_reader(self.reader.clone())
        }
    }
}

#[test]
fn a_holder_who_refuses_when_nobody_waits_any_more_logs_no_other_program_out() {
    let desk = Desk::new(Duration::from_secs(60));
    let programs = Programs::at(Reader::with(phone(&ECC).0.typing(desk.clone())));
    let (one, two) = (programs.program(), programs.program());
    let (in_one, in_two) = (one.user_session(), two.session());
    let id = std::thread::scope(|scope| {
        let waits = two.at(in_two);
        let login = scope.spawn(move || waits.login(CKU_USER, None));
        let id = request(&desk);
        two.at(in_two).cancel(0);
        assert_eq!(login.join().unwrap(), Err(Error::Canceled));
        id
    });
    assert!(desk.answer(&id, Reply::Refuse));
    // The first program's own connection is left.
    wait_for("the command is over", || programs.reader.connections() == 1);
    assert_eq!(pin_status(&programs.reader), VERIFIED);
    assert_eq!(sign(&one, in_one, 1), Ok(()));
}

#[test]
fn who_fails_to_log_in_logs_out_for_who_has_left_meanwhile_and_for_no_one_who_stays() {
    let desk = Desk::new(Duration::from_secs(60));
    let programs = Programs::at(Reader::with(phone(&ECC).0.typing(desk.clone())));
    let reader = &programs.reader;
    for leaves in [false, true] {
        let (one, two) = (programs.program(), programs.program());
        let (in_one, in_two) = (one.user_session(), two.session());
        std::thread::scope(|scope| {
            let login = scope.spawn(|| login(&two, in_two));
            let id = request(&desk);
            if leaves {
                one.at(in_one).logout().unwrap();
            }
            assert!(desk.answer(&id, Reply::Refuse));
            assert_eq!(login.join().unwrap(), Err(Error::Canceled));
        });
        if leaves {
            assert_eq!(pin_status(reader), [0x63, 0xC5]);
        } else {
            assert_eq!(pin_status(reader), VERIFIED);
            assert_eq!(sign(&one, in_one, 1), Ok(()));
        }
        one.module.finalize();
        two.module.finalize();
    }
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn type_pin(desk: &Desk, id: &str) -> bool {
    desk.answer(id, Reply::Pin(Pin::new(PIN).unwrap()))
}

#[test]
fn the_holder_has_more_time_than_other_commands() {
    let (rig, desk) = at_desk(Duration::from_secs(30));
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| login(&rig, session));
        let id = request(&desk);
        // Whatever other command would be given up by then.
        let late = Instant::now() + *BOUND * 3;
        while Instant::now() < late {
            assert!(!login.is_finished());
            drop(desk.wait_for_change(desk.now().revision, Duration::from_millis(50)));
        }
        assert!(type_pin(&desk, &id));
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(sign(&rig, session, 1), Ok(()));
}

/// A desk whose holder has the time that is told here.
struct Timed(Desk, Arc<Mutex<Duration>>);

impl Holder for Timed {
    fn ask(&mut self, usage: &Usage, link: &mut dyn Link) -> Answer {
        self.0.ask(usage, link)
    }

    fn pin_time(&self) -> Option<Duration> {
        Some(*self.1.lock().unwrap())
    }

    fn ask_for_pin(&mut self, request: &PinRequest, card: &mut dyn PinCheck) -> PinAnswer {
        self.0.ask_for_pin(request, card)
    }
}

#[test]
fn the_time_is_the_one_that_the_phone_has_told_last() {
    let desk = Desk::new(Duration::from_secs(60));
    let short = Duration::from_secs(2);
    let time = Arc::new(Mutex::new(short));
    let timed = Timed(desk.clone(), Arc::clone(&time));
    let rig = impatient(Reader::with(phone(&ECC).0.typing(timed)));
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| login(&rig, session));
        assert!(type_pin(&desk, &request(&desk)));
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(sign(&rig, session, 2), Ok(()));
    let key = rig.private_key(session, 2);
    let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(ecdsa), key).unwrap();
    // It is selected once more for this one.
    *time.lock().unwrap() = Duration::from_secs(60);
    rig.reader.reset();
    std::thread::scope(|scope| {
        let waits = rig.at(session);
        let login = scope.spawn(move || waits.login(CKU_CONTEXT_SPECIFIC, None));
        let id = request(&desk);
        let late = Instant::now() + short + *BOUND * 2;
        while Instant::now() < late {
            assert!(!login.is_finished());
            drop(desk.wait_for_change(desk.now().revision, Duration::from_millis(50)));
        }
        assert!(type_pin(&desk, &id));
        assert_eq!(login.join().unwrap(), Ok(()));
    });
}

/// What ends the wait for the holder.
#[derive(Clone, Copy, Debug)]
enum By {
    Cancel,
    Session,
    Module,
}

#[test]
fn who_waits_no_longer_is_answered_and_what_is_typed_then_serves_nobody() {
    for by in [By::Cancel, By::Session, By::Module] {
        let (rig, desk) = at_desk(Duration::from_secs(60));
        let session = rig.session();
        let id = std::thread::scope(|scope| {
            let waits = rig.at(session);
            let login = scope.spawn(move || waits.login(CKU_USER, None));
            let id = request(&desk);
            let begun = Instant::now();
            match by {
                By::Cancel => rig.at(session).cancel(0),
                By::Session => rig.module.close_session(session).unwrap(),
                By::Module => rig.module.finalize(),
            }
            let ended = login.join().unwrap();
            assert!(begun.elapsed() < SOON, "{by:?}");
            let expected = match by {
                By::Cancel | By::Session => CKR_FUNCTION_CANCELED,
                By::Module => CKR_CRYPTOKI_NOT_INITIALIZED,
            };
            assert_eq!(ended.unwrap_err().rv(), expected, "{by:?}");
            id
        });
        assert!(type_pin(&desk, &id), "the phone cannot know");
        wait_for("it is taken back", || {
            rig.reader.sent().iter().any(|name| name == LOG_OUT)
        });
        assert_eq!(pin_status(&rig.reader), [0x63, 0xC5], "{by:?}");
    }
}

/// A phone, and what somebody does when it is selected next.
struct Watched {
    phone: Phone,
    then: Then,
}

type Then = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

impl Answers for Watched {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        if command.starts_with(&[0x00, 0xA4])
            && let Some(then) = self.then.lock().unwrap().take()
        {
            then();
        }
        self.phone.answer(command)
    }

    fn reset(&mut self) {
        self.phone.reset();
    }
}

#[test]
fn who_does_not_want_it_any_more_before_the_phone_is_asked_has_nobody_asked() {
    for by in [By::Cancel, By::Session] {
        let hand = Hand::new(&[RIGHT]);
        let then = Then::default();
        let phone = phone(&ECC).0.typing(hand.clone());
        let rig = Arc::new(Rig::with_reader(Reader::with(Watched {
            phone,
            then: Arc::clone(&then),
        })));
        // The card stays in use.
        let (session, _other) = (rig.session(), rig.session());
        let waits = rig.at(session);
        let meanwhile = Arc::clone(&rig);
        *then.lock().unwrap() = Some(Box::new(move || match by {
            By::Cancel => meanwhile.at(session).cancel(0),
            By::Session | By::Module => meanwhile.module.close_session(session).unwrap(),
        }));
        rig.reader.reset();
        let expected = match by {
            By::Cancel => Error::Canceled,
            By::Session | By::Module => Error::SessionHandle,
        };
        assert_eq!(waits.login(CKU_USER, None), Err(expected), "{by:?}");
        assert!(then.lock().unwrap().is_none());
        assert_eq!(hand.asked().len(), 0);
        let other = rig.session();
        assert_eq!(login(&rig, other), Ok(()));
        assert_eq!(hand.asked().len(), 1);
    }
}

#[test]
fn a_link_that_is_torn_anywhere_costs_no_try_and_logs_nobody_in() {
    // SELECT (the card is looked at for the first time), VERIFY.
    for (commands, does_it) in [(0, false), (0, true), (1, false), (1, true)] {
        let hand = Hand::new(&[RIGHT; 3]);
        let folder = tempfile::tempdir().unwrap();
        let reader = Reader::with(phone(&ECC).0.typing(hand.clone()));
        Rig::keeping_at(folder.path(), &reader).session();
        reader.sent();
        let rig = Rig::keeping_at(folder.path(), &reader);
        reader.leave_at(commands, does_it, true);
        let session = rig.session();
        let first = login(&rig, session);
        assert!(!reader.stays(), "{commands} {does_it}");
        if first.is_err() {
            assert_eq!(commands, 1, "{first:?}");
            assert_eq!(state(&rig, session), CKS_RO_PUBLIC_SESSION);
            reader.select_piv();
            assert_eq!(pin_status(&reader), [0x63, 0xC5]);
            assert_eq!(login(&rig, session), Ok(()));
        }
        assert_eq!(sign(&rig, session, 1), Ok(()));
    }
}

#[test]
fn a_pin_that_was_refused_may_be_the_one_that_was_typed_at_the_phone() {
    const NEW: &str = "654321";
    let hand = Hand::new(&[Act::Types(NEW)]);
    let rig = rig(&hand);
    let session = rig.session();
    let login_with_new = || rig.at(session).login(CKU_USER, Some(NEW.as_bytes()));
    assert_eq!(login_with_new(), Err(Error::PinIncorrect));
    let mut change = vec![0x00, 0x24, 0x00, 0x80, 0x10];
    for pin in [PIN, NEW.as_bytes()] {
        change.extend([pin, &[0xFF; 2]].concat());
    }
    rig.reader.other_program(&change);
    assert_eq!(login(&rig, session), Ok(()));
    rig.at(session).logout().unwrap();
    assert_eq!(login_with_new(), Ok(()));
}

#[test]
fn nothing_is_held_that_could_log_in_again() {
    let hand = Hand::new(&[RIGHT; 2]);
    let rig = rig(&hand);
    let session = rig.session();
    login(&rig, session).unwrap();
    rig.reader.reset();
    assert_eq!(sign(&rig, session, 1), Err(Error::UserNotLoggedIn));
    assert_eq!(state(&rig, session), CKS_RO_PUBLIC_SESSION);
    assert_eq!(login(&rig, session), Ok(()));
    assert_eq!(sign(&rig, session, 1), Ok(()));
}
