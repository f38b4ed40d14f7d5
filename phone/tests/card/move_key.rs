//! MOVE KEY and DELETE KEY (F6).

use crate::common::{TestCard, verified};
use card_edge::Status;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};

fn key(byte: u8) -> AsymmetricKey {
    AsymmetricKey::try_from(byte).unwrap()
}

fn make(card: &mut TestCard, reference: u8) -> Vec<u8> {
    card.client()
        .generate(key(reference), KeyAlgorithm::P256)
        .unwrap()
        .encode()
        .unwrap()
}

/// The public key in this place, as the card tells it.
fn public(card: &mut TestCard, reference: u8) -> Option<Vec<u8>> {
    let metadata = card.client().metadata(key(reference)).unwrap()?;
    Some(metadata.public_key?.encode().unwrap())
}

fn move_key(card: &mut TestCard, from: u8, to: u8) -> Status {
    card.status(&format!("00 F6 {to:02X} {from:02X}"))
}

#[test]
fn a_key_is_used_where_it_moved_to_and_its_certificate_stays() {
    let mut card = TestCard::administered();
    let made = make(&mut card, 0x9D);
    let object = ObjectId::Certificate(key(0x9D));
    let content = certificate::encode(b"its certificate").unwrap();
    card.client().put_data(object, &content).unwrap();
    verified(&mut card);
    card.client()
        .apply_key(key(0x9D), KeyAlgorithm::P256, &[1; 32])
        .unwrap();
    assert_eq!(move_key(&mut card, 0x9D, 0x82), Status::Success);
    assert_eq!(public(&mut card, 0x82), Some(made.clone()));
    assert_eq!(public(&mut card, 0x9D), None);
    verified(&mut card);
    for (reference, works) in [(0x82, true), (0x9D, false)] {
        let used = card
            .client()
            .apply_key(key(reference), KeyAlgorithm::P256, &[1; 32]);
        assert_eq!(used.is_ok(), works, "{reference:02X}");
    }
    assert!(card.client().get_data(object).unwrap().is_some());
    card.restart();
    assert_eq!(public(&mut card, 0x82), Some(made));
}

#[test]
fn the_history_follows_the_keys() {
    let mut card = TestCard::administered();
    let history = |card: &mut TestCard| {
        card.client()
            .get_data(ObjectId::KeyHistory)
            .unwrap()
            .map(|content| (content[2], content[5]))
    };
    make(&mut card, 0x9D);
    assert_eq!(history(&mut card), None);
    move_key(&mut card, 0x9D, 0x95);
    assert_eq!(history(&mut card), Some((0, 1)));
    move_key(&mut card, 0x95, 0x82);
    let content = certificate::encode(b"its certificate").unwrap();
    card.client()
        .put_data(ObjectId::Certificate(key(0x82)), &content)
        .unwrap();
    assert_eq!(history(&mut card), Some((1, 0)));
    move_key(&mut card, 0x82, 0xFF);
    assert_eq!(history(&mut card), Some((1, 0)));
    card.client()
        .put_data(ObjectId::Certificate(key(0x82)), &[])
        .unwrap();
    assert_eq!(history(&mut card), None);
}

#[test]
fn a_key_is_deleted_and_cannot_be_used_any_more() {
    let mut card = TestCard::administered();
    make(&mut card, 0x9E);
    card.client()
        .apply_key(key(0x9E), KeyAlgorithm::P256, &[1; 32])
        .unwrap();
    assert_eq!(move_key(&mut card, 0x9E, 0xFF), Status::Success);
    let used = card
        .client()
        .apply_key(key(0x9E), KeyAlgorithm::P256, &[1; 32]);
    assert!(used.is_err());
    assert_eq!(public(&mut card, 0x9E), None);
    assert_eq!(move_key(&mut card, 0x9E, 0xFF), Status::ReferenceNotFound);
}

#[test]
fn no_key_takes_anothers_place_or_one_that_asks_for_the_pin_less_often() {
    let mut card = TestCard::administered();
    let before: Vec<_> = [0x9A, 0x9C, 0x9D, 0x9E]
        .map(|reference| (reference, make(&mut card, reference)))
        .into();
    for (from, to, status) in [
        (0x9A, 0x9D, Status::ConditionsNotSatisfied),
        (0x9C, 0x82, Status::ConditionsNotSatisfied),
        (0x9C, 0x95, Status::ConditionsNotSatisfied),
        (0x83, 0x84, Status::ReferenceNotFound),
        (0x9A, 0x9A, Status::IncorrectParameters),
        (0x9A, 0xF9, Status::IncorrectParameters),
        (0xF9, 0x82, Status::IncorrectParameters),
        (0x9A, 0x9B, Status::IncorrectParameters),
        (0x9B, 0x82, Status::IncorrectParameters),
        (0x9A, 0x04, Status::IncorrectParameters),
    ] {
        assert_eq!(move_key(&mut card, from, to), status, "{from:02X} {to:02X}");
    }
    assert_eq!(move_key(&mut card, 0x9E, 0xFF), Status::Success);
    for from in [0x9A, 0x9C, 0x9D] {
        let status = move_key(&mut card, from, 0x9E);
        assert_eq!(status, Status::ConditionsNotSatisfied, "{from:02X}");
    }
    for (reference, made) in before.into_iter().take(3) {
        assert_eq!(public(&mut card, reference), Some(made));
    }
    // To a stricter place, and among those alike.
    make(&mut card, 0x9E);
    assert_eq!(move_key(&mut card, 0x9E, 0x82), Status::Success);
    assert_eq!(move_key(&mut card, 0x82, 0x83), Status::Success);
}

#[test]
fn a_key_that_agrees_alone_moves_among_the_places_for_such_keys() {
    let mut card = TestCard::administered();
    card.client()
        .generate(key(0x9D), KeyAlgorithm::X25519)
        .unwrap();
    assert_eq!(move_key(&mut card, 0x9D, 0x9A), Status::IncorrectData);
    assert_eq!(move_key(&mut card, 0x9D, 0x90), Status::Success);
}

#[test]
fn keys_move_with_the_management_key_alone() {
    let mut card = TestCard::administered();
    make(&mut card, 0x9A);
    card.restart();
    verified(&mut card);
    for to in [0x82, 0xFF] {
        let status = move_key(&mut card, 0x9A, to);
        assert_eq!(status, Status::SecurityStatusNotSatisfied);
    }
    assert!(public(&mut card, 0x9A).is_some());
}
