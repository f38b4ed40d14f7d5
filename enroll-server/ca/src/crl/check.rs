//! Whether a CRL says what it was meant to say.

use const_oid::db::rfc5280;
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode};
use x509_cert::crl::{CertificateList, TbsCertList};
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};

use super::content::RevocationList;
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
        tbs.revoked_certificates.as_ref().map_or(0, Vec::len) == asked.revocations.len(),
        "the CRL must list what was revoked",
    )?;
    let number = extension::<CrlNumber>(tbs)?.map(|number| octets(number.0.as_bytes()));
    rule(
        number.is_some_and(|number| i64::from_be_bytes(number) == asked.number),
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

fn extension<T>(list: &TbsCertList) -> Result<Option<T>, LintError>
where
    T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>,
{
    value(list, T::OID)
}

fn value<T>(list: &TbsCertList, oid: ObjectIdentifier) -> Result<Option<T>, LintError>
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
fn address(point: &IssuingDistributionPoint) -> Option<String> {
    match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => match names.as_slice() {
            [GeneralName::UniformResourceIdentifier(uri)] => Some(uri.as_str().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// The last eight octets of a number, filled up with zeros before them.
fn octets(number: &[u8]) -> [u8; 8] {
    let mut octets = [0; 8];
    for (octet, given) in octets.iter_mut().rev().zip(number.iter().rev()) {
        *octet = *given;
    }
    octets
}
