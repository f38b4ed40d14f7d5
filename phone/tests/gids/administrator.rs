//! The administrator's key: both ways to prove it, and what must follow directly.

use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::{Status, Transmit};
use des::TdesEde3;
use des::cipher::{BlockCipherDecrypt, KeyInit};

use crate::common::{FORGET, GidsCard, VERIFY, cbc, field, hex, send};

const KEY: [u8; 24] = DEFAULT_CARD_MANAGEMENT_KEY;
/// Whether the administrator is proved: it may write here.
const WRITE: &str = "00 DB A0 12 03 DF 30 00";

/// The card's challenge in a mutual authentication, and the host's.
pub fn challenges<T: Transmit>(card: &mut T) -> Result<(Vec<u8>, Vec<u8>), T::Error> {
    let chosen = send(card, &hex("00 22 C1 A4 03 83 01 80"))?;
    assert_eq!(chosen.status, Status::Success);
    let host = vec![0x5A; 16];
    let mut command = hex("00 87 00 00 14 7C 12 81 10");
    command.extend_from_slice(&host);
    command.push(0);
    let answer = send(card, &command)?;
    assert_eq!(answer.status, Status::Success);
    let challenge = field(&answer, 0x81);
    assert_eq!(challenge.len(), 16);
    Ok((challenge.to_vec(), host))
}

/// The host's answer to them.
pub fn response(key: &[u8], card: &[u8], host: &[u8], fill: u8) -> Vec<u8> {
    let plain = [card, host, &[1, 2, 3, 4, 5, 6, 7], &[fill]].concat();
    let mut command = hex("00 87 00 00 2C 7C 2A 82 28");
    command.extend(cbc(key, &plain));
    command.push(0);
    command
}

fn decrypted(bytes: &[u8]) -> Vec<u8> {
    let cipher = TdesEde3::new_from_slice(&KEY).unwrap();
    let mut before = vec![0; 8];
    let mut out = Vec::new();
    for chunk in bytes.chunks(8) {
        let mut block = chunk.try_into().unwrap();
        cipher.decrypt_block(&mut block);
        out.extend(block.iter().zip(&before).map(|(a, b)| a ^ b));
        before = chunk.to_vec();
    }
    out
}

#[test]
fn both_sides_prove_the_key_to_each_other() {
    let mut card = GidsCard::new();
    let (own, host) = challenges(&mut card).unwrap();
    let answer = card.send(&response(&KEY, &own, &host, 0x80));
    assert_eq!(answer.status, Status::Success);
    let plain = decrypted(field(&answer, 0x82));
    assert_eq!(plain[..32], [host.as_slice(), &own].concat());
    assert_eq!((plain.len(), plain[39]), (40, 0x80));
    card.expect(WRITE, "9000");
    // The same answer again proves nothing.
    card.expect(FORGET, "9000");
    card.expect("00 22 C1 A4 03 83 01 80", "9000");
    let again = card.send(&response(&KEY, &own, &host, 0x80));
    assert_eq!(again.status, Status::ConditionsNotSatisfied);
    card.expect(WRITE, "6982");
}

#[test]
fn a_wrong_answer_proves_nothing_and_ends_what_was_proved() {
    type Forge = fn(&[u8], &[u8]) -> Vec<u8>;
    let forged: [(&str, Forge); 6] = [
        ("another key", |own, host| {
            response(&[9; 24], own, host, 0x80)
        }),
        ("the challenges the other way round", |own, host| {
            response(&KEY, host, own, 0x80)
        }),
        ("another filling", |own, host| {
            response(&KEY, own, host, 0x00)
        }),
        ("an answer that is cut off", |own, host| {
            let mut command = hex("00 87 00 00 24 7C 22 82 20");
            command.extend(cbc(&KEY, &[own, host].concat()));
            command
        }),
        ("parts of blocks", |_, _| {
            hex("00 87 00 00 07 7C 05 82 03 01 02 03")
        }),
        ("an answer of no bytes", |_, _| {
            hex("00 87 00 00 04 7C 02 82 00")
        }),
    ];
    for (what, forge) in forged {
        let mut card = GidsCard::new();
        card.prove_administrator();
        let (own, host) = challenges(&mut card).unwrap();
        let answer = card.send(&forge(&own, &host));
        assert_eq!(answer.status, Status::SecurityStatusNotSatisfied, "{what}");
        assert!(answer.data.is_empty(), "{what}");
        card.expect(WRITE, "6982");
        // and the challenge is used up.
        let right = card.send(&response(&KEY, &own, &host, 0x80));
        assert_eq!(right.status, Status::ConditionsNotSatisfied, "{what}");
    }
}

