//! What Windows makes of a PIV card: the names that its minidriver gives to keys. Nothing of it is on the card.

use uuid::Uuid;

use super::object::ObjectId;

/// The name of the key container that Windows derives for the certificate in this object of a card with this GUID: the
/// GUID with its last three bytes replaced by the object's tag, in the form in which Windows writes GUIDs, whose first
/// three fields are little-endian. `None` for an object whose tag does not have three bytes.
///
/// Source: what `certutil` shows and what RDP carries for cards whose GUID is known. A GUID's last three bytes thus do not
/// tell two cards apart on Windows.
#[must_use]
pub fn container_name(guid: Uuid, object: ObjectId) -> Option<String> {
    let tag: [u8; 3] = object.tag().to_bytes().try_into().ok()?;
    let mut bytes = guid.into_bytes();
    let (_, end) = bytes.split_last_chunk_mut::<3>()?;
    *end = tag;
    Some(Uuid::from_bytes_le(bytes).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piv::AsymmetricKey;

    #[test]
    fn names_are_those_that_windows_was_seen_to_give() {
        let name = |guid: u128, key| {
            container_name(Uuid::from_u128(guid), ObjectId::Certificate(key)).unwrap()
        };
        // FEITIAN's issue 18 and FreeRDP's pull request 12559.
        assert_eq!(
            name(
                0xA258_ABAA_928A_E04D_81D8_00F5_5D07_2F63,
                AsymmetricKey::CardAuthentication
            ),
            "aaab58a2-8a92-4de0-81d8-00f55d5fc101"
        );
        // The map of containers in a recorded logon over RDP.
        assert_eq!(
            name(
                0x913B_78AF_E9FF_4701_AD19_24CE_A582_896D,
                AsymmetricKey::PivAuthentication
            ),
            "af783b91-ffe9-0147-ad19-24cea55fc105"
        );
    }

    #[test]
    fn an_object_with_a_short_tag_has_none() {
        assert_eq!(container_name(Uuid::nil(), ObjectId::Discovery), None);
    }
}
