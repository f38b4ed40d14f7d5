//! The commands of the PIV application as types: what comes out of here is well formed, and names only keys and
//! references that this card may have.

use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::Request;
use card_edge::piv::pin::{Pin, Puk, REFERENCE_DATA_LENGTH, VerificationData};
use card_edge::piv::{
    Algorithm, AsymmetricKey, Cipher, KeyReference, PinReference, data, generate,
};
use card_edge::tlv::Tag;

use super::malformed;
use super::yubico::{self, KeyPolicies, YubicoCommand};
use crate::key_store::KeyAlgorithm;

/// A change of reference data: the value that proves the right to it, and the new one.
#[derive(Clone, Debug)]
pub enum Change {
    /// CHANGE REFERENCE DATA of the PIV PIN: the PIN gives itself a new value.
    Pin {
        /// What is presented as the PIN.
        old: VerificationData,
        /// The new PIN.
        new: Pin,
    },
    /// CHANGE REFERENCE DATA of the PUK.
    Puk {
        /// What is presented as the PUK.
        old: VerificationData,
        /// The new PUK.
        new: Puk,
    },
    /// RESET RETRY COUNTER: the PUK gives the PIN a new value.
    PinByPuk {
        /// What is presented as the PUK.
        puk: VerificationData,
        /// The new PIN.
        new: Pin,
    },
}

/// A command of the PIV application.
pub enum PivCommand {
    /// GET DATA.
    GetData(Tag),
    /// PUT DATA.
    PutData {
        /// The object's tag.
        tag: Tag,
        /// Its new content; empty to clear it.
        content: Vec<u8>,
    },
    /// VERIFY with a PIN.
    Verify(Pin),
    /// VERIFY without data: has the PIN been verified, and how many tries are left?
    VerificationStatus,
    /// VERIFY with P1 = FF: the PIN counts as not verified.
    ResetVerification,
    /// CHANGE REFERENCE DATA or RESET RETRY COUNTER.
    Change(Change),
    /// GENERAL AUTHENTICATE with a key pair.
    ApplyKey {
        /// The key.
        slot: AsymmetricKey,
        /// What kind of key the host takes it for.
        algorithm: KeyAlgorithm,
        /// What it asks.
        request: Request,
    },
    /// GENERAL AUTHENTICATE with the card management key.
    AuthenticateManagement {
        /// The cipher that the host uses.
        cipher: Cipher,
        /// What it asks.
        request: Request,
    },
    /// GENERATE ASYMMETRIC KEY PAIR.
    Generate {
        /// The key.
        slot: AsymmetricKey,
        /// What kind of key it shall be.
        algorithm: KeyAlgorithm,
    },
    /// A command beyond the standard.
    Yubico(YubicoCommand),
}

impl PivCommand {
    /// Reads a command other than SELECT and GET RESPONSE.
    ///
    /// # Errors
    /// The status word that says what is wrong with it.
    pub fn parse(command: &Command) -> Result<Self, Status> {
        match command.instruction {
            Instruction::GetData => {
                parameters(command, (0x3F, 0xFF))?;
                data::decode_get_data(&command.data)
                    .map(Self::GetData)
                    .map_err(malformed)
            }
            Instruction::PutData => {
                parameters(command, (0x3F, 0xFF))?;
                let put = data::decode_put_data(&command.data).map_err(malformed)?;
                Ok(Self::PutData {
                    tag: put.tag,
                    content: put.content.to_vec(),
                })
            }
            Instruction::Verify => verify(command),
            Instruction::ChangeReferenceData => {
                first_parameter(command, 0x00)?;
                change_reference_data(command)
            }
            Instruction::ResetRetryCounter => {
                first_parameter(command, 0x00)?;
                if reference(command)? != PinReference::PivPin {
                    return Err(Status::ReferenceNotFound);
                }
                let (puk, new) = halves(command)?;
                Ok(Self::Change(Change::PinByPuk {
                    puk: VerificationData::new(puk).map_err(|_| Status::IncorrectData)?,
                    new: Pin::from_padded(new).map_err(|_| Status::IncorrectData)?,
                }))
            }
            Instruction::GeneralAuthenticate => general_authenticate(command),
            Instruction::GenerateAsymmetricKeyPair => {
                first_parameter(command, 0x00)?;
                generate(command)
            }
            Instruction::Other(instruction) => {
                yubico::parse(instruction, command).map(Self::Yubico)
            }
            Instruction::Select | Instruction::GetResponse => Err(Status::InstructionNotSupported),
        }
    }
}

