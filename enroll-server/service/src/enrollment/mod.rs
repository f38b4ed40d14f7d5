//! Enrolling a phone that was admitted, by whatever way: its keys are checked, the claim is used up, once, and its
//! certificates are issued. The same request may be repeated, because a phone can be killed before it stored the
//! answer: same claim, same keys, same certificates.
//!
//! One card is one phone: enrolled again by its holder, it gets new certificates, and those from before are revoked in the
//! transaction that stores the new ones. Until then, and if it never comes to that, they stay good.

mod repeat;
mod request;
mod work;

use enroll_server_model::event_detail::EnrolledPhone;
use enroll_server_model::{Event, Guid, NewEvent, PhoneState, Slot, random};
use enroll_server_store::check_in::LastCheckIn;
use enroll_server_store::invitation;
use enroll_server_store::phone::{self, Phone};

use crate::admission::claim::Use;
use crate::admission::grant::Admission;
use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::issuance::{self, LEASE};
use crate::refusal::{Conflict, Invalid};
use crate::suspension::{check_active, holder_locked};
pub(crate) use work::issuers;
use work::{Begun, Enrollment};
pub use work::{Enrolled, SlotCertificate};

/// A phone that wants to be enrolled.
#[derive(Clone)]
pub struct PhoneRequest {
    /// What it calls itself.
    pub name: String,
    /// The card's GUID.
    pub guid: Guid,
    /// A PKCS#10 request for each slot, DER.
    pub requests: Vec<(Slot, Vec<u8>)>,
    /// A PKCS#10 request for the key that it will check in with, DER.
    pub check_in: Option<Vec<u8>>,
}

/// Enrolls a phone: checks its keys, uses the admission's claim up and issues the certificates.
///
/// # Errors
/// Why the claim cannot be used; [`Error::RequestInvalid`] with the slot and the reason; [`Error::Busy`] if the same
/// request is at work elsewhere and not done in time.
pub async fn enroll(app: &App, admission: Admission, asked: PhoneRequest) -> Result<Enrolled> {
    let wanted = admission.keys.clone();
    let requests = asked.requests;
    let check_in = asked.check_in;
    let (keys, check_in) = blocking(move || {
        let keys = request::verify_requests(&wanted, &requests)?;
        let check_in = check_in.map(|csr| request::verify_check_in(&csr, &keys));
        Ok::<_, Error>((keys, check_in.transpose()?))
    })
    .await?;
    let enrollment = Enrollment {
        digest: request::digest(&keys, check_in.as_ref()),
        name: request::phone_name(&asked.name)?,
        guid: asked.guid,
        admission,
        keys,
        check_in,
    };
    if enrollment.admission.claim.used(app).await?.is_some() {
        return repeat::repeat(app, &enrollment).await;
    }
    match first(app, &enrollment).await {
        // Somebody was faster: if it was the same request, its answer is ours too.
        Err(error) if error.is_used_up() => repeat::repeat(app, &enrollment).await,
        begun => work::issue(app, &enrollment, begun?).await,
    }
}

/// Uses the claim up, adds the phone, unless its card was enrolled before, and puts its certificates on record.
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
        check_in: LastCheckIn::default(),
    };
    let mut order = enrollment.order(app, &phone.id);
    let prepared = issuance::prepare(app, &order, now).await?;
    let enrollment = enrollment.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // First of all, as whoever suspends them or lets them go does.
                check_active(&holder_locked(tx, &phone.holder_id).await?)?;
                let owner = phone::claim_guid(tx, phone.guid, &phone.holder_id).await?;
                if owner != phone.holder_id {
                    return Err(Error::RequestInvalid(Invalid::GuidTaken));
                }
                let before = phone::of_holder(tx.reader(), &phone.holder_id).await?;
                let comes_back = before
                    .iter()
                    .any(|one| one.guid == phone.guid && one.state == PhoneState::Revoked);
                // One card is one phone.
                let phone_id = phone::enroll(tx, &phone).await?;
                let phone_id = phone_id.ok_or(Conflict::PhoneSuspended)?;
                order.owner.phone_id = Some(phone_id.clone());
                let by = Use {
                    phone_id: phone_id.clone(),
                    digest: enrollment.digest,
                    actor: order.actor.clone(),
                    now,
                    lease: now.plus(LEASE),
                };
                enrollment.admission.claim.use_up(tx, &by).await?;
                if comes_back {
                    // What was to take its place was invited for one that was gone.
                    invitation::replace_no_more(tx, &phone_id).await?;
                }
                tx.record(NewEvent::new(
                    now,
                    &order.actor,
                    &phone_id,
                    Event::PhoneEnrolled(EnrolledPhone {
                        again: phone_id != phone.id,
                        name: phone.name,
                        guid: format!("{:X}", phone.guid),
                        holder: phone.holder_id,
                        replaces: enrollment
                            .admission
                            .replaces
                            .filter(|old| *old != phone_id)
                            .unwrap_or_default(),
                    }),
                ));
                let reserved = issuance::reserve(tx, &order, prepared, now).await?;
                Ok(Begun { phone_id, reserved })
            })
        })
        .await
}
