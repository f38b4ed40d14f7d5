//! What is sent by mail, as facts: the words are the sender's.

use enroll_server_model::{InvitationState, MailKind, Timestamp, random};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::outbox::{self, NewMail};
use enroll_server_store::{Transaction, holder_link, holder_request, invitation, phone};

use crate::app::App;
use crate::error::Result;
use crate::outbox::key;

/// A mail.
#[derive(Debug)]
pub struct Message {
    /// Its id: the same at each attempt.
    pub id: String,
    /// Where it goes.
    pub recipient: String,
    /// Whom it greets.
    pub name: String,
    /// The tag of the language in which they are written to.
    pub language: String,
    /// When it was written.
    pub created: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What a mail says.
#[derive(Debug)]
pub enum Content {
    /// That somebody is invited.
    Invitation {
        /// Whether they were told before.
        is_reminder: bool,
        /// The link, with the token and the authority's fingerprint.
        link: String,
        /// Who invited them.
        inviter: String,
        /// Until when the link can be used.
        expires: Timestamp,
    },
    /// The link to their own pages, which somebody asked for.
    OwnPages {
        /// The link.
        link: String,
    },
    /// That what they asked for was refused.
    RequestRefused {
        /// Why.
        note: String,
    },
    /// What happened to a phone of theirs.
    Phone {
        /// The phone's name.
        phone: String,
        /// What happened.
        news: PhoneNews,
    },
}

impl Content {
    /// Whether whoever reads it can do something in the holder's name.
    const fn has_link(&self) -> bool {
        match self {
            Self::Invitation { .. } | Self::OwnPages { .. } => true,
            Self::RequestRefused { .. } | Self::Phone { .. } => false,
        }
    }
}

/// What happened to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneNews {
    /// It was enrolled.
    Enrolled,
    /// It was suspended.
    Suspended,
    /// It was revoked.
    Revoked,
    /// It brought the code for a new PIN.
    Unblocked,
}

/// A new mail about something.
pub(crate) async fn add(
    tx: &mut Transaction,
    kind: MailKind,
    about: &str,
    recipient: &str,
    created: Timestamp,
) -> Result<()> {
    let mail = NewMail {
        id: format!("mail-{}", random::id()?),
        kind,
        about: about.to_owned(),
        recipient: recipient.to_owned(),
        created,
    };
    Ok(outbox::add_mail(tx, &mail).await?)
}

/// What the mail with this id, which is [taken](outbox::take), says now and to whom: nobody has it go elsewhere meanwhile. None
/// if what it is about is over.
pub(super) async fn message(app: &App, id: &str) -> Result<Option<Message>> {
    let Some(delivery) = outbox::by_id(app.store.reader(), id).await? else {
        return Ok(None);
    };
    let Ok(kind) = delivery.kind.parse::<MailKind>() else {
        return Ok(None);
    };
    let about = &delivery.about;
    let found = match kind {
        MailKind::Invitation => invited(app, about, false).await?,
        MailKind::Reminder => invited(app, about, true).await?,
        MailKind::OwnPages => own_pages(app, about).await?,
        MailKind::RequestRefused => refused(app, about).await?,
        MailKind::PhoneEnrolled => of_phone(app, about, PhoneNews::Enrolled).await?,
        MailKind::PhoneSuspended => of_phone(app, about, PhoneNews::Suspended).await?,
        MailKind::PhoneRevoked => of_phone(app, about, PhoneNews::Revoked).await?,
        MailKind::PinUnblocked => of_phone(app, about, PhoneNews::Unblocked).await?,
    };
    // Who the address belonged to before gets no link: the holder was read last, after the address was corrected.
    let found = found.filter(|(holder, content)| {
        !content.has_link() || holder.email_ascii.eq_ignore_ascii_case(&delivery.recipient)
    });
    Ok(found.map(|(holder, content)| Message {
        id: delivery.id,
        recipient: delivery.recipient,
        name: holder.name,
        language: holder.language,
        created: delivery.created,
        content,
    }))
}

async fn invited(app: &App, id: &str, is_reminder: bool) -> Result<Option<(Holder, Content)>> {
    let Some(invitation) = invitation::by_id(app.store.reader(), id).await? else {
        return Ok(None);
    };
    if invitation.state_at(app.clock.now()) != InvitationState::Pending {
        return Ok(None);
    }
    let Some(seed) = &invitation.link_seed else {
        return Ok(None);
    };
    let token = key::key(app).await?.of_invitation(&invitation.id, seed);
    // Under another passphrase there is another key, and nobody knows the link.
    if token.hash() != invitation.token_hash {
        return Ok(None);
    }
    let content = Content::Invitation {
        is_reminder,
        link: app.invitation_link(&token),
        inviter: invitation.created_by.clone(),
        expires: invitation.expires,
    };
    let holder = holder::by_id(app.store.reader(), &invitation.holder_id).await?;
    Ok(holder.map(|holder| (holder, content)))
}

async fn own_pages(app: &App, id: &str) -> Result<Option<(Holder, Content)>> {
    let on = app.store.reader();
    let Some(row) = holder_link::by_id(on, id).await? else {
        return Ok(None);
    };
    let token = key::key(app).await?.of_own_pages(id);
    if row.expires <= app.clock.now() || token.hash() != row.token_hash {
        return Ok(None);
    }
    let holder = holder::by_id(on, &row.holder_id).await?;
    let link = app.own_pages_link(&token);
    Ok(holder.map(|holder| (holder, Content::OwnPages { link })))
}

async fn refused(app: &App, id: &str) -> Result<Option<(Holder, Content)>> {
    let on = app.store.reader();
    let Some(request) = holder_request::by_id(on, id).await? else {
        return Ok(None);
    };
    let holder = holder::by_id(on, &request.holder_id).await?;
    let note = request.note;
    Ok(holder.map(|holder| (holder, Content::RequestRefused { note })))
}

async fn of_phone(app: &App, id: &str, news: PhoneNews) -> Result<Option<(Holder, Content)>> {
    let on = app.store.reader();
    let Some(phone) = phone::by_id(on, id).await? else {
        return Ok(None);
    };
    let holder = holder::by_id(on, &phone.holder_id).await?;
    Ok(holder.map(|holder| {
        let phone = phone.name;
        (holder, Content::Phone { phone, news })
    }))
}
