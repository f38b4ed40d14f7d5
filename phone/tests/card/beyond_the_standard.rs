//! The commands that PIV tools send beyond the standard.

use crate::common::{TestCard, hex, pin};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinReference};
use card_edge::tlv::{self, Tag};
use p256::elliptic_curve::Generate;
use signature::hazmat::PrehashVerifier;
use tapcard_phone::interface::Interface;

const WRONG_PIN: &str = "00 20 00 80 08 39 39 39 39 39 39 FF FF";
const WRONG_PUK: &str = "00 2C 00 80 10 30 30 30 30 30 30 30 30 32 32 32 32 32 32 FF FF";

#[test]
fn new_retry_limits_come_with_the_default_pin_and_puk() {
    let mut card = TestCard::new();
    assert_eq!(
        card.status("00 FA 07 04"),
        Status::SecurityStatusNotSatisfied
    );
    card.prove_management_key();
    assert_eq!(
        card.status("00 FA 07 04"),
        Status::SecurityStatusNotSatisfied
    );
    card.client()
        .change_pin(&pin("123456"), &pin("654321"))
        .unwrap();
    assert_eq!(card.status("00 FA 00 04"), Status::IncorrectParameters);
    assert_eq!(card.status("00 FA 10 04"), Status::IncorrectParameters);
    assert_eq!(card.status("00 FA 07 04"), Status::Success);
    card.play(&[("00 20 00 80", "63C7")]);
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
    card.play(&[("00 F7 00 81 00", "0101FF 050101 06020404 9000")]);
}

#[test]
fn metadata_tells_the_tries_that_verify_would_tell_over_the_same_interface() {
    let mut card = TestCard::new();
    card.play(&[
        ("00 F7 00 80 00", "0101FF 050101 06020505 9000"),
        ("00 F7 00 81 00", "0101FF 050101 06020303 9000"),
    ]);
    let mut card = TestCard::over(Interface::Contactless);
    card.client().select().unwrap();
    card.play(&[
        (WRONG_PIN, "63C3"),
        ("00 20 00 80", "63C3"),
        ("00 F7 00 80 00", "0101FF 050101 06020403 9000"),
        ("00 F7 00 81 00", "0101FF 050101 06020202 9000"),
    ]);
}

#[test]
fn a_card_is_reset_once_pin_and_puk_are_blocked_and_is_a_new_one_then() {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    let before = card.store().state().guid();
    assert_eq!(card.status("00 FB 00 00"), Status::ConditionsNotSatisfied);
    for _ in 0..5 {
        card.status(WRONG_PIN);
    }
    assert_eq!(card.status("00 FB 00 00"), Status::ConditionsNotSatisfied);
    for _ in 0..3 {
        card.status(WRONG_PUK);
    }
    assert_eq!(card.status("00 FB 00 00"), Status::Success);
    let state = card.store().state().clone();
    assert!(state.keys.is_empty() && state.pin.is_default);
    assert_ne!(state.guid(), before);
    card.play(&[("00 20 00 80", "63C5"), ("00 F7 00 9E 00", "6A88")]);
    assert_eq!(
        card.status("00 47 00 9E 05 AC 03 80 01 11 00"),
        Status::SecurityStatusNotSatisfied
    );
}

#[test]
fn a_curve_key_is_imported_and_said_to_be() {
    let key = p256::SecretKey::generate();
    let mut data = vec![0x06, 0x20];
    data.extend_from_slice(&key.to_bytes());
    let import = Command::new(Instruction::Other(0xFE), 0x11, 0x9E).with_data(data.clone());
    let mut card = TestCard::new();
    assert_eq!(
        card.send(&import.encode().unwrap()).status,
        Status::SecurityStatusNotSatisfied
    );
    card.prove_management_key();
    assert_eq!(card.send(&import.encode().unwrap()).status, Status::Success);
    let der = card
        .client()
        .apply_key(
            AsymmetricKey::CardAuthentication,
            KeyAlgorithm::P256,
            &[3; 32],
        )
        .unwrap();
    let signature = p256::ecdsa::DerSignature::from_bytes(&der).unwrap();
    let public = p256::ecdsa::VerifyingKey::from(&key.public_key());
    public.verify_prehash(&[3; 32], &signature).unwrap();
    let metadata = card.send(&hex("00 F7 00 9E 00")).data;
    assert_eq!(tlv::require(&metadata, Tag::new(0x03)).unwrap(), [2]);
    // Policies, as some tools add them.
    data.extend([0xAA, 1, 1, 0xAB, 1, 1]);
    let with_policies = import.clone().with_data(data.clone());
    assert_eq!(
        card.send(&with_policies.encode().unwrap()).status,
        Status::Success
    );
    // At each use, but not within 15 seconds: the card keeps no answer of its holder, and asks each time.
    data.extend([0xAB, 1, 3]);
    let with_touch = import.with_data(data);
    assert_eq!(
        card.send(&with_touch.encode().unwrap()).status,
        Status::Success
    );
    let metadata = card.send(&hex("00 F7 00 9E 00")).data;
    assert_eq!(tlv::require(&metadata, Tag::new(0x02)).unwrap(), [1, 2]);
}

#[test]
fn an_rsa_key_is_imported_by_its_primes() {
    use rsa::traits::PrivateKeyParts;
    let key = rsa::PrivateKey::new(&mut getrandom::SysRng, 2048).unwrap();
    let mut data = Vec::new();
    for (tag, prime) in [(1, &key.primes()[0]), (2, &key.primes()[1])] {
        tlv::write(&mut data, Tag::new(tag), &prime.to_be_bytes()).unwrap();
    }
    for tag in 3..=5 {
        tlv::write(&mut data, Tag::new(tag), &[0; 128]).unwrap();
    }
    let mut card = TestCard::administered();
    let import = Command::new(Instruction::Other(0xFE), 0x07, 0x9E).with_data(data.clone());
    assert_eq!(card.chain(&import, true).status, Status::Success);
    let block = [&[0, 1], [0xFF; 254].as_slice()].concat();
    assert!(
        card.client()
            .apply_key(
                AsymmetricKey::CardAuthentication,
                KeyAlgorithm::Rsa2048,
                &block
            )
            .is_ok()
    );
    let as_3072 = Command::new(Instruction::Other(0xFE), 0x05, 0x9E).with_data(data);
    assert_eq!(card.chain(&as_3072, false).status, Status::IncorrectData);
}

#[test]
fn what_is_no_key_is_not_imported() {
    let mut card = TestCard::administered();
    card.play(&[
        ("00 FE 11 9E 02 06 00", "6A80"),
        ("00 FE 11 9E 03 06 01 00", "6A80"),
        ("00 FE 11 9E 03 01 01 03", "6A80"),
        ("00 FE 07 9E 06 01 01 02 02 01 03", "6A80"),
        ("00 FE 07 9E 06 01 01 00 02 01 00", "6A80"),
        ("00 FE 0A 9E 03 06 01 01", "6A86"),
        ("00 FE 11 81 03 06 01 01", "6A86"),
        ("00 FE 11 82 03 06 01 01", "6A80"),
        ("00 FE 11 9E", "6A80"),
    ]);
    assert!(card.store().state().keys.is_empty());
}

#[test]
fn instructions_that_are_not_here_are_said_not_to_be() {
    let mut card = TestCard::new();
    for instruction in ["F1", "F3", "F5", "CA", "B0", "84", "C2"] {
        assert_eq!(
            card.status(&format!("00 {instruction} 00 00 00")),
            Status::InstructionNotSupported,
            "{instruction}"
        );
    }
}
