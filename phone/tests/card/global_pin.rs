//! The global PIN (00), of a card that was given one.

use crate::common::{TestCard, hex, verified};
use card_edge::Status;
use card_edge::piv::client::ClientError;
use card_edge::piv::pin::DEFAULT_PIN;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, Pin, discovery};
use tapcard_phone::interface::Interface;
use tapcard_phone::present_pin;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{GLOBAL_PIN_TRIES, StateError};

const RIGHT: &str = "00 20 00 00 08 37 33 39 31 35 34 FF FF";
const WRONG: &str = "00 20 00 00 08 30 30 30 30 30 30 FF FF";
const STATUS: &str = "00 20 00 00";
const PIV_STATUS: &str = "00 20 00 80";
const CHANGE: &str = "00 24 00 00 10 37 33 39 31 35 34 FF FF 32 34 36 38 30 32 FF FF";

/// Gives the card the global PIN 739154, as another process does.
pub fn give(card: &mut TestCard) {
    let pin = Pin::new(b"739154").unwrap();
    let default = Pin::new(DEFAULT_PIN.as_bytes()).unwrap();
    let opening = present_pin::prove(&mut card.store(), &default).unwrap();
    let data = ReferenceData::new(pin.as_bytes(), GLOBAL_PIN_TRIES, false, opening.as_ref());
    set(card, Some(data.unwrap()));
}

fn set(card: &mut TestCard, global_pin: Option<ReferenceData>) {
    card.store()
        .update(|state| {
            state.global_pin = global_pin;
            Ok::<_, StateError>(())
        })
        .unwrap();
}

fn with_global_pin() -> TestCard {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)
        .unwrap();
    card.client()
        .generate(AsymmetricKey::DigitalSignature, KeyAlgorithm::P256)
        .unwrap();
    give(&mut card);
    card.client().select().unwrap();
    card
}

fn signs(card: &mut TestCard, key: AsymmetricKey) -> bool {
    match card.client().apply_key(key, KeyAlgorithm::P256, &[7; 32]) {
        Ok(_) => true,
        Err(ClientError::NotAuthorised(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

fn policy(card: &mut TestCard) -> u16 {
    let content = card.client().get_data(ObjectId::Discovery).unwrap();
    discovery::decode(&content.unwrap()).unwrap().0
}

#[test]
fn a_card_has_one_only_where_it_was_given_one() {
    let mut card = TestCard::new();
    card.play(&[(STATUS, "6A88"), (RIGHT, "6A88"), (CHANGE, "6A88")]);
    assert_eq!(policy(&mut card), 0x4000);
    give(&mut card);
    card.play(&[(STATUS, "63C5"), (RIGHT, "9000"), (STATUS, "9000")]);
    assert_eq!(policy(&mut card), 0x6010);
    set(&mut card, None);
    card.play(&[(STATUS, "6A88"), (RIGHT, "6A88")]);
    assert_eq!(policy(&mut card), 0x4000);
}

#[test]
fn either_pin_does_wherever_the_card_asks_for_the_pin() {
    let mut card = with_global_pin();
    let (authentication, signature) = (
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::DigitalSignature,
    );
    assert!(!signs(&mut card, authentication));
    card.play(&[(RIGHT, "9000"), (PIV_STATUS, "63C5")]);
    assert!(signs(&mut card, authentication));
    assert!(!signs(&mut card, signature), "not directly before");
    card.play(&[(RIGHT, "9000")]);
    assert!(signs(&mut card, signature));
    assert!(!signs(&mut card, signature), "a second time");
    assert!(card.client().get_data(ObjectId::PrintedInformation).is_ok());
    // Taking back one takes back that one alone.
    verified(&mut card);
    card.play(&[
        ("00 20 FF 00", "9000"),
        (STATUS, "63C5"),
        (PIV_STATUS, "9000"),
    ]);
    assert!(signs(&mut card, authentication));
    card.play(&[("00 20 FF 80", "9000")]);
    assert!(!signs(&mut card, authentication));
    card.play(&[(RIGHT, "9000")]);
    card.card.reset();
    card.client().select().unwrap();
    assert!(!signs(&mut card, authentication));
}

#[test]
fn each_pin_has_its_own_tries() {
    let mut card = with_global_pin();
    card.play(&[
        (WRONG, "63C4"),
        (WRONG, "63C3"),
        (PIV_STATUS, "63C5"),
        ("00 20 00 80 08 30 30 30 30 30 30 FF FF", "63C4"),
        (STATUS, "63C3"),
        (RIGHT, "9000"),
        ("00 20 FF 00", "9000"),
        (STATUS, "63C5"),
        (PIV_STATUS, "63C4"),
    ]);
    for left in ["63C4", "63C3", "63C2", "63C1", "63C0", "6983"] {
        card.play(&[(WRONG, left)]);
        card.restart();
    }
    card.play(&[(RIGHT, "6983"), (STATUS, "6983"), (PIV_STATUS, "63C4")]);
    assert_eq!(card.store().tries().unwrap().global_pin, Some(0));
    // The PUK is the PIV PIN's.
    card.play(&[(
        "00 2C 00 00 10 31 32 33 34 35 36 37 38 32 34 36 38 30 32 FF FF",
        "6A88",
    )]);
    // Its holder gives another at the phone, with all its tries.
    give(&mut card);
    card.play(&[(STATUS, "63C5"), (RIGHT, "9000")]);
}

#[test]
fn it_is_changed_by_itself() {
    let mut card = with_global_pin();
    card.play(&[
        (WRONG, "63C4"),
        (CHANGE, "9000"),
        (STATUS, "9000"),
        (CHANGE, "63C4"),
        (RIGHT, "63C3"),
        ("00 20 00 00 08 32 34 36 38 30 32 FF FF", "9000"),
        ("00 20 00 80 08 32 34 36 38 30 32 FF FF", "63C4"),
        ("00 20 00 00 08 32 34 36 38 30 FF FF FF", "6A80"),
    ]);
}

#[test]
fn over_the_air_its_last_try_cannot_be_used_up() {
    let mut card = with_global_pin();
    card.move_to(Interface::Contactless);
    for left in ["63C3", "63C2", "63C1", "63C0", "6983"] {
        card.play(&[(WRONG, left)]);
    }
    assert_eq!(card.store().tries().unwrap().global_pin, Some(1));
    card.move_to(Interface::Contact);
    card.play(&[(RIGHT, "9000")]);
}

#[test]
fn a_reset_of_the_application_keeps_it() {
    let mut card = with_global_pin();
    for _ in 0..5 {
        card.status("00 20 00 80 08 FF FF FF FF FF FF FF FF");
    }
    for _ in 0..3 {
        card.status("00 2C 00 80 10 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF");
    }
    assert_eq!(card.status("00 FB 00 00"), Status::Success);
    card.play(&[(RIGHT, "9000")]);
    assert_eq!(policy(&mut card), 0x6010);
    // It gives no right to new tries for the others, which are then the default ones.
    card.prove_management_key();
    assert_eq!(
        card.send(&hex("00 FA 07 04")).status,
        Status::SecurityStatusNotSatisfied
    );
}
