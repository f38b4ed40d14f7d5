//! A phone that comes with an invitation: what it is offered, and its enrollment.
//!
//! An invitation is used exactly once, by a conditional update. The same request may be repeated, because a phone
//! can be killed before it stored the answer: same token, same keys, same certificates.

use std::net::IpAddr;
use std::sync::Arc;

use enrollment_protocol::TokenText;
use tokio::sync::oneshot;

use enroll_server_ca::profile::enrollment::RequestedKey;
use enroll_server_model::event_detail::UsedInvitation;
use enroll_server_model::{
    Actor, CLOCKS_DIFFER, Event, Guid, InvitationState, NewEvent, Slot, Timestamp,
};
use enroll_server_store::Transaction;
use enroll_server_store::holder::Holder;
use enroll_server_store::invitation::{self as rows, Invitation};

use super::claim::{Answer, Claim, Use, Used};
use super::grant::Admission;
use super::invitation;
use crate::app::App;
use crate::enrollment::{self, Enrolled, PhoneRequest};
use crate::error::{Error, Result};
use crate::suspension::check_active;

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
    check_active(&holder)?;
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
    /// A PKCS#10 request for the key that it will check in with, DER.
    pub check_in: Option<Vec<u8>>,
}

/// Enrolls a phone: uses the invitation up and issues its certificates.
///
/// # Errors
/// What the invitation is instead of pending, and as [`enrollment::enroll`].
pub async fn enroll(app: &App, asked: EnrollmentRequest, client: IpAddr) -> Result<Enrolled> {
    let (invitation, holder) = invitation::present(app, &asked.token, client).await?;
    // A cancelled or expired invitation gets no work done for it; a used one may be a repetition.
    if invitation.state_at(app.clock.now()) != InvitationState::Used {
        invitation::check_pending(app, &invitation)?;
    }
    check_active(&holder)?;
    let admission = admit(app, &invitation, holder, client)?;
    let request = PhoneRequest {
        name: asked.phone_name,
        guid: asked.guid,
        requests: asked.requests,
        check_in: asked.check_in,
    };
    enrollment::enroll(app, admission, request).await
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
    let (tell, answer) = oneshot::channel();
    tokio::spawn(async move {
        // The client may have hung up.
        let _ = tell.send(enroll(&app, asked, client).await);
    });
    answer.await?
}

/// What an invitation admits to, for whoever shows it from `client`.
fn admit(app: &App, invitation: &Invitation, holder: Holder, client: IpAddr) -> Result<Admission> {
    Ok(Admission {
        keys: app.policy_of(invitation)?.keys.clone(),
        purpose: format!("invitation {}", invitation.id),
        actor: Actor::invitation(
            &invitation.id,
            &holder.name,
            &client.to_canonical().to_string(),
        ),
        holder,
        replaces: invitation.replaces.clone(),
        claim: Arc::new(Invited {
            id: invitation.id.clone(),
        }),
    })
}

/// The right that an invitation gives.
#[derive(Debug)]
struct Invited {
    /// The invitation's id.
    id: String,
}

impl Claim for Invited {
    fn use_up<'a>(&'a self, tx: &'a mut Transaction, by: &'a Use) -> Answer<'a, ()> {
        Box::pin(async move {
            let Use { now, lease, .. } = *by;
            if !rows::claim(tx, &self.id, &by.phone_id, &by.digest, now, lease).await? {
                let found = rows::by_id(tx.reader(), &self.id).await?;
                return Err(match found.map(|found| found.state_at(now)) {
                    None => Error::InvitationUnknown,
                    Some(InvitationState::Expired) => Error::InvitationExpired,
                    Some(InvitationState::Cancelled) => Error::InvitationCancelled,
                    Some(InvitationState::Used | InvitationState::Pending) => self.refusal(),
                });
            }
            tx.record(NewEvent::new(
                now,
                &by.actor,
                &self.id,
                Event::InvitationUsed(UsedInvitation {
                    phone: by.phone_id.clone(),
                }),
            ));
            Ok(())
        })
    }

    fn used<'a>(&'a self, app: &'a App) -> Answer<'a, Option<Used>> {
        Box::pin(async move {
            let found = rows::by_id(app.store.reader(), &self.id).await?;
            let found = found.ok_or(Error::InvitationUnknown)?;
            let by = found.phone_id.zip(found.request_digest);
            Ok(by.map(|(phone_id, digest)| Used {
                phone_id,
                digest,
                lease_until: found.lease_until,
            }))
        })
    }

    fn take_over<'a>(
        &'a self,
        tx: &'a mut Transaction,
        now: Timestamp,
        lease: Timestamp,
    ) -> Answer<'a, bool> {
        let latest = lease.plus(CLOCKS_DIFFER);
        Box::pin(async move { Ok(rows::take_over(tx, &self.id, now, latest, lease).await?) })
    }

    fn refusal(&self) -> Error {
        Error::InvitationUsed
    }
}
