//! PC/SC: the readers, what is in them, and connections to cards. Knows nothing of PIV and PKCS#11.
//!
//! [`daemon`] is PC/SC itself, whose calls may take any time; [`bounded`] is what the module uses, where nothing does.

pub mod bounded;
pub mod daemon;
mod mailbox;
pub mod pin_pad;

use std::ffi::{CStr, CString};
use std::time::Duration;

use card_edge::Transmit;
use card_edge::transmit::{ResponseBytes, T0};
use pin_pad::{Control, PinPad};
use thiserror::Error;

/// One insertion of a card into a reader: another number means that the card was out in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The daemon's count of insertions and removals.
    pub count: u32,
    /// The answer to reset.
    pub atr: Vec<u8>,
}

impl Insertion {
    /// None that a reader reports: no card answers a reset with nothing.
    pub const NONE: Self = Self {
        count: 0,
        atr: Vec::new(),
    };
}

/// A reader and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderStatus {
    /// The reader's name.
    pub name: CString,
    /// The card that is in it, if there is one that answers at all.
    pub card: Option<Insertion>,
}

/// A card in a place: where it is, or was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The reader's name.
    pub reader: CString,
    /// The insertion.
    pub insertion: Insertion,
}

impl Location {
    /// Whether these readers report it.
    #[must_use]
    pub fn is_among(&self, present: &[ReaderStatus]) -> bool {
        present.iter().any(|status| {
            status.name == self.reader && status.card.as_ref() == Some(&self.insertion)
        })
    }
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
    /// Nothing came in the time that there was.
    #[error("the card did not answer in time")]
    Silent,
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
            | E::UnresponsiveCard
            // The daemon has died, or it has not noticed yet that the card has gone.
            | E::CommError
            | E::NotTransacted => Self::Gone,
            other => Self::Failed(other),
        }
    }
}

/// Bytes of a status word, which every answer of a card ends with.
pub const STATUS_LENGTH: usize = 2;

/// A way to a card, and to the reader that it is in.
pub trait Reach: Transmit<Error = LinkError> {
    /// Asks the reader, not the card.
    ///
    /// # Errors
    /// [`LinkError`] where it does not answer; [`LinkError::Failed`] where it does not know the request.
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError>;

    /// The reader's PIN pad, if it has one.
    ///
    /// # Errors
    /// [`LinkError::Gone`], [`LinkError::Reset`]: they say nothing of the reader.
    fn pin_pad(&mut self) -> Result<Option<PinPad>, LinkError> {
        look_for_pin_pad(self)
    }
}

/// Asks the reader for its PIN pad.
///
/// # Errors
/// As [`Reach::pin_pad`].
pub fn look_for_pin_pad(way: &mut (impl Reach + ?Sized)) -> Result<Option<PinPad>, LinkError> {
    PinPad::find(|request| match way.control(request) {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ (LinkError::Gone | LinkError::Reset)) => Err(error),
        Err(LinkError::Failed(_) | LinkError::Silent | LinkError::Busy) => Ok(None),
    })
}

impl<T: Reach + ?Sized> Reach for &mut T {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        (**self).control(request)
    }

    fn pin_pad(&mut self) -> Result<Option<PinPad>, LinkError> {
        (**self).pin_pad()
    }
}

impl<T: Reach> Reach for T0<T> {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        self.card().control(request)
    }

    fn pin_pad(&mut self) -> Result<Option<PinPad>, LinkError> {
        self.card().pin_pad()
    }
}

/// A transaction: no other program can send commands to the card until it is dropped.
pub struct Transaction<'a>(Box<dyn Reach + 'a>);

impl<'a> Transaction<'a> {
    /// The transaction that this way to the card stands for.
    #[must_use]
    pub fn new(card: impl Reach + 'a) -> Self {
        Self(Box::new(card))
    }

    /// The same where the card speaks T=0.
    #[must_use]
    pub fn over_t0(card: impl Reach + 'a) -> Self {
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

impl Reach for Transaction<'_> {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        self.0.control(request)
    }

    fn pin_pad(&mut self) -> Result<Option<PinPad>, LinkError> {
        self.0.pin_pad()
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

    /// Resets the card, where no other program is connected to it.
    ///
    /// # Errors
    /// [`LinkError::Busy`] where another program is; nothing was changed then.
    fn reset_alone(&mut self) -> Result<(), LinkError>;
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

    /// Returns when readers or cards have changed from what is `known`, or after the time.
    fn wait(&self, known: &[ReaderStatus], time: Duration);
}
