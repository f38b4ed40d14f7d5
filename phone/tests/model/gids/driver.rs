//! The card and the model side by side: what is sent, and whether the answer is the model's.

use super::command::{Command, Step};
use super::cryptography::{MESSAGE, MODULUS, cbc_decrypt, public_key, raise};
use super::files::Content;
use super::model::{Answer, Model};
use super::script::Script;
use super::setup;
use crate::phone::Phone;
use crate::walk::Difference;
use crate::word::SUCCESS;

/// The host's half of a mutual authentication.
pub const HOST_CHALLENGE: [u8; 16] = [0x5A; 16];

pub struct Driver {
    phone: Phone,
    pub model: Model,
    /// The last challenge that the card gave.
    pub challenge: Vec<u8>,
    /// What a host has sent to be decrypted.
    cryptogram: Vec<u8>,
}

/// Plays a script on a new card, and gives how many steps it had.
pub fn play(script: &Script) -> Result<usize, Difference> {
    let phone = setup::phone(script.made, script.contactless);
    if script.is_strict {
        phone.change_elsewhere(|state| {
            state.contactless = tapcard_phone::state::ContactlessPolicy::Strict;
        });
    }
    let files = setup::files(script.made, &phone);
    let in_making = matches!(script.made, setup::Made::Blank);
    let mut driver = Driver {
        phone,
        model: Model::new(script.contactless, script.is_strict, in_making, files),
        challenge: vec![0; 8],
        cryptogram: Vec::new(),
    };
    for (number, step) in script.steps.iter().enumerate() {
        driver
            .step(step)
            .map_err(|difference| format!("step {number}, {step:?}: {difference}"))?;
    }
    Ok(script.steps.len())
}

impl Driver {
    fn step(&mut self, step: &Step) -> Result<(), Difference> {
        match step {
            Step::Send(command) => self.send(command),
            Step::InParts(command, between) => {
                let apdu = self.apdu(command);
                let expected = self.model.begin();
                let answer = self.phone.transmit(&apdu.first().bytes());
                self.check(&expected, &answer)?;
                if let Some(command) = between {
                    self.send(command)?;
                }
                self.cryptogram.clone_from(&apdu.data);
                let expected = self.model.finish(command, &apdu);
                let answer = self.phone.transmit(&apdu.last().bytes());
                self.check(&expected, &answer)
            }
            Step::Cut => {
                self.phone.reset();
                self.model.cut();
                Ok(())
            }
            Step::Restart { other_interface } => {
                self.model.restart(*other_interface);
                self.phone.restart(self.model.contactless);
                Ok(())
            }
            Step::Elsewhere => {
                self.phone.change_elsewhere(|state| state.serial ^= 1);
                self.model.elsewhere();
                Ok(())
            }
            Step::Wants(key, policy) => {
                self.phone.decide(key, *policy);
                self.model.wants(key, *policy);
                Ok(())
            }
            Step::Says(says) => {
                self.phone.set_answer(*says);
                self.model.holder.says = *says;
                Ok(())
            }
        }
    }

    fn send(&mut self, command: &Command) -> Result<(), Difference> {
        let apdu = self.apdu(command);
        let bytes = match command {
            Command::Malformed => vec![0x00, 0xA4, 0x04],
            _ => apdu.bytes(),
        };
        let expected = self.model.answer(command, &apdu);
        self.cryptogram = apdu.data;
        let answer = self.phone.transmit(&bytes);
        self.check(&expected, &answer)
    }

    /// Whether the answer is the model's; what the model cannot know it learns.
    fn check(&mut self, expected: &Answer, answer: &(Vec<u8>, u16)) -> Result<(), Difference> {
        let (data, status) = answer;
        let fits = match expected {
            Answer::Status(word) => status == word && data.is_empty(),
            Answer::Data(bytes) => {
                let word = match self.model.waiting() {
                    0 => SUCCESS,
                    // 00 says that it is more.
                    rest => 0x6100 | u16::from(u8::try_from(rest).unwrap_or(0)),
                };
                data == bytes && *status == word
            }
            Answer::Generated(key) => self.learn(*key, data, *status),
            _ if *status != SUCCESS => false,
            Answer::Challenge(length) => {
                self.challenge = data.get(4..).unwrap_or_default().to_vec();
                self.challenge.len() == *length
            }
            Answer::Mutual => {
                let key = self.model.administrator_key().unwrap();
                let decrypted = cbc_decrypt(&key, data.get(4..).unwrap_or_default());
                let both = [&HOST_CHALLENGE, self.challenge.as_slice()].concat();
                decrypted.len() == 40
                    && decrypted.starts_with(&both)
                    && decrypted.ends_with(&[0x80])
            }
            Answer::Signed(key, block) => {
                data.len() == MODULUS && raise(self.modulus(*key), data) == *block
            }
            Answer::Raw(key) => {
                let sent = &self.cryptogram[self.cryptogram.len() - MODULUS..];
                data.len() == MODULUS && raise(self.modulus(*key), data) == sent
            }
            Answer::Message => data == MESSAGE,
        };
        if !fits {
            return Err(format!(
                "the model says {expected:04X?}, the card {status:04X} and {data:02X?}"
            ));
        }
        let (expected, asked) = (self.model.holder.take_asked(), self.phone.take_asked());
        if asked != expected {
            return Err(format!(
                "the model asks its holder {expected:?}, the card {asked:?}"
            ));
        }
        Ok(())
    }

    fn modulus(&self, reference: u8) -> &[u8] {
        match &self.model.key_file(reference).unwrap().content {
            Content::Pair(Some(key)) => &key.modulus,
            _ => unreachable!("the model has used it"),
        }
    }

    /// The rest of a new public key is fetched at once.
    fn learn(&mut self, reference: u8, data: &[u8], status: u16) -> bool {
        let length = public_key(&[0; MODULUS]).len();
        if usize::from(status) != 0x6100 + length - data.len() {
            return false;
        }
        let (rest, status) = self.phone.transmit(&[0, 0xC0, 0, 0, 0]);
        let whole = [data, &rest].concat();
        let Some(modulus) = whole.get(length - MODULUS - 5..length - 5) else {
            return false;
        };
        let file = self.model.files.get_mut(&(0xB000 | u16::from(reference)));
        if let Some(Content::Pair(Some(key))) = file.map(|file| &mut file.content) {
            key.modulus = modulus.to_vec();
        }
        status == SUCCESS && whole == public_key(modulus)
    }
}
