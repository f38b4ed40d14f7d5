//! Secure messaging, both halves against each other: no randomness, so every run is the same.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod secure_card;

use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::client::ChannelError;
use card_edge::piv::secure_messaging::certificate::{Body, SignatureAlgorithm, Subject};
use card_edge::piv::secure_messaging::key_establishment::{
    CardMessage, HostMessage, KeyEstablishmentError, NAMELESS,
};
use card_edge::piv::secure_messaging::{CardChannel, CipherSuite, HostChannel, ProtectionError};
use card_edge::piv::{Client, ClientError, ObjectId, Pin, PinReference};
use uuid::Uuid;

use secure_card::{Key, SecureCard, certificate};

/// Both ends of a channel.
fn channels(suite: CipherSuite) -> (HostChannel, CardChannel) {
    let (host, card) = (Key::new(suite, 5), Key::new(suite, 7));
    let sent = HostMessage::new(suite, NAMELESS, &host.public_point()).unwrap();
    let received = HostMessage::decode(suite, &sent.encode()).unwrap();
    let secret = card.shared(received.point()).unwrap();
    let nonce = vec![0x5A; suite.nonce_length()];
    let (value, card) = received
        .answer(&secret, &nonce, &certificate(suite, &card))
        .unwrap();
    let answer = CardMessage::decode(suite, &value).unwrap();
    let secret = host.shared(&answer.certificate().body.point).unwrap();
    (answer.confirm(&sent, &secret).unwrap(), card)
}

fn verify() -> Command {
    Command::new(Instruction::Verify, 0x00, 0x80)
        .with_data(*b"123456\xFF\xFF")
        .expecting_nothing()
}

#[test]
fn commands_and_answers_of_any_length_pass_one_after_another() {
    for suite in CipherSuite::ALL {
        let (mut host, mut card) = channels(suite);
        for length in [0, 1, 15, 16, 17, 31, 32, 255, 256, 4_000] {
            let command = Command::new(Instruction::GeneralAuthenticate, 0x07, 0x9A)
                .with_data(vec![0x80; length]);
            let protected = host.protect(&command).unwrap();
            assert_eq!(protected.class.to_u8(), 0x0C);
            assert_eq!(protected.expected, Some(256));
            assert_eq!(card.open(&protected).unwrap(), command);
            let mut response = Response::success(vec![0x00; length]);
            response.status = Status::TriesLeft(3);
            let protected = card.protect(&response).unwrap();
            assert_eq!(protected.status, Status::Success);
            assert_eq!(host.open(&protected.data).unwrap(), response);
        }
        // Without Le inside, and without data at all.
        for command in [verify(), verify().with_data(Vec::new())] {
            let protected = host.protect(&command).unwrap();
            assert_eq!(card.open(&protected).unwrap(), command);
            let answer = card.protect(&Status::Success.into()).unwrap();
            assert_eq!(host.open(&answer.data).unwrap().status, Status::Success);
        }
    }
}

#[test]
fn nothing_of_a_pin_is_seen_and_the_same_command_never_looks_the_same() {
    let (mut host, mut card) = channels(CipherSuite::Cs2);
    let first = host.protect(&verify()).unwrap();
    card.open(&first).unwrap();
    host.open(&card.protect(&Status::Success.into()).unwrap().data)
        .unwrap();
    let second = host.protect(&verify()).unwrap();
    assert_ne!(first.data, second.data);
    assert!(!first.data.windows(6).any(|window| window == b"123456"));
    // 87 { 01, one block }, 8E { MAC }: a VERIFY expects nothing.
    assert_eq!(first.data[..3], [0x87, 17, 1]);
    assert_eq!(first.data[19..21], [0x8E, 8]);
    assert_eq!(first.data.len(), 29);
}

#[test]
fn a_command_that_was_touched_repeated_or_skipped_is_refused() {
    for suite in CipherSuite::ALL {
        let (mut host, _) = channels(suite);
        let good = host
            .protect(&Command::new(Instruction::GetData, 0x3F, 0xFF).with_data([0x5C, 1, 0x7E]))
            .unwrap();
        for at in 0..good.data.len() {
            let mut bad = good.clone();
            bad.data[at] ^= 1;
            assert!(channels(suite).1.open(&bad).is_err(), "{at}");
        }
        for bad in [
            Command {
                p1: 0,
                ..good.clone()
            },
            Command {
                p2: 0,
                ..good.clone()
            },
            Command {
                instruction: Instruction::Verify,
                ..good.clone()
            },
        ] {
            assert_eq!(
                channels(suite).1.open(&bad).unwrap_err(),
                ProtectionError::Incorrect
            );
        }
        let (_, mut card) = channels(suite);
        card.open(&good).unwrap();
        card.protect(&Status::Success.into()).unwrap();
        assert!(card.open(&good).is_err(), "a repeated command");
        let next = host.protect(&verify()).unwrap();
        assert!(channels(suite).1.open(&next).is_err(), "a skipped command");
    }
}

