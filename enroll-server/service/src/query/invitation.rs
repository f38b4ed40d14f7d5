//! An invitation as administrators see it.

use std::collections::HashMap;
use std::sync::Arc;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::{CertificateState, InvitationState};
use enroll_server_store::certificate;
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::invitation::{self, Invitation, InvitationSummary};
use enroll_server_store::outbox::{self, Delivery};
use enroll_server_store::phone::{self, Phone};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;

/// A phone that was enrolled with an invitation.
#[derive(Clone, Debug)]
pub struct EnrolledPhone {
    /// Its id.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// How many certificates it has that are not revoked.
    pub certificates: usize,
}

/// Where an invitation stands.
#[derive(Clone, Debug)]
pub struct InvitationStatus {
    /// The invitation.
    pub invitation: Invitation,
    /// The phone that was enrolled with it.
    pub phone: Option<EnrolledPhone>,
}

/// An invitation's page.
#[derive(Clone, Debug)]
pub struct InvitationView {
    /// The invitation and who is invited.
    pub summary: InvitationSummary,
    /// Its enrollment policy, if that still fits the profiles.
    pub policy: Option<Arc<EnrollmentPolicy>>,
    /// The phone that was enrolled with it.
    pub phone: Option<EnrolledPhone>,
    /// The phone that the new one takes the place of.
    pub replaces: Option<Phone>,
    /// The mails about it, newest first.
    pub mails: Vec<Delivery>,
}

/// The invitation with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn invitation(app: &App, id: &str) -> Result<InvitationView> {
    let summary = invitation::summary(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound(Object::Invitation))?;
    let phone = enrolled_phone(app, &summary.invitation).await?;
    let Invitation {
        policy,
        policy_version,
        ..
    } = &summary.invitation;
    let policy = app.policies.version(policy, *policy_version).cloned();
    let mails = outbox::mails_about(app.store.reader(), id).await?;
    let replaces = match &summary.invitation.replaces {
        Some(old) => phone::by_id(app.store.reader(), old).await?,
        None => None,
    };
    Ok(InvitationView {
        replaces,
        mails,
        summary,
        policy,
        phone,
    })
}

/// The newest mail about each invitation that can be used.
pub async fn latest_mails(
    app: &App,
    invitations: &[InvitationSummary],
) -> Result<HashMap<String, Delivery>> {
    let mut latest = HashMap::new();
    let now = app.clock.now();
    let open = invitations.iter().map(|summary| &summary.invitation);
    for invitation in open.filter(|one| one.state_at(now) == InvitationState::Pending) {
        let mails = outbox::mails_about(app.store.reader(), &invitation.id).await?;
        if let Some(mail) = mails.into_iter().next() {
            latest.insert(invitation.id.clone(), mail);
        }
    }
    Ok(latest)
}

/// Where the invitation with this id stands.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn invitation_status(app: &App, id: &str) -> Result<InvitationStatus> {
    let invitation = invitation::by_id(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound(Object::Invitation))?;
    let phone = enrolled_phone(app, &invitation).await?;
    Ok(InvitationStatus { invitation, phone })
}

async fn enrolled_phone(app: &App, invitation: &Invitation) -> Result<Option<EnrolledPhone>> {
    let on = app.store.reader();
    let Some(id) = &invitation.phone_id else {
        return Ok(None);
    };
    let Some(phone) = phone::by_id(on, id).await? else {
        return Ok(None);
    };
    let mut certificates = certificate::of_phone(on, id).await?;
    certificates.retain(|one| one.state != CertificateState::Revoked);
    Ok(Some(EnrolledPhone {
        id: phone.id,
        name: phone.name,
        certificates: certificates.len(),
    }))
}

/// The earlier invitation with the id `again`, and the holder invited with it, or the holder with the id `holder`.
pub async fn invited_before(
    app: &App,
    again: &str,
    holder: &str,
) -> Result<(Option<Invitation>, Option<Holder>)> {
    let on = app.store.reader();
    let earlier = invitation::by_id(on, again).await?;
    let holder_id = earlier
        .as_ref()
        .map_or(holder, |earlier| &earlier.holder_id);
    let holder = holder::by_id(on, holder_id).await?;
    Ok((earlier, holder))
}
