//! SELECT in every form that hosts send, and what it does to the security status.

use crate::common::{TestCard, hex, pin};
use card_edge::Status;
use card_edge::piv::client::PinStatus;
use card_edge::piv::extensions::Announcement;
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{KeyAlgorithm, PinReference};

/// The template up to the URL, whose 83 bytes are the announcement of docs/card-extensions.md, and after it.
const BEFORE_THE_URL: &str = "61 81 8D 4F 06 00 00 10 00 01 00 79 07 4F 05 A0 00 00 03 08 50 07 54 61 70 63 61 72 64 \
     5F 50 53";
const AFTER_THE_URL: &str =
    "AC 1B 80 01 27 80 01 05 80 01 07 80 01 11 80 01 14 80 01 16 80 01 E0 80 01 E1 06 01 00";

#[test]
fn the_application_is_selected_by_each_form_of_its_identifier() {
    let forms = [
        "00 A4 04 00 05 A0 00 00 03 08",
        "00 A4 04 00 05 A0 00 00 03 08 00",
        "00 A4 04 00 09 A0 00 00 03 08 00 00 10 00",
        "00 A4 04 00 09 A0 00 00 03 08 00 00 10 00 00",
        "00 A4 04 00 0B A0 00 00 03 08 00 00 10 00 01 00",
        "00 A4 04 00 0B A0 00 00 03 08 00 00 10 00 01 00 00",
        // Extended length, as a host on T=1 may try first.
        "00 A4 04 00 00 00 0B A0 00 00 03 08 00 00 10 00 01 00 00 00",
    ];
    for form in forms {
        let mut card = TestCard::unselected();
        let answer = card.send(&hex(form));
        assert_eq!(answer.status, Status::Success, "{form}");
        let rest = answer.data.strip_prefix(hex(BEFORE_THE_URL).as_slice());
        let (url, rest) = rest.unwrap().split_at(83);
        let announcement = Announcement::decode(url).unwrap();
        assert_eq!(announcement.pin_tries, Some(5));
        assert!(announcement.name.is_some());
        assert_eq!(rest, hex(AFTER_THE_URL), "{form}");
        assert_eq!(
            card.status("00 CB 3F FF 05 5C 03 5F C1 02 00"),
            Status::Success
        );
    }
}

#[test]
fn the_template_has_only_what_strict_hosts_take() {
    let mut card = TestCard::unselected();
    let answer = card.send(&hex("00 A4 04 00 05 A0 00 00 03 08 00"));
    let template = PropertyTemplate::decode(&answer.data).unwrap();
    assert_eq!(template.label.as_deref(), Some(b"Tapcard".as_slice()));
    for algorithm in [
        KeyAlgorithm::Rsa2048,
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
        KeyAlgorithm::Rsa4096,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::X25519,
    ] {
        assert_eq!(template.supports(algorithm), Some(true));
    }
}

#[test]
fn nothing_answers_before_the_application_is_selected() {
    let mut card = TestCard::unselected();
    for command in [
        "00 CB 3F FF 05 5C 03 5F C1 02 00",
        "00 20 00 80",
        "00 CA 7F 68 00",
        "00 FD 00 00 00",
        "00 87 03 9B 04 7C 02 81 00 00",
    ] {
        assert_eq!(
            card.status(command),
            Status::InstructionNotSupported,
            "{command}"
        );
    }
    assert_eq!(card.status("00 A4 04 00 00"), Status::NotFound);
    assert_eq!(
        card.status("00 CB 3F FF 05 5C 03 5F C1 02 00"),
        Status::InstructionNotSupported
    );
}

#[test]
fn an_unknown_application_leaves_piv_selected_and_the_pin_verified() {
    let mut card = TestCard::new();
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
    for select in [
        "00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00",
        "00 A4 04 04 09 A0 00 00 03 97 42 54 46 59",
        "00 A4 00 0C 02 3F FF",
        "00 A4 04 00 0B A0 00 00 03 08 00 00 10 00 02 00",
        "00 A4 04 00 04 A0 00 00 03",
    ] {
        assert_eq!(card.status(select), Status::NotFound, "{select}");
        assert_eq!(card.status("00 20 00 80"), Status::Success, "{select}");
    }
}

#[test]
fn selecting_again_keeps_the_status_and_a_reset_ends_it() {
    let mut card = TestCard::administered();
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
    card.client().select().unwrap();
    assert_eq!(
        card.client().pin_status(PinReference::PivPin).unwrap(),
        PinStatus::Verified
    );
    assert_eq!(
        card.status("00 47 00 9E 05 AC 03 80 01 11 00"),
        Status::Success
    );

    card.card.reset();
    assert_eq!(card.status("00 20 00 80"), Status::InstructionNotSupported);
    card.client().select().unwrap();
    assert_eq!(
        card.client().pin_status(PinReference::PivPin).unwrap(),
        PinStatus::TriesLeft(5)
    );
    assert_eq!(
        card.status("00 47 00 9E 05 AC 03 80 01 11 00"),
        Status::SecurityStatusNotSatisfied
    );
}

#[test]
fn wrong_parameters_are_named() {
    let mut card = TestCard::unselected();
    card.play(&[
        ("00 A4 04 0C 05 A0 00 00 03 08", "6A86"),
        ("10 A4 04 00 05 A0 00 00 03 08", "6884"),
        ("0C A4 04 00 05 A0 00 00 03 08", "6882"),
        ("80 A4 04 00 05 A0 00 00 03 08", "6E00"),
        ("00 A4 04 00 06 A0 00 00 03 08", "6700"),
        ("00 A4 04", "6700"),
        ("", "6700"),
    ]);
}
