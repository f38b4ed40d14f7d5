//! The security officer: logging in with the card management key.

use card_edge::piv::Cipher;
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::session::Access;

use super::card::{phone, set_management_key};
use super::reader::Reader;
use super::rig::{MANAGEMENT_KEY, PIN, Rig};

/// PUT DATA that empties the printed information: what the card answers tells whether it is open for writing.
const WRITE: [u8; 12] = [
    0x00, 0xDB, 0x3F, 0xFF, 0x07, 0x5C, 0x03, 0x5F, 0xC1, 0x09, 0x53, 0x00,
];
const AUTHENTICATE: &str = "GENERAL AUTHENTICATE";

#[test]
fn the_officer_logs_in_with_the_management_key_and_the_card_stays_closed_for_others() {
    let rig = Rig::with_keys(&[]);
    let session = rig.read_write_session();
    rig.reader.sent();
    rig.at(session).login(CKU_SO, Some(MANAGEMENT_KEY)).unwrap();
    // Proved, and given up.
    assert_eq!(rig.reader.sent(), [AUTHENTICATE; 4]);
    assert_eq!(rig.reader.ask(&WRITE), [0x69, 0x82]);
    assert_eq!(rig.at(session).info().state, CKS_RW_SO_FUNCTIONS);
    assert_eq!(
        rig.at(session).login(CKU_SO, Some(MANAGEMENT_KEY)),
        Err(Error::UserAlreadyLoggedIn)
    );
    rig.at(session).logout().unwrap();
    assert_eq!(rig.at(session).info().state, CKS_RW_PUBLIC_SESSION);
    assert_eq!(rig.at(session).logout(), Err(Error::UserNotLoggedIn));
    assert!(rig.reader.sent().is_empty());
}

#[test]
fn keys_of_every_cipher_as_digits_and_as_bytes() {
    for (cipher, key) in [
        (Cipher::Aes128, vec![0x9C; 16]),
        (Cipher::Aes192, vec![0x9C; 24]),
        (Cipher::TripleDes, (0x81..=0x98).collect()),
        (Cipher::Aes256, vec![0x9C; 32]),
    ] {
        let (mut card, _) = phone(&[]);
        set_management_key(&mut card, cipher, &key);
        let rig = Rig::with_reader(Reader::with(card));
        let session = rig.read_write_session();
        let digits: String = key.iter().map(|byte| format!("{byte:02X}")).collect();
        for given in [digits.as_bytes(), &key] {
            rig.at(session).login(CKU_SO, Some(given)).unwrap();
            rig.at(session).logout().unwrap();
        }
        let mut wrong = key.clone();
        wrong[0] ^= 0x10;
        assert_eq!(
            rig.at(session).login(CKU_SO, Some(&wrong)),
            Err(Error::PinIncorrect)
        );
        assert_eq!(rig.at(session).info().state, CKS_RW_PUBLIC_SESSION);
        // Of another length: for another cipher.
        let other = if key.len() == 16 { 32 } else { 16 };
        assert_eq!(
            rig.at(session).login(CKU_SO, Some(&vec![0xF1; other])),
            Err(Error::PinIncorrect)
        );
        assert_eq!(rig.reader.ask(&WRITE), [0x69, 0x82]);
    }
}

#[test]
fn what_cannot_be_a_management_key_is_not_sent() {
    let rig = Rig::with_keys(&[]);
    let session = rig.read_write_session();
    rig.reader.sent();
    for (given, error) in [
        (PIN, Error::PinLength),
        (&[b'x'; 48][..], Error::PinIncorrect),
    ] {
        assert_eq!(rig.at(session).login(CKU_SO, Some(given)), Err(error));
    }
    assert!(rig.at(session).login(CKU_SO, None).is_err());
    assert!(rig.reader.sent().is_empty());
}

