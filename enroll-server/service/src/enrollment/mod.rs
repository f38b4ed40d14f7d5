//! Enrolling a phone with an invitation: the offer, and the enrollment itself.
//!
//! An invitation is used exactly once, by a conditional update. The same request may be repeated, because a phone
//! can be killed before it stored the answer: same token, same keys, same certificates.

mod repeat;
mod request;
use std::net::IpAddr;
use std::sync::Arc;

use enroll_server_ca::builder::{self, Prepared};
use enroll_server_ca::error::CaError;
use enroll_server_ca::facts::Facts;
use enroll_server_ca::profile::enrollment::RequestedKey;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::event_detail::{EnrolledPhone, UsedInvitation};
use enroll_server_model::{
    Actor, Event, Guid, InvitationState, NewEvent, PhoneState, Slot, Timestamp, random,
};
use enroll_server_store::holder::Holder;
use enroll_server_store::invitation::{self, Invitation};
use enroll_server_store::phone::{self, Phone};
use enroll_server_store::{StoreError, Transaction};
use enrollment_protocol::TokenText;

use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::invitation as invitations;
use crate::issuance::{self, LEASE, Owner, Reserved};
use crate::refusal::Invalid;

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
    let (invitation, holder) = invitations::present(app, token, client).await?;
    invitations::check_pending(app, &invitation)?;
    Ok(Offer {
        holder,
        expires: invitation.expires,
        keys: app.requested_keys(invitation.profile)?.clone(),
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

/// A certificate for a slot.
#[derive(Clone, Debug)]
pub struct SlotCertificate {
    /// The slot.
    pub slot: Slot,
    /// DER.
    pub der: Vec<u8>,
}

/// A phone that was enrolled.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// Its id.
    pub phone_id: String,
    /// Its certificates, in the order of the offer.
    pub certificates: Vec<SlotCertificate>,
    /// The certificates of the authority that issued them and of those above it, DER.
    pub issuers: Vec<Vec<u8>>,
}

/// Enrolls a phone: checks its keys, uses the invitation up and issues its certificates.
///
/// # Errors
/// What the invitation is instead of pending; [`Error::RequestInvalid`] with the slot and the reason;
/// [`Error::Busy`] if the same request is at work elsewhere and not done in time.
pub async fn enroll(app: &App, asked: EnrollmentRequest, client: IpAddr) -> Result<Enrolled> {
    let (invitation, holder) = invitations::present(app, &asked.token, client).await?;
    // A cancelled or expired invitation gets no work done for it; a used one may be a repetition.
    if invitation.state_at(app.clock.now()) != InvitationState::Used {
        invitations::check_pending(app, &invitation)?;
    }
    let wanted = app.requested_keys(invitation.profile)?.clone();
    let requests = asked.requests;
    let keys = blocking(move || request::verify_requests(&wanted, &requests)).await?;
    let enrollment = Enrollment {
        actor: Actor::invitation(
            &invitation.id,
            &holder.name,
            &client.to_canonical().to_string(),
        ),
        digest: request::digest(&keys),
        name: request::phone_name(&asked.phone_name)?,
        guid: asked.guid,
        invitation,
        holder,
        keys,
    };
    if enrollment.invitation.state_at(app.clock.now()) == InvitationState::Used {
        return repeat::repeat(app, &enrollment).await;
    }
    let reserved = match first(app, &enrollment).await {
        // Somebody was faster: if it was the same request, its answer is ours too.
        Err(Error::InvitationUsed) => return repeat::repeat(app, &enrollment).await,
        other => other?,
    };
    issue(app, &enrollment, reserved).await
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

/// A request that was checked.
#[derive(Clone, Debug)]
struct Enrollment {
    invitation: Invitation,
    holder: Holder,
    actor: Actor,
    name: String,
    guid: Guid,
    keys: Vec<(RequestedKey, PublicKey)>,
    digest: String,
}

/// Builds and lints a certificate for each key.
async fn prepare(app: &App, enrollment: &Enrollment, now: Timestamp) -> Result<Vec<Prepared>> {
    let facts = Facts {
        organisation: app.organisation.clone(),
        name: enrollment.holder.name.clone(),
        email: enrollment.holder.email.clone(),
        upn: enrollment.holder.upn.clone(),
        guid: enrollment.guid,
        host: String::new(),
    };
    let issuer = app.authorities.current().clone();
    let keys = enrollment.keys.clone();
    blocking(move || {
        keys.iter()
            .map(|(asked, key)| builder::prepare(&issuer, &asked.profile, &facts, key, now))
            .collect::<Result<_, CaError>>()
    })
    .await
}

/// Uses the invitation up, adds the phone and puts its certificates on record.
async fn first(app: &App, enrollment: &Enrollment) -> Result<(String, Vec<Reserved>)> {
    let now = app.clock.now();
    let prepared = prepare(app, enrollment, now).await?;
    let phone = Phone {
        id: random::id()?,
        holder_id: enrollment.holder.id.clone(),
        name: enrollment.name.clone(),
        guid: format!("{:X}", enrollment.guid),
        state: PhoneState::Active,
        created: now,
        revoked_at: None,
    };
    let enrollment = enrollment.clone();
    let context = ReserveContext::of(&enrollment, &phone.id);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let owner =
                    phone::claim_guid(tx.connection(), &phone.guid, &phone.holder_id).await?;
                if owner != phone.holder_id {
                    return Err(Error::RequestInvalid(Invalid::GuidTaken));
                }
                phone::insert(tx.connection(), &phone).await?;
                let lease = now.plus(LEASE);
                let id = &enrollment.invitation.id;
                let digest = &enrollment.digest;
                if !invitation::claim(tx.connection(), id, &phone.id, digest, now, lease).await? {
                    let found = invitation::by_id(tx.connection(), id).await?;
                    return Err(match found.map(|found| found.state_at(now)) {
                        None => Error::InvitationUnknown,
                        Some(InvitationState::Expired) => Error::InvitationExpired,
                        Some(InvitationState::Cancelled) => Error::InvitationCancelled,
                        Some(InvitationState::Used | InvitationState::Pending) => {
                            Error::InvitationUsed
                        }
                    });
                }
                tx.record(NewEvent::new(
                    now,
                    &enrollment.actor,
                    id,
                    Event::InvitationUsed(UsedInvitation {
                        phone: phone.id.clone(),
                    }),
                ));
                tx.record(NewEvent::new(
                    now,
                    &enrollment.actor,
                    &phone.id,
                    Event::PhoneEnrolled(EnrolledPhone {
                        name: phone.name.clone(),
                        guid: phone.guid.clone(),
                        holder: phone.holder_id.clone(),
                    }),
                ));
                let reserved = reserve_all(tx, &context, prepared, now).await?;
                Ok((phone.id, reserved))
            })
        })
        .await
}

