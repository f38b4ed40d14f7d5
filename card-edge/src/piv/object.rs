//! The data objects and who may read them (SP 800-73-5 part 1, tables 2 and 3).

use super::key::{Slot, certificate_tag};
use crate::tlv::{self, Tag, TlvError};

/// Tag 5C: the list of tags in GET DATA and PUT DATA.
pub const TAG_LIST: Tag = Tag::new(0x5C);
/// Tag 53: the discretionary data that wraps an object's content.
pub const TAG_DATA: Tag = Tag::new(0x53);
/// Tag FE: the error detection code, empty, that ends most objects.
pub const TAG_ERROR_DETECTION: Tag = Tag::new(0xFE);

/// A data object of the PIV data model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectId {
    /// 5FC107, container DB00.
    CardCapabilityContainer,
    /// 5FC102, container 3000.
    Chuid,
    /// 5FC105, 5FC10A, 5FC10B, 5FC101 and 5FC10D to 5FC120: the X.509 certificate of a slot.
    Certificate(Slot),
    /// 5FC103, container 6010.
    Fingerprints,
    /// 5FC106, container 9000.
    SecurityObject,
    /// 5FC108, container 6030.
    FacialImage,
    /// 5FC109, container 3001.
    PrintedInformation,
    /// 7E, container 6050.
    Discovery,
    /// 5FC10C, container 6060.
    KeyHistory,
    /// 5FC121, container 1015.
    Iris,
    /// 7F61, container 1016.
    BiometricInformationTemplates,
    /// 5FC122, container 1017.
    SecureMessagingCertificateSigner,
    /// 5FC123, container 1018.
    PairingCodeReferenceData,
}

/// What must be fulfilled to read an object over the contact interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadRule {
    /// Nothing.
    Always,
    /// The PIN.
    Pin,
}

/// The objects that are no certificates: tag, container identifier, rule and name.
const TABLE: [(ObjectId, u32, u16, ReadRule, &str); 12] = [
    (
        ObjectId::CardCapabilityContainer,
        0x5F_C107,
        0xDB00,
        ReadRule::Always,
        "Card Capability Container",
    ),
    (
        ObjectId::Chuid,
        0x5F_C102,
        0x3000,
        ReadRule::Always,
        "Card Holder Unique Identifier",
    ),
    (
        ObjectId::Fingerprints,
        0x5F_C103,
        0x6010,
        ReadRule::Pin,
        "Cardholder Fingerprints",
    ),
    (
        ObjectId::SecurityObject,
        0x5F_C106,
        0x9000,
        ReadRule::Always,
        "Security Object",
    ),
    (
        ObjectId::FacialImage,
        0x5F_C108,
        0x6030,
        ReadRule::Pin,
        "Cardholder Facial Image",
    ),
    (
        ObjectId::PrintedInformation,
        0x5F_C109,
        0x3001,
        ReadRule::Pin,
        "Printed Information",
    ),
    (
        ObjectId::Discovery,
        0x7E,
        0x6050,
        ReadRule::Always,
        "Discovery Object",
    ),
    (
        ObjectId::KeyHistory,
        0x5F_C10C,
        0x6060,
        ReadRule::Always,
        "Key History Object",
    ),
    (
        ObjectId::Iris,
        0x5F_C121,
        0x1015,
        ReadRule::Pin,
        "Cardholder Iris Images",
    ),
    (
        ObjectId::BiometricInformationTemplates,
        0x7F61,
        0x1016,
        ReadRule::Always,
        "Biometric Information Templates Group Template",
    ),
    (
        ObjectId::SecureMessagingCertificateSigner,
        0x5F_C122,
        0x1017,
        ReadRule::Always,
        "Secure Messaging Certificate Signer",
    ),
    (
        ObjectId::PairingCodeReferenceData,
        0x5F_C123,
        0x1018,
        ReadRule::Pin,
        "Pairing Code Reference Data Container",
    ),
];

