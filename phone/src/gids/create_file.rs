//! CREATE FILE.

use std::collections::BTreeMap;

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::control_parameters::KeyUsage;
use card_edge::gids::file_system::layout::ADMINISTRATOR_KEY;
use card_edge::gids::{Condition, FileControlParameters, FileKind, Operation};
use card_edge::piv::KeyAlgorithm;

use super::access;
use super::context::Context;
use super::parameters::{FILE_EXISTS, parameters};
use crate::refusal::{Answer, malformed};
use crate::state::{DATA_FILES_MAX, DataFile, KeyFile};

/// Makes a file, and selects it.
pub(super) struct CreateFile(FileControlParameters);

/// The kind of key that all uses are for; `None` where they are for different ones.
pub(super) fn algorithm_of(usages: &[KeyUsage]) -> Option<KeyAlgorithm> {
    let mut algorithms = usages.iter().map(|usage| match usage {
        KeyUsage::Signature(mechanism) | KeyUsage::Decryption(mechanism) => mechanism.algorithm,
    });
    let first = algorithms.next()?;
    algorithms.all(|other| other == first).then_some(first)
}

impl CreateFile {
    /// 6A80 for a file that cannot be: another kind, an identifier that is not for this kind, or an administrator's key that
    /// others than the administrator could write.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x00, 0x00))?;
        let file = FileControlParameters::decode(&command.data).map_err(malformed)?;
        let reference = file.identifier.key_reference();
        let is_possible = match &file.kind {
            FileKind::Data => file.identifier.is_of_data(),
            // A rule by which somebody else could write the key would outlive its change.
            FileKind::AdministratorKey => {
                let put = file.attribute.condition(Operation::Put);
                reference == Some(ADMINISTRATOR_KEY) && !put.is_fulfilled(true, false)
            }
            FileKind::KeyPair(usages) => {
                reference.is_some_and(|reference| reference != ADMINISTRATOR_KEY)
                    && algorithm_of(usages).is_some()
            }
        };
        if is_possible {
            Ok(Self(file))
        } else {
            Err(Status::IncorrectData)
        }
    }

    /// 6A89 where there is one, 6A81 for a kind of key that the card does not have, 6A84 where there are too many. Only
    /// whoever administers the card may make a place for the administrator's key: the user would become one.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        let Self(parameters) = self;
        let id = parameters.identifier;
        access::fulfils(
            &context,
            match parameters.kind {
                FileKind::AdministratorKey => Condition::ADMINISTRATOR,
                FileKind::Data | FileKind::KeyPair(_) => access::FILES,
            },
        )?;
        if context.file(id).is_ok() {
            return Err(FILE_EXISTS);
        }
        if let FileKind::KeyPair(usages) = &parameters.kind {
            let algorithms = context.resources.keys.algorithms();
            let is_known = algorithm_of(usages).is_some_and(|known| algorithms.contains(&known));
            if !is_known {
                return Err(Status::FunctionNotSupported);
            }
        }
        context.change(|gids| {
            if parameters.kind == FileKind::Data {
                if gids.data_files.len() >= DATA_FILES_MAX {
                    return Err(Status::NotEnoughMemory.into());
                }
                let objects = BTreeMap::new();
                gids.data_files.insert(
                    id,
                    DataFile {
                        parameters,
                        objects,
                    },
                );
            } else {
                let key = None;
                gids.key_files.insert(id, KeyFile { parameters, key });
            }
            Ok(())
        })?;
        context.session.current = id;
        Ok(Status::Success.into())
    }
}
