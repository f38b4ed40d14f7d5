//! The model: what a PIV card has proved, counted and stored (SP 800-73-5 part 1, tables 2 and 4b; part 2, chapter 3).

use std::collections::BTreeMap;

use super::air::{AirPolicy, CS2, Channel, Path};
use super::command::{Command, MANAGEMENT_KEYS, OF_THE_CARD, OF_THE_KEY, Value, padded};
use super::tables::{P256, is_use, strictness};
use crate::apdu::Apdu;
use crate::holder::{Consent, Holder, Operation, Policy, Request};
use crate::word::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    #[default]
    None,
    /// Some commands ago.
    Earlier,
    /// By the command before.
    JustNow,
}

/// A PIN or PUK and its counter.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub value: [u8; 8],
    pub limit: u8,
    pub left: u8,
}

impl Counted {
    pub fn full(value: [u8; 8], limit: u8) -> Self {
        let left = limit;
        Self { value, limit, left }
    }
}

#[derive(Clone, Debug)]
pub struct Key {
    pub algorithm: u8,
    pub imported: bool,
    /// How often it asks for the PIN by itself, as [`strictness`] has it: its place may ask more often.
    pub pin: u8,
    /// What the card has told of it: a point, or 32 bytes.
    pub public: Vec<u8>,
}

impl Key {
    /// How often it asks for the PIN in this place.
    pub fn strictness_in(&self, place: u8) -> u8 {
        self.pin.max(strictness(place))
    }
}

/// What must be answered directly after a challenge (or, mutual, a witness) of this cipher.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    pub cipher: u8,
    pub mutual: bool,
}

#[derive(Default)]
pub struct Session {
    pub pin: Proof,
    pub global_pin: Proof,
    pub administrator: bool,
    pub pending: Option<Pending>,
    pub channel: Option<Channel>,
}

/// What a card answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing but this status word.
    Status(u16),
    /// These bytes.
    Data(Vec<u8>),
    /// The property template: the announced tries of the PIN, where they may be told, whether it can be typed at the phone, and
    /// the suite of secure messaging.
    Selected(Option<u8>, bool, Option<u8>),
    /// A challenge or witness, encrypted or not.
    Challenge,
    /// The host's challenge, encrypted.
    Mutual,
    /// A signature by this key, in DER (Ed25519: bare), or as in one command: r and s.
    Signature { key: u8, bare: bool },
    /// What this key and the peer have in common.
    Agreement(u8),
    /// A public key, new in this place.
    Generated(u8),
    /// A key came in, which asks for the PIN so often by itself.
    Imported(u8, u8),
    /// The card's half of a key establishment of this suite.
    Channel(u8),
    /// A public key, new, of secure messaging.
    ChannelKey(u8),
    /// Metadata of a key.
    KeyMetadata(u8),
    /// A new card: its CHUID is new.
    NewCard,
}

pub struct Model {
    pub pin: Counted,
    pub puk: Counted,
    pub global_pin: Option<Counted>,
    pub management_key: usize,
    pub keys: BTreeMap<u8, Key>,
    pub objects: BTreeMap<u32, Vec<u8>>,
    pub contactless: bool,
    pub air: AirPolicy,
    /// Whether the holder types the PIN at the phone.
    pub types_at_phone: bool,
    /// The way of the command at hand, and whether it came through a channel.
    pub path: Path,
    pub is_protected: bool,
    /// The suite that the card has a key for.
    pub suite: Option<u8>,
    /// The identity that the card had at first, with its GUID.
    pub chuid: Vec<u8>,
    /// The card has made a pairing code, which it must tell.
    pub gets_pairing_code: bool,
    pub selected: bool,
    pub session: Session,
    pub holder: Holder,
    /// Another process has changed the card.
    pub changed_elsewhere: bool,
    /// The first part of a chain has come.
    pub begun: bool,
    /// What waits for GET RESPONSE.
    pub waiting: Vec<u8>,
}

