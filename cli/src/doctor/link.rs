//! What can go wrong between reader and card, a count of what went over it, and what becomes of the card afterwards.

use core::fmt;
use std::time::{Duration, Instant};

use card_edge::Transmit;
use card_edge::piv::client::ClientError;
use card_edge::transmit::{ExchangeError, ResponseBytes};

use super::finding::Finding;

/// Why a command got no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The card or phone left the reader.
    Removed,
    /// Another program reset the card.
    Reset,
    /// The card is there and does not answer.
    Unresponsive,
    /// Anything else, in the service's words.
    Other(String),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Removed => "the card left the reader",
            Self::Reset => "another program reset the card",
            Self::Unresponsive => "the card does not answer",
            Self::Other(words) => words,
        })
    }
}

impl std::error::Error for LinkError {}

impl From<pcsc::Error> for LinkError {
    fn from(error: pcsc::Error) -> Self {
        use pcsc::Error;
        match error {
            Error::RemovedCard | Error::NoSmartcard | Error::ReaderUnavailable => Self::Removed,
            Error::ResetCard => Self::Reset,
            Error::UnresponsiveCard
            | Error::UnpoweredCard
            | Error::CommDataLost
            | Error::NotTransacted
            | Error::Timeout => Self::Unresponsive,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<LinkError> for Finding {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Removed => Self::CardRemoved,
            LinkError::Reset => Self::CardReset,
            LinkError::Unresponsive => Self::CardUnresponsive,
            LinkError::Other(words) => Self::ReaderFailed(words),
        }
    }
}

/// What is wrong with a card's answer, in words; a broken link is passed on.
pub(crate) fn answer_fault(error: ClientError<LinkError>) -> Result<String, LinkError> {
    match error {
        ClientError::Exchange(ExchangeError::Transmit(error)) => Err(error),
        other => Ok(other.to_string()),
    }
}

/// A link to the card that counts commands and the time they take.
#[derive(Debug)]
pub struct CountingLink<T> {
    link: T,
    /// Commands sent.
    pub commands: u32,
    /// Time from the first byte out to the last byte in, over all of them.
    pub time: Duration,
}

impl<T> CountingLink<T> {
    /// Counts from zero.
    pub fn new(link: T) -> Self {
        Self {
            link,
            commands: 0,
            time: Duration::ZERO,
        }
    }
}

impl<T: Transmit> Transmit for CountingLink<T> {
    type Error = T::Error;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, T::Error> {
        let start = Instant::now();
        let response = self.link.transmit(command);
        self.commands = self.commands.saturating_add(1);
        self.time = self.time.saturating_add(start.elapsed());
        response
    }
}

/// What becomes of the card after the examination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardDisposition {
    /// It is as it was.
    Leave,
    /// It counts us as its administrator (the default management key was right): that must not outlive us.
    Reset,
}
