//! What is kept of cards that announce nothing: what a program that meets a known card sends, and that nobody is shown, or
//! signs for, what is not on the card any more.

use card_edge::piv::chuid::Chuid;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, RetiredNumber, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tempfile::TempDir;

use super::card::{Issued, phone, put_object};
use super::certificate::issue;
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];
const FIRST: ObjectId = ObjectId::Certificate(AsymmetricKey::PivAuthentication);

/// The FASC-N of a card of agency 0032 (TIG SCEPACS 2.3, 6.1).
const FEDERAL: [u8; 25] = [
    0xD0, 0x43, 0x94, 0x58, 0x21, 0x0C, 0x2C, 0x19, 0xA0, 0x84, 0x6D, 0x83, 0x68, 0x5A, 0x10, 0x82,
    0x10, 0x8C, 0xE7, 0x39, 0x84, 0x10, 0x8C, 0xA3, 0xFC,
];

/// A card in a reader that a program has listed before.
fn known_card() -> (Reader, TempDir, Vec<Issued>) {
    let (card, issued) = phone(&KEYS);
    let (reader, folder) = (Reader::with(card), tempfile::tempdir().unwrap());
    assert_eq!(
        subjects(&Rig::keeping_at(folder.path(), &reader)),
        [ALICE; 4]
    );
    reader.sent();
    (reader, folder, issued)
}

const ALICE: &str = "Alice";

/// The first names of the holders in the certificates that a program is shown.
fn subjects(rig: &Rig) -> Vec<&'static str> {
    let session = rig.session();
    let found = rig.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap();
    let subject = |handle: &CK_OBJECT_HANDLE| {
        let object = rig.at(session).object(*handle).unwrap();
        let name = object.attributes.value(CKA_SUBJECT).unwrap();
        let text = String::from_utf8_lossy(&name).into_owned();
        let names = ["Alice", "Bob", "Carol"];
        names.into_iter().find(|name| text.contains(name)).unwrap()
    };
    found.iter().map(subject).collect()
}

/// Another certificate in 9A, with the same CHUID.
fn renew(reader: &Reader, key: &Issued, subject: &str) {
    let renewed = certificate::encode(&issue(subject, &key.key)).unwrap();
    reader.with_card(|card| put_object(card, FIRST, &renewed));
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> Result<(), Error> {
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(mechanism), key)?;
    let operations = rig.at(session);
    let signed = operations
        .operations()
        .sign
        .whole(&[5; 32], OutputBuffer::Bytes(64));
    signed.map(drop)
}

#[test]
fn a_known_card_is_listed_after_its_number_and_used_after_one_look() {
    let (reader, folder, _) = known_card();
    let rig = Rig::keeping_at(folder.path(), &reader);
    assert_eq!(subjects(&rig), [ALICE; 4]);
    assert_eq!(reader.sent(), ["SELECT", "GET DATA"]);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    sign(&rig, session, key).unwrap();
    sign(&rig, session, key).unwrap();
    let used = [
        "VERIFY, tries",
        "VERIFY",
        "GENERAL AUTHENTICATE",
        "GET DATA",
    ];
    assert_eq!(
        reader.sent(),
        [&used[..], &["GENERAL AUTHENTICATE"]].concat()
    );
}

#[test]
fn what_was_renewed_elsewhere_is_listed_in_the_next_insertion() {
    let (reader, folder, issued) = known_card();
    renew(&reader, &issued[0], "Bob Example");
    reader.put(reader.take().unwrap());
    let rig = Rig::keeping_at(folder.path(), &reader);
    assert_eq!(subjects(&rig), ["Bob", ALICE, ALICE, ALICE]);
    // A running program sees it too, and what was added or removed.
    renew(&reader, &issued[0], "Carol Example");
    let third = ObjectId::Certificate(AsymmetricKey::KeyManagement);
    reader.with_card(|card| put_object(card, third, &[]));
    reader.put(reader.take().unwrap());
    assert_eq!(subjects(&rig), ["Carol", ALICE, ALICE]);
    reader.sent();
    assert_eq!(
        subjects(&Rig::keeping_at(folder.path(), &reader)),
        ["Carol", ALICE, ALICE]
    );
    assert_eq!(reader.sent().len(), 2);
}

#[test]
fn a_key_that_was_moved_to_a_place_for_retired_ones_is_seen_with_its_successor() {
    let (reader, folder, issued) = known_card();
    let (_, other) = phone(&KEYS);
    let der = |issued: &Issued| certificate::encode(&issued.certificate).unwrap();
    let place = ObjectId::Certificate(AsymmetricKey::KeyManagement);
    let first = RetiredNumber::new(1).unwrap();
    let retired = ObjectId::Certificate(AsymmetricKey::RetiredKeyManagement(first));
    reader.with_card(|card| {
        put_object(card, retired, &der(&issued[2]));
        put_object(card, place, &der(&other[2]));
    });
    reader.put(reader.take().unwrap());
    let rig = Rig::keeping_at(folder.path(), &reader);
    assert_eq!(subjects(&rig).len(), 5);
    assert_eq!(subjects(&Rig::keeping_at(folder.path(), &reader)).len(), 5);
}

