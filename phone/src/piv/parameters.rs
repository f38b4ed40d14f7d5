//! P1 and P2 as types.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::{AsymmetricKey, PinReference};

/// P1 and P2 must be these, or 6A86.
pub(super) fn parameters(command: &Command, expected: (u8, u8)) -> Result<(), Status> {
    if (command.p1, command.p2) == expected {
        Ok(())
    } else {
        Err(Status::IncorrectParameters)
    }
}

/// P1 must be this, or 6A86.
pub(super) fn first_parameter(command: &Command, p1: u8) -> Result<(), Status> {
    parameters(command, (p1, command.p2))
}

/// P2 as one of the keys that this card has (9A, 9C, 9D, 9E), or 6A86.
pub(super) fn key(command: &Command) -> Result<AsymmetricKey, Status> {
    AsymmetricKey::try_from(command.p2)
        .ok()
        .filter(|key| AsymmetricKey::MAIN.contains(key))
        .ok_or(Status::IncorrectParameters)
}

/// P2 as the reference of a PIN or PUK, or 6A88.
pub(super) fn pin_reference(command: &Command) -> Result<PinReference, Status> {
    PinReference::try_from(command.p2).map_err(|_| Status::ReferenceNotFound)
}
