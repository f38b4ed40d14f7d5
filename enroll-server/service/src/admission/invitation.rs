//! Inviting a holder, and what an invitation's holder may know of it.

use std::net::IpAddr;
use std::sync::Arc;

use enrollment_protocol::TokenText;
use enrollment_protocol::invitation::TokenError;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::event_detail::{CreatedHolder, SentInvitation};
use enroll_server_model::random::{self, Token};
use enroll_server_model::{
    Actor, ClientNetwork, Event, HolderState, InvitationState, MailKind, NewEvent, StoredState,
    Timestamp,
};
use enroll_server_store::Transaction;
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::invitation::{self, Invitation};

use super::mailing::{self, ByMail};
use super::replaced::{Replacing, begin};
use crate::app::App;
use crate::cancellation;
use crate::error::{Error, Result};
use crate::holder::{check_account, check_mail, is_same_mail, username_taken, write_in};
use crate::outbox::key;
use crate::person::{MailLanguage, Person, SharedMail, SystemAccount};
use crate::rate_limit;
use crate::refusal::{Conflict, Field, FieldFlaw, Object};
use crate::suspension::holder_locked;

/// How long an invitation can be used.
pub use enroll_server_store::invitation::LIFETIME;

/// The bucket of all requests with a token that no invitation has.
pub const UNKNOWN: &str = "unknown invitation";

/// Who is invited, and to what.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The holder's name.
    pub name: String,
    /// The holder's mail address.
    pub email: String,
    /// The holder's user principal name.
    pub upn: String,
    /// In which language the holder is written to.
    pub language: MailLanguage,
    /// Whether the account may be one that systems have for themselves.
    pub system_account: SystemAccount,
    /// Whether the mail address may be another holder's too.
    pub shared_mail: SharedMail,
    /// Which keys the phone is asked to make: a policy that is in force.
    pub policy: Arc<EnrollmentPolicy>,
    /// Whether the link is sent to the mail address.
    pub by_mail: ByMail,
    /// The phone of theirs that the new one takes the place of, if it does of one.
    pub replaces: Option<Replacing>,
}

/// An invitation just made. Its token is known now and never again.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The holder invited.
    pub holder: Holder,
    /// The token: see [`App::invitation_link`].
    pub token: Token,
}

/// Whether the link of an invitation can be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// It can: whoever has lost the answer to a request asks once more.
    MadeAgain,
    /// It is known now and never again, unless mail can be sent, which can be asked for later.
    KnownOnce,
}

/// An invitation that is not stored yet, of whomever.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    invitation: Invitation,
    token: Token,
    by_mail: ByMail,
    replaces: Option<Replacing>,
}

/// An invitation that is not stored yet, and who is invited.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    draft: Draft,
    holder: Holder,
    accepted: SystemAccount,
    shared_mail: SharedMail,
    /// Whether somebody who is on record is written to in another language from now on.
    sets_language: bool,
}

impl Prepared {
    /// The id that the invitation will have.
    pub(super) fn id(&self) -> &str {
        &self.draft.invitation.id
    }

    /// What its link is made of; empty if the link is made of nothing.
    pub(super) fn link_seed(&self) -> &str {
        let seed = self.draft.invitation.link_seed.as_deref();
        seed.unwrap_or_default()
    }
}

/// Invites a holder, who is added if their UPN is new.
///
/// # Errors
/// [`Error::InvalidField`] for a name that cannot be, or a UPN that is another person's; [`Error::NotFound`] if what is to be
/// replaced is not a phone of theirs; [`Error::Conflict`] if it is revoked.
pub async fn invite(app: &App, new: NewInvitation, actor: &Actor) -> Result<Invited> {
    let prepared = prepare(app, new, actor, Link::KnownOnce).await?;
    let now = app.clock.now();
    let actor = actor.clone();
    let invited = app
        .store
        .write(move |tx| Box::pin(async move { store(tx, prepared, now, &actor).await }))
        .await;
    // What it replaces may be revoked.
    app.crls.due.notify_one();
    invited
}

