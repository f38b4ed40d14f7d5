//! What `tapcard list` found, as data: the table and the JSON are made from it (docs/tapcard.md describes the JSON).

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::doctor::finding::{Finding, Severity};
use crate::doctor::piv::Validity;
use crate::exit::Outcome;

/// The version of the JSON form. It rises when a field is renamed, removed or changes its meaning; new fields
/// may come without it.
pub const SCHEMA: u32 = 1;

/// All readers that were looked at.
#[derive(Debug, Serialize)]
pub struct Listing {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of this program.
    pub version: &'static str,
    /// When, in RFC 3339 (UTC).
    pub listed_at: String,
    /// The readers.
    pub readers: Vec<ReaderListing>,
    /// Why there is no reader to look at.
    #[serde(serialize_with = "crate::doctor::finding_json::findings")]
    pub findings: Vec<Finding>,
}

/// What is in a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReaderState {
    /// No card.
    Empty,
    /// A PIV card.
    Piv,
    /// A card without a PIV application.
    NotPiv,
    /// A card that could not be read.
    Inaccessible,
    /// The reader itself failed.
    Unknown,
}

/// One reader.
#[derive(Debug, Serialize)]
pub struct ReaderListing {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub state: ReaderState,
    /// The PIV card, where there is one.
    pub card: Option<CardListing>,
    /// What could not be read, and why.
    #[serde(serialize_with = "crate::doctor::finding_json::findings")]
    pub findings: Vec<Finding>,
}

/// A PIV card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardListing {
    /// The label of its token over PKCS#11: its holder's name, where a certificate tells it.
    pub label: String,
    /// The serial number of its token over PKCS#11, 16 hexadecimal digits.
    pub serial_number: String,
    /// The GUID in its CHUID, 32 hexadecimal digits, where it has one.
    pub guid: Option<String>,
    /// Its keys that have a certificate.
    pub keys: Vec<KeyListing>,
}

/// A key that has a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyListing {
    /// The slot's key reference in hexadecimal: `9A`.
    pub slot: String,
    /// CKA_ID of its objects over PKCS#11, two hexadecimal digits.
    pub id: String,
    /// CKA_LABEL of its objects over PKCS#11.
    pub label: String,
    /// The key: `RSA-2048`, `P-256`, or an object identifier.
    pub algorithm: String,
    /// Whose certificate it is, as a distinguished name (RFC 4514).
    pub subject: String,
    /// The common name in it, if there is one.
    pub common_name: Option<String>,
    /// Who issued the certificate, as a distinguished name.
    pub issuer: String,
    /// The common name of the issuer, if there is one.
    pub issuer_common_name: Option<String>,
    /// The last moment of its validity, RFC 3339.
    pub not_after: String,
    /// Whole days until it expires; negative where it has.
    pub days_left: i64,
    /// Whether it is valid now.
    pub validity: Validity,
}

impl ReaderListing {
    /// A reader without a card that can be listed.
    #[must_use]
    pub fn without_card(name: String, state: ReaderState) -> Self {
        Self {
            name,
            state,
            card: None,
            findings: Vec::new(),
        }
    }

    /// A reader that failed, or whose card did.
    #[must_use]
    pub fn failed(name: String, state: ReaderState, finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            ..Self::without_card(name, state)
        }
    }
}

impl Listing {
    /// A listing of these readers.
    #[must_use]
    pub fn new(now: OffsetDateTime, readers: Vec<ReaderListing>, findings: Vec<Finding>) -> Self {
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            // Every OffsetDateTime of our time has an RFC 3339 form.
            listed_at: now.format(&Rfc3339).unwrap_or_default(),
            readers,
            findings,
        }
    }

    /// What the exit status says: a PIV card was listed, and nothing stood in the way of any other.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let is_problem = |finding: &Finding| finding.severity() == Severity::Problem;
        let states = || self.readers.iter().map(|reader| reader.state);
        let hindered = self.findings.iter().any(is_problem)
            || self
                .readers
                .iter()
                .any(|reader| reader.findings.iter().any(is_problem))
            || states().any(|state| !matches!(state, ReaderState::Empty | ReaderState::Piv));
        if !hindered && states().any(|state| state == ReaderState::Piv) {
            Outcome::Well
        } else {
            Outcome::Wrong
        }
    }
}
