//! Logging in: what costs a try, what is known of it, and keys that want the PIN each time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::logins::Logins;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::pcsc::bounded::GRACE;
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;
use tempfile::TempDir;

use super::card::phone;
use super::reader::Reader;
use super::recovery::let_the_grace_pass;
use super::rig::{PIN, Rig, class_is};

const WRONG: &[u8] = b"999999";
const HASH: [u8; 32] = [5; 32];

fn ecdsa() -> Option<Mechanism> {
    Some(Mechanism::Ecdsa(Ecdsa { hash: None }))
}

fn flags(rig: &Rig) -> CK_FLAGS {
    rig.module.token_info(0).unwrap().flags
}

#[test]
fn a_wrong_pin_costs_one_try_however_often_it_is_repeated() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    for _ in 0..4 {
        assert_eq!(
            rig.at(session).login(CKU_USER, Some(WRONG)),
            Err(Error::PinIncorrect)
        );
    }
    let verified = rig.reader.sent();
    assert_eq!(verified.iter().filter(|name| *name == "VERIFY").count(), 1);
    assert_ne!(flags(&rig) & CKF_USER_PIN_COUNT_LOW, 0);
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(flags(&rig) & CKF_USER_PIN_COUNT_LOW, 0);
}

#[test]
fn a_refused_pin_that_another_program_has_made_the_right_one_works_after_the_next_tap() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(WRONG));
    rig.reader.put(rig.reader.take().unwrap());
    assert_eq!(login(), Err(Error::PinIncorrect));
    assert_eq!(login(), Err(Error::PinIncorrect));
    rig.reader.put(rig.reader.take().unwrap());
    rig.module.token_info(0).unwrap();
    // Another insertion alone changes nothing: the card is asked for its counter, which costs no try.
    assert_eq!(login(), Err(Error::PinIncorrect));
    assert_eq!(login(), Err(Error::PinIncorrect));
    let counter = rig.reader.ask(&[0x00, 0x20, 0x00, 0x80]);
    assert_eq!(counter, [0x63, 0xC4]);
    rig.reader.put(rig.reader.take().unwrap());
    rig.module.token_info(0).unwrap();
    let change = [
        &[0x00, 0x24, 0x00, 0x80, 0x10][..],
        PIN,
        &[0xFF; 2],
        WRONG,
        &[0xFF; 2],
    ];
    rig.reader.other_program(&change.concat());
    assert_eq!(login(), Ok(()));
}

#[test]
fn what_cannot_be_a_pin_costs_no_try() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    rig.reader.sent();
    for (pin, error) in [
        (&b"12345"[..], Error::PinLength),
        (b"my unix password", Error::PinLength),
        (b"passw0rd", Error::PinInvalid),
    ] {
        assert_eq!(rig.at(session).login(CKU_USER, Some(pin)), Err(error));
    }
    assert!(rig.at(session).login(CKU_USER, None).is_err());
    assert_eq!(
        rig.at(session).login(CKU_SO, Some(PIN)),
        Err(Error::PinLength)
    );
    assert_eq!(
        rig.at(session).login(CKU_SO + 7, Some(PIN)),
        Err(Error::UserType)
    );
    assert!(rig.reader.sent().is_empty());
}

#[test]
fn the_last_try_and_a_blocked_pin_are_reported() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    let mut answers = Vec::new();
    for pin in [b"111111", b"222222", b"333333", b"444444", b"555555"] {
        answers.push((rig.at(session).login(CKU_USER, Some(pin)), flags(&rig)));
    }
    let (result, before_last) = &answers[3];
    assert_eq!(*result, Err(Error::PinIncorrect));
    assert_ne!(before_last & CKF_USER_PIN_FINAL_TRY, 0);
    assert_ne!(flags(&rig) & CKF_USER_PIN_LOCKED, 0);
    assert_eq!(
        rig.at(session).login(CKU_USER, Some(PIN)),
        Err(Error::PinLocked)
    );
}

#[test]
fn private_keys_are_hidden_until_login_and_after_logout() {
    let rig = Rig::new();
    let session = rig.session();
    let private = [class_is(CKO_PRIVATE_KEY)];
    assert!(rig.find(session, &private).unwrap().is_empty());
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    let keys = rig.find(session, &private).unwrap();
    assert_eq!(keys.len(), 4);
    assert_eq!(
        rig.at(session).login(CKU_USER, Some(PIN)),
        Err(Error::UserAlreadyLoggedIn)
    );
    assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
    rig.at(session).logout().unwrap();
    assert_eq!(rig.at(session).logout(), Err(Error::UserNotLoggedIn));
    assert!(rig.find(session, &private).unwrap().is_empty());
    assert!(matches!(
        rig.at(session).object(keys[0]),
        Err(Error::ObjectHandle)
    ));
    assert_eq!(
        rig.at(session).sign_init(ecdsa(), keys[1]),
        Err(Error::UserNotLoggedIn)
    );
    assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
}

