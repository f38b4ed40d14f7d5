//! Data objects (PKCS#11 3.0, 4.5): those of the PIV data model that are not certificates, by their object identifiers
//! (SP 800-73-5 part 1, table 3).

use card_edge::piv::{ObjectId, ReadRule, data};
use const_oid::ObjectIdentifier;
use cryptoki_sys::*;
use der::Encode;
use zeroize::Zeroizing;

use super::attribute::{Attributes, Value, Visibility};
use super::naming;
use super::{Content, Object};
use crate::error::{Error, Result};

/// The objects of the standard that are not certificates.
pub fn all() -> impl Iterator<Item = ObjectId> {
    ObjectId::all().filter(|object| {
        !matches!(object, ObjectId::Certificate(_)) && object.container().is_some()
    })
}

/// The object identifier, in DER: 2.16.840.1.101.3.7, 1 for the two oldest objects and 2 for all others, and the two
/// bytes of the container.
fn oid(object: ObjectId) -> Option<Vec<u8>> {
    let [high, low] = object.container()?.to_be_bytes();
    let branch = match object {
        ObjectId::CardCapabilityContainer | ObjectId::Chuid => 1,
        _ => 2,
    };
    let arcs = [2, 16, 840, 1, 101, 3, 7, branch, high.into(), low.into()];
    ObjectIdentifier::from_arcs(arcs).ok()?.to_der().ok()
}

/// The object with this object identifier: in DER, as the standard says, or without its tag and length, as OpenSC's tools
/// give it.
pub fn with_oid(given: &[u8]) -> Option<ObjectId> {
    all().find(|object| oid(*object).is_some_and(|oid| oid == given || oid.get(2..) == Some(given)))
}

/// The object with this name.
pub fn with_name(name: &[u8]) -> Option<ObjectId> {
    all().find(|object| object.name().as_bytes() == name)
}

/// The object with this handle, where it is the one of a data object; `token` is the number of the card in this process.
#[must_use]
pub fn with_handle(token: CK_OBJECT_HANDLE, handle: CK_OBJECT_HANDLE) -> Option<ObjectId> {
    all().find(|object| handle_of(token, *object) == Some(handle))
}

/// The handle of a data object.
#[must_use]
pub fn handle_of(token: CK_OBJECT_HANDLE, object: ObjectId) -> Option<CK_OBJECT_HANDLE> {
    let index = all().position(|known| known == object)?;
    Some(naming::data_handle(
        token,
        CK_OBJECT_HANDLE::try_from(index).ok()?,
    ))
}

/// A data object as applications see it. Its value is read when it is asked for.
#[must_use]
pub fn object(token: CK_OBJECT_HANDLE, object: ObjectId) -> Option<Object> {
    let handle = handle_of(token, object)?;
    let visibility = match object.read_rule() {
        ReadRule::Always => Visibility::Public,
        ReadRule::Pin => Visibility::Private,
    };
    let mut attributes = Attributes::of_token_object(CKO_DATA, visibility).with([
        (CKA_LABEL, Value::text(&object.name())),
        (CKA_APPLICATION, Value::text(&object.name())),
        (CKA_OBJECT_ID, Value::bytes(oid(object)?)),
        (CKA_UNIQUE_ID, Value::text(&format!("{handle:x}"))),
    ]);
    attributes.set(CKA_MODIFIABLE, Value::Flag(true));
    attributes.set(CKA_DESTROYABLE, Value::Flag(true));
    Some(Object {
        handle,
        content: Content::Data(object),
        attributes,
    })
}

/// CKA_VALUE of an object with this content: as GET DATA answers it, with its tag 53, 7E or 7F61. One that is not on the
/// card is empty.
///
/// # Errors
/// [`Error::General`] where it is too long for that.
pub fn value(object: ObjectId, content: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>> {
    let Some(content) = content else {
        return Ok(Zeroizing::default());
    };
    data::encode_content(object.tag(), content)
        .map(Zeroizing::new)
        .map_err(|_| Error::General("an object is too long"))
}

/// The content that a caller gives as CKA_VALUE: with its tag as [`value`] gives it, or without.
#[must_use]
pub fn content(object: ObjectId, value: &[u8]) -> &[u8] {
    data::decode_content(object, value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_of_the_standard() {
        let of = |text: &str| {
            let oid: ObjectIdentifier = text.parse().unwrap();
            with_oid(&oid.to_der().unwrap())
        };
        for (oid, object) in [
            (
                "2.16.840.1.101.3.7.1.219.0",
                ObjectId::CardCapabilityContainer,
            ),
            ("2.16.840.1.101.3.7.1.48.0", ObjectId::Chuid),
            ("2.16.840.1.101.3.7.2.96.16", ObjectId::Fingerprints),
            ("2.16.840.1.101.3.7.2.144.0", ObjectId::SecurityObject),
            ("2.16.840.1.101.3.7.2.96.80", ObjectId::Discovery),
            ("2.16.840.1.101.3.7.2.96.96", ObjectId::KeyHistory),
        ] {
            assert_eq!(of(oid), Some(object));
            let bare: ObjectIdentifier = oid.parse().unwrap();
            assert_eq!(with_oid(bare.as_bytes()), Some(object));
        }
        assert_eq!(of("2.16.840.1.101.3.7.2.1.1"), None, "a certificate");
        assert_eq!(
            with_name(b"Printed Information"),
            Some(ObjectId::PrintedInformation)
        );
        assert_eq!(all().count(), 12);
    }

    #[test]
    fn handles_lead_back_and_are_no_keys() {
        for object in all() {
            let handle = handle_of(3, object).unwrap();
            assert_eq!(with_handle(3, handle), Some(object));
            assert_eq!(with_handle(4, handle), None);
        }
    }

    #[test]
    fn values_are_taken_with_and_without_their_tag() {
        let value = value(ObjectId::Chuid, Some(&[1, 2])).unwrap();
        assert_eq!(*value, [0x53, 2, 1, 2]);
        assert_eq!(content(ObjectId::Chuid, &value), [1, 2]);
        assert_eq!(content(ObjectId::Chuid, &[1, 2]), [1, 2]);
        assert_eq!(content(ObjectId::Discovery, &[0x7E, 1, 9]), [9]);
        assert_eq!(content(ObjectId::Chuid, &[]), []);
    }
}
