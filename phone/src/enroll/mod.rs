//! Enrollment: an invitation becomes keys and certificates on the card (docs/enrollment-protocol.md).
//!
//! Nothing is lost when the phone is killed at any moment: the keys are on disk before the server hears of them,
//! the server answers the same request with the same certificates, and certificates, keys, PIN, PUK and management
//! key take effect in one write. Whoever was interrupted uses the same invitation again.

pub mod csr;
mod error;
pub mod http;
pub mod server;
#[cfg(test)]
mod tests;
mod translate;

use std::collections::BTreeMap;

use card_edge::piv::{
    AsymmetricKey, Cipher, KeyAlgorithm, ManagementKey, ObjectId, Pin, Puk, certificate,
};
use der::{Decode, Encode};
use enrollment_protocol::enrollment::{EnrollmentAnswer, EnrollmentRequest, Phone, SlotRequest};
use enrollment_protocol::offer::Offer;
use enrollment_protocol::{self as protocol, Der, Guid, Invitation, TokenText, Version};
use x509_cert::Certificate;
use zeroize::Zeroizing;

use crate::key_store::{KeyPolicy, KeyRequest, KeyStore};
use crate::secret::Secret;
use crate::state::encoding::Bytes;
use crate::state::reference_data::{HashError, ReferenceData};
use crate::state::{
    CardState, Enrollment, KeyRecord, Origin, PendingEnrollment, StateError, Store,
};
use csr::CsrError;
pub use error::EnrollError;
use http::Http;
use server::Server;
use translate::{card_slot, key_algorithm};

/// What is being done, to tell the holder: keys take seconds.
#[derive(Debug)]
pub enum Step<'a> {
    /// The server is the one that the invitation names.
    FoundServer(&'a str),
    /// An interrupted enrollment by the same invitation is taken up.
    GoingOn,
    /// A key is about to be made.
    MakingKey(AsymmetricKey, KeyAlgorithm),
    /// A key is there from an earlier, interrupted attempt.
    KeptKey(AsymmetricKey, KeyAlgorithm),
    /// The certificates are being asked for.
    Requesting(usize),
}

/// What an enrollment brought.
#[derive(Debug)]
pub enum Enrolled {
    /// Certificates were issued and stored.
    New {
        /// Who issued, and to whom.
        enrollment: Enrollment,
        /// The certificates by slot.
        certificates: BTreeMap<AsymmetricKey, Certificate>,
        /// The new PIN unblocking key, eight digits, to be shown once: see [`puk_was_seen`].
        puk: Zeroizing<String>,
    },
    /// This card had been enrolled with this very invitation before: nothing was done.
    Already {
        /// Who issued, and to whom.
        enrollment: Enrollment,
        /// The PIN unblocking key, where it has not been shown yet.
        puk: Option<Zeroizing<String>>,
    },
}

/// The holder has seen the new PUK: the card forgets it, but for its hash.
///
/// # Errors
/// [`StateError`].
pub fn puk_was_seen(store: &mut Store) -> Result<(), StateError> {
    store.update(|state| {
        if let Some(enrollment) = &mut state.enrollment {
            enrollment.unseen_puk = None;
        }
        Ok(())
    })
}

