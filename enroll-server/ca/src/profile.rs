//! Certificate profiles: what a certificate of each kind says, as a table. Building and linting walk the same rows.

use std::time::Duration;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5280, rfc5912};
use rcgen::KeyUsagePurpose;

use enroll_server_model::{InvitationProfile, KeyAlgorithm, ProfileName, Slot};

/// Windows smart-card logon ([MS-WCCE]).
pub const MS_SMART_CARD_LOGON: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.2");
/// id-kp-documentSigning (RFC 9336).
pub const DOCUMENT_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36");
/// id-PIV-cardAuth (NIST SP 800-73, part 1).
pub const PIV_CARD_AUTHENTICATION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.6.8");

/// Most bytes of a certificate on a card: what the longest names that are accepted can come to. Most have below 1,000.
const LONGEST_ON_A_CARD: usize = 2400;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a key is for, as far as keyUsage (RFC 5280, section 4.2.1.3) is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// digitalSignature.
    Sign,
    /// digitalSignature and nonRepudiation.
    SignAndCommit,
    /// keyEncipherment for RSA, keyAgreement for elliptic curves.
    Decrypt,
}

impl KeyPurpose {
    /// The bits of keyUsage.
    #[must_use]
    pub fn key_usages(self, algorithm: KeyAlgorithm) -> &'static [KeyUsagePurpose] {
        match (self, algorithm) {
            (Self::Sign, _) => &[KeyUsagePurpose::DigitalSignature],
            (Self::SignAndCommit, _) => &[
                KeyUsagePurpose::DigitalSignature,
                KeyUsagePurpose::ContentCommitment,
            ],
            (
                Self::Decrypt,
                KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096,
            ) => &[KeyUsagePurpose::KeyEncipherment],
            (Self::Decrypt, KeyAlgorithm::P256 | KeyAlgorithm::P384) => {
                &[KeyUsagePurpose::KeyAgreement]
            }
        }
    }
}

/// Where the subject's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectRule {
    /// The holder's name.
    Person,
    /// The card's GUID as serialNumber: a card is no person.
    Card,
    /// The server's host name.
    Host,
    /// The words "OCSP responder".
    OcspResponder,
}

/// One name in subjectAltName (RFC 5280, section 4.2.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AltName {
    /// otherName with the user principal name.
    Upn,
    /// rfc822Name.
    Mail,
    /// uniformResourceIdentifier `urn:uuid:` with the card's GUID.
    CardUuid,
    /// dNSName or iPAddress of the server.
    Host,
}

/// Whether relying parties are told where to ask for revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocable {
    /// cRLDistributionPoints and authorityInfoAccess.
    Yes,
    /// id-pkix-ocsp-nocheck (RFC 6960, section 4.2.2.2.1): the certificate is short-lived instead.
    NoCheck,
}

/// A profile.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// The slot that its key is in, if it is on a card.
    pub slot: Option<Slot>,
    /// What the key is for.
    pub purpose: KeyPurpose,
    /// extKeyUsage.
    pub extended_key_usage: &'static [ObjectIdentifier],
    /// Whether extKeyUsage is critical.
    pub extended_key_usage_critical: bool,
    /// Where the subject's name comes from.
    pub subject: SubjectRule,
    /// subjectAltName.
    pub alt_names: &'static [AltName],
    /// Whether relying parties are told where to ask for revocation.
    pub revocable: Revocable,
    /// How long a certificate is valid.
    pub lifetime: Duration,
    /// Most bytes of a certificate: those on a card are read 256 bytes at a time.
    pub longest: usize,
}

static PIV_AUTHENTICATION: Profile = Profile {
    name: ProfileName::PivAuthentication,
    slot: Some(Slot::PivAuthentication),
    purpose: KeyPurpose::Sign,
    extended_key_usage: &[rfc5280::ID_KP_CLIENT_AUTH, MS_SMART_CARD_LOGON],
    extended_key_usage_critical: false,
    subject: SubjectRule::Person,
    alt_names: &[AltName::Upn, AltName::Mail],
    revocable: Revocable::Yes,
    lifetime: DAY.saturating_mul(365),
    longest: LONGEST_ON_A_CARD,
};

static DIGITAL_SIGNATURE: Profile = Profile {
    name: ProfileName::DigitalSignature,
    slot: Some(Slot::DigitalSignature),
    purpose: KeyPurpose::SignAndCommit,
    extended_key_usage: &[rfc5280::ID_KP_EMAIL_PROTECTION, DOCUMENT_SIGNING],
    extended_key_usage_critical: false,
    subject: SubjectRule::Person,
    alt_names: &[AltName::Mail],
    revocable: Revocable::Yes,
    lifetime: DAY.saturating_mul(365),
    longest: LONGEST_ON_A_CARD,
};

