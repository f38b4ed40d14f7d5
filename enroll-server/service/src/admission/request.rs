//! A holder asks for another phone, and officers approve it, or refuse it.
//!
//! Everybody who decides locks all accounts, then the holder: of two who approve at once one comes second, and whoever is disabled
//! or gets another role meanwhile is seen as such. What counts is an approval of what the request would change at the end.

use std::sync::Arc;
use std::time::Duration;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::event_detail::{ApprovedRequest, MadeRequest};
use enroll_server_model::{
    Actor, ActorKind, CameBy, Event, MailKind, NewEvent, PolicyName, RequestState, Timestamp,
    random,
};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::holder_request::{self as rows, Ended, HolderRequest, LIFETIME};
use enroll_server_store::rate_limit::Limit;
use enroll_server_store::{Transaction, administrator, api_token, phone};

use super::invitation::{Link, NewInvitation, Prepared, prepare, store};
use super::mailing::ByMail;
use crate::app::App;
use crate::error::{Error, Result};
use crate::note;
use crate::outbox::mail;
use crate::person::{MailLanguage, SharedMail, SystemAccount};
use crate::rate_limit;
use crate::refusal::{Conflict, Field, FieldFlaw, Object};
use crate::request_difference::{
    Approvers, difference, has_address, may_approve, seen as seen_now, token_may_approve,
};
use crate::request_end::{end_request, undecided};
use crate::suspension::{check_active, holder_locked};

/// Requests of one holder.
const PER_HOLDER: Limit = Limit {
    burst: 3,
    interval: Duration::from_secs(60 * 60),
};
/// How many requests expire together.
const DUE_AT_ONCE: i64 = 100;

/// What a holder asks for.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// The enrollment policy, as the form says it.
    pub policy: String,
    /// Why.
    pub reason: String,
    /// How they came to their pages.
    pub came_by: CameBy,
}

/// How many approvals a request needs: as many as when it was made, and no fewer than one that is made now.
#[must_use]
pub(crate) fn needed(app: &App, request: &HolderRequest) -> i64 {
    let now = app.holders_add_phones.approvals().unwrap_or_default();
    request.approvals.max(now)
}

/// Asks for another phone in a holder's name. Returns the request's id.
///
/// # Errors
/// [`Error::NotFound`] where holders ask for nothing; [`Error::InvalidField`]; [`Error::RateLimited`] after a few;
/// [`Error::Conflict`] if another request of theirs waits, or they are suspended by now.
pub async fn make(app: &App, holder: &Holder, new: NewRequest, actor: &Actor) -> Result<String> {
    let approvals = app.holders_add_phones.approvals();
    let approvals = approvals.ok_or(Error::NotFound(Object::Request))?;
    let policy = new.policy.parse::<PolicyName>().ok();
    let policy = policy.and_then(|name| app.policies.get(&name));
    let policy = policy.ok_or(Error::InvalidField {
        field: Field::Policy,
        flaw: FieldFlaw::NoPolicy,
    })?;
    let reason = note::read_some(&new.reason)?;
    let bucket = format!("own-pages:request:{}", holder.id);
    rate_limit::take(app, &bucket, PER_HOLDER).await?;
    let now = app.clock.now();
    let (id, policy, holder_id) = (random::id()?, policy.name.clone(), holder.id.clone());
    let actor = actor.clone();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let holder = holder_locked(tx, &holder_id).await?;
                check_active(&holder)?;
                if let Some(before) = rows::waiting_of_holder(tx.reader(), &holder_id).await? {
                    if before.state_at(now) == RequestState::Waiting {
                        return Err(Conflict::RequestWaits.into());
                    }
                    expire(tx, &before, now).await?;
                }
                let row = HolderRequest {
                    id,
                    holder_id,
                    policy,
                    reason,
                    came_by: new.came_by,
                    name: holder.name,
                    email: holder.email,
                    upn: holder.upn,
                    approvals,
                    state: RequestState::Waiting,
                    created: now,
                    expires: now.plus(LIFETIME).whole_seconds(),
                    ended: None,
                    ended_by: String::new(),
                    note: String::new(),
                    difference: String::new(),
                    invitation_id: None,
                };
                rows::insert(tx, &row).await?;
                let made = Event::RequestMade(MadeRequest {
                    request: row.id.clone(),
                    name: row.name,
                    policy: Some(row.policy),
                    reason: row.reason,
                    approvals,
                });
                tx.record(NewEvent::new(now, &actor, &row.holder_id, made));
                Ok(row.id)
            })
        })
        .await
}

/// Takes a request back that its holder made.
///
/// # Errors
/// [`Error::NotFound`] if it is not theirs; [`Error::Conflict`] if it does not wait any more.
pub async fn withdraw(app: &App, holder_id: &str, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (holder_id, id, actor) = (holder_id.to_owned(), id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let found = rows::by_id(tx.reader(), &id).await?;
                if found.is_none_or(|found| found.holder_id != holder_id) {
                    return Err(Error::NotFound(Object::Request));
                }
                let (request, _) = waiting(tx, &id, now).await?;
                let ended = undecided(RequestState::Withdrawn, &actor, now);
                end_request(tx, &request, ended, &actor).await?;
                Ok(())
            })
        })
        .await
}

