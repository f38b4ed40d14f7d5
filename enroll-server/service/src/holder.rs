//! Correcting what was typed of a holder, letting a holder go, and removing one who never had a phone.

use enroll_server_model::event_detail::{
    EditedHolder, HolderNames, LetGoHolder, RemovedHolder, RevokedPhone,
};
use enroll_server_model::{
    Actor, Event, HolderState, NewEvent, ObjectKind, RevocationReason, Timestamp,
};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::{
    Transaction, holder_link, holder_request, holder_session, invitation, phone, suspension,
};

use crate::admission::mailing;
use crate::app::App;
use crate::cancellation::cancel;
use crate::error::{Error, Result};
use crate::outbox::{self, key};
use crate::person::{Person, SharedMail, SystemAccount};
use crate::refusal::{Conflict, Field, FieldFlaw};
use crate::request_end::close_request_of;
use crate::revocation::{phone_revoked, revoke_one};
use crate::suspension::{holder_locked, phones_by_id};

/// The names of a holder as they are to be.
#[derive(Clone, Debug)]
pub struct NewNames {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The user principal name.
    pub upn: String,
    /// The tag of the language in which they are written to.
    pub language: String,
    /// Whether the account may be one that systems have for themselves.
    pub system_account: SystemAccount,
    /// Whether the mail address may be another holder's too.
    pub shared_mail: SharedMail,
}

/// What came of correcting a holder's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// They are what they were.
    Nothing,
    /// They are corrected.
    Done {
        /// How many invitations that had gone to the old mail address went to the new one, with a new link.
        mailed: usize,
    },
}

/// Corrects a holder's names and language. Certificates that were issued say what they said. With another mail address,
/// whoever has the old one can use no invitation that was sent there.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InvalidField`] for what cannot be, or is another person's.
pub async fn edit(app: &App, id: &str, new: NewNames, actor: &Actor) -> Result<Edited> {
    let person = Person::parse(&new.name, &new.email, &new.upn)?;
    let now = app.clock.now();
    let id = id.to_owned();
    let actor = actor.clone();
    let (key, database_now) = (key::key(app).await?, outbox::now(app).await?);
    let sends_mail = app.sends_mail;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // Nobody invites them meanwhile.
                let before = holder_locked(tx, &id).await?;
                let after = Holder {
                    state: before.state,
                    phones: before.phones,
                    ..person.into_holder(before.id.clone(), new.language, before.created)
                };
                if after == before {
                    return Ok(Edited::Nothing);
                }
                if after.username != before.username {
                    check_account(&after, new.system_account)?;
                    let other = holder::by_username(tx.reader(), &after.username).await?;
                    if let Some(other) = other {
                        return Err(username_taken(other));
                    }
                }
                let has_moved = !is_same_mail(&after, &before);
                if has_moved {
                    check_mail(tx, &after, new.shared_mail).await?;
                }
                match holder::update(tx, &after).await {
                    Err(error) if error.is_unique_violation() => {
                        return Err(Conflict::HolderJustAdded { upn: after.upn }.into());
                    }
                    other => other?,
                }
                record_edit(tx, before, &after, now, &actor);
                let mut mailed = 0;
                if has_moved {
                    // Whoever came by a link to the old address.
                    holder_link::delete_of(tx, &id).await?;
                    holder_session::delete_of(tx, &id).await?;
                    for open in invitation::open_of_holder(tx.reader(), &id, now).await? {
                        let times = (now, database_now);
                        let is_sent =
                            mailing::follow(tx, &open, &after, &key, times, &actor, sends_mail);
                        mailed += usize::from(is_sent.await?);
                    }
                }
                Ok(Edited::Done { mailed })
            })
        })
        .await
}

/// Has a holder written to in another language.
pub(super) async fn write_in(
    tx: &mut Transaction,
    before: Holder,
    language: String,
    now: Timestamp,
    actor: &Actor,
) -> Result<Holder> {
    let after = Holder {
        language,
        ..before.clone()
    };
    holder::update(tx, &after).await?;
    record_edit(tx, before, &after, now, actor);
    Ok(after)
}

fn record_edit(
    tx: &mut Transaction,
    before: Holder,
    after: &Holder,
    now: Timestamp,
    actor: &Actor,
) {
    let edited = Event::HolderEdited(EditedHolder {
        before: names(before),
        after: names(after.clone()),
    });
    tx.record(NewEvent::new(now, actor, &after.id, edited));
}

/// Holds a holder's account to what was accepted.
///
/// # Errors
/// [`Error::InvalidField`] if it is a system's and nobody has said that this is meant.
pub(super) fn check_account(holder: &Holder, accepted: SystemAccount) -> Result<()> {
    if accepted == SystemAccount::Refuse && crate::person::is_system_account(&holder.username) {
        return Err(Error::InvalidField {
            field: Field::Upn,
            flaw: FieldFlaw::SystemAccount {
                username: holder.username.clone(),
            },
        });
    }
    Ok(())
}

