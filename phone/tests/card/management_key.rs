//! The card management key: external and mutual authentication, and the ways around them that must not work.

use crate::common::{TestCard, hex};
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::{Algorithm, Cipher, KeyAlgorithm};
use des::TdesEde3;

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Encrypt,
    Decrypt,
}

fn block(algorithm: Cipher, key: &[u8], direction: Direction, data: &[u8]) -> Vec<u8> {
    fn one<C: KeyInit + BlockCipherEncrypt + BlockCipherDecrypt>(
        key: &[u8],
        direction: Direction,
        data: &[u8],
    ) -> Vec<u8> {
        let cipher = C::new_from_slice(key).unwrap();
        let mut block = data.try_into().unwrap();
        match direction {
            Direction::Encrypt => cipher.encrypt_block(&mut block),
            Direction::Decrypt => cipher.decrypt_block(&mut block),
        }
        block.to_vec()
    }
    match algorithm {
        Cipher::TripleDes => one::<TdesEde3>(key, direction, data),
        Cipher::Aes128 => one::<Aes128>(key, direction, data),
        Cipher::Aes192 => one::<Aes192>(key, direction, data),
        Cipher::Aes256 => one::<Aes256>(key, direction, data),
    }
}

fn ask(card: &mut TestCard, algorithm: Cipher, request: &Request) -> Response {
    let mut command = Command::new(
        Instruction::GeneralAuthenticate,
        algorithm.identifier(),
        0x9B,
    );
    command.data = request.encode().unwrap();
    card.send(&command.encode().unwrap())
}

fn answer(response: &Response, field: AnswerField) -> Vec<u8> {
    assert_eq!(response.status, Status::Success);
    authenticate::decode_answer(&response.data, field)
        .unwrap()
        .to_vec()
}

fn external(card: &mut TestCard, algorithm: Cipher, key: &[u8]) -> Status {
    let challenge = answer(
        &ask(card, algorithm, &Request::Challenge),
        AnswerField::Challenge,
    );
    let response = block(algorithm, key, Direction::Encrypt, &challenge);
    ask(card, algorithm, &Request::ChallengeResponse(response)).status
}

fn mutual(card: &mut TestCard, algorithm: Cipher, key: &[u8]) -> Result<(), Status> {
    let witness = answer(
        &ask(card, algorithm, &Request::Witness),
        AnswerField::Witness,
    );
    let witness = block(algorithm, key, Direction::Decrypt, &witness);
    let challenge = vec![0x5A; algorithm.block_length()];
    let request = Request::WitnessAndChallenge {
        witness,
        challenge: challenge.clone(),
    };
    let response = ask(card, algorithm, &request);
    if response.status != Status::Success {
        return Err(response.status);
    }
    // The card proves itself in turn.
    let result = answer(&response, AnswerField::Response);
    assert_eq!(
        result,
        block(algorithm, key, Direction::Encrypt, &challenge)
    );
    Ok(())
}

/// Whether the card takes a command that wants the management key.
fn is_administrator(card: &mut TestCard) -> bool {
    card.status("00 DB 3F FF 09 5C 03 5F C1 06 53 02 01 02") == Status::Success
}

fn set_key(card: &mut TestCard, algorithm: impl Into<Algorithm>, key: &[u8]) -> Status {
    let mut data = vec![
        algorithm.into().identifier(),
        0x9B,
        u8::try_from(key.len()).unwrap(),
    ];
    data.extend(key);
    let command = Command::new(Instruction::Other(0xFF), 0xFF, 0xFF).with_data(data);
    card.send(&command.encode().unwrap()).status
}

#[test]
fn every_cipher_proves_the_key_in_both_ways() {
    let key: Vec<u8> = (0x10..0x30).collect();
    let cases = [
        (Cipher::TripleDes, 24),
        (Cipher::Aes128, 16),
        (Cipher::Aes192, 24),
        (Cipher::Aes256, 32),
    ];
    for (algorithm, length) in cases {
        let key = &key[..length];
        let mut card = TestCard::administered();
        assert_eq!(set_key(&mut card, algorithm, key), Status::Success);
        card.restart();
        assert!(!is_administrator(&mut card));
        assert_eq!(
            external(&mut card, algorithm, key),
            Status::Success,
            "{algorithm}"
        );
        assert!(is_administrator(&mut card));
        card.restart();
        assert_eq!(mutual(&mut card, algorithm, key), Ok(()), "{algorithm}");
        assert!(is_administrator(&mut card));
        // Every other cipher is another key's.
        for (other, _) in cases.into_iter().filter(|(other, _)| *other != algorithm) {
            assert_eq!(
                ask(&mut card, other, &Request::Challenge).status,
                Status::IncorrectParameters
            );
        }
    }
}

#[test]
fn the_default_key_is_taken_as_aes_192_and_as_3des() {
    for algorithm in [Cipher::Aes192, Cipher::TripleDes] {
        let mut card = TestCard::new();
        assert_eq!(
            external(&mut card, algorithm, &DEFAULT_CARD_MANAGEMENT_KEY),
            Status::Success
        );
        card.restart();
        assert_eq!(
            mutual(&mut card, algorithm, &DEFAULT_CARD_MANAGEMENT_KEY),
            Ok(())
        );
    }
    // 00 names 3DES too.
    assert_eq!(
        TestCard::new()
            .send(&hex("00 87 00 9B 04 7C 02 81 00 00"))
            .status,
        Status::Success
    );
}

