//! Which use of a key needs the PIN, and which needs VERIFY directly before it.

use crate::common::{TestCard, hex, pin, verified};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::Request;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinPolicy, PinReference};

#[test]
fn each_key_asks_for_the_pin_by_its_rule() {
    for key in AsymmetricKey::MAIN {
        let mut card = TestCard::administered();
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
        let sign = |card: &mut TestCard| {
            card.client()
                .apply_key(key, KeyAlgorithm::P256, &[7; 32])
                .is_ok()
        };
        assert_eq!(
            sign(&mut card),
            key.pin_policy() == PinPolicy::Never,
            "{key} without PIN"
        );
        verified(&mut card);
        assert!(sign(&mut card), "{key} directly after VERIFY");
        assert_eq!(
            sign(&mut card),
            key.pin_policy() != PinPolicy::Always,
            "{key} a second time"
        );
        card.client()
            .reset_verification(PinReference::PivPin)
            .unwrap();
        assert_eq!(
            sign(&mut card),
            key.pin_policy() == PinPolicy::Never,
            "{key} after log-out"
        );
        verified(&mut card);
        assert!(
            card.client()
                .verify(PinReference::PivPin, &pin("999999"))
                .is_err()
        );
        assert_eq!(
            sign(&mut card),
            key.pin_policy() == PinPolicy::Never,
            "{key} after a wrong PIN"
        );
    }
}

#[test]
fn for_9c_a_chain_is_one_command() {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::DigitalSignature, KeyAlgorithm::Rsa2048)
        .unwrap();
    verified(&mut card);
    let block = [&[0, 1], [0xFF; 254].as_slice()].concat();
    let mut command = Command::new(Instruction::GeneralAuthenticate, 0x07, 0x9C);
    command.data = Request::InternalAuthenticate(block.into())
        .encode()
        .unwrap();
    let response = card.chain(&command, true);
    assert_eq!(
        response.status,
        Status::BytesAvailable(8),
        "SP 800-73-5 part 2, appendix A"
    );
    assert_eq!(response.data.len(), 256);
    assert_eq!(card.send(&hex("00 C0 00 00 08")).data.len(), 8);
    assert_eq!(
        card.chain(&command, true).status,
        Status::SecurityStatusNotSatisfied
    );
}
