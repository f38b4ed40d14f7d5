//! A reader in memory, which a test fills, empties and disturbs.

use std::ffi::{CStr, CString};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use card_edge::apdu::Instruction;
use card_edge::transmit::ResponseBytes;
use card_edge::{Command, Transmit};
use tapcard_pkcs11::pcsc::pin_pad::Control;
use tapcard_pkcs11::pcsc::{Insertion, Link, LinkError, Reach, ReaderStatus, Readers, Transaction};

use super::card::{Answers, Foreign, OTHER_APPLICATION};
use super::t0_card::T0Card;

struct State {
    card: Option<Box<dyn Answers>>,
    count: u32,
    resets: u32,
    sent: Vec<String>,
    /// The same as bytes, since the reader was made.
    heard: Vec<Vec<u8>>,
    /// The answer to reset.
    atr: Vec<u8>,
    /// The card leaves after this number of further commands.
    leaves_after: Option<usize>,
    /// Whether it still does the command during which it leaves.
    does_the_last: bool,
    /// The card comes back at the next look at the reader.
    away: Option<Box<dyn Answers>>,
    comes_back: bool,
    /// What a command is answered with during which the card leaves, where the driver gives an answer.
    torn: Option<&'static [u8]>,
    /// The driver fails at commands with this instruction.
    fails_at: Option<Instruction>,
    /// The card speaks T=0.
    speaks_t0: bool,
    /// Connections of the module, and of other programs.
    connections: usize,
    pin_pad: Option<Arc<dyn Controls>>,
    /// The control codes that were asked since the last call of [`Reader::asked`].
    asked: Vec<u32>,
}

/// What answers SCardControl.
pub trait Controls: Send + Sync {
    /// Answers for this reader, which is free meanwhile.
    fn control(&self, reader: &Reader, request: &Control) -> Result<Vec<u8>, LinkError>;
}

/// One reader. Clones are the same reader.
#[derive(Clone)]
pub struct Reader(Arc<Mutex<State>>);

impl Reader {
    /// The reader with this card in it.
    pub fn with(card: impl Answers + 'static) -> Self {
        Self(Arc::new(Mutex::new(State {
            card: Some(Box::new(card)),
            count: 1,
            resets: 0,
            sent: Vec::new(),
            heard: Vec::new(),
            atr: vec![0x3B, 0x00],
            leaves_after: None,
            does_the_last: false,
            away: None,
            comes_back: false,
            torn: None,
            fails_at: None,
            speaks_t0: false,
            connections: 0,
            pin_pad: None,
            asked: Vec::new(),
        })))
    }

    /// The reader with this card in it, which speaks T=0.
    pub fn over_t0(card: impl Answers + 'static) -> Self {
        let reader = Self::with(T0Card::new(card));
        reader.lock().speaks_t0 = true;
        reader
    }

    /// The reader with this card in its field.
    pub fn contactless_with(card: impl Answers + 'static) -> Self {
        let reader = Self::with(card);
        reader.lock().atr = vec![0x3B, 0x80, 0x80, 0x01, 0x01];
        reader
    }

    /// The same reader with a PIN pad.
    pub fn with_pin_pad(self, pin_pad: Arc<dyn Controls>) -> Self {
        self.lock().pin_pad = Some(pin_pad);
        self
    }

    /// The control codes that were asked since the last call of this.
    pub fn asked(&self) -> Vec<u32> {
        std::mem::take(&mut self.lock().asked)
    }

