//! What CREATE FILE says of a new file: the file control parameters (ISO/IEC 7816-4, 7.4).
//!
//! ```text
//! 62 { 82 39, 83 identifier, 8C security attribute }                             a data file
//! 62 { 82 18, 83 identifier, 8C security attribute, A5 { use, use, .. } }        a key file
//! ```
//!
//! A use is `B6 { 80 mechanism, 83 key, 95 qualifier }` for signatures, `B8` with the same for decryption, and
//! `A4` for the authentication of whoever administers the card, with 02 (3DES) as its mechanism.

use core::fmt;

use super::mechanism::Mechanism;
use super::security_attribute::{SecurityAttribute, TAG_SECURITY_ATTRIBUTE};
use crate::tlv::{self, Tag, TlvError};

const TAG_PARAMETERS: Tag = Tag::new(0x62);
const TAG_DESCRIPTOR: Tag = Tag::new(0x82);
const TAG_IDENTIFIER: Tag = Tag::new(0x83);
const TAG_USES: Tag = Tag::new(0xA5);
const TAG_MECHANISM: Tag = Tag::new(0x80);
const TAG_KEY: Tag = Tag::new(0x83);
const TAG_QUALIFIER: Tag = Tag::new(0x95);
const TAG_SIGNATURE: Tag = Tag::new(0xB6);
const TAG_DECRYPTION: Tag = Tag::new(0xB8);
const TAG_AUTHENTICATION: Tag = Tag::new(0xA4);

const DESCRIPTOR_DATA: u8 = 0x39;
const DESCRIPTOR_KEY: u8 = 0x18;
const TRIPLE_DES: u8 = 0x02;

/// The most uses that a key file may name: as many as there are mechanisms.
const USES_MAX: usize = 20;

/// A file identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u16);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FileId {
    /// 3FFF: the application itself.
    pub const APPLICATION: Self = Self(0x3FFF);
    /// 2F01: what the card can do, EF.ATR.
    pub const ATR: Self = Self(0x2F01);
    /// 0000: the file that is selected.
    pub const CURRENT: Self = Self(0x0000);

    /// The file of the key with this reference, B080 to B0FF.
    #[must_use]
    pub fn of_key(reference: u8) -> Self {
        Self(0xB000 | u16::from(reference))
    }

    /// The reference of the key whose file this is.
    #[must_use]
    pub fn key_reference(self) -> Option<u8> {
        match self.0.to_be_bytes() {
            [0xB0, reference @ 0x80..=0xFF] => Some(reference),
            _ => None,
        }
    }

    /// Whether it is one for data files: A000 to AFFF.
    #[must_use]
    pub fn is_of_data(self) -> bool {
        self.0 & 0xF000 == 0xA000
    }
}

/// One use of a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUsage {
    /// B6: it signs.
    Signature(Mechanism),
    /// B8: it decrypts.
    Decryption(Mechanism),
}

/// What kind of file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// 39: it holds data objects.
    Data,
    /// 18: it holds a key pair, for these uses.
    KeyPair(Vec<KeyUsage>),
    /// 18: it holds the key of whoever administers the card.
    AdministratorKey,
}

/// What CREATE FILE says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileControlParameters {
    /// Its kind.
    pub kind: FileKind,
    /// Its identifier.
    pub identifier: FileId,
    /// Who may do what with it.
    pub attribute: SecurityAttribute,
}

impl FileControlParameters {
    /// Reads the template.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed, or of a kind of file or with a use that this card edge does not have.
    pub fn decode(bytes: &[u8]) -> Result<Self, TlvError> {
        let fields = tlv::only(bytes, TAG_PARAMETERS)?;
        let identifier = tlv::require(fields, TAG_IDENTIFIER)?
            .try_into()
            .map_err(|_| TlvError::InvalidValue(TAG_IDENTIFIER))?;
        let kind = match tlv::require(fields, TAG_DESCRIPTOR)? {
            [DESCRIPTOR_DATA] => FileKind::Data,
            [DESCRIPTOR_KEY] => decode_uses(tlv::require(fields, TAG_USES)?)?,
            _ => return Err(TlvError::InvalidValue(TAG_DESCRIPTOR)),
        };
        Ok(Self {
            kind,
            identifier: FileId(u16::from_be_bytes(identifier)),
            attribute: SecurityAttribute::decode(tlv::require(fields, TAG_SECURITY_ATTRIBUTE)?)?,
        })
    }

    /// The template.
    ///
    /// # Errors
    /// [`TlvError`] where it gets too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let descriptor = match self.kind {
            FileKind::Data => DESCRIPTOR_DATA,
            FileKind::KeyPair(_) | FileKind::AdministratorKey => DESCRIPTOR_KEY,
        };
        let [_, key] = self.identifier.0.to_be_bytes();
        let mut fields = tlv::encode(TAG_DESCRIPTOR, &[descriptor])?;
        tlv::write(
            &mut fields,
            TAG_IDENTIFIER,
            &self.identifier.0.to_be_bytes(),
        )?;
        tlv::write(
            &mut fields,
            TAG_SECURITY_ATTRIBUTE,
            &self.attribute.encode(),
        )?;
        match &self.kind {
            FileKind::Data => {}
            FileKind::KeyPair(usages) => {
                let mut uses = Vec::new();
                for usage in usages {
                    let (tag, mechanism) = match usage {
                        KeyUsage::Signature(mechanism) => (TAG_SIGNATURE, mechanism),
                        KeyUsage::Decryption(mechanism) => (TAG_DECRYPTION, mechanism),
                    };
                    let byte = mechanism
                        .encode()
                        .ok_or(TlvError::InvalidValue(TAG_MECHANISM))?;
                    write_use(&mut uses, tag, byte, key, 0x40)?;
                }
                tlv::write(&mut fields, TAG_USES, &uses)?;
            }
            FileKind::AdministratorKey => {
                let mut uses = Vec::new();
                write_use(&mut uses, TAG_AUTHENTICATION, TRIPLE_DES, key, 0xC0)?;
                tlv::write(&mut fields, TAG_USES, &uses)?;
            }
        }
        tlv::encode(TAG_PARAMETERS, &fields)
    }
}

