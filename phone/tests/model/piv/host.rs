//! The host's end of a channel. What it computes is `card-edge`'s, which other hosts share; the model judges what comes of
//! it.

use card_edge::apdu::Command;
use card_edge::piv::secure_messaging::key_establishment::{CardMessage, HostMessage};
use card_edge::piv::secure_messaging::{CipherSuite, HostChannel};

use super::air::{CS2, CS7};
use super::command::{Establishment, Flaw};
use super::cryptography::{agreed_p256, agreed_p384, p256_secret, p384_secret};
use crate::apdu::{Apdu, template};

/// Bytes of a MAC on the way.
const MAC: usize = 8;

/// The host's half of a key establishment; for another suite one of CS2.
fn message(suite: u8) -> HostMessage {
    let (suite, point) = match suite {
        CS7 => (
            CipherSuite::Cs7,
            p384_secret().public_key().to_sec1_bytes().to_vec(),
        ),
        _ => (
            CipherSuite::Cs2,
            p256_secret().public_key().to_sec1_bytes().to_vec(),
        ),
    };
    HostMessage::new(suite, [0; 8], &point).unwrap()
}

/// GENERAL AUTHENTICATE of the key 04.
pub fn establish(suite: u8, how: Establishment) -> Apdu {
    let mut value = message(suite).encode();
    match how {
        Establishment::Good => {}
        Establishment::OffTheCurve => *value.last_mut().unwrap() ^= 1,
        Establishment::Malformed => _ = value.pop(),
    }
    Apdu::new(
        [0, 0x87, suite, 0x04],
        template(&[(0x81, &value), (0x82, &[])]),
        true,
    )
}

/// The channel, where the card has proved its key.
pub fn opened(suite: u8, answer: &[u8]) -> Option<HostChannel> {
    let fields = card_edge::tlv::only(answer, card_edge::tlv::Tag::new(0x7C)).ok()?;
    let value = card_edge::tlv::only(fields, card_edge::tlv::Tag::new(0x82)).ok()?;
    let card = CardMessage::decode(CipherSuite::try_from(suite).ok()?, value).ok()?;
    let point = &card.certificate().body.point;
    let secret = match suite {
        CS2 => agreed_p256(point),
        _ => agreed_p384(point),
    };
    card.confirm(&message(suite), &secret).ok()
}

/// A command in the channel, or one that looks as if it were.
pub fn protect(channel: Option<&mut HostChannel>, apdu: &Apdu, flaw: Option<Flaw>) -> Vec<u8> {
    let command = Command::parse(&apdu.bytes()).unwrap();
    let mut protected = match channel {
        Some(channel) => channel.protect(&command).unwrap(),
        None => {
            let mut command = command.with_data([&[0x8E, 8][..], &[0x77; MAC]].concat());
            command.class.secure_messaging = true;
            command
        }
    };
    match flaw {
        None => {}
        Some(Flaw::WrongMac) => *protected.data.last_mut().unwrap() ^= 1,
        Some(Flaw::NoMac) => {
            let length = protected.data.len() - 2 - MAC;
            protected.data.truncate(length);
            if length == 0 {
                // Something must be there: an Le.
                protected.data.extend([0x97, 1, 0]);
            }
        }
    }
    protected.encode().unwrap().to_vec()
}