/// The request with this id that waits, and its holder, of whom nobody changes anything meanwhile.
async fn waiting(
    tx: &mut Transaction,
    id: &str,
    now: Timestamp,
) -> Result<(HolderRequest, Holder)> {
    let gone = || Error::NotFound(Object::Request);
    let found = rows::by_id(tx.reader(), id).await?.ok_or_else(gone)?;
    let holder = holder_locked(tx, &found.holder_id).await?;
    // As it is once nobody else is at it.
    let request = rows::by_id(tx.reader(), id).await?.ok_or_else(gone)?;
    match request.state_at(now) {
        RequestState::Waiting => Ok((request, holder)),
        state => Err(Conflict::RequestEnded(state).into()),
    }
}

/// A request as whoever decides saw it.
#[derive(Clone)]
struct Decision {
    request: HolderRequest,
    holder: Holder,
    /// Its enrollment policy, if that is in force.
    policy: Option<Arc<EnrollmentPolicy>>,
    /// The difference as JSON; empty without a policy.
    difference: String,
}

impl Decision {
    async fn read(app: &App, id: &str) -> Result<Self> {
        let on = app.store.reader();
        let gone = || Error::NotFound(Object::Request);
        let request = rows::by_id(on, id).await?.ok_or_else(gone)?;
        let holder = holder::by_id(on, &request.holder_id).await?;
        let holder = holder.ok_or_else(gone)?;
        let policy = app.policies.get(&request.policy).cloned();
        let difference = match &policy {
            Some(policy) => {
                let phones = phone::of_holder(on, &holder.id).await?;
                let found = difference(app, &holder, policy, &phones).await?;
                serde_json::to_string(&found).unwrap_or_default()
            }
            None => String::new(),
        };
        Ok(Self {
            request,
            holder,
            policy,
            difference,
        })
    }
}

/// Locks what decides about a request, and checks that whoever decides may do so and has seen what it would change, where that is
/// known. `seen` is from the page that they decided on.
async fn locked(
    tx: &mut Transaction,
    decision: &Decision,
    seen: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<Holder> {
    administrator::lock_all(tx).await?;
    let (request, holder) = waiting(tx, &decision.request.id, now).await?;
    check_active(&holder)?;
    let may = match actor.kind {
        ActorKind::Administrator => {
            let account = administrator::by_id(tx.reader(), &actor.id).await?;
            account.is_some_and(|account| may_approve(&account))
        }
        ActorKind::ApiToken => {
            let token = api_token::by_id(tx.reader(), &actor.id).await?;
            token.is_some_and(|token| token_may_approve(&token, now))
        }
        _ => false,
    };
    if !may {
        return Err(Conflict::NoApprover.into());
    }
    if let Some(policy) = &decision.policy {
        let phones = phone::of_holder(tx.reader(), &request.holder_id).await?;
        if seen_now(&holder, policy, &phones) != seen {
            return Err(Conflict::RequestStale.into());
        }
    }
    Ok(holder)
}

/// What an approval came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Whose request it is.
    pub name: String,
    /// How many more approvals it needs.
    pub missing: i64,
    /// Whether the link is sent by mail.
    pub is_mailed: bool,
}

/// Approves a request, which invites its holder if no other approval is needed. `seen` says what the actor saw that it would
/// change.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InvalidField`] if its policy is not in force; [`Error::Conflict`] if it does not wait, if it would
/// change something else by now, if the actor approved it before and others must, may not approve, or is the holder.
pub async fn approve(app: &App, id: &str, seen: &str, actor: &Actor) -> Result<Approved> {
    let decision = Decision::read(app, id).await?;
    let needed = needed(app, &decision.request);
    let invitation = invitation(app, &decision, actor).await?;
    let now = app.clock.now();
    let (seen, actor, sends_mail) = (seen.to_owned(), actor.clone(), app.sends_mail);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let holder = locked(tx, &decision, &seen, now, &actor).await?;
                let id = &decision.request.id;
                let approvers = Approvers {
                    accounts: administrator::all(tx.reader(), now, now).await?,
                    tokens: api_token::all(tx.reader()).await?,
                };
                let before = rows::approvals(tx.reader(), id).await?;
                let before = approvers.counting(&before, &seen, &holder, now);
                let others = others(before, needed, &actor)?;
                check_not_own(tx, &holder, &actor).await?;
                rows::approve(tx, id, &actor, &seen, now).await?;
                let mut approved_by: Vec<String> =
                    others.into_iter().map(|one| one.actor_name).collect();
                approved_by.push(actor.name.clone());
                let count = i64::try_from(approved_by.len()).unwrap_or(i64::MAX);
                let mut detail = ApprovedRequest {
                    request: id.clone(),
                    name: holder.name.clone(),
                    approved_by,
                    invitation: String::new(),
                };
                if count < needed {
                    let event = Event::RequestApprovedOnce(detail);
                    tx.record(NewEvent::new(now, &actor, &holder.id, event));
                    return Ok(Approved {
                        name: holder.name,
                        missing: needed - count,
                        is_mailed: false,
                    });
                }
                detail.invitation = invitation.id().to_owned();
                let ended = Ended {
                    state: RequestState::Approved,
                    at: now,
                    by: actor.name.clone(),
                    note: String::new(),
                    difference: decision.difference.clone(),
                    invitation_id: Some(detail.invitation.clone()),
                };
                if !rows::end(tx, id, &ended).await? {
                    let found = rows::by_id(tx.reader(), id).await?;
                    let found = found.ok_or(Error::NotFound(Object::Request))?;
                    return Err(Conflict::RequestEnded(found.state_at(now)).into());
                }
                let event = Event::RequestApproved(detail);
                tx.record(NewEvent::new(now, &actor, &holder.id, event));
                store(tx, invitation, now, &actor).await?;
                Ok(Approved {
                    name: holder.name,
                    missing: 0,
                    is_mailed: sends_mail,
                })
            })
        })
        .await
}

