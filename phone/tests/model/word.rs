//! The status words that a card answers with (ISO/IEC 7816-4, 5.6).

pub const SUCCESS: u16 = 0x9000;
pub const VERIFICATION_FAILED: u16 = 0x6300;
pub const WRONG_LENGTH: u16 = 0x6700;
pub const PROTECTION_NOT_SUPPORTED: u16 = 0x6882;
pub const CHAINING_NOT_SUPPORTED: u16 = 0x6884;
pub const NOT_AUTHORISED: u16 = 0x6982;
pub const BLOCKED: u16 = 0x6983;
pub const CONDITIONS: u16 = 0x6985;
pub const PROTECTION_MISSING: u16 = 0x6987;
pub const PROTECTION_WRONG: u16 = 0x6988;
pub const BAD_DATA: u16 = 0x6A80;
pub const NOT_SUPPORTED: u16 = 0x6A81;
pub const NOT_FOUND: u16 = 0x6A82;
pub const BAD_PARAMETERS: u16 = 0x6A86;
pub const NO_REFERENCE: u16 = 0x6A88;
pub const NO_INSTRUCTION: u16 = 0x6D00;
pub const UNKNOWN: u16 = 0x6F00;
pub const OTHER_CLASS: u16 = 0x6E00;

/// 63Cx: this many tries are left.
pub fn tries(left: u8) -> u16 {
    0x63C0 | u16::from(left)
}
