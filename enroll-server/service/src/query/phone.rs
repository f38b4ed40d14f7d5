//! A phone and its certificates.

use std::sync::Arc;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::{
    CertificateState, EventKind, HolderState, InvitationState, ObjectKind, PhoneState,
};
use enroll_server_store::audit::{self, RecordedEvent};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::check_in;
use enroll_server_store::holder;
use enroll_server_store::invitation::{self, Invitation};
use enroll_server_store::phone::{self, Phone, PhoneSummary};
use enroll_server_store::suspension::{self, Suspension};

use super::history;
use crate::admission::replace;
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};
use crate::suspension::check_active;
use crate::unblocking;

/// A phone's page.
#[derive(Clone, Debug)]
pub struct PhoneView {
    /// The phone and whose it is.
    pub phone: PhoneSummary,
    /// Whether it has a key to check in with.
    pub can_check_in: bool,
    /// Whether its holder can be allowed a new PIN: it has an unblocking key, and neither of them is suspended or gone.
    pub can_unblock: bool,
    /// Its certificates by slot, the newest of a slot first.
    pub certificates: Vec<Certificate>,
    /// How many of them are valid now.
    pub valid: usize,
    /// Who suspended it, if somebody did so by itself.
    pub suspension: Option<Suspension>,
    /// How its holder stands to the organisation.
    pub holder_state: HolderState,
    /// How it was revoked, if it was.
    pub revoked: Option<RecordedEvent>,
    /// The phone that it took the place of.
    pub replaces: Option<Phone>,
    /// What took its place, or is about to.
    pub replaced_by: Option<ReplacedBy>,
    /// What happened, newest first.
    pub events: Vec<RecordedEvent>,
}

/// What took the place of a phone, or is about to.
#[derive(Clone, Debug)]
pub struct ReplacedBy {
    /// The invitation.
    pub invitation: Invitation,
    /// The phone that was enrolled with it; none as long as it can be used.
    pub phone: Option<Phone>,
}

/// The phone with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn phone(app: &App, id: &str) -> Result<PhoneView> {
    let on = app.store.reader();
    let phone = summary(app, id).await?;
    let certificates = certificate::of_phone(on, id).await?;
    let holder = holder::by_id(on, &phone.phone.holder_id).await?;
    let holder = holder.ok_or(Error::NotFound(Object::Holder))?;
    let checking_in = check_in::by_id(on, id).await?;
    let checking_in = checking_in.ok_or(Error::NotFound(Object::Phone))?;
    Ok(PhoneView {
        can_check_in: checking_in.check_in_key.is_some(),
        can_unblock: unblocking::judge(&checking_in, Some(&holder)).is_ok(),
        suspension: suspension::of(on, ObjectKind::Phone, id).await?,
        holder_state: holder.state,
        revoked: match phone.phone.state {
            PhoneState::Revoked => {
                audit::latest(on, EventKind::PhoneRevoked, ObjectKind::Phone, id).await?
            }
            PhoneState::Active | PhoneState::Suspended => None,
        },
        replaces: replaces(app, &phone.phone).await?,
        replaced_by: replaced_by(app, &phone.phone).await?,
        phone,
        valid: count_valid(app, &certificates),
        certificates,
        events: history::about(app, ObjectKind::Phone, id).await?,
    })
}

/// The phone that the newest invitation of a phone had it take the place of. A card that was enrolled once more took its own.
async fn replaces(app: &App, phone: &Phone) -> Result<Option<Phone>> {
    let on = app.store.reader();
    let used = invitation::of_phone(on, &phone.id).await?;
    let mut replaced = used.into_iter().filter_map(|one| one.replaces);
    match replaced.find(|old| *old != phone.id) {
        Some(old) => Ok(phone::by_id(on, &old).await?),
        None => Ok(None),
    }
}

async fn replaced_by(app: &App, phone: &Phone) -> Result<Option<ReplacedBy>> {
    let (on, now) = (app.store.reader(), app.clock.now());
    for invitation in invitation::replacing(on, &phone.id).await? {
        let new = match (invitation.state_at(now), &invitation.phone_id) {
            (InvitationState::Pending, _) => None,
            (InvitationState::Used, Some(new)) if *new != phone.id => phone::by_id(on, new).await?,
            _ => continue,
        };
        return Ok(Some(ReplacedBy {
            invitation,
            phone: new,
        }));
    }
    Ok(None)
}

/// A phone that somebody is about to replace.
#[derive(Clone, Debug)]
pub struct PhoneToReplace {
    /// What is to become of it.
    pub old: PhoneToRevoke,
    /// Where an invitation by mail goes.
    pub email: String,
    /// The keys that the new one is asked for.
    pub policy: Arc<EnrollmentPolicy>,
}

/// The phone with this id, and what replacing it would do.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is revoked already, or its holder suspended or gone.
pub async fn phone_to_replace(app: &App, id: &str) -> Result<PhoneToReplace> {
    let old = phone_to_revoke(app, id).await?;
    let holder = holder::by_id(app.store.reader(), &old.phone.phone.holder_id).await?;
    let holder = holder.ok_or(Error::NotFound(Object::Holder))?;
    check_active(&holder)?;
    Ok(PhoneToReplace {
        old,
        email: holder.email,
        policy: replace::policy(app, id).await?,
    })
}

/// A phone that somebody is about to revoke.
#[derive(Clone, Debug)]
pub struct PhoneToRevoke {
    /// The phone and whose it is.
    pub phone: PhoneSummary,
    /// How many certificates it has that are valid, or on hold.
    pub unrevoked: usize,
    /// What else can end with it.
    pub rest: Rest,
}

/// What else a holder has.
#[derive(Clone, Debug)]
pub struct Rest {
    /// The other phones that are not revoked, newest first.
    pub phones: Vec<Phone>,
    /// The invitations that can be used, newest first.
    pub invitations: Vec<Invitation>,
}

/// What a holder has beside this phone.
pub(super) async fn rest_of_holder(app: &App, phone: &Phone) -> Result<Rest> {
    let on = app.store.reader();
    let mut phones = phone::unrevoked_of_holder(on, &phone.holder_id).await?;
    phones.retain(|other| other.id != phone.id);
    let invitations = invitation::open_of_holder(on, &phone.holder_id, app.clock.now()).await?;
    Ok(Rest {
        phones,
        invitations,
    })
}

/// The phone with this id, and what revoking it would end.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is revoked already.
pub async fn phone_to_revoke(app: &App, id: &str) -> Result<PhoneToRevoke> {
    let phone = summary(app, id).await?;
    if phone.phone.state == PhoneState::Revoked {
        return Err(Conflict::PhoneRevoked.into());
    }
    let certificates = certificate::of_phone(app.store.reader(), id).await?;
    Ok(PhoneToRevoke {
        unrevoked: certificates
            .iter()
            .filter(|one| {
                let is_left = matches!(
                    one.state,
                    CertificateState::Issued | CertificateState::Suspended
                );
                is_left && one.validity().contains(app.clock.now())
            })
            .count(),
        rest: rest_of_holder(app, &phone.phone).await?,
        phone,
    })
}

async fn summary(app: &App, id: &str) -> Result<PhoneSummary> {
    phone::summary(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound(Object::Phone))
}

fn count_valid(app: &App, certificates: &[Certificate]) -> usize {
    let now = app.clock.now();
    certificates
        .iter()
        .filter(|certificate| certificate.is_valid_at(now))
        .count()
}
