//! What must follow another command directly: a signature of 9C its VERIFY, the answer of 9B its challenge. Whatever
//! comes in between ends it, what the card answers without asking its application too; the parts of the very same
//! command do not.

use crate::common::{TestCard, hex, pin, verified};
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::{AsymmetricKey, Cipher, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ObjectId};
use tapcard_phone::card::COMMAND_DATA_MAX;
use tapcard_phone::state::StateError;
use tapcard_phone::state::encoding::Bytes;

/// What may come in between, by its name: one command, or a chain that goes on until the card refuses it.
fn intruders() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let part = |header: &str| [&hex(header)[..], &[0xFF], &[0x5A; 255]].concat();
    let endless = |header| vec![part(header); COMMAND_DATA_MAX / 255 + 1];
    [
        ("a header that is too short", "00 20 00"),
        ("a length that does not fit", "00 20 00 80 08 31"),
        ("data after Le", "00 CB 3F FF 01 5C 00 00"),
        ("a class of the maker's own", "80 20 00 80"),
        ("a logical channel", "01 20 00 80"),
        ("a further logical channel", "40 20 00 80"),
        ("a class that is not valid", "FF 20 00 80"),
        ("secure messaging", "0C 20 00 80"),
        ("secure messaging in a chain", "1C 87 11 9C 01 7C"),
        ("a chain of what is not chained", "10 20 00 80"),
        ("a chained GET RESPONSE", "10 C0 00 00 00"),
        ("GET RESPONSE where nothing waits", "00 C0 00 00 00"),
        ("GET RESPONSE with parameters", "00 C0 00 01 00"),
        ("GET RESPONSE with data", "00 C0 00 00 01 00 00"),
        (
            "the first part of another key's chain",
            "10 87 11 9A 03 7C 02 81",
        ),
        (
            "the first part of another algorithm's",
            "10 87 07 9C 03 7C 02 81",
        ),
        ("the first part of a PUT DATA", "10 DB 3F FF 02 5C 03"),
        ("the first part of an import", "10 FE 11 9E 02 06 20"),
        ("an unknown instruction", "00 F1 00 00"),
        ("an unknown chained instruction", "10 F1 00 00"),
        ("VERIFY without a PIN", "00 20 00 80"),
        ("SELECT of PIV", "00 A4 04 00 05 A0 00 00 03 08"),
        (
            "SELECT of what is not here",
            "00 A4 04 00 05 A0 00 00 03 97",
        ),
        ("SELECT of a file", "00 A4 00 0C 02 3F FF"),
        ("GET DATA", "00 CB 3F FF 05 5C 03 5F C1 02 00"),
        (
            "GENERAL AUTHENTICATE of another key",
            "00 87 11 9A 04 7C 02 81 00 00",
        ),
        (
            "GENERAL AUTHENTICATE that is malformed",
            "00 87 11 9C 01 00",
        ),
        (
            "GENERAL AUTHENTICATE of an unknown key",
            "00 87 11 77 01 00",
        ),
        ("GET METADATA", "00 F7 00 9B 00"),
    ]
    .map(|(name, text)| (name, vec![hex(text)]))
    .into_iter()
    .chain([
        ("a single byte", vec![vec![0x00]]),
        ("nothing", vec![Vec::new()]),
        ("over-long data", endless("10 87 11 9C")),
        ("over-long data of 9B", endless("10 87 0A 9B")),
        ("over-long data of an object", endless("10 DB 3F FF")),
    ])
    .collect()
}

/// Sends all of it.
fn intrude(card: &mut TestCard, intruder: &[Vec<u8>]) {
    for apdu in intruder {
        if card.send(apdu).status != Status::Success {
            break;
        }
    }
}

/// A card with a P-256 key in 9C whose VERIFY has just been answered.
fn ready_to_sign() -> TestCard {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::DigitalSignature, KeyAlgorithm::P256)
        .unwrap();
    verified(&mut card);
    card
}

fn signature() -> Command {
    let mut command = Command::new(Instruction::GeneralAuthenticate, 0x11, 0x9C);
    command.data = Request::InternalAuthenticate(vec![7; 32].into())
        .encode()
        .unwrap();
    command
}

fn step(request: &Request) -> Command {
    let cipher = Cipher::Aes192.identifier();
    let mut command = Command::new(Instruction::GeneralAuthenticate, cipher, 0x9B);
    command.data = request.encode().unwrap();
    command
}

