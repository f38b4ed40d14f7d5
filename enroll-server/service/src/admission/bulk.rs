//! Inviting many people at once: all of them, or nobody.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::Actor;
use enroll_server_store::{StoreError, WorkError, selection};

use super::invitation::{self, Invited, Link, NewInvitation, Prepared};
use super::mailing::ByMail;
use crate::app::App;
use crate::error::{Error, Result};
use crate::person::{MailLanguage, SharedMail, SystemAccount};
use crate::refusal::Conflict;

/// Somebody who is to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The user principal name.
    pub upn: String,
    /// In which language they are written to.
    pub language: MailLanguage,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// These guests, by their place in the list, cannot be.
    #[error("{} of the people cannot be invited", .0.len())]
    Guests(Vec<(usize, Error)>),
    /// Nothing is wrong with the guests: it was only looked.
    #[error("everybody can be invited")]
    OnlyLooked,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl WorkError for Refusal {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Failed(error) => error.store_error(),
            Self::Guests(_) | Self::OnlyLooked => None,
        }
    }
}

/// Whether it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    /// Everything is tried and undone again.
    Look,
    /// The selection with this id is used up.
    Do(String),
}

/// Which of the guests cannot be invited, and why. Nothing is changed.
///
/// # Errors
/// If the database fails.
pub async fn look(
    app: &App,
    guests: &[Guest],
    policy: &Arc<EnrollmentPolicy>,
    actor: &Actor,
) -> Result<Vec<(usize, Error)>> {
    match invite_in(app, guests, policy, ByMail::No, actor, Mode::Look).await {
        Err(Refusal::Guests(refused)) => Ok(refused),
        Err(Refusal::Failed(error)) => Err(error),
        Err(Refusal::OnlyLooked) | Ok(_) => Ok(Vec::new()),
    }
}

/// Invites all guests in one transaction, which uses up the selection that they are from.
///
/// # Errors
/// [`Refusal::Guests`], and nobody was invited; [`Conflict::SelectionDone`] if the selection was used before.
pub async fn invite_all(
    app: &App,
    guests: &[Guest],
    policy: &Arc<EnrollmentPolicy>,
    by_mail: ByMail,
    selection: &str,
    actor: &Actor,
) -> Result<Vec<Invited>, Refusal> {
    let mode = Mode::Do(selection.to_owned());
    invite_in(app, guests, policy, by_mail, actor, mode).await
}

async fn invite_in(
    app: &App,
    guests: &[Guest],
    policy: &Arc<EnrollmentPolicy>,
    by_mail: ByMail,
    actor: &Actor,
    mode: Mode,
) -> Result<Vec<Invited>, Refusal> {
    let mut prepared = Vec::with_capacity(guests.len());
    let mut refused = Vec::new();
    for (place, guest) in guests.iter().enumerate() {
        let new = NewInvitation {
            name: guest.name.clone(),
            email: guest.email.clone(),
            upn: guest.upn.clone(),
            language: guest.language.clone(),
            system_account: SystemAccount::Refuse,
            shared_mail: SharedMail::Refuse,
            policy: policy.clone(),
            by_mail,
            replaces: None,
        };
        match invitation::prepare(app, new, actor, Link::KnownOnce).await {
            Ok(one) => prepared.push((place, one)),
            Err(error @ Error::InvalidField { .. }) => refused.push((place, error)),
            Err(error) => return Err(error.into()),
        }
    }
    // Where some cannot be, the others are looked at, so that everything is said at once.
    let mode = if refused.is_empty() { mode } else { Mode::Look };
    let outcome = attempt(app, prepared, actor, mode).await;
    if refused.is_empty() {
        return outcome;
    }
    match outcome {
        Err(Refusal::Guests(more)) => refused.extend(more),
        Err(Refusal::OnlyLooked) | Ok(_) => {}
        Err(failed @ Refusal::Failed(_)) => return Err(failed),
    }
    refused.sort_by_key(|(place, _)| *place);
    Err(Refusal::Guests(refused))
}

async fn attempt(
    app: &App,
    prepared: Vec<(usize, Prepared)>,
    actor: &Actor,
    mode: Mode,
) -> Result<Vec<Invited>, Refusal> {
    let now = app.clock.now();
    let actor = actor.clone();
    app.store
        .write_at_length(move |tx| {
            Box::pin(async move {
                if let Mode::Do(selection) = &mode
                    && !selection::delete(tx, selection).await?
                {
                    return Err(Error::from(Conflict::SelectionDone).into());
                }
                let mut invited = Vec::with_capacity(prepared.len());
                let mut refused = Vec::new();
                let mut seen = HashSet::new();
                for (place, one) in prepared {
                    match invitation::store(tx, one, now, &actor).await {
                        Ok(one) if !seen.insert(one.holder.id.clone()) => {
                            let twice = Conflict::GuestTwice {
                                upn: one.holder.upn,
                            };
                            refused.push((place, twice.into()));
                        }
                        Ok(one) => invited.push(one),
                        // PostgreSQL does nothing more in a transaction in which a statement failed.
                        Err(error @ Error::Conflict(Conflict::HolderJustAdded { .. })) => {
                            refused.push((place, error));
                            break;
                        }
                        Err(error @ (Error::InvalidField { .. } | Error::Conflict(_))) => {
                            refused.push((place, error));
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                match mode {
                    _ if !refused.is_empty() => Err(Refusal::Guests(refused)),
                    Mode::Look => Err(Refusal::OnlyLooked),
                    Mode::Do(_) => Ok(invited),
                }
            })
        })
        .await
}
