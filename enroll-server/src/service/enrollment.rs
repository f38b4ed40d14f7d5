//! Enrolling a phone with an invitation: the offer, and the enrollment itself.
//!
//! An invitation is used exactly once, by a conditional update. The same request may be repeated, because a phone
//! can be killed before it stored the answer: same token, same keys, same certificates.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use zeroize::Zeroizing;

use crate::App;
use crate::ca::certificate::{self as builder, Facts, Prepared};
use crate::ca::csr;
use crate::ca::profile::{RequestedKey, Slot};
use crate::ca::public_key::PublicKey;
use crate::error::{Error, Result};
use crate::random::{self, sha256_hex};
use crate::service::audit::event;
use crate::service::invitation as invitations;
use crate::service::issuance::{self, LEASE, Owner, Reserved};
use crate::store::audit::{Actor, EventKind, ObjectKind};
use crate::store::certificate::{self, CertificateState};
use crate::store::holder::Holder;
use crate::store::invitation::{self, Invitation, InvitationState};
use crate::store::phone::{self, Phone, PhoneState};
use crate::store::{Timestamp, Transaction};

/// Most characters of a phone's name.
const LONGEST_NAME: usize = 100;
/// How often a repeated request looks whether the first one is done.
const POLL: Duration = Duration::from_millis(50);
/// For how long it does: until the first one's lease has surely run out.
const PATIENCE: Duration = LEASE.saturating_add(Duration::from_secs(5));

/// What an invitation offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Who is invited.
    pub holder: Holder,
    /// Until when.
    pub expires: Timestamp,
    /// The keys to make.
    pub keys: &'static [RequestedKey],
}

/// What an invitation offers; uses nothing up.
///
/// # Errors
/// What the invitation is instead of pending.
pub async fn offer(app: &App, token: &str, client: IpAddr) -> Result<Offer> {
    let (invitation, holder) = invitations::present(app, token, client).await?;
    invitations::check_pending(app, &invitation)?;
    Ok(Offer {
        holder,
        expires: invitation.expires,
        keys: invitation.profile.requested_keys(),
    })
}

/// A phone that wants to be enrolled.
#[derive(Clone)]
pub struct EnrollmentRequest {
    /// The invitation's token.
    pub token: Zeroizing<String>,
    /// What the phone calls itself.
    pub phone_name: String,
    /// The card's GUID.
    pub guid: String,
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
}

/// Enrolls a phone: checks its keys, uses the invitation up and issues its certificates.
///
/// # Errors
/// What the invitation is instead of pending; [`Error::RequestInvalid`] with the slot and the reason;
/// [`Error::Busy`] if the same request is at work elsewhere and not done in time.
pub async fn enroll(app: &App, request: EnrollmentRequest, client: IpAddr) -> Result<Enrolled> {
    let (invitation, holder) = invitations::present(app, &request.token, client).await?;
    // A cancelled or expired invitation gets no work done for it; a used one may be a repetition.
    if invitation.state_at(app.clock.now()) != InvitationState::Used {
        invitations::check_pending(app, &invitation)?;
    }
    let keys = verify_requests(invitation.profile.requested_keys(), &request.requests)?;
    let enrollment = Enrollment {
        actor: Actor::invitation(
            &invitation.id,
            &holder.name,
            &client.to_canonical().to_string(),
        ),
        digest: digest(&keys),
        name: phone_name(&request.phone_name)?,
        guid: guid(&request.guid)?,
        invitation,
        holder,
        keys,
    };
    if enrollment.invitation.state_at(app.clock.now()) == InvitationState::Used {
        return repeat(app, &enrollment).await;
    }
    let reserved = match first(app, &enrollment).await {
        // Somebody was faster: if it was the same request, its answer is ours too.
        Err(Error::InvitationUsed) => return repeat(app, &enrollment).await,
        other => other?,
    };
    issue(app, &enrollment, reserved).await
}

/// A request that was checked.
#[derive(Clone, Debug)]
struct Enrollment {
    invitation: Invitation,
    holder: Holder,
    actor: Actor,
    name: String,
    guid: String,
    keys: Vec<(RequestedKey, PublicKey)>,
    digest: String,
}

