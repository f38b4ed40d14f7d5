//! Certificate revocation lists (RFC 5280, section 5).

use der::{Decode, Encode};
use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, RevocationReason as Reason, RevokedCertParams,
    SerialNumber,
};
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::CrlNumber;

use enroll_server_model::{RevocationReason, Timestamp};

use super::authority::CaCertificate;
use super::lint::LintError;
use super::signer::Signer;
use super::{CaError, Result, csr};

/// A certificate on a CRL.
#[derive(Clone, Debug)]
pub struct RevokedCertificate {
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// What a CRL says.
#[derive(Clone, Debug)]
pub struct RevocationList {
    /// Its CRLNumber, which has to be higher than those before.
    pub number: i64,
    /// When it was made.
    pub this_update: Timestamp,
    /// When there will be another at the latest.
    pub next_update: Timestamp,
    /// The certificates on it.
    pub revocations: Vec<RevokedCertificate>,
}

impl RevocationList {
    /// Signs the CRL, reads it back and checks it before anybody gets to see it. Answers its DER.
    ///
    /// # Errors
    /// If the signature fails or the result is not what was asked for.
    pub fn sign(&self, issuer: &CaCertificate, key: &Signer) -> Result<Vec<u8>> {
        let entries: Result<Vec<_>> = self.revocations.iter().map(entry).collect();
        let number = u64::try_from(self.number)
            .map_err(|_| CaError::Mismatch("a CRLNumber cannot be negative".to_owned()))?;
        let parameters = CertificateRevocationListParams {
            this_update: self.this_update.date_time(),
            next_update: self.next_update.date_time(),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: entries?,
            key_identifier_method: KeyIdMethod::PreSpecified(issuer.key_identifier.clone()),
        };
        let signed = parameters.signed_by(&issuer.issuer(key)?)?;
        let der = signed.der().to_vec();
        check(&der, self, issuer)?;
        Ok(der)
    }
}

fn entry(revocation: &RevokedCertificate) -> Result<RevokedCertParams> {
    let serial = data_encoding::HEXLOWER
        .decode(revocation.serial.as_bytes())
        .map_err(|_| {
            CaError::Mismatch(format!("serial {:?} is not hexadecimal", revocation.serial))
        })?;
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(&serial),
        revocation_time: revocation.revoked_at.whole_seconds().date_time(),
        reason_code: reason(revocation.reason),
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

fn check(der: &[u8], asked: &RevocationList, issuer: &CaCertificate) -> Result<(), LintError> {
    let list = <CertificateList>::from_der(der)?;
    let entries = list.tbs_cert_list.revoked_certificates.as_ref();
    if entries.map_or(0, Vec::len) != asked.revocations.len() {
        return Err(LintError::Rule("the CRL has to list what was revoked"));
    }
    let extensions = list.tbs_cert_list.crl_extensions.as_deref().unwrap_or(&[]);
    let number = extensions
        .iter()
        .find(|extension| extension.extn_id == <CrlNumber as const_oid::AssociatedOid>::OID)
        .ok_or(LintError::Rule("the CRL has to have a number"))?;
    let number = CrlNumber::from_der(number.extn_value.as_bytes())?;
    let mut octets = [0; 8];
    let given = number.0.as_bytes();
    if let Some(end) = octets.len().checked_sub(given.len())
        && let Some(place) = octets.get_mut(end..)
    {
        place.copy_from_slice(given);
    }
    if i64::from_be_bytes(octets) != asked.number {
        return Err(LintError::Rule(
            "the CRL has to have the number that was taken for it",
        ));
    }
    let message = list.tbs_cert_list.to_der()?;
    csr::verify_with(&issuer.key, &message, list.signature.raw_bytes())
        .map_err(|_| LintError::SignatureInvalid)
}
