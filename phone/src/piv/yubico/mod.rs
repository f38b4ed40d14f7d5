//! The commands beyond the standard that PIV tools send (as Yubico's cards answer them): one file each.

mod attest;
mod identity;
mod import_key;
mod metadata;
mod move_key;
pub(super) mod policy;
mod reset;
mod set_management_key;
mod set_retries;

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::yubico::instruction;

use super::context::Context;
use crate::refusal::Answer;

/// Answers such a command; 6D00 where it is not one of them.
pub(super) fn answer(context: Context<'_>, command: &Command) -> Answer {
    match command.instruction {
        instruction::GET_VERSION => identity::version(command),
        instruction::GET_SERIAL => identity::serial(&context, command),
        instruction::GET_METADATA => metadata::GetMetadata::parse(command)?.run(context),
        instruction::SET_MANAGEMENT_KEY => {
            set_management_key::SetManagementKey::parse(command)?.run(context)
        }
        instruction::MOVE_KEY => move_key::MoveKey::parse(command)?.run(context),
        instruction::ATTEST => attest::Attest::parse(command)?.run(context),
        instruction::SET_RETRIES => set_retries::SetRetries::parse(command)?.run(context),
        instruction::RESET => reset::Reset::parse(command)?.run(context),
        instruction::IMPORT_KEY => {
            let algorithms = context.resources.keys.algorithms();
            import_key::ImportKey::parse(command, algorithms)?.run(context)
        }
        _ => Err(Status::InstructionNotSupported),
    }
}
