//! A card that speaks T=0 (ISO/IEC 7816-3, 12.2), strict about what it is sent.

use core::convert::Infallible;

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::transmit::{ResponseBytes, Transmit, exchange};
use zeroize::Zeroizing;

use super::card::Card;

/// A card behind T=0: it takes a header, P3, and as many bytes as P3 says or none.
pub struct T0Card {
    card: Card,
    /// What GET RESPONSE gives, with the status at its end.
    waiting: Option<Response>,
    /// Whether it answers 6Cxx where it is not asked for exactly as many bytes as there are.
    is_exact: bool,
}

impl T0Card {
    /// This card behind T=0.
    pub fn new(card: Card, is_exact: bool) -> Self {
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
