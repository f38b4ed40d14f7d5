//! The channel: what either side knows after the key establishment, and how it wraps and unwraps what passes
//! (SP 800-73-5 part 2, 4.2).

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::cipher::{BLOCK, Block};
use super::key_derivation::SessionKeys;
use super::protected::{self, Fields, MAC_LENGTH, ProtectionError};
use crate::apdu::{Class, Command, Response};

/// The most significant byte of the counter for answers.
const ANSWER: u8 = 0x80;

/// What both sides keep.
struct State {
    keys: SessionKeys,
    /// The counter of the command that is under way or comes next.
    counter: u128,
    /// The MAC of the command before.
    command_chaining: Block,
    /// The MAC of the answer before.
    response_chaining: Block,
}

/// The host's end. It must not be used again after an error.
pub struct HostChannel(State);

/// The card's end. It must not be used again after an error.
pub struct CardChannel(State);

impl State {
    fn new(keys: SessionKeys) -> Self {
        Self {
            keys,
            counter: 1,
            command_chaining: [0; BLOCK],
            response_chaining: [0; BLOCK],
        }
    }

    fn command_counter(&self) -> Block {
        self.counter.to_be_bytes()
    }

    fn response_counter(&self) -> Block {
        let mut counter = self.command_counter();
        if let Some(first) = counter.first_mut() {
            *first = ANSWER;
        }
        counter
    }

    /// The MAC of a command.
    fn command_mac(&self, command: &Command, data: &[u8]) -> Result<Block, ProtectionError> {
        let mut header = [0; BLOCK];
        let bytes = [
            PROTECTED.to_u8(),
            command.instruction.to_u8(),
            command.p1,
            command.p2,
            0x80,
        ];
        for (to, from) in header.iter_mut().zip(bytes) {
            *to = from;
        }
        Ok(self
            .keys
            .command_mac
            .mac(&[&self.command_chaining, &header, data])?)
    }

    /// The MAC of an answer.
    fn response_mac(&self, data: &[u8]) -> Result<Block, ProtectionError> {
        Ok(self
            .keys
            .response_mac
            .mac(&[&self.response_chaining, data])?)
    }

    /// The data of a command or answer; empty where there is none.
    fn decrypted(
        &self,
        counter: &Block,
        fields: &Fields<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, ProtectionError> {
        match fields.encrypted {
            None => Ok(Zeroizing::default()),
            Some(encrypted) => Ok(self.keys.encryption.decrypt(counter, encrypted)?),
        }
    }

    /// The object of encrypted data, or nothing where there is no data.
    fn encrypted(&self, counter: &Block, data: &[u8]) -> Result<Vec<u8>, ProtectionError> {
        if data.is_empty() {
            return Ok(Vec::new());
        }
        let encrypted = self.keys.encryption.encrypt(counter, data)?;
        Ok(protected::encrypted(&encrypted)?)
    }
}

/// The class of a protected command, as its MAC covers it whether it comes in a chain or not.
const PROTECTED: Class = Class {
    chained: false,
    secure_messaging: true,
};

/// Whether the MAC on the way is the beginning of this one.
fn is_mac(mac: &Block, presented: &[u8; MAC_LENGTH]) -> Result<(), ProtectionError> {
    let beginning = mac.get(..MAC_LENGTH).unwrap_or_default();
    if beginning.ct_eq(presented.as_slice()).into() {
        Ok(())
    } else {
        Err(ProtectionError::Incorrect)
    }
}

impl HostChannel {
    pub(super) fn new(keys: SessionKeys) -> Self {
        Self(State::new(keys))
    }

    /// Wraps a command: class 0C, data and Le inside, and always an Le outside. Its data may be longer than one APDU.
    ///
    /// # Errors
    /// [`ProtectionError`] where the data is too long.
    pub fn protect(&mut self, command: &Command) -> Result<Command, ProtectionError> {
        let state = &mut self.0;
        let mut data = state.encrypted(&state.command_counter(), &command.data)?;
        if command.expected.is_some() {
            data.extend(protected::expected()?);
        }
        let mac = state.command_mac(command, &data)?;
        protected::append_mac(&mut data, &mac)?;
        state.command_chaining = mac;
        Ok(Command {
            class: PROTECTED,
            instruction: command.instruction,
            p1: command.p1,
            p2: command.p2,
            data: Zeroizing::new(data),
            expected: Some(if command.extended { 65_536 } else { 256 }),
            extended: command.extended,
        })
    }

    /// Unwraps the answer to the command that was wrapped before it.
    ///
    /// # Errors
    /// [`ProtectionError`] where it is not the card's answer to that command.
    pub fn open(&mut self, data: &[u8]) -> Result<Response, ProtectionError> {
        let state = &mut self.0;
        let (fields, status) = protected::answer(data)?;
        let mac = state.response_mac(fields.authenticated)?;
        is_mac(&mac, &fields.mac)?;
        let data = state.decrypted(&state.response_counter(), &fields)?;
        state.response_chaining = mac;
        state.counter += 1;
        Ok(Response { data, status })
    }
}

impl CardChannel {
    pub(super) fn new(keys: SessionKeys) -> Self {
        Self(State::new(keys))
    }

    /// Unwraps a command. The one that it gives is of class 00.
    ///
    /// # Errors
    /// [`ProtectionError`] where it is not the host's next command.
    pub fn open(&mut self, command: &Command) -> Result<Command, ProtectionError> {
        let state = &mut self.0;
        let fields = protected::command(&command.data)?;
        let mac = state.command_mac(command, fields.authenticated)?;
        is_mac(&mac, &fields.mac)?;
        let data = state.decrypted(&state.command_counter(), &fields)?;
        state.command_chaining = mac;
        Ok(Command {
            class: Class::default(),
            instruction: command.instruction,
            p1: command.p1,
            p2: command.p2,
            data,
            expected: fields.second.map(|_| 256),
            extended: false,
        })
    }

    /// Wraps the answer to the command that was unwrapped before it; the status word outside is 9000.
    ///
    /// # Errors
    /// [`ProtectionError`] where the answer is too long.
    pub fn protect(&mut self, response: &Response) -> Result<Response, ProtectionError> {
        let state = &mut self.0;
        let mut data = state.encrypted(&state.response_counter(), &response.data)?;
        data.extend(protected::status(response.status)?);
        let mac = state.response_mac(&data)?;
        protected::append_mac(&mut data, &mac)?;
        state.response_chaining = mac;
        state.counter += 1;
        Ok(Response::success(data))
    }
}

impl fmt::Debug for HostChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostChannel(..)")
    }
}

impl fmt::Debug for CardChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardChannel(..)")
    }
}