pub const GLOBAL_PIN: &[u8] = b"77889900";

impl Model {
    pub fn new(contactless: bool, has_global_pin: bool) -> Self {
        Self {
            pin: Counted::full(padded(b"123456"), 5),
            puk: Counted::full(padded(b"12345678"), 3),
            global_pin: has_global_pin.then(|| Counted::full(padded(GLOBAL_PIN), 5)),
            management_key: 0,
            keys: BTreeMap::new(),
            objects: BTreeMap::new(),
            contactless,
            air: AirPolicy::default(),
            types_at_phone: false,
            path: Path::default(),
            is_protected: false,
            suite: None,
            chuid: Vec::new(),
            gets_pairing_code: false,
            selected: false,
            session: Session::default(),
            holder: Holder::default(),
            changed_elsewhere: false,
            begun: false,
            waiting: Vec::new(),
        }
    }

    /// The link is cut: nothing is proved and nothing waits.
    pub fn cut(&mut self) {
        self.selected = false;
        self.session = Session::default();
        self.begun = false;
        self.waiting.clear();
        self.holder.forget_refusal();
    }

    pub fn restart(&mut self, other_interface: bool) {
        self.cut();
        self.changed_elsewhere = false;
        self.contactless ^= other_interface;
    }

    pub fn elsewhere(&mut self) {
        self.changed_elsewhere = true;
    }

    /// The holder decides for a key, in another process.
    pub fn wants(&mut self, key: &str, policy: Policy) {
        self.changed_elsewhere |= self.holder.wants(key, policy);
    }

    /// The holder decides for the contactless interface, in another process.
    pub fn decide(&mut self, air: AirPolicy) {
        self.changed_elsewhere |= self.air != air;
        self.air = air;
    }

    /// The holder decides where the PIN is typed, in another process.
    pub fn type_at_phone(&mut self, types: bool) {
        self.changed_elsewhere |= self.types_at_phone != types;
        self.types_at_phone = types;
    }

    /// Asks the holder, where the key's policy says so.
    pub fn ask(&mut self, key: u8, operation: Operation) -> Result<(), u16> {
        let request = Request {
            key: name_of(key),
            operation,
            contactless: self.contactless,
        };
        match self.holder.ask(request)? {
            Consent::Given => Ok(()),
            Consent::CardChanged => {
                self.changed_elsewhere = true;
                Err(CONDITIONS)
            }
        }
    }

    pub fn management_key(&self) -> (u8, &'static [u8]) {
        MANAGEMENT_KEYS[self.management_key]
    }

    /// The command with the algorithm of the key that it uses.
    pub fn resolve(&self, command: &Command) -> Command {
        let own = |key| self.keys.get(key).map_or(P256, |key| key.algorithm);
        match command {
            Command::Sign(OF_THE_KEY, key, length) => Command::Sign(own(key), *key, *length),
            Command::Agree(OF_THE_KEY, key, peer) => Command::Agree(own(key), *key, *peer),
            Command::Establish(OF_THE_CARD, how) => {
                Command::Establish(self.suite.unwrap_or(CS2), *how)
            }
            other => other.clone(),
        }
    }

    /// How many bytes wait for GET RESPONSE.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The bytes that a host presents for the PIN or PUK with this reference.
    pub fn value(&self, reference: u8, value: Value) -> [u8; 8] {
        match (value, reference) {
            (Value::Digits(digits), _) => padded(digits),
            (Value::Padding, _) => [0xFF; 8],
            (Value::Right, 0x80) => self.pin.value,
            (Value::Right, 0x81) => self.puk.value,
            (Value::Right, _) => self.global_pin.map_or([0x30; 8], |pin| pin.value),
        }
    }

    /// With this many tries left or fewer nothing is compared.
    pub fn floor(&self) -> u8 {
        u8::from(self.contactless)
    }

