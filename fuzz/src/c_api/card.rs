//! A PIV card that does what the standard says, but for its private keys: it has made-up answers in their place, which
//! take no time.

use std::collections::BTreeMap;

use aes::Aes192;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::chaining::{Assembled, CommandChain};
use card_edge::piv::chuid::Chuid;
use card_edge::piv::extensions::{
    Announcement, CardName, Holder, PublicObjects, SignatureRequest, TAG_PUBLIC_OBJECTS,
};
use card_edge::piv::history::KeyHistory;
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{
    AsymmetricKey, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ObjectId, PublicKey, RetiredNumber,
    authenticate, certificate, data, generate,
};
use card_edge::tlv::{self, Tag};
use card_edge::{Status, piv};

use super::reader::{Answer, Card};

const RSA_2048: &[u8] = include_bytes!("../../corpus/token_certificate/rsa-2048");
const RSA_1024: &[u8] = include_bytes!("../../corpus/token_certificate/rsa-1024");
const P256: &[u8] = include_bytes!("../../corpus/token_certificate/p256");
const P384: &[u8] = include_bytes!("../../corpus/token_certificate/p384");
const ED25519: &[u8] = include_bytes!("../../corpus/token_certificate/ed25519");
const X25519: &[u8] = include_bytes!("../../corpus/token_certificate/x25519");

/// Certificates, for a card to change from one to the other.
pub const CERTIFICATES: [&[u8]; 6] = [RSA_2048, P256, P384, ED25519, X25519, RSA_1024];

/// The PIN, as VERIFY has it.
const PIN: [u8; 8] = *b"123456\xFF\xFF";
const TRIES: u8 = 5;
/// The longest command that comes in a chain.
const CHAIN_MAX: usize = 16_384;
/// A block of the cipher of the management key.
const CHALLENGE: [u8; 16] = [0xC5; 16];

/// What a key without a certificate is called by GET METADATA.
const METADATA_X25519: u8 = 0x84;

/// What a new card is like.
#[derive(Clone, Copy, Debug)]
pub struct Nature {
    /// It announces what it can beyond the standard.
    pub announces: bool,
    /// The keys of 9A and 9D are on curve25519.
    pub is_on_curve25519: bool,
    /// The last byte of its GUID.
    pub number: u8,
}

/// The card.
pub struct PivCard {
    /// Contents of its objects, by their tags.
    pub objects: BTreeMap<Tag, Vec<u8>>,
    announces: bool,
    pin: [u8; 8],
    tries: u8,
    is_selected: bool,
    is_verified: bool,
    is_just_verified: bool,
    is_administered: bool,
    chain: CommandChain,
    waiting: Vec<u8>,
}

/// A certificate as the card holds it.
pub fn certificate_object(der: &[u8]) -> Vec<u8> {
    certificate::encode(der).expect("it is short")
}

fn element(tag: u32, value: &[u8]) -> Vec<u8> {
    tlv::encode(Tag::new(tag), value).expect("it is short")
}

fn chuid(number: u8) -> Vec<u8> {
    let mut guid = [0x5A; 16];
    if let Some(last) = guid.last_mut() {
        *last = number;
    }
    [
        element(0x30, &[0xD4; 25]),
        element(0x34, &guid),
        element(0x35, b"20361231"),
        element(0x3E, &[]),
        element(0xFE, &[]),
    ]
    .concat()
}

/// The retired key of this number.
fn retired(number: u8) -> AsymmetricKey {
    AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(number).expect("1 to 20"))
}

impl PivCard {
    /// A new card.
    pub fn new(nature: Nature) -> Self {
        let (signs, agrees) = if nature.is_on_curve25519 {
            (ED25519, X25519)
        } else {
            (RSA_2048, RSA_2048)
        };
        let certificates = [
            (AsymmetricKey::PivAuthentication, signs),
            (AsymmetricKey::DigitalSignature, P256),
            (AsymmetricKey::KeyManagement, agrees),
            (AsymmetricKey::CardAuthentication, P384),
            (retired(1), RSA_1024),
            (retired(2), P256),
        ];
        let mut objects = BTreeMap::new();
        for (key, der) in certificates {
            objects.insert(ObjectId::Certificate(key).tag(), certificate_object(der));
        }
        let history = KeyHistory {
            on_card: 2,
            ..KeyHistory::default()
        };
        objects.insert(
            ObjectId::KeyHistory.tag(),
            history.encode().expect("it is short"),
        );
        objects.insert(ObjectId::Chuid.tag(), chuid(nature.number));
        objects.insert(ObjectId::PrintedInformation.tag(), b"Alice".to_vec());
        Self {
            objects,
            announces: nature.announces,
            pin: PIN,
            tries: TRIES,
            is_selected: false,
            is_verified: false,
            is_just_verified: false,
            is_administered: false,
            chain: CommandChain::new(CHAIN_MAX),
            waiting: Vec::new(),
        }
    }

