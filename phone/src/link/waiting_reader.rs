//! vpcd's reader while the card asks its holder: whether it still waits for the answer. Nothing is read from it here but
//! looked at; it is read when the command is over.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::consent::Link;

/// The control with which vpcd asks for the answer to reset: to see that the card is there.
pub(super) const CONTROL_ANSWER_TO_RESET: u8 = 4;

/// The whole message: its length, then the control. It ends no command.
const IS_THERE: [u8; 3] = [0, 1, CONTROL_ANSWER_TO_RESET];

/// The most of what waits to be read that is looked at.
const LOOK: usize = 64;

/// Whether the command that was worked on has lost its host: it is not answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Unanswered(Arc<AtomicBool>);

impl Unanswered {
    /// Whether it has; the next command has not.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

/// The connection to the reader.
pub(super) struct WaitingReader {
    connection: TcpStream,
    unanswered: Unanswered,
}

impl WaitingReader {
    /// Looks at this connection, and tells there when a command has lost its host.
    pub(super) fn new(connection: TcpStream, unanswered: Unanswered) -> Self {
        Self {
            connection,
            unanswered,
        }
    }

    /// What waits to be read; `None` where the connection is closed.
    fn look(&self, bytes: &mut [u8; LOOK]) -> Option<usize> {
        // Both handles of the connection change: nobody else uses it while the card works.
        self.connection.set_nonblocking(true).ok()?;
        let seen = self.connection.peek(bytes);
        self.connection.set_nonblocking(false).ok()?;
        match seen {
            Ok(0) => None,
            Ok(count) => Some(count),
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Some(0)
            }
            Err(_) => None,
        }
    }
}

impl Link for WaitingReader {
    /// A control other than the question whether the card is there ends the command, and so does another command: whoever
    /// sends one does not wait for this one's answer.
    fn is_waiting(&mut self) -> bool {
        let mut bytes = [0; LOOK];
        let Some(count) = self.look(&mut bytes) else {
            self.unanswered.0.store(true, Ordering::SeqCst);
            return false;
        };
        let messages = bytes
            .get(..count)
            .unwrap_or_default()
            .chunks(IS_THERE.len());
        for message in messages {
            if IS_THERE.starts_with(message) {
                continue;
            }
            // Another command gets its answer after this one's.
            let is_control = message.starts_with(&[0, 1]);
            self.unanswered.0.store(is_control, Ordering::SeqCst);
            return false;
        }
        true
    }
}