/// The approvals of others than whoever approves. All tokens are one approver: whoever makes tokens could make a second one.
///
/// # Errors
/// [`Error::Conflict`] for whoever has approved, unless there are enough by now: somebody who approved may approve again, or fewer
/// are needed. Then each of them may end it.
fn others(
    mut approvals: Vec<rows::Approval>,
    needed: i64,
    actor: &Actor,
) -> Result<Vec<rows::Approval>> {
    let is_program = actor.kind == ActorKind::ApiToken;
    let count = approvals.len();
    approvals.retain(|one| {
        one.actor_kind != actor.kind.as_str() || !is_program && one.actor_id != actor.id
    });
    let has_approved = approvals.len() < count;
    if has_approved && i64::try_from(count).is_ok_and(|count| count < needed) {
        return Err(if is_program {
            Conflict::RequestApprovedByProgram.into()
        } else {
            Conflict::RequestApprovedBefore.into()
        });
    }
    Ok(approvals)
}

/// Whether whoever approves is somebody else than the holder.
async fn check_not_own(tx: &mut Transaction, holder: &Holder, actor: &Actor) -> Result<()> {
    if actor.kind == ActorKind::Administrator {
        let account = administrator::by_id(tx.reader(), &actor.id).await?;
        if account.is_some_and(|account| has_address(&account.email, holder)) {
            return Err(Conflict::RequestOwn.into());
        }
    }
    Ok(())
}

/// The invitation that a request comes to.
async fn invitation(app: &App, decision: &Decision, actor: &Actor) -> Result<Prepared> {
    let holder = &decision.holder;
    let policy = decision.policy.clone().ok_or(Error::InvalidField {
        field: Field::Policy,
        flaw: FieldFlaw::NoPolicy,
    })?;
    let new = NewInvitation {
        name: holder.name.clone(),
        email: holder.email.clone(),
        upn: holder.upn.clone(),
        language: MailLanguage::IfNew(holder.language.clone()),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Refuse,
        policy,
        by_mail: ByMail::Yes,
        replaces: None,
    };
    // Its holder is shown the link on their own pages.
    prepare(app, new, actor, Link::MadeAgain).await
}

/// Refuses a request. `seen` says what the actor saw that it would change.
///
/// # Errors
/// [`Error::InvalidField`] without a note; as [`approve`] if it does not wait, or would change something else by now.
pub async fn refuse(app: &App, id: &str, seen: &str, note: &str, actor: &Actor) -> Result<()> {
    let note = note::read_some(note)?;
    let decision = Decision::read(app, id).await?;
    let now = app.clock.now();
    let (seen, actor, sends_mail) = (seen.to_owned(), actor.clone(), app.sends_mail);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let holder = locked(tx, &decision, &seen, now, &actor).await?;
                let ended = Ended {
                    note,
                    difference: decision.difference,
                    ..undecided(RequestState::Refused, &actor, now)
                };
                end_request(tx, &decision.request, ended, &actor).await?;
                if sends_mail {
                    let (kind, id) = (MailKind::RequestRefused, &decision.request.id);
                    mail::add(tx, kind, id, &holder.email_ascii, now).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn expire(tx: &mut Transaction, request: &HolderRequest, now: Timestamp) -> Result<()> {
    let actor = Actor::system();
    let ended = undecided(RequestState::Expired, &actor, now);
    end_request(tx, request, ended, &actor).await?;
    Ok(())
}

/// Puts on record that requests have expired.
///
/// # Errors
/// If the database fails.
pub async fn expire_due(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now.minus(LIFETIME);
    for due in rows::made_before(app.store.reader(), before, DUE_AT_ONCE).await? {
        app.store
            .write::<_, Error, _>(move |tx| {
                Box::pin(async move {
                    if due.state_at(now) == RequestState::Expired {
                        expire(tx, &due, now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}
