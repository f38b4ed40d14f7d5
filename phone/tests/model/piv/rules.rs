//! What the standard says of each command: who may do it, and what it changes (SP 800-73-5 part 2, chapter 3).

use super::air::{AirPolicy, Path};
use super::channel::code_object;
use super::command::{Asked, Command, Peer, Value, padded};
use super::model::{Answer, Counted, Key, Model, Pending, Proof, name_of};
use super::tables::*;
use crate::apdu::element;
use crate::holder::{Operation, Policy};
use crate::word::*;

impl Model {
    pub fn of_application(
        &mut self,
        command: &Command,
        proof: Proof,
        pending: Option<Pending>,
    ) -> Result<Answer, u16> {
        self.may_come(command)?;
        match *command {
            Command::Verify(reference, value) => {
                self.pin_reference(reference)?;
                self.is_contact()?;
                let presented = self.value(reference, value);
                self.compare(reference, presented)?;
                *self.proof(reference) = Proof::JustNow;
            }
            Command::VerifyAtPhone(data) => {
                if !self.types_at_phone {
                    return Err(BAD_PARAMETERS);
                }
                if data.is_some_and(|data| !data.is_empty()) {
                    return Err(BAD_DATA);
                }
                self.is_contact()?;
                self.type_pin()?;
            }
            Command::VerifyMalformed(reference, _) => {
                self.pin_reference(reference)?;
                return Err(BAD_DATA);
            }
            Command::VerifyStatus(reference) => {
                self.pin_reference(reference)?;
                self.is_contact()?;
                if *self.proof(reference) == Proof::None {
                    return Err(self.left(reference));
                }
            }
            Command::LogOut(reference) => {
                self.pin_reference(reference)?;
                self.is_contact()?;
                *self.proof(reference) = Proof::None;
            }
            Command::Change(reference, old, new) => {
                let old = self.value(reference, old);
                let new_value = self.value(reference, new);
                if reference == 0x81 {
                    if matches!(new, Value::Padding) {
                        return Err(BAD_DATA);
                    }
                    if self.path != Path::Contact {
                        return Err(NOT_SUPPORTED);
                    }
                } else {
                    self.pin_reference(reference)?;
                    is_pin(new_value)?;
                    self.is_contact()?;
                }
                self.compare(reference, old)?;
                self.counted(reference).value = new_value;
                if reference != 0x81 {
                    *self.proof(reference) = Proof::Earlier;
                }
            }
            Command::Unblock(reference, puk, new) => {
                if reference != 0x80 {
                    return Err(NO_REFERENCE);
                }
                let puk = self.value(0x81, puk);
                let new_value = self.value(0x80, new);
                if !matches!(new, Value::Padding) {
                    is_pin(new_value)?;
                }
                if let Err(status) = self.compare(0x81, puk) {
                    self.session.pin = Proof::None;
                    return Err(status);
                }
                if matches!(new, Value::Padding) {
                    return Err(BAD_DATA);
                }
                self.pin = Counted::full(new_value, self.pin.limit);
            }
            Command::Challenge(_)
            | Command::Witness(_)
            | Command::Response(..)
            | Command::Mutual(..)
                if self.path != Path::Contact =>
            {
                return Err(NOT_AUTHORISED);
            }
            Command::Challenge(cipher) | Command::Witness(cipher) => {
                self.cipher(cipher)?;
                let mutual = matches!(command, Command::Witness(_));
                self.session.pending = Some(Pending { cipher, mutual });
                return Ok(Answer::Challenge);
            }
            Command::Response(cipher, right) | Command::Mutual(cipher, right) => {
                self.cipher(cipher)?;
                let mutual = matches!(command, Command::Mutual(..));
                if pending
                    .is_none_or(|pending| (pending.cipher, pending.mutual) != (cipher, mutual))
                {
                    return Err(BAD_DATA);
                }
                self.session.administrator = right;
                self.administrator()?;
                if mutual {
                    return Ok(Answer::Mutual);
                }
            }
            Command::Sign(algorithm, key, length) => {
                self.may_use(algorithm, key, proof)?;
                let fits = algorithm == ED25519 || length <= 64;
                if algorithm == X25519 || !fits {
                    return Err(BAD_DATA);
                }
                self.ask(key, Operation::Sign)?;
                return Ok(Answer::Signature { key, bare: false });
            }
            Command::Agree(algorithm, key, peer) => {
                self.may_use(algorithm, key, proof)?;
                let fits = matches!(
                    (algorithm, peer),
                    (P256, Peer::P256) | (P384, Peer::P384) | (X25519, Peer::X25519)
                );
                if !agrees(key) || !fits {
                    return Err(BAD_DATA);
                }
                self.ask(key, Operation::Agree)?;
                return Ok(Answer::Agreement(key));
            }
            Command::SignAtOnce(key, scheme, length) => {
                if length != 32 {
                    return Err(BAD_DATA);
                }
                place(key).map_err(|_| NO_REFERENCE)?;
                self.is_open(key == 0x9E)?;
                let record = self.keys.get(&key).filter(|_| !agrees(key));
                let algorithm = record.ok_or(NO_REFERENCE)?.algorithm;
                if scheme != 3 || algorithm == ED25519 {
                    return Err(BAD_DATA);
                }
                self.may_use(algorithm, key, proof)?;
                self.ask(key, Operation::Sign)?;
                return Ok(Answer::Signature { key, bare: true });
            }
            Command::Generate(key, algorithm, asked) => {
                place(key)?;
                if !ALGORITHMS.contains(&algorithm) {
                    return Err(BAD_DATA);
                }
                takes(key, algorithm)?;
                let pin = self.policies(key, asked)?;
                let imported = false;
                let public = Vec::new();
                let record = Key {
                    algorithm,
                    imported,
                    pin,
                    public,
                };
                self.keys.insert(key, record);
                return Ok(Answer::Generated(key));
            }
            Command::Import(key, asked) => {
                place(key)?;
                let pin = self.policies(key, asked)?;
                return Ok(Answer::Imported(key, pin));
            }
            Command::Move(from, to) => {
                place(from)?;
                if to != 0xFF {
                    place(to)?;
                }
                if from == to {
                    return Err(BAD_PARAMETERS);
                }
                self.administrator()?;
                let record = self.keys.get(&from).ok_or(NO_REFERENCE)?.clone();
                if to != 0xFF {
                    takes(to, record.algorithm)?;
                    let asks_less = record.strictness_in(to) < record.strictness_in(from);
                    if self.keys.contains_key(&to) || asks_less {
                        return Err(CONDITIONS);
                    }
                    self.keys.insert(to, record);
                    let [wanted, there] = [from, to].map(|key| self.holder.policy(&name_of(key)));
                    self.holder.wants(&name_of(to), wanted.max(there));
                }
                self.keys.remove(&from);
            }
            Command::Metadata(reference) => return self.metadata(reference),
            Command::GetData(tag) => {
                let (needs_pin, is_open) = object(tag)?;
                self.is_open(is_open)?;
                let virtual_contact = match self.air {
                    AirPolicy::ContactLike => 0x00,
                    AirPolicy::Strict => 0x08,
                    AirPolicy::StrictWithoutPairing => 0x0C,
                };
                let content = match tag {
                    DISCOVERY => &discovery(self.global_pin.is_some(), virtual_contact),
                    _ => self.objects.get(&tag).ok_or(NOT_FOUND)?,
                };
                if needs_pin && proof == Proof::None {
                    return Err(NOT_AUTHORISED);
                }
                let wrapping = if tag == DISCOVERY { DISCOVERY } else { 0x53 };
                let mut whole = element(wrapping, content);
                self.waiting = whole.split_off(whole.len().min(256));
                return Ok(Answer::Data(whole));
            }
            Command::PutData(tag, length) => {
                self.administrator()?;
                object(tag)?;
                if tag == DISCOVERY {
                    return Err(NOT_SUPPORTED);
                }
                self.objects.remove(&tag);
                if length > 0 {
                    self.objects.insert(tag, content(length));
                }
            }
            Command::PutPairingCode(digits) => {
                self.administrator()?;
                self.objects.remove(&PAIRING_CODE);
                if !digits.is_empty() {
                    self.objects.insert(PAIRING_CODE, code_object(digits));
                }
            }
            Command::Establish(suite, how) => return self.establish(suite, how),
            Command::GenerateChannelKey(suite) => return self.generate_channel_key(suite),
            Command::Pair(value) => return self.pair(value),
            Command::SetRetries(pin, puk) => {
                if !(1..=15).contains(&pin) || !(1..=15).contains(&puk) {
                    return Err(BAD_PARAMETERS);
                }
                self.administrator()?;
                if self.session.pin == Proof::None {
                    return Err(NOT_AUTHORISED);
                }
                self.pin = Counted::full(padded(b"123456"), pin);
                self.puk = Counted::full(padded(b"12345678"), puk);
                self.session.pin = Proof::None;
            }
            Command::Reset => {
                if self.pin.left > 0 || self.puk.left > 0 {
                    return Err(CONDITIONS);
                }
                let new = Self::new(self.contactless, false);
                let global_pin = self.global_pin;
                let types_at_phone = self.types_at_phone;
                let holder = std::mem::take(&mut self.holder);
                let (air, path, selected) = (self.air, self.path, true);
                *self = Self {
                    global_pin,
                    holder,
                    air,
                    types_at_phone,
                    path,
                    selected,
                    ..new
                };
                return Ok(Answer::NewCard);
            }
            Command::SetManagementKey(index) => {
                self.administrator()?;
                self.management_key = index;
            }
            Command::Select(_)
            | Command::SelectUnknown
            | Command::GetResponse
            | Command::Malformed
            | Command::OtherClass
            | Command::ChainedVerify => unreachable!("answered before"),
        }
        Ok(Answer::Status(SUCCESS))
    }

