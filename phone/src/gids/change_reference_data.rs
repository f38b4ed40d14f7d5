//! CHANGE REFERENCE DATA.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::GidsPin;
use card_edge::gids::pin::{PIN_MAX, PIN_MIN};

use super::access;
use super::context::Context;
use super::{comparison, parameters};
use crate::key_store::PinProof;
use crate::refusal::Answer;
use crate::state::Stage;

/// A new PIN.
pub(super) enum ChangeReferenceData {
    /// P1 = 00, by the old one. Both stand one after the other, and nothing says where the new one begins: these are all
    /// ways to cut them into the old one and the new one.
    ByOld(Vec<(GidsPin, GidsPin)>),
    /// P1 = 01, of a card that is being made.
    First(GidsPin),
}

impl ChangeReferenceData {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        if command.p1 > 0x01 {
            return Err(Status::IncorrectParameters);
        }
        parameters::pin(command)?;
        if command.p1 == 0x01 {
            return GidsPin::new(&command.data)
                .map(Self::First)
                .map_err(|_| Status::IncorrectData);
        }
        let cuts: Vec<_> = (PIN_MIN..=PIN_MAX)
            .filter_map(|length| {
                let (old, new) = command.data.split_at_checked(length)?;
                Some((GidsPin::new(old).ok()?, GidsPin::new(new).ok()?))
            })
            .collect();
        if cuts.is_empty() {
            return Err(Status::IncorrectData);
        }
        Ok(Self::ByOld(cuts))
    }

    /// A changed PIN has all its tries again and counts as proved. All cuts together cost one try: of each length of PIN one
    /// is compared, so whoever guesses gains no more than by knowing how long the PIN is.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        match self {
            Self::ByOld(cuts) => {
                access::is_in_use(&context)?;
                let new = comparison::compare(&mut context, cuts)?;
                context.change_card(|state| comparison::replace(state, &new))?;
                context.session.pin = PinProof::InSession;
            }
            Self::First(pin) => {
                if context.gids()?.stage != Stage::Creation {
                    return Err(Status::ConditionsNotSatisfied);
                }
                context.change_card(|state| comparison::replace(state, &pin))?;
            }
        }
        Ok(Status::Success.into())
    }
}
