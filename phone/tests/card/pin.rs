//! PIN and PUK: verified, changed, counted, blocked and unblocked.

use crate::common::{TestCard, pin};
use card_edge::Status;
use card_edge::piv::client::{ClientError, PinStatus};
use card_edge::piv::{PinReference, Puk};
use tapcard_phone::interface::Interface;

const RIGHT: &str = "00 20 00 80 08 31 32 33 34 35 36 FF FF";
const WRONG: &str = "00 20 00 80 08 39 39 39 39 39 39 FF FF";
const STATUS: &str = "00 20 00 80";

fn puk(text: &str) -> Puk {
    Puk::new(text.as_bytes()).unwrap()
}

#[test]
fn a_wrong_pin_counts_down_and_a_right_one_up_again() {
    TestCard::new().play(&[
        (STATUS, "63C5"),
        (WRONG, "63C4"),
        (WRONG, "63C3"),
        (STATUS, "63C3"),
        (RIGHT, "9000"),
        (STATUS, "9000"),
        (WRONG, "63C4"),
        (STATUS, "63C4"),
    ]);
}

#[test]
fn asking_and_logging_out_cost_no_try() {
    TestCard::new().play(&[
        (STATUS, "63C5"),
        ("00 20 00 80 00", "63C5"),
        (RIGHT, "9000"),
        ("00 20 FF 80", "9000"),
        (STATUS, "63C5"),
        ("00 20 FF 80 08 31 32 33 34 35 36 FF FF", "6A80"),
    ]);
}

#[test]
fn what_is_no_pin_is_refused_and_costs_no_try() {
    let mut card = TestCard::new();
    card.play(&[
        (RIGHT, "9000"),
        ("00 20 00 80 06 31 32 33 34 35 36", "6A80"),
        ("00 20 00 80 08 31 32 33 34 35 FF FF FF", "6A80"),
        ("00 20 00 80 08 61 62 63 64 65 66 FF FF", "6A80"),
        ("00 20 00 80 08 31 32 33 FF 35 36 FF FF", "6A80"),
        (STATUS, "9000"),
        ("00 20 00 00 08 31 32 33 34 35 36 FF FF", "6A88"),
        ("00 20 00 81 08 31 32 33 34 35 36 37 38", "6A88"),
        // The fingers.
        ("00 20 00 96", "6A88"),
        ("00 20 00 97", "6A88"),
        ("00 20 00 98", "6A88"),
        ("00 20 01 80", "6A86"),
        ("00 20 FF 80", "9000"),
        (STATUS, "63C5"),
    ]);
}

#[test]
fn the_last_wrong_pin_blocks_and_the_puk_unblocks() {
    let mut card = TestCard::new();
    card.play(&[
        (WRONG, "63C4"),
        (WRONG, "63C3"),
        (WRONG, "63C2"),
        (WRONG, "63C1"),
        (WRONG, "63C0"),
        (WRONG, "6983"),
        (RIGHT, "6983"),
        (STATUS, "6983"),
    ]);
    let mut client = card.client();
    let error = client.reset_retry_counter(&puk("00000000"), &pin("222222"));
    assert!(matches!(error, Err(ClientError::Wrong(2))));
    client
        .reset_retry_counter(&puk("12345678"), &pin("222222"))
        .unwrap();
    // The PUK gives a new PIN; it does not verify it.
    assert_eq!(
        client.pin_status(PinReference::PivPin).unwrap(),
        PinStatus::TriesLeft(5)
    );
    assert!(matches!(
        client.verify(PinReference::PivPin, &pin("123456")),
        Err(ClientError::Wrong(4))
    ));
    client.verify(PinReference::PivPin, &pin("222222")).unwrap();
    assert_eq!(card.store().tries().unwrap().puk, 3);
}

#[test]
fn a_blocked_puk_stays_blocked() {
    let mut card = TestCard::new();
    let wrong = "00 2C 00 80 10 30 30 30 30 30 30 30 30 32 32 32 32 32 32 FF FF";
    let right = "00 2C 00 80 10 31 32 33 34 35 36 37 38 32 32 32 32 32 32 FF FF";
    card.play(&[
        (wrong, "63C2"),
        (wrong, "63C1"),
        (wrong, "63C0"),
        (right, "6983"),
        (RIGHT, "9000"),
    ]);
}

#[test]
fn pin_and_puk_are_changed_by_themselves() {
    let mut card = TestCard::new();
    let mut client = card.client();
    client.change_pin(&pin("123456"), &pin("87654321")).unwrap();
    assert_eq!(
        client.pin_status(PinReference::PivPin).unwrap(),
        PinStatus::Verified
    );
    assert!(matches!(
        client.change_pin(&pin("123456"), &pin("111111")),
        Err(ClientError::Wrong(4))
    ));
    assert_eq!(
        client.pin_status(PinReference::PivPin).unwrap(),
        PinStatus::TriesLeft(4)
    );
    client
        .verify(PinReference::PivPin, &pin("87654321"))
        .unwrap();
    client
        .change_puk(&puk("12345678"), &puk("letmein!"))
        .unwrap();
    assert!(matches!(
        client.change_puk(&puk("12345678"), &puk("00000000")),
        Err(ClientError::Wrong(2))
    ));
    client
        .reset_retry_counter(&puk("letmein!"), &pin("222222"))
        .unwrap();
    let state = card.store().state().clone();
    assert!(!state.pin.is_default && !state.puk.is_default);
}

