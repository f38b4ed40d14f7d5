//! A reader with a PIN pad: what a login without a PIN does there, what it answers, and which readers have none.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::logins::Logins;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pcsc::LinkError;
use tapcard_pkcs11::pcsc::bounded::Bounds;
use tapcard_pkcs11::pcsc::pin_pad::{Control, GET_FEATURES};
use tapcard_pkcs11::pin::FreePins;
use tapcard_pkcs11::settings::Settings;

use super::card::{Answers, Foreign, contactless_phone, phone};
use super::other_card::{OtherCard, SERIAL};
use super::reader::{Controls, Reader};
use super::rig::{BOUND, PIN, Rig};

const ECC: [(AsymmetricKey, KeyAlgorithm); 2] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
];
const VERIFY_AT_READER: u32 = 0x4233_0006;
const PROPERTIES: u32 = 0x4233_000A;
/// What a common driver tells: VERIFY, MODIFY, the properties.
const FEATURES: [u8; 18] = [
    0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x07, 4, 0x42, 0x33, 0x00, 0x07, 0x0A, 4, 0x42, 0x33, 0x00,
    0x0A,
];
/// What comes before the command: 30 seconds, ASCII, a block of 8 bytes, 6 to 8 digits, the key, the reader's own message.
const STRUCTURE: [u8; 19] = [
    30, 30, 0x82, 8, 0, 8, 6, 2, 0xFF, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0,
];
const HEADER: [u8; 5] = [0x00, 0x20, 0x00, 0x80, 8];
/// VERIFY without data.
const ASKS: [u8; 4] = [0x00, 0x20, 0x00, 0x80];
const VERIFIED: [u8; 2] = [0x90, 0x00];
const ALL_TRIES: [u8; 2] = [0x63, 0xC5];
const TRIES: &str = "VERIFY, tries";
const LOG_OUT: &str = "VERIFY, log out";
const SOON: Duration = Duration::from_secs(20);