fn first_parameter(command: &Command, p1: u8) -> Result<(), Status> {
    parameters(command, (p1, command.p2))
}

/// P1 and P2 must be these.
pub(super) fn parameters(command: &Command, expected: (u8, u8)) -> Result<(), Status> {
    if (command.p1, command.p2) == expected {
        Ok(())
    } else {
        Err(Status::IncorrectParameters)
    }
}

fn reference(command: &Command) -> Result<PinReference, Status> {
    PinReference::try_from(command.p2).map_err(|_| Status::ReferenceNotFound)
}

fn verify(command: &Command) -> Result<PivCommand, Status> {
    // The card has no global PIN, no fingerprints and no pairing code; the PUK is not for VERIFY.
    if reference(command)? != PinReference::PivPin {
        return Err(Status::ReferenceNotFound);
    }
    match (command.p1, command.data.as_slice()) {
        (0x00, []) => Ok(PivCommand::VerificationStatus),
        (0x00, pin) => Pin::from_padded(pin)
            .map(PivCommand::Verify)
            .map_err(|_| Status::IncorrectData),
        (0xFF, []) => Ok(PivCommand::ResetVerification),
        (0xFF, _) => Err(Status::IncorrectData),
        _ => Err(Status::IncorrectParameters),
    }
}

fn change_reference_data(command: &Command) -> Result<PivCommand, Status> {
    let reference = reference(command)?;
    if !matches!(reference, PinReference::PivPin | PinReference::Puk) {
        return Err(Status::ReferenceNotFound);
    }
    let (old, new) = halves(command)?;
    // What is presented is compared as the bytes that it is: only the new value must be a PIN or PUK.
    let old = VerificationData::new(old).map_err(|_| Status::IncorrectData)?;
    Ok(PivCommand::Change(if reference == PinReference::PivPin {
        let new = Pin::from_padded(new).map_err(|_| Status::IncorrectData)?;
        Change::Pin { old, new }
    } else {
        let new = Puk::from_padded(new).map_err(|_| Status::IncorrectData)?;
        Change::Puk { old, new }
    }))
}

/// The two eight-byte values of CHANGE REFERENCE DATA and RESET RETRY COUNTER.
fn halves(command: &Command) -> Result<(&[u8], &[u8]), Status> {
    command
        .data
        .split_at_checked(REFERENCE_DATA_LENGTH)
        .filter(|(_, new)| new.len() == REFERENCE_DATA_LENGTH)
        .ok_or(Status::IncorrectData)
}

fn general_authenticate(command: &Command) -> Result<PivCommand, Status> {
    let algorithm = Algorithm::try_from(command.p1).map_err(|_| Status::IncorrectParameters)?;
    if command.p2 == KeyReference::CardManagement.to_u8() {
        let request = Request::decode(&command.data).map_err(malformed)?;
        let Algorithm::Cipher(cipher) = algorithm else {
            return Err(Status::IncorrectParameters);
        };
        return Ok(PivCommand::AuthenticateManagement { cipher, request });
    }
    let slot = slot(command)?;
    let Algorithm::Key(algorithm) = algorithm else {
        return Err(Status::IncorrectParameters);
    };
    let algorithm = KeyAlgorithm::try_from(algorithm).map_err(|_| Status::IncorrectParameters)?;
    let request = Request::decode(&command.data).map_err(malformed)?;
    Ok(PivCommand::ApplyKey {
        slot,
        algorithm,
        request,
    })
}

fn generate(command: &Command) -> Result<PivCommand, Status> {
    let slot = slot(command)?;
    let control = generate::decode_control(&command.data).map_err(malformed)?;
    let algorithm = KeyAlgorithm::try_from(control.algorithm).map_err(|_| Status::IncorrectData)?;
    let mut policies = KeyPolicies::new(slot);
    for (tag, value) in &control.others {
        match (tag.value(), value.as_slice()) {
            // The RSA exponent (SP 800-73-5 part 2, table 10): 65537 is the only one.
            (0x81, [0x01, 0x00, 0x01] | []) => {}
            (_, [value]) => policies.accept(*tag, *value)?,
            _ => return Err(Status::IncorrectData),
        }
    }
    Ok(PivCommand::Generate { slot, algorithm })
}

/// One of the keys that this card has: 9A, 9C, 9D, 9E.
pub(super) fn slot(command: &Command) -> Result<AsymmetricKey, Status> {
    AsymmetricKey::try_from(command.p2)
        .ok()
        .filter(|slot| AsymmetricKey::MAIN.contains(slot))
        .ok_or(Status::IncorrectParameters)
}
