//! Objects: what is on a card, and session keys, as PKCS#11 shows them (PKCS#11 3.0, 4).

pub mod attribute;
mod certificate;
mod content;
mod fields;
mod key;
mod naming;
mod profile;
pub mod secret;
pub mod template;

pub use content::{Content, Object};
pub use naming::FIRST_SESSION_HANDLE;

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_UNIQUE_ID};

use crate::log;
use crate::public_key::CertifiedKey;
use attribute::Value;
use fields::Fields;
use naming::Part;

/// The objects that a card with these certificates shows. `token` is the number of the card in this process,
/// from 1. A certificate that cannot be read costs the objects of its key alone; a key of a type that PIV cards do
/// not have costs the two key objects, and the certificate stays.
#[must_use]
pub fn from_certificates<'a>(
    token: CK_OBJECT_HANDLE,
    certificates: impl IntoIterator<Item = (AsymmetricKey, &'a [u8])>,
) -> Vec<Object> {
    let mut objects = vec![Object {
        handle: naming::profile_handle(token),
        content: Content::Profile,
        attributes: profile::public_certificates_token(),
    }];
    for (reference, der) in certificates {
        let fields = match Fields::read(der) {
            Ok(fields) => fields,
            Err(error) => {
                log::note(|| format!("the certificate of {reference} is not shown: {error}"));
                continue;
            }
        };
        objects.push(Object {
            handle: naming::handle(token, reference, Part::Certificate),
            content: Content::Certificate,
            attributes: certificate::attributes(reference, &fields),
        });
        let Some(public_key) = CertifiedKey::from_spki(&fields.public_key_info) else {
            log::note(|| {
                format!(
                    "the key of {reference} is not shown: its certificate has one that PIV cards do not have"
                )
            });
            continue;
        };
        objects.push(Object {
            handle: naming::handle(token, reference, Part::PublicKey),
            attributes: key::public(reference, &public_key, &fields),
            content: Content::PublicKey(public_key.clone()),
        });
        objects.push(Object {
            handle: naming::handle(token, reference, Part::PrivateKey),
            attributes: key::private(reference, &public_key, &fields),
            content: Content::PrivateKey(reference, public_key),
        });
    }
    for object in &mut objects {
        let unique = format!("{:x}", object.handle);
        object.attributes.set(CKA_UNIQUE_ID, Value::text(&unique));
    }
    objects
}

/// The common name in the subject of a certificate (RFC 5280, 4.1.2.6), if it has one.
#[must_use]
pub fn common_name(certificate: &[u8]) -> Option<String> {
    Fields::read(certificate).ok()?.common_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_certificate_costs_only_itself() {
        let certificates = [(AsymmetricKey::PivAuthentication, &[0x30, 0x00][..])];
        let objects = from_certificates(1, certificates);
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].content, Content::Profile);
    }
}
