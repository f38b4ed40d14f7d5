//! Command and response APDUs, short and extended (ISO/IEC 7816-4, 5.1 to 5.3).

use core::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::status::Status;

/// The maximum number of data bytes in a short command APDU.
pub const SHORT_DATA_MAX: usize = 255;
/// The maximum number of data bytes in a response to a short command APDU.
pub const SHORT_RESPONSE_MAX: usize = 256;
/// The maximum number of data bytes in an extended command APDU.
pub const EXTENDED_DATA_MAX: usize = 65_535;
/// The maximum number of data bytes in a response to an extended command APDU.
pub const EXTENDED_RESPONSE_MAX: usize = 65_536;

/// The instruction byte INS of the commands that a PIV card knows (SP 800-73-5 part 2, table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// 20
    Verify,
    /// 24
    ChangeReferenceData,
    /// 2C
    ResetRetryCounter,
    /// 47
    GenerateAsymmetricKeyPair,
    /// 87
    GeneralAuthenticate,
    /// A4
    Select,
    /// C0
    GetResponse,
    /// CB
    GetData,
    /// DB
    PutData,
    /// Any other value.
    Other(u8),
}

const INSTRUCTIONS: [(u8, Instruction); 9] = [
    (0x20, Instruction::Verify),
    (0x24, Instruction::ChangeReferenceData),
    (0x2C, Instruction::ResetRetryCounter),
    (0x47, Instruction::GenerateAsymmetricKeyPair),
    (0x87, Instruction::GeneralAuthenticate),
    (0xA4, Instruction::Select),
    (0xC0, Instruction::GetResponse),
    (0xCB, Instruction::GetData),
    (0xDB, Instruction::PutData),
];

impl Instruction {
    /// The INS byte.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        match self {
            Self::Other(value) => value,
            known => INSTRUCTIONS
                .iter()
                .find(|(_, ins)| *ins == known)
                .map_or(0, |(value, _)| *value),
        }
    }
}

impl From<u8> for Instruction {
    fn from(value: u8) -> Self {
        INSTRUCTIONS
            .iter()
            .find(|(known, _)| *known == value)
            .map_or(Self::Other(value), |(_, ins)| *ins)
    }
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verify => "VERIFY",
            Self::ChangeReferenceData => "CHANGE REFERENCE DATA",
            Self::ResetRetryCounter => "RESET RETRY COUNTER",
            Self::GenerateAsymmetricKeyPair => "GENERATE ASYMMETRIC KEY PAIR",
            Self::GeneralAuthenticate => "GENERAL AUTHENTICATE",
            Self::Select => "SELECT",
            Self::GetResponse => "GET RESPONSE",
            Self::GetData => "GET DATA",
            Self::PutData => "PUT DATA",
            // ISO/IEC 7816-8, 11
            Self::Other(0x2A) => "PERFORM SECURITY OPERATION",
            Self::Other(value) => return write!(f, "INS {value:02X}"),
        })
    }
}

/// A class byte CLA of the first interindustry range, logical channel 0 (ISO/IEC 7816-4, 5.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Class {
    /// Bit 5 (10): the command is continued by the next one.
    pub chained: bool,
    /// Bits 3 and 4 (0C): secure messaging with an authenticated header.
    pub secure_messaging: bool,
}

impl Class {
    /// The CLA byte: 00, 10, 0C or 1C.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        (if self.chained { 0x10 } else { 0 }) | (if self.secure_messaging { 0x0C } else { 0 })
    }
}

impl TryFrom<u8> for Class {
    type Error = ApduError;

    fn try_from(value: u8) -> Result<Self, ApduError> {
        match value {
            0x00 | 0x10 | 0x0C | 0x1C => Ok(Self {
                chained: value & 0x10 != 0,
                secure_messaging: value & 0x0C != 0,
            }),
            other => Err(ApduError::UnsupportedClass(other)),
        }
    }
}

/// Why bytes are not an APDU, or an APDU has no encoding.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ApduError {
    /// Fewer bytes than the header (command) or status word (response) has.
    #[error("APDU of {0} bytes is too short")]
    TooShort(usize),
    /// Lc, the data and Le do not add up to the bytes there are.
    #[error("length bytes do not fit an APDU of {0} bytes")]
    LengthMismatch(usize),
    /// A class outside 00, 10, 0C and 1C.
    #[error("class {0:02X} is not supported")]
    UnsupportedClass(u8),
    /// More data than the form can carry.
    #[error("{0} bytes of data do not fit this form of APDU")]
    DataTooLong(usize),
}

impl ApduError {
    /// What a card answers to such bytes.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::UnsupportedClass(_) => Status::ClassNotSupported,
            Self::TooShort(_) | Self::LengthMismatch(_) | Self::DataTooLong(_) => {
                Status::WrongLength
            }
        }
    }
}

/// A command APDU: header, data, and the number of bytes expected back.
///
/// The data may hold a PIN: it is wiped when dropped, and `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// CLA.
    pub class: Class,
    /// INS.
    pub instruction: Instruction,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// The data field, 0 to 65535 bytes (one APDU), or more before it is split into a chain.
    pub data: Zeroizing<Vec<u8>>,
    /// Le: most bytes expected, 1 to 65536; `None` where the field is absent.
    pub expected: Option<u32>,
    /// Whether the lengths are (or were) in the extended form.
    pub extended: bool,
}

