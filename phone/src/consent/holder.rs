//! Who answers for the holder, and the link to the host that waits meanwhile.

use super::usage::Usage;

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

/// The holder of the card.
pub trait Holder: Send {
    /// Asks for consent to one use and waits for the answer, no longer than the host does.
    fn ask(&mut self, usage: &Usage, link: &mut dyn Link) -> Answer;
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
