//! How a PIV card is named over PKCS#11: its token and the objects of its keys. Nothing of it is on the card; the module gives
//! these names, and whoever explains a card to its holder shows the same ones.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::reference::AsymmetricKey;

/// CKA_ID, one byte, the same for the three objects of a key: 01 for 9A, 02 for 9C, 03 for 9D, 04 for 9E, 05
/// to 18 (hexadecimal) for 82 to 95, 19 for F9, as other PIV modules have it.
#[must_use]
pub fn id(key: AsymmetricKey) -> u8 {
    match key {
        AsymmetricKey::PivAuthentication => 0x01,
        AsymmetricKey::DigitalSignature => 0x02,
        AsymmetricKey::KeyManagement => 0x03,
        AsymmetricKey::CardAuthentication => 0x04,
        AsymmetricKey::RetiredKeyManagement(number) => 0x04 + number.get(),
        AsymmetricKey::Attestation => 0x19,
    }
}

/// CKA_LABEL of the objects of a key.
#[must_use]
pub fn label(key: AsymmetricKey) -> String {
    match key {
        AsymmetricKey::RetiredKeyManagement(number) => format!("{} {}", key.name(), number.get()),
        AsymmetricKey::PivAuthentication
        | AsymmetricKey::DigitalSignature
        | AsymmetricKey::KeyManagement
        | AsymmetricKey::CardAuthentication
        | AsymmetricKey::Attestation => key.name().to_owned(),
    }
}

/// The 16 bytes by which a card is known: the [number in its CHUID](super::chuid::Chuid::card_number); of a card without one
/// the beginning of the SHA-256 of its 9A certificate (DER); all zeros where it has neither.
#[must_use]
pub fn identity(card_number: Option<[u8; 16]>, certificate_9a: Option<&[u8]>) -> [u8; 16] {
    card_number
        .or_else(|| certificate_9a.map(beginning_of_hash))
        .unwrap_or_default()
}

/// The first 16 bytes of the SHA-256.
pub(super) fn beginning_of_hash(bytes: &[u8]) -> [u8; 16] {
    let mut beginning = [0; 16];
    for (to, from) in beginning.iter_mut().zip(Sha256::digest(bytes)) {
        *to = from;
    }
    beginning
}

/// The token's serial number: the first eight bytes of its identity, 16 hexadecimal digits.
#[must_use]
pub fn serial_number(identity: &[u8; 16]) -> String {
    let (serial, _) = identity.split_at(8);
    HEXLOWER.encode(serial)
}

/// The token's label: the common name in the 9A certificate's subject, or `PIV` and the first four bytes of the identity.
#[must_use]
pub fn token_label(holder: Option<&str>, identity: &[u8; 16]) -> String {
    holder.map_or_else(
        || {
            let (start, _) = identity.split_at(4);
            format!("PIV {}", HEXLOWER.encode(start))
        },
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_run_from_01_to_19_and_are_never_the_same() {
        let mut ids: Vec<u8> = AsymmetricKey::all().map(id).collect();
        ids.sort_unstable();
        assert_eq!(ids, (0x01..=0x19).collect::<Vec<u8>>());
    }

    #[test]
    fn a_card_is_known_by_its_number_or_else_by_its_certificate() {
        let number = 0x0123_4567_89AB_CDEF_0000_0000_0000_0000_u128.to_be_bytes();
        let by_number = identity(Some(number), Some(b"certificate"));
        assert_eq!(serial_number(&by_number), "0123456789abcdef");
        assert_eq!(token_label(None, &by_number), "PIV 01234567");
        assert_eq!(token_label(Some("Alice"), &by_number), "Alice");
        let by_certificate = identity(None, Some(b"abc"));
        assert_eq!(serial_number(&by_certificate), "ba7816bf8f01cfea");
        assert_eq!(identity(None, None), [0; 16]);
    }
}
