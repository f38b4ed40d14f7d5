//! Objects of other cards that are not as the standards have them: whatever can be understood is shown, and what cannot costs
//! itself alone.

use card_edge::piv::history::KeyHistory;
use card_edge::piv::{
    AsymmetricKey, KeyAlgorithm, ObjectId, PublicKey, RetiredNumber, certificate,
};
use card_edge::tlv;
use cryptoki_sys::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use tapcard_pkcs11::ber::{Element, Reader as Ber};
use tapcard_pkcs11::object::{common_name, common_name_in_beginning};

use super::card::phone;
use super::certificate::issue;
use super::other_card::{OtherCard, long_element};
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is};

const NINE_A: ObjectId = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
const NINE_C: ObjectId = ObjectId::Certificate(AsymmetricKey::DigitalSignature);

/// A certificate for a key of this algorithm.
fn issued(algorithm: KeyAlgorithm) -> Vec<u8> {
    let (_, issued) = phone(&[(AsymmetricKey::PivAuthentication, algorithm)]);
    issued[0].certificate.clone()
}

fn public_key() -> PublicKey {
    let (_, issued) = phone(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)]);
    issued[0].key.clone()
}

fn card() -> OtherCard {
    OtherCard::with_pin(PIN)
}

fn rig(card: OtherCard) -> Rig {
    Rig::with_reader(Reader::with(card))
}

fn values(rig: &Rig, class: CK_OBJECT_CLASS, attribute: CK_ATTRIBUTE_TYPE) -> Vec<Vec<u8>> {
    let session = rig.session();
    let mut values: Vec<Vec<u8>> = rig
        .find(session, &[class_is(class)])
        .unwrap()
        .into_iter()
        .map(|object| {
            let object = rig.at(session).object(object).unwrap();
            object.attributes.value(attribute).unwrap().to_vec()
        })
        .collect();
    values.sort();
    values
}

fn ids(rig: &Rig) -> Vec<Vec<u8>> {
    values(rig, CKO_CERTIFICATE, CKA_ID)
}

fn retired(number: u8) -> ObjectId {
    let number = RetiredNumber::new(number).unwrap();
    ObjectId::Certificate(AsymmetricKey::RetiredKeyManagement(number))
}

#[test]
fn whose_card_it_is_is_told_by_the_beginning_of_a_certificate_or_by_all_of_it() {
    // Where there are other names before it, the holder's is not in the first 256 bytes.
    for (name, names_before) in [("Holder", ""), ("Holder", &*"OU=one of many,".repeat(20))] {
        let der = issue(&format!("{name},{names_before}C=DE"), &public_key());
        for object in [
            certificate::encode(&der).unwrap(),
            certificate::encode_short(&der).unwrap(),
        ] {
            let rig = rig(card().with_object(NINE_A, &object));
            let label = || rig.module.token_info(0).unwrap().label;
            let first = label();
            assert!(first.starts_with(name));
            assert_eq!(ids(&rig), [[1]]);
            assert_eq!(label(), first);
        }
    }
    let whole = issued(KeyAlgorithm::Rsa2048);
    let name = common_name(&whole).unwrap();
    for length in 0..=whole.len() {
        let found = common_name_in_beginning(&whole[..length]);
        assert!(found.is_none_or(|found| found == name), "{length}");
    }
}

#[test]
fn retired_keys_are_looked_for_where_the_key_history_makes_no_sense() {
    let object = certificate::encode(&issued(KeyAlgorithm::P256)).unwrap();
    let with_history = |history: Vec<u8>| {
        let card = card()
            .with_object(NINE_A, &object)
            .with_object(retired(2), &object)
            .with_object(retired(20), &object);
        ids(&rig(card.with_answer(ObjectId::KeyHistory, history)))
    };
    for strange in [
        // No counts; counts of two bytes; more than there are; cut short; without its tag 53.
        &[0x53, 2, 0xFE, 0][..],
        &[0x53, 8, 0xC1, 2, 0, 2, 0xC2, 2, 0, 0],
        &[0x53, 6, 0xC1, 1, 30, 0xC2, 1, 0],
        &[0x53, 3, 0xC1, 9, 2],
        &[0xC1, 1, 2, 0xC2, 1, 0],
    ] {
        let found = with_history(strange.to_vec());
        assert_eq!(found, [[1], [6], [24]], "{strange:02X?}");
    }
    let history = KeyHistory {
        on_card: 2,
        ..KeyHistory::default()
    };
    let padded = [&history.encode().unwrap()[..], &[0; 5]].concat();
    let padded = [
        tlv::encode(tlv::Tag::new(0x53), &padded).unwrap(),
        vec![0; 3],
    ]
    .concat();
    assert_eq!(with_history(padded), [[1], [6]], "zeros are not strange");
}

