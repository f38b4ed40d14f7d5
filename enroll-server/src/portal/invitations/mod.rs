//! Invitations as administrators see them.

pub mod cancel;
pub mod list;
pub mod new;
pub mod show;
pub mod status;

use super::problem::Problem;
use crate::App;
use crate::error::Error;
use crate::store::holder::{self, Holder};
use crate::store::invitation::{self, Invitation};

/// An invitation and who is invited.
async fn find(app: &App, id: &str) -> Result<(Invitation, Holder), Problem> {
    let not_here = || Problem::from(Error::NotFound("invitation"));
    let invitation = invitation::by_id(app.store.reader(), id)
        .await?
        .ok_or_else(not_here)?;
    let holder = holder::by_id(app.store.reader(), &invitation.holder_id)
        .await?
        .ok_or_else(not_here)?;
    Ok((invitation, holder))
}
