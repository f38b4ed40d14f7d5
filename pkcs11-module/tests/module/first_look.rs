//! The first look at a card: an answer to SELECT that says nothing hides no card, one that says no is asked for once, and a card
//! that is not PIV hears nothing after it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use card_edge::apdu::Instruction;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::cache::Cache;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::remembered::{OneTap, Remembered};
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;
use tapcard_pkcs11::slot::event::Blocking;

use super::card::{Answers, Phone, phone};
use super::reader::Reader;
use super::rig::Rig;

const KEYS: [(AsymmetricKey, KeyAlgorithm); 1] =
    [(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)];

/// A card that answers the first SELECTs with something of its own.
struct Hesitant {
    card: Phone,
    first: VecDeque<Vec<u8>>,
}

impl Hesitant {
    fn answering(answer: &[u8], times: usize) -> Self {
        Self {
            card: phone(&KEYS).0,
            first: std::iter::repeat_n(answer.to_vec(), times).collect(),
        }
    }
}

impl Answers for Hesitant {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let selects = command.starts_with(&[0x00, 0xA4]);
        let own = selects.then(|| self.first.pop_front()).flatten();
        own.unwrap_or_else(|| self.card.answer(command))
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

/// A card that answers everything with the same status word.
struct Says(u16);

impl Answers for Says {
    fn answer(&mut self, _: &[u8]) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn reset(&mut self) {}
}

/// What is answered that says neither that there is PIV nor that there is not; the last two are a torn link's.
const NOTHING_SAID: [&[u8]; 7] = [
    &[0x6F, 0x00],
    &[0x64, 0x00],
    &[0x68, 0x81],
    &[0x69, 0x82],
    &[0x69, 0x99],
    &[],
    &[0x90],
];

fn selects(sent: &[String]) -> usize {
    sent.iter().filter(|name| *name == "SELECT").count()
}

#[test]
fn a_card_whose_first_answers_say_nothing_is_there() {
    for answer in NOTHING_SAID {
        for times in [1, 2] {
            let rig = Rig::with_reader(Reader::with(Hesitant::answering(answer, times)));
            let listed = rig.module.slot_list(Which::WithToken);
            assert_eq!(listed, [0], "{answer:02X?}, {times} times");
            assert_eq!(selects(&rig.reader.sent()), times + 1, "{answer:02X?}");
            rig.user_session();
        }
    }
}

#[test]
fn a_card_whose_key_the_reader_cannot_carry_is_there() {
    let reader = Reader::with(phone(&KEYS).0);
    reader.fail_at(Instruction::GeneralAuthenticate);
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::knowing_at(folder.path(), &reader);
    for _ in 0..3 {
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    }
}

#[test]
fn a_card_that_says_no_is_asked_once_in_an_insertion() {
    for status in [0x6A82, 0x6D00] {
        let rig = Rig::with_reader(Reader::with(Says(status)));
        for _ in 0..2 {
            for _ in 0..3 {
                assert!(rig.module.slot_list(Which::WithToken).is_empty());
            }
            assert_eq!(rig.reader.sent(), ["SELECT"], "{status:04X}");
            rig.reader.put(rig.reader.take().unwrap());
        }
    }
}

#[test]
fn a_card_that_goes_on_saying_nothing_is_given_up_until_it_comes_again() {
    for answer in NOTHING_SAID.into_iter().filter(|answer| answer.len() == 2) {
        let card = Hesitant::answering(answer, 1000);
        let rig = Rig::with_reader(Reader::with(card));
        // Three looks of three selections each.
        let mut sent = Vec::new();
        for _ in 0..6 {
            assert!(rig.module.slot_list(Which::WithToken).is_empty());
            sent.push(rig.reader.sent().len());
        }
        assert_eq!(sent, [3, 3, 3, 0, 0, 0], "{answer:02X?}");
        assert_eq!(
            rig.module.open_session(0, Access::ReadOnly),
            Err(Error::TokenNotRecognized)
        );
        assert!(rig.reader.sent().is_empty(), "{answer:02X?}");
        // It has recovered meanwhile.
        drop(rig.reader.take());
        rig.reader.put(Box::new(Hesitant::answering(answer, 1)));
        assert_eq!(rig.module.slot_list(Which::WithToken), [0], "{answer:02X?}");
    }
}

/// A module that shows the phone that was used last, where there is one.
fn one_tap(reader: &Reader, folder: &Path) -> Rig {
    let settings = Settings {
        cache: Cache::at(folder.join("cache")),
        one_tap: OneTap {
            remembered: Remembered::at(folder.join("state")),
            wait: Duration::from_secs(300),
        },
        ..Settings::default()
    };
    Rig {
        module: Module::new(Arc::new(reader.clone()), settings),
        ..Rig::with_reader(reader.clone())
    }
}

#[test]
fn nothing_is_sent_to_a_card_without_piv_whatever_is_called() {
    for status in [0x6A82, 0x6D00] {
        let reader = Reader::with(Says(status));
        let folder = tempfile::tempdir().unwrap();
        for rig in [
            Rig::with_reader(reader.clone()),
            one_tap(&reader, folder.path()),
        ] {
            let module = &rig.module;
            assert!(module.slot_list(Which::WithToken).is_empty());
            assert_eq!(reader.sent(), ["SELECT"]);
            let no = Error::TokenNotRecognized;
            for _ in 0..3 {
                for access in [Access::ReadOnly, Access::ReadWrite] {
                    assert_eq!(module.open_session(0, access), Err(no.clone()));
                }
                assert_eq!(module.close_all_sessions(0), Ok(()));
                assert_eq!(module.token_info(0), Err(no.clone()));
                assert_eq!(module.mechanism_list(0), Err(no.clone()));
                let info = module.mechanism_info(0, CKM_ECDSA);
                assert_eq!(info.err(), Some(no.clone()));
                let flags = module.slot_info(0).unwrap().flags;
                assert_eq!(flags & CKF_TOKEN_PRESENT, 0);
                let event = module.wait_for_slot_event(Blocking::DontBlock);
                assert_eq!(event, Err(Error::NoEvent));
                for which in [Which::All, Which::WithToken] {
                    let with_token = which == Which::WithToken;
                    assert_eq!(module.slot_list(which).is_empty(), with_token);
                }
                let session = module.session(1 << 40).map(drop);
                assert_eq!(session, Err(Error::SessionHandle));
            }
            assert!(reader.sent().is_empty(), "{status:04X}");
            rig.module.finalize();
            assert!(reader.sent().is_empty(), "{status:04X}");
        }
    }
}

#[test]
fn a_session_of_the_card_before_sends_nothing_to_one_without_piv() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    drop(rig.reader.take());
    rig.reader.put(Box::new(Says(0x6A82)));
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    assert_eq!(rig.reader.sent().last().unwrap(), "SELECT");
    let _ = rig.at(session).info();
    rig.find(session, &[]).unwrap();
    let _ = rig.at(session).object(key);
    rig.module.close_session(session).unwrap();
    assert!(rig.reader.sent().is_empty());
}
