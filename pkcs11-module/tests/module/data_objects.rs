//! Data objects: which are listed, and when their values are read.

use card_edge::piv::ObjectId;
use cryptoki_sys::*;
use tapcard_pkcs11::error::{Error, Result};

use super::card::{USUAL, phone, put_object};
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is, is};

const PRINTED: &[u8] = b"Printed Information";

fn attribute(
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    attribute: CK_ATTRIBUTE_TYPE,
) -> Result<Vec<u8>> {
    let object = rig.at(session).object(object)?;
    let value = rig.at(session).attribute(&object, attribute)?;
    Ok(value.to_vec())
}

/// The labels of the data objects that a search finds.
fn labels(rig: &Rig, session: CK_SESSION_HANDLE, explicit: bool) -> Vec<String> {
    let template = if explicit {
        vec![class_is(CKO_DATA)]
    } else {
        vec![]
    };
    let found = rig.find(session, &template).unwrap();
    let labels = found.into_iter().filter_map(|object| {
        let class = attribute(rig, session, object, CKA_CLASS).unwrap();
        (class == CKO_DATA.to_ne_bytes())
            .then(|| attribute(rig, session, object, CKA_LABEL).unwrap())
    });
    labels
        .map(|label| String::from_utf8(label).unwrap())
        .collect()
}

fn named(rig: &Rig, session: CK_SESSION_HANDLE, name: &[u8]) -> CK_OBJECT_HANDLE {
    let template = [class_is(CKO_DATA), is(CKA_APPLICATION, name)];
    rig.find(session, &template).unwrap()[0]
}

#[test]
fn our_phone_lists_exactly_what_it_has_and_nothing_is_sent_for_it() {
    let (mut card, _) = phone(&USUAL);
    put_object(&mut card, ObjectId::SecurityObject, &[0xFE, 0]);
    let rig = Rig::with_reader(Reader::with(card.announcing()));
    let session = rig.session();
    // The one read of all objects.
    rig.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap();
    rig.reader.sent();
    let expected = [
        "Card Capability Container",
        "Card Holder Unique Identifier",
        "Security Object",
        "Discovery Object",
        "Secure Messaging Certificate Signer",
    ];
    assert_eq!(labels(&rig, session, true), expected);
    assert_eq!(labels(&rig, session, false), expected);
    let object = named(&rig, session, b"Security Object");
    let value = attribute(&rig, session, object, CKA_VALUE);
    assert_eq!(value.unwrap(), [0x53, 2, 0xFE, 0]);
    assert!(rig.reader.sent().is_empty());
}

#[test]
fn another_card_lists_what_was_read_and_for_who_asks_what_there_may_be() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    assert_eq!(
        labels(&rig, session, false),
        ["Card Holder Unique Identifier"]
    );
    rig.reader.sent();
    let found = labels(&rig, session, true);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(rig.reader.sent().is_empty());
    // Read when it is asked for, and once.
    let object = named(&rig, session, b"Card Capability Container");
    for _ in 0..2 {
        let value = attribute(&rig, session, object, CKA_VALUE).unwrap();
        assert_eq!(value[0], 0x53);
    }
    assert_eq!(rig.reader.sent(), ["GET DATA"]);
    // What turns out not to be there is empty, and not listed any more.
    let object = named(&rig, session, b"Security Object");
    assert_eq!(attribute(&rig, session, object, CKA_VALUE), Ok(vec![]));
    assert_eq!(labels(&rig, session, true).len(), 5);
    assert_eq!(
        attribute(&rig, session, object, CKA_LABEL),
        Err(Error::ObjectHandle)
    );
}

#[test]
fn what_wants_the_pin_is_hidden_until_login_and_read_once_for_length_and_value() {
    for announces in [false, true] {
        let (mut card, _) = phone(&[]);
        put_object(&mut card, ObjectId::PrintedInformation, &[1, 2, b'A', b'l']);
        let card = if announces { card.announcing() } else { card };
        let rig = Rig::with_reader(Reader::with(card));
        let session = rig.session();
        let private = [class_is(CKO_DATA), is(CKA_PRIVATE, &[CK_TRUE])];
        assert!(rig.find(session, &private).unwrap().is_empty());
        rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
        assert_eq!(rig.find(session, &private).unwrap().len(), 5);
        assert!(
            rig.find(session, &[is(CKA_PRIVATE, &[CK_TRUE])])
                .unwrap()
                .is_empty()
        );
        rig.reader.sent();
        let printed = named(&rig, session, PRINTED);
        for _ in 0..2 {
            assert_eq!(
                attribute(&rig, session, printed, CKA_VALUE),
                Ok(vec![0x53, 4, 1, 2, b'A', b'l'])
            );
        }
        assert_eq!(rig.reader.sent(), ["GET DATA"]);
        rig.at(session).logout().unwrap();
        assert_eq!(
            attribute(&rig, session, printed, CKA_VALUE),
            Err(Error::ObjectHandle)
        );
        // The administrator sees that it may be there, and does not read it.
        rig.module.close_session(session).unwrap();
        let session = rig.administrator_session();
        let printed = named(&rig, session, PRINTED);
        rig.reader.sent();
        assert_eq!(
            attribute(&rig, session, printed, CKA_VALUE),
            Err(Error::UserNotLoggedIn)
        );
        assert!(rig.reader.sent().is_empty());
        assert_eq!(rig.at(session).info().state, CKS_RW_SO_FUNCTIONS);
    }
}