/// Checks that there is one good request for each key that was asked for, and none more.
fn verify_requests(
    wanted: &'static [RequestedKey],
    requests: &[(Slot, Vec<u8>)],
) -> Result<Vec<(RequestedKey, PublicKey)>> {
    let invalid =
        |slot: Slot, reason: String| Err(Error::RequestInvalid(format!("Slot {slot}: {reason}.")));
    for (slot, _) in requests {
        if !wanted.iter().any(|key| key.slot == *slot) {
            return invalid(
                *slot,
                "the invitation does not ask for this slot".to_owned(),
            );
        }
    }
    let mut keys: Vec<(RequestedKey, PublicKey)> = Vec::with_capacity(wanted.len());
    for asked in wanted {
        let mut of_slot = requests.iter().filter(|(slot, _)| *slot == asked.slot);
        let (Some((_, der)), None) = (of_slot.next(), of_slot.next()) else {
            return invalid(asked.slot, "there has to be exactly one request".to_owned());
        };
        let key = match csr::verify(der) {
            Ok(key) => key,
            Err(error) => return invalid(asked.slot, error.to_string()),
        };
        if key.algorithm() != asked.algorithm {
            return invalid(
                asked.slot,
                format!(
                    "the key is {}, the invitation asks for {}",
                    key.algorithm(),
                    asked.algorithm
                ),
            );
        }
        if keys.iter().any(|(_, other)| other == &key) {
            return invalid(asked.slot, "the same key is in two slots".to_owned());
        }
        keys.push((*asked, key));
    }
    Ok(keys)
}

/// What makes two requests the same: the slots and their public keys.
fn digest(keys: &[(RequestedKey, PublicKey)]) -> String {
    let lines: Vec<String> = keys
        .iter()
        .map(|(asked, key)| format!("{} {}", asked.slot, key.hash()))
        .collect();
    sha256_hex(lines.join("\n").as_bytes())
}

fn phone_name(text: &str) -> Result<String> {
    let name: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    if name.is_empty() {
        return Err(Error::RequestInvalid(
            "The phone has to give itself a name.".to_owned(),
        ));
    }
    Ok(name)
}

fn guid(text: &str) -> Result<String> {
    if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(Error::RequestInvalid(
            "The phone's GUID has to be 32 hexadecimal digits.".to_owned(),
        ))
    }
}

fn prepare(app: &App, enrollment: &Enrollment, now: Timestamp) -> Result<Vec<Prepared>> {
    let facts = Facts {
        organisation: app.organisation.clone(),
        name: enrollment.holder.name.clone(),
        email: enrollment.holder.email.clone(),
        upn: enrollment.holder.upn.clone(),
        guid: enrollment.guid.clone(),
        host: String::new(),
    };
    enrollment
        .keys
        .iter()
        .map(|(asked, key)| {
            Ok(builder::prepare(
                &app.authority,
                asked.profile.profile(),
                &facts,
                key,
                now,
            )?)
        })
        .collect()
}

/// Uses the invitation up, adds the phone and puts its certificates on record.
async fn first(app: &App, enrollment: &Enrollment) -> Result<(String, Vec<Reserved>)> {
    let now = app.clock.now();
    let prepared = prepare(app, enrollment, now)?;
    let phone = Phone {
        id: random::id()?,
        holder_id: enrollment.holder.id.clone(),
        name: enrollment.name.clone(),
        guid: enrollment.guid.clone(),
        state: PhoneState::Active,
        created: now,
        revoked_at: None,
    };
    let enrollment = enrollment.clone();
    let context = ReserveContext::of(app, &enrollment, &phone.id);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let owner = phone::claim_guid(tx.connection(), &phone.guid, &phone.holder_id).await?;
                if owner != phone.holder_id {
                    return Err(Error::RequestInvalid(
                        "The phone's GUID belongs to another holder's phone. Reset the phone's card and try again."
                            .to_owned(),
                    ));
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
                        Some(InvitationState::Used | InvitationState::Pending) => Error::InvitationUsed,
                    });
                }
                tx.record(event(
                    now,
                    EventKind::InvitationUsed,
                    &enrollment.actor,
                    ObjectKind::Invitation,
                    id,
                    json!({ "phone": phone.id }),
                ));
                tx.record(event(
                    now,
                    EventKind::PhoneEnrolled,
                    &enrollment.actor,
                    ObjectKind::Phone,
                    &phone.id,
                    json!({ "name": phone.name, "guid": phone.guid, "holder": phone.holder_id }),
                ));
                let reserved = reserve_all(tx, &context, prepared, now).await?;
                Ok((phone.id, reserved))
            })
        })
        .await
}

