//! What the session holds, and what has been proved in it.

use card_edge::apdu::Instruction;
use card_edge::gids::instruction::MANAGE_SECURITY_ENVIRONMENT;
use card_edge::gids::{FileId, Mechanism};
use zeroize::Zeroizing;

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

impl Session {
    /// Another command comes: what it may directly follow.
    pub(super) fn take_preceding(&mut self) -> Preceding {
        let pin = self.pin;
        if pin == PinProof::Directly {
            self.pin = PinProof::InSession;
        }
        Preceding {
            pin,
            authentication: self.pending.take(),
        }
    }

    /// The same for this command. Choosing key and mechanism is the first half of every use of a key here: between a PIN
    /// and a use that must follow it directly, it is all that may stand.
    pub(super) fn take_preceding_of(&mut self, instruction: Instruction) -> Preceding {
        let before = self.pin;
        let preceding = self.take_preceding();
        if instruction == MANAGE_SECURITY_ENVIRONMENT {
            self.pin = before;
        }
        preceding
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
