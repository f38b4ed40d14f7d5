//! What the card announces, and every public object in one read (docs/card-extensions.md).

use crate::common::{TestCard, hex, pin, verified};
use card_edge::Status;
use card_edge::piv::client::ClientError;
use card_edge::piv::extensions::{Announcement, PublicObjects};
use card_edge::piv::{
    AsymmetricKey, KeyAlgorithm, ObjectId, PinReference, ReadRule, RetiredNumber, certificate,
};
use tapcard_phone::interface::Interface;

fn announcement(card: &mut TestCard) -> Announcement {
    let template = card.client().select().unwrap();
    Announcement::of(&template).unwrap()
}

/// Fills every object with something of its own.
fn fill(card: &mut TestCard) {
    for (number, object) in (1..).zip(ObjectId::all()) {
        let content = match object {
            ObjectId::Discovery
            | ObjectId::SecureMessagingCertificateSigner
            | ObjectId::KeyHistory => continue,
            _ => vec![number; 40],
        };
        card.client().put_data(object, &content).unwrap();
    }
}

#[test]
fn the_announcement_tells_the_tries_that_verify_would_tell() {
    let wrong = "00 20 00 80 08 39 39 39 39 39 39 FF FF";
    for (interface, held_back) in [(Interface::Contact, 0), (Interface::Contactless, 1)] {
        let mut card = TestCard::over(interface);
        for left in (0..=5 - held_back).rev() {
            assert_eq!(announcement(&mut card).pin_tries, Some(left));
            card.status(wrong);
        }
        assert_eq!(announcement(&mut card).pin_tries, Some(0));
    }
}

#[test]
fn the_digest_is_the_one_of_what_is_read_and_changes_with_it_alone() {
    let mut card = TestCard::administered();
    let read = card.client().public_objects().unwrap();
    let first = announcement(&mut card).objects;
    assert_eq!(first, read.digest().unwrap());
    // Neither a PIN nor a key nor a private object nor another session changes it.
    verified(&mut card);
    card.client()
        .generate(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)
        .unwrap();
    card.client()
        .put_data(ObjectId::PrintedInformation, &[1])
        .unwrap();
    assert_eq!(announcement(&mut card).objects, first);
    card.restart();
    assert_eq!(announcement(&mut card).objects, first);
    // A public object does, and so does a key that the history counts.
    card.prove_management_key();
    card.client()
        .put_data(ObjectId::SecurityObject, &[1])
        .unwrap();
    let second = announcement(&mut card).objects;
    assert_ne!(second, first);
    let retired = AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(1).unwrap());
    card.client().generate(retired, KeyAlgorithm::P256).unwrap();
    let third = announcement(&mut card).objects;
    assert!(third != first && third != second);
    let read = card.client().public_objects().unwrap();
    assert_eq!(third, read.digest().unwrap());
    // What another process writes counts too.
    let mut store = card.store();
    store
        .update(|state| {
            state.objects.remove(&ObjectId::SecurityObject.tag());
            Ok::<_, tapcard_phone::state::StateError>(())
        })
        .unwrap();
    assert_ne!(announcement(&mut card).objects, third);
}

#[test]
fn one_read_gives_what_anybody_may_read_and_nothing_else() {
    let mut card = TestCard::administered();
    fill(&mut card);
    card.restart();
    let without_pin = card.client().public_objects().unwrap();
    verified(&mut card);
    let with_pin = card.client().public_objects().unwrap();
    assert_eq!(without_pin, with_pin);
    for object in ObjectId::all() {
        let single = card.client().get_data(object).unwrap();
        match object.read_rule() {
            ReadRule::Always => assert_eq!(
                with_pin.get(object),
                single.as_ref().map(|content| content.as_slice()),
                "{object:?}"
            ),
            ReadRule::Pin => assert_eq!(with_pin.get(object), None, "{object:?}"),
        }
    }
    let known = ObjectId::all().filter(|object| with_pin.get(*object).is_some());
    assert_eq!(with_pin.iter().count(), known.count());
}

#[test]
fn compressed_certificates_are_plain_and_short_together() {
    let mut card = TestCard::administered();
    let mut single = 0;
    for key in AsymmetricKey::MAIN {
        // Certificates of one authority have more in common than each within itself.
        let mut der = vec![0; 700];
        getrandom::fill(&mut der[..200]).unwrap();
        for (at, byte) in (0u32..).zip(der[200..].iter_mut()) {
            *byte = (at.wrapping_mul(2_654_435_761) >> 13) as u8;
        }
        let content = certificate::encode_short(&der).unwrap();
        single += content.len();
        card.client()
            .put_data(ObjectId::Certificate(key), &content)
            .unwrap();
        let read = card.client().public_objects().unwrap();
        let plain = certificate::encode(&der).unwrap();
        assert_eq!(read.get(ObjectId::Certificate(key)), Some(plain.as_slice()));
    }
    let mut command = hex("00 CB 3F FF 00 00 05 5C 03 5F D4 43 00 00");
    let together = card.send(&command).data.len();
    assert!(together < single, "{together} {single}");
    // In parts over short commands, as every answer.
    command = hex("00 CB 3F FF 05 5C 03 5F D4 43 00");
    let first = card.send(&command);
    assert_eq!(first.status, Status::BytesAvailable(0));
    assert_eq!(first.data.len(), 256);
}

#[test]
fn what_is_too_long_for_one_read_is_not_announced() {
    let mut card = TestCard::administered();
    for key in AsymmetricKey::MAIN.into_iter().take(2) {
        let mut der = vec![0; 40_000];
        getrandom::fill(&mut der).unwrap();
        let content = certificate::encode(&der).unwrap();
        card.client()
            .put_data(ObjectId::Certificate(key), &content)
            .unwrap();
    }
    let template = card.client().select().unwrap();
    assert_eq!(Announcement::of(&template), None);
    assert_eq!(template.url, None);
    let refused = card.client().public_objects();
    assert!(matches!(
        refused,
        Err(ClientError::Refused(_, Status::NotEnoughMemory))
    ));
    // Each of them can still be read.
    let key = AsymmetricKey::PivAuthentication;
    assert!(card.client().certificate(key).unwrap().is_some());
}

#[test]
fn a_new_card_has_its_four_objects_in_one_read() {
    let mut card = TestCard::new();
    let read: PublicObjects = card.client().public_objects().unwrap();
    let tags: Vec<_> = read.iter().map(|(tag, _)| tag).collect();
    let expected = [
        ObjectId::Discovery,
        ObjectId::Chuid,
        ObjectId::CardCapabilityContainer,
        ObjectId::SecureMessagingCertificateSigner,
    ];
    assert_eq!(tags, expected.map(ObjectId::tag));
}

#[test]
fn the_set_is_not_an_object_that_is_written() {
    let mut card = TestCard::administered();
    assert_eq!(
        card.status("00 DB 3F FF 08 5C 03 5F D4 43 53 01 00"),
        Status::NotFound
    );
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
}
