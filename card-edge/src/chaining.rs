//! The card's side of command chaining and of responses longer than Le (ISO/IEC 7816-4, 5.3.3 and 5.3.4).

use zeroize::Zeroizing;

use crate::apdu::{Command, EXTENDED_RESPONSE_MAX, Response, SHORT_RESPONSE_MAX};
use crate::secret;
use crate::status::Status;

/// Gathers chained commands into one.
///
/// A command with another header than the chain's breaks the chain: what was gathered is dropped
/// and the new command stands for itself (SP 800-73-5 part 2, 2.4.2).
#[derive(Debug)]
pub struct CommandChain {
    pending: Option<Command>,
    limit: usize,
}

/// What a command meant to a [`CommandChain`].
#[derive(Debug, PartialEq, Eq)]
pub enum Assembled {
    /// The chain goes on: the card answers 9000 and waits.
    Incomplete,
    /// A whole command, its data joined and its class unchained.
    Complete(Command),
    /// The chain grew over the limit and was dropped: the card answers 6700.
    TooLong,
}

impl CommandChain {
    /// A chain that takes at most `limit` bytes of joined data.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            pending: None,
            limit,
        }
    }

    /// Drops what was gathered: on reset, power-off and link loss.
    pub fn clear(&mut self) {
        self.pending = None;
    }

    /// Whether this command ends a chain that has begun without being a part of it.
    #[must_use]
    pub fn is_broken_by(&self, command: &Command) -> bool {
        let header = |command: &Command| {
            (
                command.class.secure_messaging,
                command.instruction,
                command.p1,
                command.p2,
            )
        };
        self.pending
            .as_ref()
            .is_some_and(|first| header(first) != header(command))
    }

    /// Takes the next command.
    pub fn push(&mut self, mut command: Command) -> Assembled {
        let broken = self.is_broken_by(&command);
        let earlier = self.pending.take().filter(|_| !broken);
        let chained = command.class.chained;
        command.class.chained = false;
        if let Some(mut first) = earlier {
            secret::append(&mut first.data, &command.data);
            command.data = std::mem::take(&mut first.data);
        }
        if command.data.len() > self.limit {
            return Assembled::TooLong;
        }
        if chained {
            self.pending = Some(command);
            Assembled::Incomplete
        } else {
            Assembled::Complete(command)
        }
    }
}

/// Hands out a response in parts that fit Le and the link, the rest by GET RESPONSE.
#[derive(Debug)]
pub struct ResponseChain {
    rest: Zeroizing<Vec<u8>>,
    status: Option<Status>,
    limit: usize,
}

impl Default for ResponseChain {
    /// A chain that is limited by Le alone.
    fn default() -> Self {
        Self::new(EXTENDED_RESPONSE_MAX)
    }
}

impl ResponseChain {
    /// A chain that gives at most `limit` bytes of data at a time, whatever Le is.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            rest: Zeroizing::default(),
            status: None,
            limit,
        }
    }

    /// Drops what was not fetched: on reset, and when another command than GET RESPONSE comes.
    pub fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    /// The first part of `response`. `expected` is Le; without it a short response's worth is given,
    /// as hosts send SELECT with and without Le.
    pub fn start(&mut self, response: Response, expected: Option<u32>) -> Response {
        self.rest = response.data;
        self.status = Some(response.status);
        self.part(expected)
    }

    /// The next part, for GET RESPONSE; `None` where nothing waits.
    pub fn next_part(&mut self, expected: Option<u32>) -> Option<Response> {
        self.status.is_some().then(|| self.part(expected))
    }

    fn part(&mut self, expected: Option<u32>) -> Response {
        let most = expected.map_or(SHORT_RESPONSE_MAX, |le| {
            usize::try_from(le).unwrap_or(usize::MAX).min(self.limit)
        });
        if self.rest.len() <= most {
            let status = self.status.take().unwrap_or(Status::Success);
            return Response {
                data: std::mem::take(&mut self.rest),
                status,
            };
        }
        let remaining = Zeroizing::new(self.rest.split_off(most));
        let part = std::mem::replace(&mut self.rest, remaining);
        // 00 says "256 or more".
        let waiting = u8::try_from(self.rest.len()).unwrap_or(0);
        Response {
            data: part,
            status: Status::BytesAvailable(waiting),
        }
    }
}
