//! The way to a reader's card: what state the reader is in, and a PC/SC transaction in which something is done with its card.

use std::ffi::{CStr, CString};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use card_edge::Transmit;
use card_edge::transmit::{ResponseBytes, T0};
use pcsc::{
    Context, Disposition, Error, Protocol, Protocols, ReaderState, Scope, ShareMode, State,
    Transaction,
};

use crate::doctor::finding::Finding;
use crate::doctor::link::{CardDisposition, LinkError};

/// How long another program's transaction is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a reader takes to notice that its card left.
const NOTICE: Duration = Duration::from_secs(1);
/// The longest response APDU: 65536 bytes and a status word.
const RESPONSE_LENGTH: usize = 65_538;
/// Bytes of a status word, which every answer of a card ends with.
const STATUS_LENGTH: usize = 2;

/// What a reader says of its card, before anything is sent to that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardState {
    /// No card is in it.
    Empty,
    /// A card is in it, with this ATR.
    Present(Vec<u8>),
    /// A card is in it and cannot be used: why, and its ATR where there is one.
    Unusable(Finding, Vec<u8>),
    /// The reader failed.
    Unknown(Finding),
}

/// Asks a reader for its card.
#[must_use]
pub fn card_state(reader: &CStr) -> CardState {
    let state = match reader_state(reader) {
        Ok(state) => state,
        Err(error) => return CardState::Unknown(Finding::ReaderFailed(error.to_string())),
    };
    let event = state.event_state();
    if !event.contains(State::PRESENT) {
        CardState::Empty
    } else if event.contains(State::MUTE) {
        CardState::Unusable(Finding::CardUnresponsive, state.atr().to_vec())
    } else if event.contains(State::EXCLUSIVE) {
        CardState::Unusable(Finding::CardHeldExclusively, state.atr().to_vec())
    } else {
        CardState::Present(state.atr().to_vec())
    }
}

fn reader_state(reader: &CStr) -> Result<ReaderState, Error> {
    let context = Context::establish(Scope::User)?;
    let mut states = [ReaderState::new(reader, State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut states)?;
    let [state] = states;
    Ok(state)
}

/// How far the thread has come that talks to the card.
enum Progress<R> {
    /// It has the card to itself.
    Begun,
    /// It is done.
    Done(R),
    /// It did not get to the card.
    Refused(Finding),
}

/// Does some work with the card in a reader, which nobody else can use meanwhile. The work says what becomes of the card.
///
/// It runs in a thread of its own: the start of a transaction blocks for as long as another program's lasts, and cannot
/// be given up. The thread has its own context, since a context serves one call at a time.
///
/// # Errors
/// Why the card cannot be reached.
pub fn in_transaction<R: Send + 'static>(
    reader: &CStr,
    work: impl FnOnce(&mut PcscCard<'_, '_>) -> (R, CardDisposition) + Send + 'static,
) -> Result<R, Finding> {
    let reader = CString::from(reader);
    let (sender, progress) = mpsc::channel();
    thread::spawn(move || {
        let begun = || sender.send(Progress::Begun).is_ok();
        let end = match connect_and_work(&reader, begun, work) {
            Ok(done) => Progress::Done(done),
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
        Ok(Progress::Done(done)) => Ok(done),
        Ok(Progress::Refused(finding)) => Err(finding),
        Err(RecvTimeoutError::Timeout) => Err(Finding::CardBusy),
        Ok(Progress::Begun) | Err(RecvTimeoutError::Disconnected) => Err(Finding::ReaderFailed(
            "the reader's library failed".to_owned(),
        )),
    }
}

fn connect_and_work<R>(
    reader: &CStr,
    begun: impl FnOnce() -> bool,
    work: impl FnOnce(&mut PcscCard<'_, '_>) -> (R, CardDisposition),
) -> Result<R, Finding> {
    let context = Context::establish(Scope::User).map_err(classify)?;
    let mut card = context
        .connect(reader, ShareMode::Shared, Protocols::ANY)
        .map_err(classify)?;
    let transaction = card.transaction().map_err(classify)?;
    if !begun() {
        return Err(Finding::CardBusy);
    }
    let status = transaction.status2_owned().ok();
    let protocol = status.as_ref().and_then(|status| status.protocol2());
    let (done, disposition) = work(&mut PcscCard {
        transaction: &transaction,
        speaks_t0: protocol == Some(Protocol::T0),
        answer_to_reset: status.map_or_else(Vec::new, |status| status.atr().to_vec()),
    });
    let disposition = match disposition {
        CardDisposition::Leave => Disposition::LeaveCard,
        CardDisposition::Reset => Disposition::ResetCard,
    };
    // A card that has left cannot be reset, and needs not be.
    let _ = transaction.end(disposition);
    let _ = card.disconnect(Disposition::LeaveCard);
    Ok(done)
}

/// Whether the reader finds soon that it is empty: readers look for their card only now and then, and until then a
/// card that left only seems to be silent.
pub fn card_has_left(reader: &CStr) -> bool {
    becomes(reader, NOTICE, |state| !state.contains(State::PRESENT))
}

/// Whether a card that can be used is in the reader, or comes within this time.
#[must_use]
pub fn comes(reader: &CStr, within: Duration) -> bool {
    becomes(reader, within, |state| {
        state.contains(State::PRESENT) && !state.contains(State::MUTE)
    })
}

/// Waits for a state of the reader, this long at most.
fn becomes(reader: &CStr, within: Duration, is_so: impl Fn(State) -> bool) -> bool {
    let Ok(context) = Context::establish(Scope::User) else {
        return false;
    };
    let end = Instant::now() + within;
    let mut states = [ReaderState::new(reader, State::UNAWARE)];
    loop {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() || context.get_status_change(rest, &mut states).is_err() {
            return false;
        }
        if states.iter().any(|state| is_so(state.event_state())) {
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
pub struct PcscCard<'a, 'tx> {
    transaction: &'a Transaction<'tx>,
    speaks_t0: bool,
    answer_to_reset: Vec<u8>,
}

impl PcscCard<'_, '_> {
    /// The ATR of the card that this transaction is with; empty where the reader does not tell.
    #[must_use]
    pub fn answer_to_reset(&self) -> &[u8] {
        &self.answer_to_reset
    }
}

/// The same, whatever the card speaks.
struct Direct<'a, 'tx>(&'a Transaction<'tx>);

impl Transmit for PcscCard<'_, '_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let mut direct = Direct(self.transaction);
        if self.speaks_t0 {
            T0::new(direct).transmit(command)
        } else {
            direct.transmit(command)
        }
    }
}

impl Transmit for Direct<'_, '_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let mut response = ResponseBytes::new(vec![0; RESPONSE_LENGTH]);
        let length = self.0.transmit(command, &mut response)?.len();
        response.truncate(length);
        // Some drivers say "done" of a card that is gone, and give nothing, or a byte.
        if response.len() < STATUS_LENGTH {
            return Err(LinkError::Unresponsive);
        }
        Ok(response)
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