impl ObjectId {
    /// Every object of the data model, in the order of the standard's table with the certificates last.
    pub fn all() -> impl Iterator<Item = Self> {
        let slots = (0..=u8::MAX).filter_map(|byte| Slot::try_from(byte).ok());
        TABLE
            .iter()
            .map(|row| row.0)
            .chain(slots.map(Self::Certificate))
    }

    /// The BER-TLV tag, one to three bytes.
    #[must_use]
    pub fn tag(self) -> Tag {
        match self {
            Self::Certificate(slot) => certificate_tag(slot),
            other => Tag::new(
                TABLE
                    .iter()
                    .find(|row| row.0 == other)
                    .map_or(0, |row| row.1),
            ),
        }
    }

    /// The object with this tag, if the data model has one.
    #[must_use]
    pub fn from_tag(tag: Tag) -> Option<Self> {
        Self::all().find(|object| object.tag() == tag)
    }

    /// The two-byte container identifier.
    #[must_use]
    pub fn container(self) -> u16 {
        match self {
            Self::Certificate(Slot::PivAuthentication) => 0x0101,
            Self::Certificate(Slot::DigitalSignature) => 0x0100,
            Self::Certificate(Slot::KeyManagement) => 0x0102,
            Self::Certificate(Slot::CardAuthentication) => 0x0500,
            Self::Certificate(Slot::RetiredKeyManagement(number)) => {
                0x1000 + u16::from(number.get())
            }
            other => TABLE
                .iter()
                .find(|row| row.0 == other)
                .map_or(0, |row| row.2),
        }
    }

    /// What must be fulfilled to read it.
    #[must_use]
    pub fn read_rule(self) -> ReadRule {
        TABLE
            .iter()
            .find(|row| row.0 == self)
            .map_or(ReadRule::Always, |row| row.3)
    }

    /// The name in the standard.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Certificate(slot @ Slot::RetiredKeyManagement(number)) => {
                format!("X.509 Certificate for {} {}", slot.name(), number.get())
            }
            Self::Certificate(slot) => format!("X.509 Certificate for {}", slot.name()),
            other => TABLE
                .iter()
                .find(|row| row.0 == other)
                .map_or("", |row| row.4)
                .to_owned(),
        }
    }

    /// Whether the object's content is sent as it is (7E and 7F61), not wrapped in tag 53.
    #[must_use]
    pub fn is_bare(self) -> bool {
        matches!(self, Self::Discovery | Self::BiometricInformationTemplates)
    }
}

/// The command data of GET DATA: `5C len tag` (SP 800-73-5 part 2, 3.1.2).
#[must_use]
pub fn encode_get_data(tag: Tag) -> Vec<u8> {
    let bytes = tag.to_bytes();
    let length = u8::try_from(bytes.len()).unwrap_or(3);
    let mut out = vec![0x5C, length];
    out.extend(bytes);
    out
}

/// Reads the command data of GET DATA.
///
/// # Errors
/// [`TlvError`] where it is not one tag 5C that holds one tag.
pub fn decode_get_data(data: &[u8]) -> Result<Tag, TlvError> {
    Tag::parse(tlv::only(data, TAG_LIST)?)
}

/// The command data of PUT DATA (SP 800-73-5 part 2, 3.3.1): `5C len tag 53 len content`, or the bare
/// objects 7E and 7F61 as they are. `content` is what stands inside 53, 7E or 7F61; an empty one clears the object.
///
/// # Errors
/// [`TlvError`] where the content is too long.
pub fn encode_put_data(object: ObjectId, content: &[u8]) -> Result<Vec<u8>, TlvError> {
    if object.is_bare() {
        return tlv::encode(object.tag(), content);
    }
    let mut out = encode_get_data(object.tag());
    tlv::write(&mut out, TAG_DATA, content)?;
    Ok(out)
}

/// What PUT DATA writes: the object's tag and its content, without the wrapping 53, 7E or 7F61.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutData<'a> {
    /// The object's tag.
    pub tag: Tag,
    /// The content; empty where the object is cleared.
    pub content: &'a [u8],
}

