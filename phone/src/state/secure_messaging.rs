//! What the card keeps for secure messaging, and what its holder has decided for the contactless interface.

use core::fmt;
use core::str::FromStr;

use card_edge::piv::KeyKind;
use card_edge::piv::secure_messaging::certificate::Subject;
use card_edge::piv::secure_messaging::{CardVerifiableCertificate, CipherSuite, Fingerprint};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::encoding::Bytes;
use super::key::KeyRecord;

/// The key of secure messaging (04), and its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecureMessaging {
    /// The key, on P-256 or P-384.
    pub key: KeyRecord,
    /// The card verifiable certificate.
    pub certificate: Bytes,
}

impl SecureMessaging {
    /// The suite that the key is for.
    #[must_use]
    pub fn suite(&self) -> Option<CipherSuite> {
        match self.key.algorithm.kind() {
            KeyKind::Ecc(curve) => Some(CipherSuite::of(curve)),
            KeyKind::Rsa { .. } | KeyKind::Ed25519 | KeyKind::X25519 => None,
        }
    }

    /// Whether the certificate is for a card with this GUID and a key of the suite.
    #[must_use]
    pub fn is_of(&self, card: Uuid) -> bool {
        CardVerifiableCertificate::decode(&self.certificate.0).is_ok_and(|certificate| {
            certificate.body.subject == Subject::Card(card)
                && self.suite() == Some(CipherSuite::of(certificate.body.curve))
        })
    }

    /// By what hosts know the card again; `None` where the certificate cannot be read.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        let certificate = CardVerifiableCertificate::decode(&self.certificate.0).ok()?;
        Some(Fingerprint::of(self.suite()?, &certificate.body.point))
    }

    /// What types alone do not hold of a card that was read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        let suite = self.suite().ok_or("key 04 is not on P-256 or P-384")?;
        let certificate = CardVerifiableCertificate::decode(&self.certificate.0)
            .map_err(|error| format!("the certificate of key 04 is malformed: {error}"))?;
        if certificate.body.curve == suite.curve() {
            Ok(())
        } else {
            Err("the certificate of key 04 is for another kind of key".to_owned())
        }
    }
}

/// What hosts may do over the contactless interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactlessPolicy {
    /// The same as over contacts: what most hosts take for granted.
    #[default]
    ContactLike,
    /// What the standard allows: whatever asks for the PIN, and the PIN itself, through secure messaging alone, and of a
    /// host that knows the pairing code.
    Strict,
    /// The same, of any host: it need not be paired.
    StrictWithoutPairing,
}

impl ContactlessPolicy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ContactLike, Self::Strict, Self::StrictWithoutPairing];

    /// Whether the standard's rules for the contactless interface hold.
    #[must_use]
    pub fn is_strict(self) -> bool {
        match self {
            Self::ContactLike => false,
            Self::Strict | Self::StrictWithoutPairing => true,
        }
    }
}

impl fmt::Display for ContactlessPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContactLike => "contact-like",
            Self::Strict => "strict",
            Self::StrictWithoutPairing => "strict-without-pairing",
        })
    }
}

impl FromStr for ContactlessPolicy {
    type Err = &'static str;

    /// Reads the name that `Display` writes.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.to_string() == name)
            .ok_or("expected contact-like, strict or strict-without-pairing")
    }
}
