//! What applications see of a card: objects, attributes, searches.

use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, RetiredNumber, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;

use super::card::{phone, put_object};
use super::reader::Reader;
use super::rig::{Rig, class_is, is};

fn value(
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    attribute: CK_ATTRIBUTE_TYPE,
) -> Vec<u8> {
    let object = rig.at(session).object(object).unwrap();
    object.attributes.value(attribute).unwrap().to_vec()
}

#[test]
fn the_three_objects_of_a_slot_share_their_id_and_public_key() {
    let rig = Rig::new();
    let session = rig.user_session();
    for id in 1..=4 {
        let objects: Vec<_> = [CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY]
            .into_iter()
            .map(|class| rig.object(session, class, id))
            .collect();
        for attribute in [CKA_ID, CKA_LABEL, CKA_SUBJECT, CKA_PUBLIC_KEY_INFO] {
            let first = value(&rig, session, objects[0], attribute);
            assert!(!first.is_empty());
            assert!(
                objects
                    .iter()
                    .all(|object| value(&rig, session, *object, attribute) == first)
            );
        }
        let certificate = &rig.issued[usize::from(id) - 1].certificate;
        assert_eq!(&value(&rig, session, objects[0], CKA_VALUE), certificate);
    }
}

#[test]
fn usages_follow_the_slots() {
    let rig = Rig::new();
    let session = rig.user_session();
    let flag =
        |id, attribute| value(&rig, session, rig.private_key(session, id), attribute) == [CK_TRUE];
    for (id, signs, decrypts, each_time) in [
        (1, true, false, false),
        (2, true, false, true),
        (3, false, true, false),
        (4, true, false, false),
    ] {
        assert_eq!(flag(id, CKA_SIGN), signs, "{id}");
        assert_eq!(flag(id, CKA_DECRYPT), decrypts, "{id}");
        assert!(!flag(id, CKA_DERIVE));
        assert_eq!(flag(id, CKA_ALWAYS_AUTHENTICATE), each_time, "{id}");
        assert!(flag(id, CKA_SENSITIVE) && !flag(id, CKA_EXTRACTABLE));
    }
    let rig = Rig::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)]);
    let session = rig.user_session();
    let key = rig.private_key(session, 3);
    assert_eq!(value(&rig, session, key, CKA_DERIVE), [CK_TRUE]);
    assert_eq!(value(&rig, session, key, CKA_DECRYPT), [CK_FALSE]);
}

#[test]
fn searches_as_applications_make_them() {
    let rig = Rig::new();
    let session = rig.session();
    let count = |template: &[_]| rig.find(session, template).unwrap().len();
    // The CHUID and the Key History Object were looked for, and the card has the first.
    assert_eq!(count(&[]), 1 + 2 * 4 + 1);
    assert_eq!(
        count(&[is(CKA_TOKEN, &[CK_TRUE]), class_is(CKO_CERTIFICATE)]),
        4
    );
    assert_eq!(count(&[is(CKA_TOKEN, &[CK_FALSE])]), 0);
    assert_eq!(count(&[class_is(CKO_PROFILE)]), 1);
    assert_eq!(count(&[is(CKA_LABEL, b"Key Management")]), 2);
    let key = rig.object(session, CKO_PUBLIC_KEY, 2);
    let wrapped = value(&rig, session, key, CKA_EC_POINT);
    assert_eq!(count(&[is(CKA_EC_POINT, &wrapped)]), 1);
    // NSS looks for the bare point.
    assert_eq!(count(&[is(CKA_EC_POINT, &wrapped[2..])]), 1);
    assert_eq!(
        count(&[is(CKA_SERIAL_NUMBER, &[0x02, 0x02, 0x12, 0x34])]),
        4
    );
    assert_eq!(count(&[is(CKA_NSS_EMAIL, b"alice@example.com")]), 0);
}

#[test]
fn keys_on_curve25519_are_found_by_either_name_of_their_curve() {
    let rig = Rig::with_keys(&[
        (AsymmetricKey::PivAuthentication, KeyAlgorithm::Ed25519),
        (AsymmetricKey::KeyManagement, KeyAlgorithm::X25519),
    ]);
    let session = rig.user_session();
    for (id, key_type, identifier, name, usage) in [
        (
            1,
            CKK_EC_EDWARDS,
            0x70,
            &b"\x13\x0cedwards25519"[..],
            CKA_SIGN,
        ),
        (
            3,
            CKK_EC_MONTGOMERY,
            0x6E,
            b"\x13\x0acurve25519",
            CKA_DERIVE,
        ),
    ] {
        let identifier = [0x06, 3, 0x2B, 0x65, identifier];
        let (public, private) = (
            rig.object(session, CKO_PUBLIC_KEY, id),
            rig.private_key(session, id),
        );
        for key in [public, private] {
            let of_key = |attribute| value(&rig, session, key, attribute);
            assert_eq!(of_key(CKA_KEY_TYPE), key_type.to_ne_bytes());
            assert_eq!(of_key(CKA_EC_PARAMS), identifier);
            assert_eq!(of_key(CKA_EC_POINT)[..2], [0x04, 0x20]);
            assert_eq!(of_key(CKA_EC_POINT).len(), 34);
        }
        for parameters in [&identifier[..], name] {
            let found = rig.find(session, &[is(CKA_EC_PARAMS, parameters)]).unwrap();
            assert_eq!(found, [public, private]);
        }
        for other in [CKA_SIGN, CKA_DECRYPT, CKA_DERIVE] {
            let flag = value(&rig, session, private, other) == [CK_TRUE];
            assert_eq!(flag, other == usage);
        }
    }
}