/// Reads who is invited, and makes the invitation with its token.
///
/// # Errors
/// [`Error::InvalidField`] for a name that cannot be.
pub(super) async fn prepare(
    app: &App,
    new: NewInvitation,
    actor: &Actor,
    link: Link,
) -> Result<Prepared> {
    let person = Person::parse(&new.name, &new.email, &new.upn)?;
    let draft = draft(app, &new.policy, new.by_mail, new.replaces, actor, link).await?;
    let language = new.language.tag().to_owned();
    Ok(Prepared {
        holder: person.into_holder(random::id()?, language, draft.invitation.created),
        draft,
        sets_language: matches!(new.language, MailLanguage::Chosen(_)),
        accepted: new.system_account,
        shared_mail: new.shared_mail,
    })
}

/// Makes an invitation with its token.
pub(super) async fn draft(
    app: &App,
    policy: &EnrollmentPolicy,
    by_mail: ByMail,
    replaces: Option<Replacing>,
    actor: &Actor,
    link: Link,
) -> Result<Draft> {
    let id = random::id()?;
    let is_made_again = app.sends_mail || link == Link::MadeAgain;
    let link_seed = is_made_again.then(random::id).transpose()?;
    let token = match &link_seed {
        Some(seed) => key::key(app).await?.of_invitation(&id, seed),
        None => random::token()?,
    };
    let now = app.clock.now();
    Ok(Draft {
        invitation: Invitation {
            id,
            holder_id: String::new(),
            link_seed,
            policy: policy.name.clone(),
            policy_version: policy.version,
            token_hash: token.hash(),
            state: StoredState::Pending,
            created: now,
            created_by: actor.name.clone(),
            expires: now.plus(LIFETIME).whole_seconds(),
            used_at: None,
            cancelled_at: None,
            phone_id: None,
            request_digest: None,
            lease_until: None,
            replaces: replaces.as_ref().map(|old| old.phone.clone()),
        },
        token,
        by_mail: if app.sends_mail { by_mail } else { ByMail::No },
        replaces,
    })
}

/// Stores an invitation within a transaction, and its holder, if their UPN is new.
///
/// # Errors
/// As [`invite`].
pub(super) async fn store(
    tx: &mut Transaction,
    prepared: Prepared,
    now: Timestamp,
    actor: &Actor,
) -> Result<Invited> {
    let Prepared {
        draft,
        holder: new_holder,
        accepted,
        shared_mail,
        sets_language,
    } = prepared;
    let found = holder::by_username(tx.reader(), &new_holder.username).await?;
    let (holder, is_new) = match found {
        Some(known) => {
            // Nobody suspends them or lets them go until they are invited.
            let known = holder_locked(tx, &known.id).await?;
            let mut known = same_person(known, &new_holder)?;
            if sets_language && known.language != new_holder.language {
                known = write_in(tx, known, new_holder.language, now, actor).await?;
            }
            (known, false)
        }
        None => (new_holder, true),
    };
    if is_new {
        check_account(&holder, accepted)?;
        check_mail(tx, &holder, shared_mail).await?;
        match holder::insert(tx, &holder).await {
            Err(error) if error.is_unique_violation() => {
                return Err(Conflict::HolderJustAdded { upn: holder.upn }.into());
            }
            other => other?,
        }
        tx.record(NewEvent::new(
            now,
            actor,
            &holder.id,
            Event::HolderCreated(CreatedHolder {
                name: holder.name.clone(),
                email: holder.email.clone(),
                upn: holder.upn.clone(),
            }),
        ));
    }
    add(tx, draft, holder, now, actor).await
}

/// Stores an invitation of a holder who may be invited and is locked, and begins what it is to replace.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Conflict`] if there is nothing to replace.
pub(super) async fn add(
    tx: &mut Transaction,
    draft: Draft,
    holder: Holder,
    now: Timestamp,
    actor: &Actor,
) -> Result<Invited> {
    let Draft {
        invitation,
        token,
        by_mail,
        replaces,
    } = draft;
    let invitation = Invitation {
        holder_id: holder.id.clone(),
        ..invitation
    };
    let replaces = match replaces {
        Some(old) => Some(begin(tx, old, &holder, now, actor).await?),
        None => None,
    };
    invitation::insert(tx, &invitation).await?;
    tx.record(NewEvent::new(
        now,
        actor,
        &invitation.id,
        Event::InvitationCreated(SentInvitation {
            holder: holder.id.clone(),
            name: holder.name.clone(),
            policy: Some(invitation.policy.clone()),
            policy_version: Some(invitation.policy_version),
            expires: invitation.expires.rfc3339(),
            replaces,
        }),
    ));
    if by_mail == ByMail::Yes {
        let kind = MailKind::Invitation;
        mailing::add(tx, &invitation, &holder, kind, now, actor).await?;
    }
    Ok(Invited {
        invitation,
        holder,
        token,
    })
}