/// Enrolls the card in `store`. `choose_pin` is asked for the new PIN once the offer is known; `tell` hears of each
/// step. `name` is what the phone calls itself.
///
/// # Errors
/// [`EnrollError`]. The card then is as it was, but for keys that wait for the next attempt.
pub fn enroll(
    store: &mut Store,
    keys: &dyn KeyStore,
    http: &dyn Http,
    invitation: &Invitation,
    name: &str,
    choose_pin: impl FnOnce(&PendingEnrollment) -> Result<Pin, EnrollError>,
    mut tell: impl FnMut(Step<'_>),
) -> Result<Enrolled, EnrollError> {
    let _alone = store.begin_enrollment()?;
    let id = invitation.token().hash();
    if let Some(enrollment) = &store.state().enrollment
        && enrollment.invitation == id
    {
        let puk = enrollment.unseen_puk.as_ref().map(|puk| {
            let digits = String::from_utf8_lossy(puk.as_bytes());
            Zeroizing::new(digits.into_owned())
        });
        return Ok(Enrolled::Already {
            enrollment: enrollment.clone(),
            puk,
        });
    }
    let guid = store.state().guid().ok_or(EnrollError::NoIdentity)?;
    let server = Server::find(http, invitation)?;
    let begun = store.state().pending_enrollment.clone();
    let pending = match begun.filter(|begun| begun.invitation == id) {
        // The server may have used the invitation up for these keys: it is not asked for its offer again.
        Some(begun) => {
            tell(Step::GoingOn);
            begun
        }
        None => {
            let offer = server.offer(invitation)?;
            tell(Step::FoundServer(&invitation.server()));
            pending(id, offer)?
        }
    };
    let pin = choose_pin(&pending)?;
    let pending = prepare_keys(store, keys, pending, &mut tell)?;
    let requests = requests(keys, &pending)?;
    tell(Step::Requesting(requests.len()));
    let answer = server.enroll(&EnrollmentRequest {
        protocol: Version::CURRENT,
        invitation: TokenText::from(invitation.token()),
        phone: Phone {
            name: name.to_owned(),
            guid: Guid::from_bytes(guid.0),
        },
        requests,
    })?;
    let certificates = check(keys, &pending, &answer)?;
    let puk = random_puk()?;
    let enrollment = Enrollment {
        organisation: pending.organisation.clone(),
        holder: pending.holder.clone(),
        server: invitation.server(),
        phone: answer.phone,
        invitation: pending.invitation.clone(),
        issuers: answer
            .issuers
            .into_iter()
            .map(|Der(der)| Bytes(der))
            .collect(),
        unseen_puk: Some(Secret::new(puk.as_bytes().to_vec())),
    };
    store.update(|state| take_effect(state, &pending, &certificates, &enrollment, &pin, &puk))?;
    Ok(Enrolled::New {
        enrollment,
        certificates,
        puk,
    })
}

/// An enrollment by this offer, no key made yet.
fn pending(invitation: String, offer: Offer) -> Result<PendingEnrollment, EnrollError> {
    Ok(PendingEnrollment {
        invitation,
        organisation: offer.organisation,
        holder: offer.holder,
        expires: offer.expires,
        offered: offer
            .slots
            .iter()
            .map(|offered| Ok((card_slot(offered.slot), key_algorithm(offered)?)))
            .collect::<Result<_, EnrollError>>()?,
        keys: BTreeMap::new(),
    })
}

/// Makes the keys that are offered certificates and are not there yet. Each is on disk as soon as it is made.
fn prepare_keys(
    store: &mut Store,
    keys: &dyn KeyStore,
    mut pending: PendingEnrollment,
    tell: &mut impl FnMut(Step<'_>),
) -> Result<PendingEnrollment, EnrollError> {
    for (slot, algorithm) in pending.offered.clone() {
        if pending.keys.contains_key(&slot) {
            tell(Step::KeptKey(slot, algorithm));
            continue;
        }
        tell(Step::MakingKey(slot, algorithm));
        let created = keys.generate(&KeyRequest {
            algorithm,
            policy: KeyPolicy::of(slot),
            challenge: None,
        })?;
        let record = KeyRecord {
            algorithm,
            origin: Origin::Generated,
            handle: created.handle,
            attestation: created.attestation,
        };
        pending.keys.insert(slot, record);
        store.update(|state| {
            state.pending_enrollment = Some(pending.clone());
            Ok::<_, StateError>(())
        })?;
    }
    Ok(pending)
}

fn requests(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
) -> Result<Vec<SlotRequest>, EnrollError> {
    protocol::Slot::ALL
        .into_iter()
        .filter_map(|slot| Some((slot, pending.keys.get(&card_slot(slot))?)))
        .map(|(slot, record)| {
            let key = keys.open(
                record.algorithm,
                KeyPolicy::of(card_slot(slot)),
                &record.handle,
            )?;
            Ok(SlotRequest {
                slot,
                csr: Der(csr::request(record.algorithm, key.as_ref())?),
            })
        })
        .collect()
}

/// A certificate for each key that was asked for, and for that key.
fn check(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
    answer: &EnrollmentAnswer,
) -> Result<BTreeMap<AsymmetricKey, Certificate>, EnrollError> {
    let mut certificates = BTreeMap::new();
    for (slot, record) in &pending.keys {
        let issued = answer
            .certificates
            .iter()
            .find(|issued| card_slot(issued.slot) == *slot)
            .ok_or(EnrollError::MissingCertificate(*slot))?;
        let certificate = Certificate::from_der(&issued.certificate.0)
            .map_err(|_| EnrollError::WrongCertificate(*slot))?;
        let key = keys.open(record.algorithm, KeyPolicy::of(*slot), &record.handle)?;
        let own = csr::public_key_info(&key.public_key())?;
        if *certificate.tbs_certificate().subject_public_key_info() != own {
            return Err(EnrollError::WrongCertificate(*slot));
        }
        certificates.insert(*slot, certificate);
    }
    Ok(certificates)
}

/// Everything that enrollment changes, at once.
fn take_effect(
    state: &mut CardState,
    pending: &PendingEnrollment,
    certificates: &BTreeMap<AsymmetricKey, Certificate>,
    enrollment: &Enrollment,
    pin: &Pin,
    puk: &str,
) -> Result<(), EnrollError> {
    if state.pending_enrollment.as_ref() != Some(pending) {
        return Err(EnrollError::Interrupted);
    }
    for (slot, certificate) in certificates {
        let der = certificate.to_der().map_err(CsrError::from)?;
        let content = certificate::encode_short(&der)?;
        state
            .objects
            .insert(ObjectId::Certificate(*slot).tag(), Bytes(content));
    }
    state.keys.extend(pending.keys.clone());
    state.pin = ReferenceData::new(pin.as_bytes(), state.pin.limit, false)?;
    let puk = Puk::new(puk.as_bytes()).map_err(|_| HashError)?;
    state.puk = ReferenceData::new(puk.as_bytes(), state.puk.limit, false)?;
    state.management_key = random_management_key()?;
    state.enrollment = Some(enrollment.clone());
    state.pending_enrollment = None;
    Ok(())
}

/// Eight random digits.
fn random_puk() -> Result<Zeroizing<String>, StateError> {
    const VALUES: u32 = 100_000_000;
    // Numbers above the last multiple would make some PUKs likelier.
    let limit = u32::MAX - u32::MAX % VALUES;
    loop {
        let number = getrandom::u32()?;
        if number < limit {
            return Ok(Zeroizing::new(format!("{:08}", number % VALUES)));
        }
    }
}

/// Nobody is told this key: whoever administers the phone enrolls it again.
fn random_management_key() -> Result<ManagementKey, EnrollError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(StateError::from)?;
    ManagementKey::new(Cipher::Aes256, key.as_ref()).map_err(|_| HashError.into())
}
