//! A certificate taken apart into what people ask of it: read once, for pages and the API.

use const_oid::db::{DB, rfc5280, rfc5912};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::Utf8StringRef;
use der::{Decode, Encode};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, CertificatePolicies, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

use crate::error::Result;
use crate::key_type::table;
use crate::oid::{DOCUMENT_SIGNING, MS_SMART_CARD_LOGON, MS_UPN, PIV_CARD_AUTHENTICATION};
use crate::signature_algorithm::SignatureAlgorithm;

/// id-pkinit-KPClientAuth (RFC 4556, section 3.2.2).
const KERBEROS_CLIENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.2.3.4");

/// What a key may be used for (RFC 5280, section 4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// id-kp-clientAuth.
    Client,
    /// id-kp-serverAuth.
    Server,
    /// id-kp-emailProtection.
    Mail,
    /// Smart-card logon of Windows.
    WindowsLogon,
    /// id-pkinit-KPClientAuth.
    Kerberos,
    /// id-kp-documentSigning (RFC 9336).
    Documents,
    /// id-PIV-cardAuth.
    CardAuthentication,
    /// Another one.
    Other(ObjectIdentifier),
}

impl From<ObjectIdentifier> for Purpose {
    fn from(oid: ObjectIdentifier) -> Self {
        match oid {
            rfc5280::ID_KP_CLIENT_AUTH => Self::Client,
            rfc5280::ID_KP_SERVER_AUTH => Self::Server,
            rfc5280::ID_KP_EMAIL_PROTECTION => Self::Mail,
            MS_SMART_CARD_LOGON => Self::WindowsLogon,
            KERBEROS_CLIENT => Self::Kerberos,
            DOCUMENT_SIGNING => Self::Documents,
            PIV_CARD_AUTHENTICATION => Self::CardAuthentication,
            other => Self::Other(other),
        }
    }
}

/// What a key does (RFC 5280, section 4.2.1.3), as far as keys of end entities do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// digitalSignature.
    Sign,
    /// nonRepudiation.
    Commit,
    /// keyEncipherment.
    UnwrapKeys,
    /// keyAgreement.
    AgreeOnKeys,
}

/// What kind of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// The subject's common name.
    Common,
    /// rfc822Name.
    Mail,
    /// dNSName.
    Host,
    /// uniformResourceIdentifier `urn:uuid:`: the card's GUID.
    Card,
    /// Another uniformResourceIdentifier.
    Address,
    /// otherName with a user principal name.
    Upn,
    /// Another one: its DER in hexadecimal.
    Other,
}

/// A name that the certificate gives its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What kind of name it is.
    pub kind: NameKind,
    /// The name.
    pub text: String,
}

/// What a certificate is signed with.
#[derive(Clone, Copy, Debug)]
pub enum SignedWith {
    /// An algorithm that authorities have here.
    Known(&'static SignatureAlgorithm),
    /// Another one.
    Other(ObjectIdentifier),
}

/// An extension as it stands in the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawExtension {
    /// Its name, or its number where it has none.
    pub label: String,
    /// Whether it must be understood.
    pub critical: bool,
    /// Its value, DER.
    pub value: Vec<u8>,
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The subject as RFC 4514 writes it.
    pub subject: String,
    /// The issuer as RFC 4514 writes it.
    pub issuer: String,
    /// What it is signed with.
    pub signed_with: SignedWith,
    /// What the key may be used for.
    pub purposes: Vec<Purpose>,
    /// What the key does.
    pub operations: Vec<Operation>,
    /// The subject's common name, and the names in subjectAltName.
    pub names: Vec<Name>,
    /// subjectKeyIdentifier.
    pub key_identifier: Option<Vec<u8>>,
    /// The keyIdentifier of authorityKeyIdentifier.
    pub issuer_key_identifier: Option<Vec<u8>>,
    /// certificatePolicies, in dotted decimal.
    pub policies: Vec<String>,
    /// Where CRLs are.
    pub revocation_lists: Vec<String>,
    /// Where OCSP answers are.
    pub ocsp: Vec<String>,
    /// Where the issuer's certificate is.
    pub issuer_certificates: Vec<String>,
    /// All extensions.
    pub extensions: Vec<RawExtension>,
}

