//! The tables of the standard: algorithms, keys and objects (SP 800-73-5 part 1, tables 2, 4b and 5).

use crate::apdu::element;
use crate::word::{BAD_DATA, BAD_PARAMETERS, NOT_FOUND};

pub const P256: u8 = 0x11;
pub const P384: u8 = 0x14;
pub const ED25519: u8 = 0xE0;
pub const X25519: u8 = 0xE1;
pub const ALGORITHMS: [u8; 4] = [P256, P384, ED25519, X25519];

pub const CHUID: u32 = 0x5F_C102;
pub const DISCOVERY: u32 = 0x7E;
/// 5FC123: the pairing code reference data container.
pub const PAIRING_CODE: u32 = 0x5F_C123;
/// Objects, whether the PIN is needed to read them, and whether anybody may over the air.
pub const OBJECTS: [(u32, bool, bool); 9] = [
    (CHUID, false, true),
    (0x5F_C101, false, true),
    (0x5F_C105, false, false),
    (0x5F_C10B, false, false),
    (0x5F_C106, false, false),
    (0x5F_C109, true, false),
    (0x5F_C121, true, false),
    (PAIRING_CODE, true, false),
    (DISCOVERY, false, true),
];

/// What is written to an object.
pub fn content(length: usize) -> Vec<u8> {
    vec![0x01; length]
}

/// The Discovery Object (table 18): which PINs there are, and which virtual contact interface.
pub fn discovery(has_global_pin: bool, virtual_contact: u8) -> Vec<u8> {
    let [first, second] = if has_global_pin {
        [0x60, 0x10]
    } else {
        [0x40, 0x00]
    };
    let policy = [first | virtual_contact, second];
    let identifier = [0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0];
    [element(0x4F, &identifier), element(0x5F2F, &policy)].concat()
}

/// Whether the PIN is needed to read it, and whether anybody may over the air.
pub fn object(tag: u32) -> Result<(bool, bool), u16> {
    OBJECTS
        .iter()
        .find(|(known, ..)| *known == tag)
        .map(|(_, needs_pin, is_open)| (*needs_pin, *is_open))
        .ok_or(NOT_FOUND)
}

pub fn is_pin(value: [u8; 8]) -> Result<(), u16> {
    let digits = value.iter().take_while(|byte| **byte != 0xFF).count();
    let is_pin = digits >= 6 && value[..digits].iter().all(u8::is_ascii_digit);
    is_pin.then_some(()).ok_or(BAD_DATA)
}

pub fn place(key: u8) -> Result<(), u16> {
    matches!(key, 0x9A | 0x9C | 0x9D | 0x9E | 0x82..=0x95)
        .then_some(())
        .ok_or(BAD_PARAMETERS)
}

pub fn is_use(algorithm: u8, key: u8) -> bool {
    ALGORITHMS.contains(&algorithm) && place(key).is_ok()
}

/// 9D and the retired keys decrypt and agree, the others sign.
pub fn agrees(key: u8) -> bool {
    matches!(key, 0x9D | 0x82..=0x95)
}

pub fn takes(key: u8, algorithm: u8) -> Result<(), u16> {
    if algorithm == X25519 && !agrees(key) {
        Err(BAD_DATA)
    } else {
        Ok(())
    }
}

/// How often a key asks for the PIN: never, once, always.
pub fn strictness(key: u8) -> u8 {
    match key {
        0x9E => 0,
        0x9C => 2,
        _ => 1,
    }
}
