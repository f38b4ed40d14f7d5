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
use crate::words::{Text, Words};

/// id-pkinit-KPClientAuth (RFC 4556).
const KERBEROS_CLIENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.2.3.4");

/// A name that the certificate gives its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameOfHolder {
    /// The name.
    pub text: String,
    /// What kind of name it is.
    pub kind: Text,
}

/// A fact for experts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is.
    pub label: Text,
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
    pub uses: Vec<Text>,
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
    pub fn new(words: Words, der: &[u8], key: &str, serial: &str) -> der::Result<Self> {
        let certificate = Certificate::from_der(der)?;
        Ok(Self {
            uses: uses(words, &certificate)?,
            names: names(words, &certificate)?,
            details: details(words, &certificate, key, serial)?,
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

fn uses(words: Words, certificate: &Certificate) -> der::Result<Vec<Text>> {
    let mut uses = Vec::new();
    if let Some(ExtendedKeyUsage(purposes)) = value(certificate)? {
        uses.extend(purposes.iter().map(|oid| purpose(words, oid)));
    }
    if let Some(usage) = value::<KeyUsage>(certificate)? {
        let bits = [
            (usage.digital_signature(), words.key_signatures()),
            (usage.non_repudiation(), words.key_commitments()),
            (usage.key_encipherment(), words.key_unwrapping()),
            (usage.key_agreement(), words.key_agreement()),
        ];
        let operations = bits
            .into_iter()
            .filter_map(|(set, operation)| set.then_some(operation))
            .reduce(|first, second| words.list(&first, &second));
        uses.extend(operations.map(|operations| words.key_operations(&operations)));
    }
    Ok(uses)
}

/// An extended key usage in words.
fn purpose(words: Words, oid: &ObjectIdentifier) -> Text {
    match *oid {
        rfc5280::ID_KP_CLIENT_AUTH => words.use_client(),
        rfc5280::ID_KP_SERVER_AUTH => words.use_server(),
        rfc5280::ID_KP_EMAIL_PROTECTION => words.use_mail(),
        MS_SMART_CARD_LOGON => words.use_windows(),
        KERBEROS_CLIENT => words.use_kerberos(),
        DOCUMENT_SIGNING => words.use_documents(),
        PIV_CARD_AUTHENTICATION => words.use_doors(),
        other => words.use_unknown(other.to_string()),
    }
}

fn names(words: Words, certificate: &Certificate) -> der::Result<Vec<NameOfHolder>> {
    let mut names = Vec::new();
    if let Ok(Some(common_name)) = certificate.tbs_certificate().subject().common_name() {
        names.push(NameOfHolder {
            text: common_name.value().into_owned(),
            kind: words.name_common(),
        });
    }
    if let Some(SubjectAltName(alternatives)) = value(certificate)? {
        for alternative in &alternatives {
            names.push(alternative_name(words, alternative)?);
        }
    }
    Ok(names)
}

fn alternative_name(words: Words, name: &GeneralName) -> der::Result<NameOfHolder> {
    let (text, kind) = match name {
        GeneralName::Rfc822Name(address) => (address.as_str().to_owned(), words.name_email()),
        GeneralName::DnsName(host) => (host.as_str().to_owned(), words.name_host()),
        GeneralName::UniformResourceIdentifier(uri) => {
            let text = uri.as_str();
            match text.strip_prefix("urn:uuid:") {
                Some(uuid) => (uuid.to_owned(), words.name_card()),
                None => (text.to_owned(), words.name_address()),
            }
        }
        GeneralName::OtherName(other) if other.type_id == MS_UPN => (
            Utf8StringRef::try_from(&other.value)?.as_str().to_owned(),
            words.name_upn(),
        ),
        other => (HEXUPPER.encode(&other.to_der()?), words.name_other()),
    };
    Ok(NameOfHolder { text, kind })
}

fn details(
    words: Words,
    certificate: &Certificate,
    key: &str,
    serial: &str,
) -> der::Result<Vec<Detail>> {
    let tbs = certificate.tbs_certificate();
    let mut details = vec![
        plain(words.detail_subject(), tbs.subject().to_string()),
        plain(words.detail_issuer(), tbs.issuer().to_string()),
        plain(words.detail_key(), key.to_owned()),
        plain(
            words.detail_signature(),
            signature_algorithm(words, &certificate.signature_algorithm().oid),
        ),
        code(words.detail_serial(), serial::decimal(serial)),
    ];
    if let Some(SubjectKeyIdentifier(identifier)) = value(certificate)? {
        details.push(code(
            words.detail_key_identifier(),
            fingerprint(identifier.as_bytes()),
        ));
    }
    if let Some(authority) = value::<AuthorityKeyIdentifier>(certificate)?
        && let Some(identifier) = authority.key_identifier
    {
        details.push(code(
            words.detail_issuer_key_identifier(),
            fingerprint(identifier.as_bytes()),
        ));
    }
    if let Some(CertificatePolicies(policies)) = value(certificate)? {
        for policy in policies {
            details.push(code(
                words.detail_policy(),
                policy.policy_identifier.to_string(),
            ));
        }
    }
    if let Some(CrlDistributionPoints(points)) = value(certificate)? {
        for point in points {
            if let Some(DistributionPointName::FullName(addresses)) = point.distribution_point {
                details.extend(
                    addresses
                        .iter()
                        .filter_map(uri)
                        .map(|uri| code(words.detail_revocation_list(), uri)),
                );
            }
        }
    }
    if let Some(AuthorityInfoAccessSyntax(access)) = value(certificate)? {
        for place in access {
            let label = match place.access_method {
                rfc5912::ID_AD_OCSP => words.detail_ocsp(),
                rfc5912::ID_AD_CA_ISSUERS => words.detail_issuer_certificate(),
                _ => continue,
            };
            details.extend(uri(&place.access_location).map(|uri| code(label, uri)));
        }
    }
    Ok(details)
}

const fn plain(label: Text, text: String) -> Detail {
    Detail {
        label,
        text,
        code: false,
    }
}

const fn code(label: Text, text: String) -> Detail {
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

fn signature_algorithm(words: Words, oid: &ObjectIdentifier) -> String {
    let with = |algorithm, hash| words.signature_with(algorithm, hash).into_owned();
    match *oid {
        rfc5912::ECDSA_WITH_SHA_256 => with("ECDSA", "SHA-256"),
        rfc5912::ECDSA_WITH_SHA_384 => with("ECDSA", "SHA-384"),
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION => with("RSA PKCS #1 v1.5", "SHA-256"),
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
