//! The security status: what has been proved in this session (SP 800-73-5 part 2, 2.4).

use crate::key_store::PinProof;

/// What has been proved in this session. It ends with the session; selecting the application again keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SecurityStatus {
    pin: PinProof,
    management_key: bool,
}

impl SecurityStatus {
    /// The PIN was verified by VERIFY.
    pub(super) fn pin_verified(&mut self) {
        self.pin = PinProof::Directly;
    }

    /// The PIN was proved, but not by VERIFY: it counts for keys that need it once.
    pub(super) fn pin_proved(&mut self) {
        self.pin = PinProof::InSession;
    }

    /// The PIN was wrong, or its verification is taken back.
    pub(super) fn pin_unverified(&mut self) {
        self.pin = PinProof::None;
    }

    /// Whether the PIN has been verified.
    pub(super) fn is_pin_verified(&self) -> bool {
        self.pin != PinProof::None
    }

    /// What is known of the PIN; the next command does not follow VERIFY directly any more.
    pub(super) fn take_pin_proof(&mut self) -> PinProof {
        let proof = self.pin;
        if proof == PinProof::Directly {
            self.pin = PinProof::InSession;
        }
        proof
    }

    /// The management key was proved, or was not.
    pub(super) fn set_management_key(&mut self, proved: bool) {
        self.management_key = proved;
    }

    /// Whether the management key has been proved.
    pub(super) fn is_management_key_proved(&self) -> bool {
        self.management_key
    }
}
