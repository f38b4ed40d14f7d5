//! Who may do what: the conditions of the files against what has been proved.

use card_edge::Status;
use card_edge::gids::{Condition, Operation, SecurityAttribute};

use super::context::Context;
use crate::application::Resources;
use crate::interface::Interface;
use crate::state::Stage;

/// Files are made and deleted by the user or by whoever administers the card.
pub(super) const FILES: Condition = Condition::USER_OR_ADMINISTRATOR;

/// Whether the card does nothing over this interface: its holder wants the air to be used through an encrypted channel
/// alone, and this card edge has none.
pub(super) fn is_closed(resources: &Resources) -> bool {
    match resources.interface {
        Interface::Contact => false,
        Interface::Contactless => resources.store.state().contactless.is_strict(),
    }
}

/// The rule of a file for an operation. 6982 where something has not been proved.
pub(super) fn may(
    context: &Context<'_>,
    attribute: &SecurityAttribute,
    operation: Operation,
) -> Result<(), Status> {
    fulfils(context, attribute.condition(operation))
}

/// A condition. While the card is being made nothing must be proved.
pub(super) fn fulfils(context: &Context<'_>, condition: Condition) -> Result<(), Status> {
    let session = &context.session;
    let is_fulfilled = condition.is_fulfilled(session.is_pin_verified(), session.administrator);
    if is_fulfilled || context.gids()?.stage == Stage::Creation {
        Ok(())
    } else {
        Err(Status::SecurityStatusNotSatisfied)
    }
}

/// What a card that is being made does not do yet: 6985.
pub(super) fn is_in_use(context: &Context<'_>) -> Result<(), Status> {
    match context.gids()?.stage {
        Stage::Operational => Ok(()),
        Stage::Creation => Err(Status::ConditionsNotSatisfied),
    }
}
