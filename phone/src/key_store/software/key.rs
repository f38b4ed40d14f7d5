//! A key in memory: what it does, whoever asks. Whether it may, its key store has decided before.

use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{Curve, KeyAlgorithm, PublicKey};
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;
use signature::hazmat::RandomizedPrehashSigner;
use zeroize::Zeroizing;

use super::rsa_key;
use crate::key_store::handle::KeyHandle;
use crate::key_store::store::KeyStoreError;

/// A private key.
pub(super) enum Key {
    /// RSA with the exponent 65537.
    Rsa(Box<rsa::PrivateKey>),
    /// On P-256.
    P256(p256::SecretKey),
    /// On P-384.
    P384(p384::SecretKey),
}

fn failed<E>(_: E) -> KeyStoreError {
    KeyStoreError::Failed
}

fn invalid<E>(_: E) -> KeyStoreError {
    KeyStoreError::InvalidInput
}

impl Key {
    /// A new key.
    pub(super) fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyStoreError> {
        Ok(match algorithm {
            KeyAlgorithm::Rsa1024 => return Err(KeyStoreError::Unsupported),
            KeyAlgorithm::Rsa2048 => Self::Rsa(Box::new(rsa_key::generate(2048)?)),
            KeyAlgorithm::Rsa3072 => Self::Rsa(Box::new(rsa_key::generate(3072)?)),
            KeyAlgorithm::P256 => Self::P256(p256::SecretKey::try_generate().map_err(failed)?),
            KeyAlgorithm::P384 => Self::P384(p384::SecretKey::try_generate().map_err(failed)?),
        })
    }

    /// A key from outside.
    pub(super) fn import(
        algorithm: KeyAlgorithm,
        key: &ImportedKey,
    ) -> Result<Self, KeyStoreError> {
        let rsa = |bits, p, q| rsa_key::from_primes(bits, p, q).map(|key| Self::Rsa(Box::new(key)));
        match (algorithm, key) {
            (KeyAlgorithm::Rsa1024, _) => Err(KeyStoreError::Unsupported),
            (KeyAlgorithm::Rsa2048, ImportedKey::Rsa { p, q }) => rsa(2048, p, q),
            (KeyAlgorithm::Rsa3072, ImportedKey::Rsa { p, q }) => rsa(3072, p, q),
            (KeyAlgorithm::P256, ImportedKey::Ecc(scalar)) => p256::SecretKey::from_slice(scalar)
                .map(Self::P256)
                .map_err(invalid),
            (KeyAlgorithm::P384, ImportedKey::Ecc(scalar)) => p384::SecretKey::from_slice(scalar)
                .map(Self::P384)
                .map_err(invalid),
            (KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072, ImportedKey::Ecc(_))
            | (KeyAlgorithm::P256 | KeyAlgorithm::P384, ImportedKey::Rsa { .. }) => {
                Err(KeyStoreError::InvalidInput)
            }
        }
    }

    /// The key of this handle.
    pub(super) fn read(algorithm: KeyAlgorithm, handle: &KeyHandle) -> Result<Self, KeyStoreError> {
        let der = handle.as_bytes();
        Ok(match algorithm {
            KeyAlgorithm::Rsa1024 => return Err(KeyStoreError::Failed),
            KeyAlgorithm::Rsa2048 => Self::Rsa(Box::new(rsa_key::read(2048, der)?)),
            KeyAlgorithm::Rsa3072 => Self::Rsa(Box::new(rsa_key::read(3072, der)?)),
            KeyAlgorithm::P256 => Self::P256(p256::SecretKey::from_pkcs8_der(der).map_err(failed)?),
            KeyAlgorithm::P384 => Self::P384(p384::SecretKey::from_pkcs8_der(der).map_err(failed)?),
        })
    }

    /// The key's handle: the key itself.
    pub(super) fn handle(&self) -> Result<KeyHandle, KeyStoreError> {
        let document = match self {
            Self::Rsa(key) => key.to_pkcs8_der(),
            Self::P256(key) => key.to_pkcs8_der(),
            Self::P384(key) => key.to_pkcs8_der(),
        }
        .map_err(failed)?;
        Ok(KeyHandle::new(document.as_bytes().to_vec()))
    }

    /// The public half.
    pub(super) fn public_key(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::Rsa {
                modulus: key.n_bytes().to_vec(),
                exponent: key.e_bytes().to_vec(),
            },
            Self::P256(key) => PublicKey::Ecc {
                curve: Curve::P256,
                point: key.public_key().to_sec1_bytes().to_vec(),
            },
            Self::P384(key) => PublicKey::Ecc {
                curve: Curve::P384,
                point: key.public_key().to_sec1_bytes().to_vec(),
            },
        }
    }

    /// Raw RSA.
    pub(super) fn apply_rsa(&self, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        match self {
            Self::Rsa(key) => rsa_key::apply(key, block),
            Self::P256(_) | Self::P384(_) => Err(KeyStoreError::Unsupported),
        }
    }

    /// ECDSA over this hash.
    pub(super) fn sign_hash(&self, hash: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        macro_rules! sign {
            ($curve:ident, $key:expr) => {{
                let signer = $curve::ecdsa::SigningKey::from($key);
                let signature: $curve::ecdsa::DerSignature = signer
                    .sign_prehash_with_rng(&mut SysRng, hash)
                    .map_err(failed)?;
                Ok(signature.as_bytes().to_vec())
            }};
        }
        match self {
            Self::Rsa(_) => Err(KeyStoreError::Unsupported),
            Self::P256(key) => sign!(p256, key),
            Self::P384(key) => sign!(p384, key),
        }
    }

    /// ECDH with this point.
    pub(super) fn agree(&self, point: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        macro_rules! agree {
            ($curve:ident, $key:expr) => {{
                // Only the uncompressed form is allowed; the library refuses points off the curve.
                if point.first() != Some(&0x04) {
                    return Err(KeyStoreError::InvalidInput);
                }
                let peer = $curve::PublicKey::from_sec1_bytes(point).map_err(invalid)?;
                let shared = $key.diffie_hellman(&peer);
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }};
        }
        match self {
            Self::Rsa(_) => Err(KeyStoreError::Unsupported),
            Self::P256(key) => agree!(p256, key),
            Self::P384(key) => agree!(p384, key),
        }
    }
}
