//! Key pairs: MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION, GENERATE ASYMMETRIC KEY PAIR, and keys that come and
//! are read.

use super::command::{Command, Cryptogram, Message};
use super::cryptography::{MODULUS, block, given_modulus, public_key};
use super::files::{Access, Content, File, Key, name_of};

use super::model::{Answer, Choice, Model, Proof};
use super::rules::content;
use crate::holder::Operation;
use crate::word::*;

/// The reference of the administrator's key.
const ADMINISTRATOR: u8 = 0x80;
/// The least bytes around what the card pads.
const PADDING: usize = 11;

impl Model {
    pub fn of_keys(&mut self, command: &Command, pin: Proof) -> Result<Answer, u16> {
        match *command {
            Command::GetPublicKey(reference) => {
                let file = self.key_file(reference)?;
                self.may(&file.made, Access::Get)?;
                let public = public_key(&pair(file)?.modulus);
                Ok(self.hand_out(public))
            }
            Command::PutKeyPair(reference) => {
                let file = self.key_file(reference)?;
                self.may(&file.made, Access::Put)?;
                is_for(file, 0x07)?;
                self.set_key(reference, given_modulus());
                Ok(Answer::Status(SUCCESS))
            }
            Command::Generate(mechanism, reference) => {
                if !(0x06..0x0A).contains(&mechanism) {
                    return Err(BAD_DATA);
                }
                let file = self.key_file(reference)?;
                self.may(&file.made, Access::Generate)?;
                is_for(file, mechanism)?;
                // What the card tells of it is what the model knows.
                self.set_key(reference, Vec::new());
                Ok(Answer::Generated(reference))
            }
            Command::ChooseSignature(mechanism, reference) => {
                self.choose(Choice::Sign(mechanism, reference), mechanism, reference)
            }
            Command::ChooseDecryption(mechanism, reference) => {
                self.choose(Choice::Decrypt(mechanism, reference), mechanism, reference)
            }
            Command::ChooseAdministrator(p1, _) if ![0x81, 0xC1].contains(&p1) => {
                Err(NOT_SUPPORTED)
            }
            Command::ChooseAdministrator(_, ADMINISTRATOR) => {
                let file = self.key_file(ADMINISTRATOR)?;
                self.may(&file.made, Access::Use)?;
                self.session.choice = Some(Choice::Administrator);
                Ok(Answer::Status(SUCCESS))
            }
            Command::ChooseAdministrator(..) => Err(NO_REFERENCE),
            Command::ChooseNothing => Ok(Answer::Status(SUCCESS)),
            Command::StoreChoice => Err(NOT_SUPPORTED),
            Command::Sign(message) => match self.session.choice {
                Some(Choice::Sign(mechanism, key)) => self.sign(mechanism, key, message, pin),
                _ => Err(CONDITIONS),
            },
            Command::Decrypt(cryptogram) => match self.session.choice {
                Some(Choice::Decrypt(mechanism, key)) => {
                    self.decrypt(mechanism, key, cryptogram, pin)
                }
                _ => Err(CONDITIONS),
            },
            _ => unreachable!("answered before"),
        }
    }

    fn set_key(&mut self, reference: u8, modulus: Vec<u8>) {
        let key = Key {
            modulus,
            asks_each_time: false,
            name: name_of(reference),
        };
        if let Some(file) = self.files.get_mut(&(0xB000 | u16::from(reference))) {
            file.content = Content::Pair(Some(key));
        }
        self.session.choice = None;
    }

    fn choose(&mut self, choice: Choice, mechanism: u8, reference: u8) -> Result<Answer, u16> {
        if ![0x07, 0x17, 0x47, 0x57, 0x87].contains(&mechanism) {
            return Err(BAD_DATA);
        }
        let file = self.key_file(reference)?;
        let signs = matches!(choice, Choice::Sign(..));
        let is_of_kind = signs == [0x17, 0x57].contains(&mechanism);
        if !is_of_kind || !file.uses().contains(&(signs, mechanism)) {
            return Err(BAD_DATA);
        }
        self.may(&file.made, Access::Use)?;
        self.session.choice = Some(choice);
        Ok(Answer::Status(SUCCESS))
    }

    /// The rule of the file, the PIN whatever that says, and last the holder's consent.
    fn may_use(
        &mut self,
        reference: u8,
        operation: Operation,
        length: usize,
        pin: Proof,
    ) -> Result<(), u16> {
        let file = self.key_file(reference)?;
        self.may(&file.made, Access::Use)?;
        let key = pair(file)?;
        if length != MODULUS {
            return Err(BAD_DATA);
        }
        let proved = match pin {
            Proof::None => false,
            Proof::Earlier => !key.asks_each_time,
            Proof::JustNow => true,
        };
        proved.then_some(()).ok_or(NOT_AUTHORISED)?;
        self.ask(key.name.clone(), operation)
    }

    fn sign(
        &mut self,
        mechanism: u8,
        key: u8,
        message: Message,
        pin: Proof,
    ) -> Result<Answer, u16> {
        let data = message.bytes();
        let host_may_pad = self.key_file(key)?.uses().contains(&(true, 0x17));
        let is_padded = mechanism == 0x17 || (data.len() == MODULUS && host_may_pad);
        let (block, operation) = if is_padded {
            (data, Operation::SignOrDecrypt)
        } else if data.len() + PADDING > MODULUS {
            return Err(BAD_DATA);
        } else {
            (block(&data), Operation::Sign)
        };
        self.may_use(key, operation, block.len(), pin)?;
        Ok(Answer::Signed(key, block))
    }

    fn decrypt(
        &mut self,
        mechanism: u8,
        key: u8,
        cryptogram: Cryptogram,
        pin: Proof,
    ) -> Result<Answer, u16> {
        let length = match cryptogram {
            Cryptogram::Padded | Cryptogram::AfterIndicator | Cryptogram::Unpadded => MODULUS,
            Cryptogram::Short | Cryptogram::Torn => 0,
        };
        let operation = match mechanism {
            0x07 => Operation::SignOrDecrypt,
            _ => Operation::Decrypt,
        };
        self.may_use(key, operation, length, pin)?;
        match (mechanism, cryptogram) {
            (0x07, _) => Ok(Answer::Raw(key)),
            (_, Cryptogram::Unpadded) => Err(BAD_DATA),
            _ => Ok(Answer::Message),
        }
    }
}

impl Message {
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Short(length) => content(length),
            Self::Block => block(&content(40)),
            Self::Torn => content(4),
        }
    }
}

fn pair(file: &File) -> Result<&Key, u16> {
    match &file.content {
        Content::Pair(Some(key)) => Ok(key),
        _ => Err(NO_REFERENCE),
    }
}

/// Whether a file is for keys of this kind.
fn is_for(file: &File, kind: u8) -> Result<(), u16> {
    let uses = file.uses();
    let fits = !uses.is_empty() && uses[0].1 & 0x0F == kind;
    fits.then_some(()).ok_or(BAD_DATA)
}
