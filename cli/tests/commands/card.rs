//! A PIV card in memory, as the standard's text describes one, whose every part a test can set.

use std::collections::BTreeMap;

use aes::Aes192;
use aes::cipher::{Block, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::chaining::ResponseChain;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::chuid::Chuid;
use card_edge::piv::discovery::{self, PinUsagePolicy};
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{self, AsymmetricKey, Cipher, KeyReference, ObjectId, certificate, data};
use card_edge::tlv::Tag;
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit};
use des::TdesEde3;
use tapcard_cli::doctor::atr::{self, GIDS_AID};
use tapcard_cli::doctor::card_edge_probe;
use tapcard_cli::doctor::finding::Finding;
use tapcard_cli::doctor::link::{CardDisposition, LinkError};
use tapcard_cli::doctor::report::{Presence, ReaderReport};
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

/// The time of all tests.
pub const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

/// The ATR of a card with contacts.
pub const CONTACT: [u8; 2] = [0x3B, 0x00];
/// The ATR that a reader makes for a phone without a card edge.
pub const CONTACTLESS_CHIP: [u8; 15] = [
    0x3b, 0x8a, 0x80, 0x01, 0x00, 0x31, 0xc1, 0x73, 0xc8, 0x40, 0x00, 0x00, 0x90, 0x00, 0x90,
];

/// A card.
pub struct Card {
    /// Whether SELECT finds PIV, and what it answers.
    pub piv: Result<Vec<u8>, Status>,
    /// What SELECT of GIDS is answered with.
    pub gids: Status,
    /// The content of each object, without 53 and its like.
    pub objects: BTreeMap<Tag, Vec<u8>>,
    /// Whether certificates want a secured channel.
    pub strict: bool,
    /// What VERIFY without data is answered with.
    pub pin: Status,
    /// The card management key.
    pub management_key: [u8; 24],
    /// What kind of key that is, AES-192 or 3DES; `None` where there is none.
    pub management_algorithm: Option<Cipher>,
    /// After this number of commands the card is gone.
    pub leaves_after: usize,
    /// Every command that came.
    pub wire: Vec<Vec<u8>>,
    responses: ResponseChain,
}

impl Card {
    /// A card that was set up, and holds no certificate.
    pub fn new() -> Self {
        let chuid = Chuid {
            fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
            guid: Uuid::from_bytes([7; 16]),
            expiration: *b"20491231",
            signature: Vec::new(),
        };
        let mut card = Self {
            piv: PropertyTemplate::default()
                .encode()
                .map_err(|_| Status::Unknown),
            gids: Status::NotFound,
            objects: BTreeMap::new(),
            strict: false,
            pin: Status::TriesLeft(5),
            management_key: [9; 24],
            management_algorithm: Some(Cipher::Aes192),
            leaves_after: usize::MAX,
            wire: Vec::new(),
            responses: ResponseChain::default(),
        };
        card.put(ObjectId::Chuid, chuid.encode().unwrap_or_default());
        let discovery = discovery::encode(PinUsagePolicy::PIV_PIN_ONLY);
        card.put(ObjectId::Discovery, discovery.unwrap_or_default());
        card
    }

    /// A card that has neither PIV nor GIDS.
    pub fn without_card_edge() -> Self {
        Self {
            piv: Err(Status::NotFound),
            ..Self::new()
        }
    }

    /// Writes an object.
    pub fn put(&mut self, object: ObjectId, content: Vec<u8>) {
        self.objects.insert(object.tag(), content);
    }

    /// Writes a certificate.
    pub fn certify(&mut self, slot: AsymmetricKey, der: &[u8]) {
        let content = certificate::encode(der).unwrap_or_default();
        self.put(ObjectId::Certificate(slot), content);
    }

    fn answer(&self, command: &Command) -> Response {
        match command.instruction {
            Instruction::Select if piv::is_selected_by(&command.data) => match &self.piv {
                Ok(template) => Response::success(template.clone()),
                Err(status) => (*status).into(),
            },
            Instruction::Select if command.data.starts_with(&GIDS_AID) => self.gids.into(),
            Instruction::Select => Status::NotFound.into(),
            Instruction::GetData
                if self.strict && command.data.starts_with(&[0x5C, 3, 0x5F, 0xC1, 5]) =>
            {
                Status::SecurityStatusNotSatisfied.into()
            }
            Instruction::GetData => data::decode_get_data(&command.data)
                .ok()
                .and_then(|tag| data::encode_content(tag, self.objects.get(&tag)?).ok())
                .map_or_else(|| Status::NotFound.into(), Response::success),
            Instruction::Verify => self.pin.into(),
            Instruction::GeneralAuthenticate => self.authenticate(command),
            _ => Status::InstructionNotSupported.into(),
        }
    }

    fn authenticate(&self, command: &Command) -> Response {
        let algorithm = Cipher::try_from(command.p1).ok();
        if command.p2 != KeyReference::CardManagement.to_u8()
            || algorithm != self.management_algorithm
        {
            return Status::IncorrectParameters.into();
        }
        let (challenge, expected) = if algorithm == Some(Cipher::TripleDes) {
            answered::<TdesEde3>(&self.management_key)
        } else {
            answered::<Aes192>(&self.management_key)
        };
        match Request::decode(&command.data) {
            Ok(Request::Challenge) => {
                let answer = authenticate::encode_answer(AnswerField::Challenge, &challenge);
                Response::success(answer.unwrap_or_default().to_vec())
            }
            Ok(Request::ChallengeResponse(response)) if response == expected => {
                Status::Success.into()
            }
            Ok(Request::ChallengeResponse(_)) => Status::SecurityStatusNotSatisfied.into(),
            _ => Status::IncorrectData.into(),
        }
    }
}

/// A challenge of one block, and the right answer to it.
fn answered<C: KeyInit + BlockCipherEncrypt + BlockSizeUser>(key: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut block = Block::<C>::default();
    block.fill(0x5A);
    let challenge = block.to_vec();
    if let Ok(cipher) = C::new_from_slice(key) {
        cipher.encrypt_block(&mut block);
    }
    (challenge, block.to_vec())
}

impl Transmit for Card {
    type Error = LinkError;

    fn transmit(&mut self, bytes: &[u8]) -> Result<ResponseBytes, LinkError> {
        if self.wire.len() >= self.leaves_after {
            return Err(LinkError::Removed);
        }
        self.wire.push(bytes.to_vec());
        let response = match Command::parse(bytes) {
            Err(error) => error.status().into(),
            Ok(command) if command.instruction == Instruction::GetResponse => self
                .responses
                .next_part(command.expected)
                .unwrap_or_else(|| Status::ConditionsNotSatisfied.into()),
            Ok(command) => {
                let answer = self.answer(&command);
                self.responses.start(answer, command.expected)
            }
        };
        Ok(response.encode())
    }
}

/// What the doctor says of a card with this ATR, and what it leaves to be done.
pub fn examine(
    card: impl Transmit<Error = LinkError>,
    answer_to_reset: &[u8],
) -> (ReaderReport, CardDisposition) {
    let name = "A Reader 00 00".to_owned();
    let mut report = ReaderReport {
        atr: Some(atr::explain(answer_to_reset)),
        ..ReaderReport::without_card(name, Presence::Examined, Vec::new())
    };
    let disposition = card_edge_probe::examine(card, NOW, &mut report);
    (report, disposition)
}

/// The findings' names.
pub fn codes(report: &ReaderReport) -> Vec<&'static str> {
    report.findings.iter().map(Finding::code).collect()
}
