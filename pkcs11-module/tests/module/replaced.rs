//! Another card takes a card's place: its sessions end, and nothing of them stays behind.

use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdh::Ecdh;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::pcsc::{Link, LinkError, ReaderStatus, Readers};
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;

use super::card::{Foreign, phone};
use super::reader::{Reader, reader_name};
use super::rig::{PIN, Rig, class_is, is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 2] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
];

/// A key that the session derives.
fn derive(rig: &Rig, session: CK_SESSION_HANDLE) -> CK_OBJECT_HANDLE {
    let peer = p256::SecretKey::from_slice(&[9; 32]).unwrap();
    let mechanism = Mechanism::Ecdh(Ecdh::plain(peer.public_key().to_sec1_bytes().to_vec()));
    let template = [
        class_is(CKO_SECRET_KEY),
        is(CKA_KEY_TYPE, &CKK_GENERIC_SECRET.to_ne_bytes()),
    ];
    let key = rig.private_key(session, 3);
    rig.at(session)
        .derive_key(mechanism, key, &template)
        .unwrap()
}

#[test]
fn sessions_end_also_where_a_foreign_card_came_in_between() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    drop(rig.reader.take());
    rig.reader.put(Box::new(Foreign));
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    drop(rig.reader.take());
    rig.reader.put(Box::new(phone(&[]).0));
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    assert_eq!(
        rig.module.session(session).err(),
        Some(Error::SessionHandle)
    );
}

#[test]
fn nothing_of_a_session_that_has_ended_is_there_when_its_card_is_back() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    let secret = derive(&rig, session);
    assert!(rig.at(session).object(secret).is_ok());
    let first = rig.reader.take().unwrap();
    rig.reader.put(Box::new(phone(&[]).0));
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    drop(rig.reader.take());
    rig.reader.put(first);
    let session = rig.session();
    assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
    assert!(rig.at(session).object(secret).is_err());
    let secrets = [class_is(CKO_SECRET_KEY)];
    assert!(rig.find(session, &secrets).unwrap().is_empty());
}

#[test]
fn a_user_is_logged_out_while_a_foreign_card_is_there() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    drop(rig.reader.take());
    rig.reader.put(Box::new(Foreign));
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    let private = [class_is(CKO_PRIVATE_KEY)];
    assert!(rig.find(session, &private).unwrap().is_empty());
}

#[test]
fn closing_a_session_says_nothing_to_the_card_that_has_come() {
    let rig = Rig::with_keys(&KEYS);
    let session = rig.user_session();
    drop(rig.reader.take());
    rig.reader.put(Box::new(Foreign));
    rig.reader.sent();
    rig.module.close_session(session).unwrap();
    assert!(rig.reader.sent().is_empty());
}

/// A reader whose card another program may hold for itself alone.
struct Exclusive {
    reader: Reader,
    held: AtomicBool,
}

impl Readers for Exclusive {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        self.reader.snapshot()
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        if self.held.load(Ordering::SeqCst) {
            return Err(LinkError::Busy);
        }
        self.reader.connect(reader)
    }

    fn wait(&self, known: &[ReaderStatus], time: Duration) {
        self.reader.wait(known, time);
    }
}

#[test]
fn sessions_end_also_where_the_other_card_was_held_at_first() {
    let reader = Reader::with(phone(&KEYS).0);
    let readers = Arc::new(Exclusive {
        reader: reader.clone(),
        held: AtomicBool::new(false),
    });
    let rig = Rig {
        module: Module::new(
            Arc::clone(&readers) as Arc<dyn Readers>,
            Settings::default(),
        ),
        ..Rig::with_reader(reader)
    };
    let session = rig.user_session();
    drop(rig.reader.take());
    rig.reader.put(Box::new(phone(&[]).0));
    readers.held.store(true, Ordering::SeqCst);
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    readers.held.store(false, Ordering::SeqCst);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    assert_eq!(
        rig.module.session(session).err(),
        Some(Error::SessionHandle)
    );
}

/// Two readers, side by side.
pub struct Two(pub [Reader; 2]);

const NAMES: [&str; 2] = ["left", "right"];

impl Two {
    fn at(&self, reader: &CStr) -> &Reader {
        let right = reader.to_bytes() == NAMES[1].as_bytes();
        &self.0[usize::from(right)]
    }
}

impl Readers for Two {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        let readers = self.0.iter().zip(NAMES);
        readers
            .flat_map(|(reader, name)| {
                reader
                    .snapshot()
                    .into_iter()
                    .map(move |status| ReaderStatus {
                        name: reader_name(name),
                        ..status
                    })
            })
            .collect()
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        let reader = self.at(reader);
        reader.connect(&reader.snapshot()[0].name)
    }

    fn wait(&self, known: &[ReaderStatus], time: Duration) {
        self.0[0].wait(known, time);
    }
}

#[test]
fn a_card_that_has_moved_to_another_reader_stays_logged_in_there() {
    let (left, right) = (Reader::with(phone(&KEYS).0), Reader::empty());
    let readers = Arc::new(Two([left.clone(), right.clone()]));
    let rig = Rig {
        module: Module::new(readers, Settings::default()),
        ..Rig::with_reader(left)
    };
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    right.put(rig.reader.take().unwrap());
    assert_eq!(rig.module.slot_list(Which::WithToken), [1]);
    let session = rig.module.open_session(1, Access::ReadOnly).unwrap();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(rig.module.slot_list(Which::WithToken), [1]);
    assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
}
