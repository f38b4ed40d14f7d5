//! A card behind T=0 (ISO/IEC 7816-3, 12.2), strict about what it is sent.

use super::card::Answers;

/// The card.
pub struct T0Card<C> {
    card: C,
    /// What GET RESPONSE gives, with the status word at its end.
    waiting: Vec<u8>,
}

/// GET RESPONSE without Le, for the card inside.
const GET_RESPONSE: [u8; 4] = [0x00, 0xC0, 0x00, 0x00];
const LENGTH_EXPECTED: u8 = 0x6C;
const BYTES_AVAILABLE: u8 = 0x61;
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

impl<C: Answers> T0Card<C> {
    /// This card, which speaks as if over T=1, behind T=0.
    pub fn new(card: C) -> Self {
        Self {
            card,
            waiting: Vec::new(),
        }
    }

    /// The whole answer of the card inside.
    fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        let mut whole = self.card.answer(command);
        while let [data @ .., BYTES_AVAILABLE, _] = whole.as_slice() {
            let next = self.card.answer(&[&GET_RESPONSE[..], &[0]].concat());
            whole = [data, &next].concat();
        }
        whole
    }

    /// As many bytes of what waits as the reader asks for.
    fn give(&mut self, expected: usize) -> Vec<u8> {
        let available = self.waiting.len() - 2;
        if available < expected && available < 256 && available > 0 {
            return vec![LENGTH_EXPECTED, u8::try_from(available).unwrap()];
        }
        if available <= expected {
            return std::mem::take(&mut self.waiting);
        }
        let rest = self.waiting.split_off(expected);
        let left = u8::try_from(rest.len() - 2).unwrap_or(0);
        let mut part = std::mem::replace(&mut self.waiting, rest);
        part.extend([BYTES_AVAILABLE, left]);
        part
    }
}

impl<C: Answers> Answers for T0Card<C> {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let [class, _, _, _, p3, data @ ..] = command else {
            return WRONG_LENGTH.to_vec();
        };
        let expected = if *p3 == 0 { 256 } else { usize::from(*p3) };
        if data.is_empty() {
            if !command.starts_with(&GET_RESPONSE) || self.waiting.is_empty() {
                self.waiting = self.ask(command);
            }
            return self.give(expected);
        }
        if data.len() != expected {
            return WRONG_LENGTH.to_vec();
        }
        let is_chained = class & 0x10 != 0;
        let with_expected = [command, &[0]].concat();
        let whole = self.ask(if is_chained { command } else { &with_expected });
        if whole.len() == 2 {
            return whole;
        }
        let length = u8::try_from(whole.len() - 2).unwrap_or(0);
        self.waiting = whole;
        vec![BYTES_AVAILABLE, length]
    }

    fn reset(&mut self) {
        self.waiting.clear();
        self.card.reset();
    }
}
