//! The instructions beyond the standard.

use crate::apdu::Instruction;

/// F6: a key moves, or goes. P1 is its new reference, or FF where it is deleted; P2 the reference that it has.
pub const MOVE_KEY: Instruction = Instruction::Other(0xF6);
/// F7: what is known of a key, PIN or PUK. P1 is 00, P2 a key reference.
pub const GET_METADATA: Instruction = Instruction::Other(0xF7);
/// F8: the serial number.
pub const GET_SERIAL: Instruction = Instruction::Other(0xF8);
/// F9: a certificate in which the card says what it knows of a key that was made on it. P1 is the key's reference.
pub const ATTEST: Instruction = Instruction::Other(0xF9);
/// FA: new retry limits. P1 is the PIN's, P2 the PUK's; both get their default values.
pub const SET_RETRIES: Instruction = Instruction::Other(0xFA);
/// FB: back to a new card, once PIN and PUK are both blocked.
pub const RESET: Instruction = Instruction::Other(0xFB);
/// FD: the version.
pub const GET_VERSION: Instruction = Instruction::Other(0xFD);
/// FE: a key from outside. P1 is its algorithm, P2 its reference.
pub const IMPORT_KEY: Instruction = Instruction::Other(0xFE);
/// FF: a new management key. P1 is FF, P2 FF (FE where each use shall need a touch).
pub const SET_MANAGEMENT_KEY: Instruction = Instruction::Other(0xFF);
