//! A holder with all that belongs to them.

use enroll_server_ca::decoded::{Decoded, Name, NameKind};
use enroll_server_model::{
    EventKind, HolderState, InvitationState, ObjectKind, PhoneState, Timestamp,
};
use enroll_server_store::audit::{self, RecordedEvent};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::invitation::{self, Invitation};
use enroll_server_store::listing::EventSummary;
use enroll_server_store::phone::{self, Phone};
use enroll_server_store::suspension::{self, Suspension};

use super::history;
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;

/// A holder's page.
#[derive(Clone, Debug)]
pub struct HolderView {
    /// The holder.
    pub holder: Holder,
    /// Their phones, newest first.
    pub phones: Vec<Phone>,
    /// Their invitations, newest first.
    pub invitations: Vec<Invitation>,
    /// Valid certificates that call them otherwise than the record does.
    pub outdated: Vec<OutdatedCertificate>,
    /// Who suspended them, if they are suspended.
    pub suspension: Option<Suspension>,
    /// How they were let go, if they were.
    pub let_go: Option<RecordedEvent>,
    /// What happened to them and all that is theirs, newest first.
    pub events: Vec<EventSummary>,
}

impl HolderView {
    /// How many of their invitations can be used.
    #[must_use]
    pub fn open_invitations(&self, now: Timestamp) -> usize {
        let invitations = self.invitations.iter();
        invitations
            .filter(|one| one.state_at(now) == InvitationState::Pending)
            .count()
    }
}

/// A valid certificate that calls its holder otherwise than the record does.
#[derive(Clone, Debug)]
pub struct OutdatedCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// The name of the phone that has it.
    pub phone: String,
    /// What it says otherwise.
    pub names: Vec<Name>,
}

/// The name of the holder with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn holder_name(app: &App, id: &str) -> Result<String> {
    let found = holder::by_id(app.store.reader(), id).await?;
    Ok(found.ok_or(Error::NotFound(Object::Holder))?.name)
}

/// The holder with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn holder(app: &App, id: &str) -> Result<HolderView> {
    let on = app.store.reader();
    let holder = holder::by_id(on, id)
        .await?
        .ok_or(Error::NotFound(Object::Holder))?;
    let phones = phone::of_holder(on, id).await?;
    Ok(HolderView {
        outdated: outdated(app, &holder, &phones).await?,
        suspension: suspension::of(on, ObjectKind::Holder, id).await?,
        let_go: match holder.state {
            HolderState::Gone => {
                let kind = EventKind::HolderLetGo;
                audit::latest(on, kind, ObjectKind::Holder, id).await?
            }
            HolderState::Active | HolderState::Suspended => None,
        },
        holder,
        phones,
        invitations: invitation::of_holder(on, id).await?,
        events: history::of_holder(app, id).await?,
    })
}

/// The valid certificates of a holder's active phones that call them otherwise than the record does.
async fn outdated(
    app: &App,
    holder: &Holder,
    phones: &[Phone],
) -> Result<Vec<OutdatedCertificate>> {
    let now = app.clock.now();
    let mut outdated = Vec::new();
    for phone in phones
        .iter()
        .filter(|phone| phone.state == PhoneState::Active)
    {
        for row in certificate::issued_of_phone(app.store.reader(), &phone.id).await? {
            if !row.certificate.is_valid_at(now) {
                continue;
            }
            let mut names = Decoded::from_der(&row.der)?.names;
            names.retain(|name| is_otherwise(name, holder));
            if !names.is_empty() {
                outdated.push(OutdatedCertificate {
                    certificate: row.certificate,
                    phone: phone.name.clone(),
                    names,
                });
            }
        }
    }
    Ok(outdated)
}

fn is_otherwise(name: &Name, holder: &Holder) -> bool {
    match name.kind {
        NameKind::Common => name.text != holder.name,
        NameKind::Mail => name.text != holder.email_ascii,
        NameKind::Upn => name.text != holder.upn,
        NameKind::Host | NameKind::Card | NameKind::Address | NameKind::Other => false,
    }
}