#[test]
fn logging_out_reaches_the_card() {
    let rig = Rig::new();
    let session = rig.user_session();
    rig.reader.sent();
    rig.module.close_session(session).unwrap();
    assert_eq!(rig.reader.sent(), ["VERIFY, log out"]);
}

/// The virtual phone's card, which two processes of the module use.
fn two_processes() -> (TempDir, [Rig; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let first = Rig::new();
    let process = || {
        let settings = Settings {
            logins: Logins::at(folder.path().join("logins")),
            ..Settings::default()
        };
        Rig {
            module: Module::new(Arc::new(first.reader.clone()), settings),
            ..Rig::with_reader(first.reader.clone())
        }
    };
    let processes = [process(), process()];
    (folder, processes)
}

#[test]
fn the_last_process_that_is_logged_in_logs_the_card_out() {
    let (_folder, [one, two]) = two_processes();
    let (in_one, in_two) = (one.user_session(), two.user_session());
    let key = two.private_key(in_two, 1);
    one.reader.sent();
    one.at(in_one).logout().unwrap();
    assert!(one.reader.sent().is_empty());
    let private = [class_is(CKO_PRIVATE_KEY)];
    assert!(one.find(in_one, &private).unwrap().is_empty());
    two.at(in_two)
        .sign_init(Some(Mechanism::RsaPkcs(RsaPkcs { hash: None })), key)
        .unwrap();
    // Programs that are merely connected do not count.
    one.reader.other_program_stays();
    one.reader.sent();
    two.module.finalize();
    assert_eq!(one.reader.sent(), ["VERIFY, log out"]);
    one.at(in_one).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(one.find(in_one, &private).unwrap().len(), 4);
}

#[test]
fn a_card_that_cannot_log_out_is_reset_where_nobody_else_uses_it() {
    let (card, _) = phone(&[]);
    let rig = Rig::with_reader(Reader::with(card.announcing_without(&[0x00, 0x20, 0xFF])));
    let tries = || {
        rig.reader.select_piv();
        rig.reader.ask(&[0x00, 0x20, 0x00, 0x80])
    };
    let session = rig.user_session();
    assert_eq!(tries(), [0x90, 0x00]);
    rig.at(session).logout().unwrap();
    assert_eq!(tries(), [0x63, 0xC5]);
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    rig.reader.other_program_stays();
    rig.at(session).logout().unwrap();
    assert_eq!(tries(), [0x90, 0x00]);
}

#[test]
fn a_changed_pin_leaves_nobody_logged_in() {
    let rig = Rig::with_keys(&[]);
    let session = rig.module.open_session(0, Access::ReadWrite).unwrap();
    rig.at(session).set_pin(PIN, b"654321").unwrap();
    assert_eq!(
        rig.reader.ask(&[0x00, 0x20, 0x00, 0x80]),
        [0x63, 0xC5],
        "the card is logged in"
    );
    assert_eq!(rig.reader.connections(), 0);
}

#[test]
fn a_login_for_one_operation_wants_a_user() {
    let rig = Rig::new();
    let session = rig.user_session();
    let key = rig.private_key(session, 2);
    rig.at(session).sign_init(ecdsa(), key).unwrap();
    rig.at(session).logout().unwrap();
    rig.reader.sent();
    assert!(
        rig.at(session)
            .login(CKU_CONTEXT_SPECIFIC, Some(PIN))
            .is_err()
    );
    assert!(rig.reader.sent().is_empty());
    assert_eq!(rig.reader.connections(), 0);
}

#[test]
fn a_pin_that_was_changed_while_the_card_was_away_is_sent_again() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(WRONG));
    assert_eq!(login(), Err(Error::PinIncorrect));
    assert_eq!(login(), Err(Error::PinIncorrect));
    // Nobody asks for the slot before the next login.
    let card = rig.reader.take().unwrap();
    rig.reader.put(card);
    let change = [
        &[0x00, 0x24, 0x00, 0x80, 0x10][..],
        PIN,
        &[0xFF; 2],
        WRONG,
        &[0xFF; 2],
    ]
    .concat();
    rig.reader.select_piv();
    rig.reader.other_program(&change);
    assert_eq!(login(), Ok(()));
}

