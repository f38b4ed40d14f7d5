//! What the protocol names, in the card's terms.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use enrollment_protocol as protocol;
use enrollment_protocol::offer::OfferedSlot;
use thiserror::Error;

/// The server offers a certificate for a kind of key that this phone makes none of.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "the server offers slot {slot} a certificate for an {algorithm} key, and this phone makes no such keys: ask whoever invited you for an invitation to other keys"
)]
pub struct UnsupportedAlgorithm {
    /// The slot.
    pub slot: protocol::Slot,
    /// The kind of key.
    pub algorithm: protocol::KeyAlgorithm,
}

/// The key reference of a slot.
pub(super) fn key_reference(slot: protocol::Slot) -> AsymmetricKey {
    match slot {
        protocol::Slot::PivAuthentication => AsymmetricKey::PivAuthentication,
        protocol::Slot::DigitalSignature => AsymmetricKey::DigitalSignature,
        protocol::Slot::KeyManagement => AsymmetricKey::KeyManagement,
        protocol::Slot::CardAuthentication => AsymmetricKey::CardAuthentication,
    }
}

/// The kind of key to make for a slot that is offered: card and protocol call each by the same name.
///
/// # Errors
/// [`UnsupportedAlgorithm`] where the phone's key store makes no such keys.
pub(super) fn key_algorithm(
    offered: &OfferedSlot,
    algorithms: &[KeyAlgorithm],
) -> Result<KeyAlgorithm, UnsupportedAlgorithm> {
    let name = offered.algorithm.as_str();
    name.parse()
        .ok()
        .filter(|algorithm| algorithms.contains(algorithm))
        .ok_or(UnsupportedAlgorithm {
            slot: offered.slot,
            algorithm: offered.algorithm,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_have_the_same_references_and_algorithms_the_same_names() {
        for slot in protocol::Slot::ALL {
            assert_eq!(key_reference(slot).to_string(), slot.as_str());
            for algorithm in protocol::KeyAlgorithm::ALL {
                let offered = OfferedSlot {
                    slot,
                    algorithm,
                    profile: String::new(),
                };
                let known = key_algorithm(&offered, &KeyAlgorithm::ALL).unwrap();
                assert_eq!(known.to_string(), algorithm.as_str());
                assert!(key_algorithm(&offered, &[]).is_err());
            }
        }
    }
}
