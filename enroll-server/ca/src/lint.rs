//! The last look at a certificate before it is signed: it is parsed afresh, by another library than the one that
//! wrote it, and held against its profile, what is known of its subject, and RFC 5280. Whatever is not expected is an
//! error.

mod address;
mod name;
#[cfg(test)]
mod tests;

use const_oid::db::{rfc5280, rfc5912, rfc6960};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::time::Time;

use enroll_server_model::Timestamp;

use crate::addresses::IssuerAddresses;
use crate::ca_certificate::CaCertificate;
use crate::error::{LintError, rule};
use crate::facts::Facts;
use crate::profile::definition::{Definition, Revocation};
use crate::public_key::PublicKey;
use crate::serial_number::SerialNumber;

/// What a certificate is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// What its profile says.
    pub profile: &'e Definition,
    /// What is known of its subject.
    pub facts: &'e Facts,
    /// Its serial number.
    pub serial: SerialNumber,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// The key that is certified.
    pub key: &'e PublicKey,
    /// Who issues it.
    pub issuer: &'e CaCertificate,
    /// Where relying parties find what belongs to the issuer.
    pub addresses: &'e IssuerAddresses,
}

/// Checks a certificate, also given in its DER.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    certificate: &Certificate,
    der: &[u8],
    expected: Expected<'_>,
) -> Result<(), LintError> {
    let Expected {
        profile,
        key,
        issuer,
        ..
    } = expected;
    let tbs = certificate.tbs_certificate();
    rule(certificate.to_der()? == der, "the encoding must be DER")?;
    if der.len() > profile.longest {
        return Err(LintError::TooLong {
            found: der.len(),
            longest: profile.longest,
        });
    }
    rule(tbs.version() == Version::V3, "the version must be 3")?;
    rule(
        tbs.serial_number().as_bytes() == expected.serial.as_bytes(),
        "the serial number must be the one that was drawn for it",
    )?;
    rule(
        tbs.signature() == certificate.signature_algorithm()
            && tbs.signature().oid == issuer.key.signature_algorithm().oid,
        "both signature algorithms must be the issuer's",
    )?;
    rule(
        tbs.issuer().to_der()? == issuer.subject_der,
        "the issuer's name must be the issuer's subject",
    )?;
    rule(
        name::is_subject(tbs.subject(), profile.subject, expected.facts),
        "the subject must be the profile's",
    )?;
    rule(
        tbs.subject_public_key_info().to_der()? == key.spki(),
        "the key must be the one that was asked for",
    )?;
    rule(
        tbs.issuer_unique_id().is_none() && tbs.subject_unique_id().is_none(),
        "unique identifiers must not be used",
    )?;
    check_validity(certificate, expected)?;
    check_extensions(certificate, profile)?;
    check_extension_values(certificate, expected)?;
    check_addresses(certificate, expected.addresses)
}

fn check_validity(certificate: &Certificate, expected: Expected<'_>) -> Result<(), LintError> {
    let validity = certificate.tbs_certificate().validity();
    let is = |time: &Time, expected: Timestamp| {
        i64::try_from(time.to_unix_duration().as_secs()).is_ok_and(|at| at == expected.seconds())
    };
    rule(
        is(&validity.not_before, expected.not_before)
            && is(&validity.not_after, expected.not_after),
        "the validity must be the one that was asked for",
    )?;
    rule(
        expected.not_before < expected.not_after,
        "the validity must end after it begins",
    )?;
    rule(
        expected.not_after <= expected.issuer.not_after,
        "the validity must not go beyond the issuer's",
    )
}

/// The extensions of a profile and whether each is critical.
fn expected_extensions(profile: &Definition) -> Vec<(ObjectIdentifier, bool)> {
    let mut expected = vec![
        (AuthorityKeyIdentifier::OID, false),
        (SubjectKeyIdentifier::OID, false),
        (KeyUsage::OID, true),
        (ExtendedKeyUsage::OID, profile.extended_key_usage_critical),
    ];
    if !profile.alternative_names.is_empty() {
        expected.push((SubjectAltName::OID, false));
    }
    match profile.revocation {
        Revocation::Published => {
            expected.push((rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS, false));
            expected.push((rfc5912::ID_PE_AUTHORITY_INFO_ACCESS, false));
        }
        Revocation::NoCheck => expected.push((rfc6960::ID_PKIX_OCSP_NOCHECK, false)),
    }
    expected
}

fn check_extensions(certificate: &Certificate, profile: &Definition) -> Result<(), LintError> {
    let expected = expected_extensions(profile);
    let found = certificate
        .tbs_certificate()
        .extensions()
        .map_or(&[][..], |extensions| extensions);
    for extension in found {
        if !expected.contains(&(extension.extn_id, extension.critical)) {
            return Err(LintError::UnexpectedExtension(extension.extn_id));
        }
    }
    for (oid, _) in expected {
        if found.iter().filter(|found| found.extn_id == oid).count() != 1 {
            return Err(LintError::MissingExtension(oid));
        }
    }
    Ok(())
}

fn check_extension_values(
    certificate: &Certificate,
    expected: Expected<'_>,
) -> Result<(), LintError> {
    let Expected {
        profile,
        key,
        issuer,
        ..
    } = expected;
    let tbs = certificate.tbs_certificate();
    let authority = tbs.get_extension::<AuthorityKeyIdentifier>()?;
    rule(
        authority
            .and_then(|(_, value)| value.key_identifier)
            .is_some_and(|identifier| identifier.as_bytes() == issuer.key_identifier),
        "the authority key identifier must be the issuer's",
    )?;
    let subject = tbs.get_extension::<SubjectKeyIdentifier>()?;
    rule(
        subject.is_some_and(|(_, value)| value.0.as_bytes() == key.key_identifier()),
        "the subject key identifier must be the key's",
    )?;
    rule(
        tbs.get_extension::<BasicConstraints>()?.is_none(),
        "an end entity's certificate has no basic constraints here",
    )?;
    let usage = tbs.get_extension::<KeyUsage>()?;
    rule(
        usage.is_some_and(|(_, value)| value.0 == profile.key_usages(key.algorithm())),
        "the key usage must be the profile's",
    )?;
    let usage = tbs.get_extension::<ExtendedKeyUsage>()?;
    rule(
        usage.is_some_and(|(_, value)| value.0 == profile.extended_key_usage),
        "the extended key usage must be the profile's",
    )?;
    let names = tbs.get_extension::<SubjectAltName>()?;
    let names = names.map(|(_, names)| names.0).unwrap_or_default();
    rule(
        name::are_alternatives(&names, &profile.alternative_names, expected.facts),
        "the alternative names must be the profile's",
    )
}

/// Checks that relying parties are sent to the issuer's own addresses.
fn check_addresses(
    certificate: &Certificate,
    addresses: &IssuerAddresses,
) -> Result<(), LintError> {
    let tbs = certificate.tbs_certificate();
    if let Some((_, points)) = tbs.get_extension::<CrlDistributionPoints>()? {
        rule(
            address::is_distribution_point(&points, addresses),
            "there must be one distribution point, and it must be the issuer's",
        )?;
    }
    if let Some((_, access)) = tbs.get_extension::<AuthorityInfoAccessSyntax>()? {
        rule(
            address::is_access(&access, addresses),
            "the authority information access must have the issuer's OCSP address and that of its certificate",
        )?;
    }
    Ok(())
}
