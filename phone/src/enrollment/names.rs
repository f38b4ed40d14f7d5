//! Whether a certificate names whom the offer names, and nobody and nothing else.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519;
use der::asn1::Utf8StringRef;
use enrollment_protocol::Guid;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{DirectoryString, GeneralName};

use super::flaw::CertificateFlaw;
use crate::state::PendingEnrollment;

/// The type of an otherName that holds a user principal name ([MS-WCCE], 2.2.2.7.7.4).
const MS_UPN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3");

/// Checks subject and subjectAltName. A person's certificate has the holder's name, one of the card itself the GUID.
///
/// # Errors
/// [`CertificateFlaw::OtherName`], and [`CertificateFlaw::Malformed`] where they cannot be read.
pub(super) fn check_names(
    certificate: &Certificate,
    pending: &PendingEnrollment,
    card: Guid,
) -> Result<(), CertificateFlaw> {
    let other = |found: String| CertificateFlaw::OtherName {
        found,
        offered: offered(pending),
    };
    let body = certificate.tbs_certificate();
    let subject = body.subject();
    let serial = format!("{card:X}");
    let mut names_holder = false;
    for attribute in subject.iter() {
        let text = attribute.value.decode_as::<DirectoryString>();
        let text = text.map_err(|_| CertificateFlaw::Malformed)?;
        let expected = match attribute.oid {
            rfc4519::O => pending.organisation.as_str(),
            rfc4519::CN => {
                names_holder = true;
                pending.holder.as_str()
            }
            rfc4519::SERIAL_NUMBER => {
                names_holder = true;
                serial.as_str()
            }
            _ => return Err(other(subject.to_string())),
        };
        if text.value() != expected {
            return Err(other(subject.to_string()));
        }
    }
    if !names_holder {
        return Err(other(format!("nobody ({subject})")));
    }
    let names = body.get_extension::<SubjectAltName>();
    let names = names.map_err(|_| CertificateFlaw::Malformed)?;
    for name in names.map(|(_, names)| names.0).unwrap_or_default() {
        let (found, is_offered) = match &name {
            GeneralName::OtherName(name) if name.type_id == MS_UPN => {
                let upn = name.value.decode_as::<Utf8StringRef<'_>>();
                let upn = upn.map_err(|_| CertificateFlaw::Malformed)?.as_str();
                (upn.to_owned(), pending.upn.as_deref() == Some(upn))
            }
            GeneralName::Rfc822Name(mail) => {
                let mail = mail.as_str();
                (mail.to_owned(), pending.email.as_deref() == Some(mail))
            }
            GeneralName::UniformResourceIdentifier(uri) => {
                (uri.to_string(), uri.as_str() == card.urn())
            }
            GeneralName::DnsName(name) => (name.to_string(), false),
            GeneralName::OtherName(name) => {
                (format!("something of the type {}", name.type_id), false)
            }
            _ => (
                "something that is neither a person nor a card".to_owned(),
                false,
            ),
        };
        if !is_offered {
            return Err(other(found));
        }
    }
    Ok(())
}

fn offered(pending: &PendingEnrollment) -> String {
    let accounts = [pending.upn.as_deref(), pending.email.as_deref()];
    let mut names = vec![pending.holder.as_str()];
    names.extend(accounts.into_iter().flatten());
    names.push("this card");
    names.join(", ")
}
