//! DELETE FILE.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::{FileId, Operation};

use super::access;
use super::context::Context;
use super::parameters::parameters;
use crate::refusal::Answer;

/// Deletes the file that is selected, or the one that is named.
pub(super) struct DeleteFile(Option<FileId>);

impl DeleteFile {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x00, 0x00))?;
        match command.data.as_slice() {
            [] => Ok(Self(None)),
            [high, low] => Ok(Self(Some(FileId(u16::from_be_bytes([*high, *low]))))),
            _ => Err(Status::WrongLength),
        }
    }

    /// Whoever may delete files may delete one that he may write: else a file could be deleted and made again with other
    /// rules by somebody who may not write it. The application stays: 6985.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        let id = self.0.unwrap_or(context.session.current);
        if id == FileId::APPLICATION {
            return Err(Status::ConditionsNotSatisfied);
        }
        let attribute = context.file(id)?.attribute.clone();
        access::fulfils(&context, access::FILES)?;
        access::may(&context, &attribute, Operation::Put)?;
        context.change(|gids| {
            gids.data_files.remove(&id);
            gids.key_files.remove(&id);
            Ok(())
        })?;
        context.session.environment = None;
        context.session.current = FileId::APPLICATION;
        Ok(Status::Success.into())
    }
}
