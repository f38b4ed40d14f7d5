//! What a host calls the card, as SELECT announces it (docs/card-extensions.md).

use crate::common::TestCard;
use crate::secure_host::decide;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::extensions::{Announcement, CardName, EntryTime, HOLDER_MAX};
use card_edge::piv::{AsymmetricKey, ObjectId, certificate};
use card_edge::tlv::{self, Reader, Tag};
use der::Encode;
use std::str::FromStr;
use tapcard_phone::consent::Desk;
use tapcard_phone::interface::Interface;
use tapcard_phone::state::{ContactlessPolicy, PinEntry, StateError};
use x509_cert::name::Name;

const FIRST: ObjectId = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
const CERTIFICATE: &[u8] = include_bytes!("../vectors/logon-certificate.der");
const SEQUENCE: Tag = Tag::new(0x30);

/// The most bytes of an answer that hosts have room for: 255 with the status word.
const ANSWER_MAX: usize = 253;

fn announced(card: &mut TestCard) -> Option<CardName> {
    let template = card.client().select().unwrap();
    Announcement::of(&template).unwrap().name
}

fn holder(card: &mut TestCard) -> Option<String> {
    let holder = announced(card).unwrap().holder;
    holder.map(|holder| holder.as_str().to_owned())
}

/// The certificate with this subject. Nothing here looks at its signature.
fn certificate_of(subject: &str) -> Vec<u8> {
    let parts = |element: &[u8]| -> Vec<(Tag, Vec<u8>)> {
        let content = tlv::only(element, SEQUENCE).unwrap();
        Reader::new(content)
            .map(|part| part.map(|part| (part.tag, part.value.to_vec())).unwrap())
            .collect()
    };
    let whole = |parts: &[(Tag, Vec<u8>)]| {
        let mut content = Vec::new();
        for (tag, value) in parts {
            tlv::write(&mut content, *tag, value).unwrap();
        }
        content
    };
    let mut certificate = parts(CERTIFICATE);
    let mut body = parts(&tlv::encode(SEQUENCE, &certificate[0].1).unwrap());
    let name = Name::from_str(subject).unwrap().to_der().unwrap();
    // Version, serial number, algorithm, issuer and validity stand before it.
    body[5].1 = tlv::only(&name, SEQUENCE).unwrap().to_vec();
    certificate[0].1 = whole(&body);
    tlv::encode(SEQUENCE, &whole(&certificate)).unwrap()
}

fn put_certificate(card: &mut TestCard, der: &[u8]) {
    let content = certificate::encode_short(der).unwrap();
    card.client().put_data(FIRST, &content).unwrap();
}

fn put_guid(card: &mut TestCard, guid: &str) {
    let chuid = Chuid {
        guid: guid.parse().unwrap(),
        ..card.client().chuid().unwrap().unwrap()
    };
    let content = chuid.encode().unwrap();
    card.client().put_data(ObjectId::Chuid, &content).unwrap();
}

#[test]
fn it_is_what_the_objects_say_and_changes_with_them() {
    let mut card = TestCard::administered();
    let chuid = card.client().chuid().unwrap().unwrap();
    let name = announced(&mut card).unwrap();
    assert_eq!((name.guid, name.holder), (chuid.guid, None));
    for subject in ["Alice Example", "Zo\u{eb} Example"] {
        put_certificate(
            &mut card,
            &certificate_of(&format!("CN={subject},O=Example")),
        );
        assert_eq!(holder(&mut card), Some(subject.to_owned()));
    }
    // A subject without a common name is somebody whom the host cannot name either.
    put_certificate(&mut card, &certificate_of("O=Example"));
    assert_eq!(holder(&mut card), None);
    put_guid(&mut card, "6f1c9b4e-52d8-4c7f-9a30-0b8e4d2c1f77");
    let guid = announced(&mut card).unwrap().guid;
    assert_eq!(guid.to_string(), "6f1c9b4e-52d8-4c7f-9a30-0b8e4d2c1f77");
}

#[test]
fn a_card_that_cannot_tell_leaves_it_to_the_host() {
    let mut card = TestCard::administered();
    for content in [
        &[1, 2, 3][..],
        &certificate::encode(&CERTIFICATE[..100]).unwrap(),
    ] {
        card.client().put_data(FIRST, content).unwrap();
        assert_eq!(announced(&mut card), None);
    }
    put_certificate(&mut card, CERTIFICATE);
    assert!(announced(&mut card).is_some());
    put_guid(&mut card, "00000000-0000-0000-0000-000000000000");
    assert_eq!(announced(&mut card), None);
    card.client().put_data(ObjectId::Chuid, &[]).unwrap();
    assert_eq!(announced(&mut card), None);
}

#[test]
fn a_strict_card_names_nobody_to_a_reader_that_may_not_read_the_certificate() {
    let mut card = TestCard::administered();
    put_certificate(&mut card, CERTIFICATE);
    let guid = announced(&mut card).unwrap().guid;
    let mut seen = Vec::new();
    for policy in [
        ContactlessPolicy::ContactLike,
        ContactlessPolicy::Strict,
        ContactlessPolicy::StrictWithoutPairing,
    ] {
        decide(&card, policy);
        for interface in [Interface::Contact, Interface::Contactless] {
            card.move_to(interface);
            let name = announced(&mut card).unwrap();
            assert_eq!(name.guid, guid);
            seen.push(name.holder.is_some());
        }
    }
    assert_eq!(seen, [true, true, true, false, true, false]);
}

#[test]
fn the_longest_answer_has_room_in_what_hosts_keep_for_it() {
    let mut card = TestCard::administered();
    put_certificate(
        &mut card,
        &certificate_of(&format!("CN={}", "x".repeat(64))),
    );
    assert_eq!(holder(&mut card), Some("x".repeat(HOLDER_MAX)));
    // Its PIN can be typed at the phone, which waits as long as it may.
    card.store()
        .update(|state| {
            state.pin_entry = PinEntry::Phone;
            Ok::<_, StateError>(())
        })
        .unwrap();
    card.give_to(Desk::new(EntryTime::MAX.duration()));
    let select = [
        0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
    ];
    let length = card.send(&select).data.len();
    // A card with more than nine tries says that in two digits.
    assert_eq!(length, 218);
    assert!(length < ANSWER_MAX);
}
