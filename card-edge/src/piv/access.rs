//! The access rules as rows: what a key's use and an object's reading need (SP 800-73-5 part 1, tables 2 and 4b).
//!
//! Whether a rule is fulfilled is the card's to decide; these are the rules.

use super::object::ObjectId;
use super::reference::AsymmetricKey;

/// When a key asks for the PIN (table 4b, "security condition for use"), the least strict first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PinPolicy {
    /// Never.
    Never,
    /// Once after the application was selected or the card was reset.
    Once,
    /// Directly before each use.
    Always,
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Signatures.
    Sign,
    /// RSA decryption or ECDH.
    DecryptOrAgree,
}

/// What must be fulfilled to read an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadRule {
    /// Nothing.
    Always,
    /// The PIN.
    Pin,
}

/// What must be fulfilled over the contactless interface, beside what is asked for over contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactlessRule {
    /// Nothing.
    Always,
    /// The virtual contact interface: secure messaging with a host that is paired or need not be.
    VirtualContact,
}

/// The row of a key.
fn key(key: AsymmetricKey) -> (KeyUse, PinPolicy) {
    match key {
        AsymmetricKey::PivAuthentication => (KeyUse::Sign, PinPolicy::Once),
        AsymmetricKey::DigitalSignature => (KeyUse::Sign, PinPolicy::Always),
        AsymmetricKey::KeyManagement => (KeyUse::DecryptOrAgree, PinPolicy::Once),
        AsymmetricKey::CardAuthentication => (KeyUse::Sign, PinPolicy::Never),
        AsymmetricKey::RetiredKeyManagement(_) => (KeyUse::DecryptOrAgree, PinPolicy::Once),
        AsymmetricKey::Attestation => (KeyUse::Sign, PinPolicy::Never),
    }
}

/// The row of an object.
fn object(object: ObjectId) -> ReadRule {
    match object {
        ObjectId::CardCapabilityContainer => ReadRule::Always,
        ObjectId::Chuid => ReadRule::Always,
        ObjectId::Certificate(_) => ReadRule::Always,
        ObjectId::Fingerprints => ReadRule::Pin,
        ObjectId::SecurityObject => ReadRule::Always,
        ObjectId::FacialImage => ReadRule::Pin,
        ObjectId::PrintedInformation => ReadRule::Pin,
        ObjectId::Discovery => ReadRule::Always,
        ObjectId::KeyHistory => ReadRule::Always,
        ObjectId::Iris => ReadRule::Pin,
        ObjectId::BiometricInformationTemplates => ReadRule::Always,
        ObjectId::SecureMessagingCertificateSigner => ReadRule::Always,
        ObjectId::PairingCodeReferenceData => ReadRule::Pin,
        ObjectId::AdministrationData => ReadRule::Always,
    }
}

impl ContactlessRule {
    /// The rule of what is free, or of all else.
    fn free(is_free: bool) -> Self {
        if is_free {
            Self::Always
        } else {
            Self::VirtualContact
        }
    }
}

impl AsymmetricKey {
    /// What the key's use needs over the contactless interface.
    #[must_use]
    pub fn contactless_rule(self) -> ContactlessRule {
        ContactlessRule::free(self == Self::CardAuthentication)
    }

    /// What the key is for.
    #[must_use]
    pub fn key_use(self) -> KeyUse {
        key(self).0
    }

    /// When the key asks for the PIN.
    #[must_use]
    pub fn pin_policy(self) -> PinPolicy {
        key(self).1
    }
}

impl ObjectId {
    /// What the object's reading needs over the contactless interface.
    #[must_use]
    pub fn contactless_rule(self) -> ContactlessRule {
        ContactlessRule::free(matches!(
            self,
            Self::Chuid
                | Self::Certificate(AsymmetricKey::CardAuthentication)
                | Self::Discovery
                | Self::BiometricInformationTemplates
                | Self::SecureMessagingCertificateSigner
        ))
    }

    /// What must be fulfilled to read the object.
    #[must_use]
    pub fn read_rule(self) -> ReadRule {
        object(self)
    }
}
