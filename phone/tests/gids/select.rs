//! SELECT of the application and of its files, and what the card says of itself.

use card_edge::Status;

use crate::common::{CREATE_KEY, GidsCard, SELECT, VERIFY};

#[test]
fn the_application_is_selected_in_every_form_that_hosts_send() {
    let information = "61 12 4F 0B A0 00 00 03 97 42 54 46 59 02 01 73 03 40 01 C0 90 00";
    let mut card = GidsCard::new();
    card.play(&[
        (SELECT, information),
        ("00 A4 04 00 09 A0 00 00 03 97 42 54 46 59", information),
        (
            "00 A4 04 00 0A A0 00 00 03 97 42 54 46 59 01 00",
            information,
        ),
        (
            "00 A4 04 00 0B A0 00 00 03 97 42 54 46 59 02 01 00",
            information,
        ),
        (
            "00 A4 04 04 09 A0 00 00 03 97 42 54 46 59 00",
            "62 08 82 01 38 8C 03 03 30 30 9000",
        ),
        (
            "00 A4 04 08 09 A0 00 00 03 97 42 54 46 59 00",
            "64 04 5F 2F 01 60 9000",
        ),
        ("00 A4 04 0C 09 A0 00 00 03 97 42 54 46 59", "9000"),
        ("00 A4 04 01 09 A0 00 00 03 97 42 54 46 59", "6A86"),
    ]);
}

#[test]
fn piv_is_not_on_a_gids_card() {
    let mut card = GidsCard::new();
    for aid in [
        "00 A4 04 00 05 A0 00 00 03 08",
        "00 A4 04 00 09 A0 00 00 03 08 00 00 10 00 00",
        "00 A4 04 00 0B A0 00 00 03 08 00 00 10 00 01 00",
    ] {
        card.expect(aid, "6A82");
    }
    // What was selected stays, and so does what was proved.
    card.expect(VERIFY, "9000");
    card.expect("00 A4 04 00 05 A0 00 00 03 08", "6A82");
    card.expect("00 20 00 80", "9000");
    card.expect(
        SELECT,
        "61 12 4F 0B A0 00 00 03 97 42 54 46 59 02 01 73 03 40 01 C0 90 00",
    );
    card.expect("00 20 00 80", "9000");
    card.card.reset();
    assert_eq!(card.status("00 20 00 80"), Status::InstructionNotSupported);
    assert_eq!(card.status("00 A4 00 0C 02 3F FF"), Status::NotFound);
}

#[test]
fn files_are_selected_by_their_identifiers() {
    let mut card = GidsCard::new();
    card.play(&[
        ("00 A4 00 0C 02 3F FF", "9000"),
        ("00 A4 00 0C", "9000"),
        (
            "00 A4 00 04 02 A0 12 00",
            "62 0C 82 01 39 83 02 A0 12 8C 03 03 20 00 9000",
        ),
        (
            "00 A4 00 04 02 B0 80 00",
            "62 1A 82 01 18 83 02 B0 80 8C 04 87 00 20 FF A5 0B A4 09 80 01 02 83 01 80 95 01 C0 9000",
        ),
        ("00 A4 00 00 02 A0 12 00", "6A86"),
        ("00 A4 00 08 02 A0 12 00", "6A86"),
        ("00 A4 00 0C 02 A0 15", "6A82"),
        ("00 A4 00 0C 02 B0 81", "6A82"),
        ("00 A4 00 0C 02 3F 00", "6A82"),
        ("00 A4 00 0C 03 3F FF 00", "6A80"),
        ("00 A4 08 0C 02 A0 12", "6A86"),
    ]);
    card.expect(VERIFY, "9000");
    card.expect(CREATE_KEY, "9000");
    card.expect("00 A4 00 0C 02 B0 81", "9000");
}

#[test]
fn the_card_says_what_it_can() {
    let mut card = GidsCard::new();
    card.expect("00 CB 2F 01 02 5C 00 00", "43 01 D5 47 03 D0 A1 C0 9000");
}

#[test]
fn instructions_that_are_not_here_are_said_not_to_be() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    for command in [
        "00 E6 00 00",
        "00 DF 00 00",
        "00 84 00 00 08",
        "00 B0 00 00 00",
        "00 D6 00 00 01 00",
    ] {
        card.expect(command, "6D00");
    }
}
