//! One reader: its state, the connection to its card, and the examination in a transaction.

use std::ffi::{CStr, CString};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use card_edge::Transmit;
use pcsc::{
    Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State, Transaction,
};
use time::OffsetDateTime;

use super::atr;
use super::card_edge_probe;
use super::finding::Finding;
use super::link::{CardDisposition, LinkError};
use super::report::{Presence, ReaderReport};

/// How long another program's transaction is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a reader takes to notice that its card left.
const NOTICE: Duration = Duration::from_secs(1);
/// The longest response APDU: 65536 bytes and a status word.
const RESPONSE_LENGTH: usize = 65_538;

/// Examines the card in a reader.
#[must_use]
pub fn examine(name: &CStr, now: OffsetDateTime) -> ReaderReport {
    let shown = || name.to_string_lossy().into_owned();
    let state = match state(name) {
        Ok(state) => state,
        Err(error) => {
            let finding = Finding::ReaderFailed(error.to_string());
            return ReaderReport::without_card(shown(), Presence::Unknown, vec![finding]);
        }
    };
    let event = state.event_state();
    if !event.contains(State::PRESENT) {
        return ReaderReport::without_card(shown(), Presence::Empty, Vec::new());
    }
    let inaccessible = |finding| {
        let mut report = ReaderReport::without_card(shown(), Presence::Inaccessible, vec![finding]);
        report.atr = (!state.atr().is_empty()).then(|| atr::explain(state.atr()));
        report
    };
    if event.contains(State::MUTE) {
        return inaccessible(Finding::CardUnresponsive);
    }
    if event.contains(State::EXCLUSIVE) {
        return inaccessible(Finding::CardHeldExclusively);
    }
    let report = ReaderReport {
        atr: Some(atr::explain(state.atr())),
        ..ReaderReport::without_card(shown(), Presence::Examined, Vec::new())
    };
    in_transaction(name.to_owned(), now, report).unwrap_or_else(inaccessible)
}

fn state(name: &CStr) -> Result<ReaderState, Error> {
    let context = Context::establish(Scope::User)?;
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut states)?;
    let [state] = states;
    Ok(state)
}

/// How far the thread has come that talks to the card.
enum Progress {
    /// It has the card to itself.
    Begun,
    /// It is done.
    Examined(Box<ReaderReport>),
    /// It did not get to the card.
    Refused(Finding),
}

/// Examines the card in a thread of its own: the start of a transaction blocks for as long as another program's
/// lasts, and cannot be given up. The thread has its own context, since a context serves one call at a time.
fn in_transaction(
    name: CString,
    now: OffsetDateTime,
    report: ReaderReport,
) -> Result<ReaderReport, Finding> {
    let (sender, progress) = mpsc::channel();
    thread::spawn(move || {
        let begun = || sender.send(Progress::Begun).is_ok();
        let end = match connect_and_examine(&name, now, report, begun) {
            Ok(report) => Progress::Examined(Box::new(report)),
            Err(finding) => Progress::Refused(finding),
        };
        // Nobody listens any more where we were given up.
        let _ = sender.send(end);
    });
    let mut next = progress.recv_timeout(PATIENCE);
    if matches!(next, Ok(Progress::Begun)) {
        next = progress.recv().map_err(|_| RecvTimeoutError::Disconnected);
    }
    match next {
        Ok(Progress::Examined(report)) => Ok(*report),
        Ok(Progress::Refused(finding)) => Err(finding),
        Err(RecvTimeoutError::Timeout) => Err(Finding::CardBusy),
        Ok(Progress::Begun) | Err(RecvTimeoutError::Disconnected) => Err(Finding::ReaderFailed(
            "the reader's library failed".to_owned(),
        )),
    }
}

fn connect_and_examine(
    name: &CStr,
    now: OffsetDateTime,
    mut report: ReaderReport,
    begun: impl FnOnce() -> bool,
) -> Result<ReaderReport, Finding> {
    let context = Context::establish(Scope::User).map_err(classify)?;
    let mut card = context
        .connect(name, ShareMode::Shared, Protocols::ANY)
        .map_err(classify)?;
    let transaction = card.transaction().map_err(classify)?;
    if !begun() {
        return Err(Finding::CardBusy);
    }
    let after = card_edge_probe::examine(PcscCard(&transaction), now, &mut report);
    let disposition = match after {
        CardDisposition::Leave => Disposition::LeaveCard,
        CardDisposition::Reset => Disposition::ResetCard,
    };
    // A card that has left cannot be reset, and needs not be.
    let _ = transaction.end(disposition);
    let _ = card.disconnect(Disposition::LeaveCard);
    if report.findings.contains(&Finding::CardUnresponsive) && left(&context, name) {
        report.lost_card();
    }
    Ok(report)
}

/// Whether the reader finds soon that it is empty: readers look for their card only now and then, and until then a
/// card that left only seems to be silent.
fn left(context: &Context, name: &CStr) -> bool {
    let end = Instant::now() + NOTICE;
    let mut states = [ReaderState::new(name, State::PRESENT)];
    loop {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() || context.get_status_change(rest, &mut states).is_err() {
            return false;
        }
        if !states
            .iter()
            .any(|s| s.event_state().contains(State::PRESENT))
        {
            return true;
        }
        states.iter_mut().for_each(ReaderState::sync_current_state);
    }
}

/// What it means that a card cannot be connected to.
#[must_use]
pub fn classify(error: Error) -> Finding {
    match error {
        Error::SharingViolation => Finding::CardHeldExclusively,
        Error::SecurityViolation | Error::NoAccess => Finding::CardAccessDenied,
        Error::UnresponsiveCard
        | Error::UnpoweredCard
        | Error::ProtoMismatch
        | Error::UnsupportedCard
        | Error::NotReady => Finding::CardUnresponsive,
        Error::NoSmartcard | Error::RemovedCard => Finding::CardRemoved,
        Error::ResetCard => Finding::CardReset,
        other => Finding::ReaderFailed(other.to_string()),
    }
}

/// The way to a card over PC/SC.
struct PcscCard<'a, 'tx>(&'a Transaction<'tx>);

impl Transmit for PcscCard<'_, '_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let mut response = vec![0; RESPONSE_LENGTH];
        let response = self.0.transmit(command, &mut response)?;
        // Some drivers say "done" of a card that is gone, and give nothing.
        if response.is_empty() {
            return Err(LinkError::Unresponsive);
        }
        Ok(response.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_a_card_has_its_own_finding() {
        for (error, expected) in [
            (Error::SharingViolation, "card-held-exclusively"),
            (Error::SecurityViolation, "card-access-denied"),
            (Error::UnresponsiveCard, "card-unresponsive"),
            (Error::NoSmartcard, "card-removed"),
            (Error::ResetCard, "card-reset"),
            (Error::InternalError, "reader-failed"),
        ] {
            assert_eq!(classify(error).code(), expected, "{error:?}");
        }
    }
}
