//! The renewal of certificates: for the same holder, by the profile that is in force, for a new key or the one of before.
//!
//! The certificate before stays good: it is superseded once the phone says that the new one is on its card. The same request
//! again, under another challenge, gets the same certificates: a phone can be killed before it stored the answer.

use std::net::IpAddr;
use std::sync::Arc;

use enroll_server_ca::builder::Prepared;
use enroll_server_ca::csr::{self, CsrError};
use enroll_server_ca::facts::Facts;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{
    Actor, CertificateState, PhoneState, Problem, ProblemReason, RenewedKey, Slot, Timestamp,
};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::holder::Holder;
use enroll_server_store::phone::{self, Phone};
use enroll_server_store::{Transaction, check_in, holder};
use enrollment_protocol::check_in::{RENEWAL_PATH, RenewalRequest, Signed, SlotRenewal};
use tokio::sync::oneshot;

use super::due::{self, Standing};
use super::proof::{self, Proved};
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
    /// Why there is none for a slot.
    pub problems: Vec<Problem>,
    /// The certificates of the authorities that issued them and of those above them, each once, DER.
    pub issuers: Vec<Vec<u8>>,
}

/// What becomes of one slot of a request: a slot that cannot be renewed keeps no other from it.
#[derive(Clone, Debug)]
enum Part {
    /// The certificate with this id was issued before, and its answer lost.
    Issued(String),
    /// It is to be issued.
    Ordered(Box<Ordered>),
    /// It is not.
    Refused(ProblemReason),
}

/// A certificate that is to be issued.
#[derive(Clone, Debug)]
struct Ordered {
    /// The id of the one that it replaces.
    replaces: String,
    order: Order,
    prepared: Vec<Prepared>,
}

/// Renews certificates in a task of its own: what was begun is ended, also when the phone hangs up meanwhile.
///
/// # Errors
/// [`Error::RequestInvalid`] for a request that does not name each slot once; [`Error::Conflict`] for a phone or a holder that is not
/// active; [`Error::IssuesNothing`]; and as for a check-in.
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
    let requests = blocking(move || Ok::<_, Error>(read_keys(requests))).await?;
    let now = app.clock.now();
    let on = app.store.reader();
    let phone = phone::by_id(on, &proved.phone).await?;
    let phone = phone.ok_or(Error::PhoneUnknown)?;
    let holder = holder::by_id(on, &proved.holder).await?;
    let holder = holder.ok_or(Error::PhoneUnknown)?;
    check_phone(&phone)?;
    check_active(&holder)?;
    app.check_clock(now)?;
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
    for (asked, key) in requests {
        let part = match key {
            Ok(key) => renewal.part(&asked, key).await?,
            Err(error) => refused(asked.slot, ProblemReason::KeyRefused, &error),
        };
        parts.push((asked.slot, part));
    }
    let (phone_id, holder_id) = (phone.id.clone(), holder.id.clone());
    let key = proved.key.clone();
    let (challenge, parts, reserved) = app
        .store
        .write(move |tx| Box::pin(async move { reserve(tx, &proved, parts, now).await }))
        .await?;
    let ready = issuance::sign(reserved).await?;
    let now = app.clock.now();
    let issued = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                holder_locked(tx, &holder_id).await?;
                // A card that was enrolled again meanwhile has other keys.
                hold(tx, &phone_id, &key).await?;
                issuance::store(tx, ready, now, &actor).await
            })
        })
        .await?;
    drop(issued);
    let mut certificates = Vec::with_capacity(parts.len());
    let mut problems = Vec::new();
    let rows = certificate::of_phone(app.store.reader(), &phone.id).await?;
    let mut issuer_ids = Vec::new();
    for (slot, part) in parts {
        let id = match part {
            Begun::Issued(id) => id,
            Begun::Refused(reason) => {
                problems.push(Problem { slot, reason });
                continue;
            }
        };
        let row = rows.iter().find(|row| row.id == id);
        issuer_ids.extend(row.map(|row| row.issuer_id.as_str()));
        match certificate::der(app.store.reader(), &id).await? {
            Some(der) => certificates.push(SlotCertificate { slot, der }),
            None => problems.push(Problem {
                slot,
                reason: ProblemReason::NotDue,
            }),
        }
    }
    Ok(Renewed {
        challenge,
        issuers: issuers(app, issuer_ids.into_iter()),
        certificates,
        problems,
    })
}

/// What is on record of one slot.
enum Begun {
    /// The certificate with this id, which waits for its signature or has it.
    Issued(String),
    /// Nothing.
    Refused(ProblemReason),
}

/// Uses the challenge up, and puts on record what will be signed.
async fn reserve(
    tx: &mut Transaction,
    proved: &Proved<RenewalRequest>,
    parts: Vec<(Slot, Part)>,
    now: Timestamp,
) -> Result<(String, Vec<(Slot, Begun)>, Vec<Reserved>)> {
    // First of all, as whoever suspends or revokes a phone does.
    check_active(&holder_locked(tx, &proved.holder).await?)?;
    let current = &proved.message.challenge;
    let challenge = proof::use_challenge(tx, proved, current, now).await?;
    hold(tx, &proved.phone, &proved.key).await?;
    let mut begun = Vec::with_capacity(parts.len());
    let mut reserved = Vec::new();
    for (slot, part) in parts {
        let one = match part {
            Part::Issued(id) => Begun::Issued(id),
            Part::Refused(reason) => Begun::Refused(reason),
            Part::Ordered(ordered) => match reserve_one(tx, *ordered, now).await? {
                Ok(one) => {
                    let id = one.id.clone();
                    reserved.push(one);
                    Begun::Issued(id)
                }
                Err(reason) => Begun::Refused(reason),
            },
        };
        begun.push((slot, one));
    }
    Ok((challenge, begun, reserved))
}

