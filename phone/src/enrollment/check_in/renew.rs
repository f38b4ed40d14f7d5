//! The renewal of certificates, as the server orders it.

use std::time::UNIX_EPOCH;

use card_edge::piv::certificate;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use card_edge::tlv::VALUE_MAX;
use der::Decode;
use enrollment_protocol::check_in::{
    Problem, ProblemReason, RenewalAnswer, RenewalOrder, RenewedKey, SlotRenewal,
};
use enrollment_protocol::{Der, Slot};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::Certificate;

use super::conversation::{Conversation, certificate_of, fingerprint};
use super::error::CheckInError;
use super::install::{New, install};
use super::retire;
use crate::enrollment::chain::{Authorities, read_certificate};
use crate::enrollment::enroll::Device;
use crate::enrollment::extensions::check_kind;
use crate::enrollment::flaw::CertificateFlaw;
use crate::enrollment::request::certification_request;
use crate::enrollment::translate::key_reference;
use crate::key_store::{KeyPolicy, KeyStoreError};
use crate::state::{KeyRecord, Store};
use crate::x509::{SigningError, public_key_info};

/// What came of a renewal.
pub(super) struct Outcome {
    /// The slots with new certificates, and the ends of those.
    pub(super) renewed: Vec<(AsymmetricKey, String)>,
    /// What went otherwise than ordered.
    pub(super) problems: Vec<Problem>,
}

/// A certificate that is asked for.
struct Asked {
    slot: Slot,
    replaces: String,
    algorithm: KeyAlgorithm,
    /// The new key; none where the key stays.
    key: Option<KeyRecord>,
    /// The public key that the certificate must be for.
    public_key: SubjectPublicKeyInfoOwned,
    csr: Option<Vec<u8>>,
}

