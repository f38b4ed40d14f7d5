//! A certificate taken apart into what people read.

use const_oid::ObjectIdentifier;
use const_oid::db::{DB, rfc5280, rfc5912};
use data_encoding::HEXUPPER;
use der::asn1::Utf8StringRef;
use der::{Decode, Encode};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, CertificatePolicies, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

use enroll_server_service::query::{
    DOCUMENT_SIGNING, MS_SMART_CARD_LOGON, MS_UPN, PIV_CARD_AUTHENTICATION,
};

use super::serial;
use crate::portal::view::fingerprint;

/// id-pkinit-KPClientAuth (RFC 4556).
const KERBEROS_CLIENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.2.3.4");

/// A name that the certificate gives its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameOfHolder {
    /// The name.
    pub text: String,
    /// What kind of name it is.
    pub kind: &'static str,
}

/// A fact for experts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is.
    pub label: &'static str,
    /// Its value.
    pub text: String,
    /// Whether it is to be read digit by digit.
    pub code: bool,
}

/// An extension as it stands in the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawExtension {
    /// Its name, or its number where it has none.
    pub label: String,
    /// Whether it must be understood.
    pub critical: bool,
    /// Its DER in hexadecimal.
    pub text: String,
}

/// What a certificate says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// What the key may be used for.
    pub uses: Vec<String>,
    /// Names in the subjectAltName.
    pub names: Vec<NameOfHolder>,
    /// Everything else that a person may ask for.
    pub details: Vec<Detail>,
    /// All extensions.
    pub extensions: Vec<RawExtension>,
}

impl Decoded {
    /// Takes a certificate apart; `key` is its key's algorithm and `serial` its serial number, as they are stored.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn new(der: &[u8], key: &str, serial: &str) -> der::Result<Self> {
        let certificate = Certificate::from_der(der)?;
        Ok(Self {
            uses: uses(&certificate)?,
            names: names(&certificate)?,
            details: details(&certificate, key, serial)?,
            extensions: extensions(&certificate),
        })
    }
}

/// The value of an extension, if the certificate has it.
fn value<'a, T>(certificate: &'a Certificate) -> der::Result<Option<T>>
where
    T: Decode<'a, Error = der::Error> + const_oid::AssociatedOid,
{
    let found = certificate
        .tbs_certificate()
        .get_extension::<T>()
        .map_err(|_| der::ErrorKind::Failed)?;
    Ok(found.map(|(_, value)| value))
}

fn uses(certificate: &Certificate) -> der::Result<Vec<String>> {
    let mut uses = Vec::new();
    if let Some(ExtendedKeyUsage(purposes)) = value(certificate)? {
        uses.extend(purposes.iter().map(purpose));
    }
    if let Some(usage) = value::<KeyUsage>(certificate)? {
        let bits: [(bool, &str); 4] = [
            (usage.digital_signature(), "Signatures"),
            (
                usage.non_repudiation(),
                "Signatures that commit their holder",
            ),
            (usage.key_encipherment(), "Unwrapping encrypted keys"),
            (usage.key_agreement(), "Agreeing on keys"),
        ];
        let words: Vec<&str> = bits
            .into_iter()
            .filter_map(|(set, word)| set.then_some(word))
            .collect();
        if !words.is_empty() {
            uses.push(format!(
                "Key operations: {}",
                words.join(", ").to_lowercase()
            ));
        }
    }
    Ok(uses)
}

/// An extended key usage in words.
fn purpose(oid: &ObjectIdentifier) -> String {
    match *oid {
        rfc5280::ID_KP_CLIENT_AUTH => "Signing in to web sites and VPN".to_owned(),
        rfc5280::ID_KP_SERVER_AUTH => "Being a web server".to_owned(),
        rfc5280::ID_KP_EMAIL_PROTECTION => "Signing and encrypting mail".to_owned(),
        MS_SMART_CARD_LOGON => "Windows smart-card sign-in".to_owned(),
        KERBEROS_CLIENT => "Kerberos sign-in".to_owned(),
        DOCUMENT_SIGNING => "Signing documents".to_owned(),
        PIV_CARD_AUTHENTICATION => "Doors and readers, without a PIN".to_owned(),
        other => format!("Unknown use {other}"),
    }
}

