//! Who may do what: the rules of keys and objects against the security status (SP 800-73-5 part 1, tables 2 and 4b).

use card_edge::Status;
use card_edge::apdu::Instruction;
use card_edge::piv::extensions::SIGN;
use card_edge::piv::{AsymmetricKey, ContactlessRule, ObjectId, PinPolicy, ReadRule};

use super::path::Path;
use super::security_status::SecurityStatus;
use crate::key_store::{KeyPolicy, PinProof};

/// The rule of commands as such: over the contactless interface there are those that the standard has there, and of those
/// beyond it the signature. 6A81 for all others (SP 800-73-5 part 2, table 2).
pub(super) fn may_come(instruction: Instruction, path: Path) -> Result<(), Status> {
    let is_contactless = match instruction {
        Instruction::GetData
        | Instruction::Verify
        | Instruction::ChangeReferenceData
        | Instruction::GeneralAuthenticate
        | Instruction::Select
        | Instruction::GetResponse => true,
        Instruction::ResetRetryCounter
        | Instruction::PutData
        | Instruction::GenerateAsymmetricKeyPair => false,
        Instruction::Other(_) => instruction == SIGN,
    };
    if is_contactless || path == Path::Contact {
        Ok(())
    } else {
        Err(Status::FunctionNotSupported)
    }
}

/// The rule for whatever is said of a PIN: over contacts, virtual ones included. 6982 otherwise, and nothing changes.
pub(super) fn may_prove_pin(path: Path) -> Result<(), Status> {
    allow(path.is_contact())
}

/// The rule for the PUK: over contacts alone. 6A81 otherwise, and nothing changes.
pub(super) fn may_prove_puk(path: Path) -> Result<(), Status> {
    if path == Path::Contact {
        Ok(())
    } else {
        Err(Status::FunctionNotSupported)
    }
}

/// The rule for the management key: over contacts alone. 6982 otherwise.
pub(super) fn may_prove_management_key(path: Path) -> Result<(), Status> {
    allow(path == Path::Contact)
}

/// The rule of everything that changes the card: the management key. 6982 where it has not been proved.
pub(super) fn may_administer(security: &SecurityStatus) -> Result<(), Status> {
    allow(security.is_management_key_proved())
}

/// Whether hosts can use a key of this reference at all: F9 is the card's own.
pub(super) fn is_usable(key: AsymmetricKey) -> bool {
    match key {
        AsymmetricKey::Attestation => false,
        AsymmetricKey::PivAuthentication
        | AsymmetricKey::DigitalSignature
        | AsymmetricKey::KeyManagement
        | AsymmetricKey::CardAuthentication
        | AsymmetricKey::RetiredKeyManagement(_) => true,
    }
}

/// The rule for the use of a key, but for its holder's consent. 6982 where the PIN or the virtual contact interface is
/// missing.
pub(super) fn may_use(
    key: AsymmetricKey,
    policy: KeyPolicy,
    path: Path,
    pin: PinProof,
) -> Result<(), Status> {
    may_ask_for_key(key, path)?;
    // What needs the PIN goes the way of the PIN, also where the key asks for more than its place does.
    allow(policy.pin == PinPolicy::Never || path.is_contact())?;
    allow(policy.is_satisfied_by(pin))
}

/// The rule for learning whether there is a key of this reference. 6982 where the virtual contact interface is missing.
pub(super) fn may_ask_for_key(key: AsymmetricKey, path: Path) -> Result<(), Status> {
    allow(is_open(key.contactless_rule(), path))
}

/// The rule for learning whether an object is on the card. 6982 where the virtual contact interface is missing.
pub(super) fn may_ask_for_object(object: ObjectId, path: Path) -> Result<(), Status> {
    allow(is_open(object.contactless_rule(), path))
}

/// The rule for reading an object. 6982 where the PIN or the virtual contact interface is missing.
pub(super) fn may_read(
    security: &SecurityStatus,
    path: Path,
    object: ObjectId,
) -> Result<(), Status> {
    may_ask_for_object(object, path)?;
    allow(match object.read_rule() {
        ReadRule::Always => true,
        ReadRule::Pin => security.is_pin_verified(),
    })
}

/// Whether the rule of the contactless interface is fulfilled on this way.
fn is_open(rule: ContactlessRule, path: Path) -> bool {
    match rule {
        ContactlessRule::Always => true,
        ContactlessRule::VirtualContact => path.is_contact(),
    }
}

fn allow(satisfied: bool) -> Result<(), Status> {
    if satisfied {
        Ok(())
    } else {
        Err(Status::SecurityStatusNotSatisfied)
    }
}