#[test]
fn certificates_in_containers_of_many_kinds_are_shown() {
    let der = issued(KeyAlgorithm::P256);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut encoder, &der).unwrap();
    let gzip = encoder.finish().unwrap();
    let container = |stored: &[u8], info: &[u8]| {
        let field = |tag, value: &[u8]| tlv::encode(tlv::Tag::new(tag), value).unwrap();
        [field(0x70, stored), field(0x71, info), field(0xFE, &[])].concat()
    };
    let wrapped = |content: &[u8]| tlv::encode(tlv::Tag::new(0x53), content).unwrap();
    let long = |tag: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    };
    let plain = container(&der, &[0]);
    for (name, answer) in [
        ("gzip marked 80", wrapped(&container(&gzip, &[0x80]))),
        ("gzip not marked", wrapped(&container(&gzip, &[0]))),
        (
            "gzip with an empty CertInfo",
            wrapped(&container(&gzip, &[])),
        ),
        ("not gzip, and marked so", wrapped(&container(&der, &[1]))),
        (
            "long lengths",
            long(
                0x53,
                &[long(0x70, &der), long(0x71, &[0]), long(0xFE, &[])].concat(),
            ),
        ),
        (
            "a zero after the fields",
            wrapped(&[&plain[..], &[0]].concat()),
        ),
        (
            "zeros after the template",
            [wrapped(&plain), vec![0; 7]].concat(),
        ),
        (
            "zeros after the certificate",
            wrapped(&container(&[&der[..], &[0; 9]].concat(), &[0])),
        ),
    ] {
        let rig = rig(card().with_answer(NINE_A, answer));
        assert_eq!(
            values(&rig, CKO_CERTIFICATE, CKA_VALUE),
            std::slice::from_ref(&der),
            "{name}"
        );
        assert_eq!(
            rig.module.token_info(0).unwrap().label,
            "Alice Example",
            "{name}"
        );
    }
}

/// The certificate with each field of its body as `change` makes it, under lengths in the longest form.
fn with_fields(der: &[u8], change: impl Fn(usize, Element<'_>) -> Vec<u8>) -> Vec<u8> {
    let certificate = Ber::new(der).element().unwrap().unwrap();
    let mut parts = Ber::new(certificate.content);
    let body = parts.element().unwrap().unwrap();
    let mut fields = Ber::new(body.content);
    let mut changed = Vec::new();
    let mut number = 0;
    while let Some(field) = fields.element().unwrap() {
        changed.extend(change(number, field));
        number += 1;
    }
    let mut content = long_element(0x30, &changed);
    while let Some(part) = parts.element().unwrap() {
        content.extend(part.whole);
    }
    long_element(0x30, &content)
}

/// The fields of the body of a certificate of version 3.
const SERIAL_NUMBER: usize = 1;
const SUBJECT: usize = 5;
const PUBLIC_KEY: usize = 6;

fn indefinite(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], content, &[0, 0]].concat()
}

#[test]
fn certificates_that_are_not_strict_der_are_shown_with_their_keys() {
    for algorithm in [KeyAlgorithm::P256, KeyAlgorithm::Rsa2048] {
        let der = issued(algorithm);
        let changed = |which, new: &dyn Fn(Element<'_>) -> Vec<u8>| {
            with_fields(&der, |number, field| {
                if number == which {
                    new(field)
                } else {
                    field.whole.to_vec()
                }
            })
        };
        let serial = changed(SERIAL_NUMBER, &|field| {
            long_element(0x02, &[&[0, 0, 0], field.content].concat())
        });
        let name: Vec<u8> = "Zo\u{eb}"
            .chars()
            .flat_map(|it| u32::from(it).to_be_bytes())
            .collect();
        let attribute = [&[0x06, 3, 0x55, 4, 3, 0x1C, 12][..], &name].concat();
        let universal = changed(SUBJECT, &|_| {
            long_element(0x30, &long_element(0x31, &long_element(0x30, &attribute)))
        });
        let inside = changed(PUBLIC_KEY, &|field| indefinite(0x30, field.content));
        let outer = Ber::new(&der).element().unwrap().unwrap();
        let everywhere = indefinite(0x30, outer.content);
        for (name, certificate, label) in [
            ("serial number", serial, "Alice Example"),
            ("UniversalString", universal, "Zo\u{eb}"),
            ("indefinite length inside", inside, "Alice Example"),
            ("indefinite length", everywhere, "Alice Example"),
        ] {
            let rig = rig(card().with_object(NINE_A, &certificate::encode(&certificate).unwrap()));
            let shown = values(&rig, CKO_CERTIFICATE, CKA_VALUE);
            assert_eq!(shown, [certificate], "as the card has it: {name}");
            assert_eq!(rig.module.token_info(0).unwrap().label, label, "{name}");
            let session = rig.user_session();
            rig.private_key(session, 1);
            let strict = Rig::with_reader(Reader::with(
                card().with_object(NINE_A, &certificate::encode(&der).unwrap()),
            ));
            let numbers = match algorithm {
                KeyAlgorithm::P256 => [CKA_EC_POINT, CKA_EC_PARAMS],
                _ => [CKA_MODULUS, CKA_PUBLIC_EXPONENT],
            };
            for number in numbers {
                let of = |rig| values(rig, CKO_PUBLIC_KEY, number);
                assert_eq!(of(&rig), of(&strict), "{name}");
            }
        }
    }
}

#[test]
fn days_that_cannot_be_read_and_keys_of_other_types_leave_the_certificate() {
    let der = issued(KeyAlgorithm::P256);
    let no_days = with_fields(&der, |number, field| match number {
        4 => long_element(0x30, &[0x17, 1, b'x']),
        PUBLIC_KEY => long_element(0x30, &[0x30, 2, 0x06, 0, 0x03, 1, 0]),
        _ => field.whole.to_vec(),
    });
    let rig = rig(card()
        .with_object(NINE_A, &certificate::encode(&no_days).unwrap())
        .with_object(NINE_C, &certificate::encode(&der).unwrap()));
    assert_eq!(ids(&rig), [[1], [2]]);
    assert_eq!(values(&rig, CKO_PUBLIC_KEY, CKA_ID), [[2]]);
    let dates = values(&rig, CKO_CERTIFICATE, CKA_START_DATE);
    assert_eq!(dates, [vec![], b"20231114".to_vec()]);
}
