//! Signing a CRL.

use enroll_server_model::RevocationReason;
use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint,
    KeyIdMethod, RevocationReason as Reason, RevokedCertParams, SerialNumber,
};

use super::check::check;
use super::content::{RevocationList, RevokedCertificate};
use crate::ca_certificate::CaCertificate;
use crate::error::{CaError, Result};
use crate::signer::rcgen_key::RcgenKey;
use crate::signer::sign::Signer;

/// Signs a CRL, reads it back and checks it before anybody gets to see it. Returns its DER. Blocks.
///
/// # Errors
/// If the signature fails or the result is not what was asked for.
pub fn sign(list: &RevocationList, issuer: &CaCertificate, signer: &Signer) -> Result<Vec<u8>> {
    let entries: Result<Vec<_>> = list.revocations.iter().map(entry).collect();
    let number = u64::try_from(list.number)
        .map_err(|_| CaError::Mismatch("a CRLNumber cannot be negative".to_owned()))?;
    let parameters = CertificateRevocationListParams {
        this_update: list.this_update.date_time(),
        next_update: list.next_update.date_time(),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: list.shard.as_ref().map(|address| {
            CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint {
                    uris: vec![address.clone()],
                },
                scope: None,
            }
        }),
        revoked_certs: entries?,
        key_identifier_method: KeyIdMethod::PreSpecified(issuer.key_identifier.clone()),
    };
    let key = RcgenKey::new(signer);
    let signed = parameters
        .signed_by(&issuer.issuer(&key)?)
        .map_err(|error| key.explain(error))?;
    let der = signed.der().to_vec();
    check(&der, list, issuer)?;
    Ok(der)
}

fn entry(revoked: &RevokedCertificate) -> Result<RevokedCertParams> {
    let serial = data_encoding::HEXLOWER
        .decode(revoked.serial.as_bytes())
        .map_err(|_| {
            CaError::Mismatch(format!("serial {:?} is not hexadecimal", revoked.serial))
        })?;
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(&serial),
        revocation_time: revoked.revoked_at.whole_seconds().date_time(),
        reason_code: reason(revoked.reason),
        invalidity_date: None,
    })
}

/// The reasonCode; none for "unspecified" (RFC 5280, section 5.3.1).
fn reason(reason: RevocationReason) -> Option<Reason> {
    match reason {
        RevocationReason::Unspecified => None,
        RevocationReason::KeyCompromise => Some(Reason::KeyCompromise),
        RevocationReason::AffiliationChanged => Some(Reason::AffiliationChanged),
        RevocationReason::Superseded => Some(Reason::Superseded),
        RevocationReason::CessationOfOperation => Some(Reason::CessationOfOperation),
        RevocationReason::PrivilegeWithdrawn => Some(Reason::PrivilegeWithdrawn),
    }
}
