//! A card that speaks T=0 is never sent data together with an expected length, and everything arrives nevertheless.

mod card;

use core::convert::Infallible;

use card::Card;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::transmit::{ResponseBytes, T0, Transmit, exchange};
use card_edge::{Status, secret};
use proptest::prelude::*;
use zeroize::Zeroizing;

/// A card behind T=0: it takes a header, P3, and as many bytes as P3 says or none.
struct T0Card {
    card: Card,
    /// What GET RESPONSE gives, with the status at its end.
    waiting: Option<Response>,
    /// Whether it answers 6Cxx where it is not asked for exactly as many bytes as there are.
    is_exact: bool,
}

impl T0Card {
    fn new(card: Card, is_exact: bool) -> Self {
        Self {
            card,
            waiting: None,
            is_exact,
        }
    }

    /// The whole response of the card inside to a command.
    fn ask(&mut self, command: &Command) -> Response {
        exchange(&mut self.card, command).unwrap()
    }

    fn give(&mut self, response: Response, expected: usize) -> Response {
        let length = response.data.len();
        if self.is_exact && length < 256 && length != expected && length > 0 {
            self.waiting = Some(response);
            return Status::WrongExpectedLength(u8::try_from(length).unwrap()).into();
        }
        if length <= expected {
            return response;
        }
        let (now, later) = response.data.split_at(expected);
        self.waiting = Some(Response {
            data: Zeroizing::new(later.to_vec()),
            status: response.status,
        });
        Response {
            data: Zeroizing::new(now.to_vec()),
            status: Status::BytesAvailable(u8::try_from(later.len()).unwrap_or(0)),
        }
    }
}

impl Transmit for T0Card {
    type Error = Infallible;

    fn transmit(&mut self, tpdu: &[u8]) -> Result<ResponseBytes, Infallible> {
        let (header, [p3, data @ ..]) = tpdu.split_at(4) else {
            panic!("there is no P3: {tpdu:02X?}");
        };
        let length = if *p3 == 0 { 256 } else { usize::from(*p3) };
        let answer = if data.is_empty() {
            let command = Command::parse(&[header, &[0]].concat()).unwrap();
            let response = match self.waiting.take() {
                Some(waiting) => waiting,
                None => self.ask(&command),
            };
            self.give(response, length)
        } else {
            assert_eq!(data.len(), length, "P3 and the data differ: {tpdu:02X?}");
            let mut command = Command::parse(tpdu).unwrap();
            if !command.class.chained {
                command.expected = Some(256);
            }
            let response = self.ask(&command);
            if response.data.is_empty() {
                response
            } else {
                let length = u8::try_from(response.data.len()).unwrap_or(0);
                self.waiting = Some(response);
                Status::BytesAvailable(length).into()
            }
        };
        Ok(answer.encode())
    }
}

proptest! {
    #[test]
    fn commands_and_responses_of_any_length_arrive_whole(
        data in prop::collection::vec(any::<u8>(), 0..1_000),
        answer in prop::collection::vec(any::<u8>(), 0..3_000),
        expected in prop::option::of(Just(256_u32)),
        is_exact in any::<bool>(),
    ) {
        let answer = Response::success(answer);
        let mut card = T0::new(T0Card::new(Card::answering(answer.clone()), is_exact));
        let mut command = Command::new(Instruction::GetData, 0x3F, 0xFF).with_data(data);
        command.expected = expected;
        prop_assert!(exchange(&mut card, &command).unwrap() == answer);
    }
}

#[test]
fn what_is_sent_has_data_or_an_expected_length() {
    let mut sent = Zeroizing::new(Vec::new());
    struct Wire<'a>(&'a mut Zeroizing<Vec<u8>>);
    impl Transmit for Wire<'_> {
        type Error = Infallible;

        fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Infallible> {
            self.0.clear();
            secret::append(self.0, command);
            Ok(Zeroizing::new(vec![0x90, 0x00]))
        }
    }
    for (apdu, tpdu) in [
        (&[0, 0x20, 0, 0x80][..], &[0, 0x20, 0, 0x80, 0][..]),
        (&[0, 0xC0, 0, 0, 8], &[0, 0xC0, 0, 0, 8]),
        (&[0, 0xA4, 4, 0, 2, 7, 7], &[0, 0xA4, 4, 0, 2, 7, 7]),
        (&[0, 0xA4, 4, 0, 2, 7, 7, 0], &[0, 0xA4, 4, 0, 2, 7, 7]),
        (&[0, 0xA4, 4, 0, 1, 7, 0], &[0, 0xA4, 4, 0, 1, 7]),
    ] {
        T0::new(Wire(&mut sent)).transmit(apdu).unwrap();
        assert_eq!(*sent, tpdu, "{apdu:02X?}");
    }
}
