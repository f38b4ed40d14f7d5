//! Whether the names in a certificate are those of its subject.

use std::net::IpAddr;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519;
use der::asn1::Utf8StringRef;
use x509_cert::ext::pkix::name::{DirectoryString, GeneralName};
use x509_cert::name::Name;

use crate::facts::Facts;
use crate::oid::MS_UPN;
use crate::profile::definition::{AlternativeName, SubjectRule};

/// Whether a distinguished name is the one of a profile's rule: the organisation, and beneath it one attribute.
pub(super) fn is_subject(subject: &Name, rule: SubjectRule, facts: &Facts) -> bool {
    let card = format!("{:X}", facts.guid);
    let (attribute, value) = match rule {
        SubjectRule::Person => (rfc4519::CN, facts.name.as_str()),
        SubjectRule::Host => (rfc4519::CN, facts.host.as_str()),
        SubjectRule::OcspResponder => (rfc4519::CN, "OCSP responder"),
        SubjectRule::Card => (rfc4519::SERIAL_NUMBER, card.as_str()),
    };
    let expected = [
        (rfc4519::O, facts.organisation.as_str()),
        (attribute, value),
    ];
    subject.iter_rdn().count() == expected.len()
        && subject.len() == expected.len()
        && subject
            .iter()
            .zip(expected)
            .all(|(found, expected)| is_attribute(found.oid, &found.value, expected))
}

fn is_attribute(
    oid: ObjectIdentifier,
    value: &der::Any,
    expected: (ObjectIdentifier, &str),
) -> bool {
    oid == expected.0
        && value
            .decode_as::<DirectoryString>()
            .is_ok_and(|text| text.value() == expected.1)
}

/// Whether alternative names are those of a profile, in its order.
pub(super) fn are_alternatives(
    names: &[GeneralName],
    expected: &[AlternativeName],
    facts: &Facts,
) -> bool {
    names.len() == expected.len()
        && names
            .iter()
            .zip(expected)
            .all(|(found, expected)| is_alternative(found, *expected, facts))
}

fn is_alternative(found: &GeneralName, expected: AlternativeName, facts: &Facts) -> bool {
    match (expected, found) {
        (AlternativeName::Upn, GeneralName::OtherName(name)) => {
            name.type_id == MS_UPN
                && name
                    .value
                    .decode_as::<Utf8StringRef<'_>>()
                    .is_ok_and(|upn| upn.as_str() == facts.upn)
        }
        (AlternativeName::Mail, GeneralName::Rfc822Name(mail)) => mail.as_str() == facts.email,
        (AlternativeName::CardUuid, GeneralName::UniformResourceIdentifier(uri)) => {
            uri.as_str() == facts.guid.urn()
        }
        (AlternativeName::Host, GeneralName::DnsName(name)) => name.as_str() == facts.host,
        (AlternativeName::Host, GeneralName::IpAddress(octets)) => {
            match facts.host.parse::<IpAddr>() {
                Ok(IpAddr::V4(address)) => octets.as_bytes() == address.octets(),
                Ok(IpAddr::V6(address)) => octets.as_bytes() == address.octets(),
                Err(_) => false,
            }
        }
        (
            AlternativeName::Upn
            | AlternativeName::Mail
            | AlternativeName::CardUuid
            | AlternativeName::Host,
            _,
        ) => false,
    }
}
