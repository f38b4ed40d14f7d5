//! A certificate as a row of a list.

use enroll_server_model::{Slot, Timestamp};
use enroll_server_service::query::Certificate;

use crate::portal::label;
use crate::portal::view::{Moment, Tag};
use crate::words::{Text, Words};

/// A certificate as a row of a list.
pub struct CertificateRow {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub purpose: Text,
    /// Its key, and where that is.
    pub detail: Text,
    /// Whose it is.
    pub holder: String,
    /// Its state.
    pub tag: Tag,
    /// Until when it is valid.
    pub until: Moment,
}

impl CertificateRow {
    /// The row of a certificate.
    #[must_use]
    pub fn new(
        words: Words,
        certificate: Certificate,
        holder: String,
        detail: Text,
        now: Timestamp,
    ) -> Self {
        Self {
            tag: label::certificate_tag(words, &certificate, now),
            until: Moment::new(words, certificate.not_after, now),
            purpose: label::purpose(words, certificate.slot),
            id: certificate.id,
            detail,
            holder,
        }
    }

    /// The row of a phone's certificate on the phone's own page.
    #[must_use]
    pub fn of_phone(words: Words, certificate: Certificate, now: Timestamp) -> Self {
        let slot = certificate.slot.map_or("", Slot::as_str);
        let detail = words.certificates_in_slot(certificate.algorithm.as_str(), slot);
        Self::new(words, certificate, String::new(), detail, now)
    }
}
