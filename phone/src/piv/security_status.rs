//! The security status: what has been proved in this session (SP 800-73-5 part 2, 2.4).

use crate::key_store::PinProof;

/// Which PIN. Either fulfils a rule that asks for the PIN (SP 800-73-5 part 1, table 4b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PinKind {
    /// The PIV PIN (80).
    Piv,
    /// The global PIN (00).
    Global,
}

/// What has been proved in this session. It ends with the session; selecting the application again keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SecurityStatus {
    piv_pin: PinProof,
    global_pin: PinProof,
    management_key: bool,
}

impl SecurityStatus {
    fn pin(&mut self, kind: PinKind) -> &mut PinProof {
        match kind {
            PinKind::Piv => &mut self.piv_pin,
            PinKind::Global => &mut self.global_pin,
        }
    }

    /// The PIN was verified by VERIFY.
    pub(super) fn pin_verified(&mut self, kind: PinKind) {
        *self.pin(kind) = PinProof::Directly;
    }

    /// The PIN was proved, but not by VERIFY: it counts for keys that need it once.
    pub(super) fn pin_proved(&mut self, kind: PinKind) {
        *self.pin(kind) = PinProof::InSession;
    }

    /// The PIN was wrong, or its verification is taken back.
    pub(super) fn pin_unverified(&mut self, kind: PinKind) {
        *self.pin(kind) = PinProof::None;
    }

    /// Whether this PIN has been verified.
    pub(super) fn is_verified(&self, kind: PinKind) -> bool {
        let proof = match kind {
            PinKind::Piv => self.piv_pin,
            PinKind::Global => self.global_pin,
        };
        proof != PinProof::None
    }

    /// Whether a PIN has been verified.
    pub(super) fn is_pin_verified(&self) -> bool {
        self.is_verified(PinKind::Piv) || self.is_verified(PinKind::Global)
    }

    /// What is known of the PINs together; the next command does not follow VERIFY directly any more.
    pub(super) fn take_pin_proof(&mut self) -> PinProof {
        let proofs = [self.piv_pin, self.global_pin];
        for kind in [PinKind::Piv, PinKind::Global] {
            if *self.pin(kind) == PinProof::Directly {
                *self.pin(kind) = PinProof::InSession;
            }
        }
        if proofs.contains(&PinProof::Directly) {
            PinProof::Directly
        } else if proofs.contains(&PinProof::InSession) {
            PinProof::InSession
        } else {
            PinProof::None
        }
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
