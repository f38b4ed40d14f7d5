//! `tapcard doctor`: looks at the way to the card and at what is on each reader, and explains it.
//!
//! Effects are in [`pcsc_service`], [`daemon`], [`reader`] and [`crate::transaction`] and are thin. Everything else turns what was observed
//! into a [`report::Report`], and the report into text or JSON.

pub mod advice;
pub mod atr;
pub mod card_edge_probe;
pub mod daemon;
pub mod finding;
pub(crate) mod finding_json;
pub mod json;
pub mod link;
pub mod pcsc_service;
pub mod piv;
pub mod reader;
pub mod render;
pub mod report;
mod summary;

use time::OffsetDateTime;

use finding::Finding;
use report::{Presence, ReaderReport, Report, ServiceReport};

/// Examines every reader whose name contains `filter` (in upper or lower case), or all of them.
#[must_use]
pub fn run(filter: Option<&str>) -> Report {
    let now = OffsetDateTime::now_utc();
    let observed = pcsc_service::readers();
    let readers = match &observed {
        Ok(names) => names
            .iter()
            .filter(|name| matches(&name.to_string_lossy(), filter))
            .map(|name| reader::examine(name, now))
            .collect(),
        Err(_) => Vec::new(),
    };
    let available = observed.map(|names| {
        names
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    });
    assemble(now, available, readers, filter)
}

/// Puts the report together and adds what only shows over all readers.
fn assemble(
    now: OffsetDateTime,
    available: Result<Vec<String>, Finding>,
    readers: Vec<ReaderReport>,
    filter: Option<&str>,
) -> Report {
    let mut findings = Vec::new();
    let (available, reachable) = match available {
        Ok(names) => (names, true),
        Err(finding) => {
            findings.push(finding);
            (Vec::new(), false)
        }
    };
    if reachable && readers.is_empty() {
        findings.push(match filter {
            Some(name) if !available.is_empty() => Finding::NoSuchReader {
                name: name.to_owned(),
                available: available.clone(),
            },
            _ => Finding::NoReader,
        });
    }
    if !readers.is_empty() && readers.iter().all(|r| r.presence == Presence::Empty) {
        findings.push(Finding::NoCard);
    }
    Report::new(
        now,
        ServiceReport {
            reachable,
            readers: available,
            findings,
        },
        readers,
    )
}

/// Whether a reader with this name is meant.
pub(crate) fn matches(name: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|wanted| name.to_lowercase().contains(&wanted.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(name: &str) -> ReaderReport {
        ReaderReport::without_card(name.to_owned(), Presence::Empty, Vec::new())
    }

    fn codes(report: &Report) -> Vec<&'static str> {
        report.findings().map(Finding::code).collect()
    }

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn readers_without_a_card_are_one_finding_together() {
        let names = Ok(vec!["A".to_owned(), "B".to_owned()]);
        let report = assemble(NOW, names, vec![empty("A"), empty("B")], None);
        assert_eq!(codes(&report), ["no-card"]);
        assert!(!report.healthy);
    }

    #[test]
    fn a_reader_name_that_none_has_is_told_from_no_reader_at_all() {
        let report = assemble(NOW, Ok(vec!["A".to_owned()]), Vec::new(), Some("acr"));
        assert_eq!(codes(&report), ["no-such-reader"]);
        let report = assemble(NOW, Ok(Vec::new()), Vec::new(), Some("acr"));
        assert_eq!(codes(&report), ["no-reader"]);
    }

    #[test]
    fn readers_are_found_by_a_part_of_their_name() {
        assert!(matches("ACS ACR122U 00 00", Some("acr122")));
        assert!(!matches("ACS ACR122U 00 00", Some("yubi")));
        assert!(matches("anything", None));
    }
}
