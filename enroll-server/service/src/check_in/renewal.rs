//! The renewal of certificates: for the same holder, by the profile that is in force, for a new key or the one of before.
//!
//! The certificate before stays good: it is superseded once the phone says that the new one is on its card. The same request
//! again, under another challenge, gets the same certificates: a phone can be killed before it stored the answer.

use std::net::IpAddr;
use std::sync::Arc;

use enroll_server_ca::builder::Prepared;
use enroll_server_ca::csr;
use enroll_server_ca::facts::Facts;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{Actor, CertificateState, PhoneState, RenewedKey, Slot, Timestamp};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::holder::Holder;
use enroll_server_store::phone::{self, Phone};
use enroll_server_store::{Transaction, holder};
use enrollment_protocol::check_in::{RENEWAL_PATH, RenewalRequest, Signed, SlotRenewal};
use tokio::sync::oneshot;

use super::{due, proof};
use crate::app::App;
use crate::blocking::blocking;
use crate::enrollment::{SlotCertificate, issuers};
use crate::error::{Error, Result};
use crate::issuance::{self, Issuer, Order, Owner, Reserved};
use crate::rate_limit;
use crate::refusal::{Conflict, Invalid, SlotFlaw};
use crate::suspension::{check_active, holder_locked};

/// The new certificates.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// The challenge for the phone's next message.
    pub challenge: String,
    /// In the order of the request.
    pub certificates: Vec<SlotCertificate>,
    /// The certificates of the authorities that issued them and of those above them, each once, DER.
    pub issuers: Vec<Vec<u8>>,
}

/// What becomes of one slot of a request.
enum Part {
    /// It was issued before, and its answer lost.
    Issued(Box<Certificate>),
    /// It is to be issued.
    Ordered(Box<Order>),
}

/// Renews certificates in a task of its own: what was begun is ended, also when the phone hangs up meanwhile.
///
/// # Errors
/// [`Error::RequestInvalid`] for a certificate that is not due, or a request that is not good; [`Error::Conflict`] for a phone or a
/// holder that is not active; and as for a check-in.
pub async fn renew_to_the_end(app: &Arc<App>, signed: Signed, client: IpAddr) -> Result<Renewed> {
    let app = app.clone();
    let (tell, answer) = oneshot::channel();
    tokio::spawn(async move {
        // The phone may have hung up.
        let _ = tell.send(renew(&app, signed, client).await);
    });
    answer.await?
}

