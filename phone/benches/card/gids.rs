//! A GIDS card: its commands, and its uses of a key beside the library's.

use std::hint::black_box;

use card_edge::apdu::{Command, Instruction};
use card_edge::gids::instruction::PERFORM_SECURITY_OPERATION;
use card_edge::tlv::{self, Tag};
use data_encoding::HEXUPPER;
use tapcard_phone::gids::provision;

use crate::card::{CERTIFICATE_LENGTH, Wire};
use crate::keys::rsa_operation;
use crate::table::Table;

const SELECT: &str = "00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00";
const VERIFY: &str = "00 20 00 80 06 31 32 33 34 35 36";
/// CREATE FILE of the first key pair: RSA-2048 that signs and decrypts.
const CREATE_KEY: &str = "00 E0 00 00 49 62 47 82 01 18 83 02 B0 81 8C 05 8F 10 10 10 00 A5 37 B8 09 80 01 07 83 01 81 95 01 40 B8 09 80 01 87 83 01 81 95 01 40 B8 09 80 01 47 83 01 81 95 01 40 B6 09 80 01 17 83 01 81 95 01 40 B6 09 80 01 57 83 01 81 95 01 40";
const GENERATE: &str = "00 47 00 00 08 AC 06 80 01 07 83 01 81 00";
const PIN_STATUS: &str = "00 CB 3F FF 04 5C 02 7F 71 00";
const TABLE_OF_FILES: &str = "00 CB A0 00 04 5C 02 DF 1F 00";
const CONTAINERS: &str = "00 CB A0 10 04 5C 02 DF 23 00";
const FILE_THAT_IS_NOT_THERE: &str = "00 CB A0 15 04 5C 02 DF 30 00";
/// MANAGE SECURITY ENVIRONMENT: PKCS #1 v1.5 by the first key.
const CHOOSE_KEY: &str = "00 22 41 B6 06 80 01 57 84 01 81";

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    HEXUPPER.decode(digits.as_bytes()).unwrap()
}

fn extended(mut command: Command) -> Vec<u8> {
    command.extended = true;
    command.expected = command.expected.map(|_| 65_536);
    command.encode().unwrap().to_vec()
}

fn certificate(byte: u8) -> Vec<u8> {
    let content = tlv::encode(Tag::new(0xDF24), &[byte; CERTIFICATE_LENGTH]).unwrap();
    extended(
        Command::new(Instruction::PutData, 0xA0, 0x10)
            .with_data(content)
            .expecting_nothing(),
    )
}

/// A card with a key and a certificate, the PIN verified.
fn card() -> Wire {
    let mut wire = Wire::made(|state| provision::provision(state).unwrap());
    for command in [SELECT, VERIFY, CREATE_KEY, GENERATE] {
        wire.card.process(&hex(command));
    }
    wire.succeed(&certificate(0));
    wire
}

/// The rows of a GIDS card.
pub fn rows(table: &Table) {
    let mut wire = card();
    for (name, command) in [
        ("GIDS: SELECT", SELECT),
        ("GIDS: GET DATA, table of files", TABLE_OF_FILES),
        ("GIDS: GET DATA, containers", CONTAINERS),
        ("GIDS: GET DATA, the PIN's tries", PIN_STATUS),
        ("GIDS: MANAGE SECURITY ENVIRONMENT", CHOOSE_KEY),
    ] {
        let apdu = hex(command);
        table.beside_limit(name, &mut || wire.succeed(&apdu));
    }
    let read = Command::new(Instruction::GetData, 0xA0, 0x10).with_data([0x5C, 2, 0xDF, 0x24]);
    let read = extended(read);
    table.beside_limit("GIDS: GET DATA, certificate of 1,500 bytes", &mut || {
        wire.succeed(&read);
    });
    let refused = hex(FILE_THAT_IS_NOT_THERE);
    table.beside_limit("GIDS: a command that is refused", &mut || {
        let answer = wire.card.process(&refused);
        assert!(black_box(answer).ends_with(&[0x6A, 0x82]));
    });
    let mut number: u8 = 0;
    table.beside_limit(
        "GIDS: PUT DATA, certificate, and a state to sync",
        &mut || {
            number = number.wrapping_add(1);
            wire.succeed(&certificate(number));
        },
    );
    let name = "GIDS: RSA-2048, PKCS#1 v1.5";
    if table.wants(name) {
        wire.succeed(&hex(CHOOSE_KEY));
        let sign = Command::new(PERFORM_SECURITY_OPERATION, 0x9E, 0x9A).with_data([7; 51]);
        let sign = extended(sign);
        table.beside_library(
            name,
            &mut || wire.succeed(&sign),
            &mut rsa_operation(2048)(),
        );
    }
}
