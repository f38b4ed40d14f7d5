//! What tasks cost in commands: over NFC each one is 15 to 60 ms that a user waits.

use cryptoki_sys::*;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};

use super::card::{Foreign, USUAL, phone};
use super::reader::Reader;
use super::rig::{Rig, class_is};

/// A DigestInfo of SHA-256, as OpenSSH brings it.
const DIGEST_INFO: [u8; 51] = [7; 51];

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) {
    let mechanism = Mechanism::RsaPkcs(RsaPkcs { hash: None });
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
    let signature = rig
        .at(session)
        .operations()
        .sign
        .whole(&DIGEST_INFO, OutputBuffer::Bytes(256))
        .unwrap();
    assert!(matches!(signature, Output::Bytes(bytes) if bytes.len() == 256));
}

#[test]
fn a_cold_ssh_login_takes_25_commands_and_the_log_out() {
    let rig = Rig::new();
    assert!(
        rig.issued
            .iter()
            .all(|issued| issued.certificate.len() >= 880)
    );
    let sent = rig.ssh_login(1, |session, key| sign(&rig, session, key));
    assert_eq!(sent.len(), 25 + 1, "{sent:?}");
    assert_eq!(sent.last().unwrap(), "VERIFY, log out");
    assert_eq!(sent.iter().filter(|name| *name == "SELECT").count(), 1);
}

#[test]
fn twenty_signatures_take_three_commands_each_beside_the_login() {
    let rig = Rig::new();
    let sent = rig.ssh_login(20, |session, key| sign(&rig, session, key));
    assert_eq!(sent.len(), 22 + 20 * 3 + 1, "{sent:?}");
}

#[test]
fn a_card_that_is_known_here_takes_8_commands_for_a_login_and_65_for_twenty_signatures() {
    let (card, _) = phone(&USUAL);
    let reader = Reader::with(card);
    let kept = tempfile::tempdir().unwrap();
    let program = |signatures| {
        let rig = Rig::keeping_at(kept.path(), &reader);
        rig.ssh_login(signatures, |session, key| sign(&rig, session, key))
    };
    program(1);
    for (signatures, expected) in [(1, 8), (20, 65)] {
        let sent = program(signatures);
        assert_eq!(sent.len(), expected + 1, "with the log-out: {sent:?}");
    }
}

#[test]
fn public_objects_are_read_when_they_are_wanted_and_once() {
    let rig = Rig::with_keys(&[]);
    // The identity, and the certificate that the label is made of.
    rig.module.token_info(0).unwrap();
    assert_eq!(rig.reader.sent(), ["SELECT", "GET DATA", "GET DATA"]);
    let session = rig.session();
    assert!(rig.reader.sent().is_empty());
    // The other certificates and the Key History Object; where there is none of them, once more after a selection.
    rig.find(session, &[]).unwrap();
    let others = ["GET DATA"; 4];
    let again = [&others[..], &["SELECT", "GET DATA"], &others].concat();
    assert_eq!(rig.reader.sent(), again);
    rig.find(session, &[]).unwrap();
    assert!(rig.reader.sent().is_empty());
}

#[test]
fn a_card_without_piv_is_asked_once_in_an_insertion() {
    let reader = Reader::with(Foreign);
    let rig = Rig::with_reader(reader.clone());
    for _ in 0..3 {
        assert!(rig.module.slot_list(Which::WithToken).is_empty());
        assert_eq!(rig.module.slot_list(Which::All), [0]);
        assert_eq!(
            rig.module.slot_info(0).unwrap().flags & CKF_TOKEN_PRESENT,
            0
        );
        assert!(rig.module.token_info(0).is_err());
        assert!(rig.module.mechanism_list(0).is_err());
    }
    assert_eq!(reader.sent(), ["SELECT"]);
    let card = reader.take().unwrap();
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    reader.put(card);
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    assert_eq!(reader.sent(), ["SELECT"]);
}

#[test]
fn asking_for_information_sends_nothing() {
    let rig = Rig::new();
    let session = rig.user_session();
    rig.reader.sent();
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    rig.module.slot_info(0).unwrap();
    rig.module.token_info(0).unwrap();
    let _ = rig.at(session).info();
    rig.module.mechanism_list(0).unwrap();
    rig.module.mechanism_info(0, CKM_RSA_PKCS).unwrap();
    rig.find(session, &[]).unwrap();
    rig.find(session, &[class_is(CKO_NSS_TRUST)]).unwrap();
    let key = rig.private_key(session, 1);
    let mechanism = Mechanism::RsaPkcs(RsaPkcs { hash: None });
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
    for buffer in [OutputBuffer::LengthQuery, OutputBuffer::Bytes(20)] {
        assert_eq!(
            rig.at(session)
                .operations()
                .sign
                .whole(&DIGEST_INFO, buffer),
            Ok(Output::Length(256))
        );
    }
    assert!(rig.reader.sent().is_empty());
    rig.at(session)
        .operations()
        .sign
        .whole(&DIGEST_INFO, OutputBuffer::Bytes(256))
        .unwrap();
    assert_eq!(rig.reader.sent().len(), 3);
}

#[test]
fn searches_for_what_no_card_has_do_not_read_the_card() {
    let rig = Rig::new();
    let session = rig.session();
    rig.reader.sent();
    for class in [CKO_NSS_TRUST, CKO_NSS_BUILTIN_ROOT_LIST] {
        assert!(rig.find(session, &[class_is(class)]).unwrap().is_empty());
    }
    // A program that asks for data objects is told of those that there may be.
    assert!(!rig.find(session, &[class_is(CKO_DATA)]).unwrap().is_empty());
    assert!(rig.reader.sent().is_empty());
}

/// NSS's own classes: vendor-defined, from its `pkcs11n.h`.
const CKO_NSS_TRUST: CK_OBJECT_CLASS = 0xCE53_4353;
const CKO_NSS_BUILTIN_ROOT_LIST: CK_OBJECT_CLASS = 0xCE53_4354;
