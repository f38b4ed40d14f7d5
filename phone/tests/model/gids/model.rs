//! The model: what a GIDS card has proved, counted and stored, and what its transport does with chains and answers.

use std::collections::BTreeMap;

use super::command::{Command, Cryptogram, Message, Value};
use super::files::{APPLICATION, Access, Content, File, NewFile, NewKind, is_fulfilled};
use crate::apdu::Apdu;
use crate::holder::{Consent, Holder, Operation, Policy, Request};
use crate::word::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    #[default]
    None,
    /// Some commands ago.
    Earlier,
    /// By the command before, but for one that chose a key.
    JustNow,
}

/// What MANAGE SECURITY ENVIRONMENT chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Administrator,
    /// Mechanism and key.
    Sign(u8, u8),
    Decrypt(u8, u8),
}

/// The first half of an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    External,
    Mutual,
}

pub struct Session {
    pub pin: Proof,
    pub administrator: bool,
    pub choice: Option<Choice>,
    pub pending: Option<Pending>,
    /// The selected file.
    pub current: u16,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            pin: Proof::None,
            administrator: false,
            choice: None,
            pending: None,
            current: APPLICATION,
        }
    }
}

impl Session {
    pub fn forget_proofs(&mut self) {
        *self = Self {
            current: self.current,
            ..Self::default()
        };
    }
}

/// What a card answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing but this status word.
    Status(u16),
    /// These bytes.
    Data(Vec<u8>),
    /// A challenge of this length.
    Challenge(usize),
    /// Both challenges, encrypted.
    Mutual,
    /// A signature of this key: what its exponentiation gives.
    Signed(u8, Vec<u8>),
    /// What a decryption with this key gives: the block, which encrypted is what came.
    Raw(u8),
    /// The message that was encrypted.
    Message,
    /// A public key, new in this place.
    Generated(u8),
}

pub struct Model {
    pub pin: Vec<u8>,
    pub limit: u8,
    pub left: u8,
    /// It is being made: rules do not hold yet.
    pub in_making: bool,
    pub files: BTreeMap<u16, File>,
    pub contactless: bool,
    /// The holder wants encrypted channels over the air, which this card edge does not have.
    pub is_strict: bool,
    pub session: Session,
    pub holder: Holder,
    selected: bool,
    /// Another process has changed the card.
    changed_elsewhere: bool,
    /// The first part of a chain has come.
    begun: bool,
    /// What waits for GET RESPONSE.
    waiting: Vec<u8>,
}

