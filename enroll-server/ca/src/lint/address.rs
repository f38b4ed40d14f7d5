//! Whether relying parties are sent to the issuer's own addresses.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

use crate::addresses::{IssuerAddresses, Shard};

/// Whether there is one distribution point (some clients read no more than the first), with the CRL's address alone.
pub(super) fn is_distribution_point(
    points: &CrlDistributionPoints,
    addresses: &IssuerAddresses,
) -> bool {
    let [point] = points.0.as_slice() else {
        return false;
    };
    let names = match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => names.as_slice(),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => &[],
    };
    matches!(names, [name] if is_address(name, &addresses.crl(Shard::SOLE)))
}

/// Whether OCSP and the issuer's certificate are found at the issuer's addresses: each once, and nothing else.
pub(super) fn is_access(access: &AuthorityInfoAccessSyntax, addresses: &IssuerAddresses) -> bool {
    let is_at = |method: ObjectIdentifier, address: &str| {
        access.0.iter().any(|description| {
            description.access_method == method && is_address(&description.access_location, address)
        })
    };
    access.0.len() == 2
        && is_at(rfc5912::ID_AD_OCSP, &addresses.ocsp())
        && is_at(rfc5912::ID_AD_CA_ISSUERS, &addresses.certificate())
}

fn is_address(name: &GeneralName, address: &str) -> bool {
    matches!(name, GeneralName::UniformResourceIdentifier(uri) if uri.as_str() == address)
}
