//! SET MANAGEMENT KEY (FF).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::ManagementKey;
use card_edge::piv::yubico::management_key;

use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::parameters::parameters;
use crate::refusal::Answer;

/// Replaces the management key.
pub(super) struct SetManagementKey(ManagementKey);

impl SetManagementKey {
    /// P2 = FE wants a touch, which this card does not know.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0xFF, 0xFF))?;
        management_key::decode(&command.data)
            .map(Self)
            .ok_or(Status::IncorrectData)
    }

    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        context.change(|state| {
            state.management_key = self.0;
            Ok(())
        })?;
        Ok(Status::Success.into())
    }
}