#[test]
fn an_answer_may_come_after_reading() {
    // An administrator far away takes a while, and hosts read meanwhile.
    let between = [
        "00 20 00 80",
        "00 CB A0 12 04 5C 02 DF 20 00",
        "00 CB A0 12 04 5C 02 DF 7F 00",
        "00 CB 3F FF 04 5C 02 7F 71 00",
        "00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00",
        "00 A4 00 0C 02 3F FF",
    ];
    let mut card = GidsCard::new();
    let (own, host) = challenges(&mut card).unwrap();
    for reading in between {
        card.exchange(reading);
    }
    let answer = card.send(&response(&KEY, &own, &host, 0x80));
    assert_eq!(answer.status, Status::Success);
    card.expect(WRITE, "9000");
    // It is good for one answer, right or wrong.
    let again = card.send(&response(&KEY, &own, &host, 0x80));
    assert_eq!(again.status, Status::ConditionsNotSatisfied);
    let (own, host) = challenges(&mut card).unwrap();
    let wrong = card.send(&response(&[9; 24], &own, &host, 0x80));
    assert_eq!(wrong.status, Status::SecurityStatusNotSatisfied);
    card.exchange(between[0]);
    let right = card.send(&response(&KEY, &own, &host, 0x80));
    assert_eq!(right.status, Status::ConditionsNotSatisfied);
}

#[test]
fn an_answer_must_follow_its_challenge_directly() {
    // What a host, or somebody who shares its reader, can send in between, other than reading.
    for between in [
        VERIFY,
        "00 20 00 80 04 30 30 30 30",
        "00 DB A0 10 03 DF 30 00",
        "00 A4 04 00 09 A0 00 00 03 08 00 00 10 00",
        "00 22 C1 A4 03 83 01 80",
        "00 87 00 00 04 7C 02 81 00 00",
        // Malformed, of another class, for nobody, and the first part of another command's chain.
        "00 87 00",
        "80 87 00 00 04 7C 02 81 00",
        "0C 87 00 00 04 7C 02 81 00",
        "00 C0 00 00 00",
        "00 FE 00 00",
        "10 DB A0 10 03 DF 30 05",
        "10 87 00 00 02 7C 2A",
    ] {
        let mut card = GidsCard::new();
        let (own, host) = challenges(&mut card).unwrap();
        card.exchange(between);
        let answer = card.send(&response(&KEY, &own, &host, 0x80));
        assert!(!answer.status.is_success(), "{between}");
        card.expect(WRITE, "6982");
    }
}

#[test]
fn external_authentication_is_for_its_own_challenge() {
    let mut card = GidsCard::new();
    assert_eq!(card.authenticate(&KEY), Status::Success);
    card.expect(WRITE, "9000");
    card.expect(FORGET, "9000");
    card.expect(WRITE, "6982");
    assert_eq!(
        card.authenticate(&[9; 24]),
        Status::SecurityStatusNotSatisfied
    );
    card.expect(WRITE, "6982");
    // Without the key chosen, and without a challenge.
    card.expect(FORGET, "9000");
    card.expect("00 87 00 00 04 7C 02 81 00 00", "6985");
    card.expect("00 22 81 A4 03 83 01 80", "9000");
    card.expect("00 87 00 00 0C 7C 0A 82 08 01 02 03 04 05 06 07 08", "6985");
    for bogus in [
        "00 87 00 00 01 7C",
        "00 87 00 00 02 7C 00",
        "00 87 00 00 03 7C 01 00",
        "00 87 00 00 04 7C 02 79 00",
        "00 87 00 00 05 7C 03 81 01 09",
        "00 87 00 00",
    ] {
        card.expect(bogus, "6A80");
    }
    card.expect("00 87 03 9B 04 7C 02 81 00 00", "6A86");
}
