//! Objects: what is on a card, and session keys, as PKCS#11 shows them (PKCS#11 3.0, 4).

pub mod attribute;
mod certificate;
mod content;
pub mod creation;
pub mod data;
mod fields;
mod key;
pub mod key_pair;
mod naming;
mod profile;
pub mod secret;
pub mod template;

pub use content::{Content, Object};
pub use naming::{FIRST_SESSION_HANDLE, key_with_id};

use std::collections::{BTreeMap, BTreeSet};

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_DESTROYABLE, CKA_UNIQUE_ID};

use crate::log;
use crate::public_key::CertifiedKey;
use attribute::Value;
use fields::Fields;
use key::About;
use naming::Part;

/// A key that the card itself told of: it made it in this process, or gave its public half. The certificate in its slot, if
/// there is one, need not know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BareKey {
    /// Its public half.
    pub key: CertifiedKey,
    /// The DER certificate that was in the slot.
    pub certificate: Option<Vec<u8>>,
    /// Whether the card made it.
    pub is_local: bool,
}

impl BareKey {
    /// Whether it is still the key of the slot, as far as the certificate tells that is there now: one that has come since
    /// and is for another key tells of a newer one.
    #[must_use]
    pub fn is_in_place(&self, certificate: Option<&[u8]>) -> bool {
        let Some(der) = certificate.filter(|der| self.certificate.as_deref() != Some(der)) else {
            return true;
        };
        let certified = Fields::read(der)
            .ok()
            .and_then(|fields| CertifiedKey::from_spki(&fields.public_key_info));
        certified.as_ref() == Some(&self.key)
    }
}

/// The objects that a card with these certificates shows, and with these keys that it told of. `token` is the number of
/// the card in this process, from 1. A certificate that cannot be read costs the objects of its key alone; a key of a type
/// that PIV cards do not have costs the two key objects, and the certificate stays.
#[must_use]
pub fn of_card<'a>(
    token: CK_OBJECT_HANDLE,
    certificates: impl IntoIterator<Item = (AsymmetricKey, &'a [u8])>,
    bare_keys: &BTreeMap<AsymmetricKey, BareKey>,
) -> Vec<Object> {
    let mut objects = vec![Object {
        handle: naming::profile_handle(token),
        content: Content::Profile,
        attributes: profile::public_certificates_token(),
    }];
    let mut certified = BTreeSet::new();
    for (reference, der) in certificates {
        let fields = match Fields::read(der) {
            Ok(fields) => fields,
            Err(error) => {
                log::note(|| format!("the certificate of {reference} is not shown: {error}"));
                continue;
            }
        };
        let mut attributes = certificate::attributes(reference, &fields);
        attributes.set(CKA_DESTROYABLE, Value::Flag(true));
        objects.push(Object {
            handle: certificate_handle(token, reference),
            content: Content::Certificate(reference),
            attributes,
        });
        let Some(key) = CertifiedKey::from_spki(&fields.public_key_info) else {
            log::note(|| {
                format!(
                    "the key of {reference} is not shown: its certificate has one that PIV cards do not have"
                )
            });
            continue;
        };
        let bare = bare_keys.get(&reference);
        if bare.is_some_and(|bare| bare.key != key) {
            continue;
        }
        certified.insert(reference);
        let about = About {
            subject: &fields.subject,
            public_key_info: &fields.public_key_info,
            is_local: bare.is_some_and(|bare| bare.is_local),
        };
        objects.extend(key_pair_objects(token, reference, key, about));
    }
    for (reference, bare) in bare_keys {
        let Ok(public_key_info) = bare.key.to_spki() else {
            continue;
        };
        if certified.contains(reference) {
            continue;
        }
        let about = About {
            subject: &[],
            public_key_info: &public_key_info,
            is_local: bare.is_local,
        };
        objects.extend(key_pair_objects(token, *reference, bare.key.clone(), about));
    }
    for object in &mut objects {
        let unique = format!("{:x}", object.handle);
        object.attributes.set(CKA_UNIQUE_ID, Value::text(&unique));
    }
    objects
}

fn key_pair_objects(
    token: CK_OBJECT_HANDLE,
    reference: AsymmetricKey,
    key: CertifiedKey,
    about: About<'_>,
) -> [Object; 2] {
    let (public, private) = key_handles(token, reference);
    [
        Object {
            handle: public,
            attributes: key::public(reference, &key, about),
            content: Content::PublicKey(key.clone()),
        },
        Object {
            handle: private,
            attributes: key::private(reference, &key, about),
            content: Content::PrivateKey(reference, key),
        },
    ]
}

/// The handle of the certificate of a slot.
#[must_use]
pub fn certificate_handle(token: CK_OBJECT_HANDLE, key: AsymmetricKey) -> CK_OBJECT_HANDLE {
    naming::handle(token, key, Part::Certificate)
}

/// The handles of the public and of the private key of a slot.
#[must_use]
pub fn key_handles(
    token: CK_OBJECT_HANDLE,
    reference: AsymmetricKey,
) -> (CK_OBJECT_HANDLE, CK_OBJECT_HANDLE) {
    (
        naming::handle(token, reference, Part::PublicKey),
        naming::handle(token, reference, Part::PrivateKey),
    )
}

/// The common name in the subject of a certificate (RFC 5280, 4.1.2.6), if it has one.
#[must_use]
pub fn common_name(certificate: &[u8]) -> Option<String> {
    Fields::read(certificate).ok()?.common_name
}

/// The same, from the beginning of a certificate; `None` also where that ends too early.
#[must_use]
pub fn common_name_in_beginning(certificate: &[u8]) -> Option<String> {
    fields::common_name_in_beginning(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_certificate_costs_only_itself() {
        let certificates = [(AsymmetricKey::PivAuthentication, &[0x30, 0x00][..])];
        let objects = of_card(1, certificates, &BTreeMap::new());
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].content, Content::Profile);
    }
}
