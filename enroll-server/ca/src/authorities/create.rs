//! Making authorities.

use enroll_server_model::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DistinguishedName, DnType, IsCa,
    KeyIdMethod, KeyUsagePurpose,
};

use crate::addresses::{IssuerAddresses, Shard};
use crate::ca_certificate::CaCertificate;
use crate::error::Result;
use crate::extension;
use crate::public_key::PublicKey;
use crate::serial_number::SerialNumber;
use crate::signer::rcgen_key::RcgenKey;
use crate::signer::sign::Signer;

/// What an authority's certificate says.
#[derive(Clone, Debug)]
pub struct NewAuthority {
    /// The organisation's name.
    pub organisation: String,
    /// The common name.
    pub name: String,
    /// From when the certificate is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

/// Who signs the certificate of a subordinate authority.
#[derive(Clone, Copy, Debug)]
pub struct Superior<'s> {
    /// Its certificate.
    pub certificate: &'s CaCertificate,
    /// Its key.
    pub signer: &'s Signer,
    /// Where relying parties find what belongs to it.
    pub addresses: &'s IssuerAddresses,
}

/// Makes the self-signed certificate of a root, which has `key`.
///
/// # Errors
/// If the signature fails.
pub fn root(new: &NewAuthority, key: &Signer) -> Result<CaCertificate> {
    let mut parameters = parameters(new, key.public_key())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = RcgenKey::new(key);
    let signed = parameters
        .self_signed(&own)
        .map_err(|error| own.explain(error))?;
    CaCertificate::from_der(signed.der())
}

/// Makes the certificate of an authority that issues to end entities alone and has `key`.
///
/// # Errors
/// If the signature fails, or an address is not ASCII.
pub fn subordinate(
    new: &NewAuthority,
    key: &PublicKey,
    superior: Superior<'_>,
) -> Result<CaCertificate> {
    let mut parameters = parameters(new, key)?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.use_authority_key_identifier_extension = true;
    parameters.not_after = new
        .not_after
        .min(superior.certificate.not_after)
        .date_time();
    parameters.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec![superior.addresses.crl(Shard::SOLE)],
    }];
    parameters.custom_extensions = vec![extension::authority_info_access(
        &superior.addresses.certificate(),
        None,
    )?];
    let signer = RcgenKey::new(superior.signer);
    let signed = parameters
        .signed_by(key, &superior.certificate.issuer(&signer)?)
        .map_err(|error| signer.explain(error))?;
    CaCertificate::from_der(signed.der())
}

fn parameters(new: &NewAuthority, key: &PublicKey) -> Result<CertificateParams> {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, new.organisation.as_str());
    name.push(DnType::CommonName, new.name.as_str());
    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(SerialNumber::generate()?.to_rcgen());
    parameters.not_before = new.not_before.date_time();
    parameters.not_after = new.not_after.date_time();
    parameters.distinguished_name = name;
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.key_identifier_method = KeyIdMethod::PreSpecified(key.key_identifier());
    Ok(parameters)
}
