//! Enrollment: an invitation becomes keys and certificates on the card (docs/enrollment-protocol.md).
//!
//! Nothing is lost when the phone is killed at any moment: the keys are on disk before the server hears of them,
//! the server answers the same request with the same certificates, and certificates, keys, PIN, PUK and management
//! key take effect in one write. Whoever was interrupted uses the same invitation again.

pub mod csr;
pub mod invitation;
pub mod protocol;
pub mod server;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use card_edge::piv::key::Algorithm;
use card_edge::piv::{Pin, Puk, Slot, certificate};
use card_edge::tlv::TlvError;
use der::{Decode, Encode};
use thiserror::Error;
use x509_cert::Certificate;
use zeroize::Zeroizing;

use crate::key_store::{KeyAlgorithm, KeyStore, KeyStoreError};
use crate::state::encoding::Bytes;
use crate::state::reference_data::{HashError, ReferenceData};
use crate::state::{
    CardState, Enrollment, KeyRecord, ManagementKey, Origin, PendingEnrollment, StateError, Store,
};
use csr::CsrError;
use invitation::Invitation;
use protocol::{
    EnrollmentAnswer, EnrollmentRequest, Offer, PROTOCOL, Phone, SlotName, SlotRequest,
};
use server::{Server, ServerError};

/// Why a phone was not enrolled.
#[derive(Debug, Error)]
pub enum EnrollError {
    /// The server did not do its part.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The card's state could not be read or changed.
    #[error(transparent)]
    State(#[from] StateError),
    /// A key could not be made or used.
    #[error(transparent)]
    Key(#[from] KeyStoreError),
    /// A certification request could not be made.
    #[error(transparent)]
    Csr(#[from] CsrError),
    /// The card has no CHUID, so it has no identity to enroll.
    #[error(
        "the card has no identity (its CHUID is missing or damaged): write a CHUID first, or begin with a new card"
    )]
    NoIdentity,
    /// The server issued something else than what was asked for.
    #[error("the server's certificate for slot {0} is not for the key that this phone made")]
    WrongCertificate(Slot),
    /// The server issued no certificate for a slot.
    #[error("the server issued no certificate for slot {0}")]
    MissingCertificate(Slot),
    /// The card was reset to a new one meanwhile.
    #[error("the card was reset during the enrollment: run it again")]
    Interrupted,
    /// The caller gave up, for example at the prompt for the PIN.
    #[error("{0}")]
    GivenUp(String),
}

impl From<HashError> for EnrollError {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

impl From<TlvError> for EnrollError {
    fn from(error: TlvError) -> Self {
        Self::State(error.into())
    }
}

/// What is being done, to tell the holder: keys take seconds.
#[derive(Debug)]
pub enum Step<'a> {
    /// The server is the one that the invitation names.
    FoundServer(&'a str),
    /// A key is about to be made.
    MakingKey(Slot, KeyAlgorithm),
    /// A key is there from an earlier, interrupted attempt.
    KeptKey(Slot, KeyAlgorithm),
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
        certificates: BTreeMap<Slot, Certificate>,
        /// The new PIN unblocking key, eight digits: shown once, kept nowhere in the clear.
        puk: Zeroizing<String>,
    },
    /// This card had been enrolled with this very invitation before: nothing was done.
    Already(Enrollment),
}

/// Enrolls the card in `store`. `choose_pin` is asked for the new PIN once the offer is known; `tell` hears of each
/// step. `name` is what the phone calls itself.
///
/// # Errors
/// [`EnrollError`]. The card then is as it was, but for keys that wait for the next attempt.
pub fn enroll(
    store: &mut Store,
    keys: &dyn KeyStore,
    invitation: &Invitation,
    name: &str,
    choose_pin: impl FnOnce(&Offer) -> Result<Pin, EnrollError>,
    mut tell: impl FnMut(Step<'_>),
) -> Result<Enrolled, EnrollError> {
    let _alone = store.begin_enrollment()?;
    let id = invitation.id();
    if let Some(enrollment) = &store.state().enrollment
        && enrollment.invitation == id
    {
        return Ok(Enrolled::Already(enrollment.clone()));
    }
    let guid = store.state().guid().ok_or(EnrollError::NoIdentity)?;
    let server = Server::find(invitation)?;
    let offer = server.offer(invitation)?;
    tell(Step::FoundServer(&invitation.server()));
    let pin = choose_pin(&offer)?;
    let pending = prepare_keys(store, keys, &id, &offer, &mut tell)?;
    let requests = requests(keys, &pending)?;
    tell(Step::Requesting(requests.len()));
    let answer = server.enroll(&EnrollmentRequest {
        protocol: PROTOCOL,
        invitation: invitation.token(),
        phone: Phone {
            name,
            guid: &guid.to_string(),
        },
        requests,
    })?;
    let certificates = check(keys, &pending, &answer)?;
    let enrollment = Enrollment {
        organisation: offer.organisation,
        holder: offer.holder,
        server: invitation.server(),
        phone: answer.phone,
        invitation: id,
        issuers: answer.issuers,
    };
    let puk = random_puk()?;
    store.update(|state| take_effect(state, &pending, &certificates, &enrollment, &pin, &puk))?;
    Ok(Enrolled::New {
        enrollment,
        certificates,
        puk,
    })
}

/// Makes the keys that the offer asks for and that are not there yet. Each is on disk as soon as it is made.
fn prepare_keys(
    store: &mut Store,
    keys: &dyn KeyStore,
    invitation: &str,
    offer: &Offer,
    tell: &mut impl FnMut(Step<'_>),
) -> Result<PendingEnrollment, EnrollError> {
    let earlier = store.state().pending_enrollment.clone();
    let mut pending = PendingEnrollment {
        invitation: invitation.to_owned(),
        keys: BTreeMap::new(),
    };
    for offered in &offer.slots {
        let (SlotName(slot), algorithm) = (offered.slot, offered.algorithm);
        let kept = earlier
            .as_ref()
            .filter(|earlier| earlier.invitation == invitation)
            .and_then(|earlier| earlier.keys.get(&slot))
            .filter(|record| record.algorithm == algorithm);
        let record = match kept {
            Some(record) => {
                tell(Step::KeptKey(slot, algorithm));
                record.clone()
            }
            None => {
                tell(Step::MakingKey(slot, algorithm));
                KeyRecord {
                    algorithm,
                    origin: Origin::Generated,
                    handle: keys.generate(algorithm)?,
                }
            }
        };
        pending.keys.insert(slot, record);
        store.update(|state| {
            let known = state
                .pending_enrollment
                .get_or_insert_with(|| pending.clone());
            if known.invitation == pending.invitation {
                known.keys.extend(pending.keys.clone());
            } else {
                *known = pending.clone();
            }
            Ok::<_, StateError>(())
        })?;
    }
    Ok(pending)
}

fn requests(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
) -> Result<Vec<SlotRequest>, EnrollError> {
    pending
        .keys
        .iter()
        .map(|(slot, record)| {
            let key = keys.open(record.algorithm, &record.handle)?;
            Ok(SlotRequest {
                slot: SlotName(*slot),
                csr: Bytes(csr::request(record.algorithm, key.as_ref())?),
            })
        })
        .collect()
}

/// A certificate for each key that was asked for, and for that key.
fn check(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
    answer: &EnrollmentAnswer,
) -> Result<BTreeMap<Slot, Certificate>, EnrollError> {
    let mut certificates = BTreeMap::new();
    for (slot, record) in &pending.keys {
        let issued = answer
            .certificates
            .iter()
            .find(|issued| issued.slot.0 == *slot)
            .ok_or(EnrollError::MissingCertificate(*slot))?;
        let certificate = Certificate::from_der(&issued.certificate.0)
            .map_err(|_| EnrollError::WrongCertificate(*slot))?;
        let key = keys.open(record.algorithm, &record.handle)?;
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
    certificates: &BTreeMap<Slot, Certificate>,
    enrollment: &Enrollment,
    pin: &Pin,
    puk: &str,
) -> Result<(), EnrollError> {
    let is_known = state.pending_enrollment.as_ref().is_some_and(|known| {
        let same = |(slot, record)| known.keys.get(slot) == Some(record);
        known.invitation == pending.invitation && pending.keys.iter().all(same)
    });
    if !is_known {
        return Err(EnrollError::Interrupted);
    }
    for (slot, certificate) in certificates {
        let der = certificate.to_der().map_err(CsrError::from)?;
        let content = certificate::encode(&der)?;
        state
            .objects
            .insert(slot.certificate().tag(), Bytes(content));
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
    ManagementKey::new(Algorithm::Aes256, key.as_ref()).map_err(|_| HashError.into())
}
