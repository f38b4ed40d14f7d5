//! P1 and P2 as types.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, KeyKind, KeyUse, PinReference};

use super::access;
use super::security_status::PinKind;
use crate::state::CardState;

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

/// P2 as the place of a key, F9 among them, or 6A86.
pub(super) fn key(command: &Command) -> Result<AsymmetricKey, Status> {
    AsymmetricKey::try_from(command.p2).map_err(|_| Status::IncorrectParameters)
}

/// P2 as a key that a host can use (9A, 9C, 9D, 9E, 82 to 95), or 6A86.
pub(super) fn usable_key(command: &Command) -> Result<AsymmetricKey, Status> {
    key(command).and_then(|key| {
        if access::is_usable(key) {
            Ok(key)
        } else {
            Err(Status::IncorrectParameters)
        }
    })
}

/// A kind of key that this place takes: one that agrees and does nothing else, where keys agree alone. 6A80 otherwise.
pub(super) fn fits(key: AsymmetricKey, algorithm: KeyAlgorithm) -> Result<(), Status> {
    match (algorithm.kind(), key.key_use()) {
        (KeyKind::X25519, KeyUse::Sign) => Err(Status::IncorrectData),
        (KeyKind::X25519, KeyUse::DecryptOrAgree)
        | (KeyKind::Rsa { .. } | KeyKind::Ecc(_) | KeyKind::Ed25519, _) => Ok(()),
    }
}

/// P2 as the PIV PIN, or as the global PIN of a card that has one; 6A88 otherwise.
pub(super) fn pin_kind(command: &Command, state: &CardState) -> Result<PinKind, Status> {
    match pin_reference(command)? {
        PinReference::PivPin => Ok(PinKind::Piv),
        PinReference::GlobalPin if state.global_pin.is_some() => Ok(PinKind::Global),
        PinReference::GlobalPin
        | PinReference::Puk
        | PinReference::PrimaryFinger
        | PinReference::SecondaryFinger
        | PinReference::PairingCode => Err(Status::ReferenceNotFound),
    }
}

/// P2 as the reference of a PIN or PUK, or 6A88.
pub(super) fn pin_reference(command: &Command) -> Result<PinReference, Status> {
    PinReference::try_from(command.p2).map_err(|_| Status::ReferenceNotFound)
}
