//! What a command acts on.

use card_edge::Status;
use card_edge::gids::{FileControlParameters, FileId};

use super::session::{Preceding, Session};
use crate::application::Resources;
use crate::key_store::KeyPlace;
use crate::refusal::{Refusal, status_of};
use crate::state::{CardState, Gids};

/// What a command acts on.
pub(super) struct Context<'a> {
    /// What the card lends.
    pub(super) resources: &'a mut Resources,
    /// What the session holds.
    pub(super) session: &'a mut Session,
    /// What the command before has left.
    pub(super) preceding: Preceding,
}

impl Context<'_> {
    /// The state of the card.
    pub(super) fn state(&self) -> &CardState {
        self.resources.store.state()
    }

    /// What the card has as a GIDS card; 6985 where its holder chose PIV meanwhile.
    pub(super) fn gids(&self) -> Result<&Gids, Status> {
        self.state()
            .gids
            .as_ref()
            .ok_or(Status::ConditionsNotSatisfied)
    }

    /// Changes what the card has as a GIDS card, or nothing.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut Gids) -> Result<(), Refusal>,
    ) -> Result<(), Status> {
        self.change_card(|state| {
            let gids = state.gids.as_mut();
            change(gids.ok_or(Status::ConditionsNotSatisfied)?)
        })
    }

    /// Changes the card's state, or nothing.
    pub(super) fn change_card(
        &mut self,
        change: impl FnOnce(&mut CardState) -> Result<(), Refusal>,
    ) -> Result<(), Status> {
        self.resources.store.change(change).map_err(status_of)
    }

    /// The control parameters of a file; 6A82 where the card does not have it.
    pub(super) fn file(&self, id: FileId) -> Result<&FileControlParameters, Status> {
        let gids = self.gids()?;
        let data = gids.data_files.get(&id).map(|file| &file.parameters);
        let key = || gids.key_files.get(&id).map(|file| &file.parameters);
        data.or_else(key).ok_or(Status::NotFound)
    }

    /// The control parameters of the file of a key; 6A88 where the card does not have it.
    pub(super) fn key_file(&self, reference: u8) -> Result<&FileControlParameters, Status> {
        let file = self.gids()?.key_files.get(&FileId::of_key(reference));
        file.map(|file| &file.parameters)
            .ok_or(Status::ReferenceNotFound)
    }

    /// Where the card has the key pair with this reference; 6A88 where there is none.
    pub(super) fn place_of(&self, reference: u8) -> Result<KeyPlace, Status> {
        let place = self.gids()?.place_of(reference);
        place
            .filter(|place| self.resources.key_record(*place).is_some())
            .ok_or(Status::ReferenceNotFound)
    }
}
