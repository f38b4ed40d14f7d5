//! PINs inside the channel of secure messaging, and cards that prove the key that they were first met with.

use std::os::unix::fs::PermissionsExt;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tempfile::tempdir;

use super::card::{Answers, Phone, contactless_phone, phone, put_object};
use super::reader::Reader;
use super::rig::{PIN, Rig};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];
const NEW_PIN: &[u8] = b"739154";
const SELECT: &str = "SELECT";
const ESTABLISH: &str = "GENERAL AUTHENTICATE";
const VERIFY: &str = "VERIFY";
const SIGN: &str = "PERFORM SECURITY OPERATION";
const LOG_OUT: &str = "VERIFY, log out";

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, id: u8) -> Result<(), Error> {
    let key = rig.private_key(session, id);
    sign_with(rig, session, key)
}

fn sign_with(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> Result<(), Error> {
    let session = rig.at(session);
    session.sign_init(Some(Mechanism::Ecdsa(Ecdsa { hash: None })), key)?;
    let mut operations = session.operations();
    operations
        .sign
        .whole(&[5; 32], OutputBuffer::Bytes(64))
        .map(drop)
}

fn log_in(rig: &Rig) -> Result<CK_SESSION_HANDLE, Error> {
    let session = rig.session();
    rig.at(session).login(CKU_USER, Some(PIN))?;
    Ok(session)
}

/// A card with another key that claims to be the one in the reader.
fn claims_to_be(reader: &Reader, mut claims: Phone) -> Phone {
    let chuid = reader.chuid();
    put_object(&mut claims, ObjectId::Chuid, &chuid);
    claims
}

/// A card that has lost its key for secure messaging, by its word, or refuses what it offers.
struct Without {
    card: Phone,
    offers: bool,
}

/// A card that has another card's certificates, and offers a channel from its second selection on, or never.
struct Copied {
    card: Phone,
    selections_without: usize,
}

impl Answers for Copied {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        const OFFERED: [u8; 3] = [0x80, 0x01, 0x27];
        let mut answer = self.card.answer(command);
        if command.starts_with(&[0x00, 0xA4]) && self.selections_without > 0 {
            self.selections_without -= 1;
            let found = answer.windows(3).position(|part| part == OFFERED);
            if let Some(algorithm) = found.and_then(|place| answer.get_mut(place + 2)) {
                *algorithm = 0x07;
            }
        }
        answer
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

#[test]
fn a_held_pin_does_not_go_to_a_card_with_copied_certificates_by_a_second_sequence() {
    for is_known in [true, false] {
        for selections_without in [1, usize::MAX] {
            let (card, issued) = phone(&KEYS);
            let reader = Reader::with(card.announcing());
            let folder = tempdir().unwrap();
            let rig = if is_known {
                Rig::knowing_at(folder.path(), &reader)
            } else {
                Rig::with_reader(reader.clone())
            };
            let session = log_in(&rig).unwrap();
            let key = rig.private_key(session, 1);
            let mut claims = claims_to_be(&reader, phone(&KEYS).0);
            let object = certificate::encode(&issued[0].certificate).unwrap();
            let place = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
            put_object(&mut claims, place, &object);
            drop(reader.take());
            reader.put(Box::new(Copied {
                card: claims.announcing(),
                selections_without,
            }));
            reader.sent();
            assert_eq!(sign_with(&rig, session, key), Err(Error::UserNotLoggedIn));
            assert!(!reader.sent().contains(&VERIFY.to_owned()));
        }
    }
}

#[test]
fn our_phone_that_offers_no_channel_over_the_air_is_told_no_pin() {
    let (card, _) = contactless_phone(&KEYS);
    let reader = Reader::contactless_with(Without {
        card: card.announcing(),
        offers: false,
    });
    let folder = tempdir().unwrap();
    let login = log_in(&Rig::knowing_at(folder.path(), &reader));
    assert!(matches!(login, Err(Error::Device(_))), "{login:?}");
    assert!(!reader.has_heard(PIN));
}

#[test]
fn a_card_whose_file_nobody_can_trust_is_told_no_pin() {
    let (card, _) = phone(&KEYS);
    let reader = Reader::with(card.announcing());
    let folder = tempdir().unwrap();
    log_in(&Rig::knowing_at(folder.path(), &reader)).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let everybody = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(file.unwrap().path(), everybody).unwrap();
    }
    reader.sent();
    let login = log_in(&Rig::knowing_at(folder.path(), &reader));
    assert!(matches!(login, Err(Error::Device(_))), "{login:?}");
    assert!(!reader.sent().contains(&VERIFY.to_owned()));
}

#[test]
fn a_card_that_leaves_while_it_is_met_is_there_when_it_is_back() {
    let (card, _) = phone(&KEYS);
    let reader = Reader::with(card.announcing());
    let folder = tempdir().unwrap();
    let cold = {
        let rig = Rig::knowing_at(folder.path(), &reader);
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        rig.module.finalize();
        reader.sent()
    };
    assert_eq!(cold.last().map(String::as_str), Some(ESTABLISH));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    for arrives in [false, true] {
        reader.leave_at(cold.len() - 1, arrives, true);
        let rig = Rig::knowing_at(folder.path(), &reader);
        let session = log_in(&rig).unwrap();
        assert_eq!(sign(&rig, session, 1), Ok(()));
        rig.module.finalize();
    }
}

impl Answers for Without {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        const OFFERED: [u8; 3] = [0x80, 0x01, 0x27];
        if command.starts_with(&[0x00, 0x87, 0x27, 0x04]) {
            return vec![0x6A, 0x80];
        }
        let mut answer = self.card.answer(command);
        let found = answer.windows(3).position(|part| part == OFFERED);
        if let (Some(place), false) = (found, self.offers)
            && let Some(algorithm) = answer.get_mut(place + 2)
        {
            *algorithm = 0x07;
        }
        answer
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

#[test]
fn a_warm_contactless_login_is_four_commands_and_nobody_hears_the_pin() {
    let (card, _) = contactless_phone(&KEYS);
    let reader = Reader::contactless_with(card.announcing());
    let folder = tempdir().unwrap();
    let login = |signatures| {
        let rig = Rig::keeping_at(folder.path(), &reader);
        rig.ssh_login(signatures, |session, key| {
            sign_with(&rig, session, key).unwrap();
        })
    };
    let cold = login(1);
    assert!(cold.len() <= 17, "the log-out among them: {cold:?}");
    assert_eq!(login(1), [SELECT, ESTABLISH, VERIFY, SIGN, LOG_OUT]);
    assert_eq!(login(20).len(), 24);
    assert!(!reader.has_heard(PIN));
}

#[test]
fn over_contacts_a_channel_is_opened_when_the_card_is_first_met() {
    let (card, _) = phone(&KEYS);
    let reader = Reader::with(card.announcing());
    let folder = tempdir().unwrap();
    let login = || {
        let rig = Rig::keeping_at(folder.path(), &reader);
        rig.ssh_login(1, |session, key| sign_with(&rig, session, key).unwrap())
    };
    let first = login();
    assert_eq!(first[..2], [SELECT, ESTABLISH]);
    assert_eq!(
        first[2..].last_chunk(),
        Some(&[VERIFY, SIGN, LOG_OUT].map(String::from))
    );
    assert_eq!(login(), [SELECT, VERIFY, SIGN, LOG_OUT]);
}

#[test]
fn a_pin_is_changed_inside_a_channel_over_the_air() {
    for announces in [true, false] {
        let (card, _) = contactless_phone(&KEYS);
        let card = if announces { card.announcing() } else { card };
        let reader = Reader::contactless_with(card);
        let folder = tempdir().unwrap();
        let rig = Rig::knowing_at(folder.path(), &reader);
        let session = rig.read_write_session();
        let session = rig.at(session);
        session.set_pin(PIN, NEW_PIN).unwrap();
        assert_eq!(session.login(CKU_USER, Some(PIN)), Err(Error::PinIncorrect));
        session.login(CKU_USER, Some(NEW_PIN)).unwrap();
        assert!(!reader.has_heard(PIN) && !reader.has_heard(NEW_PIN));
    }
}

#[test]
fn a_known_card_that_was_away_for_a_moment_is_used_as_if_it_had_stayed() {
    for announces in [true, false] {
        let (card, _) = phone(&KEYS);
        let reader = Reader::with(if announces { card.announcing() } else { card });
        let folder = tempdir().unwrap();
        let rig = Rig::knowing_at(folder.path(), &reader);
        let session = log_in(&rig).unwrap();
        let key = rig.private_key(session, 1);
        reader.sent();
        reader.put(reader.take().unwrap());
        assert_eq!(sign_with(&rig, session, key), Ok(()));
        let sent = reader.sent();
        let restored = sent.iter().position(|name| name == ESTABLISH);
        let verified = sent.iter().position(|name| name == VERIFY);
        assert!(restored.is_some() && restored < verified, "{sent:?}");
        assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
        // What needs no PIN does not end the login either.
        reader.put(reader.take().unwrap());
        assert_eq!(sign(&rig, session, 4), Ok(()));
        assert_eq!(sign_with(&rig, session, key), Ok(()));
        assert_eq!(rig.at(session).logout(), Ok(()));
    }
}

#[test]
fn a_held_pin_does_not_go_to_a_card_with_another_key() {
    for announces in [true, false] {
        let (card, _) = phone(&KEYS);
        let reader = Reader::with(if announces { card.announcing() } else { card });
        let folder = tempdir().unwrap();
        let rig = Rig::knowing_at(folder.path(), &reader);
        let session = log_in(&rig).unwrap();
        let key = rig.private_key(session, 1);
        let claims = claims_to_be(&reader, phone(&KEYS).0);
        drop(reader.take());
        reader.put(Box::new(if announces {
            claims.announcing()
        } else {
            claims
        }));
        reader.sent();
        let signed = sign_with(&rig, session, key);
        assert!(
            matches!(signed, Err(Error::UserNotLoggedIn | Error::DeviceRemoved)),
            "{signed:?}"
        );
        assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
        assert!(!reader.sent().contains(&VERIFY.to_owned()));
    }
}

#[test]
fn over_the_air_a_card_with_another_key_is_told_no_pin_until_its_file_is_removed() {
    for announces in [true, false] {
        let like_the_first = |card: Phone| if announces { card.announcing() } else { card };
        let reader = Reader::contactless_with(like_the_first(contactless_phone(&KEYS).0));
        let folder = tempdir().unwrap();
        let login = || log_in(&Rig::knowing_at(folder.path(), &reader)).map(drop);
        login().unwrap();
        let claims = claims_to_be(&reader, contactless_phone(&KEYS).0);
        let first = reader.take().unwrap();
        reader.put(Box::new(like_the_first(claims)));
        reader.sent();
        let refused = login();
        assert!(
            matches!(&refused, Err(Error::Device(reason)) if reason.contains("`tapcard meet` compares it")),
            "{refused:?}"
        );
        assert!(!reader.sent().contains(&VERIFY.to_owned()));

        // The first is as welcome as before.
        let claims = reader.take().unwrap();
        reader.put(first);
        login().unwrap();

        for file in std::fs::read_dir(folder.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        drop(reader.take());
        reader.put(claims);
        login().unwrap();
        assert!(!reader.has_heard(PIN));
    }
}

#[test]
fn without_a_folder_the_program_itself_remembers_the_key_of_a_card_over_the_air() {
    let reader = Reader::contactless_with(contactless_phone(&KEYS).0.announcing());
    let rig = Rig::with_reader(reader.clone());
    let session = log_in(&rig).unwrap();
    rig.at(session).logout().unwrap();
    let claims = claims_to_be(&reader, contactless_phone(&KEYS).0).announcing();
    let phone = reader.take().unwrap();
    reader.put(Box::new(claims));
    reader.sent();
    for _ in 0..2 {
        let login = log_in(&rig);
        assert!(login.is_err(), "{login:?}");
    }
    assert!(!reader.sent().contains(&VERIFY.to_owned()));
    drop(reader.take());
    reader.put(phone);
    log_in(&rig).unwrap();
    assert!(!reader.has_heard(PIN));
}

#[test]
fn a_known_card_that_offers_no_channel_any_more_is_told_no_pin() {
    for (is_contactless, offers) in [(false, false), (true, false), (true, true)] {
        let (make, with): (fn(&_) -> _, fn(Phone) -> _) = if is_contactless {
            (contactless_phone, Reader::contactless_with)
        } else {
            (phone, Reader::with)
        };
        let reader: Reader = with(make(&KEYS).0.announcing());
        let folder = tempdir().unwrap();
        log_in(&Rig::knowing_at(folder.path(), &reader)).unwrap();
        let claims = claims_to_be(&reader, make(&KEYS).0.announcing());
        drop(reader.take());
        reader.put(Box::new(Without {
            card: claims,
            offers,
        }));
        reader.sent();
        let login = log_in(&Rig::knowing_at(folder.path(), &reader));
        assert!(matches!(login, Err(Error::Device(_))), "{login:?}");
        assert!(!reader.sent().contains(&VERIFY.to_owned()));
    }
}

#[test]
fn a_pin_goes_over_the_air_in_clear_only_to_an_unknown_card_that_is_not_our_phone() {
    for (announces, goes) in [(true, false), (false, true)] {
        let (card, _) = contactless_phone(&KEYS);
        let card = if announces { card.announcing() } else { card };
        let reader = Reader::contactless_with(Without { card, offers: true });
        let folder = tempdir().unwrap();
        let login = log_in(&Rig::knowing_at(folder.path(), &reader));
        assert_eq!(login.is_ok(), goes, "{login:?}");
        assert_eq!(reader.has_heard(PIN), goes);
    }
}

#[test]
fn one_wrong_pin_inside_a_channel_costs_one_try_and_is_not_sent_again() {
    let (card, _) = contactless_phone(&KEYS);
    let reader = Reader::contactless_with(card.announcing());
    let folder = tempdir().unwrap();
    let rig = Rig::knowing_at(folder.path(), &reader);
    let session = rig.session();
    // The last of five is kept for contacts.
    let tries = || reader.ask(&[0x00, 0x20, 0x00, 0x80]);
    reader.select_piv();
    assert_eq!(tries(), [0x63, 0xC4]);
    for _ in 0..3 {
        let login = rig.at(session).login(CKU_USER, Some(NEW_PIN));
        assert_eq!(login, Err(Error::PinIncorrect));
    }
    assert_eq!(tries(), [0x63, 0xC3]);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert!(!reader.has_heard(PIN) && !reader.has_heard(NEW_PIN));
}
