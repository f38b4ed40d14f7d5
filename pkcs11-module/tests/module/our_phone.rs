//! What tasks cost on our phone, which announces its public objects and signs in one command, and that nothing else is
//! different.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::hash::Hash;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::mechanism::rsa_pss::{PssParameters, RsaPss};
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tempfile::TempDir;

use super::card::{Issued, USUAL, guid, phone, put_object};
use super::certificate::issue;
use super::reader::Reader;
use super::rig::{MANAGEMENT_KEY, PIN, Rig, class_is};

const ECC: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];

const CERTIFICATE_OF_9E: ObjectId = ObjectId::Certificate(AsymmetricKey::CardAuthentication);

/// Our phone in a reader, and a folder for what programs keep of it.
fn desk(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> (Reader, TempDir) {
    let (reader, folder, _) = desk_with(keys);
    (reader, folder)
}

fn desk_with(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> (Reader, TempDir, Vec<Issued>) {
    let (phone, issued) = phone(keys);
    let reader = Reader::with(phone.announcing());
    (reader, tempfile::tempdir().unwrap(), issued)
}

fn sign(
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    key: CK_OBJECT_HANDLE,
    mechanism: &Mechanism,
    data: &[u8],
) -> Vec<u8> {
    rig.at(session)
        .sign_init(Some(mechanism.clone()), key)
        .unwrap();
    let operations = rig.at(session);
    let signed = operations
        .operations()
        .sign
        .whole(data, OutputBuffer::Bytes(512));
    match signed.unwrap() {
        Output::Bytes(bytes) => bytes.to_vec(),
        Output::Length(_) => panic!("a length"),
    }
}

/// What `ssh -I` brings for this kind of key.
fn ssh_mechanism(algorithm: KeyAlgorithm) -> (Mechanism, Vec<u8>) {
    let hash = Hash::Sha256.of(&[b"abc"]);
    match algorithm {
        KeyAlgorithm::P256 => (Mechanism::Ecdsa(Ecdsa { hash: None }), hash.to_vec()),
        _ => (
            Mechanism::RsaPkcs(RsaPkcs { hash: None }),
            Hash::Sha256.digest_info(&hash).unwrap().to_vec(),
        ),
    }
}

/// An ssh login by a program of its own, and what it sends.
fn ssh_login(
    reader: &Reader,
    folder: &TempDir,
    algorithm: KeyAlgorithm,
    signatures: usize,
) -> Vec<String> {
    let rig = Rig::keeping_at(folder.path(), reader);
    let (mechanism, data) = ssh_mechanism(algorithm);
    rig.ssh_login(signatures, |session, key| {
        sign(&rig, session, key, &mechanism, &data);
    })
}

const SELECT: &str = "SELECT";
const ESTABLISH: &str = "GENERAL AUTHENTICATE";
const SIGN: &str = "PERFORM SECURITY OPERATION";
const VERIFY: &str = "VERIFY";
const LOG_OUT: &str = "VERIFY, log out";

#[test]
fn a_warm_ssh_login_is_three_commands_with_either_kind_of_key() {
    for (keys, algorithm) in [(&USUAL, KeyAlgorithm::Rsa2048), (&ECC, KeyAlgorithm::P256)] {
        let (reader, folder) = desk(keys);
        let cold = ssh_login(&reader, &folder, algorithm, 1);
        // The log-out among them.
        assert!(cold.len() <= 17, "{}: {cold:?}", cold.len());
        // The card is met for the first time.
        assert_eq!(cold[..3], [SELECT, ESTABLISH, "GET DATA"]);
        let (reading, login) = cold[3..].split_at(cold.len() - 6);
        assert!(reading.iter().all(|name| name == "GET RESPONSE"));
        assert_eq!(login, [VERIFY, SIGN, LOG_OUT]);
        let warm = ssh_login(&reader, &folder, algorithm, 1);
        assert_eq!(warm, [SELECT, VERIFY, SIGN, LOG_OUT]);
        let twenty = ssh_login(&reader, &folder, algorithm, 20);
        assert_eq!(twenty.len(), 23, "log-out among them: {twenty:?}");
    }
}

#[test]
fn a_warm_listing_is_one_command() {
    let (reader, folder) = desk(&USUAL);
    let list = || {
        let rig = Rig::keeping_at(folder.path(), &reader);
        let session = rig.session();
        let found = rig.find(session, &[]).unwrap().len();
        rig.module.finalize();
        (found, reader.sent())
    };
    let (found, cold) = list();
    assert!(cold.len() <= 12, "{}: {cold:?}", cold.len());
    assert_eq!(list(), (found, vec![SELECT.to_owned()]));
}

/// Label and serial number of the token.
fn name(rig: &Rig) -> (String, String) {
    let token = rig.module.token_info(0).unwrap();
    (token.label, token.serial)
}

/// Whether all objects are read at once, and nothing else is sent.
fn is_one_read(sent: &[String]) -> bool {
    let (first, rest) = sent.split_first().unwrap();
    first == "GET DATA" && rest.iter().all(|name| name == "GET RESPONSE")
}

#[test]
fn a_list_of_tokens_is_one_command_and_the_objects_are_read_when_they_are_wanted() {
    let (phone, _) = phone(&USUAL);
    let mut phone = phone.announcing();
    let guid = guid(&mut phone);
    let reader = Reader::with(phone);
    let folder = tempfile::tempdir().unwrap();
    let expected = ("Alice Example".to_owned(), guid[..16].to_owned());
    for met in [&[SELECT, ESTABLISH][..], &[SELECT]] {
        let rig = Rig::keeping_at(folder.path(), &reader);
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        rig.module.slot_info(0).unwrap();
        assert_eq!(name(&rig), expected);
        assert_eq!(reader.sent(), met);
        rig.module.finalize();
    }
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.session();
    assert_eq!(reader.sent(), [SELECT]);
    assert_eq!(certificates(&rig, session), 4);
    assert!(is_one_read(&reader.sent()));
    assert_eq!(name(&rig), expected);
    rig.find(session, &[]).unwrap();
    assert!(reader.sent().is_empty());
    // What was read is known while the card is there, and when it is back.
    let card = reader.take().unwrap();
    reader.put(card);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    rig.find(session, &[]).unwrap();
    assert_eq!(reader.sent(), [SELECT]);
}

#[test]
fn a_card_that_does_not_say_what_it_is_called_is_read() {
    let (phone, _) = phone(&USUAL);
    let reader = Reader::with(phone.announcing_with(|announcement| announcement.name = None));
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::keeping_at(folder.path(), &reader);
    assert_eq!(name(&rig).0, "Alice Example");
    let sent = reader.sent();
    let (last, first) = sent.split_last().unwrap();
    assert_eq!((first[0].as_str(), last.as_str()), (SELECT, ESTABLISH));
    assert!(is_one_read(&first[1..]), "{sent:?}");
    let session = rig.session();
    assert_eq!(certificates(&rig, session), 4);
    assert!(reader.sent().is_empty());
}

#[test]
fn a_card_is_called_the_same_before_and_after_it_is_read() {
    let place = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    let long = |length| format!("x{}", "\u{eb}".repeat(length));
    // As much as the label of a token has room for.
    for (subject, announced) in [
        ("Zo\u{eb}".to_owned(), "Zo\u{eb}".to_owned()),
        (long(17), long(15)),
    ] {
        let (mut phone, issued) = phone(&USUAL[..1]);
        let content = certificate::encode(&issue(&subject, &issued[0].key)).unwrap();
        put_object(&mut phone, place, &content);
        let reader = Reader::with(phone.announcing());
        let rig = Rig::with_reader(reader.clone());
        let (label, serial) = name(&rig);
        assert_eq!((label, reader.sent()), (announced, vec![SELECT.to_owned()]));
        let session = rig.session();
        assert_eq!(certificates(&rig, session), 1);
        assert_eq!(name(&rig), (subject, serial));
    }
}

#[test]
fn data_objects_are_listed_from_what_is_read_then() {
    let (reader, folder) = desk(&USUAL);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.session();
    reader.sent();
    let data = [class_is(CKO_DATA)];
    // The CHUID, the Card Capability Container, Discovery, and the signer of the key of secure messaging.
    assert_eq!(rig.find(session, &data).unwrap().len(), 4);
    assert!(is_one_read(&reader.sent()));
    assert_eq!(rig.find(session, &data).unwrap().len(), 4);
    assert!(reader.sent().is_empty());
}

#[test]
fn a_card_that_has_another_number_than_it_announces_is_another_card() {
    let (phone, _) = phone(&USUAL);
    let mut phone = phone.announcing_with(|announcement| {
        announcement.name.as_mut().unwrap().guid =
            "11111111-1111-1111-1111-111111111111".parse().unwrap();
    });
    let guid = guid(&mut phone);
    let reader = Reader::with(phone);
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.session();
    assert_eq!(name(&rig).1, "11".repeat(8));
    reader.sent();
    // Neither PIN nor key goes out, since the objects are read before.
    let refused = Err(Error::SessionHandle);
    for _ in 0..2 {
        assert_eq!(rig.at(session).login(CKU_USER, Some(PIN)), refused);
        let found = rig.find(session, &[class_is(CKO_CERTIFICATE)]);
        assert_eq!(found.map(drop), refused);
    }
    rig.module.close_session(session).unwrap();
    let session = rig.read_write_session();
    assert_eq!(rig.at(session).set_pin(PIN, b"739154"), refused);
    let officer = rig.at(session).login(CKU_SO, Some(MANAGEMENT_KEY));
    assert_eq!(officer, refused);
    let reads = [SELECT, "GET DATA", "GET RESPONSE"];
    let sent = reader.sent();
    assert!(
        sent.iter().all(|name| reads.contains(&name.as_str())),
        "{sent:?}"
    );
    rig.module.finalize();
    // Whoever has its objects goes by the number that is among them.
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    assert_eq!(name(&rig).1, guid[..16]);
    assert_eq!(certificates(&rig, session), 4);
}

#[test]
fn both_ways_to_sign_give_signatures_that_verify() {
    let pss = |hash, salt_length| {
        Mechanism::RsaPss(RsaPss {
            hashes: false,
            parameters: PssParameters {
                hash,
                mask_hash: hash,
                salt_length,
            },
        })
    };
    let digest = |hash: Hash| hash.of(&[b"abc"]).to_vec();
    let info = |hash: Hash| hash.digest_info(&digest(hash)).unwrap().to_vec();
    let raw = Mechanism::RsaPkcs(RsaPkcs { hash: None });
    let ecdsa = |hash| Mechanism::Ecdsa(Ecdsa { hash });
    // With the key of this CKA_ID, and whether one command does it.
    let rsa = [
        (raw.clone(), info(Hash::Sha256), true),
        (raw.clone(), info(Hash::Sha384), true),
        (raw.clone(), info(Hash::Sha512), true),
        (raw.clone(), info(Hash::Sha1), false),
        (raw, vec![7; 51], false),
        (
            Mechanism::RsaPkcs(RsaPkcs {
                hash: Some(Hash::Sha256),
            }),
            b"abc".to_vec(),
            true,
        ),
        (
            Mechanism::RsaPkcs(RsaPkcs {
                hash: Some(Hash::Sha224),
            }),
            b"abc".to_vec(),
            false,
        ),
        (pss(Hash::Sha256, 32), digest(Hash::Sha256), true),
        (pss(Hash::Sha256, 20), digest(Hash::Sha256), false),
        (pss(Hash::Sha1, 20), digest(Hash::Sha1), false),
    ];
    let ecc = [
        (ecdsa(None), digest(Hash::Sha256), true),
        (ecdsa(None), digest(Hash::Sha384), true),
        (ecdsa(None), digest(Hash::Sha1), false),
        (ecdsa(Some(Hash::Sha512)), b"abc".to_vec(), true),
    ];
    let cases = rsa
        .into_iter()
        .map(|case| (1, case))
        .chain(ecc.into_iter().map(|case| (4, case)));
    let (reader, folder) = desk(&USUAL);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    for (id, (mechanism, data, one_command)) in cases {
        let key = rig.private_key(session, id);
        reader.sent();
        let signature = sign(&rig, session, key, &mechanism, &data);
        let sent = reader.sent();
        assert_eq!(sent == [SIGN], one_command, "{mechanism:?}: {sent:?}");
        let public = rig.object(session, CKO_PUBLIC_KEY, id);
        rig.at(session)
            .verify_init(Some(mechanism.clone()), public)
            .unwrap();
        let verified = rig.at(session).operations().verify.whole(&data, &signature);
        assert_eq!(verified, Ok(()), "{mechanism:?}");
    }
    // PKCS #1 v1.5 has one signature: the card pads as the module does.
    let (mechanism, data) = ssh_mechanism(KeyAlgorithm::Rsa2048);
    let key = rig.private_key(session, 1);
    let by_card = sign(&rig, session, key, &mechanism, &data);
    let with_hash = Mechanism::RsaPkcs(RsaPkcs {
        hash: Some(Hash::Sha256),
    });
    assert_eq!(by_card, sign(&rig, session, key, &with_hash, b"abc"));
}

#[test]
fn a_key_that_wants_the_pin_each_time_gets_it_each_time() {
    let (reader, folder) = desk(&USUAL);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    let key = rig.private_key(session, 2);
    let (mechanism, data) = ssh_mechanism(KeyAlgorithm::P256);
    reader.sent();
    sign(&rig, session, key, &mechanism, &data);
    assert_eq!(reader.sent(), [SIGN], "directly after the login");
    rig.at(session)
        .sign_init(Some(mechanism.clone()), key)
        .unwrap();
    let again = rig
        .at(session)
        .operations()
        .sign
        .whole(&data, OutputBuffer::Bytes(64));
    assert!(again.is_err());
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
    rig.at(session)
        .login(CKU_CONTEXT_SPECIFIC, Some(PIN))
        .unwrap();
    let signed = rig
        .at(session)
        .operations()
        .sign
        .whole(&data, OutputBuffer::Bytes(64));
    assert!(matches!(signed, Ok(Output::Bytes(_))));
    assert_eq!(reader.sent(), [VERIFY, SIGN]);
}

/// How many certificates a session sees.
fn certificates(rig: &Rig, session: CK_SESSION_HANDLE) -> usize {
    rig.find(session, &[class_is(CKO_CERTIFICATE)])
        .unwrap()
        .len()
}

#[test]
fn what_was_renewed_is_seen_at_the_next_insertion_and_after_a_reset() {
    let (reader, folder, issued) = desk_with(&USUAL);
    reader.with_card(|card| put_object(card, CERTIFICATE_OF_9E, &[]));
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.session();
    assert_eq!(certificates(&rig, session), 3);
    let mut card = reader.take().unwrap();
    let content = certificate::encode(&issue("Alice Example", &issued[3].key)).unwrap();
    put_object(&mut *card, CERTIFICATE_OF_9E, &content);
    reader.put(card);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    let session = rig.session();
    assert_eq!(certificates(&rig, session), 4);
    // Another program writes in the same insertion, and its reset is what this one notices.
    reader.with_card(|card| put_object(card, CERTIFICATE_OF_9E, &[]));
    reader.reset();
    let user = rig.session();
    rig.at(user).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(certificates(&rig, user), 3);
}

#[test]
fn a_restored_sequence_on_the_card_that_is_known_costs_a_selection() {
    let (reader, folder) = desk(&USUAL);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    let (mechanism, data) = ssh_mechanism(KeyAlgorithm::Rsa2048);
    reader.sent();
    reader.reset();
    sign(&rig, session, key, &mechanism, &data);
    assert_eq!(reader.sent(), [SELECT, VERIFY, SIGN]);
}

#[test]
fn a_card_that_announces_what_it_does_not_do_is_used_as_any_other() {
    // No signature in one command; no public objects at once.
    for refused in [
        &[0x00, 0x2A][..],
        &[0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xD4],
    ] {
        let (phone, _) = phone(&USUAL);
        let reader = Reader::with(phone.announcing_without(refused));
        let folder = tempfile::tempdir().unwrap();
        let rig = Rig::keeping_at(folder.path(), &reader);
        let session = rig.user_session();
        assert_eq!(certificates(&rig, session), 4);
        let key = rig.private_key(session, 1);
        let (mechanism, data) = ssh_mechanism(KeyAlgorithm::Rsa2048);
        for _ in 0..2 {
            sign(&rig, session, key, &mechanism, &data);
            reader.sent();
            sign(&rig, session, key, &mechanism, &data);
            let once = reader.sent().iter().filter(|name| *name == SIGN).count();
            assert_eq!(once, usize::from(refused != [0x00, 0x2A]), "asked for once");
            reader.reset();
        }
    }
}

#[test]
fn a_signature_is_never_by_another_key_than_the_one_that_was_asked_for() {
    let (reader, folder) = desk(&USUAL);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.user_session();
    let (mechanism, data) = ssh_mechanism(KeyAlgorithm::Rsa2048);
    let key = rig.private_key(session, 1);
    let begin = || {
        rig.at(session)
            .sign_init(Some(mechanism.clone()), key)
            .unwrap()
    };
    let finish = || {
        let operations = rig.at(session);
        operations
            .operations()
            .sign
            .whole(&data, OutputBuffer::Bytes(256))
    };
    // Another certificate is renewed: the key is the same.
    begin();
    reader.with_card(|card| put_object(card, CERTIFICATE_OF_9E, &[]));
    reader.reset();
    assert!(matches!(finish(), Ok(Output::Bytes(_))));
    // Its own is: another key has taken its place.
    begin();
    let (_, other) = phone(&USUAL[..1]);
    let renewed = certificate::encode(&issue("Alice Example", &other[0].key)).unwrap();
    let place = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    reader.with_card(|card| put_object(card, place, &renewed));
    reader.reset();
    assert_eq!(finish(), Err(Error::DeviceRemoved));
}

#[test]
fn what_was_renewed_is_known_before_the_pin_goes_out() {
    let (reader, folder) = desk(&USUAL);
    let rig = Rig::keeping_at(folder.path(), &reader);
    let session = rig.session();
    assert_eq!(certificates(&rig, session), 4);
    let (_, issued) = phone(&USUAL[..1]);
    let renewed = certificate::encode(&issue("Bob Example", &issued[0].key)).unwrap();
    let place = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    reader.with_card(|card| put_object(card, place, &renewed));
    reader.reset();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(rig.module.token_info(0).unwrap().label, "Bob Example");
    // So VERIFY was the last command before a signature with the key that wants that.
    let key = rig.private_key(session, 2);
    let (mechanism, data) = ssh_mechanism(KeyAlgorithm::P256);
    sign(&rig, session, key, &mechanism, &data);
}
