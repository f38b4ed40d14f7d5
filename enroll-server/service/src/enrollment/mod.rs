//! Enrolling a phone with an invitation: the offer, and the enrollment itself.
//!
//! An invitation is used exactly once, by a conditional update. The same request may be repeated, because a phone
//! can be killed before it stored the answer: same token, same keys, same certificates.

mod repeat;
mod request;
mod work;
use std::net::IpAddr;
use std::sync::Arc;

use enrollment_protocol::TokenText;
use work::{Begun, Enrollment};

use enroll_server_ca::profile::enrollment::RequestedKey;
use enroll_server_model::event_detail::{EnrolledPhone, UsedInvitation};
use enroll_server_model::{
    Event, Guid, InvitationState, NewEvent, PhoneState, Slot, Timestamp, random,
};
use enroll_server_store::StoreError;
use enroll_server_store::holder::Holder;
use enroll_server_store::phone::{self, Phone};

use crate::admission::invitation;
use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::issuance::{self, LEASE};
use crate::refusal::Invalid;
pub use work::{Enrolled, SlotCertificate};

/// What an invitation offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Who is invited.
    pub holder: Holder,
    /// Until when.
    pub expires: Timestamp,
    /// The keys to make.
    pub keys: Arc<[RequestedKey]>,
}

/// What an invitation offers; uses nothing up.
///
/// # Errors
/// What the invitation is instead of pending.
pub async fn offer(app: &App, token: &TokenText, client: IpAddr) -> Result<Offer> {
    let (invitation, holder) = invitation::present(app, token, client).await?;
    invitation::check_pending(app, &invitation)?;
    Ok(Offer {
        holder,
        expires: invitation.expires,
        keys: app.policy_of(&invitation)?.keys.clone(),
    })
}

/// A phone that wants to be enrolled.
#[derive(Clone)]
pub struct EnrollmentRequest {
    /// The invitation's token.
    pub token: TokenText,
    /// What the phone calls itself.
    pub phone_name: String,
    /// The card's GUID.
    pub guid: Guid,
    /// A PKCS#10 request for each slot, DER.
    pub requests: Vec<(Slot, Vec<u8>)>,
}

/// Enrolls a phone: checks its keys, uses the invitation up and issues its certificates.
///
/// # Errors
/// What the invitation is instead of pending; [`Error::RequestInvalid`] with the slot and the reason;
/// [`Error::Busy`] if the same request is at work elsewhere and not done in time.
pub async fn enroll(app: &App, asked: EnrollmentRequest, client: IpAddr) -> Result<Enrolled> {
    let (invitation, holder) = invitation::present(app, &asked.token, client).await?;
    // A cancelled or expired invitation gets no work done for it; a used one may be a repetition.
    if invitation.state_at(app.clock.now()) != InvitationState::Used {
        invitation::check_pending(app, &invitation)?;
    }
    let admission = invitation::admit(app, &invitation, holder, client)?;
    let wanted = admission.keys.clone();
    let requests = asked.requests;
    let keys = blocking(move || request::verify_requests(&wanted, &requests)).await?;
    let enrollment = Enrollment {
        digest: request::digest(&keys),
        name: request::phone_name(&asked.phone_name)?,
        guid: asked.guid,
        invitation_id: invitation.id.clone(),
        admission,
        keys,
    };
    if invitation.state_at(app.clock.now()) == InvitationState::Used {
        return repeat::repeat(app, &enrollment).await;
    }
    let begun = match first(app, &enrollment).await {
        // Somebody was faster: if it was the same request, its answer is ours too.
        Err(Error::InvitationUsed) => return repeat::repeat(app, &enrollment).await,
        other => other?,
    };
    work::issue(app, &enrollment, begun).await
}

/// [Enrolls](enroll) a phone in a task of its own: what was begun is ended, also when the phone hangs up meanwhile.
///
/// # Errors
/// As [`enroll`].
pub async fn enroll_to_the_end(
    app: &Arc<App>,
    asked: EnrollmentRequest,
    client: IpAddr,
) -> Result<Enrolled> {
    let app = app.clone();
    let task = tokio::spawn(async move { enroll(&app, asked, client).await });
    task.await.map_err(StoreError::from)?
}

/// Uses the invitation up, adds the phone and puts its certificates on record.
async fn first(app: &App, enrollment: &Enrollment) -> Result<Begun> {
    let now = app.clock.now();
    let phone = Phone {
        id: random::id()?,
        holder_id: enrollment.admission.holder.id.clone(),
        name: enrollment.name.clone(),
        guid: enrollment.guid,
        state: PhoneState::Active,
        created: now,
        revoked_at: None,
    };
    let order = enrollment.order(app, &phone.id);
    let prepared = issuance::prepare(app, &order, now).await?;
    let enrollment = enrollment.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let owner = phone::claim_guid(tx, phone.guid, &phone.holder_id).await?;
                if owner != phone.holder_id {
                    return Err(Error::RequestInvalid(Invalid::GuidTaken));
                }
                phone::insert(tx, &phone).await?;
                let id = &enrollment.invitation_id;
                let digest = &enrollment.digest;
                invitation::use_up(tx, id, &phone.id, digest, now, now.plus(LEASE)).await?;
                let actor = &order.actor;
                tx.record(NewEvent::new(
                    now,
                    actor,
                    id,
                    Event::InvitationUsed(UsedInvitation {
                        phone: phone.id.clone(),
                    }),
                ));
                tx.record(NewEvent::new(
                    now,
                    actor,
                    &phone.id,
                    Event::PhoneEnrolled(EnrolledPhone {
                        name: phone.name.clone(),
                        guid: format!("{:X}", phone.guid),
                        holder: phone.holder_id.clone(),
                    }),
                ));
                let reserved = issuance::reserve(tx, &order, prepared, now).await?;
                Ok(Begun {
                    phone_id: phone.id,
                    reserved,
                })
            })
        })
        .await
}
