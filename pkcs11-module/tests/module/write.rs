//! Certificates and data objects that the administrator writes and removes.

use card_edge::piv::chuid::Chuid;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::error::{Error, Result};
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::object::template::TemplateAttribute;

use super::card::{USUAL, phone};
use super::certificate::issue;
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is, is};

fn value(rig: &Rig, session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE) -> Result<Vec<u8>> {
    let object = rig.at(session).object(object)?;
    Ok(rig.at(session).attribute(&object, CKA_VALUE)?.to_vec())
}

fn certificate(id: u8, der: &[u8]) -> [TemplateAttribute; 5] {
    [
        class_is(CKO_CERTIFICATE),
        is(CKA_TOKEN, &[CK_TRUE]),
        is(CKA_CERTIFICATE_TYPE, &CKC_X_509.to_ne_bytes()),
        is(CKA_ID, &[id]),
        is(CKA_VALUE, der),
    ]
}

fn data(name: &[u8], content: &[u8]) -> [TemplateAttribute; 4] {
    [
        class_is(CKO_DATA),
        is(CKA_TOKEN, &[CK_TRUE]),
        is(CKA_APPLICATION, name),
        is(CKA_VALUE, content),
    ]
}

/// A card that announces what it can, and the same as any other.
fn rigs() -> [(Rig, Vec<u8>); 2] {
    [false, true].map(|announces| {
        let (phone, issued) = phone(&USUAL[..2]);
        let phone = if announces { phone.announcing() } else { phone };
        let renewed = issue("Bob Example", &issued[0].key);
        (Rig::with_reader(Reader::with(phone)), renewed)
    })
}

#[test]
fn a_certificate_is_replaced_and_removed_and_handles_stay() {
    for (rig, renewed) in rigs() {
        let session = rig.administrator_session();
        let first = rig.object(session, CKO_CERTIFICATE, 1);
        let second = rig.object(session, CKO_CERTIFICATE, 2);
        let other = value(&rig, session, second).unwrap();
        let written = rig
            .at(session)
            .create_object(&certificate(1, &renewed))
            .unwrap();
        assert_eq!(written, first);
        assert_eq!(value(&rig, session, first).unwrap(), renewed);
        assert_eq!(value(&rig, session, second).unwrap(), other);
        assert_eq!(rig.module.token_info(0).unwrap().label, "Bob Example");
        rig.at(session).destroy_object(second).unwrap();
        assert_eq!(value(&rig, session, second), Err(Error::ObjectHandle));
        assert_eq!(
            rig.at(session).destroy_object(second),
            Err(Error::ObjectHandle)
        );
        let left = rig.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap();
        assert_eq!(left, [first]);
        // The card is closed for others.
        let write = [
            0x00, 0xDB, 0x3F, 0xFF, 0x07, 0x5C, 0x03, 0x5F, 0xC1, 0x05, 0x53, 0x00,
        ];
        assert_eq!(rig.reader.ask(&write), [0x69, 0x82]);
    }
}

#[test]
fn a_certificate_of_a_retired_key_is_counted_and_found() {
    let (mut card, issued) = phone(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)]);
    super::card::put_object(&mut card, card_edge::piv::ObjectId::KeyHistory, &[]);
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.administrator_session();
    let der = &issued[0].certificate;
    let written = rig.at(session).create_object(&certificate(7, der)).unwrap();
    assert_eq!(&value(&rig, session, written).unwrap(), der);
}