/// Asks for the certificates that the server orders, and puts them on the card.
pub(super) fn renew(
    store: &mut Store,
    device: Device<'_>,
    conversation: &mut Conversation<'_>,
    orders: &[RenewalOrder],
) -> Result<Outcome, CheckInError> {
    let mut outcome = Outcome {
        renewed: Vec::new(),
        problems: Vec::new(),
    };
    let mut asked: Vec<Asked> = Vec::new();
    for order in orders {
        let is_asked = asked.iter().any(|one| one.slot == order.slot);
        // Something else may be in the slot by now.
        let is_there =
            fingerprint(store.state(), key_reference(order.slot)).as_ref() == Some(&order.replaces);
        if is_asked || !is_there {
            continue;
        }
        match prepare(store, device, order, &mut outcome.problems) {
            Ok(one) => asked.push(one),
            Err(
                error @ (CheckInError::State(_)
                | CheckInError::Interrupted
                | CheckInError::Server(_)),
            ) => return Err(error),
            Err(error) => {
                tracing::warn!("slot {} gets no new key: {error}", order.slot);
                problem(&mut outcome.problems, order.slot, ProblemReason::NoKey);
            }
        }
    }
    if asked.is_empty() {
        return Ok(outcome);
    }
    let requests = asked.iter().map(|one| SlotRenewal {
        slot: one.slot,
        replaces: one.replaces.clone(),
        csr: one.csr.clone().map(Der),
    });
    let answer = conversation.renew(requests.collect())?;
    forget_refused(store, &answer.problems)?;
    let new = check(device, conversation.root(), &answer, asked, &mut outcome);
    for (slot, new) in new {
        let end = new.certificate.tbs_certificate().validity().not_after;
        // A slot at a time: one that cannot be changed keeps no other from it.
        match store.update(|state| install(state, device.keys, &new)) {
            Ok(()) => outcome.renewed.push((new.slot, end.to_string())),
            Err(CheckInError::Gids(error)) => {
                tracing::warn!("the new certificate for slot {slot} has no place: {error}");
                problem(&mut outcome.problems, slot, ProblemReason::NoPlace);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

/// Gives up new keys that the server does not certify: the next check-in makes others.
fn forget_refused(store: &mut Store, problems: &[Problem]) -> Result<(), CheckInError> {
    let refused = problems.iter().filter(|problem| {
        matches!(
            problem.reason,
            ProblemReason::KeyRefused | ProblemReason::KeyCompromised
        )
    });
    let refused: Vec<_> = refused.map(|problem| key_reference(problem.slot)).collect();
    if refused.is_empty() {
        return Ok(());
    }
    store.update(|state| {
        if let Some(own) = state.check_in.as_mut() {
            own.renewal.retain(|slot, _| !refused.contains(slot));
        }
        Ok(())
    })
}

fn problem(problems: &mut Vec<Problem>, slot: Slot, reason: ProblemReason) {
    problems.push(Problem { slot, reason });
}

/// What is asked for by an order: a new key is on disk before it leaves the phone.
fn prepare(
    store: &mut Store,
    device: Device<'_>,
    order: &RenewalOrder,
    problems: &mut Vec<Problem>,
) -> Result<Asked, CheckInError> {
    let slot = key_reference(order.slot);
    let is_full = order.key == RenewedKey::New
        && slot == AsymmetricKey::KeyManagement
        && retire::free_place(store.state()).is_none();
    if is_full {
        problem(problems, order.slot, ProblemReason::RetiredSlotsFull);
    }
    if is_full || order.key == RenewedKey::Same {
        let record = store.state().keys.get(&slot);
        let present = record.ok_or(KeyStoreError::Unsupported)?.algorithm;
        let der = certificate_of(store.state(), slot).unwrap_or_default();
        let before = Certificate::from_der(&der).map_err(SigningError::from)?;
        return Ok(Asked {
            slot: order.slot,
            replaces: order.replaces.clone(),
            algorithm: present,
            key: None,
            public_key: before.tbs_certificate().subject_public_key_info().clone(),
            csr: None,
        });
    }
    let wanted = order.algorithm.as_str().parse().ok();
    let algorithm = wanted.filter(|wanted| device.keys.algorithms().contains(wanted));
    let algorithm = algorithm.ok_or(KeyStoreError::Unsupported)?;
    let policy = KeyPolicy::of(slot);
    let own = store.state().check_in.as_ref();
    let begun = own.and_then(|own| own.renewal.get(&slot));
    let key = match begun.filter(|begun| begun.algorithm == algorithm) {
        // The server may have certified it.
        Some(begun) => begun.clone(),
        None => {
            let policy = policy.with(store.state().consent_of(slot));
            let made = KeyRecord::generate(device.keys, algorithm, policy)?;
            store.update(|state| {
                let own = state.check_in.as_mut().ok_or(CheckInError::Interrupted)?;
                own.renewal.insert(slot, made.clone());
                Ok::<_, CheckInError>(())
            })?;
            made
        }
    };
    let open = key.open(device.keys, policy, None)?;
    Ok(Asked {
        slot: order.slot,
        replaces: order.replaces.clone(),
        algorithm,
        public_key: public_key_info(algorithm, &open.public_key()).map_err(SigningError::from)?,
        csr: Some(certification_request(algorithm, open.as_ref())?),
        key: Some(key),
    })
}

/// Holds the certificates that came against what was asked for, as at the enrollment, but for the names: those are the server's to
/// say, and it may have corrected them since. What is refused, or did not come, stays as it was.
fn check(
    device: Device<'_>,
    root: &[u8],
    answer: &RenewalAnswer,
    asked: Vec<Asked>,
    outcome: &mut Outcome,
) -> Vec<(Slot, New)> {
    let now = (device.clock)().duration_since(UNIX_EPOCH);
    let mut authorities = Authorities::read(root, &answer.issuers, now.unwrap_or_default());
    let mut new = Vec::new();
    for one in asked {
        let slot = one.slot;
        let mut of_slot = answer.certificates.iter().filter(|it| it.slot == slot);
        let Some(issued) = of_slot.next() else {
            let said = answer.problems.iter().find(|it| it.slot == slot);
            let reason = said.map_or(ProblemReason::NotIssued, |said| said.reason);
            problem(&mut outcome.problems, slot, reason);
            continue;
        };
        let checked = match &mut authorities {
            Ok(authorities) => {
                check_one(authorities, &one, &issued.certificate.0).map_err(|flaw| flaw.to_string())
            }
            Err(flaw) => Err(flaw.to_string()),
        };
        match checked {
            Ok(certificate) => {
                let new_one = New {
                    slot: key_reference(slot),
                    certificate,
                    key: one.key,
                };
                new.push((slot, new_one));
            }
            Err(flaw) => {
                tracing::warn!("the new certificate for slot {slot} is refused: {flaw}");
                problem(
                    &mut outcome.problems,
                    slot,
                    ProblemReason::CertificateRefused,
                );
            }
        }
    }
    new
}

fn check_one(
    authorities: &mut Authorities,
    asked: &Asked,
    der: &[u8],
) -> Result<Certificate, CertificateFlaw> {
    let certificate = read_certificate(der)?;
    if !certificate::encode_short(der).is_ok_and(|object| object.len() <= VALUE_MAX) {
        return Err(CertificateFlaw::TooLong);
    }
    if *certificate.tbs_certificate().subject_public_key_info() != asked.public_key {
        return Err(CertificateFlaw::OtherKey);
    }
    authorities.follow(&certificate)?;
    check_kind(&certificate, key_reference(asked.slot), asked.algorithm)?;
    Ok(certificate)
}
