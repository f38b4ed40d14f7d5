//! Who may do what: the rules of keys and objects against the security status (SP 800-73-5 part 1, tables 2 and 4b).

use card_edge::Status;
use card_edge::piv::{AsymmetricKey, ObjectId, ReadRule};

use super::security_status::SecurityStatus;
use crate::key_store::{KeyPolicy, PinProof};

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

/// The rule for the use of a key, but for its holder's consent. 6982 where the PIN is missing.
pub(super) fn may_use(key: AsymmetricKey, pin: PinProof) -> Result<(), Status> {
    allow(KeyPolicy::of(key).is_satisfied_by(pin))
}

/// The rule for reading an object. 6982 where the PIN is missing.
pub(super) fn may_read(security: &SecurityStatus, object: ObjectId) -> Result<(), Status> {
    allow(match object.read_rule() {
        ReadRule::Always => true,
        ReadRule::Pin => security.is_pin_verified(),
    })
}

fn allow(satisfied: bool) -> Result<(), Status> {
    if satisfied {
        Ok(())
    } else {
        Err(Status::SecurityStatusNotSatisfied)
    }
}
