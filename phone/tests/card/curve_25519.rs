//! Ed25519 and X25519, as the tools that know them send them.

use crate::common::{TestCard, hex, verified};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::client::ClientError;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PublicKey, RetiredNumber};

fn public(key: &PublicKey) -> [u8; 32] {
    match key {
        PublicKey::Curve25519 { key } => *key,
        other => panic!("{other:?}"),
    }
}

fn import(card: &mut TestCard, algorithm: u8, key: u8, data: &[u8]) -> Status {
    let command = Command::new(Instruction::Other(0xFE), algorithm, key).with_data(data);
    card.send(&command.encode().unwrap()).status
}

/// A field of an import.
fn field(tag: u8, secret: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(secret.len()).unwrap()], secret].concat()
}

#[test]
fn ed25519_signs_messages_in_every_place_by_its_rule() {
    let retired = AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(1).unwrap());
    for key in AsymmetricKey::MAIN.into_iter().chain([retired]) {
        let mut card = TestCard::administered();
        let made = card.client().generate(key, KeyAlgorithm::Ed25519).unwrap();
        let verifying = ed25519_dalek::VerifyingKey::from_bytes(&public(&made)).unwrap();
        for length in [1, 64, 2_000, 60_000] {
            let message = vec![0x5A; length];
            verified(&mut card);
            let signature = card
                .client()
                .apply_key(key, KeyAlgorithm::Ed25519, &message)
                .unwrap();
            let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
            verifying.verify_strict(&message, &signature).unwrap();
        }
        // It agrees on nothing.
        verified(&mut card);
        let refused = card.client().agree(key, KeyAlgorithm::Ed25519, &[9; 32]);
        assert!(matches!(
            refused,
            Err(ClientError::Refused(_, Status::IncorrectData))
        ));
    }
}

#[test]
fn an_imported_ed25519_key_is_the_one_of_the_standards_vector() {
    // RFC 8032, 7.1, test 2.
    let secret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let signature = hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    let mut card = TestCard::administered();
    assert_eq!(
        import(&mut card, 0xE0, 0x9E, &field(7, &secret)),
        Status::Success
    );
    card.restart();
    let key = AsymmetricKey::CardAuthentication;
    let answer = card.client().apply_key(key, KeyAlgorithm::Ed25519, &[0x72]);
    assert_eq!(*answer.unwrap(), signature);
    let metadata = card.client().metadata(key).unwrap().unwrap();
    let expected = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    assert_eq!(public(&metadata.public_key.unwrap()).as_slice(), expected);
    assert_eq!(metadata.algorithm, Some(0xE0));
}

#[test]
fn an_imported_x25519_key_is_the_one_of_the_standards_vector() {
    // RFC 7748, 6.1: Bob's key, and Alice's public one.
    let secret = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let peer = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    let mut card = TestCard::administered();
    assert_eq!(
        import(&mut card, 0xE1, 0x9D, &field(8, &secret)),
        Status::Success
    );
    verified(&mut card);
    let key = AsymmetricKey::KeyManagement;
    let answer = card.client().agree(key, KeyAlgorithm::X25519, &peer);
    assert_eq!(*answer.unwrap(), shared);
}

#[test]
fn x25519_agrees_with_what_is_a_public_key_and_does_nothing_else() {
    let mut card = TestCard::administered();
    let key = AsymmetricKey::KeyManagement;
    let made = card.client().generate(key, KeyAlgorithm::X25519).unwrap();
    card.restart();
    let peer = x25519_dalek::StaticSecret::from([7; 32]);
    let point = x25519_dalek::PublicKey::from(&peer);
    let refused = card
        .client()
        .agree(key, KeyAlgorithm::X25519, point.as_bytes());
    assert!(matches!(refused, Err(ClientError::NotAuthorised(_))));
    verified(&mut card);
    let shared = card
        .client()
        .agree(key, KeyAlgorithm::X25519, point.as_bytes())
        .unwrap();
    let theirs = peer.diffie_hellman(&x25519_dalek::PublicKey::from(public(&made)));
    assert_eq!(shared.as_slice(), theirs.as_bytes());
    // Points of small order, whose secret is zero for every key; points of other lengths.
    let mut one = [0; 32];
    one[0] = 1;
    for wrong in [&[0; 32][..], &one, &[9; 31], &[9; 33], &[4; 65]] {
        let refused = card.client().agree(key, KeyAlgorithm::X25519, wrong);
        assert!(matches!(
            refused,
            Err(ClientError::Refused(_, Status::IncorrectData))
        ));
    }
    let refused = card.client().apply_key(key, KeyAlgorithm::X25519, &[1; 32]);
    assert!(matches!(
        refused,
        Err(ClientError::Refused(_, Status::IncorrectData))
    ));
}

#[test]
fn a_key_that_agrees_alone_has_no_place_where_keys_sign() {
    let mut card = TestCard::administered();
    for key in ["9A", "9C", "9E", "F9"] {
        assert_eq!(
            card.status(&format!("00 47 00 {key} 05 AC 03 80 01 E1 00")),
            Status::IncorrectData,
            "{key}"
        );
    }
    assert_eq!(
        import(&mut card, 0xE1, 0x9A, &field(8, &[1; 32])),
        Status::IncorrectData
    );
    assert!(card.store().state().keys.is_empty());
}

#[test]
fn what_is_not_such_a_key_is_not_imported() {
    let mut card = TestCard::administered();
    for (algorithm, data) in [
        (0xE0, field(7, &[1; 31])),
        (0xE0, field(7, &[1; 33])),
        (0xE0, field(8, &[1; 32])),
        (0xE0, field(6, &[1; 32])),
        (0xE1, field(8, &[])),
        (0xE1, field(7, &[1; 32])),
        (0x11, field(7, &[1; 32])),
    ] {
        assert_eq!(
            import(&mut card, algorithm, 0x9D, &data),
            Status::IncorrectData
        );
    }
    assert!(card.store().state().keys.is_empty());
}