    /// What is not everybody's over the air needs contacts, virtual ones included.
    fn is_open(&self, to_everybody: bool) -> Result<(), u16> {
        if to_everybody {
            Ok(())
        } else {
            self.is_contact()
        }
    }

    pub fn administrator(&self) -> Result<(), u16> {
        if self.session.administrator {
            Ok(())
        } else {
            Err(NOT_AUTHORISED)
        }
    }

    /// Who makes a key may make it ask for the PIN more often than its place does, never less; and may make the place ask
    /// for a touch, and not take that back: that is the holder's. Gives how often the key asks for the PIN by itself.
    fn policies(&mut self, key: u8, Asked { pin, touch }: Asked) -> Result<u8, u16> {
        let asks = match pin {
            None | Some(0) => strictness(key),
            Some(pin @ 1..=3) if pin > strictness(key) => pin - 1,
            _ => return Err(BAD_DATA),
        };
        if touch.is_some_and(|touch| touch > 3) {
            return Err(BAD_DATA);
        }
        self.administrator()?;
        let (name, policy) = (name_of(key), self.holder.policy(&name_of(key)));
        match touch {
            Some(1) if policy != Policy::Pin => return Err(BAD_DATA),
            // A touch that is good for a while is one each time.
            Some(2 | 3) => _ = self.holder.wants(&name, policy.max(Policy::Confirm)),
            _ => {}
        }
        // What its place asks for goes with the place.
        Ok(if asks > strictness(key) { asks } else { 0 })
    }

