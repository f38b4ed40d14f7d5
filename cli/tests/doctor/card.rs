//! A PIV card in memory, as the standard's text describes one, whose every part a test can set.

use std::collections::BTreeMap;

use aes::Aes192;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::chaining::ResponseChain;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::chuid::{Chuid, Guid};
use card_edge::piv::discovery::{self, PinUsagePolicy};
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{self, ObjectId, Slot, certificate, object};
use card_edge::tlv::Tag;
use card_edge::{Status, Transmit};
use tapcard_cli::doctor::atr::{self, GIDS_AID};
use tapcard_cli::doctor::card_edge_probe::{self, Afterwards};
use tapcard_cli::doctor::finding::Finding;
use tapcard_cli::doctor::link::LinkError;
use tapcard_cli::doctor::report::{Presence, ReaderReport};
use time::OffsetDateTime;
use time::macros::datetime;

/// The time of all tests.
pub const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

/// The ATR of a card with contacts.
pub const CONTACT: [u8; 2] = [0x3B, 0x00];
/// The ATR of the article's phone.
pub const ARTICLE: [u8; 15] = [
    0x3b, 0x8a, 0x80, 0x01, 0x00, 0x31, 0xc1, 0x73, 0xc8, 0x40, 0x00, 0x00, 0x90, 0x00, 0x90,
];

const CHALLENGE: [u8; 16] = *b"sixteen bytes...";

/// A card.
pub struct Card {
    /// Whether SELECT finds PIV, and what it answers.
    pub piv: Result<Vec<u8>, Status>,
    /// What SELECT of GIDS is answered with.
    pub gids: Status,
    /// The content of each object, without 53 and its like.
    pub objects: BTreeMap<Tag, Vec<u8>>,
    /// What VERIFY without data is answered with.
    pub pin: Status,
    /// The card management key, as AES-192.
    pub management_key: [u8; 24],
    /// After so many commands the card is gone.
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
            guid: Guid([7; 16]),
            expiration: *b"20491231",
            signature: Vec::new(),
        };
        let mut card = Self {
            piv: PropertyTemplate::default()
                .encode()
                .map_err(|_| Status::Unknown),
            gids: Status::NotFound,
            objects: BTreeMap::new(),
            pin: Status::TriesLeft(5),
            management_key: [9; 24],
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
    pub fn of_the_article() -> Self {
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
    pub fn certify(&mut self, slot: Slot, der: &[u8]) {
        let content = certificate::encode(der).unwrap_or_default();
        self.put(slot.certificate(), content);
    }

    fn answer(&self, command: &Command) -> Response {
        match command.instruction {
            Instruction::Select if piv::is_selected_by(&command.data) => match &self.piv {
                Ok(template) => Response::success(template.clone()),
                Err(status) => (*status).into(),
            },
            Instruction::Select if command.data.starts_with(&GIDS_AID) => self.gids.into(),
            Instruction::Select => Status::NotFound.into(),
            Instruction::GetData => object::decode_get_data(&command.data)
                .ok()
                .and_then(|tag| object::encode_content(tag, self.objects.get(&tag)?).ok())
                .map_or_else(|| Status::NotFound.into(), Response::success),
            Instruction::Verify => self.pin.into(),
            Instruction::GeneralAuthenticate => self.authenticate(command),
            _ => Status::InstructionNotSupported.into(),
        }
    }

    fn authenticate(&self, command: &Command) -> Response {
        if (command.p1, command.p2) != (0x0A, 0x9B) {
            return Status::IncorrectParameters.into();
        }
        match Request::decode(&command.data) {
            Ok(Request::Challenge) => {
                let answer = authenticate::encode_answer(AnswerField::Challenge, &CHALLENGE);
                answer.map_or_else(
                    |_| Status::Unknown.into(),
                    |data| Response::success(data.to_vec()),
                )
            }
            Ok(Request::ChallengeResponse(response)) => {
                let mut block = Array::from(CHALLENGE);
                Aes192::new(&Array::from(self.management_key)).encrypt_block(&mut block);
                if block.as_slice() == response {
                    Status::Success.into()
                } else {
                    Status::SecurityStatusNotSatisfied.into()
                }
            }
            _ => Status::IncorrectData.into(),
        }
    }
}

impl Transmit for Card {
    type Error = LinkError;

    fn transmit(&mut self, bytes: &[u8]) -> Result<Vec<u8>, LinkError> {
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
        Ok(response.encode().to_vec())
    }
}

/// What the doctor says of a card with this ATR, and what it leaves to be done.
pub fn examine(
    card: impl Transmit<Error = LinkError>,
    answer_to_reset: &[u8],
) -> (ReaderReport, Afterwards) {
    let name = "A Reader 00 00".to_owned();
    let mut report = ReaderReport {
        atr: Some(atr::explain(answer_to_reset)),
        ..ReaderReport::without_card(name, Presence::Examined, Vec::new())
    };
    let afterwards = card_edge_probe::examine(card, NOW, &mut report);
    (report, afterwards)
}

/// The findings' names.
pub fn codes(report: &ReaderReport) -> Vec<&'static str> {
    report.findings.iter().map(Finding::code).collect()
}
