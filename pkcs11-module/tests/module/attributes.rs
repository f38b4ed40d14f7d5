//! The attributes of what a card has, in type and value: certificate, public key and private key of each kind of slot.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, RetiredNumber};
use cryptoki_sys::*;
use sha1::{Digest, Sha1};
use tapcard_pkcs11::error::Error;

use super::card::phone;
use super::reader::Reader;
use super::rig::{Rig, is};

/// A slot, and what it is to be for a program.
struct Expected {
    key: AsymmetricKey,
    algorithm: KeyAlgorithm,
    id: u8,
    label: &'static str,
    key_type: CK_KEY_TYPE,
    /// The one thing that its private key is for.
    usage: CK_ATTRIBUTE_TYPE,
    /// What its public key is for.
    public_usage: Option<CK_ATTRIBUTE_TYPE>,
    each_time: bool,
}

fn retired(number: u8) -> AsymmetricKey {
    AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(number).unwrap())
}

fn slots() -> Vec<Expected> {
    use KeyAlgorithm::{Ed25519, P256, P384, Rsa2048, X25519};
    [
        (
            AsymmetricKey::PivAuthentication,
            Rsa2048,
            1,
            "PIV Authentication",
            CKA_SIGN,
        ),
        (
            AsymmetricKey::DigitalSignature,
            P384,
            2,
            "Digital Signature",
            CKA_SIGN,
        ),
        (
            AsymmetricKey::KeyManagement,
            P256,
            3,
            "Key Management",
            CKA_DERIVE,
        ),
        (
            AsymmetricKey::CardAuthentication,
            Ed25519,
            4,
            "Card Authentication",
            CKA_SIGN,
        ),
        (
            retired(1),
            Rsa2048,
            5,
            "Retired Key Management 1",
            CKA_DECRYPT,
        ),
        (retired(2), P384, 6, "Retired Key Management 2", CKA_DERIVE),
        (
            retired(20),
            X25519,
            24,
            "Retired Key Management 20",
            CKA_DERIVE,
        ),
    ]
    .into_iter()
    .map(|(key, algorithm, id, label, usage)| Expected {
        key,
        algorithm,
        id,
        label,
        key_type: match algorithm {
            Ed25519 => CKK_EC_EDWARDS,
            X25519 => CKK_EC_MONTGOMERY,
            P256 | P384 => CKK_EC,
            _ => CKK_RSA,
        },
        usage,
        public_usage: match usage {
            CKA_SIGN => Some(CKA_VERIFY),
            CKA_DECRYPT => Some(CKA_ENCRYPT),
            _ => None,
        },
        each_time: key == AsymmetricKey::DigitalSignature,
    })
    .collect()
}

/// What an attribute of an object is to be.
type Row = (CK_ATTRIBUTE_TYPE, Result<Vec<u8>, Error>);

fn number(value: CK_ULONG) -> Result<Vec<u8>, Error> {
    Ok(value.to_ne_bytes().to_vec())
}

fn flag(value: bool) -> Result<Vec<u8>, Error> {
    Ok(vec![if value { CK_TRUE } else { CK_FALSE }])
}

fn bytes(value: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(value.to_vec())
}

const NONE: Result<Vec<u8>, Error> = Err(Error::AttributeType);

/// What all objects of a card have.
fn of_all(slot: &Expected, class: CK_OBJECT_CLASS) -> Vec<Row> {
    vec![
        (CKA_CLASS, number(class)),
        (CKA_TOKEN, flag(true)),
        (CKA_PRIVATE, flag(class == CKO_PRIVATE_KEY)),
        (CKA_MODIFIABLE, flag(false)),
        (CKA_COPYABLE, flag(false)),
        (CKA_LABEL, bytes(slot.label.as_bytes())),
        (CKA_ID, bytes(&[slot.id])),
    ]
}

fn of_certificate(slot: &Expected, certificate: &[u8]) -> Vec<Row> {
    let mut rows = of_all(slot, CKO_CERTIFICATE);
    rows.extend([
        (CKA_CERTIFICATE_TYPE, number(CKC_X_509)),
        (
            CKA_CERTIFICATE_CATEGORY,
            number(CK_CERTIFICATE_CATEGORY_TOKEN_USER),
        ),
        (CKA_VALUE, bytes(certificate)),
        (CKA_CHECK_VALUE, bytes(&Sha1::digest(certificate)[..3])),
        (CKA_SERIAL_NUMBER, bytes(&[0x02, 0x02, 0x12, 0x34])),
        // CK_DATE: the days of its validity.
        (CKA_START_DATE, bytes(b"20231114")),
        (CKA_END_DATE, bytes(b"20300317")),
        (CKA_TRUSTED, flag(false)),
        (CKA_DESTROYABLE, flag(true)),
        (CKA_KEY_TYPE, NONE),
        (CKA_SIGN, NONE),
    ]);
    rows
}

