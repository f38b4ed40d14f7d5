//! What kind of certificate it is, by its extensions (RFC 5280, 4.2).

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, KeyKind};
use const_oid::AssociatedOid;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_CE_CERTIFICATE_POLICIES;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};

use super::flaw::CertificateFlaw;

/// The extensions that are looked at, or that change nothing for the phone.
const KNOWN: [ObjectIdentifier; 5] = [
    BasicConstraints::OID,
    KeyUsage::OID,
    ExtendedKeyUsage::OID,
    SubjectAltName::OID,
    ID_CE_CERTIFICATE_POLICIES,
];

/// Refuses critical extensions that this phone does not know (RFC 5280, 4.2).
///
/// # Errors
/// [`CertificateFlaw::UnknownExtension`].
pub(super) fn refuse_unknown(certificate: &Certificate) -> Result<(), CertificateFlaw> {
    let extensions = certificate.tbs_certificate().extensions();
    let unknown = extensions
        .into_iter()
        .flatten()
        .find(|extension| extension.critical && !KNOWN.contains(&extension.extn_id));
    match unknown {
        Some(extension) => Err(CertificateFlaw::UnknownExtension(extension.extn_id)),
        None => Ok(()),
    }
}

/// Whether it is a holder's certificate for a key in this slot.
///
/// # Errors
/// [`CertificateFlaw`].
pub(super) fn check_kind(
    certificate: &Certificate,
    reference: AsymmetricKey,
    algorithm: KeyAlgorithm,
) -> Result<(), CertificateFlaw> {
    refuse_unknown(certificate)?;
    let body = certificate.tbs_certificate();
    let constraints = body.get_extension::<BasicConstraints>();
    let constraints = constraints.map_err(|_| CertificateFlaw::Malformed)?;
    let usage = body.get_extension::<KeyUsage>();
    let usage = usage.map_err(|_| CertificateFlaw::Malformed)?;
    let (_, usage) = usage.ok_or(CertificateFlaw::KeyUsage)?;
    let is_authority = constraints.is_some_and(|(_, constraints)| constraints.ca);
    if is_authority || usage.key_cert_sign() || usage.crl_sign() {
        return Err(CertificateFlaw::Authority);
    }
    let fits = match (reference, algorithm.kind()) {
        (AsymmetricKey::KeyManagement, KeyKind::Rsa { .. }) => usage.key_encipherment(),
        (AsymmetricKey::KeyManagement, _) => usage.key_agreement(),
        _ => usage.digital_signature(),
    };
    if fits {
        Ok(())
    } else {
        Err(CertificateFlaw::KeyUsage)
    }
}
