//! A holder with all that belongs to them.

use enroll_server_model::ObjectKind;
use enroll_server_store::audit::RecordedEvent;
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::invitation::{self, Invitation};
use enroll_server_store::phone::{self, Phone};

use super::history;
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;

/// A holder's page.
#[derive(Clone, Debug)]
pub struct HolderView {
    /// The holder.
    pub holder: Holder,
    /// Their phones, newest first.
    pub phones: Vec<Phone>,
    /// Their invitations, newest first.
    pub invitations: Vec<Invitation>,
    /// What happened, newest first.
    pub events: Vec<RecordedEvent>,
}

/// The holder with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn holder(app: &App, id: &str) -> Result<HolderView> {
    let on = app.store.reader();
    Ok(HolderView {
        holder: holder::by_id(on, id)
            .await?
            .ok_or(Error::NotFound(Object::Holder))?,
        phones: phone::of_holder(on, id).await?,
        invitations: invitation::of_holder(on, id).await?,
        events: history::about(app, ObjectKind::Holder, id).await?,
    })
}
