//! The card and the model side by side: what is sent, and whether the answer is the model's.

use card_edge::piv::secure_messaging::HostChannel;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{ContactlessPolicy, PinEntry};

use super::air::{AirPolicy, CS2, CS7};
use super::channel::Wrapped;
use super::command::{Command, Flaw, Step, padded};
use super::cryptography::{
    CHALLENGE, Direction, SCALAR, block_length, crypt, is_agreement, is_signature, public_length,
};
use super::host::{opened, protect};
use super::model::{Answer, GLOBAL_PIN, Key, Model, name_of};
use super::script::Script;
use super::tables::{CHUID, P256, P384, PAIRING_CODE};
use crate::apdu::{Apdu, template};
use crate::holder::Policy;
use crate::phone::{PIN_TIME, Phone};
use crate::walk::Difference;
use crate::word::SUCCESS;

pub struct Driver {
    phone: Phone,
    pub model: Model,
    /// The last challenge or witness that the card gave.
    pub challenge: Vec<u8>,
    /// The host's end of the last channel, whether the card still has one or not.
    channel: Option<HostChannel>,
    /// The last command in one, its flaw, and how it came.
    last: Option<(Command, Apdu, Option<Flaw>, Vec<u8>)>,
}

/// Plays a script on a new card, and gives how many steps it had.
pub fn play(script: &Script) -> Result<usize, Difference> {
    let mut driver = Driver::new(script);
    for (number, step) in script.steps.iter().enumerate() {
        driver
            .step(step)
            .map_err(|difference| format!("step {number}, {step:?}: {difference}"))?;
    }
    Ok(script.steps.len())
}

impl Driver {
    fn new(script: &Script) -> Self {
        let phone = Phone::new(false, |state| {
            if script.has_global_pin {
                let opening = state.pin.opening_key(&padded(b"123456")).unwrap();
                let pin = ReferenceData::new(&padded(GLOBAL_PIN), 5, false, opening.as_ref());
                state.global_pin = Some(pin.unwrap());
            }
        });
        let mut driver = Self {
            phone,
            model: Model::new(false, script.has_global_pin),
            challenge: vec![0; 16],
            channel: None,
            last: None,
        };
        driver.learn_chuid();
        driver
    }

    /// The identity is random: the model takes it as it is.
    fn learn_chuid(&mut self) {
        let state = self.phone.state();
        let content = state.object(card_edge::piv::ObjectId::Chuid).unwrap();
        self.model.chuid = content.to_vec();
        self.model.objects.insert(CHUID, content.to_vec());
    }

