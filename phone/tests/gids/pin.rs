//! The PIN: its forms, the tries that it shares with PIV, its change, and its unblocking.

use std::fs;

use card_edge::Status;
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;

use tapcard_phone::state::{PinEntry, StateError};

use crate::common::{FORGET, GidsCard, VERIFY};

fn verify(pin: &str) -> Vec<u8> {
    [&[0x00, 0x20, 0x00, 0x80, pin.len() as u8], pin.as_bytes()].concat()
}

fn change(old: &str, new: &str) -> Vec<u8> {
    let length = (old.len() + new.len()) as u8;
    [
        &[0x00, 0x24, 0x00, 0x80, length],
        old.as_bytes(),
        new.as_bytes(),
    ]
    .concat()
}

#[test]
fn the_pin_is_verified_and_its_tries_are_told() {
    let mut card = GidsCard::new();
    card.play(&[
        ("00 20 00 80", "63C5"),
        (
            "00 CB 3F FF 04 5C 02 7F 71 00",
            "7F 71 06 97 01 05 93 01 05 9000",
        ),
        (VERIFY, "9000"),
        ("00 20 00 80", "9000"),
        ("00 20 00 80 04 30 30 30 30", "63C4"),
        ("00 20 00 80", "63C4"),
        (
            "00 CB 3F FF 04 5C 02 7F 71 00",
            "7F 71 06 97 01 04 93 01 05 9000",
        ),
        (
            "00 CB 3F FF 04 5C 02 7F 72 00",
            "7F 72 06 97 01 04 93 01 05 9000",
        ),
        ("00 CB 3F FF 04 5C 02 7F 73 00", "6A88"),
        (VERIFY, "9000"),
        (
            "00 CB 3F FF 04 5C 02 7F 71 00",
            "7F 71 06 97 01 05 93 01 05 9000",
        ),
        (FORGET, "9000"),
        ("00 20 00 80", "63C5"),
    ]);
}

#[test]
fn the_pin_is_not_typed_at_the_phone() {
    let mut card = GidsCard::new();
    card.store()
        .update(|state| {
            state.pin_entry = PinEntry::Phone;
            Ok::<_, StateError>(())
        })
        .unwrap();
    card.play(&[("00 20 01 80", "6A86"), ("00 20 00 80", "63C5")]);
}

#[test]
fn what_cannot_be_a_pin_costs_nothing() {
    let mut card = GidsCard::new();
    for (command, answer) in [
        ("00 20 00 80 03 31 32 33", "6A80"),
        (
            "00 20 00 80 11 30 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36",
            "6A80",
        ),
        ("00 20 00 80 08 31 32 33 34 35 36 FF FF", "6A80"),
        ("00 20 00 81 08 31 32 33 34 35 36 37 38", "6A88"),
        ("00 20 00 00 06 31 32 33 34 35 36", "6A88"),
        ("00 20 01 80 06 31 32 33 34 35 36", "6A86"),
        ("00 20 FF 80", "6A86"),
        ("00 24 00 80 07 31 32 33 34 35 36 37", "6A80"),
        ("00 24 02 80 08 31 32 33 34 35 36 37 38", "6A86"),
        ("00 24 00 81 08 31 32 33 34 35 36 37 38", "6A88"),
        // The first PIN was set long ago.
        ("00 24 01 80 06 31 32 33 34 35 36", "6985"),
        ("00 2C 00 80 06 31 32 33 34 35 36", "6A86"),
        ("00 2C 02 81 06 31 32 33 34 35 36", "6A88"),
        ("00 2C 02 80 03 31 32 33", "6A80"),
    ] {
        card.expect(command, answer);
        assert_eq!(card.tries(), 5, "{command}");
    }
}