/// Holds a holder's mail address to what was accepted.
///
/// # Errors
/// [`Error::InvalidField`] if another holder has it and nobody has said that this is meant.
pub(super) async fn check_mail(
    tx: &mut Transaction,
    holder: &Holder,
    accepted: SharedMail,
) -> Result<()> {
    if accepted == SharedMail::Accept {
        return Ok(());
    }
    let found = holder::by_mail(tx.reader(), &holder.email_ascii).await?;
    match found.into_iter().find(|other| other.id != holder.id) {
        None => Ok(()),
        Some(other) => Err(Error::InvalidField {
            field: Field::Email,
            flaw: FieldFlaw::MailShared {
                email: other.email,
                name: other.name,
            },
        }),
    }
}

/// Whether two holders have one mail address.
pub(super) fn is_same_mail(one: &Holder, other: &Holder) -> bool {
    one.email_ascii.eq_ignore_ascii_case(&other.email_ascii)
}

/// What is said where an account is another person's: sshd tells people apart by it alone.
pub(super) fn username_taken(owner: Holder) -> Error {
    Error::InvalidField {
        field: Field::Upn,
        flaw: FieldFlaw::UsernameTaken {
            username: owner.username,
            name: owner.name,
            upn: owner.upn,
        },
    }
}

fn names(holder: Holder) -> HolderNames {
    HolderNames {
        name: holder.name,
        email: holder.email,
        upn: holder.upn,
        language: holder.language,
    }
}

/// What ended when a holder was let go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetGo {
    /// Their name.
    pub name: String,
    /// How many phones were revoked.
    pub phones: usize,
    /// How many certificates were revoked, of all phones together.
    pub certificates: usize,
    /// How many invitations were cancelled.
    pub invitations: usize,
}

/// Lets a holder go, in one transaction: all of their phones are revoked, their open invitations cancelled, and they cannot be
/// invited unless they are [taken back](crate::suspension::take_back).
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if they were let go already.
pub async fn let_go(
    app: &App,
    id: &str,
    reason: RevocationReason,
    note: String,
    actor: &Actor,
) -> Result<LetGo> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    let done = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let holder = holder_locked(tx, &id).await?;
                if holder.state == HolderState::Gone {
                    return Err(Conflict::HolderGone.into());
                }
                suspension::delete(tx, ObjectKind::Holder, &id).await?;
                holder::set_state(tx, &id, HolderState::Gone).await?;
                close_request_of(tx, &id, now, &actor).await?;
                let mut ended = LetGo {
                    name: holder.name,
                    ..LetGo::default()
                };
                let mut phones = Vec::new();
                for phone in phones_by_id(tx, &id).await? {
                    let revoked = revoke_one(tx, &phone.id, reason, now, &actor).await?;
                    let Some(certificates) = revoked else {
                        continue;
                    };
                    let detail = RevokedPhone {
                        reason: Some(reason),
                        certificates,
                        note: note.clone(),
                        ..RevokedPhone::default()
                    };
                    tx.record(phone_revoked(&phone.id, detail, now, &actor));
                    ended.certificates += certificates;
                    phones.push(phone.id);
                }
                let invitations = cancel_open(tx, &id, now, &actor).await?;
                ended.phones = phones.len();
                ended.invitations = invitations.len();
                let event = Event::HolderLetGo(LetGoHolder {
                    reason: Some(reason),
                    phones,
                    invitations,
                    note,
                });
                tx.record(NewEvent::new(now, &actor, &id, event));
                Ok::<_, Error>(ended)
            })
        })
        .await;
    app.crls.due.notify_one();
    done
}

/// Cancels the invitations of a holder that can still be used. Returns their ids.
async fn cancel_open(
    tx: &mut Transaction,
    holder_id: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<Vec<String>> {
    let mut cancelled = Vec::new();
    for open in invitation::open_of_holder(tx.reader(), holder_id, now).await? {
        if cancel(tx, &open.id, now, actor).await? {
            cancelled.push(open.id);
        }
    }
    Ok(cancelled)
}

/// Removes a holder who never had a phone, and with them their invitations; those that could still be used are cancelled
/// first. What happened stays in the audit trail. Returns the holder's name.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if a phone was enrolled: its certificates name the holder.
pub async fn remove(app: &App, id: &str, actor: &Actor) -> Result<String> {
    let now = app.clock.now();
    let id = id.to_owned();
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let found = holder_locked(tx, &id).await?;
                if !phone::of_holder(tx.reader(), &id).await?.is_empty() {
                    return Err(Conflict::HolderHasPhones.into());
                }
                let cancelled = cancel_open(tx, &id, now, &actor).await?;
                suspension::delete(tx, ObjectKind::Holder, &id).await?;
                close_request_of(tx, &id, now, &actor).await?;
                holder_request::delete_of(tx, &id).await?;
                invitation::delete_of(tx, &id).await?;
                holder_link::delete_of(tx, &id).await?;
                holder_session::delete_of(tx, &id).await?;
                holder::delete(tx, &id).await?;
                let name = found.name.clone();
                let removed = Event::HolderRemoved(RemovedHolder {
                    holder: names(found),
                    invitations: cancelled,
                });
                tx.record(NewEvent::new(now, &actor, &id, removed));
                Ok(name)
            })
        })
        .await
}