/// What reserving an enrollment's certificates needs to know.
struct ReserveContext {
    issuing_id: String,
    owner: Owner,
    claimed_by: String,
    actor: Actor,
}

impl ReserveContext {
    fn of(app: &App, enrollment: &Enrollment, phone_id: &str) -> Self {
        Self {
            issuing_id: app.issuing_id.clone(),
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
                &context.issuing_id,
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
    })
}

/// Answers a request whose invitation is used: with the certificates, if it is the request that used it.
async fn repeat(app: &App, enrollment: &Enrollment) -> Result<Enrolled> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let invitation = invitation::by_id(app.store.reader(), &enrollment.invitation.id)
            .await?
            .ok_or(Error::InvitationUnknown)?;
        if invitation.request_digest.as_deref() != Some(enrollment.digest.as_str()) {
            return Err(Error::InvitationUsed);
        }
        let phone_id = invitation.phone_id.ok_or(Error::InvitationUsed)?;
        let phone = phone::by_id(app.store.reader(), &phone_id).await?;
        if phone.is_none_or(|phone| phone.state != PhoneState::Active) {
            // A revoked phone's invitation does not bring it back.
            return Err(Error::InvitationUsed);
        }
        if let Some(certificates) = issued(app, enrollment, &phone_id).await? {
            return Ok(Enrolled {
                phone_id,
                certificates,
            });
        }
        let now = app.clock.now();
        if invitation.lease_until.is_none_or(|lease| lease <= now)
            && let Some(reserved) = take_over(app, enrollment, &phone_id).await?
        {
            return issue(app, enrollment, (phone_id, reserved)).await;
        }
        if Instant::now() >= deadline {
            return Err(Error::Busy { retry_after: LEASE });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The certificates of an enrollment, if all of them are issued and none is revoked.
async fn issued(
    app: &App,
    enrollment: &Enrollment,
    phone_id: &str,
) -> Result<Option<Vec<SlotCertificate>>> {
    let rows = certificate::issued_of_phone(app.store.reader(), phone_id).await?;
    Ok(enrollment
        .keys
        .iter()
        .map(|(asked, key)| {
            let hash = key.hash();
            rows.iter()
                .find(|row| row.certificate.key_hash == hash)
                .map(|row| SlotCertificate {
                    slot: asked.slot,
                    der: row.der.clone(),
                })
        })
        .collect())
}

/// Takes over from a request that ended before it stored its certificates: those are given up and revoked, and new
/// ones, under new serials, are put on record. None if another request was faster.
///
/// # Errors
/// [`Error::InvitationUsed`] if some were issued and revoked since: what was revoked is not issued anew.
async fn take_over(
    app: &App,
    enrollment: &Enrollment,
    phone_id: &str,
) -> Result<Option<Vec<Reserved>>> {
    let now = app.clock.now();
    let prepared = prepare(app, enrollment, now)?;
    let context = ReserveContext::of(app, enrollment, phone_id);
    let invitation_id = enrollment.invitation.id.clone();
    let phone_id = phone_id.to_owned();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let lease = now.plus(LEASE);
                if !invitation::take_over(tx.connection(), &invitation_id, now, lease).await? {
                    return Ok(None);
                }
                for row in certificate::of_phone(tx.connection(), &phone_id).await? {
                    if row.fingerprint.is_some() {
                        return Err(Error::InvitationUsed);
                    }
                    if row.state == CertificateState::Reserved {
                        issuance::abandon(tx, &row, now).await?;
                    }
                }
                Ok(Some(reserve_all(tx, &context, prepared, now).await?))
            })
        })
        .await
}
