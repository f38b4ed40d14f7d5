//! How the objects of a card are named: CKA_ID and CKA_LABEL, which `tapcard list` shows too, and handles.

use card_edge::piv::AsymmetricKey;
pub use card_edge::piv::pkcs11::{id, label};
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

/// The key that a host can use with this CKA_ID.
#[must_use]
pub fn key_with_id(bytes: &[u8]) -> Option<AsymmetricKey> {
    AsymmetricKey::usable().find(|key| [id(*key)] == bytes)
}

/// The handle of the profile object. `token` is the number of the card in this process, from 1.
#[must_use]
pub fn profile_handle(token: CK_OBJECT_HANDLE) -> CK_OBJECT_HANDLE {
    token * HANDLES_PER_TOKEN + 1
}

/// The handle of a data object by its place in the list of them: above those of keys.
#[must_use]
pub fn data_handle(token: CK_OBJECT_HANDLE, index: CK_OBJECT_HANDLE) -> CK_OBJECT_HANDLE {
    token * HANDLES_PER_TOKEN + 0x200 + index
}

/// The handle of an object that belongs to a key.
#[must_use]
pub fn handle(token: CK_OBJECT_HANDLE, key: AsymmetricKey, part: Part) -> CK_OBJECT_HANDLE {
    token * HANDLES_PER_TOKEN + CK_OBJECT_HANDLE::from(id(key)) * 0x10 + part as CK_OBJECT_HANDLE
}
