//! What goes through the socket, a JSON object on each line (docs/phone.md, "Consent").

use std::io::{self, Write};
use std::time::Instant;

use plain_text::Json;
use serde::{Deserialize, Serialize};
use tapcard_phone::consent::{Answer, Operation, Request};
use tapcard_phone::interface::Interface;

/// The version of this protocol.
pub const VERSION: u32 = 1;

/// The most bytes of a line from whoever answers.
pub const LINE_MAX: u64 = 1024;

/// What the phone says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Said {
    /// First of all.
    Hello {
        /// The version of the protocol.
        protocol: u32,
        /// Whether a request waits: it follows.
        waiting: bool,
    },
    /// A request waits.
    Request(Waiting),
    /// It waits no longer.
    Ended {
        /// Which.
        id: String,
        /// How it ended.
        answer: Ending,
    },
    /// An answer has come.
    Answered {
        /// To which request.
        id: String,
        /// Whether it was in time.
        taken: bool,
    },
    /// A line was not an answer.
    Malformed {
        /// Why.
        reason: String,
    },
}

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its name.
    pub id: String,
    /// The key reference.
    pub key: String,
    /// The key's name.
    pub name: String,
    /// What is asked for.
    pub operation: Operation,
    /// Over which interface.
    pub interface: Interface,
    /// What the host says of itself. Nothing proves it.
    pub says: Option<String>,
    /// How many seconds are left for an answer.
    pub seconds: u64,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The holder agreed.
    Approved,
    /// The holder refused.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// The host does not wait any more.
    LinkLost,
    /// The holder agreed, and the card was changed meanwhile: nothing was done.
    CardChanged,
}

/// What the holder answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// To which request.
    pub id: String,
    /// What.
    pub answer: Decision,
}

/// The holder's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Use the key.
    Approve,
    /// Do not.
    Refuse,
}

impl From<&Request> for Waiting {
    fn from(request: &Request) -> Self {
        let left = request.deadline.saturating_duration_since(Instant::now());
        let usage = &request.usage;
        Self {
            id: request.id.to_string(),
            key: usage.key.to_string(),
            name: usage.key.name().to_owned(),
            operation: usage.operation,
            interface: usage.interface,
            says: usage.says.clone(),
            seconds: left.as_secs(),
        }
    }
}

impl From<Answer> for Ending {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Approved => Self::Approved,
            Answer::Refused => Self::Refused,
            Answer::TimedOut => Self::TimedOut,
            Answer::LinkLost => Self::LinkLost,
            Answer::CardChanged => Self::CardChanged,
        }
    }
}

/// Writes one line in one piece.
pub fn write_line(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string(message)?;
    out.write_all(format!("{}\n", Json(&json)).as_bytes())
}