static KEY_MANAGEMENT: Profile = Profile {
    name: ProfileName::KeyManagement,
    slot: Some(Slot::KeyManagement),
    purpose: KeyPurpose::Decrypt,
    extended_key_usage: &[rfc5280::ID_KP_EMAIL_PROTECTION],
    extended_key_usage_critical: false,
    subject: SubjectRule::Person,
    alt_names: &[AltName::Mail],
    revocable: Revocable::Yes,
    lifetime: DAY.saturating_mul(365),
    longest: LONGEST_ON_A_CARD,
};

static CARD_AUTHENTICATION: Profile = Profile {
    name: ProfileName::CardAuthentication,
    slot: Some(Slot::CardAuthentication),
    purpose: KeyPurpose::Sign,
    extended_key_usage: &[PIV_CARD_AUTHENTICATION],
    extended_key_usage_critical: true,
    subject: SubjectRule::Card,
    alt_names: &[AltName::CardUuid],
    revocable: Revocable::Yes,
    lifetime: DAY.saturating_mul(365),
    longest: LONGEST_ON_A_CARD,
};

static TLS_SERVER: Profile = Profile {
    name: ProfileName::TlsServer,
    slot: None,
    purpose: KeyPurpose::Sign,
    extended_key_usage: &[rfc5280::ID_KP_SERVER_AUTH],
    extended_key_usage_critical: false,
    subject: SubjectRule::Host,
    alt_names: &[AltName::Host],
    revocable: Revocable::Yes,
    lifetime: DAY.saturating_mul(90),
    longest: 4096,
};

static OCSP_RESPONDER: Profile = Profile {
    name: ProfileName::OcspResponder,
    slot: None,
    purpose: KeyPurpose::Sign,
    extended_key_usage: &[rfc5912::ID_KP_OCSP_SIGNING],
    extended_key_usage_critical: false,
    subject: SubjectRule::OcspResponder,
    alt_names: &[],
    revocable: Revocable::NoCheck,
    lifetime: DAY.saturating_mul(7),
    longest: 4096,
};

impl Profile {
    /// The profile of this name.
    #[must_use]
    pub fn named(name: ProfileName) -> &'static Self {
        match name {
            ProfileName::PivAuthentication => &PIV_AUTHENTICATION,
            ProfileName::DigitalSignature => &DIGITAL_SIGNATURE,
            ProfileName::KeyManagement => &KEY_MANAGEMENT,
            ProfileName::CardAuthentication => &CARD_AUTHENTICATION,
            ProfileName::TlsServer => &TLS_SERVER,
            ProfileName::OcspResponder => &OCSP_RESPONDER,
        }
    }
}

/// A key that a phone is asked to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedKey {
    /// In which slot.
    pub slot: Slot,
    /// Of which algorithm.
    pub algorithm: KeyAlgorithm,
    /// For a certificate of which profile.
    pub profile: ProfileName,
}

const fn requested(slot: Slot, algorithm: KeyAlgorithm, profile: ProfileName) -> RequestedKey {
    RequestedKey {
        slot,
        algorithm,
        profile,
    }
}

/// RSA where old clients need it.
const STANDARD: &[RequestedKey] = &[
    requested(
        Slot::PivAuthentication,
        KeyAlgorithm::Rsa2048,
        ProfileName::PivAuthentication,
    ),
    requested(
        Slot::DigitalSignature,
        KeyAlgorithm::P256,
        ProfileName::DigitalSignature,
    ),
    requested(
        Slot::KeyManagement,
        KeyAlgorithm::Rsa2048,
        ProfileName::KeyManagement,
    ),
    requested(
        Slot::CardAuthentication,
        KeyAlgorithm::P256,
        ProfileName::CardAuthentication,
    ),
];

/// P-256 everywhere.
const COMPACT: &[RequestedKey] = &[
    requested(
        Slot::PivAuthentication,
        KeyAlgorithm::P256,
        ProfileName::PivAuthentication,
    ),
    requested(
        Slot::DigitalSignature,
        KeyAlgorithm::P256,
        ProfileName::DigitalSignature,
    ),
    requested(
        Slot::KeyManagement,
        KeyAlgorithm::P256,
        ProfileName::KeyManagement,
    ),
    requested(
        Slot::CardAuthentication,
        KeyAlgorithm::P256,
        ProfileName::CardAuthentication,
    ),
];

/// The keys that a phone is asked to make.
#[must_use]
pub fn requested_keys(profile: InvitationProfile) -> &'static [RequestedKey] {
    match profile {
        InvitationProfile::Standard => STANDARD,
        InvitationProfile::Compact => COMPACT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_profile() {
        for name in ProfileName::ALL {
            assert_eq!(Profile::named(*name).name, *name);
        }
    }

    #[test]
    fn every_requested_key_goes_into_the_slot_of_its_profile() {
        for invitation in InvitationProfile::ALL {
            for key in requested_keys(*invitation) {
                assert_eq!(Profile::named(key.profile).slot, Some(key.slot));
            }
        }
    }
}
