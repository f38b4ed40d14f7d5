//! What goes through the socket, a JSON object on each line (docs/phone.md, "Consent").

use std::fmt;
use std::io::{self, Write};
use std::time::Instant;

use card_edge::piv::Pin;
use plain_text::Json;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tapcard_phone::consent::{Answer, End, Operation, PinAnswer, Question, Reply, Request};
use tapcard_phone::interface::Interface;
use zeroize::Zeroizing;

/// The version of this protocol.
pub const VERSION: u32 = 1;

/// The most bytes of a line from whoever answers.
pub const LINE_MAX: usize = 1024;

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
    /// A request for consent waits.
    Request(WaitingUse),
    /// A request for the PIN waits.
    PinRequest(WaitingPin),
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

/// A request that waits, as it is told: with the name of its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event")]
pub enum Waiting {
    /// For consent.
    #[serde(rename = "request")]
    Use(WaitingUse),
    /// For the PIN.
    #[serde(rename = "pin-request")]
    Pin(WaitingPin),
}

/// A request for consent that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingUse {
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

/// A request for the PIN that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPin {
    /// Its name.
    pub id: String,
    /// Over which interface.
    pub interface: Interface,
    /// What the host says of itself. Nothing proves it.
    pub says: Option<String>,
    /// How many seconds are left for an answer.
    pub seconds: u64,
    /// How many tries are left.
    pub tries: u8,
    /// Whether a PIN that was typed for the same command was wrong.
    pub was_wrong: bool,
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
    /// The PIN was right.
    Verified,
    /// It was wrong: another request follows.
    Wrong,
    /// It was wrong, and is blocked.
    Blocked,
    /// It could not be compared.
    Failed,
}

/// What the holder answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// To which request.
    pub id: String,
    /// What.
    pub answer: Decision,
    /// The PIN, with the answer `pin` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<TypedPin>,
}

/// The holder's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Use the key.
    Approve,
    /// Do not, or do without the PIN.
    Refuse,
    /// Here is the PIN.
    Pin,
}

/// A PIN as it is typed.
#[derive(Debug)]
pub struct TypedPin(pub Pin);

impl Line {
    /// What is said; `None` where a PIN is missing, or is there with another answer.
    pub fn reply(self) -> Option<(String, Reply)> {
        let reply = match (self.answer, self.pin) {
            (Decision::Approve, None) => Reply::Approve,
            (Decision::Refuse, None) => Reply::Refuse,
            (Decision::Pin, Some(TypedPin(pin))) => Reply::Pin(pin),
            (Decision::Approve | Decision::Refuse, Some(_)) | (Decision::Pin, None) => return None,
        };
        Some((self.id, reply))
    }

    /// The line that says this.
    pub fn of(id: &str, reply: Reply) -> Self {
        let (answer, pin) = match reply {
            Reply::Approve => (Decision::Approve, None),
            Reply::Refuse => (Decision::Refuse, None),
            Reply::Pin(pin) => (Decision::Pin, Some(TypedPin(pin))),
        };
        Self {
            id: id.to_owned(),
            answer,
            pin,
        }
    }

    /// Writes it in one piece, by way of no copy that outlives it.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut line = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *line, self)?;
        line.push(b'\n');
        out.write_all(&line)
    }
}

impl Serialize for TypedPin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(self.0.typed()).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for TypedPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = TypedPin;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a PIN")
            }

            fn visit_str<E: Error>(self, typed: &str) -> Result<TypedPin, E> {
                Pin::new(typed.as_bytes()).map(TypedPin).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Digits)
    }
}

impl Waiting {
    /// The name of the request.
    pub fn id(&self) -> &str {
        match self {
            Self::Use(waiting) => &waiting.id,
            Self::Pin(waiting) => &waiting.id,
        }
    }

    /// How many seconds are left for an answer.
    pub fn seconds(&self) -> u64 {
        match self {
            Self::Use(waiting) => waiting.seconds,
            Self::Pin(waiting) => waiting.seconds,
        }
    }
}

impl From<&Request> for Said {
    fn from(request: &Request) -> Self {
        let left = request.deadline.saturating_duration_since(Instant::now());
        let (id, seconds) = (request.id.to_string(), left.as_secs());
        match &request.question {
            Question::Use(usage) => Self::Request(WaitingUse {
                id,
                key: usage.key.to_string(),
                name: usage.key.name().to_owned(),
                operation: usage.operation,
                interface: usage.interface,
                says: usage.says.clone(),
                seconds,
            }),
            Question::Pin(asked) => Self::PinRequest(WaitingPin {
                id,
                interface: asked.interface,
                says: asked.says.clone(),
                seconds,
                tries: asked.tries,
                was_wrong: asked.was_wrong,
            }),
        }
    }
}

impl From<End> for Ending {
    fn from(end: End) -> Self {
        match end {
            End::Use(Answer::Approved) => Self::Approved,
            End::Use(Answer::Refused) | End::Pin(PinAnswer::Refused) => Self::Refused,
            End::Use(Answer::TimedOut) | End::Pin(PinAnswer::TimedOut) => Self::TimedOut,
            End::Use(Answer::LinkLost) | End::Pin(PinAnswer::LinkLost) => Self::LinkLost,
            End::Use(Answer::CardChanged) | End::Pin(PinAnswer::CardChanged) => Self::CardChanged,
            End::Pin(PinAnswer::Verified) => Self::Verified,
            End::Pin(PinAnswer::Wrong(_)) => Self::Wrong,
            End::Pin(PinAnswer::Blocked) => Self::Blocked,
            End::Pin(PinAnswer::Failed) => Self::Failed,
        }
    }
}

/// Writes one line in one piece.
pub fn write_line(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string(message)?;
    out.write_all(format!("{}\n", Json(&json)).as_bytes())
}