    pub fn interrupt(&mut self) {
        for proof in [&mut self.session.pin, &mut self.session.global_pin] {
            if *proof == Proof::JustNow {
                *proof = Proof::Earlier;
            }
        }
        self.session.pending = None;
    }

    /// The first part of a chain.
    pub fn begin(&mut self) -> Answer {
        self.waiting.clear();
        self.begun = true;
        Answer::Status(SUCCESS)
    }

    /// The last part of a chain: the whole command where the chain is still there, a torn one otherwise.
    pub fn finish(&mut self, command: &Command, apdu: &Apdu) -> Answer {
        self.waiting.clear();
        if std::mem::take(&mut self.begun) {
            return self.execute(command, apdu);
        }
        self.holder.answered(&apdu.last(), false);
        if !self.selected {
            return Answer::Status(NO_INSTRUCTION);
        }
        self.start();
        self.path = self.path_of(false);
        Answer::Status(match command {
            _ if self.may_come(command).is_err() => NOT_SUPPORTED,
            Command::Sign(algorithm, key, _) if !is_use(*algorithm, *key) => BAD_PARAMETERS,
            _ => BAD_DATA,
        })
    }

    /// A command in one APDU.
    pub fn answer(&mut self, command: &Command, apdu: &Apdu) -> Answer {
        let begun = std::mem::take(&mut self.begun);
        let refusal = match command {
            Command::GetResponse if !self.waiting.is_empty() => {
                let next = std::mem::take(&mut self.waiting);
                return Answer::Data(next);
            }
            Command::GetResponse => Some(CONDITIONS),
            Command::Malformed => Some(WRONG_LENGTH),
            Command::OtherClass => Some(OTHER_CLASS),
            Command::ChainedVerify => Some(CHAINING_NOT_SUPPORTED),
            _ => None,
        };
        self.waiting.clear();
        if begun || refusal.is_some() {
            self.interrupt();
        }
        match refusal {
            Some(status) => {
                self.holder.forget_refusal();
                Answer::Status(status)
            }
            None => self.execute(command, apdu),
        }
    }

    /// What another process has changed ends what was proved.
    fn refresh(&mut self) {
        if std::mem::take(&mut self.changed_elsewhere) {
            self.session = Session::default();
        }
    }

    /// A command reaches the application: what it directly follows.
    pub fn start(&mut self) -> (Proof, Option<Pending>) {
        self.refresh();
        let proofs = [self.session.pin, self.session.global_pin];
        let proof = [Proof::JustNow, Proof::Earlier]
            .into_iter()
            .find(|proof| proofs.contains(proof));
        let pending = self.session.pending;
        self.interrupt();
        (proof.unwrap_or_default(), pending)
    }

    /// A whole command: what the holder has just refused is answered without another question.
    fn execute(&mut self, command: &Command, apdu: &Apdu) -> Answer {
        if self.holder.has_refused(apdu, false) && !self.changed_elsewhere {
            self.interrupt();
            return Answer::Status(CONDITIONS);
        }
        let answer = self.dispatch(command);
        self.holder.answered(apdu, false);
        answer
    }

    fn dispatch(&mut self, command: &Command) -> Answer {
        match command {
            Command::SelectUnknown => {
                self.interrupt();
                return Answer::Status(NOT_FOUND);
            }
            Command::Select(_) => {
                self.interrupt();
                self.refresh();
                self.selected = true;
                let suite = self.prepare();
                let tries = self.pin.left.saturating_sub(self.floor());
                let may_be_told = !self.is_strict();
                let types = may_be_told && self.types_at_phone;
                return Answer::Selected(may_be_told.then_some(tries), types, suite);
            }
            _ if !self.selected => return Answer::Status(NO_INSTRUCTION),
            _ => {}
        }
        let (proof, pending) = self.start();
        self.path = self.path_of(false);
        self.of_application(command, proof, pending)
            .unwrap_or_else(Answer::Status)
    }
}

/// The name of a key, as its holder knows it.
pub fn name_of(key: u8) -> String {
    format!("{key:02X}")
}
