//! An Ed25519 key that is open: what RFC 8032, 5.1.5 derives from the seed is derived once and not for each signature.

use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use sha2::Sha512;

use super::curve_25519::Secret;

/// A private key. Both of its parts wipe themselves.
pub(super) struct Ed25519Key {
    seed: SigningKey,
    expanded: ExpandedSecretKey,
}

impl Ed25519Key {
    /// The key with this seed.
    pub(super) fn new(seed: &Secret) -> Self {
        Self {
            seed: SigningKey::from_bytes(seed),
            expanded: ExpandedSecretKey::from(seed),
        }
    }

    /// The seed.
    pub(super) fn seed(&self) -> &Secret {
        self.seed.as_bytes()
    }

    /// The public half.
    pub(super) fn verifying_key(&self) -> VerifyingKey {
        self.seed.verifying_key()
    }

    /// The signature of a message (RFC 8032, 5.1.6), always with the public half that belongs to the key: with another one
    /// it would give the key away.
    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        raw_sign::<Sha512>(&self.expanded, message, &self.seed.verifying_key())
    }
}
