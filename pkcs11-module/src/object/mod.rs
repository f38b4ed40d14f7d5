//! Objects: what is on a card, and session keys, as PKCS#11 shows them.

pub mod attribute;
mod certificate;
mod key;
mod profile;
mod secret;

use attribute::{Attributes, Value};
pub use card_edge::piv::AsymmetricKey;
pub use secret::{SecretKeyTemplate, secret_key};

use cryptoki_sys::*;

use crate::public_key::PublicKey;

/// What an object is to the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A profile that the token follows.
    Profile,
    /// A certificate.
    Certificate,
    /// A public key.
    PublicKey(PublicKey),
    /// A private key on the card; the public half tells its type and length.
    PrivateKey(AsymmetricKey, PublicKey),
    /// A secret key that was derived in this process.
    SecretKey,
}

/// An object with its attributes.
#[derive(Clone, Debug)]
pub struct Object {
    /// Unique for the card; the same in every session and for as long as the process lives.
    pub handle: CK_OBJECT_HANDLE,
    /// What it is.
    pub content: Content,
    /// What `C_GetAttributeValue` and searches see.
    pub attributes: Attributes,
}

impl Object {
    /// Whether it is hidden until the user has logged in.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.attributes.flag(CKA_PRIVATE)
    }
}

/// The kinds of objects that one slot of the card gives, as the lowest digit of their handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Certificate = 1,
    PublicKey = 2,
    PrivateKey = 3,
}

/// Handles of session objects start here; those of card objects stay below.
pub const FIRST_SESSION_HANDLE: CK_OBJECT_HANDLE = 0x4000_0000;

/// Handles of one card's objects span this many numbers.
const HANDLES_PER_TOKEN: CK_OBJECT_HANDLE = 0x1000;

/// CKA_ID, one byte, the same for the three objects of a slot: 01 for 9A, 02 for 9C, 03 for 9D, 04 for 9E, 05
/// to 18 (hexadecimal) for 82 to 95, as other PIV modules have it.
#[must_use]
pub fn id(slot: AsymmetricKey) -> u8 {
    match slot {
        AsymmetricKey::PivAuthentication => 0x01,
        AsymmetricKey::DigitalSignature => 0x02,
        AsymmetricKey::KeyManagement => 0x03,
        AsymmetricKey::CardAuthentication => 0x04,
        AsymmetricKey::RetiredKeyManagement(number) => 0x04 + number.get(),
    }
}

/// CKA_LABEL of the objects of a slot.
#[must_use]
pub fn label(slot: AsymmetricKey) -> String {
    match slot {
        AsymmetricKey::RetiredKeyManagement(number) => format!("{} {}", slot.name(), number.get()),
        _ => slot.name().to_owned(),
    }
}

fn handle(token: CK_OBJECT_HANDLE, slot: AsymmetricKey, part: Part) -> CK_OBJECT_HANDLE {
    token * HANDLES_PER_TOKEN + CK_OBJECT_HANDLE::from(id(slot)) * 0x10 + part as CK_OBJECT_HANDLE
}

/// The objects that a card with these certificates shows. `token` is the number of the card in this process,
/// from 1. A certificate that cannot be read costs its slot alone; a key of a type that PIV cards do not have
/// costs the two keys, and the certificate stays.
#[must_use]
pub fn from_certificates(
    token: CK_OBJECT_HANDLE,
    certificates: &[(AsymmetricKey, Vec<u8>)],
) -> Vec<Object> {
    let mut objects = vec![Object {
        handle: token * HANDLES_PER_TOKEN + 1,
        content: Content::Profile,
        attributes: profile::public_certificates_token(),
    }];
    for (slot, der) in certificates {
        let Some(fields) = certificate::Fields::read(der) else {
            continue;
        };
        objects.push(Object {
            handle: handle(token, *slot, Part::Certificate),
            content: Content::Certificate,
            attributes: certificate::attributes(*slot, der, &fields),
        });
        let Some(public_key) = PublicKey::from_spki(&fields.public_key_info) else {
            continue;
        };
        objects.push(Object {
            handle: handle(token, *slot, Part::PublicKey),
            attributes: key::public(*slot, &public_key, &fields),
            content: Content::PublicKey(public_key.clone()),
        });
        objects.push(Object {
            handle: handle(token, *slot, Part::PrivateKey),
            attributes: key::private(*slot, &public_key, &fields),
            content: Content::PrivateKey(*slot, public_key),
        });
    }
    for object in &mut objects {
        let unique = format!("{:x}", object.handle);
        object.attributes.set(CKA_UNIQUE_ID, Value::text(&unique));
    }
    objects
}

/// The common name in the subject of a DER certificate (RFC 5280, 4.1.2.6), if it has one.
#[must_use]
pub fn common_name(certificate: &[u8]) -> Option<String> {
    certificate::Fields::read(certificate)?.common_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_run_from_01_to_18_and_are_never_the_same() {
        let slots = (0x82..=0x9E).filter_map(|reference| AsymmetricKey::try_from(reference).ok());
        let mut ids: Vec<u8> = slots.map(id).collect();
        ids.sort_unstable();
        assert_eq!(ids, (0x01..=0x18).collect::<Vec<u8>>());
    }

    #[test]
    fn a_broken_certificate_costs_only_itself() {
        let objects = from_certificates(1, &[(AsymmetricKey::PivAuthentication, vec![0x30, 0x00])]);
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].content, Content::Profile);
    }
}
