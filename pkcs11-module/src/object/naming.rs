//! How the objects of a card are named: CKA_ID, CKA_LABEL and handles. This is the one place where a key reference of
//! the card becomes a CKA_ID.

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::CK_OBJECT_HANDLE;

/// The kinds of objects that belong to one key of the card, as the lowest digit of their handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The certificate.
    Certificate = 1,
    /// The public key.
    PublicKey = 2,
    /// The private key.
    PrivateKey = 3,
}

/// Handles of session objects start here; those of card objects stay below.
pub const FIRST_SESSION_HANDLE: CK_OBJECT_HANDLE = 0x4000_0000;

/// Handles of one card's objects span this many numbers.
const HANDLES_PER_TOKEN: CK_OBJECT_HANDLE = 0x1000;

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

/// The key that a host can use with this CKA_ID.
#[must_use]
pub fn key_with_id(bytes: &[u8]) -> Option<AsymmetricKey> {
    AsymmetricKey::usable().find(|key| [id(*key)] == bytes)
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

/// The handle of the profile object. `token` is the number of the card in this process, from 1.
#[must_use]
pub fn profile_handle(token: CK_OBJECT_HANDLE) -> CK_OBJECT_HANDLE {
    token * HANDLES_PER_TOKEN + 1
}

/// The handle of an object that belongs to a key.
#[must_use]
pub fn handle(token: CK_OBJECT_HANDLE, key: AsymmetricKey, part: Part) -> CK_OBJECT_HANDLE {
    token * HANDLES_PER_TOKEN + CK_OBJECT_HANDLE::from(id(key)) * 0x10 + part as CK_OBJECT_HANDLE
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
}
