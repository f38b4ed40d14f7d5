//! The commands beyond the standard that PIV tools send (as Yubico's cards answer them): version, serial number,
//! metadata, management key, retries, import and reset.
//!
//! Attestation (F9) is not among them: it would vouch in another maker's name. Tools do without.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::{
    self, AsymmetricKey, Cipher, KeyReference, PinPolicy, PinReference, PublicKey,
};
use card_edge::tlv::{self, Tag};
use zeroize::Zeroizing;

use super::command::{parameters, slot};
use super::{Outcome, PivApplication, malformed, status_of_key};
use crate::key_store::{ImportedKey, KeyAlgorithm};
use crate::state::reference_data::{LIMIT_MAX, ReferenceData};
use crate::state::{CardState, KeyRecord, ManagementKey, Origin};

/// The version whose commands are all here but for attestation: 5.3 has metadata, and no commands to move keys.
const VERSION: [u8; 3] = [5, 3, 0];

const TAG_PIN_POLICY: u32 = 0xAA;
const TAG_TOUCH_POLICY: u32 = 0xAB;

/// Touch policy: the card wants no touch.
const TOUCH_NEVER: u8 = 0x01;
/// A policy that leaves the choice to the card.
const POLICY_DEFAULT: u8 = 0x00;

/// A command beyond the standard.
pub enum YubicoCommand {
    /// FD: the version.
    Version,
    /// F8: the serial number.
    Serial,
    /// F7: what is known of a key, PIN or PUK.
    Metadata(MetadataOf),
    /// FF: a new management key.
    SetManagementKey(ManagementKey),
    /// FA: new retry limits; PIN and PUK become the default ones.
    SetRetries {
        /// Tries of the PIN.
        pin: u8,
        /// Tries of the PUK.
        puk: u8,
    },
    /// FB: back to a new card, once PIN and PUK are both blocked.
    Reset,
    /// FE: a key from outside.
    ImportKey {
        /// Its slot.
        slot: AsymmetricKey,
        /// Its kind.
        algorithm: KeyAlgorithm,
        /// The key.
        key: ImportedKey,
    },
}

/// What metadata may be asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataOf {
    /// A key pair.
    Key(AsymmetricKey),
    /// The card management key.
    ManagementKey,
    /// The PIN.
    Pin,
    /// The PUK.
    Puk,
}

/// Reads such a command; 6D00 where it is none.
pub(super) fn parse(instruction: u8, command: &Command) -> Result<YubicoCommand, Status> {
    Ok(match instruction {
        0xFD => {
            parameters(command, (0, 0))?;
            YubicoCommand::Version
        }
        0xF8 => {
            parameters(command, (0, 0))?;
            YubicoCommand::Serial
        }
        0xF7 => YubicoCommand::Metadata(metadata_of(command)?),
        0xFF => YubicoCommand::SetManagementKey(management_key(command)?),
        0xFA => {
            let limits = 1..=LIMIT_MAX;
            if !limits.contains(&command.p1) || !limits.contains(&command.p2) {
                return Err(Status::IncorrectParameters);
            }
            YubicoCommand::SetRetries {
                pin: command.p1,
                puk: command.p2,
            }
        }
        0xFB => {
            parameters(command, (0, 0))?;
            YubicoCommand::Reset
        }
        0xFE => import_key(command)?,
        _ => return Err(Status::InstructionNotSupported),
    })
}

fn metadata_of(command: &Command) -> Result<MetadataOf, Status> {
    parameters(command, (0, command.p2))?;
    match KeyReference::try_from(command.p2) {
        Ok(KeyReference::CardManagement) => Ok(MetadataOf::ManagementKey),
        Ok(KeyReference::Pin(PinReference::PivPin)) => Ok(MetadataOf::Pin),
        Ok(KeyReference::Pin(PinReference::Puk)) => Ok(MetadataOf::Puk),
        // A retired key is a key that this card could have and does not.
        Ok(KeyReference::Asymmetric(key)) => Ok(MetadataOf::Key(key)),
        Ok(KeyReference::Pin(_) | KeyReference::SecureMessaging) | Err(_) => {
            Err(Status::IncorrectParameters)
        }
    }
}

