//! Reading a CRL that this authority published before.

use const_oid::AssociatedOid;
use const_oid::db::rfc5280;
use data_encoding::HEXLOWER;
use der::{Decode, Encode, SecretDocument};
use enroll_server_model::RevocationReason;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};

use super::check::{address, extension, magnitude, value};
use super::content::{RevocationList, RevokedCertificate};
use crate::ca_certificate::CaCertificate;
use crate::error::LintError;
use crate::validity::timestamp;

/// The DER of a CRL, which a file or an address gave as DER or PEM (RFC 7468, section 6).
#[must_use]
pub fn der(file: Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(&file).ok();
    let pem = text.and_then(|text| SecretDocument::from_pem(text.trim_start()).ok());
    match pem {
        Some(("X509 CRL", document)) => document.as_bytes().to_vec(),
        _ => file,
    }
}

/// Reads a CRL, DER, that an authority has signed.
///
/// # Errors
/// If it is malformed, has no number, or is not signed by this authority.
pub fn read(der: &[u8], issuer: &CaCertificate) -> Result<RevocationList, LintError> {
    let list = <CertificateList>::from_der(der)?;
    let tbs = &list.tbs_cert_list;
    // The signature is of neither.
    if list.signature_algorithm != tbs.signature {
        return Err(LintError::Rule(
            "the CRL must name one signature algorithm (RFC 5280, section 5.1.1.2)",
        ));
    }
    if list.to_der()? != der {
        return Err(LintError::Rule("the CRL must be DER"));
    }
    let message = tbs.to_der()?;
    issuer
        .key
        .verify(&message, list.signature.raw_bytes())
        .map_err(|_| LintError::SignatureInvalid)?;
    let number = extension::<CrlNumber>(tbs)?
        .and_then(|number| read_number(number.0.as_bytes()))
        .ok_or(LintError::Rule("the CRL must have a number"))?;
    let point = value::<IssuingDistributionPoint>(tbs, rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT)?;
    let this_update = timestamp(tbs.this_update);
    let entries = tbs.revoked_certificates.as_deref().unwrap_or(&[]);
    let revocations: Result<_, LintError> = entries.iter().map(read_entry).collect();
    Ok(RevocationList {
        number,
        this_update,
        next_update: tbs.next_update.map_or(this_update, timestamp),
        shard: point.and_then(|point| address(&point)),
        revocations: revocations?,
    })
}

fn read_number(octets: &[u8]) -> Option<i64> {
    let octets = magnitude(octets);
    let number = octets.iter().try_fold(0u64, |number, octet| {
        Some(number.checked_mul(256)? | u64::from(*octet))
    })?;
    i64::try_from(number).ok()
}

fn read_entry(entry: &RevokedCert) -> Result<RevokedCertificate, LintError> {
    let extensions = entry.crl_entry_extensions.as_deref().unwrap_or(&[]);
    let reason = extensions
        .iter()
        .find(|extension| extension.extn_id == CrlReason::OID)
        .map(|extension| CrlReason::from_der(extension.extn_value.as_bytes()))
        .transpose()?;
    Ok(RevokedCertificate {
        serial: HEXLOWER.encode(magnitude(entry.serial_number.as_bytes())),
        revoked_at: timestamp(entry.revocation_date),
        reason: reason.map_or(RevocationReason::Unspecified, |reason| {
            RevocationReason::from_code(u8::try_from(reason as u32).unwrap_or(0))
        }),
    })
}
