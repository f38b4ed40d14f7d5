//! Keys in software: the handle is the key itself, as PKCS#8 (RFC 5208). It attests nothing: software cannot prove
//! where a key is.

mod curve_25519;
mod ed25519;
mod key;
mod rsa_key;
mod trial;

use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{KeyAlgorithm, PublicKey};
use zeroize::Zeroizing;

use super::handle::KeyHandle;
use super::policy::{Authorisation, KeyPolicy};
use super::store::{CreatedKey, KeyRequest, KeyStore, KeyStoreError, PrivateKey};
use key::Key;

const ALGORITHMS: [KeyAlgorithm; 7] = [
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::X25519,
];

/// The key store that keeps keys in the card's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftwareKeyStore;

/// A key in memory. Nothing but this type holds it to its policy.
struct SoftwareKey {
    key: Key,
    policy: KeyPolicy,
}

impl KeyStore for SoftwareKeyStore {
    fn algorithms(&self) -> &[KeyAlgorithm] {
        &ALGORITHMS
    }

    fn generate(&self, request: &KeyRequest<'_>) -> Result<CreatedKey, KeyStoreError> {
        let handle = Key::generate(request.algorithm)?.handle()?;
        // Nobody gave a key that does not fit: the store made one that does not work.
        self.check(request.algorithm, &handle)
            .map_err(|_| KeyStoreError::Failed)?;
        Ok(CreatedKey {
            handle,
            attestation: None,
        })
    }

    fn import(
        &self,
        request: &KeyRequest<'_>,
        key: &ImportedKey,
    ) -> Result<KeyHandle, KeyStoreError> {
        let handle = Key::import(request.algorithm, key)?.handle()?;
        self.check(request.algorithm, &handle)
            .map_err(|_| KeyStoreError::InvalidInput)?;
        Ok(handle)
    }

    /// The key is read from its handle as for every use, and used.
    fn check(&self, algorithm: KeyAlgorithm, handle: &KeyHandle) -> Result<(), KeyStoreError> {
        trial::try_out(&Key::read(algorithm, handle)?)
    }

    fn open(
        &self,
        algorithm: KeyAlgorithm,
        policy: KeyPolicy,
        handle: &KeyHandle,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError> {
        let key = Key::read(algorithm, handle)?;
        Ok(Box::new(SoftwareKey { key, policy }))
    }
}

impl SoftwareKey {
    /// The key, for a use that its policy allows.
    fn authorised(&self, authorisation: Authorisation) -> Result<&Key, KeyStoreError> {
        if self.policy.allows(authorisation) {
            Ok(&self.key)
        } else {
            Err(KeyStoreError::NotAuthorised)
        }
    }
}

impl PrivateKey for SoftwareKey {
    fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    fn apply_rsa(
        &self,
        authorisation: Authorisation,
        block: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        self.authorised(authorisation)?.apply_rsa(block)
    }

    fn sign_hash(
        &self,
        authorisation: Authorisation,
        hash: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError> {
        self.authorised(authorisation)?.sign_hash(hash)
    }

    fn sign_message(
        &self,
        authorisation: Authorisation,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError> {
        self.authorised(authorisation)?.sign_message(message)
    }

    fn agree(
        &self,
        authorisation: Authorisation,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        self.authorised(authorisation)?.agree(point)
    }
}
