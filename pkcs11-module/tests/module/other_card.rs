//! A card of another maker, as a test makes it: its objects byte for byte, its PIN and what it answers to a wrong one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::chaining::{Assembled, CommandChain, ResponseChain};
use card_edge::piv::authenticate::{self, AnswerField};
use card_edge::piv::chuid::Chuid;
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::yubico::instruction::GET_METADATA;
use card_edge::piv::yubico::metadata::Metadata;
use card_edge::piv::yubico::policy::{Policies, TouchPolicy};
use card_edge::piv::{ObjectId, PinPolicy, data};

use super::card::Answers;

/// The card.
pub struct OtherCard {
    /// The answers to GET DATA, with their tag 53.
    objects: BTreeMap<u32, Vec<u8>>,
    /// The PIN, as it stands in VERIFY.
    pin: [u8; 8],
    /// The answer to a wrong PIN.
    refusal: u16,
    /// How many PINs it has compared.
    compared: Arc<AtomicUsize>,
    /// It has answered 6983, until somebody sends RESET RETRY COUNTER.
    blocked: bool,
    /// The answer to every use of a key.
    key_refusal: Option<u16>,
    /// Its keys want the PIN before each use, and it tells so when it is asked.
    wants_pin_always: bool,
    just_verified: bool,
    verified: bool,
    commands: CommandChain,
    answers: ResponseChain,
}

impl OtherCard {
    /// A card that has a CHUID and this PIN.
    pub fn with_pin(pin: &[u8]) -> Self {
        let mut padded = [0xFF; 8];
        padded[..pin.len()].copy_from_slice(pin);
        let chuid = Chuid {
            fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
            guid: GUID.parse().unwrap(),
            expiration: *b"20491231",
            signature: Vec::new(),
        };
        Self {
            objects: BTreeMap::new(),
            pin: padded,
            refusal: 0x63C2,
            compared: Arc::default(),
            blocked: false,
            key_refusal: None,
            wants_pin_always: false,
            just_verified: false,
            verified: false,
            commands: CommandChain::new(4096),
            answers: ResponseChain::default(),
        }
        .with_object(ObjectId::Chuid, &chuid.encode().unwrap())
    }

    /// The card with an object of this content.
    pub fn with_object(self, object: ObjectId, content: &[u8]) -> Self {
        let answer = data::encode_content(object.tag(), content).unwrap();
        self.with_answer(object, answer)
    }

    /// The card with an object for which it gives this answer.
    pub fn with_answer(mut self, object: ObjectId, answer: Vec<u8>) -> Self {
        self.objects.insert(object.tag().value(), answer);
        self
    }

    /// The card, answering this to a wrong PIN.
    pub fn refusing_with(mut self, status: u16) -> Self {
        self.refusal = status;
        self
    }

    /// The card, answering this to every use of a key.
    pub fn refusing_keys_with(mut self, status: u16) -> Self {
        self.key_refusal = Some(status);
        self
    }

    /// The card, whose keys want the PIN before each use.
    pub fn wanting_pin_always(mut self) -> Self {
        self.wants_pin_always = true;
        self
    }

    /// The number of PINs that it has compared, from now on.
    pub fn compared(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.compared)
    }

    fn run(&mut self, command: &Command) -> Response {
        let just_verified = std::mem::take(&mut self.just_verified);
        match command.instruction {
            Instruction::Select => {
                self.verified = false;
                let template = PropertyTemplate {
                    label: None,
                    url: None,
                    algorithms: Vec::new(),
                };
                Response::success(template.encode().unwrap())
            }
            Instruction::GetData => {
                let tag = data::decode_get_data(&command.data).unwrap();
                match self.objects.get(&tag.value()) {
                    Some(answer) => Response::success(answer.clone()),
                    None => Status::NotFound.into(),
                }
            }
            Instruction::Verify if command.p1 == 0xFF => {
                self.verified = false;
                Status::Success.into()
            }
            Instruction::ChangeReferenceData => {
                self.pin = command.data.as_slice().try_into().unwrap();
                Status::Success.into()
            }
            Instruction::ResetRetryCounter => {
                self.blocked = false;
                Status::Success.into()
            }
            Instruction::Verify if self.blocked => Status::AuthenticationMethodBlocked.into(),
            Instruction::Verify if !command.data.is_empty() => {
                self.compared.fetch_add(1, Ordering::SeqCst);
                self.verified = *command.data == self.pin;
                self.just_verified = self.verified;
                self.blocked = !self.verified && self.refusal == 0x6983;
                Status::from(if self.verified { 0x9000 } else { self.refusal }).into()
            }
            Instruction::Verify => Status::TriesLeft(3).into(),
            Instruction::GeneralAuthenticate if self.key_refusal.is_some() => {
                Status::from(self.key_refusal.unwrap_or_default()).into()
            }
            GET_METADATA if self.wants_pin_always => {
                let metadata = Metadata {
                    policies: Some(Policies {
                        pin: Some(PinPolicy::Always),
                        touch: TouchPolicy::Never,
                    }),
                    ..Metadata::default()
                };
                Response::success(metadata.encode().unwrap())
            }
            Instruction::GeneralAuthenticate if self.wants_pin_always && !just_verified => {
                Status::SecurityStatusNotSatisfied.into()
            }
            Instruction::GeneralAuthenticate if self.verified => {
                let answer = authenticate::encode_answer(AnswerField::Response, &SIGNATURE);
                Response::success(answer.unwrap().to_vec())
            }
            Instruction::GeneralAuthenticate => Status::SecurityStatusNotSatisfied.into(),
            _ => Status::InstructionNotSupported.into(),
        }
    }
}

/// The GUID of every such card.
const GUID: &str = "00112233-4455-4677-8899-aabbccddeeff";
/// The serial number that the module shows of it.
pub const SERIAL: &str = "0011223344554677";
/// The answer of its keys: r and s of an ECDSA signature.
const SIGNATURE: [u8; 8] = [0x30, 6, 0x02, 1, 5, 0x02, 1, 7];

impl Answers for OtherCard {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let command = Command::parse(command).unwrap();
        if command.instruction == Instruction::GetResponse {
            let part = self.answers.next_part(command.expected);
            let none = Status::ConditionsNotSatisfied.into();
            return part.unwrap_or(none).encode().to_vec();
        }
        let expected = command.expected;
        let response = match self.commands.push(command) {
            Assembled::Incomplete => Status::Success.into(),
            Assembled::Complete(command) => self.run(&command),
            Assembled::TooLong => Status::WrongLength.into(),
        };
        self.answers.start(response, expected).encode().to_vec()
    }

    fn reset(&mut self) {
        self.verified = false;
        self.commands.clear();
        self.answers.clear();
    }
}

/// An element of BER with its length in the longest form.
pub fn long_element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [&[tag, 0x84], &length.to_be_bytes()[..], content].concat()
}
