//! Whether a CRL says what it was meant to say.

use const_oid::db::rfc5280;
use const_oid::{AssociatedOid, ObjectIdentifier};
use data_encoding::HEXLOWER;
use der::{Decode, Encode};
use enroll_server_model::Timestamp;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::CrlReason;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};
use x509_cert::time::Time;

use super::content::{RevocationList, RevokedCertificate};
use crate::ca_certificate::CaCertificate;
use crate::error::{LintError, rule};

/// Holds a signed CRL, DER, against what was to be signed.
pub(super) fn check(
    der: &[u8],
    asked: &RevocationList,
    issuer: &CaCertificate,
) -> Result<(), LintError> {
    let list = <CertificateList>::from_der(der)?;
    let tbs = &list.tbs_cert_list;
    rule(
        tbs.issuer.to_der()? == issuer.subject_der,
        "the CRL must have the issuer's name",
    )?;
    rule(
        is_at(tbs.this_update, asked.this_update)
            && tbs
                .next_update
                .is_some_and(|time| is_at(time, asked.next_update)),
        "the CRL must be of the time that it was made for",
    )?;
    let entries = tbs.revoked_certificates.as_deref().unwrap_or(&[]);
    rule(
        entries.len() == asked.revocations.len(),
        "the CRL must list what was revoked",
    )?;
    for (entry, revoked) in entries.iter().zip(&asked.revocations) {
        rule(
            is_entry(entry, revoked)?,
            "each entry must have the serial number, the time and the reason of its revocation",
        )?;
    }
    let number = extension::<CrlNumber>(tbs)?;
    rule(
        number.is_some_and(|number| {
            magnitude(number.0.as_bytes()) == magnitude(&asked.number.to_be_bytes())
        }),
        "the CRL must have the number that was taken for it",
    )?;
    let identifier =
        extension::<AuthorityKeyIdentifier>(tbs)?.and_then(|authority| authority.key_identifier);
    rule(
        identifier.is_some_and(|identifier| identifier.as_bytes() == issuer.key_identifier),
        "the CRL must have the issuer's key identifier",
    )?;
    // x509-cert gives the type another extension's object identifier.
    let point = value::<IssuingDistributionPoint>(tbs, rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT)?
        .and_then(|point| address(&point));
    rule(
        point == asked.shard,
        "the CRL must be for the shard that it was made for",
    )?;
    let message = tbs.to_der()?;
    issuer
        .key
        .verify(&message, list.signature.raw_bytes())
        .map_err(|_| LintError::SignatureInvalid)
}

pub(super) fn extension<T>(list: &TbsCertList) -> Result<Option<T>, LintError>
where
    T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>,
{
    value(list, T::OID)
}

pub(super) fn value<T>(list: &TbsCertList, oid: ObjectIdentifier) -> Result<Option<T>, LintError>
where
    T: for<'a> Decode<'a, Error = der::Error>,
{
    let extensions = list.crl_extensions.as_deref().unwrap_or(&[]);
    let found = extensions.iter().find(|extension| extension.extn_id == oid);
    Ok(found
        .map(|found| T::from_der(found.extn_value.as_bytes()))
        .transpose()?)
}

/// The address in an issuing distribution point.
pub(super) fn address(point: &IssuingDistributionPoint) -> Option<String> {
    match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => match names.as_slice() {
            [GeneralName::UniformResourceIdentifier(uri)] => Some(uri.as_str().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an entry says what was revoked, when and why, and no more.
fn is_entry(entry: &RevokedCert, revoked: &RevokedCertificate) -> Result<bool, LintError> {
    let serial = HEXLOWER.decode(revoked.serial.as_bytes());
    let reason = match entry.crl_entry_extensions.as_deref().unwrap_or(&[]) {
        [] => CrlReason::Unspecified,
        [extension] if extension.extn_id == CrlReason::OID => {
            CrlReason::from_der(extension.extn_value.as_bytes())?
        }
        _ => return Ok(false),
    };
    Ok(
        serial.is_ok_and(|serial| magnitude(entry.serial_number.as_bytes()) == magnitude(&serial))
            && is_at(entry.revocation_date, revoked.revoked_at)
            && reason as u32 == u32::from(revoked.reason.code()),
    )
}

/// Whether it is the same second.
fn is_at(time: Time, expected: Timestamp) -> bool {
    i64::try_from(time.to_unix_duration().as_secs()).is_ok_and(|at| at == expected.seconds())
}

/// A positive number's octets, without zeros before them.
pub(super) fn magnitude(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}
