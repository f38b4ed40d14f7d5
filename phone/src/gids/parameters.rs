//! P1 and P2 as types.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::FileId;

/// The reference of the PIN.
const PIN: u8 = 0x80;

/// What CREATE FILE answers where there is a file of this identifier already.
pub(super) const FILE_EXISTS: Status = Status::Other(0x6A89);

/// P1 and P2 must be these, or 6A86.
pub(super) fn parameters(command: &Command, expected: (u8, u8)) -> Result<(), Status> {
    if (command.p1, command.p2) == expected {
        Ok(())
    } else {
        Err(Status::IncorrectParameters)
    }
}

/// P2 must be the reference of the PIN, or 6A88.
pub(super) fn pin(command: &Command) -> Result<(), Status> {
    match command.p2 {
        PIN => Ok(()),
        _ => Err(Status::ReferenceNotFound),
    }
}

/// P1 and P2 as a file identifier; zeros are the file that is selected.
pub(super) fn file(command: &Command, current: FileId) -> FileId {
    match FileId(u16::from_be_bytes([command.p1, command.p2])) {
        FileId::CURRENT => current,
        other => other,
    }
}
