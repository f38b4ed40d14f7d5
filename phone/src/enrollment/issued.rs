//! Whether the server issued what was requested: everything is checked before anything takes effect.

use std::collections::BTreeMap;
use std::time::Duration;

use card_edge::piv::AsymmetricKey;
use card_edge::piv::certificate;
use card_edge::tlv::VALUE_MAX;
use enrollment_protocol::Guid;
use enrollment_protocol::enrollment::{EnrollmentAnswer, SlotCertificate};
use x509_cert::Certificate;

use super::chain::{Authorities, read_certificate};
use super::error::EnrollError;
use super::extensions::check_kind;
use super::flaw::{AnswerFlaw, CertificateFlaw};
use super::names::check_names;
use super::text::check_name;
use super::translate::key_reference;
use crate::key_store::{KeyPolicy, KeyStore};
use crate::state::PendingEnrollment;
use crate::x509::{SigningError, public_key_info};

/// What the certificates are held against, beside the offer and the keys.
pub(super) struct Expected<'a> {
    /// The root that the invitation names, DER.
    pub(super) root: &'a [u8],
    /// The card.
    pub(super) card: Guid,
    /// Since 1970.
    pub(super) now: Duration,
}

/// A certificate for each key of the enrollment, and for that key: by the invitation's authority, for whom the offer
/// names, valid now, and of the kind that belongs in the slot.
///
/// # Errors
/// [`EnrollError::Answer`] and [`EnrollError::Certificate`].
pub(super) fn check_issued(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
    answer: &EnrollmentAnswer,
    expected: &Expected<'_>,
) -> Result<BTreeMap<AsymmetricKey, Certificate>, EnrollError> {
    check_name("name of the phone", &answer.phone)?;
    let mut issued = by_slot(pending, answer)?;
    let mut authorities = Authorities::read(expected.root, &answer.issuers, expected.now)?;
    let mut certificates = BTreeMap::new();
    for (reference, record) in &pending.keys {
        let refuse = |flaw| EnrollError::Certificate {
            key: *reference,
            flaw,
        };
        let issued = issued
            .remove(reference)
            .ok_or(AnswerFlaw::Missing(*reference))?;
        let der = &issued.certificate.0;
        let certificate = read_certificate(der).map_err(refuse)?;
        let fits = certificate::encode_short(der).is_ok_and(|object| object.len() <= VALUE_MAX);
        if !fits {
            return Err(refuse(CertificateFlaw::TooLong));
        }
        let key = record.open(keys, KeyPolicy::of(*reference), None)?;
        let own =
            public_key_info(record.algorithm, &key.public_key()).map_err(SigningError::from)?;
        if *certificate.tbs_certificate().subject_public_key_info() != own {
            return Err(refuse(CertificateFlaw::OtherKey));
        }
        authorities.follow(&certificate).map_err(refuse)?;
        check_kind(&certificate, *reference, record.algorithm).map_err(refuse)?;
        check_names(&certificate, pending, expected.card).map_err(refuse)?;
        certificates.insert(*reference, certificate);
    }
    authorities.refuse_strangers()?;
    Ok(certificates)
}

/// What was issued, by its slot: those of the offer alone, and each once.
fn by_slot<'a>(
    pending: &PendingEnrollment,
    answer: &'a EnrollmentAnswer,
) -> Result<BTreeMap<AsymmetricKey, &'a SlotCertificate>, AnswerFlaw> {
    let mut issued = BTreeMap::new();
    for one in &answer.certificates {
        let reference = key_reference(one.slot);
        if !pending.keys.contains_key(&reference) {
            return Err(AnswerFlaw::NotOffered(reference));
        }
        if issued.insert(reference, one).is_some() {
            return Err(AnswerFlaw::SlotTwice(one.slot));
        }
    }
    Ok(issued)
}