const CKA_NSS_EMAIL: CK_ATTRIBUTE_TYPE = 0xCE53_4352;

#[test]
fn secrets_and_missing_attributes_are_told_apart() {
    let rig = Rig::new();
    let session = rig.user_session();
    let attribute = |object, attribute| {
        let object = rig.at(session).object(object).unwrap();
        object.attributes.value(attribute)
    };
    let key = rig.private_key(session, 1);
    assert_eq!(
        attribute(key, CKA_PRIVATE_EXPONENT),
        Err(Error::AttributeSensitive)
    );
    assert_eq!(attribute(key, CKA_EC_POINT), Err(Error::AttributeType));
    let key = rig.private_key(session, 2);
    assert_eq!(attribute(key, CKA_VALUE), Err(Error::AttributeSensitive));
    assert_eq!(attribute(key, CKA_MODULUS), Err(Error::AttributeType));
    let certificate = rig.object(session, CKO_CERTIFICATE, 1);
    assert_eq!(
        *attribute(certificate, CKA_START_DATE).unwrap(),
        *b"20231114"
    );
    assert_eq!(*attribute(certificate, CKA_TRUSTED).unwrap(), [CK_FALSE]);
}

#[test]
fn a_broken_certificate_costs_only_its_slot() {
    let (mut card, _) = phone(&super::card::USUAL);
    let broken = [0x70, 3, 0x30, 1, 0, 0x71, 1, 0];
    put_object(
        &mut card,
        ObjectId::Certificate(AsymmetricKey::DigitalSignature),
        &broken,
    );
    let not_gzip = [0x70, 2, 1, 2, 0x71, 1, 1, 0xFE, 0];
    put_object(
        &mut card,
        ObjectId::Certificate(AsymmetricKey::KeyManagement),
        &not_gzip,
    );
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.session();
    let certificates = rig.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap();
    assert_eq!(certificates.len(), 2);
}

#[test]
fn retired_certificates_are_read_where_the_key_history_tells_of_them() {
    let (mut card, issued) = phone(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)]);
    let object = certificate::encode(&issued[0].certificate).unwrap();
    for number in 1..=2 {
        let key = AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(number).unwrap());
        put_object(&mut card, ObjectId::Certificate(key), &object);
    }
    let history = KeyHistory {
        on_card: 2,
        ..KeyHistory::default()
    };
    put_object(&mut card, ObjectId::KeyHistory, &history.encode().unwrap());
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.session();
    let mut ids: Vec<Vec<u8>> = rig
        .find(session, &[class_is(CKO_CERTIFICATE)])
        .unwrap()
        .into_iter()
        .map(|object| value(&rig, session, object, CKA_ID))
        .collect();
    ids.sort();
    assert_eq!(ids, [[1], [5], [6]]);
}

#[test]
fn an_empty_card_is_a_token_without_certificates() {
    let rig = Rig::with_keys(&[]);
    let token = rig.module.token_info(0).unwrap();
    assert!(token.label.starts_with("PIV ") && token.label.len() == 12);
    let session = rig.session();
    let of_cards = [is(CKA_TOKEN, &[CK_TRUE]), class_is(CKO_PROFILE)];
    assert_eq!(rig.find(session, &of_cards).unwrap().len(), 1);
    assert!(
        rig.find(session, &[class_is(CKO_CERTIFICATE)])
            .unwrap()
            .is_empty()
    );
}

#[test]
fn keys_of_the_card_cannot_be_destroyed_and_certificates_by_its_administrator_alone() {
    let rig = Rig::new();
    let session = rig.session();
    let certificate = rig.object(session, CKO_CERTIFICATE, 1);
    assert_eq!(
        rig.at(session).destroy_object(certificate),
        Err(Error::SessionReadOnly)
    );
    let key = rig.object(session, CKO_PUBLIC_KEY, 1);
    assert_eq!(
        rig.at(session).destroy_object(key),
        Err(Error::ActionProhibited)
    );
    assert_eq!(
        rig.at(session).destroy_object(0xFFFF),
        Err(Error::ObjectHandle)
    );
}
