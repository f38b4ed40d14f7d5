//! What the standard says of the contactless interface and of secure messaging: by which way a command comes, what may come
//! that way, and what opens and ends a channel (SP 800-73-5 part 1, 5.5; part 2, 3.2.1 and 4; docs/phone.md, "Over NFC").

use super::air::{AirPolicy, CS2, CS7, Channel, Path};
use super::command::{Command, Establishment, Flaw, PairingValue};
use super::model::{Answer, Key, Model, Proof};
use super::tables::{CHUID, P384, PAIRING_CODE, agrees};
use crate::apdu::{Apdu, element};
use crate::word::*;

/// What a protected command is answered with.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrapped {
    /// An error in clear: the channel is gone.
    Clear(u16),
    /// This, protected.
    Inside(Answer),
}

impl Model {
    pub fn is_strict(&self) -> bool {
        self.contactless && self.air != AirPolicy::ContactLike
    }

    /// The way of a command, protected or in clear.
    pub fn path_of(&self, is_protected: bool) -> Path {
        match &self.session.channel {
            _ if !self.is_strict() => Path::Contact,
            Some(channel) if is_protected => {
                if channel.is_paired || self.air == AirPolicy::StrictWithoutPairing {
                    Path::VirtualContact
                } else {
                    Path::Protected
                }
            }
            _ => Path::Clear,
        }
    }

    /// What needs contacts, virtual ones included.
    pub fn is_contact(&self) -> Result<(), u16> {
        let is_contact = [Path::Contact, Path::VirtualContact].contains(&self.path);
        is_contact.then_some(()).ok_or(NOT_AUTHORISED)
    }

    /// What is for real contacts alone: the PUK, what changes the card, and what is beyond the standard.
    pub fn may_come(&self, command: &Command) -> Result<(), u16> {
        let is_for_contacts = matches!(
            command,
            Command::Unblock(..)
                | Command::PutData(..)
                | Command::PutPairingCode(_)
                | Command::Generate(..)
                | Command::GenerateChannelKey(_)
                | Command::Import(..)
                | Command::Move(..)
                | Command::Metadata(_)
                | Command::SetRetries(..)
                | Command::SetManagementKey(_)
                | Command::Reset
        );
        let may = !is_for_contacts || self.path == Path::Contact;
        may.then_some(()).ok_or(NOT_SUPPORTED)
    }

    /// What a host has proved through a channel where there is no other way does not outlive it.
    pub fn end_channel(&mut self) {
        if self.session.channel.take().is_some() && self.is_strict() {
            self.session.pin = Proof::None;
            self.session.global_pin = Proof::None;
        }
    }

    /// The channel's key is made when it is first needed, and again for a stronger suite; with the first comes a pairing
    /// code. A card without a GUID cannot have a certificate.
    pub fn prepare(&mut self) -> Option<u8> {
        if self.objects.get(&CHUID) != Some(&self.chuid) {
            return None;
        }
        let is_enough = |suite: &u8| *suite == CS7 || *suite == self.least_suite();
        if self.suite.filter(is_enough).is_none() {
            self.make_channel_key(self.least_suite());
        }
        self.suite
    }

    fn make_channel_key(&mut self, suite: u8) {
        let is_first = self.suite.replace(suite).is_none();
        self.gets_pairing_code = is_first && !self.objects.contains_key(&PAIRING_CODE);
    }

    /// CS7 where a key of 9C, 9D or a retired place is on P-384.
    fn least_suite(&self) -> u8 {
        let is_strong =
            |(key, record): (&u8, &Key)| (*key == 0x9C || agrees(*key)) && record.algorithm == P384;
        if self.keys.iter().any(is_strong) {
            CS7
        } else {
            CS2
        }
    }

    /// GENERAL AUTHENTICATE of the key 04.
    pub fn establish(&mut self, suite: u8, how: Establishment) -> Result<Answer, u16> {
        self.end_channel();
        if ![CS2, CS7].contains(&suite) {
            return Err(BAD_PARAMETERS);
        }
        if how == Establishment::Malformed {
            return Err(BAD_DATA);
        }
        let own = self.prepare().ok_or(UNKNOWN)?;
        if own != suite {
            return Err(BAD_PARAMETERS);
        }
        if how == Establishment::OffTheCurve {
            return Err(BAD_DATA);
        }
        self.session.channel = Some(Channel { is_paired: false });
        Ok(Answer::Channel(suite))
    }