async fn renew(app: &App, signed: Signed, client: IpAddr) -> Result<Renewed> {
    let proved = proof::read::<RenewalRequest>(app, signed, RENEWAL_PATH, client).await?;
    let requests = proved.message.requests.clone();
    check_slots(&requests)?;
    let bucket = format!("renewal {}", proved.phone);
    rate_limit::take(app, &bucket, rate_limit::RENEWAL_BY_PHONE).await?;
    let requests = blocking(move || read_keys(requests)).await?;
    let now = app.clock.now();
    let on = app.store.reader();
    let phone = phone::by_id(on, &proved.phone).await?;
    let phone = phone.ok_or(Error::PhoneUnknown)?;
    let holder = holder::by_id(on, &proved.holder).await?;
    let holder = holder.ok_or(Error::PhoneUnknown)?;
    check_phone(&phone)?;
    check_active(&holder)?;
    let actor = Actor::phone(&phone.id, &phone.name, &client.to_canonical().to_string());
    let renewal = Renewal {
        app,
        phone: &phone,
        holder: &holder,
        rows: certificate::of_phone(on, &phone.id).await?,
        now,
        actor: &actor,
    };
    let mut parts = Vec::with_capacity(requests.len());
    let mut replaced = Vec::new();
    let mut prepared: Vec<(Order, Vec<Prepared>)> = Vec::new();
    for (asked, key) in requests {
        let (old, part) = renewal.part(&asked, key).await?;
        if let Part::Ordered(order) = &part {
            prepared.push((
                order.as_ref().clone(),
                issuance::prepare(app, order, now).await?,
            ));
            replaced.push(old.id);
        }
        parts.push((asked.slot, part));
    }
    let by = actor.clone();
    let (challenge, reserved) = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                // First of all, as whoever suspends or revokes a phone does.
                check_active(&holder_locked(tx, &proved.holder).await?)?;
                let current = &proved.message.challenge;
                let challenge = proof::use_challenge(tx, &proved, current, now).await?;
                hold(tx, &proved.phone).await?;
                for id in &replaced {
                    let row = certificate::by_id(tx.reader(), id).await?;
                    let slot = row.as_ref().and_then(|row| row.slot);
                    if row.is_none_or(|row| row.state != CertificateState::Issued) {
                        let slot = slot.unwrap_or(Slot::PivAuthentication);
                        return Err(Error::RequestInvalid(Invalid::NotDue(slot)));
                    }
                }
                let mut reserved: Vec<Reserved> = Vec::new();
                for (order, prepared) in prepared {
                    reserved.extend(issuance::reserve(tx, &order, prepared, now).await?);
                }
                Ok((challenge, reserved))
            })
        })
        .await?;
    let ready = issuance::sign(reserved).await?;
    let now = app.clock.now();
    let (phone_id, holder_id) = (phone.id.clone(), holder.id.clone());
    let signed = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                holder_locked(tx, &holder_id).await?;
                hold(tx, &phone_id).await?;
                issuance::store(tx, ready, now, &by).await
            })
        })
        .await?;
    let mut signed = signed.into_iter();
    let mut certificates = Vec::with_capacity(parts.len());
    for (slot, part) in parts {
        let der = match part {
            Part::Issued(row) => certificate::der(app.store.reader(), &row.id).await?,
            Part::Ordered(_) => signed.next().map(|signed| signed.der),
        };
        let der = der.ok_or(Error::RequestInvalid(Invalid::NotDue(slot)))?;
        certificates.push(SlotCertificate { slot, der });
    }
    let rows = certificate::of_phone(app.store.reader(), &phone.id).await?;
    let of_these = rows.iter().filter(|row| {
        let mut known = certificates.iter();
        known.any(|one| row.fingerprint.as_deref() == Some(&fingerprint(&one.der)))
    });
    Ok(Renewed {
        challenge,
        issuers: issuers(app, of_these.map(|row| row.issuer_id.as_str())),
        certificates,
    })
}

/// One request for each slot, and at least one.
fn check_slots(requests: &[SlotRenewal]) -> Result<()> {
    for (place, one) in requests.iter().enumerate() {
        if requests
            .iter()
            .take(place)
            .any(|other| other.slot == one.slot)
        {
            return Err(not_one(one.slot));
        }
    }
    match requests {
        [] => Err(not_one(Slot::PivAuthentication)),
        _ => Ok(()),
    }
}

fn not_one(slot: Slot) -> Error {
    let flaw = SlotFlaw::NotOne;
    Error::RequestInvalid(Invalid::Slot { slot, flaw })
}

/// The new keys. Blocks: keys are checked.
fn read_keys(requests: Vec<SlotRenewal>) -> Result<Vec<(SlotRenewal, Option<PublicKey>)>> {
    requests
        .into_iter()
        .map(|one| {
            let slot = one.slot;
            let key = one.csr.as_ref().map(|csr| csr::verify(&csr.0)).transpose();
            let key = key.map_err(|error| {
                let flaw = error.into();
                Error::RequestInvalid(Invalid::Slot { slot, flaw })
            })?;
            Ok((one, key))
        })
        .collect()
}

fn check_phone(phone: &Phone) -> Result<()> {
    match phone.state {
        PhoneState::Active => Ok(()),
        PhoneState::Suspended => Err(Conflict::PhoneSuspended.into()),
        PhoneState::Revoked => Err(Conflict::PhoneRevoked.into()),
    }
}