#[test]
fn a_wrong_answer_proves_nothing_and_takes_back_what_was_proven() {
    let wrong = [0x77; 24];
    let mut card = TestCard::administered();
    assert_eq!(
        external(&mut card, Cipher::Aes192, &wrong),
        Status::SecurityStatusNotSatisfied
    );
    assert!(!is_administrator(&mut card));
    card.prove_management_key();
    assert_eq!(
        mutual(&mut card, Cipher::Aes192, &wrong),
        Err(Status::SecurityStatusNotSatisfied)
    );
    assert!(!is_administrator(&mut card));
}

#[test]
fn a_challenge_is_good_for_one_answer_of_its_own_cipher() {
    let algorithm = Cipher::Aes192;
    let key = DEFAULT_CARD_MANAGEMENT_KEY;
    let mut card = TestCard::new();
    let challenge = answer(
        &ask(&mut card, algorithm, &Request::Challenge),
        AnswerField::Challenge,
    );
    let response = block(algorithm, &key, Direction::Encrypt, &challenge);
    let request = Request::ChallengeResponse(response);
    assert_eq!(ask(&mut card, algorithm, &request).status, Status::Success);
    assert_eq!(
        ask(&mut card, algorithm, &request).status,
        Status::IncorrectData
    );
    ask(&mut card, algorithm, &Request::Challenge);
    let status = ask(
        &mut card,
        Cipher::TripleDes,
        &Request::ChallengeResponse(vec![0; 8]),
    )
    .status;
    assert_eq!(status, Status::IncorrectData);
}

#[test]
fn the_card_answers_no_challenge_for_whoever_has_not_proven_the_key() {
    let algorithm = Cipher::Aes192;
    let mut card = TestCard::new();
    // Internal authentication would encrypt the card's own challenge for an attacker.
    let request = Request::InternalAuthenticate(vec![1; 16].into());
    assert_eq!(
        ask(&mut card, algorithm, &request).status,
        Status::IncorrectData
    );
    // A challenge after a witness that was not decrypted gets no answer either.
    let witness = answer(
        &ask(&mut card, algorithm, &Request::Witness),
        AnswerField::Witness,
    );
    let request = Request::WitnessAndChallenge {
        witness,
        challenge: vec![1; 16],
    };
    let response = ask(&mut card, algorithm, &request);
    assert_eq!(response.status, Status::SecurityStatusNotSatisfied);
    assert!(response.data.is_empty());
    // Mixing the two kinds.
    ask(&mut card, algorithm, &Request::Challenge);
    let request = Request::WitnessAndChallenge {
        witness: vec![0; 16],
        challenge: vec![1; 16],
    };
    assert_eq!(
        ask(&mut card, algorithm, &request).status,
        Status::IncorrectData
    );
    ask(&mut card, algorithm, &Request::Witness);
    assert_eq!(
        ask(
            &mut card,
            algorithm,
            &Request::ChallengeResponse(vec![0; 16])
        )
        .status,
        Status::IncorrectData
    );
    assert!(!is_administrator(&mut card));
}

#[test]
fn a_malformed_second_step_proves_nothing() {
    let mut card = TestCard::new();
    for length in [0, 1, 15, 17, 32] {
        ask(&mut card, Cipher::Aes192, &Request::Challenge);
        let status = ask(
            &mut card,
            Cipher::Aes192,
            &Request::ChallengeResponse(vec![0; length]),
        )
        .status;
        assert_ne!(status, Status::Success);
    }
    ask(&mut card, Cipher::Aes192, &Request::Witness);
    let request = Request::WitnessAndChallenge {
        witness: vec![0; 16],
        challenge: vec![1; 3],
    };
    assert_eq!(
        ask(&mut card, Cipher::Aes192, &request).status,
        Status::IncorrectData
    );
    assert!(!is_administrator(&mut card));
}

#[test]
fn a_management_key_is_set_by_whoever_has_the_old_one() {
    let key = [0x42; 24];
    let mut card = TestCard::new();
    assert_eq!(
        set_key(&mut card, Cipher::Aes192, &key),
        Status::SecurityStatusNotSatisfied
    );
    card.prove_management_key();
    for (algorithm, length) in [
        (Algorithm::from(Cipher::Aes192), 16),
        (Cipher::Aes128.into(), 24),
        (KeyAlgorithm::Rsa2048.into(), 24),
        (Cipher::TripleDes.into(), 16),
    ] {
        assert_eq!(
            set_key(&mut card, algorithm, &vec![1; length]),
            Status::IncorrectData
        );
    }
    // A key that wants a touch.
    assert_eq!(
        card.status("00 FF FF FE 03 0A 9B 00"),
        Status::IncorrectParameters
    );
    assert_eq!(set_key(&mut card, Cipher::Aes192, &key), Status::Success);
    card.restart();
    assert_eq!(
        external(&mut card, Cipher::Aes192, &DEFAULT_CARD_MANAGEMENT_KEY),
        Status::SecurityStatusNotSatisfied
    );
    assert_eq!(external(&mut card, Cipher::Aes192, &key), Status::Success);
    assert_eq!(card.exchange("00 F7 00 9B 00"), "01010A020200010501009000");
}