    fn public_objects(&self) -> PublicObjects {
        let private = ObjectId::PrintedInformation.tag();
        let all = self.objects.iter().filter(|(tag, _)| **tag != private);
        PublicObjects::new(all.map(|(tag, content)| (*tag, content.clone())))
    }

    /// What it says that it is called: the number that it has, and a name that none of its certificates has.
    fn name(&self) -> Option<CardName> {
        let chuid = self.objects.get(&ObjectId::Chuid.tag())?;
        Some(CardName {
            guid: Chuid::decode(chuid).ok()?.guid,
            holder: Holder::of("Alice"),
        })
    }

    /// Its answer as it is meant, without anything that goes wrong.
    pub fn process(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Ok(command) = Command::parse(bytes) else {
            return vec![0x67, 0x00];
        };
        let most = match command.expected {
            Some(0) | None => 256,
            Some(most) => usize::try_from(most).unwrap_or(usize::MAX),
        };
        if command.instruction == Instruction::GetResponse {
            return self.part(most);
        }
        self.waiting.clear();
        let response = match self.chain.push(command) {
            Assembled::Incomplete => Response::success(Vec::new()),
            Assembled::TooLong => refusal(Status::WrongLength),
            Assembled::Complete(command) => self.execute(&command).unwrap_or_else(refusal),
        };
        if response.status != Status::Success {
            return response.encode().to_vec();
        }
        self.waiting = response.data.to_vec();
        self.part(most)
    }

    fn part(&mut self, most: usize) -> Vec<u8> {
        let rest = self.waiting.split_off(most.min(self.waiting.len()));
        let mut part = std::mem::replace(&mut self.waiting, rest);
        if self.waiting.is_empty() {
            part.extend([0x90, 0x00]);
        } else {
            part.extend([0x61, u8::try_from(self.waiting.len()).unwrap_or(0)]);
        }
        part
    }

    fn execute(&mut self, command: &Command) -> Result<Response, Status> {
        let was_just_verified = std::mem::take(&mut self.is_just_verified);
        let parameters = (command.p1, command.p2);
        if command.instruction == Instruction::Select {
            return self.select(&command.data);
        }
        if !self.is_selected {
            return Err(Status::InstructionNotSupported);
        }
        let data = &command.data;
        match command.instruction {
            Instruction::GetData => self.get_data(data),
            Instruction::Verify => self.verify(command.p1, data),
            Instruction::ChangeReferenceData => self.change_pin(data),
            Instruction::PutData if self.is_administered => {
                let put = data::decode_put_data(data).map_err(|_| Status::IncorrectData)?;
                self.objects.insert(put.tag, put.content.to_vec());
                Ok(Response::success(Vec::new()))
            }
            Instruction::GenerateAsymmetricKeyPair if self.is_administered => made(data),
            Instruction::PutData | Instruction::GenerateAsymmetricKeyPair => {
                Err(Status::SecurityStatusNotSatisfied)
            }
            Instruction::GeneralAuthenticate if command.p2 == 0x9B => self.administer(data),
            Instruction::GeneralAuthenticate => {
                self.may_use(command.p2, was_just_verified)?;
                use_key(command.p1, data)
            }
            Instruction::Other(0x2A) if self.announces && parameters == (0x9E, 0x9A) => {
                let request = SignatureRequest::decode(data).map_err(|_| Status::IncorrectData)?;
                self.may_use(request.key.to_u8(), was_just_verified)?;
                let length = match request.key {
                    AsymmetricKey::DigitalSignature => 64,
                    AsymmetricKey::CardAuthentication => 96,
                    _ => 256,
                };
                Ok(Response::success(vec![0x11; length]))
            }
            Instruction::Other(0xF7) => self.metadata(command.p2),
            Instruction::Other(0xFF) if self.is_administered => Ok(Response::success(Vec::new())),
            _ => Err(Status::InstructionNotSupported),
        }
    }

