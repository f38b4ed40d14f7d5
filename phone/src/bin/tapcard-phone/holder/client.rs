//! The other side of the socket: a command that shows requests and answers them.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plain_text::Plain;
use tapcard_phone::consent::Reply;
use thiserror::Error;

use super::protocol::{Ending, Line, Said};
use super::{socket, words};

/// Why a request was not shown or answered.
#[derive(Debug, Error)]
pub enum RequestsError {
    /// No process has the card in a reader.
    #[error("the card in {} is not in a reader, so that nothing waits: `tapcard-phone run` puts it there", .0.display())]
    NotRunning(PathBuf),
    /// The answer came too late, or to no request.
    #[error("no request {} waits for an answer: it has ended, or was answered before", Plain(.0))]
    Ended(String),
    /// The PIN was not the right one, and the host does not wait any more.
    #[error("that is not the PIN")]
    WrongPin,
    /// The PIN was not the right one, and another request asks for it.
    #[error("that is not the PIN; {}, and it is asked for again as {}", words::tries_are_left(*tries), Plain(id))]
    WrongPinAskedAgain {
        /// How many tries are left.
        tries: u8,
        /// The name of the request that asks now.
        id: String,
    },
    /// The PIN was not the right one, and is blocked.
    #[error("that is not the PIN, and it is blocked now: the PUK unblocks it")]
    PinBlocked,
    /// The PIN was not compared.
    #[error("the PIN could not be compared: the card's files cannot be used")]
    PinNotCompared,
    /// The process that has the card says nothing more, or what nobody understands.
    #[error("the phone that has the card does not answer: {0}")]
    Lost(#[from] io::Error),
}

/// A connection to the phone that has the card.
pub struct Phone {
    lines: BufReader<UnixStream>,
    /// What came while something else was waited for.
    earlier: VecDeque<Said>,
}

impl Phone {
    /// Connects to the process that has the card of this folder in a reader.
    pub fn reach(folder: &Path) -> Result<Self, RequestsError> {
        let connection =
            UnixStream::connect(socket::path(folder)).map_err(|error| match error.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                    RequestsError::NotRunning(folder.to_owned())
                }
                _ => error.into(),
            })?;
        Ok(Self {
            lines: BufReader::new(connection),
            earlier: VecDeque::new(),
        })
    }

    /// What it says next.
    pub fn next(&mut self) -> Result<Said, RequestsError> {
        match self.earlier.pop_front() {
            Some(said) => Ok(said),
            None => self.read(),
        }
    }

    /// What it says next, within this time for each part of it.
    pub fn next_within(&mut self, time: Duration) -> Result<Option<Said>, RequestsError> {
        self.lines.get_ref().set_read_timeout(Some(time))?;
        let next = self.next();
        self.lines.get_ref().set_read_timeout(None)?;
        match next {
            Err(RequestsError::Lost(error)) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            next => next.map(Some),
        }
    }

    fn read(&mut self) -> Result<Said, RequestsError> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        serde_json::from_str(&line).map_err(|error| RequestsError::Lost(error.into()))
    }

    /// Answers; returns once it is known whether that was in time.
    pub fn answer(&mut self, id: &str, reply: Reply) -> Result<(), RequestsError> {
        self.send(id, reply)?;
        loop {
            match self.next()? {
                Said::Answered { id: of, taken } if of == id => {
                    return taken
                        .then_some(())
                        .ok_or_else(|| RequestsError::Ended(id.to_owned()));
                }
                _ => {}
            }
        }
    }

    /// Answers, and waits for the end of the request, which this connection has been told of.
    pub fn answer_and_wait(&mut self, id: &str, reply: Reply) -> Result<Ending, RequestsError> {
        self.send(id, reply)?;
        let (mut end, mut is_taken) = (None, None);
        loop {
            match (end, is_taken) {
                (_, Some(false)) => return Err(RequestsError::Ended(id.to_owned())),
                (Some(end), Some(true)) => return Ok(end),
                _ => {}
            }
            match self.read()? {
                Said::Answered { id: of, taken } if of == id => is_taken = Some(taken),
                Said::Ended { id: of, answer } if of == id => end = Some(answer),
                // The next request may be told before the fate of the answer is.
                other => self.earlier.push_back(other),
            }
        }
    }

    fn send(&mut self, id: &str, reply: Reply) -> io::Result<()> {
        Line::of(id, reply).write(self.lines.get_mut())
    }
}
