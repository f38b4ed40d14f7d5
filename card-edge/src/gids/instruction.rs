//! The instruction bytes that PIV does not have (ISO/IEC 7816-4, 7816-8 and 7816-9).

use crate::apdu::Instruction;

/// 22
pub const MANAGE_SECURITY_ENVIRONMENT: Instruction = Instruction::Other(0x22);
/// 2A
pub const PERFORM_SECURITY_OPERATION: Instruction = Instruction::Other(0x2A);
/// 44
pub const ACTIVATE_FILE: Instruction = Instruction::Other(0x44);
/// E0
pub const CREATE_FILE: Instruction = Instruction::Other(0xE0);
/// E4
pub const DELETE_FILE: Instruction = Instruction::Other(0xE4);