    fn select(&mut self, aid: &[u8]) -> Result<Response, Status> {
        self.is_selected = piv::is_selected_by(aid);
        self.is_verified = false;
        self.is_administered = false;
        if !self.is_selected {
            return Err(Status::NotFound);
        }
        let url = self.announces.then(|| {
            let objects = self.public_objects().digest().ok()?;
            let announcement = Announcement {
                objects,
                pin_tries: Some(self.tries),
                name: self.name(),
                pin_entry: None,
            };
            Some(announcement.encode())
        });
        let template = PropertyTemplate {
            label: None,
            url: url.flatten(),
            algorithms: Vec::new(),
        };
        let template = template.encode().map_err(|_| Status::Unknown)?;
        Ok(Response::success(template))
    }

    fn get_data(&self, data: &[u8]) -> Result<Response, Status> {
        let tag = data::decode_get_data(data).map_err(|_| Status::IncorrectData)?;
        let content = if tag == TAG_PUBLIC_OBJECTS && self.announces {
            let all = self.public_objects().deflate();
            all.map_err(|_| Status::NotEnoughMemory)?
        } else {
            self.objects.get(&tag).cloned().unwrap_or_default()
        };
        if content.is_empty() {
            return Err(Status::NotFound);
        }
        if tag == ObjectId::PrintedInformation.tag() && !self.is_verified {
            return Err(Status::SecurityStatusNotSatisfied);
        }
        let answer = data::encode_content(tag, &content).map_err(|_| Status::Unknown)?;
        Ok(Response::success(answer))
    }

    fn verify(&mut self, p1: u8, data: &[u8]) -> Result<Response, Status> {
        if p1 == 0xFF {
            self.is_verified = false;
            return Ok(Response::success(Vec::new()));
        }
        if data.is_empty() && self.is_verified {
            return Ok(Response::success(Vec::new()));
        }
        if !data.is_empty() {
            self.compare(data)?;
            self.is_just_verified = true;
            self.is_verified = true;
            return Ok(Response::success(Vec::new()));
        }
        Err(self.tries())
    }

    fn change_pin(&mut self, data: &[u8]) -> Result<Response, Status> {
        let (old, new) = data.split_at_checked(8).ok_or(Status::IncorrectData)?;
        self.compare(old)?;
        self.pin = new.try_into().map_err(|_| Status::IncorrectData)?;
        self.is_verified = true;
        Ok(Response::success(Vec::new()))
    }

    fn compare(&mut self, pin: &[u8]) -> Result<(), Status> {
        if self.tries > 0 && *pin == self.pin {
            self.tries = TRIES;
            return Ok(());
        }
        self.is_verified = false;
        self.tries = self.tries.saturating_sub(1);
        Err(self.tries())
    }

    fn tries(&self) -> Status {
        match self.tries {
            0 => Status::AuthenticationMethodBlocked,
            left => Status::TriesLeft(left),
        }
    }

    fn administer(&mut self, data: &[u8]) -> Result<Response, Status> {
        self.is_administered = false;
        match authenticate::Request::decode(data).map_err(|_| Status::IncorrectData)? {
            authenticate::Request::Challenge => {
                let field = authenticate::AnswerField::Challenge;
                let answer = authenticate::encode_answer(field, &CHALLENGE);
                Ok(Response::success(
                    answer.map_err(|_| Status::Unknown)?.to_vec(),
                ))
            }
            authenticate::Request::ChallengeResponse(response) => {
                let mut block = Array::from(CHALLENGE);
                Aes192::new(&Array::from(DEFAULT_CARD_MANAGEMENT_KEY)).encrypt_block(&mut block);
                self.is_administered = response == block[..];
                if self.is_administered {
                    Ok(Response::success(Vec::new()))
                } else {
                    Err(Status::SecurityStatusNotSatisfied)
                }
            }
            _ => Err(Status::IncorrectData),
        }
    }

    fn may_use(&self, key: u8, was_just_verified: bool) -> Result<(), Status> {
        let may = match key {
            0x9C => was_just_verified,
            0x9E => true,
            _ => self.is_verified,
        };
        if may {
            Ok(())
        } else {
            Err(Status::SecurityStatusNotSatisfied)
        }
    }

