//! What a profile says.

use std::time::Duration;

use const_oid::ObjectIdentifier;
use der::flagset::FlagSet;
use enroll_server_model::{KeyAlgorithm, ProfileName, RenewedKey, Slot};
use serde::{Deserialize, Serialize};
use x509_cert::ext::pkix::KeyUsages;

use super::oid_text;
use crate::key_type::table;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A version of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// Which version.
    pub version: i64,
    /// The id of the authority that issues its certificates; none: the one that issues now.
    pub issuer_id: Option<String>,
    /// What it says.
    pub definition: Definition,
}

/// What a profile says, as the database has it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The slot that the key is in, if it is on a card.
    pub slot: Option<Slot>,
    /// The keys that are certified.
    pub algorithms: Vec<KeyAlgorithm>,
    /// Where the subject's name comes from.
    pub subject: SubjectRule,
    /// subjectAltName.
    pub alternative_names: Vec<AlternativeName>,
    /// What the key is for.
    pub key_usage: Vec<KeyUse>,
    /// extKeyUsage (RFC 5280, section 4.2.1.12).
    #[serde(with = "oid_text")]
    pub extended_key_usage: Vec<ObjectIdentifier>,
    /// Whether extKeyUsage is critical.
    pub extended_key_usage_critical: bool,
    /// How long a certificate is valid, in days.
    pub lifetime_days: u32,
    /// Whether relying parties are told where to ask for revocation.
    pub revocation: Revocation,
    /// Most bytes of a certificate: those on a card are read 256 bytes at a time.
    pub longest: usize,
    /// When a phone renews its certificates, and for which key.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub renewal: Renewal,
}

/// When a phone renews a certificate, and for which key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Renewal {
    /// How many days before its end, at most half of its lifetime; none: thirty, or a third of its lifetime where that is
    /// less.
    pub days_before: Option<u32>,
    /// Which key the new certificate is for.
    pub key: RenewedKey,
}

/// An earlier version of the server reads what a profile says without this.
fn is_usual(renewal: &Renewal) -> bool {
    *renewal == Renewal::default()
}

/// How many days before its end a certificate is renewed, where its profile does not say and it lives long enough.
const USUAL_DAYS_BEFORE: u32 = 30;

impl Definition {
    /// How long a certificate is valid.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        DAY.saturating_mul(self.lifetime_days)
    }

    /// How long before its end a certificate is renewed that lives as long as this: never in the first half of its life, else a
    /// new one would be due at once.
    #[must_use]
    pub fn renewed_before(&self, lifetime: Duration) -> Duration {
        let usual = DAY.saturating_mul(USUAL_DAYS_BEFORE).min(lifetime / 3);
        let days = self.renewal.days_before;
        days.map_or(usual, |days| DAY.saturating_mul(days).min(lifetime / 2))
    }

    /// The bits of keyUsage for a key.
    #[must_use]
    pub fn key_usages(&self, algorithm: KeyAlgorithm) -> FlagSet<KeyUsages> {
        self.key_usage
            .iter()
            .fold(FlagSet::default(), |bits, key_use| {
                bits | key_use.key_usage(algorithm)
            })
    }
}

/// What a key is for, as far as keyUsage (RFC 5280, section 4.2.1.3) says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUse {
    /// digitalSignature.
    Sign,
    /// nonRepudiation.
    Commit,
    /// Whatever keys of the type [decrypt by](crate::key_type).
    Decrypt,
}

impl KeyUse {
    /// The bit of keyUsage.
    #[must_use]
    pub fn key_usage(self, algorithm: KeyAlgorithm) -> KeyUsages {
        match self {
            Self::Sign => KeyUsages::DigitalSignature,
            Self::Commit => KeyUsages::NonRepudiation,
            Self::Decrypt => table::of(algorithm).decrypts_by(),
        }
    }
}

/// Where the subject's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectRule {
    /// The holder's name.
    Person,
    /// The card's GUID as serialNumber: a card is not a person.
    Card,
    /// The server's host name.
    Host,
    /// The words "OCSP responder".
    OcspResponder,
}

/// One name in subjectAltName (RFC 5280, section 4.2.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlternativeName {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Revocation {
    /// cRLDistributionPoints and authorityInfoAccess.
    Published,
    /// id-pkix-ocsp-nocheck (RFC 6960, section 4.2.2.2.1): the certificate is short-lived instead.
    NoCheck,
}