/// What reserving an enrollment's certificates needs to know.
struct ReserveContext {
    owner: Owner,
    claimed_by: String,
    actor: Actor,
}

impl ReserveContext {
    fn of(enrollment: &Enrollment, phone_id: &str) -> Self {
        Self {
            owner: Owner {
                holder_id: Some(enrollment.holder.id.clone()),
                phone_id: Some(phone_id.to_owned()),
            },
            claimed_by: format!("invitation {}", enrollment.invitation.id),
            actor: enrollment.actor.clone(),
        }
    }
}

async fn reserve_all(
    tx: &mut Transaction,
    context: &ReserveContext,
    prepared: Vec<Prepared>,
    now: Timestamp,
) -> Result<Vec<Reserved>> {
    let mut reserved = Vec::with_capacity(prepared.len());
    for one in prepared {
        reserved.push(
            issuance::reserve(
                tx,
                one,
                &context.owner,
                &context.claimed_by,
                &context.actor,
                now,
            )
            .await?,
        );
    }
    Ok(reserved)
}

/// Signs and stores what is on record, and answers.
async fn issue(
    app: &App,
    enrollment: &Enrollment,
    (phone_id, reserved): (String, Vec<Reserved>),
) -> Result<Enrolled> {
    let issuer = reserved
        .first()
        .map(|one| one.prepared.issuer().id().to_owned());
    let signed = issuance::complete(app, reserved, &enrollment.actor).await?;
    let certificates = enrollment
        .keys
        .iter()
        .zip(signed)
        .map(|((asked, _), signed)| SlotCertificate {
            slot: asked.slot,
            der: signed.der,
        })
        .collect();
    Ok(Enrolled {
        phone_id,
        certificates,
        issuers: issuers(app, issuer.as_deref()),
    })
}

/// The certificates of an authority and of those above it, DER.
fn issuers(app: &App, issuer_id: Option<&str>) -> Vec<Vec<u8>> {
    let issuers = issuer_id.map(|id| app.issuers(id)).unwrap_or_default();
    issuers.iter().map(|issuer| issuer.der.clone()).collect()
}