    /// Of the one key that has no certificate, and of the PIN.
    fn metadata(&self, reference: u8) -> Result<Response, Status> {
        let metadata = match reference {
            METADATA_X25519 => piv::yubico::metadata::Metadata {
                algorithm: Some(KeyAlgorithm::X25519.identifier()),
                public_key: Some(PublicKey::Curve25519 { key: [9; 32] }),
                ..Default::default()
            },
            0x9A | 0x9C | 0x9D | 0x9E => piv::yubico::metadata::Metadata::default(),
            _ => return Err(Status::ReferenceNotFound),
        };
        let answer = metadata.encode().map_err(|_| Status::Unknown)?;
        Ok(Response::success(answer))
    }
}

fn refusal(status: Status) -> Response {
    Response {
        data: Vec::new().into(),
        status,
    }
}

/// A new key, as every key of its algorithm.
fn made(data: &[u8]) -> Result<Response, Status> {
    let control = generate::decode_control(data).map_err(|_| Status::IncorrectData)?;
    let key = match control.algorithm.kind() {
        piv::KeyKind::Rsa { modulus } => PublicKey::Rsa {
            modulus: vec![0xC1; modulus],
            exponent: vec![1, 0, 1],
        },
        piv::KeyKind::Ecc(curve) => PublicKey::Ecc {
            curve,
            point: base_point(curve.field_length()),
        },
        piv::KeyKind::Ed25519 | piv::KeyKind::X25519 => PublicKey::Curve25519 { key: [9; 32] },
    };
    let answer = key.encode().map_err(|_| Status::Unknown)?;
    Ok(Response::success(answer))
}

/// The base point of P-256 (SEC 2, 2.4.2), uncompressed; for another curve bytes that are not on it.
fn base_point(field: usize) -> Vec<u8> {
    const X: u128 = 0x6B17D1F2_E12C4247_F8BCE6E5_63A440F2;
    const X2: u128 = 0x77037D81_2DEB33A0_F4A13945_D898C296;
    const Y: u128 = 0x4FE342E2_FE1A7F9B_8EE7EB4A_7C0F9E16;
    const Y2: u128 = 0x2BCE3357_6B315ECE_CBB64068_37BF51F5;
    if field == 32 {
        let numbers = [X, X2, Y, Y2].map(u128::to_be_bytes);
        return [&[4][..], &numbers.concat()].concat();
    }
    [&[4][..], &vec![1; 2 * field]].concat()
}

/// What no private key gives: of RSA a block with a message in the padding of PKCS #1 v1.5, of ECDSA a short signature,
/// of an agreement ones.
fn use_key(algorithm: u8, data: &[u8]) -> Result<Response, Status> {
    let algorithm = KeyAlgorithm::try_from(algorithm).map_err(|_| Status::IncorrectParameters)?;
    let request = authenticate::Request::decode(data).map_err(|_| Status::IncorrectData)?;
    let value = match (request, algorithm.kind()) {
        (authenticate::Request::InternalAuthenticate(_), piv::KeyKind::Rsa { modulus }) => {
            let mut block = vec![0x77; modulus];
            for (to, from) in block.iter_mut().zip([0x00, 0x02]) {
                *to = from;
            }
            if let Some(end) = block.get_mut(modulus - 8) {
                *end = 0x00;
            }
            block
        }
        (authenticate::Request::InternalAuthenticate(_), piv::KeyKind::Ecc(_)) => {
            vec![0x30, 6, 2, 1, 1, 2, 1, 1]
        }
        (authenticate::Request::InternalAuthenticate(_), piv::KeyKind::Ed25519) => vec![0x11; 64],
        (authenticate::Request::KeyAgreement(point), kind) => match kind {
            piv::KeyKind::Ecc(curve) if point.len() == 2 * curve.field_length() + 1 => {
                vec![0x01; curve.field_length()]
            }
            piv::KeyKind::X25519 => vec![0x01; 32],
            _ => return Err(Status::IncorrectData),
        },
        _ => return Err(Status::IncorrectData),
    };
    let field = authenticate::AnswerField::Response;
    let answer = authenticate::encode_answer(field, &value).map_err(|_| Status::Unknown)?;
    Ok(Response::success(answer.to_vec()))
}

impl Card for PivCard {
    fn answer(&mut self, command: &[u8]) -> Answer {
        self.process(command).into()
    }

    fn reset(&mut self) {
        self.is_selected = false;
        self.is_verified = false;
        self.is_just_verified = false;
        self.is_administered = false;
        self.chain.clear();
        self.waiting.clear();
    }
}
