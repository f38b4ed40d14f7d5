//! Who may do what: the security status of a session, and the rules of keys and objects
//! (SP 800-73-5 part 1, tables 2 and 4b; part 2, 2.4).

use card_edge::Status;
use card_edge::piv::{AsymmetricKey, ObjectId, PinPolicy, ReadRule};

/// What has been proven in this session. It ends with the session; selecting the application again keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityStatus {
    pin: PinVerification,
    management_key: bool,
}

/// Whether the PIN has been verified, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PinVerification {
    #[default]
    Unverified,
    Verified,
    /// By the command directly before the next one.
    JustVerified,
}

impl SecurityStatus {
    /// The PIN was verified by VERIFY.
    pub fn pin_verified(&mut self) {
        self.pin = PinVerification::JustVerified;
    }

    /// The PIN was proven, but not by VERIFY: it counts for keys that want it once.
    pub fn pin_proven(&mut self) {
        self.pin = PinVerification::Verified;
    }

    /// The PIN was wrong, or its verification is taken back.
    pub fn pin_unverified(&mut self) {
        self.pin = PinVerification::Unverified;
    }

    /// Whether the PIN has been verified.
    #[must_use]
    pub fn is_pin_verified(&self) -> bool {
        self.pin != PinVerification::Unverified
    }

    /// Whether VERIFY came directly before; the next command is not the directly following one any more.
    pub fn take_directly_verified(&mut self) -> bool {
        let directly = self.pin == PinVerification::JustVerified;
        if directly {
            self.pin = PinVerification::Verified;
        }
        directly
    }

    /// The management key was proven, or was not.
    pub fn set_management_key(&mut self, proven: bool) {
        self.management_key = proven;
    }

    /// Whether the management key has been proven.
    #[must_use]
    pub fn is_management_key_proven(&self) -> bool {
        self.management_key
    }

    /// The rule of everything that changes the card: the management key.
    ///
    /// # Errors
    /// 6982 where it has not been proven.
    pub fn may_administer(&self) -> Result<(), Status> {
        allow(self.management_key)
    }

    /// The rule for the use of a key. `verified_directly` says whether VERIFY was the command before.
    ///
    /// # Errors
    /// 6982 where the PIN is missing.
    pub fn may_use(&self, slot: AsymmetricKey, verified_directly: bool) -> Result<(), Status> {
        allow(match slot.pin_policy() {
            PinPolicy::Never => true,
            PinPolicy::Once => self.is_pin_verified(),
            PinPolicy::Always => verified_directly,
        })
    }

    /// The rule for reading an object.
    ///
    /// # Errors
    /// 6982 where the PIN is missing.
    pub fn may_read(&self, object: ObjectId) -> Result<(), Status> {
        allow(match object.read_rule() {
            ReadRule::Always => true,
            ReadRule::Pin => self.is_pin_verified(),
        })
    }
}

fn allow(satisfied: bool) -> Result<(), Status> {
    if satisfied {
        Ok(())
    } else {
        Err(Status::SecurityStatusNotSatisfied)
    }
}
