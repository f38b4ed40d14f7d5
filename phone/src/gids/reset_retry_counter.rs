//! RESET RETRY COUNTER: a new PIN by whoever administers the card.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::GidsPin;

use super::context::Context;
use super::{access, comparison, parameters};
use crate::refusal::Answer;

/// A new PIN.
pub(super) struct ResetRetryCounter(GidsPin);

impl ResetRetryCounter {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        if command.p1 != 0x02 {
            return Err(Status::IncorrectParameters);
        }
        parameters::pin(command)?;
        GidsPin::new(&command.data)
            .map(Self)
            .map_err(|_| Status::IncorrectData)
    }

    /// 6982 where the administrator's key has not been proved; 6985 while the card is being made. The new PIN has all its
    /// tries, and nothing counts as proved afterwards.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::is_in_use(&context)?;
        if !context.session.administrator {
            return Err(Status::SecurityStatusNotSatisfied);
        }
        context.change_card(|state| comparison::replace(state, &self.0))?;
        context.session.forget_proofs();
        Ok(Status::Success.into())
    }
}