    /// GENERATE ASYMMETRIC KEY PAIR of the key 04.
    pub fn generate_channel_key(&mut self, suite: u8) -> Result<Answer, u16> {
        if ![CS2, CS7].contains(&suite) {
            return Err(BAD_DATA);
        }
        self.administrator()?;
        if suite < self.least_suite() {
            return Err(BAD_PARAMETERS);
        }
        if self.objects.get(&CHUID) != Some(&self.chuid) {
            return Err(UNKNOWN);
        }
        self.make_channel_key(suite);
        self.end_channel();
        Ok(Answer::ChannelKey(suite))
    }

    /// The digits of the code, where the object holds one: `99 digits, FE`.
    pub fn pairing_code(&self) -> Option<[u8; 8]> {
        let content = self.objects.get(&PAIRING_CODE)?;
        let digits: [u8; 8] = content.get(2..10)?.try_into().ok()?;
        let is_code = digits.iter().all(u8::is_ascii_digit) && *content == code_object(&digits);
        is_code.then_some(digits)
    }

    /// VERIFY of the pairing code.
    pub fn pair(&mut self, value: PairingValue) -> Result<Answer, u16> {
        if value == PairingValue::Short {
            return Err(BAD_DATA);
        }
        let has_code = self.air != AirPolicy::ContactLike && self.pairing_code().is_some();
        if !has_code {
            return Err(NO_REFERENCE);
        }
        if !self.is_protected {
            return Err(NOT_AUTHORISED);
        }
        let channel = self.session.channel.as_mut().ok_or(NOT_AUTHORISED)?;
        match value {
            PairingValue::Right => channel.is_paired = true,
            PairingValue::Wrong | PairingValue::Forgotten => channel.is_paired = false,
            PairingValue::NoDigits => return Err(BAD_DATA),
            PairingValue::Nothing | PairingValue::Short => {}
        }
        match value {
            PairingValue::Forgotten => Ok(Answer::Status(SUCCESS)),
            _ if channel.is_paired => Ok(Answer::Status(SUCCESS)),
            _ => Err(VERIFICATION_FAILED),
        }
    }

    /// A command under secure messaging.
    pub fn protected(&mut self, command: &Command, apdu: &Apdu, flaw: Option<Flaw>) -> Wrapped {
        let begun = std::mem::take(&mut self.begun);
        self.waiting.clear();
        let may_be_protected = [0xCB, 0x20, 0x24, 0x2C, 0x87, 0x2A].contains(&apdu.header[1]);
        if begun || !may_be_protected {
            self.interrupt();
        }
        if !may_be_protected {
            self.holder.forget_refusal();
            self.end_channel();
            return Wrapped::Clear(PROTECTION_NOT_SUPPORTED);
        }
        if !self.selected {
            self.holder.forget_refusal();
            return Wrapped::Clear(NO_INSTRUCTION);
        }
        let (proof, pending) = self.start();
        let refusal = match (flaw, command) {
            _ if self.session.channel.is_none() => Some(NOT_AUTHORISED),
            (_, Command::Establish(..)) => Some(PROTECTION_NOT_SUPPORTED),
            (Some(Flaw::NoMac), _) => Some(PROTECTION_MISSING),
            (Some(Flaw::WrongMac), _) => Some(PROTECTION_WRONG),
            (None, _) => None,
        };
        if let Some(status) = refusal {
            self.holder.forget_refusal();
            self.end_channel();
            return Wrapped::Clear(status);
        }
        if self.holder.has_refused(apdu, true) {
            return Wrapped::Inside(Answer::Status(CONDITIONS));
        }
        self.is_protected = true;
        self.path = self.path_of(true);
        let answer = self.of_application(command, proof, pending);
        self.is_protected = false;
        self.holder.answered(apdu, true);
        Wrapped::Inside(match answer {
            // What is too long for an APDU is whole inside.
            Ok(Answer::Data(mut begin)) => {
                begin.append(&mut self.waiting);
                Answer::Data(begin)
            }
            answer => answer.unwrap_or_else(Answer::Status),
        })
    }
}

/// What the object of a pairing code holds.
pub fn code_object(digits: &[u8]) -> Vec<u8> {
    [element(0x99, digits), element(0xFE, &[])].concat()
}
