//! What OpenSC 0.26.1 and a card said to each other, recorded: the establishment of a channel, the pairing code, the PIN
//! of a new card and a signature. The card's key is known here, and with it everything that passed.
//!
//! ```text
//! key             the card's private key
//! establish       the data of GENERAL AUTHENTICATE, and the answer (established)
//! > INS P1 P2     a protected command, its parts joined, and the answer (<)
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::{AnswerField, Request, decode_answer};
use card_edge::piv::secure_messaging::CipherSuite;
use card_edge::piv::secure_messaging::key_establishment::{CardMessage, HostMessage};
use data_encoding::HEXLOWER;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// What the card's key and this point agree on.
fn agree(suite: CipherSuite, key: &[u8], point: &[u8]) -> Vec<u8> {
    match suite {
        CipherSuite::Cs2 => p256::SecretKey::from_slice(key)
            .unwrap()
            .diffie_hellman(&p256::PublicKey::from_sec1_bytes(point).unwrap())
            .raw_secret_bytes()
            .to_vec(),
        CipherSuite::Cs7 => p384::SecretKey::from_slice(key)
            .unwrap()
            .diffie_hellman(&p384::PublicKey::from_sec1_bytes(point).unwrap())
            .raw_secret_bytes()
            .to_vec(),
    }
}

/// Replays a recording with both halves: each opens what the other side sent, and makes the same bytes of it.
fn replay(suite: CipherSuite, recording: &str) -> Vec<Command> {
    let mut lines = recording.lines();
    let mut next = |name: &str| {
        let line = lines.next()?;
        Some(line.strip_prefix(name).unwrap().trim().to_owned())
    };
    let key = hex(&next("key").unwrap());
    let request = Request::decode(&hex(&next("establish").unwrap())).unwrap();
    let Request::InternalAuthenticate(message) = request else {
        panic!("not a key establishment");
    };
    let sent = HostMessage::decode(suite, &message).unwrap();
    let answer = hex(&next("established").unwrap());
    let value = decode_answer(&answer, AnswerField::Response).unwrap();
    let answer = CardMessage::decode(suite, value).unwrap();
    let secret = agree(suite, &key, sent.point());
    let mut host = answer.confirm(&sent, &secret).unwrap();
    let nonce = &value[1..=suite.nonce_length()];
    let certificate = answer.certificate().as_bytes();
    let (again, mut card) = sent.answer(&secret, nonce, certificate).unwrap();
    assert_eq!(again, value);
    let mut commands = Vec::new();
    while let Some(line) = next(">") {
        let (header, data) = line.split_once(' ').unwrap();
        let header = hex(header);
        let mut protected =
            Command::new(Instruction::from(header[0]), header[1], header[2]).with_data(hex(data));
        protected.class.secure_messaging = true;
        let command = card.open(&protected).unwrap();
        assert_eq!(host.protect(&command).unwrap(), protected);
        let data = hex(&next("<").unwrap());
        let response = host.open(&data).unwrap();
        assert_eq!(*card.protect(&response).unwrap().data, data);
        commands.push(command);
    }
    commands
}

/// The references that values were given for by VERIFY.
fn verified(commands: &[Command]) -> Vec<u8> {
    let verify =
        |command: &&Command| command.instruction == Instruction::Verify && !command.data.is_empty();
    commands
        .iter()
        .filter(verify)
        .map(|command| command.p2)
        .collect()
}

#[test]
fn cs2() {
    let commands = replay(CipherSuite::Cs2, include_str!("opensc/cs2.txt"));
    let references = verified(&commands);
    assert_eq!(references[..2], [0x98, 0x80]);
    let pin = b"123456\xFF\xFF";
    assert!(
        commands
            .iter()
            .any(|command| command.data.as_slice() == pin)
    );
    let last = commands
        .iter()
        .rfind(|command| command.instruction == Instruction::GeneralAuthenticate);
    assert_eq!(last.unwrap().data.len(), 38);
}

#[test]
fn cs7() {
    let commands = replay(CipherSuite::Cs7, include_str!("opensc/cs7.txt"));
    assert_eq!(verified(&commands), [0x98, 0x80]);
    let last = commands.last().unwrap();
    // An RSA block, in a chain of two parts.
    assert_eq!(last.data.len(), 266);
}
