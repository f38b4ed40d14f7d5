//! MANAGE SECURITY ENVIRONMENT: which key the next commands are about, and how.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::control_parameters::KeyUsage;
use card_edge::gids::file_system::layout::ADMINISTRATOR_KEY;
use card_edge::gids::{FileKind, Mechanism, Operation, Padding, environment};

use super::access;
use super::context::Context;
use super::session::Environment;
use crate::refusal::{Answer, malformed};

/// P1: set, for what the card does with a key.
const SET_COMPUTATION: u8 = 0x41;
/// P1: set, for what is proved to the card. The second one is for both directions.
const SET_VERIFICATION: [u8; 2] = [0x81, 0xC1];
/// P1: what holds without this command.
const RESTORE: u8 = 0xF3;

/// P2: the template.
const SIGNATURE: u8 = 0xB6;
const DECRYPTION: u8 = 0xB8;
const AUTHENTICATION: u8 = 0xA4;

/// Chooses, or forgets what was chosen.
pub(super) struct ManageSecurityEnvironment(Option<Environment>);

impl ManageSecurityEnvironment {
    /// 6A81 for storing and erasing, and for other uses; 6A80 for a mechanism that this template does not have.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        let environment = match (command.p1, command.p2) {
            (SET_COMPUTATION, SIGNATURE) => {
                let (mechanism, key) =
                    environment::decode_key_pair(&command.data).map_err(malformed)?;
                Environment::Sign(mechanism, key)
            }
            (SET_COMPUTATION, DECRYPTION) => {
                let (mechanism, key) =
                    environment::decode_key_pair(&command.data).map_err(malformed)?;
                Environment::Decrypt(mechanism, key)
            }
            (p1, AUTHENTICATION) if SET_VERIFICATION.contains(&p1) => {
                match environment::decode_administrator_key(&command.data).map_err(malformed)? {
                    ADMINISTRATOR_KEY => Environment::Administrator,
                    _ => return Err(Status::ReferenceNotFound),
                }
            }
            (RESTORE, _) => return Ok(Self(None)),
            _ => return Err(Status::FunctionNotSupported),
        };
        Ok(Self(Some(environment)))
    }

    /// 6A88 where there is no such key, 6982 where it may not be used, 6A80 where it is not for that.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        let Some(environment) = self.0 else {
            return Ok(Status::Success.into());
        };
        let reference = match environment {
            Environment::Administrator => ADMINISTRATOR_KEY,
            Environment::Sign(_, reference) | Environment::Decrypt(_, reference) => reference,
        };
        let file = context.key_file(reference)?;
        if !allows(&file.kind, environment) {
            return Err(Status::IncorrectData);
        }
        access::may(&context, &file.attribute, Operation::UseKey)?;
        context.session.environment = Some(environment);
        Ok(Status::Success.into())
    }
}

/// Whether a key file is for this.
fn allows(kind: &FileKind, environment: Environment) -> bool {
    match (kind, environment) {
        (FileKind::AdministratorKey, Environment::Administrator) => true,
        (FileKind::KeyPair(usages), Environment::Sign(mechanism, _)) => {
            is_signature(mechanism) && usages.contains(&KeyUsage::Signature(mechanism))
        }
        (FileKind::KeyPair(usages), Environment::Decrypt(mechanism, _)) => {
            !is_signature(mechanism) && usages.contains(&KeyUsage::Decryption(mechanism))
        }
        _ => false,
    }
}

fn is_signature(mechanism: Mechanism) -> bool {
    match mechanism.padding {
        Padding::SignatureByHost | Padding::SignaturePkcs1 => true,
        Padding::None | Padding::DecryptionPkcs1 | Padding::DecryptionOaep => false,
    }
}
