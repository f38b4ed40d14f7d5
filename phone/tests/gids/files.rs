//! Files and their objects: making, selecting, writing, reading and deleting, and their limits.

use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::tlv::{self, Tag};

use crate::common::{CREATE_KEY, GidsCard, VERIFY, hex};

fn create(id: &str) -> String {
    format!("00 E0 00 00 0E 62 0C 82 01 39 83 02 {id} 8C 03 03 30 00")
}

#[test]
fn objects_are_written_as_a_whole_and_empty_ones_stay() {
    let mut card = GidsCard::new();
    card.play(&[
        (VERIFY, "9000"),
        ("00 DB A0 10 09 DF 22 06 00 00 01 00 01 00", "9000"),
        ("00 CB A0 10 04 5C 02 DF 30 00", "6A88"),
        ("00 DB A0 10 05 DF 30 02 01 02", "9000"),
        ("00 CB A0 10 04 5C 02 DF 30 00", "DF 30 02 01 02 9000"),
        ("00 DB A0 10 04 DF 30 01 03", "9000"),
        ("00 CB A0 10 04 5C 02 DF 30 00", "DF 30 01 03 9000"),
        ("00 DB A0 10 03 DF 30 00", "9000"),
        ("00 CB A0 10 04 5C 02 DF 30 00", "DF 30 00 9000"),
        // The file is the selected one now.
        ("00 CB 00 00 04 5C 02 DF 21 00", "DF 21 08 6D 73 63 70 00 00 00 00 9000"),
        ("00 DB 00 00 04 DF 31 01 07", "9000"),
        (
            "00 CB A0 10 02 5C 00 00",
            "DF 21 08 6D 73 63 70 00 00 00 00 DF 22 06 00 00 01 00 01 00 DF 23 00 DF 30 00 DF 31 01 07 9000",
        ),
        // What is not one object, and files that are not there or hold no objects.
        ("00 DB A0 10 06 DF 30 00 DF 31 00", "6A80"),
        ("00 DB A0 10 02 DF 30", "6A80"),
        ("00 DB A0 10", "6A80"),
        ("00 CB A0 10", "6A80"),
        ("00 CB A0 10 05 5C 03 DF 30 00 00", "6A80"),
        ("00 DB A0 15 03 DF 30 00", "6A82"),
        ("00 CB A0 15 04 5C 02 DF 30 00", "6A82"),
        ("00 DB B0 80 03 DF 30 00", "6A82"),
        ("00 CB B0 80 04 5C 02 DF 30 00", "6A82"),
        ("00 CB FF FF 04 5C 02 DF 30 00", "6A82"),
        ("00 CB A0 10 0A 70 08 84 01 81 A5 03 7F 49 80 00", "6A80"),
    ]);
    card.restart();
    card.expect("00 CB A0 10 04 5C 02 DF 31 00", "DF 31 01 07 9000");
}

#[test]
fn a_chain_is_one_write_or_none() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    let content = vec![0x5A; 1000];
    let data = tlv::encode(Tag::new(0xDF40), &content).unwrap();
    let command = Command::new(Instruction::PutData, 0xA0, 0x10).with_data(data.clone());
    // Torn after the first part, by another command and by the power.
    let mut first = hex("10 DB A0 10 F0");
    first.extend_from_slice(&data[..240]);
    for torn in [false, true] {
        assert_eq!(card.send(&first).status, Status::Success);
        if torn {
            card.restart();
        }
        card.expect("00 CB A0 10 04 5C 02 DF 40 00", "6A88");
    }
    card.expect(VERIFY, "9000");
    assert_eq!(card.chain(&command).status, Status::Success);
    let read = card
        .chain(&Command::new(Instruction::GetData, 0xA0, 0x10).with_data([0x5C, 0x02, 0xDF, 0x40]));
    assert_eq!(tlv::only(&read.data, Tag::new(0xDF40)).unwrap(), content);
}

#[test]
fn a_file_is_made_in_a_chain_as_in_one_command() {
    let mut card = GidsCard::new();
    let whole = create("A1 00");
    let apdu = hex(&whole);
    let (first, last) = apdu[5..].split_at(6);
    let part = |class: u8, data: &[u8]| {
        let length = u8::try_from(data.len()).unwrap();
        [&[class, 0xE0, 0x00, 0x00, length], data].concat()
    };
    card.expect(VERIFY, "9000");
    // A chain that does not come to its end makes nothing.
    assert_eq!(card.send(&part(0x10, first)).status, Status::Success);
    card.expect("00 A4 00 0C 02 A1 00", "6A82");
    assert_eq!(card.send(&part(0x10, first)).status, Status::Success);
    assert_eq!(card.send(&part(0x00, last)).status, Status::Success);
    card.expect(&whole, "6A89");
    card.expect("00 DB A1 00 04 DF 30 01 07", "9000");
}

