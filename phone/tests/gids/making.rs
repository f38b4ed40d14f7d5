//! A blank card: who makes it proves nothing, and from its activation on everybody must.

use card_edge::Status;

use crate::common::{CREATE_KEY, GENERATE, GidsCard, VERIFY, hex};
use crate::replays::MAKING;

#[test]
fn a_blank_card_has_nothing_and_asks_for_nothing() {
    let mut card = GidsCard::blank();
    card.play(&[
        ("00 CB A0 00 04 5C 02 DF 1F 00", "6A82"),
        ("00 20 00 80", "9000"),
        ("00 22 81 A4 03 83 01 80", "6A88"),
        ("00 87 00 00 04 7C 02 81 00 00", "6985"),
        ("00 2C 02 80 04 31 32 33 34", "6985"),
        ("00 24 00 80 0C 31 32 33 34 35 36 31 32 33 34 35 36", "6985"),
    ]);
    // A key that is made meanwhile is not used without the PIN.
    card.expect(CREATE_KEY, "9000");
    assert!(card.send(&hex(GENERATE)).status.is_success());
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6982");
    card.expect(VERIFY, "9000");
    assert!(card.status("00 2A 9E 9A 04 01 02 03 04 00").is_success());
}

#[test]
fn rules_hold_from_the_activation_on() {
    let mut card = GidsCard::blank();
    for command in MAKING {
        card.expect(command, "9000");
    }
    card.play(&[
        ("00 DB A0 10 03 DF 30 00", "6982"),
        ("00 DB A0 12 03 DF 30 00", "6982"),
        ("00 CB A0 14 02 5C 00 00", "6982"),
        (
            "00 E0 00 00 0E 62 0C 82 01 39 83 02 A1 00 8C 03 03 30 00",
            "6982",
        ),
        ("00 24 01 80 04 31 32 33 34", "6985"),
        ("00 20 00 80", "63C5"),
        ("00 A4 00 0C 02 3F FF", "9000"),
        ("00 44 00 00", "9000"),
        ("00 20 00 80 08 31 32 33 34 35 36 37 38", "9000"),
    ]);
    card.prove_administrator();
    card.expect("00 DB A0 12 03 DF 30 00", "9000");
}

#[test]
fn what_was_proved_while_it_was_made_does_not_count_afterwards() {
    let mut card = GidsCard::blank();
    for command in MAKING.iter().take(MAKING.len() - 2) {
        card.expect(command, "9000");
    }
    card.expect("00 20 00 80 08 31 32 33 34 35 36 37 38", "9000");
    card.expect("00 A4 00 0C 02 3F FF", "9000");
    card.expect("00 44 00 00", "9000");
    card.expect("00 20 00 80", "63C5");
    card.expect("00 DB A0 10 03 DF 30 00", "6982");
}

#[test]
fn a_making_that_the_power_ends_goes_on() {
    let mut card = GidsCard::blank();
    let (activation, commands) = MAKING.split_last().unwrap();
    // Files are active from their creation; which one is selected the power forgets, and the application is.
    let commands = commands
        .iter()
        .filter(|command| !command.starts_with("00 44"));
    for command in commands {
        card.expect(command, "9000");
        card.restart();
    }
    card.expect(activation, "9000");
    assert_eq!(
        card.status("00 DB A0 10 03 DF 30 00"),
        Status::SecurityStatusNotSatisfied
    );
}
