//! A card that fails for a moment while it is read: what could not be read is not taken for what is not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, RetiredNumber, certificate};
use cryptoki_sys::{CKO_CERTIFICATE, CKR_SESSION_HANDLE_INVALID};
use tapcard_pkcs11::module::Which;

use super::card::{Answers, Phone, phone, put_object};
use super::reader::Reader;
use super::rig::{Rig, class_is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];

/// A card that answers this to the next reads of an object, as many as are left.
struct Fails<A> {
    card: A,
    object: ObjectId,
    status: u16,
    times: Arc<AtomicUsize>,
}

impl<A: Answers> Answers for Fails<A> {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let tag = self.object.tag().value().to_be_bytes();
        let [.., a, b, c] = tag;
        let asks =
            command.get(1) == Some(&0xCB) && command.windows(3).any(|part| part == [a, b, c]);
        let fails = asks
            && self
                .times
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok();
        if fails {
            return self.status.to_be_bytes().to_vec();
        }
        self.card.answer(command)
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

fn retired() -> ObjectId {
    let first = RetiredNumber::new(1).unwrap();
    ObjectId::Certificate(AsymmetricKey::RetiredKeyManagement(first))
}

/// A card with five certificates, one of them of a retired key.
fn card() -> Phone {
    let (mut card, issued) = phone(&KEYS);
    let history = KeyHistory {
        on_card: 1,
        ..KeyHistory::default()
    };
    put_object(&mut card, ObjectId::KeyHistory, &history.encode().unwrap());
    let der = certificate::encode(&issued[2].certificate).unwrap();
    put_object(&mut card, retired(), &der);
    card
}

fn failing(object: ObjectId, status: u16, times: usize) -> (Reader, Arc<AtomicUsize>) {
    let times = Arc::new(AtomicUsize::new(times));
    let reader = Reader::with(Fails {
        card: card(),
        object,
        status,
        times: Arc::clone(&times),
    });
    (reader, times)
}

fn certificates(rig: &Rig) -> usize {
    let session = rig.session();
    rig.find(session, &[class_is(CKO_CERTIFICATE)])
        .unwrap()
        .len()
}

#[test]
fn a_card_that_fails_once_loses_nothing() {
    for object in [
        ObjectId::Chuid,
        ObjectId::Certificate(AsymmetricKey::PivAuthentication),
        ObjectId::Certificate(AsymmetricKey::DigitalSignature),
        ObjectId::KeyHistory,
        retired(),
    ] {
        for status in [0x6F00, 0x6400, 0x6581, 0x6999] {
            let (reader, times) = failing(object, status, 0);
            let rig = Rig::with_reader(reader.clone());
            let healthy = rig.module.token_info(0).unwrap();
            let healthy = (healthy.serial, healthy.label);
            assert_eq!(certificates(&rig), 5);
            drop(rig);

            times.store(1, Ordering::SeqCst);
            let rig = Rig::with_reader(reader);
            let info = rig.module.token_info(0).unwrap();
            assert_eq!(
                (info.serial, info.label),
                healthy,
                "{object:?} {status:04X}"
            );
            assert_eq!(certificates(&rig), 5, "{object:?} {status:04X}");
            assert_eq!(times.load(Ordering::SeqCst), 0);
        }
    }
}

#[test]
fn what_a_card_fails_at_for_longer_is_read_when_it_works_again() {
    for (object, left) in [
        (ObjectId::Certificate(AsymmetricKey::DigitalSignature), 4),
        (retired(), 4),
        (ObjectId::KeyHistory, 4),
    ] {
        let (reader, times) = failing(object, 0x6F00, usize::MAX);
        let folder = tempfile::tempdir().unwrap();
        // Another folder, where retired keys that nobody speaks of are not looked for.
        let running = Rig::with_reader(reader.clone());
        assert_eq!(certificates(&running), left, "{object:?}");
        let first = Rig::keeping_at(folder.path(), &reader);
        certificates(&first);
        times.store(0, Ordering::SeqCst);
        // Nothing of it was kept for others.
        assert_eq!(certificates(&Rig::keeping_at(folder.path(), &reader)), 5);
        // Those that run find it at the next insertion.
        reader.put(reader.take().unwrap());
        assert_eq!(running.module.slot_list(Which::WithToken), [0]);
        assert_eq!(certificates(&running), 5, "{object:?}");
        assert_eq!(certificates(&first), 5, "{object:?}");
    }
}

#[test]
fn what_is_not_there_is_asked_for_once() {
    for status in [0x6A82, 0x6982, 0x6D00, 0x6A81] {
        let object = ObjectId::Certificate(AsymmetricKey::DigitalSignature);
        let (reader, times) = failing(object, status, usize::MAX);
        let rig = Rig::with_reader(reader);
        assert_eq!(certificates(&rig), 4);
        assert_eq!(usize::MAX - times.load(Ordering::SeqCst), 1, "{status:04X}");
    }
}

#[test]
fn two_cards_that_have_nothing_are_two() {
    let blank = || phone(&[]).0;
    let nothing = |mut card: Phone| {
        put_object(&mut card, ObjectId::Chuid, &[]);
        card
    };
    let rig = Rig::with_reader(Reader::with(nothing(blank())));
    let session = rig.session();
    rig.at(session);
    drop(rig.reader.take());
    rig.reader.put(Box::new(nothing(blank())));
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    let ended = rig.module.session(session).map(drop).unwrap_err();
    assert_eq!(ended.rv(), CKR_SESSION_HANDLE_INVALID);
    rig.session();
}
