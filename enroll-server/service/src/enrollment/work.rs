//! An enrollment at work: what was checked, what was begun, what came of it.

use enroll_server_ca::facts::Facts;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::profile::enrollment::RequestedKey;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::event_detail::RevokedPhone;
use enroll_server_model::{
    Actor, CertificateState, Guid, PhoneState, RevocationReason, Slot, Timestamp, Validity, random,
};
use enroll_server_store::{Transaction, certificate, check_in, invitation, phone};
use enrollment_protocol::unblocking::UnblockingKey;

use crate::admission::grant::Admission;
use crate::app::App;
use crate::cancellation::cancel;
use crate::error::{Error, Result};
use crate::issuance::{self, Issuer, Order, Owner, Reserved};
use crate::refusal::Conflict;
use crate::revocation;
use crate::suspension::holder_locked;
use crate::unblocking;

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
    /// The certificates of the authorities that issued them and of those above them, each once, DER.
    pub issuers: Vec<Vec<u8>>,
    /// When the first of its certificates ends that is cut short, since its issuer ends then; none if none is.
    pub cut_short: Option<Timestamp>,
    /// What it takes a new PIN with one day; none for a phone that does not check in.
    pub unblocking: Option<UnblockingKey>,
}

/// Whether a certificate is cut short of what its profile has in mind; then, when it ends.
pub(super) fn cut_short(profile: &Profile, validity: Validity) -> Option<Timestamp> {
    (validity.length() < profile.definition.lifetime()).then_some(validity.not_after)
}

/// A request that was checked.
#[derive(Clone, Debug)]
pub(super) struct Enrollment {
    pub(super) admission: Admission,
    pub(super) name: String,
    pub(super) guid: Guid,
    pub(super) keys: Vec<(RequestedKey, PublicKey)>,
    pub(super) check_in: Option<PublicKey>,
    pub(super) digest: String,
}

impl Enrollment {
    /// Whether one of its keys has this hash.
    pub(super) fn has_key(&self, hash: &str) -> bool {
        self.keys
            .iter()
            .any(|(_, key)| key.id().to_string() == hash)
    }

    /// What the phone takes a new PIN with one day, if it will check in.
    pub(super) async fn unblocking_key(
        &self,
        app: &App,
        phone_id: &str,
    ) -> Result<Option<UnblockingKey>> {
        unblocking::key_of(app, phone_id, self.check_in.as_ref()).await
    }

    /// The certificates that it orders for a phone.
    pub(super) fn order(&self, app: &App, phone_id: &str) -> Order {
        let holder = &self.admission.holder;
        Order {
            facts: Facts {
                organisation: app.organisation.clone(),
                name: holder.name.clone(),
                email: holder.email_ascii.clone(),
                upn: holder.upn.clone(),
                guid: self.guid,
                host: String::new(),
            },
            keys: self
                .keys
                .iter()
                .map(|(asked, key)| (asked.profile.clone(), key.clone()))
                .collect(),
            issuer: Issuer::OfProfile,
            owner: Owner {
                holder_id: Some(holder.id.clone()),
                phone_id: Some(phone_id.to_owned()),
            },
            purpose: self.admission.purpose.clone(),
            actor: self.admission.actor.clone(),
        }
    }
}

/// A phone whose certificates are on record.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) phone_id: String,
    pub(super) reserved: Vec<Reserved>,
}

