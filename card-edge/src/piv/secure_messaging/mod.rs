//! Secure messaging (SP 800-73-5 part 2, 4): host and card agree on session keys, and the commands that follow cross
//! the way between them encrypted and authenticated.
//!
//! Both halves are here, pure: [`key_establishment`] makes a [`HostChannel`] on one side and a [`CardChannel`] on the
//! other, which wrap and unwrap commands and answers. What needs a private key, and with it randomness, is the caller's:
//! ECDH on either side and the check of a signature come in and out as bytes.

pub mod certificate;
mod channel;
mod cipher;
mod cipher_suite;
mod fingerprint;
mod key_derivation;
pub mod key_establishment;
pub mod pairing;
mod protected;
pub mod signer;

pub use certificate::CardVerifiableCertificate;
pub use channel::{CardChannel, HostChannel};
pub use cipher_suite::CipherSuite;
pub use fingerprint::Fingerprint;
pub use pairing::PairingCode;
pub use protected::ProtectionError;

use crate::apdu::Instruction;
use crate::piv::extensions::SIGN;

/// Whether commands of this kind may be protected: those of the standard's list, and beyond it the signature and RESET RETRY
/// COUNTER, which carries the PUK.
#[must_use]
pub fn may_be_protected(instruction: Instruction) -> bool {
    matches!(
        instruction,
        Instruction::GetData
            | Instruction::Verify
            | Instruction::ChangeReferenceData
            | Instruction::ResetRetryCounter
            | Instruction::GeneralAuthenticate
    ) || instruction == SIGN
}