    /// So is the pairing code.
    fn learn_pairing_code(&mut self) -> Result<(), Difference> {
        let state = self.phone.state();
        let content = state.object(card_edge::piv::ObjectId::PairingCodeReferenceData);
        let content = content.unwrap_or_default().to_vec();
        self.model.objects.insert(PAIRING_CODE, content);
        match self.model.pairing_code() {
            Some(_) => Ok(()),
            None => Err("the card has made a pairing code that is not one".to_owned()),
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), Difference> {
        let digits = self
            .model
            .pin
            .value
            .iter()
            .take_while(|byte| **byte != 0xFF);
        self.phone.set_pin(&digits.copied().collect::<Vec<u8>>());
        match step {
            Step::Send(command) => self.send(command),
            Step::InParts(command, between) => {
                let command = self.model.resolve(command);
                let apdu = self.apdu(&command);
                let expected = self.model.begin();
                let answer = self.phone.transmit(&apdu.first().bytes());
                self.check(&expected, &answer)?;
                if let Some(command) = between {
                    self.send(command)?;
                }
                let expected = self.model.finish(&command, &apdu);
                let answer = self.phone.transmit(&apdu.last().bytes());
                self.check(&expected, &answer)
            }
            Step::Protected(command, flaw) => {
                let command = self.model.resolve(command);
                let apdu = self.apdu(&command);
                let bytes = protect(self.channel.as_mut(), &apdu, *flaw);
                self.last = Some((command.clone(), apdu.clone(), *flaw, bytes.clone()));
                self.send_protected(&command, &apdu, *flaw, &bytes)
            }
            Step::Replay => match self.last.clone() {
                None => Ok(()),
                Some((command, apdu, flaw, bytes)) => {
                    let flaw = flaw.or(Some(Flaw::WrongMac));
                    self.send_protected(&command, &apdu, flaw, &bytes)
                }
            },
            Step::Decide(air) => {
                let policy = match air {
                    AirPolicy::ContactLike => ContactlessPolicy::ContactLike,
                    AirPolicy::Strict => ContactlessPolicy::Strict,
                    AirPolicy::StrictWithoutPairing => ContactlessPolicy::StrictWithoutPairing,
                };
                self.phone
                    .change_elsewhere(|state| state.contactless = policy);
                self.model.decide(*air);
                Ok(())
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
            Step::TypesAtPhone(types) => {
                let entry = if *types {
                    PinEntry::Phone
                } else {
                    PinEntry::Host
                };
                self.phone.change_elsewhere(|state| state.pin_entry = entry);
                self.model.type_at_phone(*types);
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
        let command = self.model.resolve(command);
        let apdu = self.apdu(&command);
        let bytes = match command {
            Command::Malformed => vec![0x00, 0xA4, 0x04],
            _ => apdu.bytes(),
        };
        let expected = self.model.answer(&command, &apdu);
        let answer = match expected {
            Answer::Channel(_) => self.phone.transmit_whole(&bytes),
            _ => self.phone.transmit(&bytes),
        };
        self.check(&expected, &answer)
    }

    fn send_protected(
        &mut self,
        command: &Command,
        apdu: &Apdu,
        flaw: Option<Flaw>,
        bytes: &[u8],
    ) -> Result<(), Difference> {
        let expected = self.model.protected(command, apdu, flaw);
        let (data, status) = self.phone.transmit_whole(bytes);
        match expected {
            Wrapped::Clear(word) => self.check(&Answer::Status(word), &(data, status)),
            Wrapped::Inside(expected) => {
                let channel = self.channel.as_mut().filter(|_| status == SUCCESS);
                let Some(Ok(inside)) = channel.map(|channel| channel.open(&data)) else {
                    return Err(format!(
                        "the model says {expected:04X?} in the channel, the card {status:04X} and {data:02X?}"
                    ));
                };
                let answer = (inside.data.to_vec(), inside.status.to_u16());
                self.check(&expected, &answer)
            }
        }
    }

    /// Whether the answer is the model's; what the model cannot know it learns.
    fn check(&mut self, expected: &Answer, answer: &(Vec<u8>, u16)) -> Result<(), Difference> {
        let (data, status) = answer;
        let fits = match expected {
            Answer::Status(word) => status == word && data.is_empty(),
            Answer::Data(bytes) => {
                let rest = self.model.waiting();
                let word = match rest {
                    0 => SUCCESS,
                    rest => 0x6100 | u16::try_from(rest).unwrap(),
                };
                data == bytes && *status == word
            }
            _ if *status != SUCCESS => false,
            Answer::Selected(tries, types_at_phone, suite) => {
                let has = |part: &[u8]| data.windows(part.len()).any(|found| found == part);
                let tells = match tries {
                    Some(tries) => has(format!("&p={tries}").as_bytes()),
                    None => !has(b"&p="),
                };
                let names = [CS2, CS7]
                    .into_iter()
                    .all(|named| has(&[0x80, 1, named]) == (*suite == Some(named)));
                let time = format!("&v={}", PIN_TIME.as_secs());
                let types = has(if *types_at_phone {
                    time.as_bytes()
                } else {
                    b"?"
                }) && has(b"&v=") == *types_at_phone;
                tells && types && names
            }
            Answer::Channel(suite) => {
                self.channel = opened(*suite, data);
                self.channel.is_some()
            }
            Answer::ChannelKey(suite) => {
                let point = if *suite == CS2 { P256 } else { P384 };
                data.len() == 5 + public_length(point)
            }
            Answer::Challenge => {
                self.challenge = data.get(4..).unwrap_or_default().to_vec();
                [8, 16].contains(&self.challenge.len())
            }
            Answer::Mutual => {
                let (cipher, key) = self.model.management_key();
                // The default key is one of 3DES too: as long as the answer says.
                let cipher = if data.len() == 12 { 0x03 } else { cipher };
                let challenge = &CHALLENGE[..block_length(cipher)];
                let encrypted = crypt(cipher, key, challenge, Direction::Encrypt);
                *data == template(&[(0x82, &encrypted)])
            }
            Answer::Signature { key, bare } => is_signature(&self.model.keys[key], *bare, data),
            Answer::Agreement(key) => is_agreement(&self.model.keys[key], data),
            Answer::Generated(key) => {
                let record = self.model.keys.get_mut(key).unwrap();
                // 7F49 { 86 point }
                record.public = data.get(5..).unwrap_or_default().to_vec();
                record.public.len() == public_length(record.algorithm)
            }
            Answer::Imported(key, pin) => {
                let secret = p256::SecretKey::from_slice(&SCALAR).unwrap();
                let record = Key {
                    algorithm: P256,
                    imported: true,
                    pin: *pin,
                    public: secret.public_key().to_sec1_bytes().to_vec(),
                };
                self.model.keys.insert(*key, record);
                data.is_empty()
            }
            Answer::KeyMetadata(key) => {
                let record = &self.model.keys[key];
                let origin = 1 + u8::from(record.imported);
                let touch = match self.model.holder.policy(&name_of(*key)) {
                    Policy::Pin => 1,
                    Policy::Confirm | Policy::Never => 2,
                };
                data[..3] == [1, 1, record.algorithm]
                    && data[3..7] == [2, 2, 1 + record.strictness_in(*key), touch]
                    && data[7..10] == [3, 1, origin]
                    && data.ends_with(&record.public)
            }
            Answer::NewCard => {
                self.learn_chuid();
                data.is_empty()
            }
        };
        if !fits {
            return Err(format!(
                "the model says {expected:04X?}, the card {status:04X} and {data:02X?}"
            ));
        }
        if std::mem::take(&mut self.model.gets_pairing_code) {
            self.learn_pairing_code()?;
        }
        let (expected, asked) = (self.model.holder.take_asked(), self.phone.take_asked());
        if asked != expected {
            return Err(format!(
                "the model asks its holder {expected:?}, the card {asked:?}"
            ));
        }
        Ok(())
    }
}
