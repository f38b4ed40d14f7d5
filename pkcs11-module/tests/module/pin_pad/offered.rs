//! Which readers have a pad that is used, and for which cards.

use std::sync::Arc;
use std::time::Duration;

use cryptoki_sys::*;
use tapcard_pkcs11::pcsc::bounded::Bounds;
use tapcard_pkcs11::pcsc::pin_pad::GET_FEATURES;
use tapcard_pkcs11::pin::FreePins;
use tapcard_pkcs11::settings::Settings;

use super::super::card::{Foreign, contactless_phone, phone};
use super::super::other_card::{OtherCard, SERIAL};
use super::super::reader::Reader;
use super::super::rig::{PIN, Rig};
use super::{ECC, FEATURES, PROPERTIES, PinPad, RIGHT, flags, login, rig, sign, with_settings};

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