fn names(certificate: &Certificate) -> der::Result<Vec<NameOfHolder>> {
    let mut names = Vec::new();
    if let Ok(Some(common_name)) = certificate.tbs_certificate().subject().common_name() {
        names.push(NameOfHolder {
            text: common_name.value().into_owned(),
            kind: "name",
        });
    }
    if let Some(SubjectAltName(alternatives)) = value(certificate)? {
        for alternative in &alternatives {
            names.push(alternative_name(alternative)?);
        }
    }
    Ok(names)
}

fn alternative_name(name: &GeneralName) -> der::Result<NameOfHolder> {
    let (text, kind) = match name {
        GeneralName::Rfc822Name(address) => (address.as_str().to_owned(), "email"),
        GeneralName::DnsName(host) => (host.as_str().to_owned(), "host name"),
        GeneralName::UniformResourceIdentifier(uri) => {
            let text = uri.as_str();
            match text.strip_prefix("urn:uuid:") {
                Some(uuid) => (uuid.to_owned(), "card number"),
                None => (text.to_owned(), "address"),
            }
        }
        GeneralName::OtherName(other) if other.type_id == MS_UPN => (
            Utf8StringRef::try_from(&other.value)?.as_str().to_owned(),
            "Windows account, UPN",
        ),
        other => (HEXUPPER.encode(&other.to_der()?), "other name, DER"),
    };
    Ok(NameOfHolder { text, kind })
}

fn details(certificate: &Certificate, key: &str, serial: &str) -> der::Result<Vec<Detail>> {
    let tbs = certificate.tbs_certificate();
    let mut details = vec![
        plain("Subject", tbs.subject().to_string()),
        plain("Issuer", tbs.issuer().to_string()),
        plain("Key", key.to_owned()),
        plain(
            "Signature",
            signature_algorithm(&certificate.signature_algorithm().oid),
        ),
        code("Serial number, decimal", serial::decimal(serial)),
    ];
    if let Some(SubjectKeyIdentifier(identifier)) = value(certificate)? {
        details.push(code("Key identifier", fingerprint(identifier.as_bytes())));
    }
    if let Some(authority) = value::<AuthorityKeyIdentifier>(certificate)?
        && let Some(identifier) = authority.key_identifier
    {
        details.push(code(
            "Issuer's key identifier",
            fingerprint(identifier.as_bytes()),
        ));
    }
    if let Some(CertificatePolicies(policies)) = value(certificate)? {
        for policy in policies {
            details.push(code("Policy", policy.policy_identifier.to_string()));
        }
    }
    if let Some(CrlDistributionPoints(points)) = value(certificate)? {
        for point in points {
            if let Some(DistributionPointName::FullName(addresses)) = point.distribution_point {
                details.extend(
                    addresses
                        .iter()
                        .filter_map(uri)
                        .map(|uri| code("Revocation list", uri)),
                );
            }
        }
    }
    if let Some(AuthorityInfoAccessSyntax(access)) = value(certificate)? {
        for place in access {
            let label = match place.access_method {
                rfc5912::ID_AD_OCSP => "OCSP",
                rfc5912::ID_AD_CA_ISSUERS => "Issuer's certificate",
                _ => continue,
            };
            details.extend(uri(&place.access_location).map(|uri| code(label, uri)));
        }
    }
    Ok(details)
}

const fn plain(label: &'static str, text: String) -> Detail {
    Detail {
        label,
        text,
        code: false,
    }
}

const fn code(label: &'static str, text: String) -> Detail {
    Detail {
        label,
        text,
        code: true,
    }
}

fn uri(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    }
}

fn signature_algorithm(oid: &ObjectIdentifier) -> String {
    match *oid {
        rfc5912::ECDSA_WITH_SHA_256 => "ECDSA with SHA-256".to_owned(),
        rfc5912::ECDSA_WITH_SHA_384 => "ECDSA with SHA-384".to_owned(),
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION => "RSA PKCS #1 v1.5 with SHA-256".to_owned(),
        other => other.to_string(),
    }
}

fn extensions(certificate: &Certificate) -> Vec<RawExtension> {
    certificate
        .tbs_certificate()
        .extensions()
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
            text: HEXUPPER.encode(extension.extn_value.as_bytes()),
        })
        .collect()
}
