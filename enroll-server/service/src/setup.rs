//! Setting up the first administrator, through a link that the server printed.

use enroll_server_model::event_detail::{CreatedAdministrator, Nothing};
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, NewEvent, Role};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::installation;

use crate::app::App;
use crate::error::{Error, Result};
use crate::person;
use crate::refusal::{Field, FieldFlaw};

/// Makes a set-up link's token, if there is no administrator yet.
pub async fn create_link(app: &App) -> Result<Option<Token>> {
    if !is_open(app).await? {
        return Ok(None);
    }
    let token = random::token()?;
    let hash = token.hash();
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                installation::add_setup_link(tx, &hash, now).await?;
                tx.record(NewEvent::new(
                    now,
                    &Actor::system(),
                    "",
                    Event::SetupLinkCreated(Nothing {}),
                ));
                Ok(())
            })
        })
        .await?;
    Ok(Some(token))
}

/// Whether the first administrator is still to be set up.
pub async fn is_open(app: &App) -> Result<bool> {
    Ok(installation::get(app.store.reader())
        .await?
        .is_some_and(|installation| installation.setup_closed.is_none()))
}

/// Checks a set-up link and uses nothing up.
///
/// # Errors
/// [`Error::SetupClosed`] if there is an administrator or the link was never made.
pub async fn check_link(app: &App, token: &str) -> Result<()> {
    let token: Token = token.parse().map_err(|_| Error::SetupClosed)?;
    let known = installation::has_setup_link(app.store.reader(), &token.hash()).await?;
    if known && is_open(app).await? {
        Ok(())
    } else {
        Err(Error::SetupClosed)
    }
}

/// The first administrator, as the form gives them.
#[derive(Clone)]
pub struct FirstAdministrator {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
}

impl std::fmt::Debug for FirstAdministrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstAdministrator")
            .field("name", &self.name)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// Adds the first administrator and closes the set-up for good. Of several that try at once, one succeeds.
///
/// # Errors
/// [`Error::SetupClosed`] if there is an administrator or the link was never made; [`Error::InvalidField`].
pub async fn complete(
    app: &App,
    token: &str,
    first: FirstAdministrator,
    source: &str,
) -> Result<Administrator> {
    let token: Token = token.parse().map_err(|_| Error::SetupClosed)?;
    let now = app.clock.now();
    let row = Administrator {
        id: random::id()?,
        name: person::person_name(&first.name)?,
        email: person::mail_address(&first.email)?.ascii.to_lowercase(),
        password_hash: first.password_hash,
        created: now,
        role: Role::Administrator,
        disabled: None,
    };
    let actor = Actor::anonymous(&row.email, source);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !installation::has_setup_link(tx.reader(), &token.hash()).await?
                    || !installation::close_setup(tx, now).await?
                {
                    return Err(Error::SetupClosed);
                }
                match administrator::insert(tx, &row).await {
                    // Somebody with another role was added on the machine before there was an administrator.
                    Err(error) if error.is_unique_violation() => {
                        return Err(Error::InvalidField {
                            field: Field::Email,
                            flaw: FieldFlaw::AccountTaken { name: row.email },
                        });
                    }
                    other => other?,
                }
                installation::delete_setup_links(tx).await?;
                tx.record(NewEvent::new(
                    now,
                    &actor,
                    &row.id,
                    Event::AdministratorCreated(CreatedAdministrator {
                        name: row.name.clone(),
                        email: row.email.clone(),
                        role: Some(row.role),
                    }),
                ));
                Ok(row)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_password_is_in_no_log() {
        let first = FirstAdministrator {
            name: "Robin Meyer".to_owned(),
            email: "robin@example.org".to_owned(),
            password_hash: "$argon2id$hash".to_owned(),
        };
        assert!(!format!("{first:?}").contains("argon2id"));
    }
}