/// Signs and stores what is on record. In the same transaction the certificates that the phone has from before, whose keys
/// its card no longer has, are revoked.
///
/// # Errors
/// The claim's refusal if the phone was revoked in the meantime; as [`issuance::store`].
pub(super) async fn issue(app: &App, enrollment: &Enrollment, begun: Begun) -> Result<Enrolled> {
    let by = begun.reserved.iter().map(|one| one.prepared.issuer().id());
    let issuers = issuers(app, by);
    let ready = issuance::sign(begun.reserved).await?;
    let now = app.clock.now();
    let phone_id = begun.phone_id.clone();
    let of = enrollment.clone();
    let signed = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                // First of all, as whoever suspends or revokes a phone does.
                holder_locked(tx, &of.admission.holder.id).await?;
                if !phone::set_enrolled(tx, &phone_id, of.guid, &of.name, now).await? {
                    return Err(not_active(tx, &phone_id, &of).await?);
                }
                let seed = random::id()?;
                let check_in = of.check_in.as_ref().map(|key| (key.spki(), seed.as_str()));
                check_in::set_key(tx, &phone_id, check_in).await?;
                let actor = &of.admission.actor;
                supersede(tx, &phone_id, now, actor).await?;
                if let Some(old) = &of.admission.replaces {
                    take_place(tx, &phone_id, old, now, actor).await?;
                }
                issuance::store(tx, ready, now, actor).await
            })
        })
        .await?;
    app.crls.due.notify_one();
    let keys = enrollment.keys.iter();
    let cut_short = keys
        .clone()
        .zip(&signed)
        .filter_map(|((asked, _), signed)| cut_short(&asked.profile, signed.validity))
        .min();
    let certificates = keys
        .zip(signed)
        .map(|((asked, _), signed)| SlotCertificate {
            slot: asked.slot,
            der: signed.der,
        })
        .collect();
    let unblocking = enrollment.unblocking_key(app, &begun.phone_id).await?;
    Ok(Enrolled {
        phone_id: begun.phone_id,
        certificates,
        issuers,
        cut_short,
        unblocking,
    })
}

/// Why a phone that is not active gets no certificates: it is suspended, or the claim's refusal, since it was revoked.
pub(super) async fn not_active(
    tx: &mut Transaction,
    phone_id: &str,
    enrollment: &Enrollment,
) -> Result<Error> {
    let phone = phone::by_id(tx.reader(), phone_id).await?;
    Ok(match phone.map(|phone| phone.state) {
        Some(PhoneState::Suspended) => Conflict::PhoneSuspended.into(),
        _ => enrollment.admission.claim.refusal(),
    })
}

/// Revokes the certificates of a phone that are issued. Those that wait for their signature are another enrollment's of the
/// same card: if it ends, it supersedes in its turn.
async fn supersede(
    tx: &mut Transaction,
    phone_id: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    for row in certificate::of_phone(tx.reader(), phone_id).await? {
        if row.state == CertificateState::Issued {
            revocation::revoke(tx, &row, RevocationReason::Superseded, now, actor).await?;
        }
    }
    Ok(())
}

/// Revokes the phone that another takes the place of, unless that is the same card or somebody has revoked it. One phone takes its
/// place: other invitations to do so, made while this one was at work, are cancelled.
async fn take_place(
    tx: &mut Transaction,
    phone_id: &str,
    old: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    let enrolled_by = invitation::of_phone(tx.reader(), phone_id).await?;
    let mut replaced = enrolled_by.iter().filter_map(|one| one.replaces.as_deref());
    // The old one may have come back since the new one was admitted.
    if old == phone_id || !replaced.any(|id| id == old) {
        return Ok(());
    }
    let reason = RevocationReason::Superseded;
    if let Some(certificates) = revocation::revoke_one(tx, old, reason, now, actor).await? {
        let detail = RevokedPhone {
            reason: Some(reason),
            certificates,
            ..RevokedPhone::default()
        };
        tx.record(revocation::phone_revoked(old, detail, now, actor));
    }
    for other in invitation::replacing(tx.reader(), old).await? {
        cancel(tx, &other.id, now, actor).await?;
    }
    Ok(())
}

/// The certificates of authorities and of those above them, each once, DER.
pub(crate) fn issuers<'i>(app: &App, ids: impl Iterator<Item = &'i str>) -> Vec<Vec<u8>> {
    let authorities = &app.authorities;
    authorities
        .chains(ids.filter_map(|id| authorities.by_id(id)))
        .into_iter()
        .map(|authority| authority.certificate().der.clone())
        .collect()
}