/// The block of an answer under the default management key.
fn block(data: &[u8], field: AnswerField, encrypt: bool) -> Vec<u8> {
    let value = authenticate::decode_answer(data, field).unwrap();
    let mut block = (*value).try_into().unwrap();
    let cipher = aes::Aes192::new_from_slice(&DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
    if encrypt {
        cipher.encrypt_block(&mut block);
    } else {
        cipher.decrypt_block(&mut block);
    }
    block.to_vec()
}

/// A card that has given a challenge, and the right answer to it.
fn challenged() -> (TestCard, Command) {
    let mut card = TestCard::new();
    let data = send(&mut card, &step(&Request::Challenge)).1;
    let answer = block(&data, AnswerField::Challenge, true);
    (card, step(&Request::ChallengeResponse(answer)))
}

/// A card that has given a witness, and the right answer to it.
fn witnessed() -> (TestCard, Command) {
    let mut card = TestCard::new();
    let data = send(&mut card, &step(&Request::Witness)).1;
    let witness = block(&data, AnswerField::Witness, false);
    let challenge = vec![0x5A; 16];
    (
        card,
        step(&Request::WitnessAndChallenge { witness, challenge }),
    )
}

fn send(card: &mut TestCard, command: &Command) -> (Status, Vec<u8>) {
    let response = card.send(&command.encode().unwrap());
    (response.status, response.data.to_vec())
}

/// The command in two parts.
fn in_two_parts(command: &Command) -> [Command; 2] {
    let (head, tail) = command.data.split_at(5);
    let mut first = command.clone().with_data(head).expecting_nothing();
    first.class.chained = true;
    [first, command.clone().with_data(tail)]
}

#[test]
fn whatever_comes_between_verify_and_a_9c_signature_ends_it() {
    let mut card = ready_to_sign();
    assert_eq!(send(&mut card, &signature()).0, Status::Success);
    for (name, intruder) in intruders() {
        verified(&mut card);
        intrude(&mut card, &intruder);
        assert_eq!(
            send(&mut card, &signature()).0,
            Status::SecurityStatusNotSatisfied,
            "{name}"
        );
        // The PIN itself still counts, for what needs it once.
        assert_eq!(card.status("00 20 00 80"), Status::Success, "{name}");
    }
}

#[test]
fn whatever_comes_between_challenge_and_answer_ends_it() {
    for prepare in [challenged, witnessed] {
        let (mut card, answer) = prepare();
        assert_eq!(send(&mut card, &answer).0, Status::Success);
        for (name, intruder) in intruders() {
            let (mut card, answer) = prepare();
            intrude(&mut card, &intruder);
            assert_eq!(send(&mut card, &answer).0, Status::IncorrectData, "{name}");
            assert_eq!(
                card.status("00 DB 3F FF 09 5C 03 5F C1 06 53 02 01 02"),
                Status::SecurityStatusNotSatisfied,
                "{name}"
            );
        }
    }
}

#[test]
fn an_intruder_between_the_parts_of_a_chain_ends_it_as_well() {
    for (name, intruder) in intruders() {
        let mut card = ready_to_sign();
        let [first, _] = in_two_parts(&signature());
        assert_eq!(send(&mut card, &first).0, Status::Success);
        intrude(&mut card, &intruder);
        let refused = send(&mut card, &signature()).0;
        assert_eq!(refused, Status::SecurityStatusNotSatisfied, "{name}");

        let (mut card, answer) = challenged();
        let [first, _] = in_two_parts(&answer);
        assert_eq!(send(&mut card, &first).0, Status::Success);
        intrude(&mut card, &intruder);
        assert_eq!(send(&mut card, &answer).0, Status::IncorrectData, "{name}");
    }
}

#[test]
fn the_parts_of_the_very_same_command_are_one_command() {
    let mut card = ready_to_sign();
    let [first, last] = in_two_parts(&signature());
    assert_eq!(send(&mut card, &first).0, Status::Success);
    assert_eq!(send(&mut card, &last).0, Status::Success);
    for prepare in [challenged, witnessed] {
        let (mut card, answer) = prepare();
        let [first, last] = in_two_parts(&answer);
        assert_eq!(send(&mut card, &first).0, Status::Success);
        assert_eq!(send(&mut card, &last).0, Status::Success);
    }
}

#[test]
fn the_rest_of_a_challenge_is_fetched_before_it_is_answered() {
    let mut card = TestCard::new();
    let mut command = step(&Request::Challenge);
    command.expected = Some(8);
    let (status, mut data) = send(&mut card, &command);
    assert_eq!(status, Status::BytesAvailable(12));
    let rest = card.send(&hex("00 C0 00 00 08"));
    assert_eq!(rest.status, Status::BytesAvailable(4));
    data.extend_from_slice(&rest.data);
    data.extend_from_slice(&card.send(&hex("00 C0 00 00 00")).data);
    let answer = block(&data, AnswerField::Challenge, true);
    let answer = step(&Request::ChallengeResponse(answer));
    assert_eq!(send(&mut card, &answer).0, Status::Success);
}

#[test]
fn a_card_that_another_process_changed_takes_nothing_that_was_begun_before() {
    let change = |card: &TestCard| {
        card.store()
            .update(|state| {
                let tag = ObjectId::SecurityObject.tag();
                state.objects.insert(tag, Bytes(vec![1]));
                Ok::<_, StateError>(())
            })
            .unwrap();
    };
    let mut card = ready_to_sign();
    change(&card);
    assert_eq!(
        send(&mut card, &signature()).0,
        Status::SecurityStatusNotSatisfied
    );
    card.client()
        .verify(card_edge::piv::PinReference::PivPin, &pin("123456"))
        .unwrap();
    assert_eq!(send(&mut card, &signature()).0, Status::Success);
    let (mut card, answer) = challenged();
    change(&card);
    assert_eq!(send(&mut card, &answer).0, Status::IncorrectData);
}