/// `algorithm, 9B, length, key`. P2 = FE wants a touch, which this card does not know.
fn management_key(command: &Command) -> Result<ManagementKey, Status> {
    parameters(command, (0xFF, 0xFF))?;
    let [cipher, reference, length, key @ ..] = command.data.as_slice() else {
        return Err(Status::IncorrectData);
    };
    if *reference != KeyReference::CardManagement.to_u8() || usize::from(*length) != key.len() {
        return Err(Status::IncorrectData);
    }
    Cipher::try_from(*cipher)
        .ok()
        .and_then(|cipher| ManagementKey::new(cipher, key).ok())
        .ok_or(Status::IncorrectData)
}

/// `01 p, 02 q, ...` for RSA, `06 scalar` for a curve, then perhaps policies.
fn import_key(command: &Command) -> Result<YubicoCommand, Status> {
    let slot = slot(command)?;
    let algorithm = piv::KeyAlgorithm::try_from(command.p1)
        .ok()
        .and_then(|algorithm| KeyAlgorithm::try_from(algorithm).ok())
        .ok_or(Status::IncorrectParameters)?;
    let mut policies = KeyPolicies::new(slot);
    let (mut p, mut q, mut scalar) = (None, None, None);
    for field in tlv::Reader::new(&command.data) {
        let field = field.map_err(malformed)?;
        let value = || Some(Zeroizing::new(field.value.to_vec()));
        match (field.tag.value(), field.value) {
            (0x01, _) => p = value(),
            (0x02, _) => q = value(),
            (0x06, _) => scalar = value(),
            // The CRT values follow from the primes.
            (0x03..=0x05, _) => {}
            (_, [policy]) => policies.accept(field.tag, *policy)?,
            _ => return Err(Status::IncorrectData),
        }
    }
    let key = match (p, q, scalar) {
        (Some(p), Some(q), None) => ImportedKey::Rsa { p, q },
        (None, None, Some(scalar)) => ImportedKey::Ecc(scalar),
        _ => return Err(Status::IncorrectData),
    };
    Ok(YubicoCommand::ImportKey {
        slot,
        algorithm,
        key,
    })
}

/// The policies that a host may name when it makes a key: the slot's own, or none.
pub(super) struct KeyPolicies {
    pin: u8,
}

impl KeyPolicies {
    /// Those of a slot.
    pub(super) fn new(slot: AsymmetricKey) -> Self {
        Self {
            pin: pin_policy(slot),
        }
    }

    /// Takes a policy that says what the slot does anyway.
    ///
    /// # Errors
    /// 6A80 for any other.
    pub(super) fn accept(&mut self, tag: Tag, policy: u8) -> Result<(), Status> {
        let own = match tag.value() {
            TAG_PIN_POLICY => self.pin,
            TAG_TOUCH_POLICY => TOUCH_NEVER,
            _ => return Err(Status::IncorrectData),
        };
        if policy == own || policy == POLICY_DEFAULT {
            Ok(())
        } else {
            Err(Status::IncorrectData)
        }
    }
}

fn pin_policy(slot: AsymmetricKey) -> u8 {
    match slot.pin_policy() {
        PinPolicy::Never => 1,
        PinPolicy::Once => 2,
        PinPolicy::Always => 3,
    }
}

impl PivApplication {
    /// Works on such a command.
    pub(super) fn yubico(&mut self, command: YubicoCommand) -> Outcome {
        match command {
            YubicoCommand::Version => Ok(Response::success(VERSION)),
            YubicoCommand::Serial => {
                let serial = self.store.state().serial;
                Ok(Response::success(serial.to_be_bytes()))
            }
            YubicoCommand::Metadata(of) => self.metadata(of),
            YubicoCommand::SetManagementKey(key) => {
                self.security.may_administer()?;
                self.change(|state| {
                    state.management_key = key;
                    Ok(())
                })?;
                Ok(Status::Success.into())
            }
            YubicoCommand::SetRetries { pin, puk } => self.set_retries(pin, puk),
            YubicoCommand::Reset => self.reset_to_new(),
            YubicoCommand::ImportKey {
                slot,
                algorithm,
                key,
            } => self.import(slot, algorithm, &key),
        }
    }

