//! The policies that a host may name when it makes a key: the key's own, or none.

use card_edge::Status;
use card_edge::piv::AsymmetricKey;
use card_edge::piv::yubico::policy::{Policies, PolicyField};

use crate::key_store::KeyPolicy;

/// The policies of this key, as metadata gives them.
pub(super) fn policies(key: AsymmetricKey) -> Policies {
    let KeyPolicy { pin, touch, .. } = KeyPolicy::of(key);
    Policies {
        pin: Some(pin),
        touch,
    }
}

/// Takes a policy that says what the key does anyway; 6A80 for any other.
pub(crate) fn accept(key: AsymmetricKey, field: PolicyField) -> Result<(), Status> {
    let own = KeyPolicy::of(key);
    let accepted = match field {
        PolicyField::Pin(policy) => policy.is_none_or(|policy| policy == own.pin),
        PolicyField::Touch(policy) => policy.is_none_or(|policy| policy == own.touch),
    };
    if accepted {
        Ok(())
    } else {
        Err(Status::IncorrectData)
    }
}
