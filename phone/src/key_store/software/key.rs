//! A key in memory: what it does, whoever asks. Whether it may, its key store has decided before.

use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{Curve, KeyAlgorithm, PublicKey};
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use p256::elliptic_curve::ecdh::diffie_hellman;
use pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;
use signature::hazmat::RandomizedPrehashSigner;
use zeroize::Zeroizing;

use super::curve_25519::{self, ED25519, X25519};
use super::ed25519::Ed25519Key;
use super::rsa_key;
use crate::key_store::handle::KeyHandle;
use crate::key_store::store::KeyStoreError;

/// A private key.
pub(super) enum Key {
    /// RSA with the exponent 65537.
    Rsa(Box<rsa::PrivateKey>),
    /// On P-256. The library's type for signatures keeps the public half, which is not computed at each use then.
    P256(p256::ecdsa::SigningKey),
    /// On P-384, likewise.
    P384(p384::ecdsa::SigningKey),
    /// Of Ed25519.
    Ed25519(Box<Ed25519Key>),
    /// Of X25519.
    X25519(Box<x25519_dalek::StaticSecret>),
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
            KeyAlgorithm::P256 => {
                Self::P256(p256::ecdsa::SigningKey::try_generate().map_err(failed)?)
            }
            KeyAlgorithm::P384 => {
                Self::P384(p384::ecdsa::SigningKey::try_generate().map_err(failed)?)
            }
            KeyAlgorithm::Rsa4096 => Self::Rsa(Box::new(rsa_key::generate(4096)?)),
            KeyAlgorithm::Ed25519 => Self::ed25519(&*curve_25519::generate()?),
            KeyAlgorithm::X25519 => Self::x25519(&*curve_25519::generate()?),
        })
    }

    fn ed25519(secret: &curve_25519::Secret) -> Self {
        Self::Ed25519(Box::new(Ed25519Key::new(secret)))
    }

    fn x25519(secret: &curve_25519::Secret) -> Self {
        Self::X25519(Box::new(x25519_dalek::StaticSecret::from(*secret)))
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
            (KeyAlgorithm::P256, ImportedKey::Ecc(scalar)) => {
                p256::ecdsa::SigningKey::from_slice(scalar)
                    .map(Self::P256)
                    .map_err(invalid)
            }
            (KeyAlgorithm::P384, ImportedKey::Ecc(scalar)) => {
                p384::ecdsa::SigningKey::from_slice(scalar)
                    .map(Self::P384)
                    .map_err(invalid)
            }
            (KeyAlgorithm::Rsa4096, ImportedKey::Rsa { p, q }) => rsa(4096, p, q),
            (KeyAlgorithm::Ed25519, ImportedKey::Ed25519(secret)) => {
                curve_25519::secret(secret).map(|secret| Self::ed25519(&secret))
            }
            (KeyAlgorithm::X25519, ImportedKey::X25519(secret)) => {
                curve_25519::secret(secret).map(|secret| Self::x25519(&secret))
            }
            (
                KeyAlgorithm::Rsa2048
                | KeyAlgorithm::Rsa3072
                | KeyAlgorithm::Rsa4096
                | KeyAlgorithm::P256
                | KeyAlgorithm::P384
                | KeyAlgorithm::Ed25519
                | KeyAlgorithm::X25519,
                ImportedKey::Rsa { .. }
                | ImportedKey::Ecc(_)
                | ImportedKey::Ed25519(_)
                | ImportedKey::X25519(_),
            ) => Err(KeyStoreError::InvalidInput),
        }
    }

    /// The key of this handle.
    pub(super) fn read(algorithm: KeyAlgorithm, handle: &KeyHandle) -> Result<Self, KeyStoreError> {
        let der = handle.as_bytes();
        Ok(match algorithm {
            KeyAlgorithm::Rsa1024 => return Err(KeyStoreError::Failed),
            KeyAlgorithm::Rsa2048 => Self::Rsa(Box::new(rsa_key::read(2048, der)?)),
            KeyAlgorithm::Rsa3072 => Self::Rsa(Box::new(rsa_key::read(3072, der)?)),
            KeyAlgorithm::P256 => {
                Self::P256(p256::ecdsa::SigningKey::from_pkcs8_der(der).map_err(failed)?)
            }
            KeyAlgorithm::P384 => {
                Self::P384(p384::ecdsa::SigningKey::from_pkcs8_der(der).map_err(failed)?)
            }
            KeyAlgorithm::Rsa4096 => Self::Rsa(Box::new(rsa_key::read(4096, der)?)),
            KeyAlgorithm::Ed25519 => Self::ed25519(&*curve_25519::read(ED25519, der)?),
            KeyAlgorithm::X25519 => Self::x25519(&*curve_25519::read(X25519, der)?),
        })
    }

    /// The key's handle: the key itself.
    pub(super) fn handle(&self) -> Result<KeyHandle, KeyStoreError> {
        let document = match self {
            Self::Rsa(key) => key.to_pkcs8_der(),
            Self::P256(key) => key.to_pkcs8_der(),
            Self::P384(key) => key.to_pkcs8_der(),
            Self::Ed25519(key) => curve_25519::write(ED25519, key.seed()),
            Self::X25519(key) => curve_25519::write(X25519, key.as_bytes()),
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
                point: key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            },
            Self::P384(key) => PublicKey::Ecc {
                curve: Curve::P384,
                point: key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            },
            Self::Ed25519(key) => PublicKey::Curve25519 {
                key: key.verifying_key().to_bytes(),
            },
            Self::X25519(key) => PublicKey::Curve25519 {
                key: x25519_dalek::PublicKey::from(key.as_ref()).to_bytes(),
            },
        }
    }

    /// Raw RSA.
    pub(super) fn apply_rsa(&self, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        match self {
            Self::Rsa(key) => rsa_key::apply(key, block),
            Self::P256(_) | Self::P384(_) | Self::Ed25519(_) | Self::X25519(_) => {
                Err(KeyStoreError::Unsupported)
            }
        }
    }

    /// ECDSA over this hash.
    pub(super) fn sign_hash(&self, hash: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        macro_rules! sign {
            ($curve:ident, $signer:expr) => {{
                let signature: $curve::ecdsa::DerSignature = $signer
                    .sign_prehash_with_rng(&mut SysRng, hash)
                    .map_err(failed)?;
                Ok(signature.as_bytes().to_vec())
            }};
        }
        match self {
            Self::Rsa(_) | Self::Ed25519(_) | Self::X25519(_) => Err(KeyStoreError::Unsupported),
            Self::P256(signer) => sign!(p256, signer),
            Self::P384(signer) => sign!(p384, signer),
        }
    }

    /// EdDSA over this message.
    pub(super) fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        match self {
            Self::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Self::Rsa(_) | Self::P256(_) | Self::P384(_) | Self::X25519(_) => {
                Err(KeyStoreError::Unsupported)
            }
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
                let shared = diffie_hellman($key.as_nonzero_scalar(), peer.as_affine());
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }};
        }
        match self {
            Self::Rsa(_) | Self::Ed25519(_) => Err(KeyStoreError::Unsupported),
            Self::P256(key) => agree!(p256, key),
            Self::P384(key) => agree!(p384, key),
            Self::X25519(key) => curve_25519::agree(key, point),
        }
    }
}
