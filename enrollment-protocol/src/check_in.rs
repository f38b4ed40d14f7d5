//! The check-in of an enrolled phone: what it says of itself, what it is told, and the renewal of its certificates.
//!
//! Each request but the one for a challenge is a [`Signed`] message: JSON in which the phone repeats the challenge, under
//! a signature by the check-in key that it enrolled with.

use serde::{Deserialize, Serialize};

use crate::algorithm::KeyAlgorithm;
use crate::der::Der;
use crate::enrollment::SlotCertificate;
use crate::slot::Slot;
use crate::version::Version;

/// Where a phone asks for a challenge.
pub const CHALLENGE_PATH: &str = "/api/v1/check-in/challenge";
/// Where a phone checks in.
pub const PATH: &str = "/api/v1/check-in";
/// Where a phone renews certificates.
pub const RENEWAL_PATH: &str = "/api/v1/check-in/renewal";

/// Asks for a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeRequest {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The server's id for this phone.
    pub phone: String,
}

/// A challenge: good once, for this phone, for a few minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The challenge.
    pub challenge: String,
}

/// A message of an enrolled phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The server's id for this phone.
    pub phone: String,
    /// The message, JSON.
    pub message: String,
    /// The signature over [`signed_bytes`] by the check-in key: ECDSA with SHA-256, as DER.
    pub signature: Der,
}

/// What is signed: where the message goes, a line feed, and the message.
#[must_use]
pub fn signed_bytes(path: &str, message: &str) -> Vec<u8> {
    format!("{path}\n{message}").into_bytes()
}

/// What a phone says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// The challenge.
    pub challenge: String,
    /// The version of its program.
    pub version: String,
    /// Where its keys are: `software` or `hardware`.
    pub keys: String,
    /// When a host used one of its keys last, in seconds since 1970; none if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_use: Option<i64>,
    /// The certificates that are in its slots.
    pub certificates: Vec<InstalledCertificate>,
    /// What kept it from doing what it was told; none while it has not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<Problem>>,
    /// Whether it has emptied its card.
    #[serde(default)]
    pub wiped: bool,
}

/// A certificate on the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledCertificate {
    /// In which slot.
    pub slot: Slot,
    /// SHA-256 of its DER, hexadecimal.
    pub sha256: String,
}

/// Why a certificate was not renewed as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// In which slot.
    pub slot: Slot,
    /// What it is.
    pub reason: ProblemReason,
}

/// What keeps a phone from renewing: what it found itself, or what the server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemReason {
    /// All places for earlier decryption keys are taken: the key stays, and its certificate alone is new.
    RetiredSlotsFull,
    /// It makes no keys of this kind, or its key store failed.
    NoKey,
    /// It refuses the certificate that came.
    CertificateRefused,
    /// The card has no place for the new certificate: its GIDS tables are full or damaged.
    NoPlace,
    /// The server says: the certificate ended too long ago. The card is enrolled again, with a new invitation.
    Ended,
    /// The server says: this is not a certificate that the phone may renew now.
    NotDue,
    /// The server does not certify this new key: it was certified before, or is not good.
    KeyRefused,
    /// The server says: the key was given up as compromised. The card is enrolled again, with a new invitation.
    KeyCompromised,
    /// The server could not issue a certificate.
    NotIssued,
    /// Another reason, of a later version.
    #[serde(other)]
    Unknown,
}

/// What a phone is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInAnswer {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// What the server has it for: `active`, `suspended` or `revoked`.
    pub state: String,
    /// After how many seconds it is to check in again.
    pub next: u64,
    /// What it is to do with its card.
    pub instruction: Instruction,
    /// The challenge for its next message.
    pub challenge: String,
    /// Which certificates it is to renew.
    pub renewals: Vec<RenewalOrder>,
    /// Which certificates it would renew and cannot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// What a phone is to do with its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instruction {
    /// Nothing.
    None,
    /// To delete all keys and certificates, and to say so.
    Wipe,
    /// What a later version knows.
    #[serde(other)]
    Unknown,
}

/// Which key a renewed certificate is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewedKey {
    /// A new one.
    #[default]
    New,
    /// The one of the certificate before.
    Same,
}

/// A certificate to renew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalOrder {
    /// In which slot.
    pub slot: Slot,
    /// Which one: SHA-256 of its DER, hexadecimal.
    pub replaces: String,
    /// For which key.
    pub key: RenewedKey,
    /// The kind of a new key.
    pub algorithm: KeyAlgorithm,
}

/// Asks for new certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalRequest {
    /// The challenge.
    pub challenge: String,
    /// For which slots.
    pub requests: Vec<SlotRenewal>,
}

/// Asks for one new certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRenewal {
    /// In which slot.
    pub slot: Slot,
    /// Which certificate it replaces: SHA-256 of its DER, hexadecimal.
    pub replaces: String,
    /// PKCS#10 for a new key; none for the same key, whose possession was proved when it was certified first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csr: Option<Der>,
}

/// The new certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalAnswer {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The challenge for its next message.
    pub challenge: String,
    /// The certificates, in the order of the requests.
    pub certificates: Vec<SlotCertificate>,
    /// Why there is none for a request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The certificates of the authorities that issued these and of those above them, as at the enrollment.
    pub issuers: Vec<Der>,
}