impl Command {
    /// A short command of class 00 without data that expects up to 256 bytes.
    #[must_use]
    pub fn new(instruction: Instruction, p1: u8, p2: u8) -> Self {
        Self {
            class: Class::default(),
            instruction,
            p1,
            p2,
            data: Zeroizing::new(Vec::new()),
            expected: Some(256),
            extended: false,
        }
    }

    /// The same command with this data.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.data = Zeroizing::new(data.into());
        self
    }

    /// The same command with no Le.
    #[must_use]
    pub fn expecting_nothing(mut self) -> Self {
        self.expected = None;
        self
    }

    /// Parses a command APDU in any of the seven forms (cases 1, 2S to 4S, 2E to 4E).
    ///
    /// # Errors
    /// [`ApduError`] where the bytes are not one of the forms or the class is not supported.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApduError> {
        let [class, instruction, p1, p2, body @ ..] = bytes else {
            return Err(ApduError::TooShort(bytes.len()));
        };
        let mismatch = ApduError::LengthMismatch(bytes.len());
        let (data, expected, extended): (&[u8], Option<u32>, bool) = match body {
            [] => (&[], None, false),
            [le] => (&[], Some(short_expected(*le)), false),
            [0, high, low] => (&[], Some(extended_expected(*high, *low)), true),
            [0, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let (data, le) = rest
                    .split_at_checked(length)
                    .filter(|_| length > 0)
                    .ok_or(mismatch)?;
                match le {
                    [] => (data, None, true),
                    [high, low] => (data, Some(extended_expected(*high, *low)), true),
                    _ => return Err(mismatch),
                }
            }
            [length, rest @ ..] => {
                let (data, le) = rest
                    .split_at_checked(usize::from(*length))
                    .filter(|_| *length > 0)
                    .ok_or(mismatch)?;
                match le {
                    [] => (data, None, false),
                    [le] => (data, Some(short_expected(*le)), false),
                    _ => return Err(mismatch),
                }
            }
        };
        Ok(Self {
            class: Class::try_from(*class)?,
            instruction: Instruction::from(*instruction),
            p1: *p1,
            p2: *p2,
            data: Zeroizing::new(data.to_vec()),
            expected,
            extended,
        })
    }

    /// Encodes the command as one APDU, in the form that [`Command::extended`] says.
    ///
    /// # Errors
    /// [`ApduError::DataTooLong`] where data or Le do not fit that form.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, ApduError> {
        let too_long = ApduError::DataTooLong(self.data.len());
        let mut out = Zeroizing::new(Vec::with_capacity(self.data.len() + 9));
        out.extend([
            self.class.to_u8(),
            self.instruction.to_u8(),
            self.p1,
            self.p2,
        ]);
        if self.extended {
            let length = u16::try_from(self.data.len()).map_err(|_| too_long)?;
            if length > 0 || self.expected.is_some() {
                out.push(0);
            }
            if length > 0 {
                out.extend(length.to_be_bytes());
                out.extend_from_slice(&self.data);
            }
            if let Some(expected) = self.expected {
                let le = if expected >= 65_536 {
                    0
                } else {
                    u16::try_from(expected).map_err(|_| too_long)?
                };
                out.extend(le.to_be_bytes());
            }
        } else {
            let length = u8::try_from(self.data.len()).map_err(|_| too_long)?;
            if length > 0 {
                out.push(length);
                out.extend_from_slice(&self.data);
            }
            if let Some(expected) = self.expected {
                out.push(if expected == 256 {
                    0
                } else {
                    u8::try_from(expected).map_err(|_| too_long)?
                });
            }
        }
        Ok(out)
    }
}

fn short_expected(le: u8) -> u32 {
    if le == 0 { 256 } else { u32::from(le) }
}

fn extended_expected(high: u8, low: u8) -> u32 {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        n => u32::from(n),
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:02X} {} {:02X} {:02X} ({} bytes, Le {:?})",
            self.class.to_u8(),
            self.instruction,
            self.p1,
            self.p2,
            self.data.len(),
            self.expected
        )
    }
}

/// A response APDU: data and status word. The data may hold a shared secret: it is wiped when
/// dropped, and `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The data field.
    pub data: Zeroizing<Vec<u8>>,
    /// SW1 SW2.
    pub status: Status,
}

impl Response {
    /// A response with data and 9000.
    #[must_use]
    pub fn success(data: impl Into<Vec<u8>>) -> Self {
        Self {
            data: Zeroizing::new(data.into()),
            status: Status::Success,
        }
    }

    /// Parses a response APDU: data, then the two bytes of the status word.
    ///
    /// # Errors
    /// [`ApduError::TooShort`] where there is no status word.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApduError> {
        let (data, status) = bytes
            .split_last_chunk::<2>()
            .ok_or(ApduError::TooShort(bytes.len()))?;
        Ok(Self {
            data: Zeroizing::new(data.to_vec()),
            status: Status::from(u16::from_be_bytes(*status)),
        })
    }

    /// Encodes data and status word.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(self.data.len() + 2));
        out.extend_from_slice(&self.data);
        out.extend(self.status.to_u16().to_be_bytes());
        out
    }

    /// As [`Self::encode`], without a copy where there is room behind the data.
    #[must_use]
    pub fn into_encoded(mut self) -> Zeroizing<Vec<u8>> {
        let status = self.status.to_u16().to_be_bytes();
        if self.data.capacity() - self.data.len() < status.len() {
            return self.encode();
        }
        self.data.extend_from_slice(&status);
        self.data
    }
}

impl From<Status> for Response {
    fn from(status: Status) -> Self {
        Self {
            data: Zeroizing::new(Vec::new()),
            status,
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {}", self.data.len(), self.status)
    }
}