/// Holds a phone as it is, if it is active.
async fn hold(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    if phone::hold_active(tx, phone_id).await? {
        return Ok(());
    }
    let found = phone::by_id(tx.reader(), phone_id).await?;
    check_phone(&found.ok_or(Error::PhoneUnknown)?).and(Err(Error::PhoneUnknown))
}

fn fingerprint(der: &[u8]) -> String {
    enroll_server_model::random::sha256_hex(der)
}

/// A renewal at work.
struct Renewal<'a> {
    app: &'a App,
    phone: &'a Phone,
    holder: &'a Holder,
    rows: Vec<Certificate>,
    now: Timestamp,
    actor: &'a Actor,
}

impl Renewal<'_> {
    /// What becomes of one slot, and the certificate that it replaces.
    async fn part(
        &self,
        asked: &SlotRenewal,
        new: Option<PublicKey>,
    ) -> Result<(Certificate, Part)> {
        let slot = asked.slot;
        let not_due = || Error::RequestInvalid(Invalid::NotDue(slot));
        let old = self.rows.iter().find(|row| {
            row.slot == Some(slot)
                && row.state == CertificateState::Issued
                && row.fingerprint.as_ref() == Some(&asked.replaces)
        });
        let old = old.ok_or_else(not_due)?;
        let profile = self.app.profiles.get(&old.profile).ok_or_else(not_due)?;
        let is_new = new.is_some();
        let key = match new {
            Some(key) => key,
            None => self.key_of(old).await?.ok_or_else(not_due)?,
        };
        let hash = key.id().to_string();
        let again = self.rows.iter().find(|row| {
            row.slot == Some(slot)
                && row.state == CertificateState::Issued
                && row.id != old.id
                && row.key_hash == hash
                && row.reserved_at >= old.reserved_at
                && !due::is_due(profile, row, self.now)
        });
        if let Some(again) = again {
            return Ok((old.clone(), Part::Issued(Box::new(again.clone()))));
        }
        // The key stays where the profile says so, and where the card has no place left for another one to decrypt old mail with.
        let may_stay =
            profile.definition.renewal.key == RenewedKey::Same || slot == Slot::KeyManagement;
        if !due::is_due(profile, old, self.now) || (!is_new && !may_stay) {
            return Err(not_due());
        }
        let wanted = if is_new {
            due::algorithm(profile, old).ok_or_else(not_due)?
        } else {
            old.algorithm
        };
        if key.algorithm() != wanted {
            let flaw = SlotFlaw::OtherAlgorithm {
                found: key.algorithm(),
                wanted,
            };
            return Err(Error::RequestInvalid(Invalid::Slot { slot, flaw }));
        }
        // A key in another slot was claimed for that one.
        let purpose = format!("phone {} {slot}", self.phone.id);
        let purpose = if is_new {
            purpose
        } else {
            let on = self.app.store.reader();
            let before = certificate::purpose_of_key(on, &hash).await?;
            before.unwrap_or(purpose)
        };
        let order = Order {
            facts: Facts {
                organisation: self.app.organisation.clone(),
                name: self.holder.name.clone(),
                email: self.holder.email_ascii.clone(),
                upn: self.holder.upn.clone(),
                guid: self.phone.guid,
                host: String::new(),
            },
            keys: vec![(profile.clone(), key)],
            issuer: Issuer::OfProfile,
            owner: Owner {
                holder_id: Some(self.holder.id.clone()),
                phone_id: Some(self.phone.id.clone()),
            },
            purpose,
            actor: self.actor.clone(),
        };
        Ok((old.clone(), Part::Ordered(Box::new(order))))
    }

    /// The key of a certificate: the phone has proved that it has it when it was certified first.
    async fn key_of(&self, row: &Certificate) -> Result<Option<PublicKey>> {
        let der = certificate::der(self.app.store.reader(), &row.id).await?;
        Ok(der.and_then(|der| PublicKey::of_certificate(&der).ok()))
    }
}