#[test]
fn only_the_administrator_writes_and_only_in_a_session_that_writes() {
    let rig = Rig::with_keys(&USUAL[..1]);
    let der = rig.issued[0].certificate.clone();
    let read_only = rig.session();
    rig.reader.sent();
    let try_in = |session| rig.at(session).create_object(&certificate(1, &der));
    assert_eq!(try_in(read_only), Err(Error::SessionReadOnly));
    let session = rig.read_write_session();
    assert_eq!(try_in(session), Err(Error::UserNotLoggedIn));
    assert!(rig.reader.sent().is_empty());
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    assert_eq!(try_in(session), Err(Error::UserNotLoggedIn));
    let own = rig.object(session, CKO_CERTIFICATE, 1);
    assert_eq!(
        rig.at(session).destroy_object(own),
        Err(Error::UserNotLoggedIn)
    );
    // What never works says so before.
    let secret = [class_is(CKO_SECRET_KEY), is(CKA_TOKEN, &[CK_FALSE])];
    assert_eq!(
        rig.at(session).create_object(&secret),
        Err(Error::TemplateInconsistent)
    );
}

#[test]
fn data_objects_are_written_changed_and_removed() {
    for (rig, _) in rigs() {
        let session = rig.administrator_session();
        let create =
            |name: &[u8], content: &[u8]| rig.at(session).create_object(&data(name, content));
        let object = create(b"Security Object", &[0x53, 2, 0xFE, 0]).unwrap();
        assert_eq!(value(&rig, session, object).unwrap(), [0x53, 2, 0xFE, 0]);
        let change = |attribute, value: &[u8]| {
            rig.at(session)
                .set_attributes(object, &[is(attribute, value)])
        };
        change(CKA_VALUE, &[0xBA, 0, 0xFE, 0]).unwrap();
        assert_eq!(
            value(&rig, session, object).unwrap(),
            [0x53, 4, 0xBA, 0, 0xFE, 0]
        );
        assert_eq!(change(CKA_LABEL, b"x"), Err(Error::AttributeReadOnly));
        assert_eq!(change(CKA_VALUE, &[]), Err(Error::AttributeValue));
        rig.at(session).destroy_object(object).unwrap();
        let now = value(&rig, session, object);
        assert!(
            now == Ok(vec![]) || now == Err(Error::ObjectHandle),
            "{now:?}"
        );
        // The phone's Discovery Object is its own.
        assert_eq!(
            create(b"Discovery Object", &[0x7E, 1, 0]),
            Err(Error::ActionProhibited)
        );
        let long = vec![7; 65_000];
        let fit = [
            &b"Cardholder Facial Image"[..],
            b"Cardholder Fingerprints",
            b"Cardholder Iris Images",
            b"Security Object",
            b"Card Capability Container",
        ];
        let results = fit.map(|name| create(name, &long).map(drop));
        assert_eq!(results[0], Ok(()));
        assert!(results.contains(&Err(Error::DeviceMemory)), "{results:?}");
        // The officer stays logged in.
        create(b"Printed Information", &[1, 1, b'A']).unwrap();
        let certificate = rig.object(session, CKO_CERTIFICATE, 1);
        let label = [is(CKA_LABEL, b"x")];
        assert_eq!(
            rig.at(session).set_attributes(certificate, &label),
            Err(Error::ActionProhibited)
        );
    }
}

#[test]
fn a_card_that_gets_another_guid_is_still_the_one_of_the_session() {
    for (rig, _) in rigs() {
        let session = rig.administrator_session();
        let chuid = rig
            .find(
                session,
                &[
                    class_is(CKO_DATA),
                    is(CKA_LABEL, b"Card Holder Unique Identifier"),
                ],
            )
            .unwrap()[0];
        let content = value(&rig, session, chuid).unwrap();
        let old = Chuid::decode(&content[2..]).unwrap().guid.into_bytes();
        let at = content.windows(16).position(|bytes| bytes == old).unwrap();
        let mut changed = content.clone();
        changed[at] ^= 0x11;
        rig.at(session)
            .set_attributes(chuid, &[is(CKA_VALUE, &changed)])
            .unwrap();
        assert_eq!(value(&rig, session, chuid).unwrap(), changed);
        let serial = rig.module.token_info(0).unwrap().serial;
        rig.at(session).logout().unwrap();
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        // At the next insertion it is another token.
        rig.reader.put(rig.reader.take().unwrap());
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        assert_ne!(rig.module.token_info(0).unwrap().serial, serial);
    }
}