#[test]
fn a_pin_of_any_length_is_changed_to_one_of_any_length() {
    let mut card = GidsCard::new();
    let pins = [
        "123456",
        "1234",
        "correct horse ba",
        "Schlüssel",
        "12345678",
        "1234567890",
    ];
    for pair in pins.windows(2) {
        let [old, new] = [pair[0], pair[1]];
        assert_eq!(
            card.send(&change(old, new)).status,
            Status::Success,
            "{new}"
        );
        card.expect("00 20 00 80", "9000");
        card.restart();
        assert_eq!(
            card.send(&verify(old)).status,
            Status::TriesLeft(4),
            "{old}"
        );
        assert_eq!(card.send(&verify(new)).status, Status::Success, "{new}");
        card.restart();
    }
    // A PIN is not its own beginning, nor it with more behind it.
    assert_eq!(card.send(&verify("12345678")).status, Status::TriesLeft(4));
    assert_eq!(
        card.send(&verify("12345678901")).status,
        Status::TriesLeft(3)
    );
}

#[test]
fn a_change_by_a_wrong_pin_costs_one_try_however_it_is_cut() {
    let mut card = GidsCard::new();
    for left in [4, 3, 2, 1, 0] {
        let status = card.send(&change("654321000000", "000000000000")).status;
        assert_eq!(status, Status::TriesLeft(left));
        assert_eq!(card.tries(), left);
    }
    let status = card.send(&change("123456", "000000")).status;
    assert_eq!(status, Status::AuthenticationMethodBlocked);
    card.expect(VERIFY, "6983");
    card.expect("00 20 00 80", "6983");
    card.expect(
        "00 CB 3F FF 04 5C 02 7F 71 00",
        "7F 71 06 97 01 00 93 01 05 9000",
    );
}

#[test]
fn a_stranger_with_a_reader_cannot_block_the_pin() {
    let mut card = GidsCard::over_nfc();
    card.expect(
        "00 CB 3F FF 04 5C 02 7F 71 00",
        "7F 71 06 97 01 04 93 01 04 9000",
    );
    for left in ["63C3", "63C2", "63C1", "63C0"] {
        card.expect("00 20 00 80 04 30 30 30 30", left);
    }
    card.expect("00 20 00 80 04 30 30 30 30", "6983");
    card.expect(VERIFY, "6983");
    assert_eq!(card.tries(), 1);
    card.interface = tapcard_phone::interface::Interface::Contact;
    card.restart();
    card.expect(VERIFY, "9000");
    assert_eq!(card.tries(), 5);
}

#[test]
fn a_try_is_on_disk_before_a_pin_is_compared() {
    let mut card = GidsCard::new();
    let counters = card.folder.path().join("counters");
    fs::remove_file(&counters).unwrap();
    fs::create_dir(&counters).unwrap();
    // Without a counter nothing is compared.
    card.expect(VERIFY, "6581");
    card.expect("00 DB A0 10 03 DF 30 00", "6982");
}

#[test]
fn the_administrator_unblocks_the_pin_and_is_forgotten() {
    let mut card = GidsCard::new();
    for _ in 0..5 {
        card.status("00 20 00 80 04 30 30 30 30");
    }
    card.expect(VERIFY, "6983");
    card.expect("00 2C 02 80 04 39 38 37 36", "6982");
    card.prove_administrator();
    card.expect("00 2C 02 80 04 39 38 37 36", "9000");
    // Nothing is proved by that.
    card.expect("00 20 00 80", "63C5");
    card.expect("00 2C 02 80 04 39 38 37 36", "6982");
    card.expect("00 DB A0 12 03 DF 30 00", "6982");
    card.expect("00 20 00 80 04 39 38 37 36", "9000");
    card.restart();
    card.expect("00 20 00 80 04 39 38 37 36", "9000");
    let wrong = card.authenticate(&[9; 24]);
    assert_eq!(wrong, Status::SecurityStatusNotSatisfied);
    card.expect("00 2C 02 80 04 31 32 33 34", "6982");
    assert_eq!(
        card.authenticate(&DEFAULT_CARD_MANAGEMENT_KEY),
        Status::Success
    );
}
