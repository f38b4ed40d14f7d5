//! Who answers for the holder, and the link to the host that waits meanwhile.

use std::time::{Duration, Instant};

use card_edge::piv::Pin;

use super::usage::Usage;
use crate::interface::Interface;

/// What became of a request to the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The holder agrees to this one use.
    Approved,
    /// The holder refuses.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// The host does not wait any more.
    LinkLost,
    /// The holder agreed, and the card is not the one any more that the request was for.
    CardChanged,
}

/// A host's request for the PIN, which the holder types at the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRequest {
    /// Over which interface the host asks.
    pub interface: Interface,
    /// What the host says of itself. Nothing proves it: it decides nothing, and is shown as what it says.
    pub says: Option<String>,
    /// How many tries are left.
    pub tries: u8,
    /// Whether a PIN that was typed for the same command was wrong.
    pub was_wrong: bool,
    /// When it ends by itself.
    pub deadline: Instant,
}

/// What became of a request for the PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    /// The right one was typed.
    Verified,
    /// Another was typed; this many tries are left, at least one.
    Wrong(u8),
    /// Another was typed, and none are left.
    Blocked,
    /// It could not be compared.
    Failed,
    /// The holder refuses.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// The host does not wait any more.
    LinkLost,
    /// A PIN was typed, and the card is not the one any more that the request was for.
    CardChanged,
}

/// The holder of the card.
pub trait Holder: Send {
    /// Asks for consent to one use and waits for the answer, no longer than the host does.
    fn ask(&mut self, usage: &Usage, link: &mut dyn Link) -> Answer;

    /// How long a PIN is waited for that the holder types at the phone; `None` where nobody can be asked for one.
    fn pin_time(&self) -> Option<Duration> {
        None
    }

    /// Asks for the PIN, once, and has the card compare what is typed.
    fn ask_for_pin(&mut self, _request: &PinRequest, _card: &mut dyn PinCheck) -> PinAnswer {
        PinAnswer::TimedOut
    }
}

/// The card while it waits for its PIN.
pub trait PinCheck: Link {
    /// Compares this with the PIN, under its retry counter: [`PinAnswer::Verified`] and the three after it, or
    /// [`PinAnswer::CardChanged`].
    fn compare(&mut self, pin: &Pin) -> PinAnswer;
}

/// The link to the host that waits for an answer.
pub trait Link: Send {
    /// Whether the command that the card works on is still to be answered: the link is there, and nobody has reset the
    /// card or taken its power.
    fn is_waiting(&mut self) -> bool;

    /// Whether the card is still the one that the request is for.
    fn is_for_this_card(&mut self) -> bool {
        true
    }
}

/// A card that is with nobody: nobody answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Holder for Nobody {
    fn ask(&mut self, _usage: &Usage, _link: &mut dyn Link) -> Answer {
        Answer::TimedOut
    }
}

/// A link that is never lost while the card works on a command.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysThere;

impl Link for AlwaysThere {
    fn is_waiting(&mut self) -> bool {
        true
    }
}
