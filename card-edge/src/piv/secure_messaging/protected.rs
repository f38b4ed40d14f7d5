//! The data fields of protected commands and answers (SP 800-73-5 part 2, 4.2.1, table 17).
//!
//! ```text
//! command   [87 { 01, encrypted data }] [97 Le] 8E { MAC }
//! answer    [87 { 01, encrypted data }] 99 { status word } 8E { MAC }
//! ```

use thiserror::Error;

use super::cipher::CipherError;
use crate::status::Status;
use crate::tlv::{self, Reader, Tag, Tlv, TlvError};

const TAG_ENCRYPTED: Tag = Tag::new(0x87);
const TAG_EXPECTED: Tag = Tag::new(0x97);
const TAG_STATUS: Tag = Tag::new(0x99);
const TAG_MAC: Tag = Tag::new(0x8E);

/// 01 before the encrypted data: it is padded.
const PADDED: u8 = 0x01;

/// The bytes of a MAC on the way.
pub(super) const MAC_LENGTH: usize = 8;

/// Why a protected command or answer cannot be taken. The channel is of no use after it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ProtectionError {
    /// MAC or status word are missing.
    #[error("secure messaging objects are missing")]
    Missing,
    /// An object is malformed, or the MAC or the padding is wrong.
    #[error("secure messaging objects are incorrect")]
    Incorrect,
}

impl ProtectionError {
    /// What a card answers.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Missing => Status::SecureMessagingObjectsMissing,
            Self::Incorrect => Status::SecureMessagingObjectsIncorrect,
        }
    }
}

impl From<TlvError> for ProtectionError {
    fn from(_: TlvError) -> Self {
        Self::Incorrect
    }
}

impl From<CipherError> for ProtectionError {
    fn from(_: CipherError) -> Self {
        Self::Incorrect
    }
}

/// What a data field holds before its MAC.
pub(super) struct Fields<'a> {
    /// 87: the encrypted data.
    pub(super) encrypted: Option<&'a [u8]>,
    /// 97 or 99.
    pub(super) second: Option<&'a [u8]>,
    /// 8E.
    pub(super) mac: [u8; MAC_LENGTH],
    /// What the MAC is over: everything before it.
    pub(super) authenticated: &'a [u8],
}

/// The middle object of a command.
pub(super) fn expected() -> Result<Vec<u8>, TlvError> {
    tlv::encode(TAG_EXPECTED, &[0])
}

/// The middle object of an answer.
pub(super) fn status(status: Status) -> Result<Vec<u8>, TlvError> {
    tlv::encode(TAG_STATUS, &status.to_u16().to_be_bytes())
}

/// The object of encrypted data.
pub(super) fn encrypted(data: &[u8]) -> Result<Vec<u8>, TlvError> {
    let value: Vec<u8> = [PADDED].iter().chain(data).copied().collect();
    tlv::encode(TAG_ENCRYPTED, &value)
}

/// Appends the MAC.
pub(super) fn append_mac(out: &mut Vec<u8>, mac: &[u8]) -> Result<(), TlvError> {
    tlv::write(out, TAG_MAC, mac.get(..MAC_LENGTH).unwrap_or_default())
}

/// Reads the data field of a command: Le is 00.
pub(super) fn command(data: &[u8]) -> Result<Fields<'_>, ProtectionError> {
    let fields = read(data, TAG_EXPECTED)?;
    match fields.second {
        None | Some([0]) => Ok(fields),
        Some(_) => Err(ProtectionError::Incorrect),
    }
}

/// Reads the data field of an answer: its status word is there.
pub(super) fn answer(data: &[u8]) -> Result<(Fields<'_>, Status), ProtectionError> {
    let fields = read(data, TAG_STATUS)?;
    let status = fields.second.ok_or(ProtectionError::Missing)?;
    let status = status.try_into().map_err(|_| ProtectionError::Incorrect)?;
    Ok((fields, Status::from(u16::from_be_bytes(status))))
}

/// Reads the objects in their order, each once, with nothing behind the MAC.
fn read(data: &[u8], second: Tag) -> Result<Fields<'_>, ProtectionError> {
    let objects = Reader::new(data).collect::<Result<Vec<Tlv<'_>>, TlvError>>()?;
    let (mac, before) = objects.split_last().ok_or(ProtectionError::Missing)?;
    if mac.tag != TAG_MAC {
        return Err(match objects.iter().any(|object| object.tag == TAG_MAC) {
            true => ProtectionError::Incorrect,
            false => ProtectionError::Missing,
        });
    }
    let (first, middle) = match before {
        [] => (None, None),
        [one] if one.tag == TAG_ENCRYPTED => (Some(one), None),
        [one] if one.tag == second => (None, Some(one)),
        [one, other] if one.tag == TAG_ENCRYPTED && other.tag == second => (Some(one), Some(other)),
        _ => return Err(ProtectionError::Incorrect),
    };
    let encrypted = first
        .map(|object| match object.value.split_first() {
            Some((&PADDED, encrypted)) if !encrypted.is_empty() => Ok(encrypted),
            _ => Err(ProtectionError::Incorrect),
        })
        .transpose()?;
    // A MAC of eight bytes behind a tag and a length of one byte each, and not in a longer form.
    let authenticated = data
        .len()
        .checked_sub(2 + MAC_LENGTH)
        .filter(|end| data.get(*end) == Some(&0x8E))
        .and_then(|end| data.get(..end));
    Ok(Fields {
        encrypted,
        second: middle.map(|object| object.value),
        mac: mac
            .value
            .try_into()
            .map_err(|_| ProtectionError::Incorrect)?,
        authenticated: authenticated.ok_or(ProtectionError::Incorrect)?,
    })
}