/// What both halves of a key have.
fn of_keys(slot: &Expected, class: CK_OBJECT_CLASS) -> Vec<Row> {
    let mut rows = of_all(slot, class);
    rows.extend([
        (CKA_KEY_TYPE, number(slot.key_type)),
        // A card does not say where its key was made.
        (CKA_LOCAL, flag(false)),
        (CKA_KEY_GEN_MECHANISM, number(CK_UNAVAILABLE_INFORMATION)),
        (CKA_START_DATE, bytes(b"")),
        (CKA_END_DATE, bytes(b"")),
        (CKA_DESTROYABLE, flag(false)),
        (CKA_CERTIFICATE_TYPE, NONE),
        (CKA_CERTIFICATE_CATEGORY, NONE),
    ]);
    rows
}

fn of_public_key(slot: &Expected) -> Vec<Row> {
    let mut rows = of_keys(slot, CKO_PUBLIC_KEY);
    let is = |usage| flag(slot.public_usage == Some(usage));
    rows.extend([
        (CKA_VERIFY, is(CKA_VERIFY)),
        (CKA_ENCRYPT, is(CKA_ENCRYPT)),
        (CKA_VERIFY_RECOVER, flag(false)),
        (CKA_WRAP, flag(false)),
        (CKA_DERIVE, flag(false)),
        (CKA_TRUSTED, flag(false)),
        (
            CKA_MODULUS_BITS,
            if slot.key_type == CKK_RSA {
                number(2048)
            } else {
                NONE
            },
        ),
        // Those of secrets.
        (CKA_SENSITIVE, NONE),
        (CKA_EXTRACTABLE, NONE),
        (CKA_SIGN, NONE),
    ]);
    rows
}

fn of_private_key(slot: &Expected) -> Vec<Row> {
    let mut rows = of_keys(slot, CKO_PRIVATE_KEY);
    let is = |usage| flag(slot.usage == usage);
    rows.extend([
        (CKA_SENSITIVE, flag(true)),
        (CKA_ALWAYS_SENSITIVE, flag(true)),
        (CKA_EXTRACTABLE, flag(false)),
        (CKA_NEVER_EXTRACTABLE, flag(true)),
        (CKA_SIGN, is(CKA_SIGN)),
        (CKA_DECRYPT, is(CKA_DECRYPT)),
        (CKA_DERIVE, is(CKA_DERIVE)),
        (CKA_SIGN_RECOVER, flag(false)),
        (CKA_UNWRAP, flag(false)),
        (CKA_WRAP_WITH_TRUSTED, flag(false)),
        (CKA_ALWAYS_AUTHENTICATE, flag(slot.each_time)),
        (CKA_VERIFY, NONE),
        (
            if slot.key_type == CKK_RSA {
                CKA_PRIVATE_EXPONENT
            } else {
                CKA_VALUE
            },
            Err(Error::AttributeSensitive),
        ),
    ]);
    rows
}

#[test]
fn every_attribute_of_certificate_and_keys_is_right_in_every_kind_of_slot() {
    let slots = slots();
    let keys: Vec<_> = slots
        .iter()
        .map(|slot| (slot.key, slot.algorithm))
        .collect();
    let (card, issued) = phone(&keys);
    let rig = Rig::with_reader(Reader::with(card.announcing()));
    let session = rig.user_session();
    let mut wrong = Vec::new();
    let mut names = Vec::new();
    for (slot, issued) in slots.iter().zip(&issued) {
        for (class, rows) in [
            (CKO_CERTIFICATE, of_certificate(slot, &issued.certificate)),
            (CKO_PUBLIC_KEY, of_public_key(slot)),
            (CKO_PRIVATE_KEY, of_private_key(slot)),
        ] {
            let handle = rig.object(session, class, slot.id);
            let object = rig.at(session).object(handle).unwrap();
            for (attribute, expected) in rows {
                let found = object.attributes.value(attribute);
                let found = found.map(|value| value.to_vec());
                if found != expected {
                    wrong.push(format!(
                        "{}, class {class}, attribute {attribute:X}: {found:02X?} instead of {expected:02X?}",
                        slot.label
                    ));
                }
            }
            let name = object.attributes.value(CKA_UNIQUE_ID).unwrap().to_vec();
            assert_eq!(
                rig.find(session, &[is(CKA_UNIQUE_ID, &name)]),
                Ok(vec![handle])
            );
            assert!(name.iter().all(u8::is_ascii_graphic) && !name.is_empty());
            names.push(name);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3 * slots.len(), "one for each object");
}
