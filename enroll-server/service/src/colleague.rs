//! Who works here: administrators invite colleagues, give them their role, and disable and enable their accounts. An account
//! is never removed here, so that the audit trail keeps its name.

use enroll_server_model::event_detail::{
    Account, ChangedRole, CreatedAdministrator, SignedOutAccount,
};
use enroll_server_model::random::{self, Token};
use enroll_server_model::{AccountState, Actor, Event, NewEvent, Role};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::{Transaction, password_link};

use crate::account;
use crate::app::App;
use crate::authenticator;
use crate::error::{Error, Result};
use crate::password_link as links;
use crate::person;
use crate::refusal::{Conflict, Field, FieldFlaw, Object};

/// A colleague who is to be invited.
#[derive(Clone, Debug)]
pub struct NewColleague {
    /// The name that people know.
    pub name: String,
    /// The mail address that they will sign in with.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

/// Adds an account without a password, and makes the link with which its owner chooses one.
///
/// # Errors
/// [`Error::InvalidField`], also if the mail address has an account already.
pub async fn invite(app: &App, new: NewColleague, actor: &Actor) -> Result<(Administrator, Token)> {
    let now = app.clock.now();
    let row = Administrator {
        id: random::id()?,
        name: person::person_name(&new.name)?,
        email: person::mail_address(&new.email)?.ascii.to_lowercase(),
        password_hash: String::new(),
        created: now,
        role: new.role,
        disabled: None,
    };
    if let Some(there) = administrator::by_email(app.store.reader(), &row.email).await? {
        return Err(taken(there.name));
    }
    let token = random::token()?;
    let link = links::row(&row.id, &token, actor, now);
    let actor = actor.clone();
    let added = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                check_actor(tx, &actor).await?;
                match administrator::insert(tx, &row).await {
                    Err(error) if error.is_unique_violation() => return Err(taken(row.email)),
                    other => other?,
                }
                password_link::insert(tx, &link).await?;
                let invited = Event::ColleagueInvited(CreatedAdministrator {
                    name: row.name.clone(),
                    email: row.email.clone(),
                    role: Some(row.role),
                });
                tx.record(NewEvent::new(now, &actor, &row.id, invited));
                Ok(row)
            })
        })
        .await?;
    Ok((added, token))
}

fn taken(name: String) -> Error {
    Error::InvalidField {
        field: Field::Email,
        flaw: FieldFlaw::AccountTaken { name },
    }
}

/// Makes a link with which a colleague chooses a password; one of before no longer works.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is the actor's own account, or disabled.
pub async fn make_link(app: &App, id: &str, actor: &Actor) -> Result<Token> {
    let now = app.clock.now();
    let token = random::token()?;
    let link = links::row(id, &token, actor, now);
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                let whom = colleague(tx, &id, &actor).await?;
                if whom.state() == AccountState::Disabled {
                    return Err(Conflict::AccountDisabled.into());
                }
                links::forget_old(tx, now).await?;
                password_link::replace(tx, &id).await?;
                password_link::insert(tx, &link).await?;
                let made = Event::PasswordLinkCreated(account::named(&whom));
                tx.record(NewEvent::new(now, &actor, &id, made));
                Ok(())
            })
        })
        .await?;
    Ok(token)
}

/// Changes what a colleague may do, which ends a link of theirs, and those for others that they made. Returns whether it was another role.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is the actor's own account, or nobody would be left who decides who works
/// here.
pub async fn change_role(app: &App, id: &str, role: Role, actor: &Actor) -> Result<bool> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                let whom = colleague(tx, &id, &actor).await?;
                if whom.role == role {
                    return Ok(false);
                }
                administrator::set_role(tx, &id, role).await?;
                check_left(tx).await?;
                // Whoever has it was to get another role; and what they made themselves was for an administrator to make.
                password_link::replace(tx, &id).await?;
                password_link::replace_made_by(tx, &id).await?;
                let changed = Event::RoleChanged(ChangedRole {
                    account: account::named(&whom),
                    before: Some(whom.role),
                    after: Some(role),
                });
                tx.record(NewEvent::new(now, &actor, &id, changed));
                Ok(true)
            })
        })
        .await
}

/// Keeps a colleague from signing in, and ends their sessions and links, those for others too that they made.
///
/// # Errors
/// As [`change_role`], and [`Error::Conflict`] if the account is disabled already.
pub async fn disable(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                let whom = colleague(tx, &id, &actor).await?;
                if whom.state() == AccountState::Disabled {
                    return Err(Conflict::AccountDisabled.into());
                }
                administrator::set_disabled(tx, &id, Some(now)).await?;
                check_left(tx).await?;
                password_link::replace(tx, &id).await?;
                password_link::replace_made_by(tx, &id).await?;
                let disabled = Event::ColleagueDisabled(SignedOutAccount {
                    account: account::named(&whom),
                    sessions: account::sign_out(tx, &id).await?,
                });
                tx.record(NewEvent::new(now, &actor, &id, disabled));
                Ok(())
            })
        })
        .await
}

/// Lets a colleague sign in again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if the account is not disabled.
pub async fn enable(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                let whom = colleague(tx, &id, &actor).await?;
                if whom.state() != AccountState::Disabled {
                    return Err(Conflict::AccountEnabled.into());
                }
                administrator::set_disabled(tx, &id, None).await?;
                let enabled: Account = account::named(&whom);
                let enabled = Event::ColleagueEnabled(enabled);
                tx.record(NewEvent::new(now, &actor, &id, enabled));
                Ok(())
            })
        })
        .await
}

/// Removes the second factor of a colleague who lost it: their password is enough then, until they add another.
///
/// # Errors
/// As [`change_role`]; [`Error::Conflict`] if there is none.
pub async fn remove_second_factor(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                colleague(tx, &id, &actor).await?;
                authenticator::remove(tx, &id, &actor, now).await
            })
        })
        .await
}

/// Whoever acts must be somebody who decides who works here, now that nobody changes that: a request can take a while to arrive.
pub(crate) async fn check_actor(tx: &mut Transaction, actor: &Actor) -> Result<()> {
    let found = administrator::by_id(tx.reader(), &actor.id).await?;
    let decides = found.is_some_and(|found| {
        found.role == Role::Administrator && found.state() != AccountState::Disabled
    });
    if decides {
        Ok(())
    } else {
        Err(Conflict::NoAdministrator.into())
    }
}

/// Somebody else's account.
async fn colleague(tx: &mut Transaction, id: &str, actor: &Actor) -> Result<Administrator> {
    check_actor(tx, actor).await?;
    if actor.id == id {
        return Err(Conflict::AccountOwn.into());
    }
    let found = administrator::by_id(tx.reader(), id).await?;
    found.ok_or(Error::NotFound(Object::Colleague))
}

/// Somebody must be left who decides who works here.
async fn check_left(tx: &mut Transaction) -> Result<()> {
    if administrator::count_able(tx).await? == 0 {
        return Err(Conflict::LastAdministrator.into());
    }
    Ok(())
}
