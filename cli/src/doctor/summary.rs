//! What is on a reader, in one plain sentence, and how a reader's report gets it.

use super::atr::Interface;
use super::finding::Finding;
use super::piv::{ObjectState, PivReport};
use super::report::{Answer, Cost, Presence, ReaderReport};

impl ReaderReport {
    /// A report of a reader whose card was not examined.
    #[must_use]
    pub fn without_card(name: String, presence: Presence, findings: Vec<Finding>) -> Self {
        let mut report = Self {
            name,
            summary: String::new(),
            presence,
            atr: None,
            card_edges: None,
            piv: None,
            cost: Cost::default(),
            findings,
        };
        report.summary = of(&report);
        report
    }

    /// Takes note that the card did not fall silent but left.
    pub fn lost_card(&mut self) {
        for finding in &mut self.findings {
            if *finding == Finding::CardUnresponsive {
                *finding = Finding::CardRemoved;
            }
        }
        self.summary = of(self);
    }
}

/// The sentence for this report.
pub(super) fn of(report: &ReaderReport) -> String {
    match report.presence {
        Presence::Empty => return "No card is on this reader.".to_owned(),
        Presence::Inaccessible => {
            return "A card is on this reader, but it could not be examined.".to_owned();
        }
        Presence::Unknown => return "This reader could not be examined.".to_owned(),
        Presence::Examined => {}
    }
    let contactless = report.atr.as_ref().is_some_and(|atr| atr.is_contactless());
    if let Some(piv) = &report.piv {
        let holder = piv.certificates.iter().find_map(|certificate| {
            let name = certificate
                .common_name
                .as_ref()
                .unwrap_or(&certificate.subject);
            (!name.is_empty()).then_some(name)
        });
        return match holder {
            Some(name) => format!("A PIV card that belongs to {name}."),
            None if has_none(piv) => "A PIV card without certificates.".to_owned(),
            None => "A PIV card.".to_owned(),
        };
    }
    let gids = report
        .card_edges
        .as_ref()
        .is_some_and(|edges| edges.gids == Some(Answer::Present));
    match report.atr.as_ref().map(|atr| atr.interface) {
        _ if gids => "A GIDS card.",
        Some(Interface::ContactlessMemory) => "A contactless memory card.",
        _ if report.findings.contains(&Finding::CardRemoved) => {
            "A card that left before it could be examined."
        }
        _ if report.card_edges.is_none() => "A card that gave no answer to be understood.",
        _ if contactless => "A phone or contactless chip card that emulates no PIV application.",
        _ => "A card without a PIV application.",
    }
    .to_owned()
}

/// Whether it was asked for certificates and has none, not even one that cannot be read.
fn has_none(piv: &PivReport) -> bool {
    let mut certificates = piv
        .objects
        .iter()
        .filter(|object| object.name.starts_with("X.509"))
        .peekable();
    certificates.peek().is_some() && certificates.all(|object| object.state == ObjectState::Absent)
}
