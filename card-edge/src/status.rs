//! Status words as types.

use core::fmt;

/// The two-byte status word that ends every response APDU (ISO/IEC 7816-4, 5.6; SP 800-73-5 part 2, 3.1).
///
/// Every `u16` has exactly one `Status`, and [`Status::to_u16`] gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 9000: done.
    Success,
    /// 61xx: done, and this many bytes wait for GET RESPONSE; 0 stands for 256 or more.
    BytesAvailable(u8),
    /// 6300: the verification failed, and this reference has no counter (pairing code).
    VerificationFailed,
    /// 63Cx: the verification failed (or was not done yet); x tries are left, 0 to 15.
    TriesLeft(u8),
    /// 6581: the card could not write its memory.
    MemoryFailure,
    /// 6700: Lc or Le does not fit.
    WrongLength,
    /// 6882: secure messaging is not supported.
    SecureMessagingNotSupported,
    /// 6884: command chaining is not supported for this command.
    ChainingNotSupported,
    /// 6982: a PIN, key or secure channel is missing.
    SecurityStatusNotSatisfied,
    /// 6983: the reference is blocked: no tries are left.
    AuthenticationMethodBlocked,
    /// 6985: conditions of use are not satisfied.
    ConditionsNotSatisfied,
    /// 6987: expected secure messaging objects are missing.
    SecureMessagingObjectsMissing,
    /// 6988: secure messaging objects are incorrect.
    SecureMessagingObjectsIncorrect,
    /// 6A80: the command data is incorrect.
    IncorrectData,
    /// 6A81: the function is not supported.
    FunctionNotSupported,
    /// 6A82: no such data object or application.
    NotFound,
    /// 6A84: not enough memory.
    NotEnoughMemory,
    /// 6A86: P1 or P2 is incorrect.
    IncorrectParameters,
    /// 6A88: no such key or reference data.
    ReferenceNotFound,
    /// 6Cxx: Le was wrong; xx is the right one, 0 stands for 256.
    WrongExpectedLength(u8),
    /// 6D00: the card does not know this instruction.
    InstructionNotSupported,
    /// 6E00: the card does not know this class.
    ClassNotSupported,
    /// 6F00: the card failed and says nothing of why.
    Unknown,
    /// Any other value.
    Other(u16),
}

/// Status words with a single value; those with a parameter are handled beside it.
const FIXED: [(u16, Status); 19] = [
    (0x9000, Status::Success),
    (0x6300, Status::VerificationFailed),
    (0x6581, Status::MemoryFailure),
    (0x6700, Status::WrongLength),
    (0x6882, Status::SecureMessagingNotSupported),
    (0x6884, Status::ChainingNotSupported),
    (0x6982, Status::SecurityStatusNotSatisfied),
    (0x6983, Status::AuthenticationMethodBlocked),
    (0x6985, Status::ConditionsNotSatisfied),
    (0x6987, Status::SecureMessagingObjectsMissing),
    (0x6988, Status::SecureMessagingObjectsIncorrect),
    (0x6A80, Status::IncorrectData),
    (0x6A81, Status::FunctionNotSupported),
    (0x6A82, Status::NotFound),
    (0x6A84, Status::NotEnoughMemory),
    (0x6A86, Status::IncorrectParameters),
    (0x6A88, Status::ReferenceNotFound),
    (0x6D00, Status::InstructionNotSupported),
    (0x6E00, Status::ClassNotSupported),
];

impl Status {
    /// The status word SW1 SW2 as a number, SW1 in the high byte.
    #[must_use]
    pub fn to_u16(self) -> u16 {
        match self {
            Self::BytesAvailable(n) => 0x6100 | u16::from(n),
            Self::TriesLeft(n) => 0x63C0 | u16::from(n & 0x0F),
            Self::WrongExpectedLength(n) => 0x6C00 | u16::from(n),
            Self::Unknown => 0x6F00,
            Self::Other(value) => value,
            fixed => FIXED
                .iter()
                .find(|(_, status)| *status == fixed)
                .map_or(0x6F00, |(value, _)| *value),
        }
    }

    /// Whether the command did what it should: 9000 or 61xx.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Success | Self::BytesAvailable(_))
    }
}

impl From<u16> for Status {
    fn from(value: u16) -> Self {
        let [high, low] = value.to_be_bytes();
        match (high, low) {
            (0x61, n) => Self::BytesAvailable(n),
            (0x63, n) if n & 0xF0 == 0xC0 => Self::TriesLeft(n & 0x0F),
            (0x6C, n) => Self::WrongExpectedLength(n),
            (0x6F, 0) => Self::Unknown,
            _ => FIXED
                .iter()
                .find(|(known, _)| *known == value)
                .map_or(Self::Other(value), |(_, status)| *status),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Success => "success",
            Self::BytesAvailable(_) => "success, more bytes available",
            Self::VerificationFailed => "verification failed",
            Self::TriesLeft(1) => "verification failed, 1 try left",
            Self::TriesLeft(n) => {
                return write!(
                    f,
                    "verification failed, {n} tries left ({:04X})",
                    self.to_u16()
                );
            }
            Self::MemoryFailure => "the card could not write its memory",
            Self::WrongLength => "wrong length",
            Self::SecureMessagingNotSupported => "secure messaging not supported",
            Self::ChainingNotSupported => "command chaining not supported",
            Self::SecurityStatusNotSatisfied => "security status not satisfied",
            Self::AuthenticationMethodBlocked => "authentication method blocked",
            Self::ConditionsNotSatisfied => "conditions of use not satisfied",
            Self::SecureMessagingObjectsMissing => "secure messaging objects missing",
            Self::SecureMessagingObjectsIncorrect => "secure messaging objects incorrect",
            Self::IncorrectData => "incorrect command data",
            Self::FunctionNotSupported => "function not supported",
            Self::NotFound => "data object or application not found",
            Self::NotEnoughMemory => "not enough memory",
            Self::IncorrectParameters => "incorrect P1 or P2",
            Self::ReferenceNotFound => "key or reference data not found",
            Self::WrongExpectedLength(_) => "wrong expected length",
            Self::InstructionNotSupported => "instruction not supported",
            Self::ClassNotSupported => "class not supported",
            Self::Unknown => "the card failed without a reason",
            Self::Other(_) => "status word without a meaning here",
        };
        write!(f, "{words} ({:04X})", self.to_u16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_the_way_through_the_type() {
        for value in 0..=u16::MAX {
            assert_eq!(Status::from(value).to_u16(), value);
        }
    }

    #[test]
    fn tries_left_are_read_from_63cx() {
        assert_eq!(Status::from(0x63C2), Status::TriesLeft(2));
        assert_eq!(Status::from(0x6983), Status::AuthenticationMethodBlocked);
        assert_eq!(
            Status::TriesLeft(2).to_string(),
            "verification failed, 2 tries left (63C2)"
        );
    }
}