    /// The reader with nothing in it.
    pub fn empty() -> Self {
        let reader = Self::with(Foreign);
        drop(reader.take());
        reader
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Takes the card out.
    pub fn take(&self) -> Option<Box<dyn Answers>> {
        self.leave_now();
        self.lock().away.take()
    }

    /// The card leaves, and is there for [`Self::take`].
    pub fn leave_now(&self) {
        self.lock().remove();
    }

    /// Puts a card in.
    pub fn put(&self, mut card: Box<dyn Answers>) {
        card.reset();
        let mut state = self.lock();
        state.card = Some(card);
        state.count += 1;
    }

    /// Puts a card in, into a reader that counts from the start.
    pub fn put_as_first(&self, card: Box<dyn Answers>) {
        self.put(card);
        self.lock().count = 1;
    }

    /// The card leaves after this number of further commands, and comes back at once if told so.
    pub fn leave_after(&self, commands: usize, comes_back: bool) {
        self.leave_at(commands, false, comes_back);
    }

    /// The same; the card does or does not do the command during which it leaves.
    pub fn leave_at(&self, commands: usize, does_it: bool, comes_back: bool) {
        let mut state = self.lock();
        state.leaves_after = Some(commands);
        state.does_the_last = does_it;
        state.comes_back = comes_back;
    }

    /// When the card leaves, the driver gives this answer and no error.
    pub fn answer_when_torn(&self, answer: Option<&'static [u8]>) {
        self.lock().torn = answer;
    }

    /// The driver fails at commands with this instruction from now on, and the card hears none.
    pub fn fail_at(&self, instruction: Instruction) {
        self.lock().fails_at = Some(instruction);
    }

    /// Whether the card that was to leave has not left; it stays, and one that has left is back.
    pub fn stays(&self) -> bool {
        let mut state = self.lock();
        state.come_back();
        state.leaves_after.take().is_some()
    }

    /// Another program resets the card.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.resets += 1;
        if let Some(card) = &mut state.card {
            card.reset();
        }
    }

    /// What another program does with the card in the reader.
    pub fn with_card(&self, act: impl FnOnce(&mut dyn Answers)) {
        act(self.lock().card.as_mut().unwrap().as_mut());
    }

    /// Another program sends a command, and gets this.
    pub fn ask(&self, command: &[u8]) -> Vec<u8> {
        self.lock().card.as_mut().unwrap().answer(command)
    }

    /// Another program sends a command.
    pub fn other_program(&self, command: &[u8]) {
        assert_eq!(self.ask(command), [0x90, 0x00], "{command:02X?}");
    }

    /// Another program selects another application.
    pub fn select_other_application(&self) {
        let mut command = vec![0x00, 0xA4, 0x04, 0x00, 0x06];
        command.extend_from_slice(OTHER_APPLICATION);
        self.other_program(&command);
    }

    /// Another card takes the card's place, and the reader says nothing of it.
    pub fn replace_unseen(&self, mut card: Box<dyn Answers>) {
        card.reset();
        let mut state = self.lock();
        state.card = Some(card);
        state.resets += 1;
    }

    /// The CHUID as the card gives it, without the tag 53 around it.
    pub fn chuid(&self) -> Vec<u8> {
        self.select_piv();
        let get = [
            0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x00,
        ];
        let answer = self.ask(&get);
        answer[2..answer.len() - 2].to_vec()
    }

    /// Another program selects PIV.
    pub fn select_piv(&self) {
        let answer = self.ask(&[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08]);
        assert!(answer.ends_with(&[0x90, 0x00]));
    }

    /// Another program connects to the card, and stays.
    pub fn other_program_stays(&self) {
        self.lock().connections += 1;
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Whether somebody who listened has heard this.
    pub fn has_heard(&self, secret: &[u8]) -> bool {
        let state = self.lock();
        let mut parts = state
            .heard
            .iter()
            .flat_map(|command| command.windows(secret.len()));
        parts.any(|part| part == secret)
    }

    /// Whoever listens begins to listen now.
    pub fn is_heard_from_now(&self) {
        self.lock().heard.clear();
    }

    /// The commands that were sent since the last call of this, by name.
    pub fn sent(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().sent)
    }
}

impl State {
    fn remove(&mut self) {
        if let Some(mut card) = self.card.take() {
            card.reset();
            self.away = Some(card);
            self.count += 1;
        }
    }

