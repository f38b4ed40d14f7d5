//! The other side of the socket: a command that shows requests and answers them.

use std::io::{self, BufRead, BufReader, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use plain_text::Plain;
use thiserror::Error;

use super::protocol::{Decision, Reply, Said, write_line};
use super::socket;

/// Why a request was not shown or answered.
#[derive(Debug, Error)]
pub enum RequestsError {
    /// No process has the card in a reader.
    #[error("the card in {} is not in a reader, so that nothing waits: `tapcard-phone run` puts it there", .0.display())]
    NotRunning(PathBuf),
    /// The answer came too late, or to no request.
    #[error("no request {} waits for an answer: it has ended, or was answered before", Plain(.0))]
    Ended(String),
    /// The process that has the card says nothing more, or what nobody understands.
    #[error("the phone that has the card does not answer: {0}")]
    Lost(#[from] io::Error),
}

/// A connection to the phone that has the card.
pub struct Phone {
    lines: BufReader<UnixStream>,
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
        })
    }

    /// What it says next.
    pub fn next(&mut self) -> Result<Said, RequestsError> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        serde_json::from_str(&line).map_err(|error| RequestsError::Lost(error.into()))
    }

    /// Answers; returns once it is known whether that was in time.
    pub fn answer(&mut self, id: &str, answer: Decision) -> Result<(), RequestsError> {
        let reply = Reply {
            id: id.to_owned(),
            answer,
        };
        write_line(self.lines.get_mut(), &reply)?;
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
}
