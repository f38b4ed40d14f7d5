//! The last look at a certificate before it is signed: it is parsed afresh, by another library than the one that
//! wrote it, and held against its profile and RFC 5280. Whatever is not expected is an error.

use const_oid::db::{rfc5280, rfc5912, rfc6960};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage,
    SubjectAltName, SubjectKeyIdentifier,
};

use super::authority::CaCertificate;
use super::profile::{Profile, Revocable};
use super::public_key::PublicKey;

/// A rule that a certificate would break.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// It cannot be parsed.
    #[error("the certificate cannot be parsed: {0}")]
    Malformed(#[from] der::Error),
    /// A rule by its words.
    #[error("{0}")]
    Rule(&'static str),
    /// An extension that the profile does not have, or with the wrong criticality.
    #[error("extension {0} is not expected, or not expected to be critical or not")]
    UnexpectedExtension(ObjectIdentifier),
    /// An extension that the profile has.
    #[error("extension {0} is missing or there twice")]
    MissingExtension(ObjectIdentifier),
    /// It is longer than the profile allows.
    #[error(
        "the certificate has {found} bytes, its profile allows {longest}: shorten names or addresses"
    )]
    TooLong {
        /// Its length.
        found: usize,
        /// The profile's limit.
        longest: usize,
    },
    /// What was signed is not what was put on record.
    #[error("what was signed is not what was put on record")]
    NotAsRecorded,
    /// The signature cannot be verified under the issuer's certificate.
    #[error("the signature cannot be verified under the issuer's certificate")]
    SignatureInvalid,
}

fn rule(holds: bool, words: &'static str) -> Result<(), LintError> {
    if holds {
        Ok(())
    } else {
        Err(LintError::Rule(words))
    }
}

/// Checks a certificate against its profile.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    certificate: &Certificate,
    der: &[u8],
    profile: &Profile,
    key: &PublicKey,
    issuer: &CaCertificate,
) -> Result<(), LintError> {
    let tbs = certificate.tbs_certificate();
    rule(certificate.to_der()? == der, "the encoding has to be DER")?;
    if der.len() > profile.longest {
        return Err(LintError::TooLong {
            found: der.len(),
            longest: profile.longest,
        });
    }
    rule(tbs.version() == Version::V3, "the version has to be 3")?;
    let serial = tbs.serial_number().as_bytes();
    rule(
        serial.len() == 16 && serial.first().is_some_and(|first| *first < 0x80),
        "the serial number has to be positive and of 16 octets",
    )?;
    rule(
        tbs.signature() == certificate.signature_algorithm(),
        "both signature algorithms have to be the same",
    )?;
    rule(
        tbs.issuer().to_der()? == issuer.subject_der,
        "the issuer's name has to be the issuer's subject",
    )?;
    rule(!tbs.subject().is_empty(), "the subject may not be empty")?;
    rule(
        tbs.subject_public_key_info().to_der()? == key.spki(),
        "the key has to be the one that was asked for",
    )?;
    rule(
        tbs.issuer_unique_id().is_none() && tbs.subject_unique_id().is_none(),
        "unique identifiers may not be used",
    )?;
    check_validity(certificate, issuer)?;
    check_extensions(certificate, profile)?;
    check_extension_values(certificate, profile, key, issuer)
}

fn check_validity(certificate: &Certificate, issuer: &CaCertificate) -> Result<(), LintError> {
    let validity = certificate.tbs_certificate().validity();
    let begin = validity.not_before.to_unix_duration();
    let end = validity.not_after.to_unix_duration();
    rule(begin < end, "the validity has to end after it begins")?;
    let issuer_end = u64::try_from(issuer.not_after.seconds()).unwrap_or(0);
    rule(
        end.as_secs() <= issuer_end,
        "the validity may not go beyond the issuer's",
    )
}

/// The extensions of a profile and whether each is critical.
fn expected_extensions(profile: &Profile) -> Vec<(ObjectIdentifier, bool)> {
    let mut expected = vec![
        (AuthorityKeyIdentifier::OID, false),
        (SubjectKeyIdentifier::OID, false),
        (KeyUsage::OID, true),
        (ExtendedKeyUsage::OID, profile.extended_key_usage_critical),
    ];
    if !profile.alt_names.is_empty() {
        expected.push((SubjectAltName::OID, false));
    }
    match profile.revocable {
        Revocable::Yes => {
            expected.push((rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS, false));
            expected.push((rfc5912::ID_PE_AUTHORITY_INFO_ACCESS, false));
        }
        Revocable::NoCheck => expected.push((rfc6960::ID_PKIX_OCSP_NOCHECK, false)),
    }
    expected
}

fn check_extensions(certificate: &Certificate, profile: &Profile) -> Result<(), LintError> {
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
    profile: &Profile,
    key: &PublicKey,
    issuer: &CaCertificate,
) -> Result<(), LintError> {
    let tbs = certificate.tbs_certificate();
    let authority = tbs.get_extension::<AuthorityKeyIdentifier>()?;
    rule(
        authority
            .and_then(|(_, value)| value.key_identifier)
            .is_some_and(|identifier| identifier.as_bytes() == issuer.key_identifier),
        "the authority key identifier has to be the issuer's",
    )?;
    let subject = tbs.get_extension::<SubjectKeyIdentifier>()?;
    rule(
        subject.is_some_and(|(_, value)| value.0.as_bytes() == key.key_identifier()),
        "the subject key identifier has to be the key's",
    )?;
    rule(
        tbs.get_extension::<BasicConstraints>()?.is_none(),
        "an end entity's certificate has no basic constraints here",
    )?;
    let usage = tbs.get_extension::<ExtendedKeyUsage>()?;
    rule(
        usage.is_some_and(|(_, value)| value.0 == profile.extended_key_usage),
        "the extended key usage has to be the profile's",
    )?;
    let names = tbs.get_extension::<SubjectAltName>()?;
    rule(
        names.map_or(0, |(_, value)| value.0.len()) == profile.alt_names.len(),
        "the alternative names have to be the profile's",
    )?;
    if let Some((_, points)) = tbs.get_extension::<CrlDistributionPoints>()? {
        // Some clients read no more than the first.
        rule(
            points.0.len() == 1,
            "there has to be one distribution point",
        )?;
    }
    Ok(())
}
