//! The keys as they are kept.

use std::borrow::Cow;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinPolicy};
use serde::{Deserialize, Serialize};

use super::encoding::{algorithm, pin_policy};
use super::sealing::{OpeningKey, SealedHandle, SealingError};
use crate::key_store::{
    Attestation, KeyHandle, KeyPolicy, KeyRequest, KeyStore, KeyStoreError, PrivateKey,
};

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made on this card: it has never been anywhere else.
    Generated,
    /// Written to it from outside.
    Imported,
}

/// What a key store needs to find a key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeptHandle {
    /// As it is.
    Clear(KeyHandle),
    /// Encrypted under the PIN.
    Sealed(SealedHandle),
}

impl From<KeyHandle> for KeptHandle {
    fn from(handle: KeyHandle) -> Self {
        Self::Clear(handle)
    }
}

impl KeptHandle {
    /// The handle, decrypted where it is encrypted. `opening` is what decrypts, where somebody has given the PIN.
    ///
    /// # Errors
    /// [`SealingError::Locked`].
    pub fn clear(
        &self,
        algorithm: KeyAlgorithm,
        opening: Option<&OpeningKey>,
    ) -> Result<Cow<'_, KeyHandle>, SealingError> {
        match self {
            Self::Clear(handle) => Ok(Cow::Borrowed(handle)),
            Self::Sealed(sealed) => {
                let opening = opening.ok_or(SealingError::Locked)?;
                opening.open(algorithm, sealed).map(Cow::Owned)
            }
        }
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }
}

/// A key, as its key store wants it kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// What kind of key it is.
    #[serde(with = "algorithm")]
    pub algorithm: KeyAlgorithm,
    /// Where it comes from.
    pub origin: Origin,
    /// When its use needs the PIN, where that is more often than the rule of its place.
    #[serde(default, with = "pin_policy", skip_serializing_if = "Option::is_none")]
    pub pin_policy: Option<PinPolicy>,
    /// How its key store finds it.
    pub handle: KeptHandle,
    /// What proves where it lives, if its key store gave that.
    pub attestation: Option<Attestation>,
}

impl KeyRecord {
    /// The policy of this key in a place, as the standard and the key itself say.
    #[must_use]
    pub fn policy_in(&self, place: AsymmetricKey) -> KeyPolicy {
        KeyPolicy::of(place).with_pin(self.pin_policy)
    }

    /// The key, open. `opening` is what decrypts keys, where somebody has given the PIN.
    ///
    /// # Errors
    /// As [`KeyStore::open`]; [`KeyStoreError::NotAuthorised`] where it is encrypted, and nothing decrypts it.
    pub fn open(
        &self,
        keys: &dyn KeyStore,
        policy: KeyPolicy,
        opening: Option<&OpeningKey>,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError> {
        let handle = self.handle.clear(self.algorithm, opening)?;
        keys.open(self.algorithm, policy, &handle)
    }

    /// A new key, which nobody has asked an attestation of.
    ///
    /// # Errors
    /// As [`KeyStore::generate`].
    pub fn generate(
        keys: &dyn KeyStore,
        algorithm: KeyAlgorithm,
        policy: KeyPolicy,
    ) -> Result<Self, KeyStoreError> {
        let created = keys.generate(&KeyRequest {
            algorithm,
            policy,
            challenge: None,
        })?;
        Ok(Self {
            algorithm,
            origin: Origin::Generated,
            pin_policy: None,
            handle: created.handle.into(),
            attestation: created.attestation,
        })
    }
}
