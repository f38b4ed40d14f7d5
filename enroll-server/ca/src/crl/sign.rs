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
        RevocationReason::CertificateHold => Some(Reason::CertificateHold),
    }
}

#[cfg(test)]
mod tests {
    use enroll_server_model::{KeyAlgorithm, Timestamp};

    use super::*;
    use crate::authorities::create::{self, NewAuthority};
    use crate::crl::read::read;
    use crate::signer::file::FileKey;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
    const LATER: Timestamp = Timestamp::from_seconds(1_790_086_400);

    fn list() -> RevocationList {
        let revoked = |serial: &str, reason| RevokedCertificate {
            serial: serial.to_owned(),
            // The CRL has whole seconds.
            revoked_at: Timestamp(NOW.0 + 500_000),
            reason,
        };
        RevocationList {
            number: 0x0123_4567_89AB,
            this_update: NOW,
            next_update: LATER,
            shard: None,
            revocations: vec![
                revoked(&"4a".repeat(16), RevocationReason::KeyCompromise),
                revoked(&"4b".repeat(16), RevocationReason::Unspecified),
            ],
        }
    }

    /// What is different in a list, and how it becomes so.
    type Change = (&'static str, fn(&mut RevocationList));

    #[test]
    fn a_crl_that_says_something_else_is_refused() {
        let key = Signer::new(FileKey::generate(KeyAlgorithm::P256).unwrap());
        let new = NewAuthority {
            organisation: "Example".to_owned(),
            name: "Example CA".to_owned(),
            not_before: NOW,
            not_after: LATER,
        };
        let issuer = create::root(&new, &key).unwrap();
        let der = sign(&list(), &issuer, &key).unwrap();
        check(&der, &list(), &issuer).unwrap();
        // Read back, it says the same, in whole seconds.
        let again = read(&der, &issuer).unwrap();
        assert_eq!(again.number, list().number);
        assert_eq!(again.this_update, NOW);
        for (read, meant) in again.revocations.iter().zip(&list().revocations) {
            assert_eq!(read.serial, meant.serial);
            assert_eq!(read.reason, meant.reason);
            assert_eq!(read.revoked_at, NOW);
        }
        let other = Signer::new(FileKey::generate(KeyAlgorithm::P256).unwrap());
        let other = create::root(&new, &other).unwrap();
        read(&der, &other).unwrap_err();

        let changes: [Change; 9] = [
            ("number", |list| list.number += 1),
            ("number with more octets", |list| {
                list.number |= 0x7F << 56;
            }),
            ("thisUpdate", |list| list.this_update = LATER),
            ("nextUpdate", |list| list.next_update = NOW),
            ("serial", |list| {
                list.revocations[1].serial = "4c".repeat(16);
            }),
            ("order", |list| list.revocations.reverse()),
            ("time", |list| list.revocations[0].revoked_at = LATER),
            ("reason", |list| {
                list.revocations[0].reason = RevocationReason::Superseded;
            }),
            ("no reason", |list| {
                list.revocations[1].reason = RevocationReason::Superseded;
            }),
        ];
        for (what, change) in changes {
            let mut other = list();
            change(&mut other);
            assert!(check(&der, &other, &issuer).is_err(), "{what}");
        }
    }
}
