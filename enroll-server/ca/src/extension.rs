//! Certificate extensions that `rcgen` does not write, or not in every form needed: made with `x509-cert`.

use const_oid::AssociatedOid;
use const_oid::db::{rfc5912, rfc6960};
use der::asn1::{Any, Ia5String, Null, OctetString, Utf8StringRef};
use der::{Encode, asn1::ObjectIdentifier};
use rcgen::CustomExtension;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, ExtendedKeyUsage, SubjectAltName,
    SubjectKeyIdentifier,
};

use crate::oid::MS_UPN;

fn extension(
    oid: ObjectIdentifier,
    critical: bool,
    value: &impl Encode,
) -> der::Result<CustomExtension> {
    let arcs: Vec<u64> = oid.arcs().map(u64::from).collect();
    let mut extension = CustomExtension::from_oid_content(&arcs, value.to_der()?);
    extension.set_criticality(critical);
    Ok(extension)
}

/// subjectKeyIdentifier (RFC 5280, section 4.2.1.2).
///
/// # Errors
/// If it cannot be encoded.
pub fn subject_key_identifier(identifier: &[u8]) -> der::Result<CustomExtension> {
    let value = SubjectKeyIdentifier(OctetString::new(identifier)?);
    extension(SubjectKeyIdentifier::OID, false, &value)
}

/// extKeyUsage (RFC 5280, section 4.2.1.12).
///
/// # Errors
/// If it cannot be encoded.
pub fn extended_key_usage(
    usages: &[ObjectIdentifier],
    critical: bool,
) -> der::Result<CustomExtension> {
    let value = ExtendedKeyUsage(usages.to_vec());
    extension(ExtendedKeyUsage::OID, critical, &value)
}

/// subjectAltName (RFC 5280, section 4.2.1.6).
///
/// # Errors
/// If it cannot be encoded.
pub fn subject_alt_name(names: Vec<GeneralName>) -> der::Result<CustomExtension> {
    extension(SubjectAltName::OID, false, &SubjectAltName(names))
}

/// authorityInfoAccess (RFC 5280, section 4.2.2.1): where the issuer's certificate is, and where OCSP answers.
///
/// # Errors
/// If an address is not ASCII.
pub fn authority_info_access(
    issuer_certificate: &str,
    ocsp: Option<&str>,
) -> der::Result<CustomExtension> {
    let mut access = Vec::new();
    if let Some(ocsp) = ocsp {
        access.push(AccessDescription {
            access_method: rfc5912::ID_AD_OCSP,
            access_location: uri(ocsp)?,
        });
    }
    access.push(AccessDescription {
        access_method: rfc5912::ID_AD_CA_ISSUERS,
        access_location: uri(issuer_certificate)?,
    });
    let value = AuthorityInfoAccessSyntax(access);
    extension(AuthorityInfoAccessSyntax::OID, false, &value)
}

/// id-pkix-ocsp-nocheck (RFC 6960, section 4.2.2.2.1).
///
/// # Errors
/// If it cannot be encoded.
pub fn ocsp_no_check() -> der::Result<CustomExtension> {
    extension(rfc6960::ID_PKIX_OCSP_NOCHECK, false, &Null)
}

/// otherName with a user principal name, a UTF8String.
///
/// # Errors
/// If it cannot be encoded.
pub fn upn(upn: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::OtherName(OtherName {
        type_id: MS_UPN,
        value: Any::encode_from(&Utf8StringRef::new(upn)?)?,
    }))
}

/// rfc822Name.
///
/// # Errors
/// If it is not ASCII.
pub fn mail(address: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::Rfc822Name(Ia5String::new(address)?))
}

/// uniformResourceIdentifier.
///
/// # Errors
/// If it is not ASCII.
pub fn uri(uri: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?))
}

/// dNSName, or iPAddress if the host's name is an address.
///
/// # Errors
/// If it is not ASCII.
pub fn host(host: &str) -> der::Result<GeneralName> {
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => Ok(GeneralName::from(address)),
        Err(_) => Ok(GeneralName::DnsName(Ia5String::new(host)?)),
    }
}
