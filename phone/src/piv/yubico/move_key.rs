//! MOVE KEY (F6): a key moves to another place, or is deleted. Its certificate stays where it is.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::AsymmetricKey;

use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::parameters;
use crate::refusal::Answer;

/// P1 where the key is deleted.
const NOWHERE: u8 = 0xFF;

/// What becomes of a key.
pub(super) enum MoveKey {
    /// It gets another reference.
    To {
        /// The one that it has.
        from: AsymmetricKey,
        /// The one that it gets.
        to: AsymmetricKey,
    },
    /// It is deleted.
    Delete(AsymmetricKey),
}

impl MoveKey {
    /// The key of attestation can be deleted and replaced; it does not move, and no other takes its place. 6A86.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        if !command.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let from = parameters::key(command)?;
        if command.p1 == NOWHERE {
            return Ok(Self::Delete(from));
        }
        let to = AsymmetricKey::try_from(command.p1).map_err(|_| Status::IncorrectParameters)?;
        if from == to || [from, to].contains(&AsymmetricKey::Attestation) {
            return Err(Status::IncorrectParameters);
        }
        Ok(Self::To { from, to })
    }

    /// 6A88 where there is no such key; 6985 where another is in the place, or the place would ask for the PIN less
    /// often than the one before: whoever administers the card could use its holder's key.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        context.change(|state| {
            let (Self::To { from, .. } | Self::Delete(from)) = self;
            let record = state.keys.remove(&from).ok_or(Status::ReferenceNotFound)?;
            if let Self::To { to, .. } = self {
                parameters::fits(to, record.algorithm)?;
                let is_taken = state.keys.contains_key(&to);
                let asks = |place| record.policy_in(place).pin;
                if is_taken || asks(to) < asks(from) {
                    return Err(Status::ConditionsNotSatisfied.into());
                }
                state.keys.insert(to, record);
                // What the holder wants of the key goes with it.
                let consent = state.consent_of(from).max(state.consent_of(to));
                state.set_consent(to, consent);
            }
            Ok(())
        })?;
        context.resources.open_keys.close();
        Ok(Status::Success.into())
    }
}