impl Decoded {
    /// Takes a certificate apart.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let certificate = Certificate::from_der(der)?;
        let tbs = certificate.tbs_certificate();
        let purposes = value::<ExtendedKeyUsage>(&certificate)?;
        let key_identifier = value::<SubjectKeyIdentifier>(&certificate)?;
        let authority = value::<AuthorityKeyIdentifier>(&certificate)?;
        let policies = value::<CertificatePolicies>(&certificate)?;
        let access = value(&certificate)?;
        let bytes = |identifier: der::asn1::OctetString| identifier.as_bytes().to_vec();
        Ok(Self {
            subject: tbs.subject().to_string(),
            issuer: tbs.issuer().to_string(),
            signed_with: signed_with(certificate.signature_algorithm().oid),
            purposes: purposes
                .map(|ExtendedKeyUsage(purposes)| purposes.into_iter().map(Purpose::from).collect())
                .unwrap_or_default(),
            operations: operations(&certificate)?,
            names: names(&certificate)?,
            key_identifier: key_identifier
                .map(|SubjectKeyIdentifier(identifier)| bytes(identifier)),
            issuer_key_identifier: authority
                .and_then(|authority| authority.key_identifier)
                .map(bytes),
            policies: policies
                .map(|CertificatePolicies(policies)| {
                    let policies = policies.iter();
                    policies
                        .map(|policy| policy.policy_identifier.to_string())
                        .collect()
                })
                .unwrap_or_default(),
            revocation_lists: revocation_lists(&certificate)?,
            ocsp: accessed(access.as_ref(), rfc5912::ID_AD_OCSP),
            issuer_certificates: accessed(access.as_ref(), rfc5912::ID_AD_CA_ISSUERS),
            extensions: extensions(&certificate),
        })
    }
}

/// The value of an extension, if the certificate has it.
fn value<'a, T>(certificate: &'a Certificate) -> der::Result<Option<T>>
where
    T: Decode<'a, Error = der::Error> + AssociatedOid,
{
    let found = certificate
        .tbs_certificate()
        .get_extension::<T>()
        .map_err(|_| der::ErrorKind::Failed)?;
    Ok(found.map(|(_, value)| value))
}

fn signed_with(oid: ObjectIdentifier) -> SignedWith {
    table::signature_algorithms()
        .find(|known| known.oid == oid)
        .map_or(SignedWith::Other(oid), SignedWith::Known)
}

fn operations(certificate: &Certificate) -> der::Result<Vec<Operation>> {
    let Some(usage) = value::<KeyUsage>(certificate)? else {
        return Ok(Vec::new());
    };
    let bits = [
        (usage.digital_signature(), Operation::Sign),
        (usage.non_repudiation(), Operation::Commit),
        (usage.key_encipherment(), Operation::UnwrapKeys),
        (usage.key_agreement(), Operation::AgreeOnKeys),
    ];
    let set = bits.into_iter().filter(|(set, _)| *set);
    Ok(set.map(|(_, operation)| operation).collect())
}

fn names(certificate: &Certificate) -> der::Result<Vec<Name>> {
    let mut names = Vec::new();
    if let Ok(Some(common_name)) = certificate.tbs_certificate().subject().common_name() {
        names.push(Name {
            kind: NameKind::Common,
            text: common_name.value().into_owned(),
        });
    }
    if let Some(SubjectAltName(alternatives)) = value(certificate)? {
        for alternative in &alternatives {
            names.push(alternative_name(alternative)?);
        }
    }
    Ok(names)
}

fn alternative_name(name: &GeneralName) -> der::Result<Name> {
    let (kind, text) = match name {
        GeneralName::Rfc822Name(address) => (NameKind::Mail, address.as_str().to_owned()),
        GeneralName::DnsName(host) => (NameKind::Host, host.as_str().to_owned()),
        GeneralName::UniformResourceIdentifier(uri) => {
            let text = uri.as_str();
            match text.strip_prefix("urn:uuid:") {
                Some(uuid) => (NameKind::Card, uuid.to_owned()),
                None => (NameKind::Address, text.to_owned()),
            }
        }
        GeneralName::OtherName(other) if other.type_id == MS_UPN => {
            let upn = Utf8StringRef::try_from(&other.value)?;
            (NameKind::Upn, upn.as_str().to_owned())
        }
        other => {
            let der = data_encoding::HEXUPPER.encode(&other.to_der()?);
            (NameKind::Other, der)
        }
    };
    Ok(Name { kind, text })
}

fn revocation_lists(certificate: &Certificate) -> der::Result<Vec<String>> {
    let Some(CrlDistributionPoints(points)) = value(certificate)? else {
        return Ok(Vec::new());
    };
    let names = points
        .into_iter()
        .filter_map(|point| match point.distribution_point? {
            DistributionPointName::FullName(names) => Some(names),
            DistributionPointName::NameRelativeToCRLIssuer(_) => None,
        });
    Ok(names.flatten().filter_map(|name| uri(&name)).collect())
}

fn accessed(access: Option<&AuthorityInfoAccessSyntax>, method: ObjectIdentifier) -> Vec<String> {
    let access = access.map(|access| access.0.as_slice()).unwrap_or_default();
    access
        .iter()
        .filter(|one| one.access_method == method)
        .filter_map(|one| uri(&one.access_location))
        .collect()
}

fn uri(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    }
}

fn extensions(certificate: &Certificate) -> Vec<RawExtension> {
    let extensions = certificate.tbs_certificate().extensions();
    extensions
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(|extension| RawExtension {
            label: DB.by_oid(&extension.extn_id).map_or_else(
                || extension.extn_id.to_string(),
                |name| {
                    name.trim_start_matches("id-ce-")
                        .trim_start_matches("id-pe-")
                        .to_owned()
                },
            ),
            critical: extension.critical,
            value: extension.extn_value.as_bytes().to_vec(),
        })
        .collect()
}