    fn come_back(&mut self) {
        if self.comes_back && self.away.is_some() {
            self.card = self.away.take();
            self.comes_back = false;
            self.count += 1;
        }
    }
}

const NAME: &CStr = c"Reader in memory 00 00";

impl Readers for Reader {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        let mut state = self.lock();
        state.come_back();
        vec![ReaderStatus {
            name: NAME.to_owned(),
            card: state.card.as_ref().map(|_| Insertion {
                count: state.count,
                atr: state.atr.clone(),
            }),
        }]
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        assert_eq!(reader, NAME);
        let mut state = self.lock();
        state.card.as_ref().ok_or(LinkError::Gone)?;
        state.connections += 1;
        Ok(Box::new(MemoryLink {
            reader: self.clone(),
            count: state.count,
            resets: state.resets,
        }))
    }

    fn wait(&self, _: &[ReaderStatus], _: Duration) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

struct MemoryLink {
    reader: Reader,
    count: u32,
    resets: u32,
}

impl MemoryLink {
    fn check(&self) -> Result<(), LinkError> {
        let state = self.reader.lock();
        if state.card.is_none() || state.count != self.count {
            Err(LinkError::Gone)
        } else if state.resets != self.resets {
            Err(LinkError::Reset)
        } else {
            Ok(())
        }
    }
}

impl Drop for MemoryLink {
    fn drop(&mut self) {
        self.reader.lock().connections -= 1;
    }
}

impl Link for MemoryLink {
    fn begin(&mut self) -> Result<Transaction<'_>, LinkError> {
        self.check()?;
        if self.reader.lock().speaks_t0 {
            return Ok(Transaction::over_t0(self));
        }
        Ok(Transaction::new(self))
    }

    fn reconnect(&mut self) -> Result<(), LinkError> {
        self.resets = self.reader.lock().resets;
        self.check()
    }

    fn reset_alone(&mut self) -> Result<(), LinkError> {
        self.check()?;
        if self.reader.lock().connections > 1 {
            return Err(LinkError::Busy);
        }
        self.reader.reset();
        Ok(())
    }
}

impl Transmit for MemoryLink {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        self.check()?;
        let mut state = self.reader.lock();
        if let Some(left) = state.leaves_after {
            state.leaves_after = left.checked_sub(1);
            if left == 0 {
                if state.does_the_last
                    && let Some(card) = &mut state.card
                {
                    card.answer(command);
                }
                state.remove();
                let torn = state.torn.map(|answer| answer.to_vec().into());
                return torn.ok_or(LinkError::Gone);
            }
        }
        let instruction = Command::parse(command).map(|command| command.instruction);
        if state.fails_at.is_some() && instruction.ok() == state.fails_at {
            return Err(LinkError::Failed(pcsc::Error::NotTransacted));
        }
        state.sent.push(name(command));
        state.heard.push(command.to_vec());
        Ok(state.card.as_mut().unwrap().answer(command).into())
    }
}

impl Reach for MemoryLink {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        self.check()?;
        let pin_pad = {
            let mut state = self.reader.lock();
            state.asked.push(request.code);
            state.pin_pad.clone()
        };
        let no_pad = LinkError::Failed(pcsc::Error::UnsupportedFeature);
        let answer = pin_pad.ok_or(no_pad)?.control(&self.reader, request)?;
        self.check()?;
        Ok(answer.into())
    }
}

/// The name of a command, and what VERIFY does besides.
fn name(command: &[u8]) -> String {
    let Ok(command) = Command::parse(command) else {
        return String::new();
    };
    let name = command.instruction.to_string();
    match (command.instruction, command.p1, command.data.is_empty()) {
        (Instruction::Verify, 0, true) => format!("{name}, tries"),
        (Instruction::Verify, 0xFF, _) => format!("{name}, log out"),
        _ => name,
    }
}

/// The name of a reader for tests that bring their own.
pub fn reader_name(text: &str) -> CString {
    CString::new(text).unwrap()
}