#[test]
fn a_list_that_was_read_of_another_application_is_not_kept() {
    let (card, _) = phone(&KEYS);
    let (reader, folder) = (Reader::with(card), tempfile::tempdir().unwrap());
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.session();
    reader.select_other_application();
    assert_eq!(
        rig.find(session, &[class_is(CKO_CERTIFICATE)])
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        subjects(&Rig::keeping_at(folder.path(), &reader)),
        [ALICE; 4]
    );
}

#[test]
fn nobody_signs_under_a_certificate_that_is_not_there_any_more() {
    let (reader, folder, _) = known_card();
    // In the same insertion, so that nobody looks before the use; another key with it.
    let (card, issued) = phone(&KEYS);
    let chuid = reader.chuid();
    let mut other: Box<dyn super::card::Answers> = Box::new(card);
    put_object(other.as_mut(), ObjectId::Chuid, &chuid);
    reader.replace_unseen(other);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    assert_eq!(sign(&rig, session, key), Err(Error::DeviceRemoved));
    let key = rig.private_key(session, 1);
    assert_eq!(sign(&rig, session, key), Ok(()));
    let object = rig.at(session).object(key).unwrap();
    let shown = object
        .attributes
        .value(CKA_PUBLIC_KEY_INFO)
        .unwrap()
        .to_vec();
    let spki = issued[0].certificate.windows(shown.len());
    assert!(spki.into_iter().any(|window| window == shown));
    // One with the same key is renewed without a word.
    renew(&reader, &issued[0], "Bob Example");
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    assert_eq!(sign(&rig, session, key), Ok(()));
    assert_eq!(subjects(&rig)[0], "Bob");
}

#[test]
fn a_torn_file_and_one_of_another_card_are_none() {
    let (reader, folder, _) = known_card();
    let kept = std::fs::read_dir(folder.path()).unwrap();
    let mut files = kept.map(|entry| entry.unwrap().path());
    // Beside it stands the folder of known cards.
    let file = files.find(|path| path.is_file()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    for content in [&whole[..whole.len() - 1], &whole[..20], &[]] {
        std::fs::write(&file, content).unwrap();
        assert_eq!(
            subjects(&Rig::keeping_at(folder.path(), &reader)),
            [ALICE; 4]
        );
        assert!(reader.sent().len() > 6);
        assert_eq!(std::fs::read(&file).unwrap()[32..40].len(), 8);
    }
    let (card, _) = phone(&KEYS[..2]);
    reader.replace_unseen(Box::new(card));
    assert_eq!(subjects(&Rig::keeping_at(folder.path(), &reader)).len(), 2);
}

#[test]
fn a_running_program_learns_at_the_next_insertion_with_no_folder_too() {
    let (card, issued) = phone(&KEYS);
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    renew(&rig.reader, &issued[0], "Bob Example");
    rig.reader.put(rig.reader.take().unwrap());
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(sign(&rig, session, key), Ok(()));
    assert_eq!(subjects(&rig)[0], "Bob");
}

#[test]
fn a_card_without_a_guid_keeps_its_serial_number_when_it_is_renewed() {
    let (mut card, issued) = phone(&KEYS);
    let chuid = Chuid {
        fasc_n: FEDERAL.to_vec(),
        guid: Default::default(),
        expiration: *b"20491231",
        signature: Vec::new(),
    };
    put_object(&mut card, ObjectId::Chuid, &chuid.encode().unwrap());
    let (reader, folder) = (Reader::with(card), tempfile::tempdir().unwrap());
    let rig = Rig::keeping_at(folder.path(), &reader);
    assert_eq!(subjects(&rig), [ALICE; 4]);
    let serial = rig.module.token_info(0).unwrap().serial;
    let session = rig.session();
    renew(&reader, &issued[0], "Bob Example");
    reader.put(reader.take().unwrap());
    assert_eq!(subjects(&rig), ["Bob", ALICE, ALICE, ALICE]);
    assert_eq!(rig.module.token_info(0).unwrap().serial, serial);
    rig.at(session);
    let other = Rig::keeping_at(folder.path(), &reader);
    assert_eq!(other.module.token_info(0).unwrap().serial, serial);
    assert_eq!(subjects(&other), ["Bob", ALICE, ALICE, ALICE]);
}
