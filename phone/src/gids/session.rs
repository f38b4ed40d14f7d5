//! What the session holds, and what has been proved in it.

use card_edge::apdu::{Command, Instruction};
use card_edge::gids::instruction::MANAGE_SECURITY_ENVIRONMENT;
use card_edge::gids::{FileId, Mechanism};
use zeroize::Zeroizing;

use super::parameters;
use crate::key_store::PinProof;

/// What the session holds.
pub(super) struct Session {
    /// What is known of the PIN.
    pub(super) pin: PinProof,
    /// Whether the administrator's key has been proved.
    pub(super) administrator: bool,
    /// What MANAGE SECURITY ENVIRONMENT chose.
    pub(super) environment: Option<Environment>,
    /// The first half of an authentication with the administrator's key.
    pub(super) pending: Option<PendingAuthentication>,
    /// The file that is selected.
    pub(super) current: FileId,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            pin: PinProof::None,
            administrator: false,
            environment: None,
            pending: None,
            current: FileId::APPLICATION,
        }
    }
}

/// What MANAGE SECURITY ENVIRONMENT chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Environment {
    /// The administrator's key, to be proved.
    Administrator,
    /// A key pair, by its reference, to sign with.
    Sign(Mechanism, u8),
    /// A key pair, by its reference, to decrypt with.
    Decrypt(Mechanism, u8),
}

/// The card's challenge, and the host's where it gave one.
pub(super) enum PendingAuthentication {
    /// The host encrypts the challenge.
    External {
        /// The card's.
        challenge: Zeroizing<Vec<u8>>,
    },
    /// Both encrypt both.
    Mutual {
        /// The card's.
        card: Zeroizing<Vec<u8>>,
        /// The host's.
        host: Zeroizing<Vec<u8>>,
    },
}

/// What the command before means to the one that is being worked on.
pub(super) struct Preceding {
    /// What is known of the PIN.
    pub(super) pin: PinProof,
    /// The first half of an authentication.
    pub(super) authentication: Option<PendingAuthentication>,
}

/// What a command leaves of what must be followed directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It tells something, and changes nothing but which file is selected. Hosts read while an administrator far away
    /// answers a challenge, which therefore stays.
    Reading,
    /// It chooses key and mechanism, which is the first half of every use of a key here: between a PIN and a use that must
    /// follow it directly, it is all that may stand.
    Choice,
    /// Nothing stays.
    Other,
}

impl Step {
    /// GET DATA, SELECT, and VERIFY that asks for the tries are readings.
    pub(super) fn of(command: &Command) -> Self {
        match command.instruction {
            Instruction::GetData | Instruction::Select => Self::Reading,
            Instruction::Verify if command.data.is_empty() && parameters::pin(command).is_ok() => {
                Self::Reading
            }
            MANAGE_SECURITY_ENVIRONMENT => Self::Choice,
            _ => Self::Other,
        }
    }
}

impl Session {
    /// Another command comes: what it may directly follow.
    pub(super) fn take_preceding(&mut self) -> Preceding {
        self.take_preceding_of(Step::Other)
    }

    /// The same for a command that may stand between others.
    pub(super) fn take_preceding_of(&mut self, step: Step) -> Preceding {
        let pin = self.pin;
        if pin == PinProof::Directly && step != Step::Choice {
            self.pin = PinProof::InSession;
        }
        let authentication = match step {
            Step::Reading => None,
            Step::Choice | Step::Other => self.pending.take(),
        };
        Preceding {
            pin,
            authentication,
        }
    }

    /// Whether the PIN has been proved.
    pub(super) fn is_pin_verified(&self) -> bool {
        self.pin != PinProof::None
    }

    /// Nothing is proved any more.
    pub(super) fn forget_proofs(&mut self) {
        self.pin = PinProof::None;
        self.administrator = false;
        self.environment = None;
        self.pending = None;
    }
}
