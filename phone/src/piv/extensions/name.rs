//! What hosts call the card, which SELECT announces: so much of the public objects as a list of cards shows.

use card_edge::piv::chuid::Chuid;
use card_edge::piv::extensions::{CardName, Holder, PublicObjects};
use card_edge::piv::{AsymmetricKey, ObjectId, certificate};
use der::Decode;
use x509_cert::Certificate;

/// Whose certificate names the holder.
const FIRST: ObjectId = ObjectId::Certificate(AsymmetricKey::PivAuthentication);

/// What a host that reads these objects calls the card; `None` where it has no GUID, or another reader of its certificate may
/// find another name in it.
pub(super) fn of(objects: &PublicObjects) -> Option<CardName> {
    let chuid = Chuid::decode(objects.get(ObjectId::Chuid)?).ok()?;
    let holder = match objects.get(FIRST) {
        Some(content) => holder(content)?,
        None => None,
    };
    (!chuid.guid.is_nil()).then_some(CardName {
        guid: chuid.guid,
        holder,
    })
}

/// The common name in a certificate object, if it has one; `None` where that cannot be told.
fn holder(content: &[u8]) -> Option<Option<Holder>> {
    let certificate = Certificate::from_der(&certificate::decode(content).ok()?).ok()?;
    let name = certificate.tbs_certificate().subject().common_name().ok()?;
    Some(name.and_then(|name| Holder::of(&name.value())))
}