/// Puts one certificate on record, or says why not.
async fn reserve_one(
    tx: &mut Transaction,
    ordered: Ordered,
    now: Timestamp,
) -> Result<Result<Reserved, ProblemReason>> {
    let before = certificate::by_id(tx.reader(), &ordered.replaces).await?;
    if before.is_none_or(|row| row.state != CertificateState::Issued) {
        return Ok(Err(ProblemReason::NotDue));
    }
    let reserved = issuance::reserve(tx, &ordered.order, ordered.prepared, now).await;
    match reserved {
        Ok(mut reserved) => Ok(reserved.pop().ok_or(ProblemReason::NotIssued)),
        Err(Error::RequestInvalid(Invalid::KnownKey { .. })) => Ok(Err(ProblemReason::KeyRefused)),
        Err(Error::RequestInvalid(Invalid::CompromisedKey { .. })) => {
            Ok(Err(ProblemReason::KeyCompromised))
        }
        Err(error) => Err(error),
    }
}

/// A slot that is not renewed; what exactly is wrong is for the log.
fn refused(slot: Slot, reason: ProblemReason, error: &dyn std::fmt::Display) -> Part {
    tracing::warn!(%slot, %error, "a certificate is not renewed");
    Part::Refused(reason)
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

/// A request, and the new key that it asks a certificate for.
type Asked = (SlotRenewal, Result<Option<PublicKey>, CsrError>);

/// The new keys. Blocks: keys are checked.
fn read_keys(requests: Vec<SlotRenewal>) -> Vec<Asked> {
    let read = |one: SlotRenewal| {
        let key = one.csr.as_ref().map(|csr| csr::verify(&csr.0)).transpose();
        (one, key)
    };
    requests.into_iter().map(read).collect()
}

fn check_phone(phone: &Phone) -> Result<()> {
    match phone.state {
        PhoneState::Active => Ok(()),
        PhoneState::Suspended => Err(Conflict::PhoneSuspended.into()),
        PhoneState::Revoked => Err(Conflict::PhoneRevoked.into()),
    }
}

/// Holds a phone as it is, if it is active and has this key still.
async fn hold(tx: &mut Transaction, phone_id: &str, key: &[u8]) -> Result<()> {
    if check_in::hold(tx, phone_id, key).await? {
        return Ok(());
    }
    let found = phone::by_id(tx.reader(), phone_id).await?;
    check_phone(&found.ok_or(Error::PhoneUnknown)?).and(Err(Error::CheckInRefused))
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
    /// What becomes of one slot.
    async fn part(&self, asked: &SlotRenewal, new: Option<PublicKey>) -> Result<Part> {
        let slot = asked.slot;
        let not_due = Part::Refused(ProblemReason::NotDue);
        let old = self.rows.iter().find(|row| {
            row.slot == Some(slot)
                && row.state == CertificateState::Issued
                && row.fingerprint.as_ref() == Some(&asked.replaces)
        });
        let Some(old) = old else {
            return Ok(not_due);
        };
        let Some(profile) = self.app.profiles.get(&old.profile) else {
            return Ok(not_due);
        };
        let standing = |row| due::standing(self.app, profile, row, self.now);
        if standing(old) == Standing::Ended {
            return Ok(Part::Refused(ProblemReason::Ended));
        }
        let is_new = new.is_some();
        let key = match new {
            Some(key) => key,
            None => match self.key_of(old).await? {
                Some(key) => key,
                None => return Ok(not_due),
            },
        };
        let hash = key.id().to_string();
        let again = self.rows.iter().find(|row| {
            row.slot == Some(slot)
                && row.state == CertificateState::Issued
                && row.id != old.id
                && row.key_hash == hash
                && row.reserved_at >= old.reserved_at
                && standing(row) == Standing::Current
        });
        if let Some(again) = again {
            return Ok(Part::Issued(again.id.clone()));
        }
        // The key stays where the profile says so, and where the card has no place left for another one to decrypt old mail with.
        let may_stay =
            profile.definition.renewal.key == RenewedKey::Same || slot == Slot::KeyManagement;
        if standing(old) != Standing::Due || (!is_new && !may_stay) {
            return Ok(not_due);
        }
        let wanted = if is_new {
            due::algorithm(profile, old).unwrap_or(old.algorithm)
        } else {
            old.algorithm
        };
        if key.algorithm() != wanted {
            let flaw = SlotFlaw::OtherAlgorithm {
                found: key.algorithm(),
                wanted,
            };
            return Ok(refused(slot, ProblemReason::KeyRefused, &flaw));
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
        match issuance::prepare(self.app, &order, self.now).await {
            Ok(prepared) => Ok(Part::Ordered(Box::new(Ordered {
                replaces: old.id.clone(),
                order,
                prepared,
            }))),
            Err(error @ (Error::Ca(_) | Error::IssuesNothing(_))) => {
                Ok(refused(slot, ProblemReason::NotIssued, &error))
            }
            Err(error) => Err(error),
        }
    }

    /// The key of a certificate: the phone has proved that it has it when it was certified first.
    async fn key_of(&self, row: &Certificate) -> Result<Option<PublicKey>> {
        let der = certificate::der(self.app.store.reader(), &row.id).await?;
        Ok(der.and_then(|der| PublicKey::of_certificate(&der).ok()))
    }
}