impl Model {
    pub fn new(contactless: bool, is_strict: bool, in_making: bool, files: Vec<File>) -> Self {
        Self {
            pin: b"123456".to_vec(),
            limit: 5,
            left: 5,
            in_making,
            files: files.into_iter().map(|file| (file.made.id, file)).collect(),
            contactless,
            is_strict,
            session: Session::default(),
            holder: Holder::default(),
            selected: false,
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

    /// Asks the holder, where the key's policy says so.
    pub fn ask(&mut self, key: String, operation: Operation) -> Result<(), u16> {
        let contactless = self.contactless;
        let request = Request {
            key,
            operation,
            contactless,
        };
        match self.holder.ask(request)? {
            Consent::Given => Ok(()),
            Consent::CardChanged => {
                self.changed_elsewhere = true;
                Err(CONDITIONS)
            }
        }
    }

    /// How many bytes wait for GET RESPONSE.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The bytes of a PIN that a host presents.
    pub fn value(&self, value: Value) -> Vec<u8> {
        match value {
            Value::Right => self.pin.clone(),
            Value::Other(bytes) => bytes.to_vec(),
        }
    }

    pub fn administrator_key(&self) -> Option<[u8; 24]> {
        match self.files.get(&super::files::ADMINISTRATOR_FILE)?.content {
            Content::Administrator(key) => key,
            _ => None,
        }
    }

    /// Where zeros stand for the file, it is the selected one.
    pub fn file_id(&self, id: u16) -> u16 {
        if id == 0 { self.session.current } else { id }
    }

    /// The file of this kind of content; this status word where there is none.
    pub fn data_file(&self, id: u16) -> Result<&File, u16> {
        let file = self.files.get(&id);
        file.filter(|file| matches!(file.made.kind, NewKind::Data))
            .ok_or(NOT_FOUND)
    }

    pub fn key_file(&self, reference: u8) -> Result<&File, u16> {
        let file = self.files.get(&(0xB000 | u16::from(reference)));
        file.ok_or(NO_REFERENCE)
    }

    /// While the card is made nothing must be proved.
    pub fn fulfils(&self, condition: u8) -> Result<(), u16> {
        let user = self.session.pin != Proof::None;
        let fulfilled = is_fulfilled(condition, user, self.session.administrator);
        (fulfilled || self.in_making)
            .then_some(())
            .ok_or(NOT_AUTHORISED)
    }

    pub fn may(&self, made: &NewFile, access: Access) -> Result<(), u16> {
        self.fulfils(made.rules.condition(access))
    }

    fn interrupt(&mut self) {
        self.step(false, false);
    }

    /// A command comes: what stays of what must be followed directly.
    fn step(&mut self, only_reads: bool, chooses: bool) {
        if self.session.pin == Proof::JustNow && !chooses {
            self.session.pin = Proof::Earlier;
        }
        if !only_reads {
            self.session.pending = None;
        }
    }

    /// The first part of a chain.
    pub fn begin(&mut self) -> Answer {
        self.waiting.clear();
        self.begun = true;
        Answer::Status(SUCCESS)
    }

    /// The last part of a chain: the whole command where the chain is still there, what is in it alone otherwise.
    pub fn finish(&mut self, command: &Command, apdu: &Apdu) -> Answer {
        self.waiting.clear();
        if std::mem::take(&mut self.begun) {
            return self.execute(command, apdu);
        }
        let torn = match command {
            Command::Sign(_) => Command::Sign(Message::Torn),
            Command::Decrypt(_) => Command::Decrypt(Cryptogram::Torn),
            Command::Create(_) => Command::Garbled(0xE0),
            _ => Command::Garbled(0xDB),
        };
        self.execute(&torn, &apdu.last())
    }

    /// A command in one APDU.
    pub fn answer(&mut self, command: &Command, apdu: &Apdu) -> Answer {
        let begun = std::mem::take(&mut self.begun);
        let refusal = match command {
            Command::GetResponse if !self.waiting.is_empty() => {
                let rest = std::mem::take(&mut self.waiting);
                return self.hand_out(rest);
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

    /// What fits a short answer; the rest waits.
    pub fn hand_out(&mut self, mut whole: Vec<u8>) -> Answer {
        self.waiting = whole.split_off(whole.len().min(256));
        Answer::Data(whole)
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
        let is_select = matches!(command, Command::Select(..));
        if matches!(command, Command::SelectUnknown) {
            self.interrupt();
            return Answer::Status(NOT_FOUND);
        }
        if !self.selected && matches!(command, Command::SelectFile(..)) {
            self.interrupt();
            return Answer::Status(NOT_FOUND);
        }
        if !self.selected && !is_select {
            return Answer::Status(NO_INSTRUCTION);
        }
        if std::mem::take(&mut self.changed_elsewhere) {
            self.session = Session::default();
        }
        let (pin, pending) = (self.session.pin, self.session.pending);
        let only_reads = is_select
            || matches!(
                command,
                Command::SelectFile(..)
                    | Command::VerifyStatus
                    | Command::Get(..)
                    | Command::GetAll(_)
                    | Command::GetPublicKey(_)
                    | Command::Garbled(0xCB)
            );
        let chooses = matches!(
            command,
            Command::ChooseSignature(..)
                | Command::ChooseDecryption(..)
                | Command::ChooseAdministrator(..)
                | Command::ChooseNothing
                | Command::StoreChoice
                | Command::Garbled(0x22)
        );
        self.step(only_reads, chooses);
        if self.contactless && self.is_strict {
            return Answer::Status(NOT_SUPPORTED);
        }
        if chooses {
            self.session.choice = None;
        }
        let answer = self
            .of_files(command)
            .or_else(|| self.of_proofs(command, pending))
            .unwrap_or_else(|| self.of_keys(command, pin))
            .unwrap_or_else(Answer::Status);
        if is_select && answer != Answer::Status(BAD_PARAMETERS) {
            self.selected = true;
        }
        answer
    }
}
