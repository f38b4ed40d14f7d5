//! A card that speaks T=0 is never sent data together with an expected length, and everything arrives nevertheless.

#[cfg(test)]
mod card;
#[cfg(test)]
mod t0_card;

use core::convert::Infallible;

use card::Card;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::secret;
use card_edge::transmit::{ResponseBytes, T0, Transmit, exchange};
use proptest::prelude::*;
use t0_card::T0Card;
use zeroize::Zeroizing;

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