    fn set_retries(&mut self, pin: u8, puk: u8) -> Outcome {
        self.security.may_administer()?;
        if !self.security.is_pin_verified() {
            return Err(Status::SecurityStatusNotSatisfied);
        }
        self.change(|state| {
            state.pin = CardState::default_pin(pin)?;
            state.puk = CardState::default_puk(puk)?;
            Ok(())
        })?;
        self.security.pin_unverified();
        Ok(Status::Success.into())
    }

    fn reset_to_new(&mut self) -> Outcome {
        self.change(|state| {
            if state.pin.remaining > 0 || state.puk.remaining > 0 {
                return Err(Status::ConditionsNotSatisfied.into());
            }
            *state = CardState::new()?;
            Ok(())
        })?;
        self.reset();
        self.open_keys.clear();
        Ok(Status::Success.into())
    }

    fn import(
        &mut self,
        slot: AsymmetricKey,
        algorithm: KeyAlgorithm,
        key: &ImportedKey,
    ) -> Outcome {
        self.security.may_administer()?;
        let record = KeyRecord {
            algorithm,
            origin: Origin::Imported,
            handle: self.keys.import(algorithm, key).map_err(status_of_key)?,
        };
        self.change(|state| {
            state.keys.insert(slot, record);
            Ok(())
        })?;
        Ok(Status::Success.into())
    }

    /// 01 algorithm, 02 policies (PIN, touch), 03 origin, 04 public key, 05 whether the value is the default,
    /// 06 retry limit and tries left.
    fn metadata(&mut self, of: MetadataOf) -> Outcome {
        let fields = match of {
            MetadataOf::Key(slot) => {
                let keys = &self.store.state().keys;
                let record = keys.get(&slot).ok_or(Status::ReferenceNotFound)?;
                let algorithm = piv::KeyAlgorithm::from(record.algorithm);
                let origin = match record.origin {
                    Origin::Generated => 1,
                    Origin::Imported => 2,
                };
                let key = self.open_key(slot)?.public_key();
                vec![
                    (0x01, vec![algorithm.identifier()]),
                    (0x02, vec![pin_policy(slot), TOUCH_NEVER]),
                    (0x03, vec![origin]),
                    (0x04, public_key(&key)?),
                ]
            }
            MetadataOf::ManagementKey => {
                let key = &self.store.state().management_key;
                vec![
                    (0x01, vec![key.cipher().identifier()]),
                    (0x02, vec![POLICY_DEFAULT, TOUCH_NEVER]),
                    (0x05, vec![u8::from(key.is_default())]),
                ]
            }
            MetadataOf::Pin => reference_data(&self.store.state().pin),
            MetadataOf::Puk => reference_data(&self.store.state().puk),
        };
        let mut out = Vec::new();
        for (tag, value) in fields {
            tlv::write(&mut out, Tag::new(tag), &value).map_err(malformed)?;
        }
        Ok(Response::success(out))
    }
}

fn reference_data(data: &ReferenceData) -> Vec<(u32, Vec<u8>)> {
    vec![
        (0x01, vec![0xFF]),
        (0x05, vec![u8::from(data.is_default)]),
        (0x06, vec![data.limit, data.remaining]),
    ]
}

/// The fields of tag 7F49 without the tag itself.
fn public_key(key: &PublicKey) -> Result<Vec<u8>, Status> {
    let template = key.encode().map_err(malformed)?;
    tlv::only(&template, Tag::new(0x7F49))
        .map(<[u8]>::to_vec)
        .map_err(malformed)
}
