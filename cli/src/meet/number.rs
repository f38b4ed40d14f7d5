//! What a card's certificates say of its number: that of the key for secure messaging (SP 800-73-5 part 2, 4.1.5), and those of
//! 9A and 9E, whose subject alternative names have the FASC-N and the UUID of the card (FIPS 201-3, 4.2.1).

use card_edge::Transmit;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::Client;
use card_edge::piv::secure_messaging::certificate::Subject;
use card_edge::piv::{AsymmetricKey, KeyReference};
use const_oid::ObjectIdentifier;
use data_encoding::HEXLOWER;
use der::Decode;
use der::asn1::OctetStringRef;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::doctor::link::{LinkError, answer_fault};
use crate::pin::error::PinError;

/// pivFASC-N, as otherName.
const FASC_N: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.6.6");
const UUID: &str = "urn:uuid:";

/// A certificate of another card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherNumber {
    /// Of which key.
    pub key: KeyReference,
    /// The number that it names, in hexadecimal.
    pub number: String,
}

/// What the certificate of the card's key for secure messaging says.
pub(super) fn of_channel_key(chuid: &Chuid, subject: Subject) -> Option<OtherNumber> {
    let named = match subject {
        Subject::Card(guid) => guid.into_bytes().to_vec(),
        Subject::Intermediate(identifier) => identifier.to_vec(),
    };
    let is_another = !chuid.guid.is_nil() && named != chuid.guid.as_bytes();
    is_another.then(|| OtherNumber {
        key: KeyReference::SecureMessaging,
        number: HEXLOWER.encode(&named),
    })
}

/// What the certificates of 9A and 9E say, as far as anybody may read them.
pub(super) fn of_certificates<T>(
    client: &mut Client<T>,
    chuid: &Chuid,
) -> Result<Vec<OtherNumber>, PinError>
where
    T: Transmit<Error = LinkError>,
{
    let mut others = Vec::new();
    for key in [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::CardAuthentication,
    ] {
        let certificate = match client.certificate(key) {
            Ok(certificate) => certificate,
            Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
        };
        let another = certificate.and_then(|der| another_number(&der, chuid));
        others.extend(another.map(|number| OtherNumber {
            key: key.into(),
            number,
        }));
    }
    Ok(others)
}

/// The number of another card that a certificate names; `None` where it names this one or none, or cannot be read.
fn another_number(der: &[u8], chuid: &Chuid) -> Option<String> {
    let certificate = Certificate::from_der(der).ok()?;
    let tbs = certificate.tbs_certificate();
    let (_, SubjectAltName(names)) = tbs.get_extension().ok()??;
    let uuids = names.iter().filter_map(|name| match name {
        GeneralName::UniformResourceIdentifier(uri) => {
            let uuid = uri.as_str().to_ascii_lowercase();
            Some(uuid.strip_prefix(UUID)?.replace('-', ""))
        }
        _ => None,
    });
    let fasc_ns = names.iter().filter_map(|name| match name {
        GeneralName::OtherName(other) if other.type_id == FASC_N => {
            let number = other.value.decode_as::<&OctetStringRef>().ok()?;
            Some(HEXLOWER.encode(number.as_bytes()))
        }
        _ => None,
    });
    let guid = (!chuid.guid.is_nil()).then(|| HEXLOWER.encode(chuid.guid.as_bytes()));
    let fasc_n = (!chuid.fasc_n.is_empty()).then(|| HEXLOWER.encode(&chuid.fasc_n));
    other_than(uuids, guid).or_else(|| other_than(fasc_ns, fasc_n))
}

/// The first that is named, where this is not among them.
fn other_than(named: impl Iterator<Item = String>, this: Option<String>) -> Option<String> {
    let (this, named) = (this?, named.collect::<Vec<_>>());
    (!named.contains(&this)).then(|| named.into_iter().next())?
}
