//! The last look at a certificate before it is signed: it is parsed afresh, by another library than the one that
//! wrote it, and held against its profile and RFC 5280. Whatever is not expected is an error.

use const_oid::db::{rfc5280, rfc5912, rfc6960};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

use crate::addresses::{IssuerAddresses, Shard};
use crate::ca_certificate::CaCertificate;
use crate::error::{LintError, rule};
use crate::profile::definition::{Definition, Revocation};
use crate::public_key::PublicKey;
use crate::serial_number;

/// What a certificate is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// What its profile says.
    pub profile: &'e Definition,
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
    let serial = tbs.serial_number().as_bytes();
    rule(
        serial.len() == serial_number::LENGTH && serial.first().is_some_and(|first| *first < 0x80),
        "the serial number must be positive and of 16 octets",
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
    rule(!tbs.subject().is_empty(), "the subject must not be empty")?;
    rule(
        tbs.subject_public_key_info().to_der()? == key.spki(),
        "the key must be the one that was asked for",
    )?;
    rule(
        tbs.issuer_unique_id().is_none() && tbs.subject_unique_id().is_none(),
        "unique identifiers must not be used",
    )?;
    check_validity(certificate, issuer)?;
    check_extensions(certificate, profile)?;
    check_extension_values(certificate, expected)?;
    check_addresses(certificate, expected.addresses)
}

fn check_validity(certificate: &Certificate, issuer: &CaCertificate) -> Result<(), LintError> {
    let validity = certificate.tbs_certificate().validity();
    let begin = validity.not_before.to_unix_duration();
    let end = validity.not_after.to_unix_duration();
    rule(begin < end, "the validity must end after it begins")?;
    let issuer_end = u64::try_from(issuer.not_after.seconds()).unwrap_or(0);
    rule(
        end.as_secs() <= issuer_end,
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
    rule(
        names.map_or(0, |(_, value)| value.0.len()) == profile.alternative_names.len(),
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
        // Some clients read no more than the first.
        let [point] = points.0.as_slice() else {
            return Err(LintError::Rule("there must be one distribution point"));
        };
        let names = match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => names.as_slice(),
            _ => &[],
        };
        rule(
            matches!(names, [name] if is_address(name, &addresses.crl(Shard::SOLE))),
            "the distribution point must be the issuer's",
        )?;
    }
    if let Some((_, access)) = tbs.get_extension::<AuthorityInfoAccessSyntax>()? {
        for description in &access.0 {
            let address = match description.access_method {
                rfc5912::ID_AD_OCSP => addresses.ocsp(),
                rfc5912::ID_AD_CA_ISSUERS => addresses.certificate(),
                _ => {
                    return Err(LintError::Rule(
                        "the access method must be OCSP or caIssuers",
                    ));
                }
            };
            rule(
                is_address(&description.access_location, &address),
                "the authority information access must be the issuer's",
            )?;
        }
    }
    Ok(())
}

fn is_address(name: &GeneralName, address: &str) -> bool {
    matches!(name, GeneralName::UniformResourceIdentifier(uri) if uri.as_str() == address)
}