    /// The cipher of the management key; the default key is taken as one of 3DES too.
    fn cipher(&self, cipher: u8) -> Result<(), u16> {
        let fits = self.management_key().0 == cipher || (self.management_key == 0 && cipher == 3);
        fits.then_some(()).ok_or(BAD_PARAMETERS)
    }

    fn may_use(&self, algorithm: u8, key: u8, proof: Proof) -> Result<(), u16> {
        if !is_use(algorithm, key) {
            return Err(BAD_PARAMETERS);
        }
        self.is_open(key == 0x9E)?;
        let record = self.keys.get(&key);
        let record = record.filter(|record| record.algorithm == algorithm);
        let allowed = match record.ok_or(BAD_PARAMETERS)?.strictness_in(key) {
            0 => return Ok(()),
            1 => proof != Proof::None,
            _ => proof == Proof::JustNow,
        };
        // It is used the way that the PIN goes.
        self.is_contact()?;
        allowed.then_some(()).ok_or(NOT_AUTHORISED)
    }

    fn metadata(&self, reference: u8) -> Result<Answer, u16> {
        let of_value = |counted: &Counted, default: &[u8]| {
            let is_default = u8::from(counted.value == padded(default));
            // As many as VERIFY would tell.
            let [limit, left] =
                [counted.limit, counted.left].map(|number| number.saturating_sub(self.floor()));
            let head = [1, 1, 0xFF, 5, 1, is_default, 6, 2, limit, left];
            Answer::Data(head.to_vec())
        };
        match reference {
            0x80 => Ok(of_value(&self.pin, b"123456")),
            0x81 => Ok(of_value(&self.puk, b"12345678")),
            0x9B => {
                let is_default = u8::from(self.management_key == 0);
                let cipher = self.management_key().0;
                let data = [1, 1, cipher, 2, 2, 0, 1, 5, 1, is_default];
                Ok(Answer::Data(data.to_vec()))
            }
            // A finger, which tools ask for.
            0x96 => Err(NO_REFERENCE),
            key => {
                place(key)?;
                self.keys.get(&key).ok_or(NO_REFERENCE)?;
                Ok(Answer::KeyMetadata(key))
            }
        }
    }
}
