//! A card in memory that speaks secure messaging, and keys with fixed values.

use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::authenticate::{AnswerField, Request, encode_answer};
use card_edge::piv::client::EphemeralKey;
use card_edge::piv::data;
use card_edge::piv::secure_messaging::certificate::{Body, SignatureAlgorithm, Subject};
use card_edge::piv::secure_messaging::key_establishment::HostMessage;
use card_edge::piv::secure_messaging::{CardChannel, CipherSuite};
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A private key that is a small number.
pub enum Key {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

impl Key {
    pub fn new(suite: CipherSuite, value: u8) -> Self {
        match suite {
            CipherSuite::Cs2 => {
                Self::P256(p256::SecretKey::from_slice(&scalar::<32>(value)).unwrap())
            }
            CipherSuite::Cs7 => {
                Self::P384(p384::SecretKey::from_slice(&scalar::<48>(value)).unwrap())
            }
        }
    }

    pub fn public_point(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.public_key().to_sec1_bytes().to_vec(),
            Self::P384(key) => key.public_key().to_sec1_bytes().to_vec(),
        }
    }

    pub fn shared(&self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(match self {
            Self::P256(key) => key
                .diffie_hellman(&p256::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
            Self::P384(key) => key
                .diffie_hellman(&p384::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
        }))
    }
}

fn scalar<const LENGTH: usize>(value: u8) -> [u8; LENGTH] {
    let mut scalar = [0; LENGTH];
    scalar[LENGTH - 1] = value;
    scalar
}

impl EphemeralKey for Key {
    fn point(&self) -> Vec<u8> {
        self.public_point()
    }

    fn agree(self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.shared(point)
    }
}

/// A certificate of this key, signed by nobody.
pub fn certificate(suite: CipherSuite, key: &Key) -> Vec<u8> {
    let body = Body {
        issuer: [1; 8],
        subject: Subject::Card(Uuid::from_bytes([7; 16])),
        curve: suite.curve(),
        point: key.public_point(),
    };
    body.signed(SignatureAlgorithm::of(suite), &[0x30; 70])
        .unwrap()
}

/// The link has broken.
#[derive(Debug)]
pub struct LinkBroken;

/// The card: every command that it opens is kept.
pub struct SecureCard {
    suite: CipherSuite,
    channel: Option<CardChannel>,
    commands: card_edge::chaining::CommandChain,
    responses: card_edge::chaining::ResponseChain,
    /// The commands as they were inside.
    pub opened: Vec<Command>,
    /// The APDUs that arrived.
    pub wire: Vec<Vec<u8>>,
    /// Whether a bit of each answer is wrong.
    pub spoils_answers: bool,
    /// Whether the link breaks before each answer.
    pub loses_answers: bool,
}

impl SecureCard {
    pub fn new(suite: CipherSuite) -> Self {
        Self {
            suite,
            channel: None,
            commands: card_edge::chaining::CommandChain::new(10_000),
            responses: card_edge::chaining::ResponseChain::default(),
            opened: Vec::new(),
            wire: Vec::new(),
            spoils_answers: false,
            loses_answers: false,
        }
    }

    pub fn forget_channel(&mut self) {
        self.channel = None;
    }

    fn answer(&mut self, command: &Command) -> Response {
        if !command.class.secure_messaging {
            return self.establish(command);
        }
        let Some(channel) = &mut self.channel else {
            return Status::SecurityStatusNotSatisfied.into();
        };
        let inner = channel.open(command).unwrap();
        let response = match inner.instruction {
            Instruction::GetData => {
                let tag = data::decode_get_data(&inner.data).unwrap();
                Response::success(data::encode_content(tag, &[0xC5; 900]).unwrap())
            }
            Instruction::GeneralAuthenticate => {
                let answer = encode_answer(AnswerField::Response, &[0x22; 256]).unwrap();
                Response::success(answer.to_vec())
            }
            _ => Status::Success.into(),
        };
        let mut protected = channel.protect(&response).unwrap();
        if self.spoils_answers {
            protected.data[2] ^= 1;
        }
        self.opened.push(inner);
        protected
    }

    fn establish(&mut self, command: &Command) -> Response {
        let key = Key::new(self.suite, 7);
        let Request::InternalAuthenticate(value) = Request::decode(&command.data).unwrap() else {
            panic!("not a key establishment");
        };
        let message = HostMessage::decode(self.suite, &value).unwrap();
        let secret = key.shared(message.point()).unwrap();
        let nonce = vec![0x5A; self.suite.nonce_length()];
        let certificate = certificate(self.suite, &key);
        let (value, channel) = message.answer(&secret, &nonce, &certificate).unwrap();
        self.channel = Some(channel);
        Response::success(
            encode_answer(AnswerField::Response, &value)
                .unwrap()
                .to_vec(),
        )
    }
}

impl Transmit for SecureCard {
    type Error = LinkBroken;

    fn transmit(&mut self, apdu: &[u8]) -> Result<ResponseBytes, Self::Error> {
        use card_edge::chaining::Assembled;
        self.wire.push(apdu.to_vec());
        if self.loses_answers {
            return Err(LinkBroken);
        }
        let command = Command::parse(apdu).unwrap();
        if command.instruction == Instruction::GetResponse {
            return Ok(self.responses.next_part(command.expected).unwrap().encode());
        }
        let response = match self.commands.push(command) {
            Assembled::Complete(command) => {
                let response = self.answer(&command);
                self.responses.start(response, command.expected)
            }
            Assembled::Incomplete => Status::Success.into(),
            Assembled::TooLong => Status::WrongLength.into(),
        };
        Ok(response.encode())
    }
}
