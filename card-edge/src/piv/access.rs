//! The access rules as rows: what a key's use and an object's reading need over the contact interface
//! (SP 800-73-5 part 1, tables 2 and 4b).
//!
//! Whether a rule is fulfilled is the card's to decide; these are the rules.

use super::object::ObjectId;
use super::reference::AsymmetricKey;

/// When a key asks for the PIN (table 4b, "security condition for use").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl AsymmetricKey {
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
    /// What must be fulfilled to read the object.
    #[must_use]
    pub fn read_rule(self) -> ReadRule {
        object(self)
    }
}
