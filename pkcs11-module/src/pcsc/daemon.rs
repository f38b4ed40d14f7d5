//! The readers of the PC/SC daemon.
//!
//! Every connection and every wait has a PC/SC context of its own: calls on one context exclude each other,
//! and a card that takes its time must not keep others from asking what is in another reader.

use std::ffi::{CStr, CString};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use card_edge::Transmit;
use card_edge::transmit::ResponseBytes;
use pcsc::{Card, Context, Disposition, Protocol, Protocols, ReaderState, Scope, ShareMode, State};

use super::pin_pad::Control;
use super::{Insertion, Link, LinkError, Reach, ReaderStatus, Readers, Transaction};

/// The shortest wait for a change: a bound on how often a caller looks.
const WAIT_MIN: Duration = Duration::from_millis(50);

/// The readers of the PC/SC daemon.
#[derive(Default)]
pub struct PcscReaders {
    context: Mutex<Option<Context>>,
}

impl PcscReaders {
    fn look(context: &Context) -> Result<Vec<ReaderStatus>, pcsc::Error> {
        let names = match context.list_readers_owned() {
            Err(pcsc::Error::NoReadersAvailable) => return Ok(Vec::new()),
            other => other?,
        };
        let mut states: Vec<ReaderState> = names
            .into_iter()
            .map(|name| ReaderState::new(name, State::UNAWARE))
            .collect();
        if states.is_empty() {
            return Ok(Vec::new());
        }
        match context.get_status_change(Duration::ZERO, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => return Err(error),
        }
        Ok(states
            .iter()
            .map(|state| {
                let flags = state.event_state();
                let answers = flags.contains(State::PRESENT) && !flags.contains(State::MUTE);
                ReaderStatus {
                    name: state.name().to_owned(),
                    card: answers.then(|| Insertion {
                        count: state.event_count(),
                        atr: state.atr().to_vec(),
                    }),
                }
            })
            .collect())
    }
}

impl Readers for PcscReaders {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        let mut context_of_last_time = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        // A second try with a new context: the daemon may have been started again.
        for _ in 0..2 {
            let context = match context_of_last_time.take() {
                Some(context) => context,
                None => match Context::establish(Scope::User) {
                    Ok(context) => context,
                    Err(_) => return Vec::new(),
                },
            };
            if let Ok(readers) = Self::look(&context) {
                *context_of_last_time = Some(context);
                return readers;
            }
        }
        Vec::new()
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        let context = Context::establish(Scope::User)?;
        let card = context.connect(reader, ShareMode::Shared, Protocols::ANY)?;
        Ok(Box::new(PcscLink {
            protocol: protocol(&card),
            card: Some(card),
            context,
            reader: reader.to_owned(),
        }))
    }

    fn wait(&self, known: &[ReaderStatus], time: Duration) {
        let begun = Instant::now();
        let mut states: Vec<ReaderState> = known
            .iter()
            .map(|status| {
                let state = match status.card {
                    Some(_) => State::PRESENT,
                    None => State::EMPTY,
                };
                ReaderState::new(status.name.clone(), state)
            })
            .collect();
        let waited = !states.is_empty()
            && Context::establish(Scope::User)
                .and_then(|context| context.get_status_change(time, &mut states))
                .is_ok();
        // Without a daemon, a reader or a change there is nothing to be woken by; and a mute card is a change
        // that the daemon reports again and again.
        let least = if waited { WAIT_MIN } else { time };
        std::thread::sleep(least.saturating_sub(begun.elapsed()));
    }
}

/// A connection over PC/SC; it leaves the card as it is when it ends.
struct PcscLink {
    context: Context,
    reader: CString,
    card: Option<Card>,
    /// What the card speaks; T=1 where the daemon does not say.
    protocol: Protocol,
}

impl PcscLink {
    /// Ends the connection.
    fn leave(&mut self) {
        if let Some(card) = self.card.take() {
            disconnect(card, Disposition::LeaveCard);
        }
    }
}

/// `Card` would reset the card when dropped, and take other programs' work with it.
fn disconnect(card: Card, end: Disposition) {
    if let Err((card, _)) = card.disconnect(end) {
        std::mem::forget(card);
    }
}

fn protocol(card: &Card) -> Protocol {
    card.status2_owned()
        .ok()
        .and_then(|status| status.protocol2())
        .unwrap_or(Protocol::T1)
}

impl Link for PcscLink {
    fn begin(&mut self) -> Result<Transaction<'_>, LinkError> {
        let card = self.card.as_mut().ok_or(LinkError::Gone)?;
        let transaction = card.transaction2().map_err(|(_, error)| error)?;
        let transaction = PcscTransaction(transaction);
        Ok(match self.protocol {
            Protocol::T0 => Transaction::over_t0(transaction),
            Protocol::T1 | Protocol::RAW => Transaction::new(transaction),
        })
    }

    fn reconnect(&mut self) -> Result<(), LinkError> {
        let card = self.card.as_mut().ok_or(LinkError::Gone)?;
        card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)?;
        self.protocol = protocol(card);
        Ok(())
    }

    fn reset_alone(&mut self) -> Result<(), LinkError> {
        // A reconnection would wait until nobody else is connected any more, however long that is. A connection waits for the
        // end of another program's transaction alone.
        self.leave();
        let alone = self
            .context
            .connect(&self.reader, ShareMode::Exclusive, Protocols::ANY)?;
        disconnect(alone, Disposition::ResetCard);
        Ok(())
    }
}

impl Drop for PcscLink {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A transaction over PC/SC; it leaves the card as it is when it ends.
struct PcscTransaction<'a>(pcsc::Transaction<'a>);

impl Transmit for PcscTransaction<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let mut response = ResponseBytes::new(vec![0; pcsc::MAX_BUFFER_SIZE]);
        let length = self.0.transmit(command, &mut response)?.len();
        response.truncate(length);
        Ok(response)
    }
}

impl Reach for PcscTransaction<'_> {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        let mut response = ResponseBytes::new(vec![0; pcsc::MAX_BUFFER_SIZE]);
        // A number of PC/SC's: on Linux it has 64 bits, elsewhere 32.
        #[allow(clippy::useless_conversion)]
        let code = request.code.into();
        let answer = self.0.control(code, &request.input, &mut response);
        let length = match answer {
            Ok(answer) => answer.len(),
            // A driver's word for any failure of a control code, also where the card is still there.
            Err(error @ (pcsc::Error::NotTransacted | pcsc::Error::CommError)) => {
                return Err(LinkError::Failed(error));
            }
            Err(error) => return Err(error.into()),
        };
        response.truncate(length);
        Ok(response)
    }
}
