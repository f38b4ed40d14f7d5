//! Command and response APDUs survive the way over the wire, in all seven forms (ISO/IEC 7816-4, 5.1).

use card_edge::Status;
use card_edge::apdu::{Class, Command, Instruction, Response};
use proptest::prelude::*;
use zeroize::Zeroizing;

/// Any command that fits one short APDU: cases 1, 2S, 3S and 4S.
fn short() -> impl Strategy<Value = Command> {
    let data = prop::collection::vec(any::<u8>(), 0..=255);
    (header(), data, prop::option::of(1_u32..=256)).prop_map(|(header, data, expected)| Command {
        data: Zeroizing::new(data),
        expected,
        ..header
    })
}

/// Any command that fits one extended APDU and needs its form: cases 2E, 3E and 4E.
fn extended() -> impl Strategy<Value = Command> {
    let data = prop::collection::vec(any::<u8>(), 0..=3_000);
    (header(), data, prop::option::of(1_u32..=65_536))
        .prop_filter("case 1 has no extended form", |(_, data, expected)| {
            !data.is_empty() || expected.is_some()
        })
        .prop_map(|(header, data, expected)| Command {
            data: Zeroizing::new(data),
            expected,
            extended: true,
            ..header
        })
}

fn header() -> impl Strategy<Value = Command> {
    (any::<(bool, bool)>(), any::<(u8, u8, u8)>()).prop_map(|(class, (ins, p1, p2))| Command {
        class: Class {
            chained: class.0,
            secure_messaging: class.1,
        },
        ..Command::new(Instruction::from(ins), p1, p2)
    })
}

proptest! {
    #[test]
    fn commands_survive_encoding_and_parsing(command in prop_oneof![short(), extended()]) {
        let bytes = command.encode().unwrap();
        prop_assert!(Command::parse(&bytes).unwrap() == command);
    }

    #[test]
    fn whatever_parses_encodes_to_the_same_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(command) = Command::parse(&bytes) {
            prop_assert_eq!(&command.encode().unwrap()[..], &bytes[..]);
        }
    }

    #[test]
    fn responses_survive(data in prop::collection::vec(any::<u8>(), 0..2_000), status: u16) {
        let response = Response { data: Zeroizing::new(data), status: Status::from(status) };
        let bytes = response.encode();
        prop_assert!(Response::parse(&bytes).unwrap() == response);
    }

    #[test]
    fn a_form_that_is_too_small_is_an_error_and_no_shorter_command(length in 256_usize..2_000) {
        let command = Command::new(Instruction::PutData, 0x3F, 0xFF).with_data(vec![0; length]);
        prop_assert!(command.encode().is_err());
    }
}

#[test]
fn the_seven_forms() {
    for (bytes, data, expected, extended) in [
        (&b"\x00\xFD\x00\x00"[..], 0, None, false),
        (b"\x00\xFD\x00\x00\x00", 0, Some(256), false),
        (b"\x00\x20\x00\x80\x02\x31\x32", 2, None, false),
        (b"\x00\xCB\x3F\xFF\x03\x5C\x01\x7E\x0C", 3, Some(12), false),
        (b"\x00\xFD\x00\x00\x00\x00\x00", 0, Some(65_536), true),
        (b"\x00\x20\x00\x80\x00\x00\x02\x31\x32", 2, None, true),
        (
            b"\x00\xCB\x3F\xFF\x00\x00\x03\x5C\x01\x7E\x01\x00",
            3,
            Some(256),
            true,
        ),
    ] {
        let command = Command::parse(bytes).unwrap();
        assert_eq!(
            (command.data.len(), command.expected, command.extended),
            (data, expected, extended)
        );
        assert_eq!(&command.encode().unwrap()[..], bytes);
    }
}

#[test]
fn torn_and_overlong_commands_are_errors() {
    for bytes in [
        &b""[..],
        b"\x00\xA4\x04",
        b"\x00\xA4\x04\x00\x05\xA0\x00\x00",
        b"\x00\xA4\x04\x00\x02\xA0\x00\x00\x00",
        b"\x00\xA4\x04\x00\x00\x00\x05\xA0",
        b"\x00\xA4\x04\x00\x00\x00\x00\x00",
        b"\x80\xA4\x04\x00",
    ] {
        assert!(Command::parse(bytes).is_err(), "{bytes:02X?}");
    }
}
