//! What can be done with several: in words, and one by one.

use std::sync::Arc;

use enroll_server_model::{Actor, BulkAct};
use enroll_server_service::admission::invitation;
use enroll_server_service::error::Result;
use enroll_server_service::{App, query, suspension};

use crate::portal::view::Section;
use crate::words::{Text, Words};

/// One of those that were chosen.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id; empty for somebody who is not on record yet.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What else tells it apart.
    pub detail: String,
    /// Its page; empty if it has none.
    pub href: String,
}

/// Where what is acted on is listed.
#[must_use]
pub const fn section(act: BulkAct) -> Section {
    match act {
        BulkAct::Invite | BulkAct::SuspendHolders | BulkAct::ResumeHolders => Section::Holders,
        BulkAct::SuspendPhones | BulkAct::ResumePhones => Section::Phones,
        BulkAct::Import | BulkAct::CancelInvitations => Section::Invitations,
    }
}

/// The path of that list.
#[must_use]
pub const fn list(act: BulkAct) -> &'static str {
    match act {
        BulkAct::Invite | BulkAct::SuspendHolders | BulkAct::ResumeHolders => "/holders",
        BulkAct::SuspendPhones | BulkAct::ResumePhones => "/phones",
        BulkAct::Import | BulkAct::CancelInvitations => "/invitations",
    }
}

/// The question.
#[must_use]
pub fn heading(words: Words, act: BulkAct, count: usize) -> Text {
    match act {
        BulkAct::Invite | BulkAct::Import => words.bulk_invite_heading(count),
        BulkAct::SuspendHolders => words.bulk_suspend_holders_heading(count),
        BulkAct::ResumeHolders => words.bulk_resume_holders_heading(count),
        BulkAct::SuspendPhones => words.bulk_suspend_phones_heading(count),
        BulkAct::ResumePhones => words.bulk_resume_phones_heading(count),
        BulkAct::CancelInvitations => words.bulk_cancel_heading(count),
    }
}

/// What follows from it.
#[must_use]
pub fn consequence(words: Words, act: BulkAct) -> Text {
    match act {
        BulkAct::Invite | BulkAct::Import => words.bulk_invite_note(),
        BulkAct::SuspendHolders => words.bulk_suspend_holders_note(),
        BulkAct::ResumeHolders => words.bulk_resume_holders_note(),
        BulkAct::SuspendPhones => words.bulk_suspend_phones_note(),
        BulkAct::ResumePhones => words.bulk_resume_phones_note(),
        BulkAct::CancelInvitations => words.bulk_cancel_note(),
    }
}

/// What the button says.
#[must_use]
pub fn verb(words: Words, act: BulkAct, count: usize) -> Text {
    match act {
        BulkAct::Invite | BulkAct::Import => words.bulk_invite_verb(count),
        BulkAct::SuspendHolders | BulkAct::SuspendPhones => words.bulk_suspend_verb(count),
        BulkAct::ResumeHolders | BulkAct::ResumePhones => words.bulk_resume_verb(count),
        BulkAct::CancelInvitations => words.bulk_cancel_verb(count),
    }
}

/// Whether a note can be given.
#[must_use]
pub const fn has_note(act: BulkAct) -> bool {
    matches!(act, BulkAct::SuspendHolders | BulkAct::SuspendPhones)
}

/// Those with these ids that are there still.
///
/// # Errors
/// If the database fails.
pub async fn rows(app: &App, act: BulkAct, ids: &[String]) -> Result<Vec<Row>> {
    Ok(match section(act) {
        Section::Phones => {
            let found = query::phones_with(app, ids).await?.into_iter();
            let row = |row: query::PhoneSummary| Row {
                href: format!("/phones/{}", row.phone.id),
                id: row.phone.id,
                name: row.phone.name,
                detail: row.holder_name,
            };
            found.map(row).collect()
        }
        Section::Invitations => {
            let found = query::invitations_with(app, ids).await?.into_iter();
            let row = |row: query::InvitationSummary| Row {
                href: format!("/invitations/{}", row.invitation.id),
                id: row.invitation.id,
                name: row.holder_name,
                detail: row.holder_email,
            };
            found.map(row).collect()
        }
        _ => {
            let found = query::holders_with(app, ids).await?.into_iter();
            let row = |row: query::HolderSummary| Row {
                href: format!("/holders/{}", row.holder.id),
                id: row.holder.id,
                name: row.holder.name,
                detail: row.holder.email,
            };
            found.map(row).collect()
        }
    })
}

/// Does it with one.
///
/// # Errors
/// Why it cannot be done with this one.
pub async fn to_one(
    app: &Arc<App>,
    act: BulkAct,
    id: &str,
    note: String,
    actor: &Actor,
) -> Result<()> {
    match act {
        BulkAct::SuspendHolders => suspension::suspend_holder(app, id, note, actor)
            .await
            .map(drop),
        BulkAct::ResumeHolders => suspension::resume_holder(app, id, actor).await.map(drop),
        BulkAct::SuspendPhones => suspension::suspend_phone(app, id, note, actor)
            .await
            .map(drop),
        BulkAct::ResumePhones => suspension::resume_phone(app, id, actor).await.map(drop),
        BulkAct::CancelInvitations => invitation::cancel(app, id, actor).await,
        // All at once, or nobody.
        BulkAct::Invite | BulkAct::Import => Ok(()),
    }
}