#[test]
fn an_answer_that_was_touched_or_belongs_to_another_command_is_refused() {
    let suite = CipherSuite::Cs2;
    let begun = || {
        let (mut host, mut card) = channels(suite);
        card.open(&host.protect(&verify()).unwrap()).unwrap();
        (host, card)
    };
    let good = begun().1.protect(&Response::success([1, 2, 3])).unwrap();
    for at in 0..good.data.len() {
        let mut bad = good.clone();
        bad.data[at] ^= 1;
        assert!(begun().0.open(&bad.data).is_err(), "{at}");
    }
    let (mut host, _) = begun();
    host.open(&good.data).unwrap();
    host.protect(&verify()).unwrap();
    assert!(host.open(&good.data).is_err(), "a repeated answer");
}

#[test]
fn missing_objects_are_told_from_incorrect_ones() {
    let open = |data: &[u8]| {
        let (_, mut card) = channels(CipherSuite::Cs2);
        card.open(&verify().with_data(data)).unwrap_err()
    };
    for missing in [&[][..], &[0x97, 1, 0]] {
        assert_eq!(open(missing), ProtectionError::Missing, "{missing:02X?}");
    }
    let mac = [0x8E, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    for head in [
        &[][..],
        &[0x97, 1, 1],
        &[0x97, 2, 0, 0],
        &[0x87, 0],
        &[0x87, 1, 1],
        &[0x87, 2, 2, 0],
        &[0x97, 1, 0, 0x97, 1, 0],
        &[0x99, 2, 0x90, 0],
        &[0x8E, 0],
    ] {
        let data = [head, &mac].concat();
        assert_eq!(open(&data), ProtectionError::Incorrect, "{data:02X?}");
    }
    for data in [
        &[0x8E, 7, 0, 0, 0, 0, 0, 0, 0][..],
        &[0x87],
        &[0x8E, 0x81, 8],
    ] {
        assert_eq!(open(data), ProtectionError::Incorrect, "{data:02X?}");
    }
}

#[test]
fn a_card_without_the_key_of_its_certificate_proves_nothing() {
    for suite in CipherSuite::ALL {
        let (host, card, other) = (Key::new(suite, 5), Key::new(suite, 7), Key::new(suite, 8));
        let sent = HostMessage::new(suite, NAMELESS, &host.public_point()).unwrap();
        let nonce = vec![1; suite.nonce_length()];
        let secret = other.shared(sent.point()).unwrap();
        let (value, _) = sent
            .answer(&secret, &nonce, &certificate(suite, &card))
            .unwrap();
        let answer = CardMessage::decode(suite, &value).unwrap();
        let secret = host.shared(&answer.certificate().body.point).unwrap();
        assert_eq!(
            answer.confirm(&sent, &secret).unwrap_err(),
            KeyEstablishmentError::NotProved
        );
    }
}

#[test]
fn a_certificate_that_is_not_a_cards_or_not_of_the_suite_is_refused() {
    for suite in CipherSuite::ALL {
        let card = Key::new(suite, 7);
        let message = |subject, algorithm| {
            let body = Body {
                issuer: [1; 8],
                subject,
                curve: suite.curve(),
                point: card.public_point(),
            };
            let certificate = body.signed(algorithm, &[0x30; 70]).unwrap();
            let nonce = vec![1; suite.nonce_length()];
            [&[0], nonce.as_slice(), &[2; 16], &certificate].concat()
        };
        let subject = Subject::Card(Uuid::from_bytes([7; 16]));
        let own = SignatureAlgorithm::of(suite);
        for algorithm in [
            SignatureAlgorithm::EcdsaSha256,
            SignatureAlgorithm::EcdsaSha384,
            SignatureAlgorithm::RsaSha256,
        ] {
            let read = CardMessage::decode(suite, &message(subject, algorithm));
            if algorithm == own {
                assert!(read.is_ok());
            } else {
                assert_eq!(read.unwrap_err(), KeyEstablishmentError::OtherCertificate);
            }
        }
        let intermediate = message(Subject::Intermediate([3; 8]), own);
        assert_eq!(
            CardMessage::decode(suite, &intermediate).unwrap_err(),
            KeyEstablishmentError::OtherCertificate
        );
    }
}

#[test]
fn malformed_messages_of_the_key_establishment_are_refused() {
    for suite in CipherSuite::ALL {
        let point = Key::new(suite, 5).public_point();
        let good = HostMessage::new(suite, NAMELESS, &point).unwrap().encode();
        assert_eq!(good.len(), 9 + suite.point_length());
        // A host that could do persistent binding.
        assert!(HostMessage::decode(suite, &[&[1], &good[1..]].concat()).is_ok());
        for bad in [
            &[][..],
            &good[..good.len() - 1],
            &[&[0x10], &good[1..]].concat(),
            &[good.as_slice(), &[0]].concat(),
            &[&good[..9], &[0x02], &good[10..]].concat(),
        ] {
            assert!(HostMessage::decode(suite, bad).is_err());
        }
        let message = HostMessage::decode(suite, &good).unwrap();
        assert!(message.answer(&[1; 32], &[1; 8], &[]).is_err());
        for length in 0..suite.nonce_length() + 30 {
            assert!(CardMessage::decode(suite, &vec![0; length]).is_err());
        }
    }
}

#[test]
fn a_client_opens_a_channel_and_says_everything_through_it() {
    for suite in CipherSuite::ALL {
        let mut client = Client::new(SecureCard::new(suite));
        let pin = Pin::new(b"123456").unwrap();
        client
            .open_channel(suite, Key::new(suite, 5), |certificate| {
                certificate.body.point == Key::new(suite, 7).public_point()
            })
            .unwrap();
        client.verify(PinReference::PivPin, &pin).unwrap();
        let content = client.get_data(ObjectId::Chuid).unwrap().unwrap();
        assert_eq!(*content, [0xC5; 900]);
        let signature = client
            .apply_key(
                card_edge::piv::AsymmetricKey::PivAuthentication,
                card_edge::piv::KeyAlgorithm::Rsa2048,
                &[0x11; 256],
            )
            .unwrap();
        assert_eq!(*signature, [0x22; 256]);
        let card = client.card();
        assert_eq!(
            card.opened
                .iter()
                .map(|command| command.instruction)
                .collect::<Vec<_>>(),
            [
                Instruction::Verify,
                Instruction::GetData,
                Instruction::GeneralAuthenticate
            ]
        );
        let is_protected = |apdu: &&Vec<u8>| apdu[0] & 0x0C == 0x0C;
        assert!(
            card.wire
                .iter()
                .skip(1)
                .filter(|apdu| apdu[1] != 0xC0)
                .all(|apdu| is_protected(&apdu))
        );
        assert!(card.wire.iter().any(|apdu| apdu[0] == 0x1C), "a chain");
        assert!(
            !card
                .wire
                .iter()
                .any(|apdu| apdu.windows(6).any(|part| part == b"123456"))
        );
    }
}

#[test]
fn a_client_trusts_no_other_card_and_sends_nothing_after_an_error() {
    let suite = CipherSuite::Cs2;
    let mut client = Client::new(SecureCard::new(suite));
    let refused = client.open_channel(suite, Key::new(suite, 5), |_| false);
    assert!(matches!(
        refused,
        Err(ClientError::Channel(ChannelError::NotTrusted))
    ));
    assert!(!client.has_channel());

    client
        .open_channel(suite, Key::new(suite, 5), |_| true)
        .unwrap();
    client.card().forget_channel();
    let pin = Pin::new(b"123456").unwrap();
    assert!(matches!(
        client.verify(PinReference::PivPin, &pin),
        Err(ClientError::Channel(ChannelError::Lost(
            Status::SecurityStatusNotSatisfied
        )))
    ));
    assert!(!client.has_channel());
    // What was meant for the channel does not go in clear, however often it is tried.
    let sent = client.card().wire.len();
    for _ in 0..2 {
        assert!(matches!(
            client.verify(PinReference::PivPin, &pin),
            Err(ClientError::Channel(ChannelError::Lost(_)))
        ));
        assert!(matches!(
            client.get_data(ObjectId::Chuid),
            Err(ClientError::Channel(ChannelError::Lost(_)))
        ));
    }
    assert_eq!(client.card().wire.len(), sent);

    client
        .open_channel(suite, Key::new(suite, 5), |_| true)
        .unwrap();
    client.card().spoils_answers = true;
    assert!(matches!(
        client.verify(PinReference::PivPin, &pin),
        Err(ClientError::Channel(ChannelError::Protection(_)))
    ));
    assert!(!client.has_channel());
    let sent = client.card().wire.len();
    assert!(matches!(
        client.verify(PinReference::PivPin, &pin),
        Err(ClientError::Channel(ChannelError::Protection(_)))
    ));
    assert_eq!(client.card().wire.len(), sent);

    client.card().spoils_answers = false;
    client
        .open_channel(suite, Key::new(suite, 5), |_| true)
        .unwrap();
    client.verify(PinReference::PivPin, &pin).unwrap();
    client.card().loses_answers = true;
    assert!(matches!(
        client.verify(PinReference::PivPin, &pin),
        Err(ClientError::Exchange(_))
    ));
    let sent = client.card().wire.len();
    assert!(matches!(
        client.verify(PinReference::PivPin, &pin),
        Err(ClientError::Channel(ChannelError::LinkFailed))
    ));
    assert_eq!(client.card().wire.len(), sent);
    assert!(client.take_channel().is_none());
    // The caller has given the channel up: commands go in clear.
    assert!(matches!(
        client.get_data(ObjectId::Chuid),
        Err(ClientError::Exchange(_))
    ));
    assert_eq!(client.card().wire.len(), sent + 1);
    assert_eq!(client.card().wire[sent][0], 0x00);
}