#[test]
fn files_are_made_where_they_belong_and_once() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    card.expect(&create("A1 00"), "9000");
    card.expect(&create("A1 00"), "6A89");
    card.expect("00 44 00 00", "9000");
    for (command, answer) in [
        // Not of data.
        (create("B0 90"), "6A80"),
        (create("3F FF"), "6A80"),
        (create("00 00"), "6A80"),
        (create("2F 01"), "6A80"),
        // Another kind of file, no rules, and rules of a number that does not fit.
        (create("A1 01").replace("82 01 39", "82 01 01"), "6A80"),
        (create("A1 01").replace("8C 03 03", "8D 03 03"), "6A80"),
        (create("A1 01").replace("8C 03 03", "8C 03 07"), "6A80"),
        ("00 E0 00 01 02 62 00".to_owned(), "6A86"),
        ("00 E0 00 00".to_owned(), "6A80"),
        // A key of a kind that the card does not have, of two kinds, and without a use.
        (
            CREATE_KEY
                .replace("07 83", "06 83")
                .replace("87 83", "86 83")
                .replace("47 83", "46 83")
                .replace("17 83", "16 83")
                .replace("57 83", "56 83"),
            "6A81",
        ),
        (CREATE_KEY.replace("57 83", "58 83"), "6A80"),
        (CREATE_KEY.replace("57 83", "5C 83"), "6A80"),
        (
            "00 E0 00 00 10 62 0E 82 01 18 83 02 B0 81 8C 03 03 30 00 A5 00".to_owned(),
            "6A80",
        ),
    ] {
        card.expect(&command, answer);
    }
    card.expect(CREATE_KEY, "9000");
    card.expect(CREATE_KEY, "6A89");
    // A file that was just made is selected.
    card.expect("00 E4 00 00", "9000");
    card.expect("00 A4 00 0C 02 B0 81", "6A82");
    // The application is selected then, and stays.
    card.expect("00 E4 00 00", "6985");
    card.expect("00 E4 00 00 02 3F FF", "6985");
    card.expect("00 E4 00 00 02 A9 99", "6A82");
    card.expect("00 E4 00 00 01 A0", "6700");
    card.expect("00 E4 01 00", "6A86");
    card.expect("00 44 00 01", "6A86");
    card.expect("00 44 00 00 01 00", "6700");
}

#[test]
fn what_a_host_writes_is_bounded() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    // Files.
    for number in 6..32 {
        card.expect(&create(&format!("A1 {number:02X}")), "9000");
    }
    card.expect(&create("A2 00"), "6A84");
    // Bytes: four objects of 60,000 fit, a fifth does not, and is not there then.
    let object = |tag: u32| {
        let data = tlv::encode(Tag::new(tag), &vec![1; 60_000]).unwrap();
        Command::new(Instruction::PutData, 0xA0, 0x10).with_data(data)
    };
    for tag in 0xDF41..0xDF45 {
        let mut command = object(tag);
        command.extended = true;
        assert_eq!(
            card.send(&command.encode().unwrap()).status,
            Status::Success
        );
    }
    assert_eq!(card.chain(&object(0xDF45)).status, Status::NotEnoughMemory);
    card.expect("00 CB A0 10 04 5C 02 DF 45 00", "6A88");
    // All of them together do not fit an answer.
    card.expect("00 CB A0 10 02 5C 00 00", "6A84");
    card.restart();
    card.expect("00 CB A0 10 04 5C 02 DF 45 00", "6A88");
}

#[test]
fn objects_of_one_file_are_bounded() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    let mut written = 0;
    let full = (0x1F..=0x7F).chain(0x100..0x200).find(|number| {
        // DF1F to DF7F, then DF8100 on.
        let tag = match number {
            0x1F..=0x7F => format!("DF {number:02X}"),
            number => format!("DF {:02X} {:02X}", 0x81 + (number >> 7 & 1), number & 0x7F),
        };
        let length = tag.split(' ').count() + 1;
        let status = card.status(&format!("00 DB A0 13 {length:02X} {tag} 00"));
        written += 1;
        status == Status::NotEnoughMemory
    });
    assert!(full.is_some(), "{written}");
}
