//! Keys that the card makes: who may ask for them, what they are, and that they sign.

use card_edge::piv::{AsymmetricKey, Curve, ObjectId, PublicKey, certificate};
use cryptoki_sys::*;
use tapcard_pkcs11::error::{Error, Result};
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::object::template::TemplateAttribute;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::public_key::KeyType;

use super::card::{USUAL, phone, put_object};
use super::certificate::issue;
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is, is};

const P256: [u8; 10] = [0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P521: [u8; 7] = [0x06, 5, 0x2B, 0x81, 0x04, 0x00, 0x23];

fn generate(
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    key_type: KeyType,
    id: u8,
    public: &[TemplateAttribute],
) -> Result<(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)> {
    let private = [is(CKA_TOKEN, &[CK_TRUE]), is(CKA_ID, &[id])];
    rig.at(session)
        .generate_key_pair(Mechanism::KeyPair(key_type), public, &private)
}

fn bits(bits: CK_ULONG) -> TemplateAttribute {
    is(CKA_MODULUS_BITS, &bits.to_ne_bytes())
}

fn value(
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    attribute: CK_ATTRIBUTE_TYPE,
) -> Vec<u8> {
    let object = rig.at(session).object(object).unwrap();
    object.attributes.value(attribute).unwrap().to_vec()
}

/// A signature with the private key of this CKA_ID over a hash, and whether its public key object verifies it.
fn signs(rig: &Rig, id: u8) -> bool {
    let session = rig.user_session();
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    let hash = [7; 32];
    let key = rig.private_key(session, id);
    rig.at(session)
        .sign_init(Some(mechanism.clone()), key)
        .unwrap();
    let signed = rig
        .at(session)
        .operations()
        .sign
        .whole(&hash, OutputBuffer::Bytes(64));
    let Output::Bytes(signature) = signed.unwrap() else {
        return false;
    };
    let key = rig.object(session, CKO_PUBLIC_KEY, id);
    rig.at(session).verify_init(Some(mechanism), key).unwrap();
    let verified = rig.at(session).operations().verify.whole(&hash, &signature);
    verified == Ok(())
}

#[test]
fn only_the_officer_makes_keys_and_only_in_a_session_that_writes() {
    let rig = Rig::with_keys(&[]);
    let curve = [is(CKA_EC_PARAMS, &P256)];
    let try_in = |session| generate(&rig, session, KeyType::Ec, 1, &curve).map(drop);
    rig.reader.sent();
    let session = rig.session();
    assert_eq!(try_in(session), Err(Error::SessionReadOnly));
    rig.module.close_session(session).unwrap();
    let session = rig.read_write_session();
    assert_eq!(try_in(session), Err(Error::UserNotLoggedIn));
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(try_in(session), Err(Error::UserNotLoggedIn));
}

#[test]
fn a_key_without_a_certificate_is_seen_and_signs_in_this_process() {
    for announces in [false, true] {
        let (phone, _) = phone(&[]);
        let phone = if announces { phone.announcing() } else { phone };
        let rig = Rig::with_reader(Reader::with(phone));
        let officer = rig.administrator_session();
        let curve = [is(CKA_EC_PARAMS, &P256), is(CKA_LABEL, b"mine")];
        let (public, private) = generate(&rig, officer, KeyType::Ec, 1, &curve).unwrap();
        assert_eq!(value(&rig, officer, public, CKA_ID), [1]);
        assert_eq!(value(&rig, officer, public, CKA_LOCAL), [CK_TRUE]);
        assert_eq!(value(&rig, officer, public, CKA_EC_PARAMS), P256);
        let information = value(&rig, officer, public, CKA_PUBLIC_KEY_INFO);
        assert_eq!(
            value(&rig, officer, private, CKA_PUBLIC_KEY_INFO),
            information
        );
        // It is the user who signs.
        assert_eq!(
            rig.at(officer)
                .sign_init(Some(Mechanism::Ecdsa(Ecdsa { hash: None })), private),
            Err(Error::UserNotLoggedIn)
        );
        // The card is closed for others.
        let write = [
            0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11, 0x00,
        ];
        assert_eq!(rig.reader.ask(&write), [0x69, 0x82]);
        rig.at(officer).logout().unwrap();
        assert!(signs(&rig, 1));
    }
}

#[test]
fn a_new_key_takes_the_place_of_the_one_before_and_the_handles_of_others_stay() {
    let rig = Rig::with_keys(&USUAL[..2]);
    let session = rig.administrator_session();
    let others = |session| {
        let mut found = rig.find(session, &[is(CKA_ID, &[1])]).unwrap();
        found.extend(rig.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap());
        found
    };
    let before = others(session);
    let (public, _) = generate(&rig, session, KeyType::Ec, 2, &[is(CKA_EC_PARAMS, &P256)]).unwrap();
    assert_eq!(others(session), before);
    let info = value(&rig, session, public, CKA_PUBLIC_KEY_INFO);
    // The certificate is of the former key.
    let certificate = rig.object(session, CKO_CERTIFICATE, 2);
    assert_ne!(value(&rig, session, certificate, CKA_PUBLIC_KEY_INFO), info);
    rig.at(session).logout().unwrap();
    assert!(signs(&rig, 2));
}

#[test]
fn the_certificate_of_another_key_tells_that_there_is_a_newer_one() {
    let (phone, issued) = phone(&USUAL[..2]);
    let rig = Rig::with_reader(Reader::with(phone.announcing()));
    let session = rig.administrator_session();
    let curve = [is(CKA_EC_PARAMS, &P256)];
    let (public, _) = generate(&rig, session, KeyType::Ec, 1, &curve).unwrap();
    let point = value(&rig, session, public, CKA_EC_POINT);
    let own = PublicKey::Ecc {
        curve: Curve::P256,
        point: point[2..].to_vec(),
    };
    rig.module.close_session(session).unwrap();
    let shown_with = |key: &PublicKey| {
        let mut card = rig.reader.take().unwrap();
        let content = certificate::encode(&issue("Alice Example", key)).unwrap();
        let object = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
        put_object(card.as_mut(), object, &content);
        rig.reader.put(card);
        let session = rig.session();
        let key = rig.object(session, CKO_PUBLIC_KEY, 1);
        (
            value(&rig, session, key, CKA_EC_POINT),
            value(&rig, session, key, CKA_LOCAL),
        )
    };
    assert_eq!(shown_with(&own), (point.clone(), vec![CK_TRUE]));
    let (shown, is_local) = shown_with(&issued[1].key);
    assert_ne!(shown, point);
    assert_eq!(is_local, [CK_FALSE]);
}

#[test]
fn rsa_keys_of_the_lengths_that_cards_have() {
    let rig = Rig::with_keys(&[]);
    let session = rig.administrator_session();
    let (public, _) = generate(&rig, session, KeyType::Rsa, 3, &[bits(2048)]).unwrap();
    assert_eq!(value(&rig, session, public, CKA_MODULUS).len(), 256);
    assert_eq!(value(&rig, session, public, CKA_ENCRYPT), [CK_TRUE]);
    let refused = |key_type, public: &[_]| generate(&rig, session, key_type, 1, public);
    assert_eq!(
        refused(KeyType::Rsa, &[bits(1024)]),
        Err(Error::KeySizeRange)
    );
    assert_eq!(
        refused(KeyType::Ec, &[is(CKA_EC_PARAMS, &P521)]),
        Err(Error::Curve)
    );
    assert_eq!(refused(KeyType::Rsa, &[]), Err(Error::TemplateIncomplete));
    assert_eq!(
        rig.at(session)
            .generate_key_pair(Mechanism::Ecdsa(Ecdsa { hash: None }), &[], &[]),
        Err(Error::Mechanism)
    );
    assert_eq!(
        rig.find(session, &[class_is(CKO_PRIVATE_KEY)])
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn keys_on_curve25519_in_the_slots_that_they_can_serve() {
    let rig = Rig::with_keys(&[]);
    let session = rig.administrator_session();
    let make = |key_type, id, curve: &[u8]| {
        generate(&rig, session, key_type, id, &[is(CKA_EC_PARAMS, curve)])
    };
    let edwards = b"\x13\x0cedwards25519";
    let (public, _) = make(KeyType::Edwards, 1, edwards).unwrap();
    let type_of = |key| value(&rig, session, key, CKA_KEY_TYPE);
    assert_eq!(type_of(public), CKK_EC_EDWARDS.to_ne_bytes());
    let (public, _) = make(KeyType::Montgomery, 3, &[0x06, 3, 0x2B, 0x65, 0x6E]).unwrap();
    assert_eq!(type_of(public), CKK_EC_MONTGOMERY.to_ne_bytes());
    // Another program that names their slots.
    let other = Rig::with_reader(rig.reader.clone());
    let others = other.session();
    for (id, key_type) in [(1, CKK_EC_EDWARDS), (3, CKK_EC_MONTGOMERY)] {
        let key = other.object(others, CKO_PUBLIC_KEY, id);
        let found = value(&other, others, key, CKA_KEY_TYPE);
        assert_eq!(found, key_type.to_ne_bytes());
    }
    let inconsistent = Err(Error::TemplateInconsistent);
    assert_eq!(make(KeyType::Edwards, 3, edwards), inconsistent);
    assert_eq!(
        make(KeyType::Montgomery, 1, b"\x13\x0acurve25519"),
        inconsistent
    );
    assert_eq!(make(KeyType::Edwards, 1, &P256), Err(Error::Curve));
}

#[test]
fn the_key_is_not_proved_to_a_card_that_has_just_come() {
    let rig = Rig::with_keys(&[]);
    let session = rig.administrator_session();
    // What is known already is not read again, so that the card's absence is seen by nobody before.
    rig.find(session, &[]).unwrap();
    rig.reader.put(rig.reader.take().unwrap());
    rig.reader.sent();
    let made = generate(&rig, session, KeyType::Ec, 1, &[is(CKA_EC_PARAMS, &P256)]);
    assert_eq!(made, Err(Error::DeviceRemoved));
    let sent = rig.reader.sent();
    assert!(
        !sent.contains(&"GENERAL AUTHENTICATE".to_owned()),
        "{sent:?}"
    );
    assert_eq!(rig.at(session).info().state, CKS_RW_PUBLIC_SESSION);
}

#[test]
fn a_key_without_a_certificate_is_found_by_another_program_that_names_its_slot() {
    for announces in [false, true] {
        let (phone, _) = phone(&USUAL[..1]);
        let phone = if announces { phone.announcing() } else { phone };
        let reader = Reader::with(phone);
        let made = Rig::with_reader(reader.clone());
        let session = made.administrator_session();
        let curve = [is(CKA_EC_PARAMS, &P256)];
        let (public, _) = generate(&made, session, KeyType::Ec, 4, &curve).unwrap();
        let point = value(&made, session, public, CKA_EC_POINT);
        made.module.finalize();

        let rig = Rig::with_reader(reader);
        let session = rig.session();
        // Who lists all keys is not told, and pays nothing.
        let all = rig.find(session, &[class_is(CKO_PUBLIC_KEY)]).unwrap();
        assert_eq!(all.len(), 1);
        rig.reader.sent();
        // Nor who looks for a private key that is hidden, or for the key of a certificate that is there.
        let hidden = [class_is(CKO_PRIVATE_KEY), is(CKA_ID, &[4])];
        assert!(rig.find(session, &hidden).unwrap().is_empty());
        rig.object(session, CKO_PUBLIC_KEY, 1);
        assert!(rig.reader.sent().is_empty());
        let named = rig.object(session, CKO_PUBLIC_KEY, 4);
        assert_eq!(value(&rig, session, named, CKA_EC_POINT), point);
        assert_eq!(value(&rig, session, named, CKA_LOCAL), [CK_TRUE]);
        assert_eq!(rig.reader.sent().len(), 1, "GET METADATA");
        let none = [class_is(CKO_PUBLIC_KEY), is(CKA_ID, &[3])];
        for _ in 0..2 {
            assert!(rig.find(session, &none).unwrap().is_empty());
        }
        assert_eq!(rig.reader.sent().len(), 1, "asked once");
        // Nor does it wait for a card that is away.
        let card = rig.reader.take().unwrap();
        let another = [class_is(CKO_PUBLIC_KEY), is(CKA_ID, &[2])];
        assert!(rig.find(session, &another).unwrap().is_empty());
        rig.reader.put(card);
        rig.module.token_info(0).unwrap();
        assert!(signs(&rig, 4));
    }
}
