//! What becomes of a PIN that is typed at the reader, or is not.

use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::operation::state::OutputBuffer;

use super::super::card::phone;
use super::super::reader::Reader;
use super::super::rig::{PIN, Rig};
use super::{ASKS, Act, ECC, LOG_OUT, PinPad, RIGHT, TRIES, WRONG, flags, login, rig, sign, state};

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
