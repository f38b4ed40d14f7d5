//! Bytes that no host would send: they get an error status, never a panic, and leave the card as good as before.

use crate::common::{TestCard, pin};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, PinReference};
use proptest::prelude::*;
use tapcard_phone::state::{CardState, Store};

/// Any bytes.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

/// Commands that reach further: known instructions with parameters and data that are often nearly right.
fn near_miss() -> impl Strategy<Value = Vec<u8>> {
    let class = prop::sample::select(vec![0x00, 0x10, 0x0C, 0x80]);
    let instruction = prop::sample::select(vec![
        0x20, 0x24, 0x2A, 0x2C, 0x47, 0x87, 0xA4, 0xC0, 0xCB, 0xDB, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
        0xFD, 0xFE, 0xFF,
    ]);
    let p1 = prop::sample::select(vec![
        0x00, 0x03, 0x04, 0x07, 0x0A, 0x11, 0x14, 0x3F, 0x82, 0x9A, 0x9E, 0xE0, 0xE1, 0xFF,
    ]);
    let p2 = prop::sample::select(vec![
        0x00, 0x80, 0x81, 0x82, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0xF9, 0xFF,
    ]);
    let head = prop::sample::select(vec![
        vec![],
        vec![0x7C, 0x04, 0x82, 0x00, 0x81],
        vec![0x7C, 0x02, 0x81, 0x00],
        vec![0x7C, 0x02, 0x80, 0x00],
        vec![0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53],
        vec![0x5C, 0x01, 0x7E],
        vec![0x5C, 0x03, 0x5F, 0xD4, 0x43],
        vec![0x84, 0x01, 0x9E, 0x80, 0x02, 0x03, 0x01, 0x90, 0x20],
        vec![0xAC, 0x03, 0x80, 0x01, 0xE1],
        vec![0x08, 0x20],
        vec![0xAC, 0x03, 0x80, 0x01, 0x11],
        vec![0x06, 0x20],
        vec![0x01, 0x01, 0x03, 0x02, 0x01, 0x05],
        vec![0xA0, 0x00, 0x00, 0x03, 0x08],
    ]);
    let tail = prop::collection::vec(any::<u8>(), 0..80);
    let le = prop::option::of(any::<u8>());
    (class, instruction, p1, p2, head, tail, le).prop_map(|(class, ins, p1, p2, head, tail, le)| {
        let data = [head, tail].concat();
        let mut apdu = vec![class, ins, p1, p2];
        if !data.is_empty() {
            apdu.push(u8::try_from(data.len()).unwrap());
            apdu.extend(data);
        }
        apdu.extend(le);
        apdu
    })
}

/// Everything that a card must still be able to do.
fn works(card: &mut TestCard) {
    card.card.reset();
    card.client().select().unwrap();
    assert!(card.client().chuid().unwrap().is_some());
    let der = card.client().apply_key(
        AsymmetricKey::CardAuthentication,
        KeyAlgorithm::P256,
        &[1; 32],
    );
    assert!(der.is_ok());
}

/// The state but for the card's own authority: whoever asks for the first attestation has it made.
fn without_authority(state: &CardState) -> CardState {
    let mut state = state.clone();
    let key = AsymmetricKey::Attestation;
    state.keys.remove(&key);
    state.objects.remove(&ObjectId::Certificate(key).tag());
    state
}

fn with_a_key() -> TestCard {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    card.card.reset();
    card.client().select().unwrap();
    card
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_bring_an_unproven_host_anywhere(
        commands in prop::collection::vec(prop_oneof![noise(), near_miss()], 1..40)
    ) {
        let mut card = with_a_key();
        let before = card.store();
        let tries_before = before.tries().unwrap();
        for command in &commands {
            let answer = card.card.process(command);
            prop_assert!(Response::parse(&answer).is_ok());
        }
        // The counters may have gone down; nothing else has changed.
        let after = Store::open(card.folder.path()).unwrap();
        let tries_after = after.tries().unwrap();
        prop_assert!(tries_after.pin <= tries_before.pin);
        prop_assert!(tries_after.puk <= tries_before.puk);
        prop_assert_eq!(without_authority(after.state()), before.state().clone());
        works(&mut card);
    }

    #[test]
    fn no_bytes_of_an_administrator_break_the_card(
        commands in prop::collection::vec(prop_oneof![noise(), near_miss()], 1..20)
    ) {
        let mut card = with_a_key();
        card.prove_management_key();
        card.client().verify(PinReference::PivPin, &pin("123456")).unwrap();
        for command in &commands {
            let answer = card.card.process(command);
            prop_assert!(Response::parse(&answer).is_ok());
        }
        // What is on disk can be read again, and the card goes on.
        card.restart();
        prop_assert!(card.client().pin_status(PinReference::PivPin).is_ok());
    }

    #[test]
    fn truncated_and_oversized_commands_are_refused(cut in 0usize..266, more in 1usize..40) {
        let block = [&[0x7C, 0x82, 0x01, 0x06, 0x82, 0x00, 0x81, 0x82, 0x01, 0x00][..], &[1; 256]].concat();
        let command = Command::new(Instruction::GeneralAuthenticate, 0x07, 0x9A).with_data(block);
        let mut extended = command.clone();
        extended.extended = true;
        let whole = extended.encode().unwrap().to_vec();
        let mut card = TestCard::new();
        for wrong in [whole[..cut].to_vec(), [whole.clone(), vec![0; more + 2]].concat()] {
            let status = card.send(&wrong).status;
            prop_assert!(
                matches!(status, Status::WrongLength | Status::IncorrectData | Status::IncorrectParameters),
                "{status}"
            );
        }
    }
}