/// Reads the command data of PUT DATA.
///
/// # Errors
/// [`TlvError`] where it is neither form.
pub fn decode_put_data(data: &[u8]) -> Result<PutData<'_>, TlvError> {
    let mut elements = tlv::Reader::new(data);
    let first = elements.next().ok_or(TlvError::Missing(TAG_LIST))??;
    let put = if first.tag == TAG_LIST {
        let content = elements.next().ok_or(TlvError::Missing(TAG_DATA))??;
        if content.tag != TAG_DATA {
            return Err(TlvError::Missing(TAG_DATA));
        }
        PutData {
            tag: Tag::parse(first.value)?,
            content: content.value,
        }
    } else if ObjectId::from_tag(first.tag).is_some_and(ObjectId::is_bare) {
        PutData {
            tag: first.tag,
            content: first.value,
        }
    } else {
        return Err(TlvError::Missing(TAG_LIST));
    };
    if elements.next().is_some() {
        return Err(TlvError::TrailingBytes);
    }
    Ok(put)
}

/// The answer to GET DATA for an object with this content: wrapped in 53, or bare (7E and 7F61).
///
/// # Errors
/// [`TlvError`] where the content is too long.
pub fn encode_content(tag: Tag, content: &[u8]) -> Result<Vec<u8>, TlvError> {
    let bare = ObjectId::from_tag(tag).is_some_and(ObjectId::is_bare);
    tlv::encode(if bare { tag } else { TAG_DATA }, content)
}

/// The content in an answer to GET DATA.
///
/// # Errors
/// [`TlvError`] where it is not wrapped as this object must be.
pub fn decode_content(object: ObjectId, answer: &[u8]) -> Result<&[u8], TlvError> {
    tlv::only(
        answer,
        if object.is_bare() {
            object.tag()
        } else {
            TAG_DATA
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_objects_agree() {
        assert_eq!(ObjectId::all().count(), 36);
        assert!(ObjectId::all().all(|object| ObjectId::from_tag(object.tag()) == Some(object)));
        assert_eq!(ObjectId::from_tag(Tag::new(0x5F_FF00)), None);
    }

    #[test]
    fn get_data_as_macos_asks_for_the_chuid() {
        // SP 800-73-5 part 2, 3.1.2.
        assert_eq!(
            encode_get_data(ObjectId::Chuid.tag()),
            [0x5C, 0x03, 0x5F, 0xC1, 0x02]
        );
        assert_eq!(
            encode_get_data(ObjectId::Discovery.tag()),
            [0x5C, 0x01, 0x7E]
        );
        assert_eq!(
            encode_get_data(ObjectId::BiometricInformationTemplates.tag()),
            [0x5C, 0x02, 0x7F, 0x61]
        );
        assert_eq!(
            decode_get_data(&[0x5C, 0x03, 0x5F, 0xC1, 0x02]),
            Ok(ObjectId::Chuid.tag())
        );
    }

    #[test]
    fn put_data_in_both_forms() {
        let wrapped = encode_put_data(ObjectId::Chuid, &[1, 2]).unwrap();
        assert_eq!(wrapped, [0x5C, 3, 0x5F, 0xC1, 2, 0x53, 2, 1, 2]);
        assert_eq!(
            decode_put_data(&wrapped),
            Ok(PutData {
                tag: ObjectId::Chuid.tag(),
                content: &[1, 2]
            })
        );
        let bare = encode_put_data(ObjectId::Discovery, &[9]).unwrap();
        assert_eq!(bare, [0x7E, 1, 9]);
        assert_eq!(
            decode_put_data(&bare),
            Ok(PutData {
                tag: ObjectId::Discovery.tag(),
                content: &[9]
            })
        );
        assert_eq!(
            decode_put_data(&[0x53, 0]),
            Err(TlvError::Missing(TAG_LIST))
        );
    }
}
