//! Certificates and data objects that the administrator writes and removes.

use card_edge::piv::chuid::Chuid;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, Cipher, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::error::{Error, Result};
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::object::template::TemplateAttribute;

use super::card::{Answers, Phone, USUAL, phone, set_management_key};
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

/// A card with little room, on which the Key History Object is what its issuer wrote.
struct OldCard {
    phone: Phone,
    history: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

/// The most bytes of a PUT DATA that it takes.
const ROOM: usize = 600;
/// 5C { 5FC10C }
const HISTORY: [u8; 5] = [0x5C, 0x03, 0x5F, 0xC1, 0x0C];

impl Answers for OldCard {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let data = command.get(5..).unwrap_or_default();
        match command {
            [0x00, 0xCB, ..] if data.starts_with(&HISTORY) => {
                if self.history.is_empty() {
                    return vec![0x6A, 0x82];
                }
                [&self.history[..], &[0x90, 0x00]].concat()
            }
            [0x10, 0xDB, ..] => {
                self.chain.push(command.to_vec());
                vec![0x90, 0x00]
            }
            [0x00, 0xDB, ..] => {
                let chain = std::mem::take(&mut self.chain);
                if data.starts_with(&HISTORY) {
                    self.history = data[HISTORY.len()..].to_vec();
                    return vec![0x90, 0x00];
                }
                let before: usize = chain.iter().map(|part| part.len() - 5).sum();
                if before + data.len() > ROOM {
                    return vec![0x6A, 0x84];
                }
                for part in chain {
                    self.phone.answer(&part);
                }
                self.phone.answer(command)
            }
            _ => self.phone.answer(command),
        }
    }

    fn reset(&mut self) {
        self.phone.reset();
    }
}

#[test]
fn a_card_without_room_gets_a_compressed_certificate_and_one_that_does_not_count_is_told() {
    let (phone, issued) = phone(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)]);
    let reader = Reader::with(OldCard {
        phone,
        history: Vec::new(),
        chain: Vec::new(),
    });
    let der = &issued[0].certificate;
    assert!(der.len() > ROOM);
    let rig = Rig::with_reader(reader.clone());
    let session = rig.administrator_session();
    for id in [7, 6] {
        let written = rig
            .at(session)
            .create_object(&certificate(id, der))
            .unwrap();
        assert_eq!(&value(&rig, session, written).unwrap(), der);
    }
    rig.module.finalize();
    // The third retired key is the last: another program looks for three.
    let history = reader.ask(&[&[0x00, 0xCB, 0x3F, 0xFF, 0x05], &HISTORY[..], &[0x00]].concat());
    let content = KeyHistory::decode(&history[2..history.len() - 2]).unwrap();
    assert_eq!((content.on_card, content.off_card), (3, 0));
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

#[test]
fn an_officer_whose_key_another_program_has_changed_is_logged_out() {
    let rig = Rig::with_keys(&[]);
    let session = rig.administrator_session();
    rig.reader
        .with_card(|card| set_management_key(card, Cipher::Aes192, &[0x9C; 24]));
    let write = || {
        rig.at(session)
            .create_object(&data(b"Security Object", &[1]))
    };
    assert_eq!(write(), Err(Error::UserNotLoggedIn));
    assert_eq!(rig.at(session).info().state, CKS_RW_PUBLIC_SESSION);
    rig.at(session).login(CKU_SO, Some(&[0x9C; 24])).unwrap();
    assert!(write().is_ok());
}
