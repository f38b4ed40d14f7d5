//! What somebody chose in a list, or read from a file, is kept until they say yes: what is then done is done with exactly that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use enroll_server_model::{AccountState, Actor, BulkAct, Role, Timestamp, random};
use enroll_server_store::administrator;
use enroll_server_store::selection::{self, Selection as Row};

use crate::admission::bulk::Guest;
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};

/// How long a selection is kept.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// Most that can be chosen at once.
pub const MOST: usize = 1000;
/// Most people who can be invited at once: each gets a sheet.
pub const MOST_INVITED: usize = 500;

/// With what something is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// With the objects that have these ids.
    Ids(Vec<String>),
    /// With the people of a file, who are invited by this policy.
    Guests {
        /// The people.
        guests: Vec<Guest>,
        /// The policy's name.
        policy: String,
    },
}

/// A selection.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub act: BulkAct,
    /// With what.
    pub chosen: Chosen,
}

/// How many can be chosen for something.
#[must_use]
pub const fn most(act: BulkAct) -> usize {
    match act {
        BulkAct::Invite | BulkAct::Import => MOST_INVITED,
        BulkAct::SuspendHolders
        | BulkAct::ResumeHolders
        | BulkAct::SuspendPhones
        | BulkAct::ResumePhones
        | BulkAct::CancelInvitations => MOST,
    }
}

/// Keeps a selection; returns its id. Ids are each taken once.
///
/// # Errors
/// [`Error::Conflict`] if nothing was chosen, or more than can be.
pub async fn keep(app: &App, act: BulkAct, mut chosen: Chosen, actor: &Actor) -> Result<String> {
    let count = match &mut chosen {
        Chosen::Ids(ids) => {
            let mut seen = std::collections::HashSet::new();
            ids.retain(|id| !id.is_empty() && seen.insert(id.clone()));
            ids.len()
        }
        Chosen::Guests { guests, .. } => guests.len(),
    };
    if count == 0 {
        return Err(Conflict::NothingChosen.into());
    }
    if count > most(act) {
        return Err(Conflict::TooManyChosen { most: most(act) }.into());
    }
    let now = app.clock.now();
    let row = Row {
        id: random::id()?,
        administrator_id: actor.id.clone(),
        act,
        chosen: serde_json::to_string(&chosen).unwrap_or_default(),
        created: now,
    };
    let id = row.id.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                selection::delete_before(tx, now.minus(KEPT)).await?;
                Ok::<_, Error>(selection::insert(tx, &row).await?)
            })
        })
        .await?;
    Ok(id)
}

/// The selection with this id, if whoever asks made it not long ago.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, id: &str, actor: &Actor) -> Result<Selection> {
    let now = app.clock.now();
    let found = selection::by_id(app.store.reader(), id).await?;
    let row = found
        .filter(|row| row.administrator_id == actor.id && is_kept(row.created, now))
        .ok_or(Error::NotFound(Object::Selection))?;
    let chosen = serde_json::from_str(&row.chosen);
    Ok(Selection {
        id: row.id,
        act: row.act,
        chosen: chosen.map_err(|_| Error::NotFound(Object::Selection))?,
    })
}

/// Whether whoever acts still has one of these roles: what is done with many takes a while.
///
/// # Errors
/// [`Conflict::NoAdministrator`] if not.
pub async fn check_actor(app: &App, actor: &Actor, roles: &[Role]) -> Result<()> {
    let found = administrator::by_id(app.store.reader(), &actor.id).await?;
    let may = found.is_some_and(|found| {
        roles.contains(&found.role) && found.state() != AccountState::Disabled
    });
    if may {
        Ok(())
    } else {
        Err(Conflict::NoAdministrator.into())
    }
}

fn is_kept(created: Timestamp, now: Timestamp) -> bool {
    now.since(created).is_none_or(|age| age < KEPT)
}

/// Uses up a selection: of two who do this at once, one goes on.
///
/// # Errors
/// [`Conflict::SelectionDone`] to the other.
pub async fn use_up(app: &App, id: &str) -> Result<()> {
    let id = id.to_owned();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !selection::delete(tx, &id).await? {
                    return Err(Conflict::SelectionDone.into());
                }
                Ok::<_, Error>(())
            })
        })
        .await
}
