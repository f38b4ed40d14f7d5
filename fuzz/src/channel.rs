//! A host's end of secure messaging with the card under test, with a key that is always the same: what it is made of is
//! not what is tested, and the same input should do the same.

use std::convert::Infallible;
use std::sync::OnceLock;

use card_edge::apdu::{Command, Response};
use card_edge::piv::client::{Client, EphemeralKey};
use card_edge::piv::secure_messaging::{CipherSuite, HostChannel, may_be_protected};
use card_edge::{Status, Transmit, transmit};
use zeroize::Zeroizing;

/// The secret scalar of the host's key, each byte of it.
const SCALAR: u8 = 0x42;

/// The host's key for each suite. They are computed once: each input would spend a quarter of its time on that.
pub struct HostKey {
    secret: Secret,
    point: Vec<u8>,
}

enum Secret {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

impl HostKey {
    /// The one for this suite.
    pub fn of(suite: CipherSuite) -> &'static Self {
        static KEYS: [OnceLock<HostKey>; 2] = [const { OnceLock::new() }; 2];
        let [of_cs2, of_cs7] = &KEYS;
        let scalar = vec![SCALAR; suite.curve().field_length()];
        match suite {
            CipherSuite::Cs2 => of_cs2.get_or_init(|| {
                let secret = p256::SecretKey::from_slice(&scalar).expect("below the order");
                let point = secret.public_key().to_sec1_bytes().to_vec();
                let secret = Secret::P256(secret);
                Self { secret, point }
            }),
            CipherSuite::Cs7 => of_cs7.get_or_init(|| {
                let secret = p384::SecretKey::from_slice(&scalar).expect("below the order");
                let point = secret.public_key().to_sec1_bytes().to_vec();
                let secret = Secret::P384(secret);
                Self { secret, point }
            }),
        }
    }
}

impl EphemeralKey for &HostKey {
    fn point(&self) -> Vec<u8> {
        self.point.clone()
    }

    fn agree(self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(match &self.secret {
            Secret::P256(key) => key
                .diffie_hellman(&p256::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
            Secret::P384(key) => key
                .diffie_hellman(&p384::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
        }))
    }
}

/// How a command of the input goes to the card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it stands.
    Raw,
    /// Wrapped, where it is a command that may be.
    Wrapped,
    /// The same, and then with another byte somewhere that the MAC covers or in the MAC.
    Damaged,
    /// The last one that was wrapped, as it was: with a counter that is past.
    Repeated,
}

impl From<u8> for Form {
    /// By the two highest bits.
    fn from(bits: u8) -> Self {
        match bits >> 6 {
            0 => Self::Raw,
            1 => Self::Wrapped,
            2 => Self::Damaged,
            _ => Self::Repeated,
        }
    }
}

/// The host in a session, and how often the card has answered it through the channel.
pub struct Host {
    channel: Option<HostChannel>,
    last: Option<Command>,
    /// Commands that went through the channel and were answered through it.
    pub inside: usize,
}

impl Host {
    /// A host that goes on where this client stands.
    pub fn after<T: Transmit>(client: &mut Client<T>) -> Self {
        Self {
            channel: client.take_channel(),
            last: None,
            inside: 0,
        }
    }

    /// Sends these bytes in this form. What cannot be wrapped is not sent.
    pub fn send(&mut self, card: &mut impl Transmit<Error = Infallible>, form: Form, apdu: &[u8]) {
        match form {
            Form::Raw => {
                let answer = card.transmit(apdu).unwrap_or_else(|never| match never {});
                let response = Response::parse(&answer).expect("an answer has a status word");
                assert!(response.data.len() <= 65_536);
            }
            Form::Wrapped => self.send_wrapped(card, apdu),
            Form::Damaged => {
                if let Some(mut command) = self.wrap(apdu) {
                    self.channel = None;
                    damage(&mut command, apdu);
                    let response = exchange(card, &command);
                    assert_ne!(response.status, Status::Success, "a MAC that is wrong");
                }
            }
            Form::Repeated => {
                if let Some(command) = &self.last {
                    self.channel = None;
                    let response = exchange(card, command);
                    assert_ne!(response.status, Status::Success, "a counter that is past");
                }
            }
        }
    }

    fn send_wrapped(&mut self, card: &mut impl Transmit<Error = Infallible>, apdu: &[u8]) {
        let Some(command) = self.wrap(apdu) else {
            return;
        };
        let response = exchange(card, &command);
        if response.status == Status::Success {
            let channel = self.channel.as_mut().expect("it wrapped the command");
            channel.open(&response.data).expect("the card's own answer");
            self.inside += 1;
            self.last = Some(command);
        } else {
            // A command in between has ended it.
            self.channel = None;
        }
    }

    fn wrap(&mut self, apdu: &[u8]) -> Option<Command> {
        let channel = self.channel.as_mut()?;
        let command = Command::parse(apdu).ok()?;
        if !may_be_protected(command.instruction) {
            return None;
        }
        channel.protect(&command).ok()
    }
}

/// Changes one byte, which one and how says the command itself.
fn damage(command: &mut Command, apdu: &[u8]) {
    let sum = apdu.iter().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    let bit = 1 << (sum % 8);
    let at = (sum / 8) % (command.data.len() + 2);
    match at {
        0 => command.p1 ^= bit,
        1 => command.p2 ^= bit,
        _ => {
            if let Some(byte) = command.data.get_mut(at - 2) {
                *byte ^= bit;
            }
        }
    }
}

fn exchange(card: &mut impl Transmit<Error = Infallible>, command: &Command) -> Response {
    transmit::exchange(card, command).expect("a card whose answers end")
}
