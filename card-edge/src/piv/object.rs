//! The data objects (SP 800-73-5 part 1, tables 2 and 3).

use super::reference::AsymmetricKey;
use crate::tlv::Tag;

/// Tag FE: the error detection code, empty, that ends most objects.
pub const TAG_ERROR_DETECTION: Tag = Tag::new(0xFE);

/// A data object of the PIV data model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectId {
    /// 5FC107, container DB00.
    CardCapabilityContainer,
    /// 5FC102, container 3000.
    Chuid,
    /// 5FC105, 5FC10A, 5FC10B, 5FC101, 5FC10D to 5FC120, and 5FFF01 beyond the standard: the X.509 certificate of a key.
    Certificate(AsymmetricKey),
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
    /// 5FFF00, beyond the standard: what PIV tools note for themselves.
    AdministrationData,
}

/// What the data model says of an object.
struct Row {
    tag: u32,
    /// `None` beyond the standard.
    container: Option<u16>,
    name: &'static str,
}

const fn beyond(tag: u32, name: &'static str) -> Row {
    Row {
        tag,
        container: None,
        name,
    }
}

const fn row(tag: u32, container: u16, name: &'static str) -> Row {
    Row {
        tag,
        container: Some(container),
        name,
    }
}

/// The objects that are not certificates, in the order of the standard's table.
const OTHERS: [ObjectId; 13] = [
    ObjectId::CardCapabilityContainer,
    ObjectId::Chuid,
    ObjectId::Fingerprints,
    ObjectId::SecurityObject,
    ObjectId::FacialImage,
    ObjectId::PrintedInformation,
    ObjectId::Discovery,
    ObjectId::KeyHistory,
    ObjectId::Iris,
    ObjectId::BiometricInformationTemplates,
    ObjectId::SecureMessagingCertificateSigner,
    ObjectId::PairingCodeReferenceData,
    ObjectId::AdministrationData,
];

impl ObjectId {
    /// Every object of the data model, in the order of the standard's table with the certificates last.
    pub fn all() -> impl Iterator<Item = Self> {
        OTHERS
            .into_iter()
            .chain(AsymmetricKey::all().map(Self::Certificate))
    }

    /// The object's row of the standard's tables.
    fn row(self) -> Row {
        use AsymmetricKey as Key;
        match self {
            Self::CardCapabilityContainer => row(0x5F_C107, 0xDB00, "Card Capability Container"),
            Self::Chuid => row(0x5F_C102, 0x3000, "Card Holder Unique Identifier"),
            Self::Certificate(key) => {
                let name = key.name();
                match key {
                    Key::PivAuthentication => row(0x5F_C105, 0x0101, name),
                    Key::DigitalSignature => row(0x5F_C10A, 0x0100, name),
                    Key::KeyManagement => row(0x5F_C10B, 0x0102, name),
                    Key::CardAuthentication => row(0x5F_C101, 0x0500, name),
                    Key::RetiredKeyManagement(number) => row(
                        0x5F_C10C + u32::from(number.get()),
                        0x1000 + u16::from(number.get()),
                        name,
                    ),
                    Key::Attestation => beyond(0x5F_FF01, name),
                }
            }
            Self::Fingerprints => row(0x5F_C103, 0x6010, "Cardholder Fingerprints"),
            Self::SecurityObject => row(0x5F_C106, 0x9000, "Security Object"),
            Self::FacialImage => row(0x5F_C108, 0x6030, "Cardholder Facial Image"),
            Self::PrintedInformation => row(0x5F_C109, 0x3001, "Printed Information"),
            Self::Discovery => row(0x7E, 0x6050, "Discovery Object"),
            Self::KeyHistory => row(0x5F_C10C, 0x6060, "Key History Object"),
            Self::Iris => row(0x5F_C121, 0x1015, "Cardholder Iris Images"),
            Self::BiometricInformationTemplates => row(
                0x7F61,
                0x1016,
                "Biometric Information Templates Group Template",
            ),
            Self::SecureMessagingCertificateSigner => {
                row(0x5F_C122, 0x1017, "Secure Messaging Certificate Signer")
            }
            Self::PairingCodeReferenceData => {
                row(0x5F_C123, 0x1018, "Pairing Code Reference Data Container")
            }
            Self::AdministrationData => beyond(0x5F_FF00, "Administration Data"),
        }
    }

    /// The BER-TLV tag, one to three bytes.
    #[must_use]
    pub fn tag(self) -> Tag {
        Tag::new(self.row().tag)
    }

    /// The object with this tag, if the data model has one.
    #[must_use]
    pub fn from_tag(tag: Tag) -> Option<Self> {
        Self::all().find(|object| object.tag() == tag)
    }

    /// The two-byte container identifier; `None` for an object that is not the standard's.
    #[must_use]
    pub fn container(self) -> Option<u16> {
        self.row().container
    }

    /// The name in the standard.
    #[must_use]
    pub fn name(self) -> String {
        let name = self.row().name;
        match self {
            Self::Certificate(AsymmetricKey::RetiredKeyManagement(number)) => {
                format!("X.509 Certificate for {name} {}", number.get())
            }
            Self::Certificate(_) => format!("X.509 Certificate for {name}"),
            Self::CardCapabilityContainer
            | Self::Chuid
            | Self::Fingerprints
            | Self::SecurityObject
            | Self::FacialImage
            | Self::PrintedInformation
            | Self::Discovery
            | Self::KeyHistory
            | Self::Iris
            | Self::BiometricInformationTemplates
            | Self::SecureMessagingCertificateSigner
            | Self::PairingCodeReferenceData
            | Self::AdministrationData => name.to_owned(),
        }
    }

    /// Whether the object's content is sent as it is (7E and 7F61), not wrapped in tag 53.
    #[must_use]
    pub fn is_bare(self) -> bool {
        matches!(self, Self::Discovery | Self::BiometricInformationTemplates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_objects_agree() {
        assert_eq!(ObjectId::all().count(), 36 + 2);
        assert!(ObjectId::all().all(|object| ObjectId::from_tag(object.tag()) == Some(object)));
        assert_eq!(ObjectId::from_tag(Tag::new(0x5F_FF02)), None);
    }
}