#[test]
fn others_can_have_the_card_soon_unless_somebody_is_logged_in() {
    let rig = Rig::new();
    let is_free = || {
        let patience = Instant::now() + GRACE + Duration::from_secs(10);
        while rig.reader.connections() > 0 {
            assert!(Instant::now() < patience, "it is not released");
            std::thread::yield_now();
        }
    };
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    let session = rig.session();
    rig.find(session, &[]).unwrap();
    is_free();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    let_the_grace_pass();
    assert_eq!(rig.reader.connections(), 1);
    rig.at(session).logout().unwrap();
    assert_eq!(rig.reader.connections(), 0);
}

#[test]
fn the_signature_key_signs_once_directly_after_login() {
    let rig = Rig::new();
    let session = rig.user_session();
    let key = rig.private_key(session, 2);
    rig.at(session).sign_init(ecdsa(), key).unwrap();
    rig.at(session)
        .operations()
        .sign
        .whole(&HASH, OutputBuffer::Bytes(64))
        .unwrap();
    rig.at(session).sign_init(ecdsa(), key).unwrap();
    rig.reader.sent();
    assert_eq!(
        rig.at(session)
            .operations()
            .sign
            .whole(&HASH, OutputBuffer::Bytes(64)),
        Err(Error::UserNotLoggedIn)
    );
    assert!(rig.reader.sent().is_empty());
    assert_eq!(
        rig.at(session)
            .operations()
            .sign
            .whole(&HASH, OutputBuffer::Bytes(64)),
        Err(Error::OperationNotInitialized)
    );
}

#[test]
fn a_login_for_one_operation_serves_that_operation() {
    let rig = Rig::new();
    let session = rig.user_session();
    let key = rig.private_key(session, 2);
    let context = |pin| rig.at(session).login(CKU_CONTEXT_SPECIFIC, Some(pin));
    rig.reader.sent();
    assert_eq!(context(PIN), Err(Error::OperationNotInitialized));
    assert!(rig.reader.sent().is_empty());

    rig.at(session).sign_init(ecdsa(), key).unwrap();
    assert_eq!(context(WRONG), Err(Error::PinIncorrect));
    // The operation is still there, for a second attempt or to be replaced.
    rig.at(session).sign_init(ecdsa(), key).unwrap();
    context(PIN).unwrap();
    assert_eq!(
        rig.at(session)
            .operations()
            .sign
            .whole(&HASH, OutputBuffer::LengthQuery),
        Ok(Output::Length(64))
    );
    // Another signature comes between.
    let other = rig.session();
    let door_key = rig.private_key(other, 4);
    rig.at(other).sign_init(ecdsa(), door_key).unwrap();
    rig.at(other)
        .operations()
        .sign
        .whole(&HASH, OutputBuffer::Bytes(64))
        .unwrap();
    rig.at(session)
        .operations()
        .sign
        .whole(&HASH, OutputBuffer::Bytes(64))
        .unwrap();
}

#[test]
fn a_streamed_signature_without_a_login_fails_at_its_end() {
    let rig = Rig::new();
    let session = rig.session();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    let door_key = rig.private_key(session, 4);
    rig.at(session).sign_init(ecdsa(), door_key).unwrap();
    rig.at(session)
        .operations()
        .sign
        .whole(&HASH, OutputBuffer::Bytes(64))
        .unwrap();
    let key = rig.private_key(session, 2);
    let hash = tapcard_pkcs11::hash::Hash::Sha256;
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: Some(hash) });
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
    rig.at(session).operations().sign.feed(b"message").unwrap();
    assert_eq!(
        rig.at(session)
            .operations()
            .sign
            .last(OutputBuffer::Bytes(64)),
        Err(Error::UserNotLoggedIn)
    );
}

#[test]
fn the_pin_can_be_changed() {
    let rig = Rig::with_keys(&[]);
    let read_only = rig.session();
    assert_eq!(
        rig.at(read_only).set_pin(PIN, b"654321"),
        Err(Error::SessionReadOnly)
    );
    let session = rig.module.open_session(0, Access::ReadWrite).unwrap();
    assert_eq!(
        rig.at(session).set_pin(PIN, b"letters"),
        Err(Error::PinInvalid)
    );
    assert_eq!(
        rig.at(session).set_pin(WRONG, b"654321"),
        Err(Error::PinIncorrect)
    );
    rig.at(session).set_pin(PIN, b"654321").unwrap();
    rig.at(session).login(CKU_USER, Some(b"654321")).unwrap();
}