#[test]
fn officer_and_user_exclude_each_other_and_sessions_that_only_read_the_officer() {
    let rig = Rig::with_keys(&[]);
    let session = rig.read_write_session();
    let read_only = rig.session();
    let officer = || rig.at(session).login(CKU_SO, Some(MANAGEMENT_KEY));
    assert_eq!(officer(), Err(Error::SessionReadOnlyExists));
    rig.module.close_session(read_only).unwrap();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(officer(), Err(Error::UserAnotherLoggedIn));
    rig.at(session).logout().unwrap();
    officer().unwrap();
    assert_eq!(
        rig.at(session).login(CKU_USER, Some(PIN)),
        Err(Error::UserAnotherLoggedIn)
    );
    assert_eq!(
        rig.module.open_session(0, Access::ReadOnly),
        Err(Error::SessionReadWriteSoExists)
    );
    let second = rig.read_write_session();
    assert_eq!(rig.at(second).info().state, CKS_RW_SO_FUNCTIONS);
    // It is the user's PIN that C_SetPIN changes otherwise.
    assert_eq!(
        rig.at(session).set_pin(PIN, b"654321"),
        Err(Error::PinLength)
    );
    // The last session takes the login with it.
    rig.module.close_all_sessions(0).unwrap();
    let session = rig.session();
    assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
}

#[test]
fn the_officer_is_logged_out_when_the_card_leaves_and_not_by_a_reset() {
    let rig = Rig::with_keys(&[]);
    let session = rig.administrator_session();
    rig.reader.reset();
    assert_eq!(rig.at(session).info().state, CKS_RW_SO_FUNCTIONS);
    rig.reader.put(rig.reader.take().unwrap());
    assert_eq!(rig.at(session).info().state, CKS_RW_PUBLIC_SESSION);
    assert_eq!(rig.at(session).login(CKU_SO, Some(MANAGEMENT_KEY)), Ok(()));
}

#[test]
fn a_card_that_takes_no_management_key_says_so() {
    let (card, _) = phone(&[]);
    let card = card.announcing_without(&[0x00, 0x87]);
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.read_write_session();
    assert_eq!(
        rig.at(session).login(CKU_SO, Some(MANAGEMENT_KEY)),
        Err(Error::TokenWriteProtected)
    );
    assert_eq!(rig.at(session).info().state, CKS_RW_PUBLIC_SESSION);
}

#[test]
fn the_officer_changes_the_management_key() {
    let rig = Rig::with_keys(&[]);
    let session = rig.administrator_session();
    let officer = rig.at(session);
    let new = "A5".repeat(32);
    let change = |old: &[u8], new: &[u8]| officer.set_pin(old, new);
    assert_eq!(
        change(new.as_bytes(), new.as_bytes()),
        Err(Error::PinIncorrect)
    );
    assert_eq!(change(MANAGEMENT_KEY, &[b'x'; 64]), Err(Error::PinInvalid));
    assert_eq!(officer.info().state, CKS_RW_SO_FUNCTIONS);
    change(MANAGEMENT_KEY, new.as_bytes()).unwrap();
    // The card is closed for others, and the officer writes on with the new key.
    assert_eq!(rig.reader.ask(&WRITE), [0x69, 0x82]);
    change(new.as_bytes(), &[7; 24]).unwrap();
    officer.logout().unwrap();
    assert_eq!(
        officer.login(CKU_SO, Some(MANAGEMENT_KEY)),
        Err(Error::PinIncorrect)
    );
    officer.login(CKU_SO, Some(&[7; 24])).unwrap();
    // Another card does not know the command.
    let (card, _) = phone(&[]);
    let card = card.announcing_without(&[0x00, 0xFF]);
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.administrator_session();
    assert_eq!(
        rig.at(session).set_pin(MANAGEMENT_KEY, new.as_bytes()),
        Err(Error::FunctionNotSupported)
    );
    assert_eq!(rig.at(session).info().state, CKS_RW_SO_FUNCTIONS);
}