/// The holder on record, if the names given are theirs and they can be invited.
fn same_person(known: Holder, given: &Holder) -> Result<Holder> {
    if known.upn != given.upn {
        return Err(username_taken(known));
    }
    if known.name != given.name || !is_same_mail(&known, given) {
        return Err(Error::InvalidField {
            field: Field::Upn,
            flaw: FieldFlaw::UpnTaken {
                upn: known.upn,
                name: known.name,
                email: known.email,
            },
        });
    }
    let flaw = match known.state {
        HolderState::Active => return Ok(known),
        HolderState::Suspended => FieldFlaw::HolderSuspended { name: known.name },
        HolderState::Gone => FieldFlaw::HolderGone { name: known.name },
    };
    Err(Error::InvalidField {
        field: Field::Upn,
        flaw,
    })
}

/// Cancels an invitation.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it was used, has expired or was cancelled before.
pub async fn cancel(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let id = id.to_owned();
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !cancellation::cancel(tx, &id, now, &actor).await? {
                    let found = invitation::by_id(tx.reader(), &id).await?;
                    let found = found.ok_or(Error::NotFound(Object::Invitation))?;
                    return Err(Conflict::NotPending(found.state_at(now)).into());
                }
                Ok(())
            })
        })
        .await
}

/// The invitation with this token in whatever state, and its holder. Uses nothing up. Whoever shows tokens that no
/// invitation has must wait: one rule for pages and API.
///
/// # Errors
/// [`Error::InvitationUnknown`]; [`Error::RateLimited`].
pub async fn look_at(
    app: &App,
    token: Result<Token, TokenError>,
    client: IpAddr,
) -> Result<(Invitation, Holder)> {
    let found = match token {
        Ok(token) => by_token(app, &token).await,
        Err(TokenError) => Err(Error::InvitationUnknown),
    };
    if matches!(found, Err(Error::InvitationUnknown)) {
        let bucket = format!("{UNKNOWN} {}", ClientNetwork::from(client));
        rate_limit::take(app, &bucket, rate_limit::UNKNOWN_TOKEN_BY_ADDRESS).await?;
        rate_limit::take(app, UNKNOWN, rate_limit::UNKNOWN_TOKEN).await?;
    }
    found
}

/// The same for a client that makes the server work with it: within a limit for known invitations too.
///
/// # Errors
/// As [`look_at`].
pub async fn present(app: &App, token: &TokenText, client: IpAddr) -> Result<(Invitation, Holder)> {
    let bucket = format!("invitation {}", ClientNetwork::from(client));
    rate_limit::take(app, &bucket, rate_limit::INVITATION_BY_ADDRESS).await?;
    look_at(app, token.token(), client).await
}

async fn by_token(app: &App, token: &Token) -> Result<(Invitation, Holder)> {
    let invitation = invitation::by_token_hash(app.store.reader(), &token.hash())
        .await?
        .ok_or(Error::InvitationUnknown)?;
    let holder = holder::by_id(app.store.reader(), &invitation.holder_id)
        .await?
        .ok_or(Error::InvitationUnknown)?;
    Ok((invitation, holder))
}

/// Whether an invitation can be used now.
///
/// # Errors
/// What it is instead, or that nobody knows by this clock.
pub fn check_pending(app: &App, invitation: &Invitation) -> Result<()> {
    let now = app.clock.now();
    match invitation.state_at(now) {
        InvitationState::Pending => Ok(()),
        InvitationState::Used => Err(Error::InvitationUsed),
        InvitationState::Expired => app.check_clock(now).and(Err(Error::InvitationExpired)),
        InvitationState::Cancelled => Err(Error::InvitationCancelled),
    }
}
