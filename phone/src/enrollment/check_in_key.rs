//! The key that a phone checks in with.

use card_edge::piv::AsymmetricKey;

use crate::key_store::KeyPolicy;

/// Its policy: nobody gives a PIN.
pub(super) fn key_policy() -> KeyPolicy {
    KeyPolicy::of(AsymmetricKey::CardAuthentication)
}
