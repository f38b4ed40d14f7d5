//! Other programs use the same card, and cards leave and come back: what the module restores, and what it
//! answers where it cannot.

use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::pcsc::bounded::GRACE;

use super::card::{Foreign, phone, put_object};
use super::rig::{PIN, Rig};

const HASH: [u8; 32] = [5; 32];
const KEYS: [(AsymmetricKey, KeyAlgorithm); 2] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
];
/// Logs out whoever verified the PIN: VERIFY with P1 = FF.
const LOG_OUT: [u8; 4] = [0x00, 0x20, 0xFF, 0x80];

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> Result<(), Error> {
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(mechanism), key)?;
    match rig
        .at(session)
        .operations()
        .sign
        .whole(&HASH, OutputBuffer::Bytes(64))?
    {
        Output::Bytes(signature) => assert_eq!(signature.len(), 64),
        Output::Length(_) => panic!("no signature"),
    }
    Ok(())
}

/// Waits until no PIN is held any more.
pub fn let_the_grace_pass() {
    std::thread::sleep(GRACE + Duration::from_millis(50));
}

#[test]
fn within_the_grace_time_nobody_notices_what_other_programs_did() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    for disturb in [
        &(|rig: &Rig| rig.reader.reset()) as &dyn Fn(&Rig),
        &|rig| rig.reader.select_other_application(),
        &|rig| rig.reader.other_program(&LOG_OUT),
    ] {
        disturb(&rig);
        assert_eq!(sign(&rig, session, key), Ok(()));
    }
}

#[test]
fn a_held_pin_does_not_go_to_a_card_that_has_just_come() {
    for looked_at in [false, true] {
        let rig = Rig::with_keys(&KEYS);
        let chuid = rig.reader.chuid();
        let session = rig.user_session();
        let key = rig.private_key(session, 1);
        let first = rig.reader.take().unwrap();
        // Anybody can read a GUID, and claim it.
        let (mut claims, _) = phone(&KEYS);
        put_object(&mut claims, ObjectId::Chuid, &chuid);
        rig.reader.put(Box::new(claims));
        if looked_at {
            assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        }
        rig.reader.sent();
        assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
        assert!(!rig.reader.sent().contains(&"VERIFY".to_owned()));
        // The same holds for the card itself: nothing proves that it is the one.
        drop(rig.reader.take());
        rig.reader.put(first);
        assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
        assert!(!rig.reader.sent().contains(&"VERIFY".to_owned()));
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        assert_eq!(sign(&rig, session, key), Ok(()));
    }
}

#[test]
fn after_the_grace_time_the_application_must_log_in_and_can() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    let_the_grace_pass();
    assert_eq!(sign(&rig, session, key), Ok(()));
    for disturb in [
        &(|rig: &Rig| rig.reader.reset()) as &dyn Fn(&Rig),
        &|rig| rig.reader.select_other_application(),
        &|rig| rig.reader.other_program(&LOG_OUT),
        &|rig| rig.reader.put(rig.reader.take().unwrap()),
    ] {
        disturb(&rig);
        assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
        assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        assert_eq!(sign(&rig, session, key), Ok(()));
        let_the_grace_pass();
    }
}

#[test]
fn a_held_pin_is_not_consent_to_another_signature() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let key = rig.private_key(session, 2);
    assert_eq!(sign(&rig, session, key), Ok(()));
    assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
    // A login for this operation, undone by another program, is restored.
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
    rig.at(session)
        .login(CKU_CONTEXT_SPECIFIC, Some(PIN))
        .unwrap();
    rig.reader.other_program(&LOG_OUT);
    rig.at(session)
        .operations()
        .sign
        .whole(&HASH, OutputBuffer::Bytes(64))
        .unwrap();
}

#[test]
fn a_card_pulled_before_any_command_of_a_signature_is_found_again_when_it_is_back() {
    let keys = [
        (AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048),
        (AsymmetricKey::CardAuthentication, KeyAlgorithm::Rsa2048),
    ];
    let rig = Rig::with_keys(&keys);
    let session = rig.user_session();
    let sign = |key| {
        let mechanism = Mechanism::RsaPkcs(RsaPkcs { hash: None });
        rig.at(session).sign_init(Some(mechanism), key)?;
        let session = rig.at(session);
        let mut operations = session.operations();
        operations.sign.whole(&HASH, OutputBuffer::Bytes(256))
    };
    let (login_key, door_key) = (rig.private_key(session, 1), rig.private_key(session, 4));
    let tears: [Option<&[u8]>; 3] = [None, Some(&[]), Some(&[0x90])];
    for (commands, torn) in (0..3).flat_map(|commands| tears.map(|torn| (commands, torn))) {
        rig.reader.answer_when_torn(torn);
        // The key that wants the PIN wants it again, and the same handles go on.
        rig.reader.leave_after(commands, true);
        let cut = sign(login_key).err();
        assert_eq!(
            cut,
            Some(Error::UserNotLoggedIn),
            "before command {commands}"
        );
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        assert!(sign(login_key).is_ok());
        // What needs no PIN is done as if nothing had happened.
        rig.reader.leave_after(commands, true);
        let signature = sign(door_key);
        assert!(
            signature.is_ok(),
            "before command {commands}: {signature:?}"
        );
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    }
}