fn write_use(
    out: &mut Vec<u8>,
    tag: Tag,
    mechanism: u8,
    key: u8,
    qualifier: u8,
) -> Result<(), TlvError> {
    let mut fields = tlv::encode(TAG_MECHANISM, &[mechanism])?;
    tlv::write(&mut fields, TAG_KEY, &[key])?;
    tlv::write(&mut fields, TAG_QUALIFIER, &[qualifier])?;
    tlv::write(out, tag, &fields)
}

/// What each use says of the key's reference is passed over: a host writes another one there, and the file has one.
fn decode_uses(value: &[u8]) -> Result<FileKind, TlvError> {
    let mut usages = Vec::new();
    let mut is_administrator_key = false;
    for element in tlv::Reader::new(value) {
        let element = element?;
        let invalid = TlvError::InvalidValue(element.tag);
        let [byte] = tlv::require(element.value, TAG_MECHANISM)? else {
            return Err(invalid);
        };
        let mechanism = Mechanism::decode(*byte).ok_or(invalid);
        match (element.tag, *byte) {
            (TAG_SIGNATURE, _) => usages.push(KeyUsage::Signature(mechanism?)),
            (TAG_DECRYPTION, _) => usages.push(KeyUsage::Decryption(mechanism?)),
            (TAG_AUTHENTICATION, TRIPLE_DES) => is_administrator_key = true,
            _ => return Err(invalid),
        }
    }
    match (usages.len(), is_administrator_key) {
        (0, true) => Ok(FileKind::AdministratorKey),
        (1..=USES_MAX, false) => Ok(FileKind::KeyPair(usages)),
        _ => Err(TlvError::InvalidValue(TAG_USES)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gids::security_attribute::Condition;

    /// As hosts create them.
    const DATA: [u8; 14] = [
        0x62, 0x0C, 0x82, 0x01, 0x39, 0x83, 0x02, 0xA0, 0x12, 0x8C, 0x03, 0x03, 0x20, 0x00,
    ];
    const ADMINISTRATOR_KEY: [u8; 28] = [
        0x62, 0x1A, 0x82, 0x01, 0x18, 0x83, 0x02, 0xB0, 0x80, 0x8C, 0x04, 0x87, 0x00, 0x20, 0xFF,
        0xA5, 0x0B, 0xA4, 0x09, 0x80, 0x01, 0x02, 0x83, 0x01, 0x80, 0x95, 0x01, 0xC0,
    ];
    const SIGNATURE_KEY: [u8; 40] = [
        0x62, 0x26, 0x82, 0x01, 0x18, 0x83, 0x02, 0xB0, 0x81, 0x8C, 0x05, 0x8F, 0x10, 0x10, 0x10,
        0x00, 0xA5, 0x16, 0xB6, 0x09, 0x80, 0x01, 0x17, 0x83, 0x01, 0x81, 0x95, 0x01, 0x40, 0xB6,
        0x09, 0x80, 0x01, 0x57, 0x83, 0x01, 0x81, 0x95, 0x01, 0x40,
    ];

    #[test]
    fn files_as_hosts_create_them() {
        let data = FileControlParameters::decode(&DATA).unwrap();
        assert_eq!(data.kind, FileKind::Data);
        assert_eq!(data.identifier, FileId(0xA012));
        let admin = FileControlParameters::decode(&ADMINISTRATOR_KEY).unwrap();
        assert_eq!(admin.kind, FileKind::AdministratorKey);
        assert_eq!(admin.attribute, SecurityAttribute::of_administrator_key());
        let key = FileControlParameters::decode(&SIGNATURE_KEY).unwrap();
        assert_eq!(key.identifier.key_reference(), Some(0x81));
        assert_eq!(
            key.attribute,
            SecurityAttribute::of_key_pair(Condition::USER, Condition::USER)
        );
        let sign = |byte| KeyUsage::Signature(Mechanism::decode(byte).unwrap());
        assert_eq!(key.kind, FileKind::KeyPair(vec![sign(0x17), sign(0x57)]));
        for (file, bytes) in [
            (data, &DATA[..]),
            (admin, &ADMINISTRATOR_KEY),
            (key, &SIGNATURE_KEY),
        ] {
            assert_eq!(file.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn other_kinds_and_uses_are_refused() {
        for (index, byte) in [(4, 0x01), (6, 0x03), (10, 0x02)] {
            let mut bytes = DATA;
            bytes[index] = byte;
            assert!(FileControlParameters::decode(&bytes).is_err(), "{index}");
        }
        for (index, byte) in [(18, 0xB4), (22, 0x1C), (22, 0x27), (29, 0xA4)] {
            let mut bytes = SIGNATURE_KEY;
            bytes[index] = byte;
            assert!(FileControlParameters::decode(&bytes).is_err(), "{index}");
        }
        let mut bytes = ADMINISTRATOR_KEY;
        bytes[21] = 0x08;
        assert!(FileControlParameters::decode(&bytes).is_err());
    }
}
