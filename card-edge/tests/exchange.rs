//! The exchange with a card: chains and long responses arrive whole, and a hostile card is cut off.

mod card;

use core::convert::Infallible;

use card::Card;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::transmit::{ExchangeError, RESPONSE_MAX, RESPONSE_PARTS_MAX, Transmit, exchange};
use card_edge::{Status, apdu};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn any_status() -> impl Strategy<Value = Status> {
    any::<u16>()
        .prop_map(Status::from)
        .prop_filter("asks for another command", |status| {
            !matches!(
                status,
                Status::BytesAvailable(_) | Status::WrongExpectedLength(_)
            )
        })
}

proptest! {
    #[test]
    fn commands_and_responses_of_any_length_arrive_whole(
        data in prop::collection::vec(any::<u8>(), 0..5_000),
        answer in prop::collection::vec(any::<u8>(), 0..9_000),
        status in any_status(),
        expected in prop::option::of(1_u32..=256),
    ) {
        let answer = Response { data: Zeroizing::new(answer), status };
        let mut card = Card::answering(answer.clone());
        let mut command = Command::new(Instruction::PutData, 0x3F, 0xFF).with_data(data);
        command.expected = expected;
        let response = exchange(&mut card, &command).unwrap();
        prop_assert!(response == answer);
        prop_assert!(card.received == [command.clone()]);
        prop_assert!(card.wire.iter().all(|apdu| apdu.len() <= 5 + apdu::SHORT_DATA_MAX + 1));
        let commands = command.data.len().div_ceil(255).max(1);
        let first = expected.map_or(256, |le| le as usize);
        let rest = answer.data.len().saturating_sub(first).div_ceil(256);
        prop_assert!(card.wire.len() <= commands + rest + 1, "{} APDUs", card.wire.len());
    }

    #[test]
    fn an_extended_command_is_one_apdu(
        data in prop::collection::vec(any::<u8>(), 0..5_000),
        answer in prop::collection::vec(any::<u8>(), 0..5_000),
    ) {
        let answer = Response::success(answer);
        let mut card = Card::answering(answer.clone());
        let mut command = Command::new(Instruction::PutData, 0x3F, 0xFF).with_data(data);
        command.extended = true;
        command.expected = Some(65_536);
        prop_assert!(exchange(&mut card, &command).unwrap() == answer);
        prop_assert!(card.received == [command]);
        prop_assert_eq!(card.wire.len(), 1);
    }

    #[test]
    fn whatever_a_card_answers_the_exchange_ends(
        script in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20),
        length in 0_usize..700,
    ) {
        let mut card = Hostile::new(move |n| script[n % script.len()].clone());
        let command = Command::new(Instruction::GetData, 0x3F, 0xFF).with_data(vec![0; length]);
        if let Ok(response) = exchange(&mut card, &command) {
            prop_assert!(response.data.len() <= RESPONSE_MAX + 40);
        }
        prop_assert!(card.commands <= 8 + 2 * RESPONSE_PARTS_MAX as usize);
    }
}

/// A card that answers the n-th command with whatever it likes.
struct Hostile<F> {
    answer: F,
    commands: usize,
}

impl<F: FnMut(usize) -> Vec<u8>> Hostile<F> {
    fn new(answer: F) -> Self {
        Self {
            answer,
            commands: 0,
        }
    }
}

impl<F: FnMut(usize) -> Vec<u8>> Transmit for Hostile<F> {
    type Error = Infallible;

    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Infallible> {
        self.commands += 1;
        Ok((self.answer)(self.commands - 1))
    }
}

fn get_data() -> Command {
    Command::new(Instruction::GetData, 0x3F, 0xFF).with_data([0x5C, 1, 0x7E])
}

#[test]
fn a_card_that_promises_bytes_and_gives_none_is_cut_off_at_once() {
    let mut card = Hostile::new(|_| vec![0x61, 0x08]);
    let result = exchange(&mut card, &get_data());
    assert!(matches!(result, Err(ExchangeError::Endless)));
    assert_eq!(card.commands, 2);
}

#[test]
fn a_card_that_doles_out_single_bytes_is_cut_off() {
    let mut card = Hostile::new(|_| vec![0xAA, 0x61, 0x01]);
    let result = exchange(&mut card, &get_data());
    assert!(matches!(result, Err(ExchangeError::Endless)));
    assert_eq!(card.commands, RESPONSE_PARTS_MAX as usize + 2);
}

#[test]
fn a_card_that_never_ends_takes_no_more_than_64_kilobytes() {
    let mut card = Hostile::new(|_| {
        let mut part = vec![0xAA; 256];
        part.extend([0x61, 0x00]);
        part
    });
    let result = exchange(&mut card, &get_data());
    assert!(matches!(result, Err(ExchangeError::Endless)));
    assert_eq!(card.commands, RESPONSE_MAX / 256 + 1);
}

#[test]
fn a_card_that_always_wants_another_length_is_asked_twice() {
    let mut card = Hostile::new(|_| vec![0x6C, 0x10]);
    let response = exchange(&mut card, &get_data()).unwrap();
    assert_eq!(response.status, Status::WrongExpectedLength(0x10));
    assert_eq!(card.commands, 2);
}

#[test]
fn a_wrong_length_of_get_response_is_put_right() {
    // A T=0 card that knows only while it is commands how much is left.
    let mut card = Hostile::new(|n| match n {
        0 => vec![1, 2, 0x61, 0x00],
        1 => vec![0x6C, 0x01],
        _ => vec![3, 0x90, 0x00],
    });
    let response = exchange(&mut card, &get_data()).unwrap();
    assert!(response == Response::success([1, 2, 3]));
}

#[test]
fn an_error_inside_a_chain_ends_it() {
    let mut card = Hostile::new(|_| vec![0x69, 0x82]);
    let command = get_data().with_data(vec![0; 600]);
    let response = exchange(&mut card, &command).unwrap();
    assert_eq!(response.status, Status::SecurityStatusNotSatisfied);
    assert_eq!(card.commands, 1);
}

#[test]
fn an_answer_without_a_status_word_is_an_error() {
    let mut card = Hostile::new(|_| vec![0x90]);
    let result = exchange(&mut card, &get_data());
    assert!(matches!(result, Err(ExchangeError::Apdu(_))));
}