#[test]
fn a_new_value_that_is_none_changes_nothing_and_costs_no_try() {
    TestCard::new().play(&[
        // Five digits; too short; another reference; P1.
        (
            "00 24 00 80 10 31 32 33 34 35 36 FF FF 31 31 31 31 31 FF FF FF",
            "6A80",
        ),
        ("00 24 00 80 08 31 32 33 34 35 36 FF FF", "6A80"),
        (
            "00 24 00 00 10 31 32 33 34 35 36 FF FF 31 31 31 31 31 31 FF FF",
            "6A88",
        ),
        (
            "00 24 01 80 10 31 32 33 34 35 36 FF FF 31 31 31 31 31 31 FF FF",
            "6A86",
        ),
        (
            "00 2C 00 80 10 31 32 33 34 35 36 37 38 31 31 31 FF FF FF FF FF",
            "6A80",
        ),
        (
            "00 2C 00 81 10 31 32 33 34 35 36 37 38 31 31 31 31 31 31 FF FF",
            "6A88",
        ),
        (
            "00 2C 01 80 10 31 32 33 34 35 36 37 38 31 31 31 31 31 31 FF FF",
            "6A86",
        ),
        (STATUS, "63C5"),
        (RIGHT, "9000"),
    ]);
}

#[test]
fn a_counter_is_on_disk_before_the_answer() {
    let mut card = TestCard::new();
    for left in (0..5).rev() {
        assert_eq!(card.status(WRONG), Status::TriesLeft(left));
        assert_eq!(card.store().tries().unwrap().pin, left);
        card.restart();
    }
    assert_eq!(card.status(RIGHT), Status::AuthenticationMethodBlocked);
}

#[test]
fn over_the_air_the_last_try_cannot_be_used_up() {
    let mut card = TestCard::over(Interface::Contactless);
    card.client().select().unwrap();
    card.play(&[
        (STATUS, "63C4"),
        (WRONG, "63C3"),
        (WRONG, "63C2"),
        (WRONG, "63C1"),
        (WRONG, "63C0"),
        (WRONG, "6983"),
        (RIGHT, "6983"),
        (STATUS, "6983"),
    ]);
    assert_eq!(card.store().tries().unwrap().pin, 1);
    let puk = "00 2C 00 80 10 30 30 30 30 30 30 30 30 32 32 32 32 32 32 FF FF";
    card.play(&[(puk, "63C1"), (puk, "63C0"), (puk, "6983")]);
    assert_eq!(card.store().tries().unwrap().puk, 1);
    // The holder, on the other interface, still can.
    card.move_to(Interface::Contact);
    card.play(&[(STATUS, "63C1"), (RIGHT, "9000")]);
    card.move_to(Interface::Contactless);
    card.play(&[(STATUS, "63C4"), (RIGHT, "9000")]);
}

#[test]
fn padding_alone_is_no_pin_and_costs_a_try() {
    // So tools block PIN and PUK before they reset a card.
    let none = "00 20 00 80 08 FF FF FF FF FF FF FF FF";
    let neither = "00 2C 00 80 10 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF";
    let by_the_puk = "00 2C 00 80 10 31 32 33 34 35 36 37 38 FF FF FF FF FF FF FF FF";
    let mut card = TestCard::new();
    card.play(&[
        (RIGHT, "9000"),
        (none, "63C4"),
        (STATUS, "63C4"),
        (neither, "63C2"),
        // With the right PUK it is not a PIN all the same, and the PUK has all its tries again.
        (by_the_puk, "6A80"),
        (RIGHT, "9000"),
    ]);
    assert_eq!(card.store().tries().unwrap().puk, 3);
    for left in ["63C4", "63C3", "63C2", "63C1", "63C0", "6983"] {
        card.play(&[(none, left)]);
    }
    for left in ["63C2", "63C1", "63C0", "6983"] {
        card.play(&[(neither, left)]);
    }
    card.play(&[("00 FB 00 00", "9000")]);
}

#[test]
fn padding_alone_is_no_puk() {
    let mut card = TestCard::new();
    let old = "31 32 33 34 35 36 37 38";
    let change = |new: &str| format!("00 24 00 81 10 {old} {new}");
    assert_eq!(
        card.status(&change("FF FF FF FF FF FF FF FF")),
        Status::IncorrectData
    );
    // It cost no try, and the PUK is the one of before.
    assert_eq!(card.store().tries().unwrap().puk, 3);
    assert_eq!(
        card.status(&change("FE FF FF FF FF FF FF FF")),
        Status::Success
    );
}

#[test]
fn a_wrong_puk_takes_the_verification_of_the_pin_back() {
    let mut card = TestCard::new();
    crate::common::verified(&mut card);
    let wrong = Puk::new(b"99999999").unwrap();
    assert!(
        card.client()
            .reset_retry_counter(&wrong, &pin("654321"))
            .is_err()
    );
    assert_eq!(
        card.client().pin_status(PinReference::PivPin).unwrap(),
        PinStatus::TriesLeft(5)
    );
}