/// What the card answers to a question for its tries.
fn tries(rig: &Rig) -> Vec<u8> {
    rig.reader.ask(&[0x00, 0x20, 0x00, 0x80])
}

#[test]
fn a_pin_that_was_under_way_when_the_card_left_costs_one_try_at_most() {
    for torn in [None, Some(&[][..]), Some(&[0x90][..])] {
        for arrives in [false, true] {
            for (pin, result, left) in [
                (PIN, Ok(()), [0x90, 0x00]),
                (b"999999".as_slice(), Err(Error::PinIncorrect), [0x63, 0xC4]),
            ] {
                let rig = Rig::with_keys(&[]);
                let session = rig.session();
                rig.find(session, &[]).unwrap();
                rig.reader.answer_when_torn(torn);
                // The first asks for the tries, the second is the PIN.
                rig.reader.leave_at(1, arrives, true);
                assert_eq!(rig.at(session).login(CKU_USER, Some(pin)), result);
                assert_eq!(tries(&rig), left, "{torn:?} {arrives}");
                assert_eq!(
                    rig.at(session).login(CKU_USER, Some(b"999999")),
                    result.and(Err(Error::UserAlreadyLoggedIn))
                );
            }
        }
    }
}

#[test]
fn another_card_of_a_replaced_reader_is_noticed() {
    let rig = Rig::with_keys(&KEYS);
    let serial = rig.module.token_info(0).unwrap().serial;
    drop(rig.reader.take());
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    // It counts from the start again.
    rig.reader.put_as_first(Box::new(phone(&KEYS).0));
    assert_ne!(rig.module.token_info(0).unwrap().serial, serial);
}

#[test]
fn a_card_that_stays_away_is_reported_within_the_bound() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    let card = rig.reader.take().unwrap();
    let begun = Instant::now();
    assert_eq!(sign(&rig, session, key), Err(Error::DeviceRemoved));
    assert!(begun.elapsed() < GRACE + Duration::from_secs(1));
    assert_eq!(
        rig.module.slot_info(0).unwrap().flags & CKF_TOKEN_PRESENT,
        0
    );
    assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
    // The same card: the same handles, after another login.
    rig.reader.put(card);
    assert_ne!(
        rig.module.slot_info(0).unwrap().flags & CKF_TOKEN_PRESENT,
        0
    );
    assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
    rig.reader.sent();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(rig.private_key(session, 1), key);
    assert_eq!(rig.reader.sent(), ["VERIFY, tries", "VERIFY"]);
    assert_eq!(sign(&rig, session, key), Ok(()));
}

#[test]
fn another_card_gets_no_pin_and_ends_the_sessions_of_the_first() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    let (other, _) = phone(&[]);
    let first = rig.reader.take().unwrap();
    rig.reader.put(Box::new(other));
    rig.reader.sent();
    assert_eq!(sign(&rig, session, key), Err(Error::SessionHandle));
    assert!(!rig.reader.sent().contains(&"VERIFY".to_owned()));
    let theirs = rig.session();
    assert!(rig.module.session(theirs).is_ok());
    assert_eq!(
        rig.module.session(session).err(),
        Some(Error::SessionHandle)
    );
    drop(rig.reader.take());
    rig.reader.put(first);
    assert_eq!(
        rig.module.session(session).err(),
        Some(Error::SessionHandle)
    );
}

#[test]
fn a_foreign_card_in_between_changes_nothing() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.session();
    let first = rig.reader.take().unwrap();
    rig.reader.put(Box::new(Foreign));
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    drop(rig.reader.take());
    rig.reader.put(first);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
}

#[test]
fn objects_are_read_again_when_another_application_was_selected_in_between() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.session();
    rig.reader.select_other_application();
    // The CHUID among them.
    assert_eq!(rig.find(session, &[]).unwrap().len(), 1 + 2 * 2 + 1);
}