/// What who stands at the reader does, or the reader.
#[derive(Clone, Debug)]
enum Act {
    Types(&'static str),
    /// The reader answers this, and the card hears nothing.
    Says(&'static [u8]),
    /// The driver fails, and the card heard nothing.
    Fails(pcsc::Error),
    /// The PIN is typed and sent, and the answer is lost: the driver fails, or gives this instead.
    Loses(&'static str, Option<&'static [u8]>),
    /// The card is taken out.
    Leaves,
    /// The PIN is typed when the test says so.
    TypesLate(&'static str, Arc<Gate>),
}

const RIGHT: Act = Act::Types("123456");
const WRONG: Act = Act::Types("999999");

/// Something that one waits for.
#[derive(Debug, Default)]
struct Gate(Mutex<(bool, bool)>, Condvar);

impl Gate {
    /// Waits until it is open, and says that somebody waits.
    fn pass(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = true;
        self.1.notify_all();
        while !state.1 {
            let (now, time) = self.1.wait_timeout(state, SOON).unwrap();
            assert!(!time.timed_out());
            state = now;
        }
    }

    fn wait_for_somebody(&self) {
        let mut state = self.0.lock().unwrap();
        while !state.0 {
            let (now, time) = self.1.wait_timeout(state, SOON).unwrap();
            assert!(!time.timed_out());
            state = now;
        }
    }

    fn open(&self) {
        self.0.lock().unwrap().1 = true;
        self.1.notify_all();
    }
}

/// A PIN pad, and who types there.
struct PinPad {
    features: Result<Vec<u8>, pcsc::Error>,
    acts: Mutex<Vec<Act>>,
}

impl PinPad {
    fn new(acts: &[Act]) -> Arc<Self> {
        Self::telling(Ok(FEATURES.to_vec()), acts)
    }

    fn telling(features: Result<Vec<u8>, pcsc::Error>, acts: &[Act]) -> Arc<Self> {
        Arc::new(Self {
            features,
            acts: Mutex::new(acts.iter().rev().cloned().collect()),
        })
    }

    /// What was not asked for.
    fn left(&self) -> usize {
        self.acts.lock().unwrap().len()
    }
}

/// VERIFY as the pad sends it.
fn sent(reader: &Reader, input: &[u8], digits: &str) -> Vec<u8> {
    assert_eq!(input[..19], STRUCTURE);
    let mut command = input[19..].to_vec();
    assert_eq!(command[..5], HEADER);
    assert_eq!(command[5..], [0xFF; 8]);
    command[5..5 + digits.len()].copy_from_slice(digits.as_bytes());
    reader.ask(&command)
}

impl Controls for PinPad {
    fn control(&self, reader: &Reader, request: &Control) -> Result<Vec<u8>, LinkError> {
        match request.code {
            GET_FEATURES => return self.features.clone().map_err(LinkError::from),
            PROPERTIES => return Ok(vec![0x10, 0x02, 0x07, 0x00]),
            code => assert_eq!(code, VERIFY_AT_READER),
        }
        let act = self.acts.lock().unwrap().pop().unwrap();
        match act {
            Act::Types(digits) => Ok(sent(reader, &request.input, digits)),
            Act::Says(answer) => Ok(answer.to_vec()),
            Act::Fails(error) => Err(LinkError::Failed(error)),
            Act::Loses(digits, instead) => {
                sent(reader, &request.input, digits);
                match instead {
                    Some(answer) => Ok(answer.to_vec()),
                    None => Err(LinkError::Failed(pcsc::Error::NotTransacted)),
                }
            }
            Act::Leaves => {
                reader.leave_now();
                Err(LinkError::Failed(pcsc::Error::NotTransacted))
            }
            Act::TypesLate(digits, gate) => {
                gate.pass();
                Ok(sent(reader, &request.input, digits))
            }
        }
    }
}

fn rig(pin_pad: &Arc<PinPad>) -> Rig {
    Rig::with_reader(Reader::with(phone(&ECC).0).with_pin_pad(pin_pad.clone()))
}

fn with_settings(reader: &Reader, settings: Settings) -> Rig {
    Rig {
        module: Module::new(Arc::new(reader.clone()), settings),
        ..Rig::with_reader(reader.clone())
    }
}

fn flags(rig: &Rig) -> CK_FLAGS {
    rig.module.token_info(0).unwrap().flags & CKF_PROTECTED_AUTHENTICATION_PATH
}

fn login(rig: &Rig, session: CK_SESSION_HANDLE) -> Result<(), Error> {
    rig.at(session).login(CKU_USER, None)
}

fn state(rig: &Rig, session: CK_SESSION_HANDLE) -> CK_STATE {
    rig.at(session).info().state
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
fn a_pin_that_is_typed_at_the_reader_is_nowhere_else() {
    for speaks_t0 in [false, true] {
        let pin_pad = PinPad::new(&[RIGHT, RIGHT]);
        let card = phone(&ECC).0;
        let reader = if speaks_t0 {
            Reader::over_t0(card)
        } else {
            Reader::with(card)
        };
        let rig = Rig::with_reader(reader.with_pin_pad(pin_pad.clone()));
        let session = rig.session();
        assert_ne!(flags(&rig), 0);
        assert!(rig.at(session).has_pin_typed());
        assert_eq!(login(&rig, session), Ok(()));
        assert_eq!(login(&rig, session), Err(Error::UserAlreadyLoggedIn));
        assert_eq!(rig.reader.sent().last().unwrap(), TRIES);
        // Directly after the login 9C signs once.
        assert_eq!(sign(&rig, session, 2), Ok(()));
        assert_eq!(sign(&rig, session, 1), Ok(()));
        assert_eq!(sign(&rig, session, 2), Err(Error::UserNotLoggedIn));
        let key = rig.private_key(session, 2);
        {
            let session = rig.at(session);
            let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
            session.sign_init(Some(ecdsa), key).unwrap();
            assert_eq!(session.login(CKU_CONTEXT_SPECIFIC, None), Ok(()));
            let mut operations = session.operations();
            operations
                .sign
                .whole(&[5; 32], OutputBuffer::Bytes(64))
                .unwrap();
        }
        assert_eq!(
            rig.at(session).login(CKU_CONTEXT_SPECIFIC, None),
            Err(Error::OperationNotInitialized)
        );
        assert_eq!(pin_pad.left(), 0);
        rig.at(session).logout().unwrap();
        assert_eq!(rig.reader.sent().last().unwrap(), LOG_OUT);
        assert!(!rig.reader.has_heard(PIN));
        // A program that has one gives it.
        assert_eq!(rig.at(session).login(CKU_USER, Some(PIN)), Ok(()));
        let asked_administrator = rig.at(session).login(CKU_SO, None).unwrap_err();
        assert_eq!(asked_administrator.rv(), CKR_ARGUMENTS_BAD);
    }
}

#[test]
fn each_answer_has_its_meaning_and_nobody_is_asked_twice() {
    let wrong = CKF_USER_PIN_COUNT_LOW;
    for (act, value, tries, flag) in [
        (WRONG, CKR_PIN_INCORRECT, 4, wrong),
        (Act::Says(&[0x64, 0x00]), CKR_FUNCTION_CANCELED, 5, 0),
        (Act::Says(&[0x64, 0x01]), CKR_FUNCTION_CANCELED, 5, 0),
        (Act::Says(&[0x64, 0x02]), CKR_FUNCTION_CANCELED, 5, 0),
        (Act::Says(&[0x64, 0x03]), CKR_PIN_LEN_RANGE, 5, 0),
        // A command that something on the way does not like.
        (Act::Says(&[0x6D, 0x00]), CKR_DEVICE_ERROR, 5, 0),
        (Act::Says(&[0x6A, 0x86]), CKR_DEVICE_ERROR, 5, 0),
        (Act::Says(&[0x69, 0x82]), CKR_DEVICE_ERROR, 5, 0),
        // More to come, another length: neither is an answer to VERIFY.
        (Act::Says(&[0x61, 0x10]), CKR_DEVICE_ERROR, 5, 0),
        (Act::Says(&[0x6C, 0x10]), CKR_DEVICE_ERROR, 5, 0),
        (Act::Says(&[]), CKR_DEVICE_ERROR, 5, 0),
        (Act::Says(&[0x90]), CKR_DEVICE_ERROR, 5, 0),
        (
            Act::Fails(pcsc::Error::NotTransacted),
            CKR_DEVICE_ERROR,
            5,
            0,
        ),
        (
            Act::Fails(pcsc::Error::Timeout),
            CKR_FUNCTION_CANCELED,
            5,
            0,
        ),
        (
            Act::Fails(pcsc::Error::CancelledByUser),
            CKR_FUNCTION_CANCELED,
            5,
            0,
        ),
    ] {
        let pin_pad = PinPad::new(&[act.clone(), RIGHT]);
        let rig = rig(&pin_pad);
        let session = rig.session();
        let first = login(&rig, session).unwrap_err();
        assert_eq!(first.rv(), value, "{act:?}");
        assert_eq!(pin_pad.left(), 1, "{act:?}");
        let known = rig.module.token_info(0).unwrap().flags;
        assert_eq!(known & wrong, flag, "{act:?}");
        assert_eq!(state(&rig, session), CKS_RO_PUBLIC_SESSION);
        rig.reader.select_piv();
        assert_eq!(rig.reader.ask(&ASKS), [0x63, 0xC0 + tries], "{act:?}");
        assert_eq!(login(&rig, session), Ok(()), "{act:?}");
        assert_eq!(sign(&rig, session, 1), Ok(()), "{act:?}");
        let known = rig.module.token_info(0).unwrap().flags;
        assert_eq!(known & wrong, 0, "{act:?}");
    }
}

#[test]
fn a_blocked_pin_is_asked_of_nobody() {
    let pin_pad = PinPad::new(&[WRONG, WRONG, WRONG, WRONG, WRONG, RIGHT]);
    let rig = rig(&pin_pad);
    let session = rig.session();
    for _ in 0..4 {
        assert_eq!(login(&rig, session), Err(Error::PinIncorrect));
    }
    let last = rig.module.token_info(0).unwrap().flags;
    assert_ne!(last & CKF_USER_PIN_FINAL_TRY, 0);
    login(&rig, session).unwrap_err();
    assert_eq!(login(&rig, session), Err(Error::PinLocked));
    assert_eq!(pin_pad.left(), 1);
    let locked = rig.module.token_info(0).unwrap().flags & CKF_USER_PIN_LOCKED;
    assert_ne!(locked, 0);
}

#[test]
fn an_answer_that_is_lost_is_found_out_at_the_card() {
    let lost: [fn(&'static str) -> Act; 3] = [
        |digits| Act::Loses(digits, None),
        |digits| Act::Loses(digits, Some(&[])),
        |digits| Act::Loses(digits, Some(&[0x90])),
    ];
    for loses in lost {
        let pin_pad = PinPad::new(&[loses("123456")]);
        let rig = rig(&pin_pad);
        let session = rig.session();
        assert_eq!(login(&rig, session), Ok(()));
        assert_eq!(sign(&rig, session, 1), Ok(()));

        let pin_pad = PinPad::new(&[loses("999999"), RIGHT]);
        let rig = self::rig(&pin_pad);
        let session = rig.session();
        assert_eq!(login(&rig, session), Err(Error::PinIncorrect));
        assert_eq!(state(&rig, session), CKS_RO_PUBLIC_SESSION);
        let low = rig.module.token_info(0).unwrap().flags & CKF_USER_PIN_COUNT_LOW;
        assert_ne!(low, 0);
        rig.reader.select_piv();
        assert_eq!(rig.reader.ask(&ASKS), [0x63, 0xC4]);
        assert_eq!(login(&rig, session), Ok(()));
        assert_eq!(pin_pad.left(), 0);
    }
}

#[test]
fn a_last_try_whose_answer_is_lost_is_told_as_that() {
    let pin_pad = PinPad::new(&[
        WRONG,
        WRONG,
        WRONG,
        WRONG,
        Act::Loses("999999", None),
        RIGHT,
    ]);
    let rig = rig(&pin_pad);
    let session = rig.session();
    for _ in 0..4 {
        assert_eq!(login(&rig, session), Err(Error::PinIncorrect));
    }
    assert_eq!(login(&rig, session), Err(Error::PinLocked));
    let locked = rig.module.token_info(0).unwrap().flags & CKF_USER_PIN_LOCKED;
    assert_ne!(locked, 0);
}

#[test]
fn who_does_not_type_leaves_what_is_known_of_the_tries() {
    for act in [
        Act::Says(&[0x64, 0x00]),
        Act::Says(&[0x64, 0x01]),
        Act::Says(&[0x64, 0x03]),
        Act::Fails(pcsc::Error::Timeout),
        Act::Fails(pcsc::Error::Cancelled),
    ] {
        let pin_pad = PinPad::new(&[WRONG, WRONG, WRONG, WRONG, act.clone()]);
        let rig = rig(&pin_pad);
        let session = rig.session();
        for _ in 0..4 {
            assert_eq!(login(&rig, session), Err(Error::PinIncorrect));
        }
        login(&rig, session).unwrap_err();
        let last = rig.module.token_info(0).unwrap().flags & CKF_USER_PIN_FINAL_TRY;
        assert_ne!(last, 0, "{act:?}");
    }
}

#[test]
fn where_the_reader_does_not_take_the_structure_the_program_asks_for_the_pin() {
    for act in [
        Act::Says(&[0x6B, 0x80]),
        Act::Fails(pcsc::Error::UnsupportedFeature),
        Act::Fails(pcsc::Error::InvalidParameter),
        Act::Fails(pcsc::Error::InsufficientBuffer),
    ] {
        let pin_pad = PinPad::new(&[act.clone(), RIGHT]);
        let rig = rig(&pin_pad);
        let session = rig.session();
        assert_eq!(login(&rig, session).unwrap_err().rv(), CKR_DEVICE_ERROR);
        assert_eq!(flags(&rig), 0, "{act:?}");
        assert_eq!(login(&rig, session).unwrap_err().rv(), CKR_ARGUMENTS_BAD);
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        assert_eq!(sign(&rig, session, 1), Ok(()));
        // With the next card it is asked again.
        let card = rig.reader.take().unwrap();
        rig.reader.put(card);
        let session = rig.session();
        assert_ne!(flags(&rig), 0, "{act:?}");
        assert_eq!(login(&rig, session), Ok(()));
    }
}

#[test]
fn a_failure_of_the_connection_takes_no_pad_away() {
    for commands in 0..4 {
        let pin_pad = PinPad::new(&[RIGHT, RIGHT, RIGHT]);
        let rig = rig(&pin_pad);
        let session = rig.session();
        assert_eq!(login(&rig, session), Ok(()));
        rig.at(session).logout().unwrap();
        rig.reader.answer_when_torn(Some(&[]));
        rig.reader.leave_at(commands, false, true);
        let torn = login(&rig, session);
        assert_ne!(flags(&rig), 0, "{commands}: {torn:?}");
        if torn.is_err() {
            assert_eq!(login(&rig, session), Ok(()), "{commands}: {torn:?}");
        }
    }
}

#[test]
fn a_card_that_is_taken_out_meanwhile_is_gone_and_may_come_back() {
    let pin_pad = PinPad::new(&[Act::Leaves, RIGHT]);
    let rig = rig(&pin_pad);
    let session = rig.session();
    assert_eq!(login(&rig, session), Err(Error::DeviceRemoved));
    let card = rig.reader.take().unwrap();
    rig.reader.put(card);
    assert_eq!(login(&rig, session), Ok(()));
    assert_eq!(sign(&rig, session, 1), Ok(()));
    assert_eq!(pin_pad.left(), 0);
}

#[test]
fn a_reader_whose_features_make_no_sense_has_no_pad() {
    let failures = [
        pcsc::Error::UnsupportedFeature,
        pcsc::Error::NotTransacted,
        pcsc::Error::CommError,
        pcsc::Error::InvalidParameter,
        pcsc::Error::InvalidHandle,
        pcsc::Error::SharingViolation,
        pcsc::Error::InsufficientBuffer,
    ];
    let lists: [&[u8]; 9] = [
        &[],
        &[0x06],
        &FEATURES[..5],
        &FEATURES[..7],
        &FEATURES[..17],
        &FEATURES[6..],
        &[0x06, 4, 0, 0, 0, 0],
        &[0x06, 2, 0x33, 0x06],
        &[0x6D, 0x00],
    ];
    let lists = lists.into_iter().map(|list| Ok(list.to_vec()));
    for features in failures.into_iter().map(Err).chain(lists) {
        let pin_pad = PinPad::telling(features.clone(), &[]);
        let rig = rig(&pin_pad);
        let session = rig.session();
        assert_eq!(flags(&rig), 0, "{features:?}");
        assert!(!rig.at(session).has_pin_typed());
        let without = login(&rig, session).unwrap_err();
        assert_eq!(without.rv(), CKR_ARGUMENTS_BAD, "{features:?}");
        let given = rig.at(session).login(CKU_USER, Some(PIN));
        assert_eq!(given, Ok(()), "{features:?}");
        assert_eq!(sign(&rig, session, 1), Ok(()), "{features:?}");
        assert_eq!(rig.reader.asked(), [GET_FEATURES], "{features:?}");
    }
}

#[test]
fn where_it_cannot_matter_the_reader_is_not_asked() {
    let announcing = || phone(&ECC).0.announcing();
    for reader in [
        // Others could listen.
        Reader::contactless_with(contactless_phone(&ECC).0),
        // Our phone has its own way.
        Reader::with(announcing()),
        Reader::with(Foreign),
    ] {
        let pin_pad = PinPad::new(&[]);
        let rig = Rig::with_reader(reader.with_pin_pad(pin_pad));
        if rig.module.token_info(0).is_ok() {
            assert_eq!(flags(&rig), 0);
            let session = rig.session();
            let without = login(&rig, session).unwrap_err();
            assert_eq!(without.rv(), CKR_ARGUMENTS_BAD);
        }
        assert!(rig.reader.asked().is_empty());
    }
    let reader = Reader::with(phone(&ECC).0).with_pin_pad(PinPad::new(&[]));
    let settings = Settings {
        bounds: Bounds {
            pin_pad: Duration::ZERO,
            ..Bounds::default()
        },
        ..Settings::default()
    };
    let rig = with_settings(&reader, settings);
    assert_eq!(flags(&rig), 0);
    rig.user_session();
    assert!(reader.asked().is_empty());
}

#[test]
fn a_pin_that_may_have_letters_is_typed_at_no_pad() {
    let card = OtherCard::with_pin(b"passw0rd");
    let reader = Reader::with(card).with_pin_pad(PinPad::new(&[]));
    let settings = Settings {
        free_pins: FreePins::of_serials([SERIAL]).unwrap(),
        ..Settings::default()
    };
    let rig = with_settings(&reader, settings);
    assert_eq!(flags(&rig), 0);
    let session = rig.session();
    assert_eq!(login(&rig, session).unwrap_err().rv(), CKR_ARGUMENTS_BAD);
    let given = rig.at(session).login(CKU_USER, Some(b"passw0rd"));
    assert_eq!(given, Ok(()));
}

#[test]
fn a_reader_is_asked_once_for_each_connection_and_no_command_is_spent() {
    let commands = |pin_pad: Option<Arc<PinPad>>| {
        let reader = Reader::with(phone(&ECC).0);
        let reader = match pin_pad {
            Some(pin_pad) => reader.with_pin_pad(pin_pad),
            None => reader,
        };
        let rig = Rig::with_reader(reader);
        let session = rig.session();
        flags(&rig);
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        sign(&rig, session, 1).unwrap();
        rig.at(session).logout().unwrap();
        let asked = rig.reader.asked();
        (rig.reader.sent(), asked)
    };
    let (without, asked) = commands(None);
    assert_eq!(asked, [GET_FEATURES]);
    let (with, asked) = commands(Some(PinPad::new(&[])));
    assert_eq!((with, asked), (without, vec![GET_FEATURES, PROPERTIES]));

    let rig = rig(&PinPad::new(&[RIGHT; 3]));
    let session = rig.session();
    for _ in 0..3 {
        login(&rig, session).unwrap();
        rig.at(session).logout().unwrap();
    }
    let asked = rig.reader.asked();
    let features = asked.iter().filter(|code| **code == GET_FEATURES).count();
    // A log-out ends the connection.
    assert_eq!(features, 3);
}

#[test]
fn a_pin_is_that_of_the_piv_application_whatever_another_program_has_selected() {
    let pin_pad = PinPad::new(&[RIGHT]);
    let rig = rig(&pin_pad);
    let session = rig.session();
    let key_is_looked_for = rig.find(session, &[]);
    key_is_looked_for.unwrap();
    rig.reader.select_other_application();
    assert_eq!(login(&rig, session), Ok(()));
    assert_eq!(sign(&rig, session, 1), Ok(()));
}

#[test]
fn nothing_is_held_that_could_log_in_again() {
    let pin_pad = PinPad::new(&[RIGHT, RIGHT]);
    let rig = rig(&pin_pad);
    let session = rig.session();
    login(&rig, session).unwrap();
    rig.reader.reset();
    assert_eq!(sign(&rig, session, 1), Err(Error::UserNotLoggedIn));
    assert_eq!(state(&rig, session), CKS_RO_PUBLIC_SESSION);
    assert_eq!(login(&rig, session), Ok(()));
    assert_eq!(sign(&rig, session, 1), Ok(()));
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A card that does not know how to log out.
struct Verified<A>(A);

impl<A: Answers> Answers for Verified<A> {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        if command.starts_with(&[0x00, 0x20, 0xFF]) {
            return vec![0x6A, 0x86];
        }
        self.0.answer(command)
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

fn impatient(reader: &Reader) -> Rig {
    let settings = Settings {
        bounds: Bounds {
            exchange: *BOUND,
            ..Bounds::default()
        },
        ..Settings::default()
    };
    with_settings(reader, settings)
}

#[test]
fn who_types_has_more_time_than_other_commands() {
    let gate = Arc::new(Gate::default());
    let pin_pad = PinPad::new(&[Act::TypesLate("123456", Arc::clone(&gate))]);
    let reader = Reader::with(phone(&ECC).0).with_pin_pad(pin_pad);
    let rig = impatient(&reader);
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| login(&rig, session));
        gate.wait_for_somebody();
        let late = Instant::now() + *BOUND * 3;
        while Instant::now() < late {
            assert!(!login.is_finished());
            std::thread::sleep(Duration::from_millis(20));
        }
        gate.open();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(sign(&rig, session, 1), Ok(()));
}

#[test]
fn what_is_typed_when_nobody_waits_any_more_serves_nobody() {
    for logs_out in [true, false] {
        for ends_module in [false, true] {
            let gate = Arc::new(Gate::default());
            let pin_pad = PinPad::new(&[Act::TypesLate("123456", Arc::clone(&gate)), RIGHT]);
            let card = phone(&ECC).0;
            let reader = if logs_out {
                Reader::with(card)
            } else {
                Reader::with(Verified(card))
            };
            let rig = Rig::with_reader(reader.with_pin_pad(pin_pad));
            let session = rig.session();
            std::thread::scope(|scope| {
                let waits = rig.at(session);
                let login = scope.spawn(move || waits.login(CKU_USER, None));
                gate.wait_for_somebody();
                let expected = if ends_module {
                    rig.module.finalize();
                    Error::NotInitialized
                } else {
                    rig.at(session).cancel(0);
                    Error::Canceled
                };
                assert_eq!(login.join().unwrap(), Err(expected));
            });
            gate.open();
            wait_for("the connection ends", || rig.reader.connections() == 0);
            rig.reader.select_piv();
            assert_eq!(rig.reader.ask(&ASKS), ALL_TRIES, "{logs_out}");
            if !ends_module {
                assert_eq!(login(&rig, session), Ok(()));
            }
        }
    }
}

#[test]
fn who_fails_at_the_pad_logs_no_other_program_out() {
    let pin_pad = PinPad::new(&[RIGHT, Act::Says(&[0x64, 0x01]), RIGHT]);
    let reader = Reader::with(phone(&ECC).0).with_pin_pad(pin_pad);
    let folder = tempfile::tempdir().unwrap();
    let program = || {
        let settings = Settings {
            logins: Logins::at(folder.path().join("logins")),
            ..Settings::default()
        };
        with_settings(&reader, settings)
    };
    let (one, two) = (program(), program());
    let (in_one, in_two) = (one.session(), two.session());
    assert_eq!(login(&one, in_one), Ok(()));
    assert_eq!(login(&two, in_two), Err(Error::Canceled));
    assert_eq!(reader.ask(&ASKS), VERIFIED);
    assert_eq!(sign(&one, in_one, 1), Ok(()));
    assert_eq!(login(&two, in_two), Ok(()));
    one.at(in_one).logout().unwrap();
    assert_eq!(sign(&two, in_two, 1), Ok(()));
    two.at(in_two).logout().unwrap();
    assert_eq!(reader.ask(&ASKS), ALL_TRIES);
}
