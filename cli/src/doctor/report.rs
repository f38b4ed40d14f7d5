//! What the doctor found, as data: the text and the JSON are made from it (docs/doctor.md describes the JSON).

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::atr::AtrReport;
use super::finding::{Finding, Severity};
use super::piv::PivReport;
use crate::exit::Outcome;

/// The version of the JSON form. It rises when a field is renamed, removed or changes its meaning; new fields
/// may come without it.
pub const SCHEMA: u32 = 1;

/// A whole examination.
#[derive(Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of this program.
    pub version: &'static str,
    /// When, in RFC 3339 (UTC).
    pub examined_at: String,
    /// Whether nothing is wrong (there may be warnings): what the exit status says.
    pub healthy: bool,
    /// The way to the readers.
    pub service: ServiceReport,
    /// The readers that were examined.
    pub readers: Vec<ReaderReport>,
}

/// The PC/SC service.
#[derive(Debug, Serialize)]
pub struct ServiceReport {
    /// Whether it let us in.
    pub reachable: bool,
    /// The names of all readers that it has, examined or not.
    pub readers: Vec<String>,
    /// What is wrong with the service or with the readers as a whole.
    #[serde(serialize_with = "super::finding_json::findings")]
    pub findings: Vec<Finding>,
}

/// Whether a card is in a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// None is.
    Empty,
    /// One is, and it was examined.
    Examined,
    /// One is, and it could not be examined.
    Inaccessible,
    /// The reader itself failed.
    Unknown,
}

/// One reader and what is on it.
#[derive(Debug, Serialize)]
pub struct ReaderReport {
    /// Its name.
    pub name: String,
    /// What is on it, in one plain sentence.
    pub summary: String,
    /// Whether a card is in it.
    pub presence: Presence,
    /// The card's ATR, where one could be had.
    pub atr: Option<AtrReport>,
    /// Which card edges answered, where that was asked.
    pub card_edges: Option<CardEdges>,
    /// The PIV application, where there is one.
    pub piv: Option<PivReport>,
    /// What the examination cost.
    pub cost: Cost,
    /// What is wrong.
    #[serde(serialize_with = "super::finding_json::findings")]
    pub findings: Vec<Finding>,
}

/// What a card answered to SELECT of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// It has the application.
    Present,
    /// It has not: the status word in hexadecimal and in words.
    Absent {
        /// Four hexadecimal digits.
        status: String,
        /// What it means.
        meaning: String,
    },
}

/// The card edges that Windows knows out of the box, as this card answers them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardEdges {
    /// PIV (SP 800-73).
    pub piv: Answer,
    /// GIDS; `None` where the card left before it was asked.
    pub gids: Option<Answer>,
}

/// What an examination cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Command APDUs sent.
    pub commands: u32,
    /// Milliseconds over all of them.
    pub milliseconds: u64,
}

impl Report {
    /// A report of these parts.
    #[must_use]
    pub fn new(now: OffsetDateTime, service: ServiceReport, readers: Vec<ReaderReport>) -> Self {
        let mut report = Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            // Every OffsetDateTime of our time has an RFC 3339 form.
            examined_at: now.format(&Rfc3339).unwrap_or_default(),
            healthy: true,
            service,
            readers,
        };
        report.healthy = report.count(Severity::Problem) == 0;
        report
    }

    /// Every finding: of the service, then of each reader.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.service
            .findings
            .iter()
            .chain(self.readers.iter().flat_map(|reader| &reader.findings))
    }

    /// How many findings are this severe.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings()
            .filter(|finding| finding.severity() == severity)
            .count()
    }

    /// What the exit status says.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.healthy {
            Outcome::Well
        } else {
            Outcome::Wrong
        }
    }
}
