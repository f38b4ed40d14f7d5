//! The certificate of a key: whose, from whom, which key, how long.

use card_edge::Transmit;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::{AsymmetricKey, ObjectId, certificate};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SECP_521_R_1,
};
use der::asn1::{UintRef, Utf8StringRef};
use der::{Decode, Sequence};
use spki::SubjectPublicKeyInfoOwned;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::report::{CertificateReport, ObjectReport, ObjectState, Validity};
use crate::doctor::finding::Finding;
use crate::doctor::link::{LinkError, answer_fault};

/// Days before the end in which a certificate "expires soon".
const SOON: i64 = 30;
const SECONDS_A_DAY: i64 = 86_400;

/// szOID_NT_PRINCIPAL_NAME: the user principal name, as otherName in the subject's alternative names.
const USER_PRINCIPAL_NAME: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3");

/// The certificate of one key, and what it is like.
pub(crate) struct Examined {
    pub object: ObjectReport,
    pub certificate: Option<CertificateReport>,
    /// The certificate itself, where the object holds one.
    pub der: Option<Vec<u8>>,
    pub findings: Vec<Finding>,
}

/// Reads and judges the certificate of a key.
pub(crate) fn examine<T>(
    client: &mut Client<T>,
    reference: AsymmetricKey,
    now: OffsetDateTime,
) -> Result<Examined, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let mut examined = Examined {
        object: ObjectReport::new(ObjectId::Certificate(reference), ObjectState::Absent, 0),
        certificate: None,
        der: None,
        findings: Vec::new(),
    };
    let read = match client.get_data(ObjectId::Certificate(reference)) {
        Ok(None) => return Ok(examined),
        Err(ClientError::NotAuthorised(_)) => {
            examined.object.state = ObjectState::Protected;
            return Ok(examined);
        }
        Err(error) => Err(answer_fault(error)?),
        Ok(Some(content)) => {
            examined.object.bytes = content.len();
            certificate::decode(&content)
                .map_err(|error| error.to_string())
                .and_then(|der| {
                    let described = describe(reference, &der, now);
                    examined.der = Some(der);
                    described.map_err(|error| error.to_string())
                })
        }
    };
    match read {
        Ok((report, findings)) => {
            examined.object.state = ObjectState::Present;
            examined.certificate = Some(report);
            examined.findings = findings;
        }
        Err(words) => {
            examined.object.state = ObjectState::Unreadable;
            examined.findings = vec![Finding::CertificateUnreadable(reference, words)];
        }
    }
    Ok(examined)
}

/// Takes a certificate apart and judges it.
fn describe(
    reference: AsymmetricKey,
    der: &[u8],
    now: OffsetDateTime,
) -> der::Result<(CertificateReport, Vec<Finding>)> {
    let certificate = Certificate::from_der(der)?;
    let tbs = certificate.tbs_certificate();
    let (logon_names, mail) = alternative_names(&certificate)?;
    let key = key_in_words(tbs.subject_public_key_info());
    let not_before = moment(tbs.validity().not_before)?;
    let not_after = moment(tbs.validity().not_after)?;
    let days_left = (not_after - now).whole_seconds().div_euclid(SECONDS_A_DAY);

    let mut findings = Vec::new();
    let validity = if now < not_before {
        let days = (not_before - now).whole_seconds().div_euclid(SECONDS_A_DAY);
        findings.push(Finding::CertificateNotYetValid(reference, days));
        Validity::NotYetValid
    } else if now > not_after {
        let days = (now - not_after).whole_seconds().div_euclid(SECONDS_A_DAY);
        findings.push(Finding::CertificateExpired(reference, days));
        Validity::Expired
    } else if days_left < SOON {
        findings.push(Finding::CertificateExpiresSoon(reference, days_left));
        Validity::ExpiresSoon
    } else {
        Validity::Valid
    };
    // Retired keys only decrypt what is old: they stay what they were.
    let retired = matches!(reference, AsymmetricKey::RetiredKeyManagement(_));
    if !retired && matches!(key.as_str(), "RSA-512" | "RSA-768" | "RSA-1024") {
        findings.push(Finding::KeyTooWeak(reference, key.clone()));
    }

    let report = CertificateReport {
        slot: reference.to_string(),
        slot_name: reference.name(),
        subject: tbs.subject().to_string(),
        common_name: common_name(tbs.subject()),
        issuer: tbs.issuer().to_string(),
        issuer_common_name: common_name(tbs.issuer()),
        serial: tbs.serial_number().to_string(),
        key,
        logon_names,
        mail,
        not_before: not_before.format(&Rfc3339).unwrap_or_default(),
        not_after: not_after.format(&Rfc3339).unwrap_or_default(),
        days_left,
        validity,
        bytes: der.len(),
    };
    Ok((report, findings))
}

fn moment(time: x509_cert::time::Time) -> der::Result<OffsetDateTime> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs());
    seconds
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .ok_or_else(|| der::ErrorKind::DateTime.into())
}

/// The common name, or `None` where there is none or it is of an unusual string type.
fn common_name(name: &Name) -> Option<String> {
    let name = name.common_name().ok()??;
    Some(name.value().to_string())
}

/// User principal names and mail addresses.
fn alternative_names(certificate: &Certificate) -> der::Result<(Vec<String>, Vec<String>)> {
    let (mut logon, mut mail) = (Vec::new(), Vec::new());
    let names = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()?;
    for name in names.into_iter().flat_map(|(_, names)| names.0) {
        match name {
            GeneralName::Rfc822Name(address) => mail.push(address.as_str().to_owned()),
            GeneralName::OtherName(other) if other.type_id == USER_PRINCIPAL_NAME => {
                logon.push(
                    other
                        .value
                        .decode_as::<Utf8StringRef<'_>>()?
                        .as_str()
                        .to_owned(),
                );
            }
            _ => {}
        }
    }
    Ok((logon, mail))
}

/// RSAPublicKey (RFC 8017, A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// The key by the name that administrators know, or its algorithm's identifier.
fn key_in_words(key: &SubjectPublicKeyInfoOwned) -> String {
    let algorithm = key.algorithm.oid;
    if algorithm == RSA_ENCRYPTION {
        let bits = key.subject_public_key.as_bytes().and_then(|bytes| {
            let key = RsaPublicKey::from_der(bytes).ok()?;
            let (first, rest) = key.modulus.as_bytes().split_first()?;
            Some(rest.len() * 8 + (8 - first.leading_zeros() as usize))
        });
        return bits.map_or_else(|| "RSA".to_owned(), |bits| format!("RSA-{bits}"));
    }
    if algorithm == ID_EC_PUBLIC_KEY {
        let parameters = key.algorithm.parameters.as_ref();
        return match parameters.and_then(|any| any.decode_as().ok()) {
            Some(SECP_256_R_1) => "P-256".to_owned(),
            Some(SECP_384_R_1) => "P-384".to_owned(),
            Some(SECP_521_R_1) => "P-521".to_owned(),
            Some(curve) => format!("elliptic curve {curve}"),
            None => "elliptic curve".to_owned(),
        };
    }
    algorithm.to_string()
}
