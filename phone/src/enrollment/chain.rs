//! The way from a certificate to the root that the invitation names (RFC 5280, 6.1): names, signatures, times, and whether
//! each authority on it may issue.

use std::collections::BTreeSet;
use std::time::Duration;

use der::{DateTime, Decode, Encode};
use enrollment_protocol::{Der, limit};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::extensions::refuse_unknown;
use super::flaw::{AnswerFlaw, CertificateFlaw};
use crate::x509::is_signed_by;

/// The root, and those who say that they issue under it.
pub(super) struct Authorities {
    root: Certificate,
    issuers: Vec<Certificate>,
    /// Which of the issuers have issued something, or are the root.
    used: BTreeSet<usize>,
    /// Since 1970.
    now: Duration,
}

impl Authorities {
    /// Reads the root's certificate and those of the issuers.
    ///
    /// # Errors
    /// Where they cannot be read, are too many, or one is there twice.
    pub(super) fn read(root: &[u8], issuers: &[Der], now: Duration) -> Result<Self, AnswerFlaw> {
        if issuers.len() > limit::ISSUERS_MAX {
            return Err(AnswerFlaw::Issuers);
        }
        let mut used = BTreeSet::new();
        let mut read: Vec<Certificate> = Vec::with_capacity(issuers.len());
        for (place, Der(der)) in issuers.iter().enumerate() {
            let issuer =
                read_certificate(der).map_err(|_| AnswerFlaw::MalformedIssuer(place + 1))?;
            if read.contains(&issuer) {
                return Err(AnswerFlaw::StrangeIssuer(place + 1));
            }
            if der == root {
                used.insert(place);
            }
            read.push(issuer);
        }
        Ok(Self {
            root: Certificate::from_der(root).map_err(|_| AnswerFlaw::Root)?,
            issuers: read,
            used,
            now,
        })
    }

    /// Follows a certificate to the root.
    ///
    /// # Errors
    /// [`CertificateFlaw`] where there is no way, or one that does not hold.
    pub(super) fn follow(&mut self, certificate: &Certificate) -> Result<(), CertificateFlaw> {
        check_time("it", certificate, self.now)?;
        let mut below = certificate;
        let mut way = Vec::new();
        while !is_issued_by(below, &self.root) {
            let found = self
                .issuers
                .iter()
                .enumerate()
                .find(|(place, issuer)| !way.contains(place) && is_issued_by(below, issuer));
            let (place, issuer) = found.ok_or(CertificateFlaw::OtherAuthority)?;
            check_time("its issuer", issuer, self.now)?;
            refuse_unknown(issuer)?;
            check_authority(issuer, way.len())?;
            way.push(place);
            below = issuer;
        }
        // The root is trusted by the invitation; what it says of those below it holds all the same.
        let constraints = constraints(&self.root)?;
        if constraints.is_some_and(|limits| !allows(&limits, way.len())) {
            return Err(CertificateFlaw::IssuerMayNot);
        }
        self.used.extend(way);
        Ok(())
    }

    /// Refuses issuers that are on no way that was followed.
    ///
    /// # Errors
    /// [`AnswerFlaw::StrangeIssuer`].
    pub(super) fn refuse_strangers(&self) -> Result<(), AnswerFlaw> {
        match (0..self.issuers.len()).find(|place| !self.used.contains(place)) {
            Some(place) => Err(AnswerFlaw::StrangeIssuer(place + 1)),
            None => Ok(()),
        }
    }
}

/// Reads a certificate that is DER and of a bearable length.
///
/// # Errors
/// [`CertificateFlaw::TooLong`] and [`CertificateFlaw::Malformed`].
pub(super) fn read_certificate(der: &[u8]) -> Result<Certificate, CertificateFlaw> {
    if der.len() > limit::CERTIFICATE_MAX {
        return Err(CertificateFlaw::TooLong);
    }
    Certificate::from_der(der)
        .ok()
        // What is signed is what was read.
        .filter(|certificate| certificate.to_der().is_ok_and(|again| again == der))
        .ok_or(CertificateFlaw::Malformed)
}

fn is_issued_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let issuer = issuer.tbs_certificate();
    certificate.tbs_certificate().issuer() == issuer.subject()
        && is_signed_by(certificate, issuer.subject_public_key_info())
}

fn check_time(
    what: &'static str,
    certificate: &Certificate,
    now: Duration,
) -> Result<(), CertificateFlaw> {
    let validity = certificate.tbs_certificate().validity();
    let times = validity.not_before.to_unix_duration()..=validity.not_after.to_unix_duration();
    if times.contains(&now) {
        return Ok(());
    }
    Err(CertificateFlaw::OutOfTime {
        what,
        not_before: validity.not_before.to_string(),
        not_after: validity.not_after.to_string(),
        clock: DateTime::from_unix_duration(Duration::from_secs(now.as_secs()))
            .map_or_else(|_| "no time at all".to_owned(), |time| time.to_string()),
    })
}

fn constraints(certificate: &Certificate) -> Result<Option<BasicConstraints>, CertificateFlaw> {
    let found = certificate.tbs_certificate().get_extension();
    let found = found.map_err(|_| CertificateFlaw::IssuerMayNot)?;
    Ok(found.map(|(_, constraints)| constraints))
}

/// Whether these constraints are an authority's, with this number of authorities between it and the holder.
fn allows(constraints: &BasicConstraints, between: usize) -> bool {
    constraints.ca
        && constraints
            .path_len_constraint
            .is_none_or(|most| usize::from(most) >= between)
}

fn check_authority(issuer: &Certificate, between: usize) -> Result<(), CertificateFlaw> {
    let usage = issuer.tbs_certificate().get_extension::<KeyUsage>();
    let usage = usage.map_err(|_| CertificateFlaw::IssuerMayNot)?;
    let may_sign = usage.is_none_or(|(_, usage)| usage.key_cert_sign());
    if may_sign && constraints(issuer)?.is_some_and(|limits| allows(&limits, between)) {
        Ok(())
    } else {
        Err(CertificateFlaw::IssuerMayNot)
    }
}
