//! One reader: its state, and the examination of its card in a transaction.

use std::ffi::CStr;

use time::OffsetDateTime;

use super::atr;
use super::card_edge_probe;
use super::finding::Finding;
use super::report::{Presence, ReaderReport};
use crate::transaction::{CardState, card_has_left, card_state, in_transaction};

/// Examines the card in a reader.
#[must_use]
pub fn examine(name: &CStr, now: OffsetDateTime) -> ReaderReport {
    let without_card = |presence, findings| {
        ReaderReport::without_card(name.to_string_lossy().into_owned(), presence, findings)
    };
    let inaccessible = |finding, answer_to_reset: &[u8]| ReaderReport {
        atr: (!answer_to_reset.is_empty()).then(|| atr::explain(answer_to_reset)),
        ..without_card(Presence::Inaccessible, vec![finding])
    };
    let answer_to_reset = match card_state(name) {
        CardState::Empty => return without_card(Presence::Empty, Vec::new()),
        CardState::Unknown(finding) => return without_card(Presence::Unknown, vec![finding]),
        CardState::Unusable(finding, atr) => return inaccessible(finding, &atr),
        CardState::Present(atr) => atr,
    };
    let mut report = ReaderReport {
        atr: Some(atr::explain(&answer_to_reset)),
        ..without_card(Presence::Examined, Vec::new())
    };
    let examined = in_transaction(name, move |card| {
        let disposition = card_edge_probe::examine(card, now, &mut report);
        (report, disposition)
    });
    match examined {
        Ok(mut report) => {
            if report.findings.contains(&Finding::CardUnresponsive) && card_has_left(name) {
                report.lost_card();
            }
            report
        }
        Err(finding) => inaccessible(finding, &answer_to_reset),
    }
}
