//! Keys that want the PIN before each use where the standard asks for it once: the card is asked for that only when it refuses
//! such a key. And what a card says of PINs when it is asked for a signature.

use card_edge::piv::{AsymmetricKey, ObjectId, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::{Error, Result};
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};

use super::card::{USUAL, phone};
use super::other_card::OtherCard;
use super::reader::Reader;
use super::rig::{PIN, Rig};

/// A card of another maker with a key in 9A.
fn card() -> OtherCard {
    let (_, issued) = phone(&USUAL[1..2]);
    OtherCard::with_pin(PIN).with_object(
        ObjectId::Certificate(AsymmetricKey::PivAuthentication),
        &certificate::encode(&issued[0].certificate).unwrap(),
    )
}

fn sign_init(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) {
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(session).sign_init(Some(mechanism), key).unwrap();
}

fn sign_end(rig: &Rig, session: CK_SESSION_HANDLE) -> Result<Output> {
    let operations = rig.at(session);
    operations
        .operations()
        .sign
        .whole(&[5; 32], OutputBuffer::Bytes(64))
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> Result<Output> {
    sign_init(rig, session, key);
    sign_end(rig, session)
}

fn wants_pin_always(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) -> bool {
    let object = rig.at(session).object(key).unwrap();
    object.attributes.flag(CKA_ALWAYS_AUTHENTICATE)
}

#[test]
fn a_key_that_wants_the_pin_each_time_is_known_after_its_first_refusal() {
    let rig = Rig::with_reader(Reader::with(card().wanting_pin_always()));
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    rig.reader.sent();
    assert!(sign(&rig, session, key).is_ok(), "directly after the login");
    assert_eq!(rig.reader.sent().len(), 1);
    assert!(!wants_pin_always(&rig, session, key));

    // The held PIN does not stand in for what the key wants.
    assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
    let sent = rig.reader.sent();
    assert_eq!(sent.len(), 2, "the signature and GET METADATA: {sent:?}");
    assert!(
        wants_pin_always(&rig, session, key),
        "under the same handle"
    );

    // From now on as 9C.
    assert_eq!(sign(&rig, session, key), Err(Error::UserNotLoggedIn));
    assert!(rig.reader.sent().is_empty());
    for _ in 0..2 {
        sign_init(&rig, session, key);
        rig.at(session)
            .login(CKU_CONTEXT_SPECIFIC, Some(PIN))
            .unwrap();
        assert!(matches!(sign_end(&rig, session), Ok(Output::Bytes(_))));
        assert_eq!(rig.reader.sent().len(), 2);
    }
    assert!(matches!(
        rig.at(session).login(CKU_USER, Some(PIN)),
        Err(Error::UserAlreadyLoggedIn)
    ));
}

#[test]
fn a_key_that_wants_the_pin_once_is_asked_for_once() {
    let rig = Rig::with_keys(&[(AsymmetricKey::PivAuthentication, USUAL[1].1)]);
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    assert!(sign(&rig, session, key).is_ok());
    for metadata in [1, 0] {
        // Another program logs out.
        rig.reader.other_program(&[0x00, 0x20, 0xFF, 0x80]);
        rig.reader.sent();
        assert!(sign(&rig, session, key).is_ok());
        let sent = rig.reader.sent();
        let asked = sent.iter().filter(|name| name.contains("F7")).count();
        assert_eq!(asked, metadata, "{sent:?}");
        assert!(!wants_pin_always(&rig, session, key));
    }
}

#[test]
fn a_signature_never_tells_of_a_wrong_pin() {
    for status in [0x63C3, 0x63C0, 0x6983, 0x6982] {
        let card = card().refusing_keys_with(status);
        let rig = Rig::with_reader(Reader::with(card));
        let session = rig.user_session();
        let key = rig.private_key(session, 1);
        let flags = || rig.module.token_info(0).unwrap().flags;
        let before = flags();
        assert_eq!(
            sign(&rig, session, key),
            Err(Error::UserNotLoggedIn),
            "{status:04X}"
        );
        assert_eq!(flags(), before, "{status:04X}");
    }
}
