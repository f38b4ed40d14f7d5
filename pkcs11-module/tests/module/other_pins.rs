//! PINs of other cards: those that are right on some cards alone, and what cards answer to a wrong one.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pin::FreePins;
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;

use super::card::phone;
use super::other_card::{OtherCard, SERIAL};
use super::reader::Reader;
use super::rig::{PIN, Rig};

const WRONG: &[u8] = b"999999";

/// A card of another maker with this PIN, and whether the user allows any.
fn rig(card: OtherCard, serials: &[&str]) -> Rig {
    let reader = Reader::with(card);
    let settings = Settings {
        free_pins: FreePins::of_serials(serials.iter().copied()).unwrap(),
        ..Settings::default()
    };
    Rig {
        module: Module::new(Arc::new(reader.clone()), settings),
        ..Rig::with_reader(reader)
    }
}

fn login(rig: &Rig, pin: &[u8]) -> Result<(), Error> {
    let session = rig.session();
    let result = rig.at(session).login(CKU_USER, Some(pin));
    if result.is_ok() {
        rig.at(session).logout().unwrap();
    }
    rig.module.close_session(session).unwrap();
    result
}

#[test]
fn letters_and_four_digits_are_sent_to_the_card_that_the_user_named() {
    for (pin, error) in [
        (&b"1234"[..], Error::PinLength),
        (b"passw0rd", Error::PinInvalid),
    ] {
        for others in [&[][..], &["ffffffffffffffff"]] {
            let card = OtherCard::with_pin(pin);
            let compared = card.compared();
            let rig = rig(card, others);
            assert_eq!(rig.module.token_info(0).unwrap().pin_min, 6);
            assert_eq!(login(&rig, pin), Err(error.clone()));
            assert_eq!(compared.load(SeqCst), 0);
        }
        let rig = rig(OtherCard::with_pin(pin), &[SERIAL]);
        let token = rig.module.token_info(0).unwrap();
        assert_eq!((token.serial.as_str(), token.pin_min), (SERIAL, 4));
        assert_eq!(login(&rig, pin), Ok(()));
        assert_eq!(login(&rig, b"123"), Err(Error::PinLength));
        assert_eq!(login(&rig, b"\x07\x07\x07\x07"), Err(Error::PinInvalid));
        let session = rig.module.open_session(0, Access::ReadWrite).unwrap();
        let changed = rig.at(session).set_pin(b"12\n4", b"word");
        assert_eq!(changed, Err(Error::PinInvalid));
    }
}

#[test]
fn every_answer_to_a_wrong_pin_costs_no_more_than_one_try() {
    let low = CKF_USER_PIN_COUNT_LOW;
    for (status, first, again, flags) in [
        (0x63C2, Error::PinIncorrect, Error::PinIncorrect, low),
        (0x6302, Error::PinIncorrect, Error::PinIncorrect, low),
        (
            0x6301,
            Error::PinIncorrect,
            Error::PinIncorrect,
            low | CKF_USER_PIN_FINAL_TRY,
        ),
        (0x6300, Error::PinIncorrect, Error::PinIncorrect, 0),
        (0x6982, Error::UserNotLoggedIn, Error::PinIncorrect, 0),
    ] {
        let card = OtherCard::with_pin(PIN).refusing_with(status);
        let compared = card.compared();
        let rig = rig(card, &[]);
        assert_eq!(login(&rig, WRONG), Err(first), "{status:04X}");
        for _ in 0..3 {
            assert_eq!(login(&rig, WRONG), Err(again.clone()), "{status:04X}");
        }
        assert_eq!(compared.load(SeqCst), 1, "{status:04X}");
        let all = low | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;
        let found = rig.module.token_info(0).unwrap().flags & all;
        assert_eq!(found, flags, "{status:04X}");
        assert_eq!(login(&rig, PIN), Ok(()));
    }
    for status in [0x6700, 0x6985, 0x6A80, 0x6F00] {
        let card = OtherCard::with_pin(PIN).refusing_with(status);
        let compared = card.compared();
        let rig = rig(card, &[]);
        assert!(matches!(login(&rig, WRONG), Err(Error::Device(_))));
        assert_eq!(login(&rig, WRONG), Err(Error::PinIncorrect));
        assert_eq!(compared.load(SeqCst), 1, "{status:04X}");
    }
}

#[test]
fn a_pin_that_blocked_the_card_is_not_sent_again_before_the_card_is_unblocked() {
    let card = OtherCard::with_pin(PIN).refusing_with(0x6983);
    let compared = card.compared();
    let rig = rig(card, &[]);
    for _ in 0..3 {
        assert_eq!(login(&rig, WRONG), Err(Error::PinLocked));
    }
    assert_eq!(compared.load(SeqCst), 1);
    assert_eq!(login(&rig, PIN), Err(Error::PinLocked));
    rig.reader.other_program(&[0x00, 0x2C, 0x00, 0x80]);
    assert_eq!(login(&rig, PIN), Ok(()));
    assert_eq!(compared.load(SeqCst), 2);
}

#[test]
fn a_held_pin_that_another_program_has_made_a_wrong_one_is_sent_once() {
    let card = OtherCard::with_pin(PIN).with_object(
        ObjectId::Certificate(AsymmetricKey::PivAuthentication),
        &certificate::encode(&issued()).unwrap(),
    );
    let compared = card.compared();
    let rig = rig(card, &[]);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    rig.reader.other_program(&CHANGE_PIN);
    rig.reader.reset();
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
    let operations = rig.at(session);
    let signed = operations
        .operations()
        .sign
        .whole(&[5; 32], OutputBuffer::Bytes(64));
    assert_eq!(signed, Err(Error::UserNotLoggedIn));
    assert_eq!(login(&rig, PIN), Err(Error::PinIncorrect));
    assert_eq!(compared.load(SeqCst), 2);
}

/// Another program makes 654321 the PIN of a card that asks for no old one.
const CHANGE_PIN: [u8; 13] = *b"\x00\x24\x00\x80\x08654321\xFF\xFF";

fn issued() -> Vec<u8> {
    let (_, issued) = phone(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)]);
    issued[0].certificate.clone()
}
