//! ACTIVATE FILE: of the application, the end of its making.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::FileId;

use super::context::Context;
use super::parameters::parameters;
use crate::refusal::Answer;
use crate::state::Stage;

/// Activates the file that is selected. Files are active from their creation.
pub(super) struct ActivateFile;

impl ActivateFile {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x00, 0x00))?;
        match command.data.as_slice() {
            [] => Ok(Self),
            _ => Err(Status::WrongLength),
        }
    }

    /// With the application the access rules of all files hold, and nothing counts as proved.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        let current = context.session.current;
        if current != FileId::APPLICATION {
            context.file(current)?;
            return Ok(Status::Success.into());
        }
        if context.gids()?.stage == Stage::Creation {
            context.change(|gids| {
                gids.stage = Stage::Operational;
                Ok(())
            })?;
            context.session.forget_proofs();
        }
        Ok(Status::Success.into())
    }
}
