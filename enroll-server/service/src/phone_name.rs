//! What phones are called.

use enroll_server_model::event_detail::RenamedPhone;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::phone;

use crate::app::App;
use crate::error::{Error, Result};
use crate::person::person_name;
use crate::refusal::Object;

/// Gives a phone another name, until it is enrolled again and says what it calls itself. Returns whether it had another one.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InvalidField`] for a name that cannot be.
pub async fn rename(app: &App, id: &str, name: &str, actor: &Actor) -> Result<bool> {
    let name = person_name(name)?;
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let found = phone::by_id(tx.reader(), &id).await?;
                let found = found.ok_or(Error::NotFound(Object::Phone))?;
                if found.name == name {
                    return Ok(false);
                }
                phone::rename(tx, &id, found.guid, &name).await?;
                let renamed = Event::PhoneRenamed(RenamedPhone {
                    before: found.name,
                    after: name,
                });
                tx.record(NewEvent::new(now, &actor, &id, renamed));
                Ok(true)
            })
        })
        .await
}
