//! PC/SC: the readers, what is in them, and connections to cards. Knows nothing of PIV and PKCS#11.
//!
//! Every connection and every wait has a PC/SC context of its own: calls on one context exclude each other,
//! and a card that takes its time must not keep others from asking what is in another reader.

use std::ffi::{CStr, CString};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use card_edge::transmit::{ResponseBytes, T0};
use card_edge::{Command, Response, Transmit};
use pcsc::{Card, Context, Disposition, Protocol, Protocols, ReaderState, Scope, ShareMode, State};
use thiserror::Error;

use crate::log;

/// The shortest wait for a change: a bound on how often a caller looks.
const WAIT_MIN: Duration = Duration::from_millis(50);

/// One insertion of a card into a reader: another number means that the card was out in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The daemon's count of insertions and removals.
    pub count: u32,
    /// The answer to reset.
    pub atr: Vec<u8>,
}

/// A reader and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderStatus {
    /// The reader's name.
    pub name: CString,
    /// The card that is in it, if there is one that answers at all.
    pub card: Option<Insertion>,
}

/// Why a card could not be reached.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LinkError {
    /// Another program reset the card: what was selected and verified is lost.
    #[error("the card was reset")]
    Reset,
    /// There is no longer a card, a reader or a PC/SC daemon.
    #[error("the card is gone")]
    Gone,
    /// Another program holds the card for itself alone.
    #[error("another program holds the card")]
    Busy,
    /// The exchange failed.
    #[error("{0}")]
    Failed(pcsc::Error),
}

impl From<pcsc::Error> for LinkError {
    fn from(error: pcsc::Error) -> Self {
        use pcsc::Error as E;
        match error {
            E::ResetCard | E::UnpoweredCard => Self::Reset,
            E::SharingViolation => Self::Busy,
            E::NoSmartcard
            | E::RemovedCard
            | E::ReaderUnavailable
            | E::UnknownReader
            | E::NoReadersAvailable
            | E::NoService
            | E::ServiceStopped
            | E::InvalidHandle
            | E::UnresponsiveCard => Self::Gone,
            other => Self::Failed(other),
        }
    }
}

/// Bytes of a status word, which every answer of a card ends with.
const STATUS_LENGTH: usize = 2;

/// A transaction: no other program can send commands to the card until it is dropped.
pub struct Transaction<'a>(Box<dyn Transmit<Error = LinkError> + 'a>);

impl<'a> Transaction<'a> {
    /// The transaction that this way to the card stands for.
    #[must_use]
    pub fn new(card: impl Transmit<Error = LinkError> + 'a) -> Self {
        Self(Box::new(card))
    }

    /// The same where the card speaks T=0.
    #[must_use]
    pub fn over_t0(card: impl Transmit<Error = LinkError> + 'a) -> Self {
        Self(Box::new(T0::new(card)))
    }
}

impl Transmit for Transaction<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let answer = self.0.transmit(command)?;
        // A link that tears looks like an answer without a status word to some drivers, and PC/SC gives it without an error.
        if answer.len() < STATUS_LENGTH {
            return Err(LinkError::Gone);
        }
        Ok(answer)
    }
}

/// A connection to a card.
pub trait Link: Send {
    /// Begins a transaction.
    ///
    /// # Errors
    /// [`LinkError`] where it could not be begun; nothing was sent then.
    fn begin(&mut self) -> Result<Transaction<'_>, LinkError>;

    /// Restores the connection after [`LinkError::Reset`].
    ///
    /// # Errors
    /// [`LinkError`] where the card is not there any more.
    fn reconnect(&mut self) -> Result<(), LinkError>;
}

/// The readers of this machine. One implementation stands on PC/SC; tests bring cards in memory.
pub trait Readers: Send + Sync {
    /// Every reader with what is in it. Sends nothing to a card. Without a daemon there are no readers; that is not an error.
    fn snapshot(&self) -> Vec<ReaderStatus>;

    /// Connects to the card in this reader, shared with other programs.
    ///
    /// # Errors
    /// [`LinkError`] where there is none or it cannot be reached.
    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError>;

    /// Whether any program is connected to the card in this reader, this one among them.
    fn is_in_use(&self, reader: &CStr) -> bool;

    /// Returns when readers or cards have changed from what is `known`, or after the time.
    fn wait(&self, known: &[ReaderStatus], time: Duration);
}

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
        Ok(Box::new(PcscLink::new(card)))
    }

    fn is_in_use(&self, reader: &CStr) -> bool {
        let mut states = [ReaderState::new(reader, State::UNAWARE)];
        Context::establish(Scope::User)
            .and_then(|context| context.get_status_change(Duration::ZERO, &mut states))
            .is_ok()
            && states.iter().any(|state| {
                state
                    .event_state()
                    .intersects(State::INUSE | State::EXCLUSIVE)
            })
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
    card: Option<Card>,
    /// What the card speaks; T=1 where the daemon does not say.
    protocol: Protocol,
}

impl PcscLink {
    fn new(card: Card) -> Self {
        Self {
            protocol: protocol(&card),
            card: Some(card),
        }
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
}

impl Drop for PcscLink {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            // `Card` would reset the card when dropped, and take other programs' work with it.
            if let Err((card, _)) = card.disconnect(Disposition::LeaveCard) {
                std::mem::forget(card);
            }
        }
    }
}

/// A transaction over PC/SC; it leaves the card as it is when it ends.
struct PcscTransaction<'a>(pcsc::Transaction<'a>);

impl Transmit for PcscTransaction<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let mut response = ResponseBytes::new(vec![0; pcsc::MAX_BUFFER_SIZE]);
        let sent = Instant::now();
        let length = self.0.transmit(command, &mut response).map(<[u8]>::len);
        let answer = length.map(|length| {
            response.truncate(length);
            response
        });
        log::exchange(|| {
            let command = Command::parse(command)
                .map_or_else(|error| error.to_string(), |command| format!("{command:?}"));
            let answer = match &answer {
                Ok(bytes) => Response::parse(bytes)
                    .map_or_else(|error| error.to_string(), |answer| format!("{answer:?}")),
                Err(error) => error.to_string(),
            };
            format!(
                "{command} -> {answer}, {:.1} ms",
                sent.elapsed().as_secs_f64() * 1000.0
            )
        });
        Ok(answer?)
    }
}
