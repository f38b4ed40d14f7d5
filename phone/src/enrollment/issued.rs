//! Whether the server issued what was requested.

use std::collections::BTreeMap;

use card_edge::piv::AsymmetricKey;
use der::Decode;
use enrollment_protocol::enrollment::EnrollmentAnswer;
use x509_cert::Certificate;

use super::error::EnrollError;
use super::translate::key_reference;
use crate::key_store::{KeyPolicy, KeyStore};
use crate::state::PendingEnrollment;
use crate::x509::{SigningError, public_key_info};

/// A certificate for each key of the enrollment, and for that key.
///
/// # Errors
/// [`EnrollError::MissingCertificate`] and [`EnrollError::WrongCertificate`].
pub(super) fn certificates_for_own_keys(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
    answer: &EnrollmentAnswer,
) -> Result<BTreeMap<AsymmetricKey, Certificate>, EnrollError> {
    let mut certificates = BTreeMap::new();
    for (reference, record) in &pending.keys {
        let issued = answer
            .certificates
            .iter()
            .find(|issued| key_reference(issued.slot) == *reference)
            .ok_or(EnrollError::MissingCertificate(*reference))?;
        let certificate = Certificate::from_der(&issued.certificate.0)
            .map_err(|_| EnrollError::WrongCertificate(*reference))?;
        let key = keys.open(record.algorithm, KeyPolicy::of(*reference), &record.handle)?;
        let own =
            public_key_info(record.algorithm, &key.public_key()).map_err(SigningError::from)?;
        if *certificate.tbs_certificate().subject_public_key_info() != own {
            return Err(EnrollError::WrongCertificate(*reference));
        }
        certificates.insert(*reference, certificate);
    }
    Ok(certificates)
}
