//! Keys in software: the handle is the key itself, as PKCS#8 (RFC 5208).

use card_edge::piv::PublicKey;
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use signature::hazmat::RandomizedPrehashSigner;
use zeroize::Zeroizing;

use super::{ImportedKey, KeyAlgorithm, KeyHandle, KeyStore, KeyStoreError, PrivateKey};

/// F4, the exponent of all keys.
const PUBLIC_EXPONENT: u64 = 65_537;

/// The key store that keeps keys in the card's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftwareKeyStore;

fn failed<E>(_: E) -> KeyStoreError {
    KeyStoreError::Failed
}

fn invalid<E>(_: E) -> KeyStoreError {
    KeyStoreError::InvalidInput
}

fn modulus_bits(algorithm: KeyAlgorithm) -> usize {
    match algorithm {
        KeyAlgorithm::Rsa3072 => 3072,
        _ => 2048,
    }
}

fn handle(key: &impl EncodePrivateKey) -> Result<KeyHandle, KeyStoreError> {
    let document = key.to_pkcs8_der().map_err(failed)?;
    Ok(KeyHandle::new(document.as_bytes().to_vec()))
}

impl KeyStore for SoftwareKeyStore {
    fn generate(&self, algorithm: KeyAlgorithm) -> Result<KeyHandle, KeyStoreError> {
        match algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 => {
                let bits = modulus_bits(algorithm);
                handle(&rsa::PrivateKey::new(&mut SysRng, bits).map_err(failed)?)
            }
            KeyAlgorithm::P256 => handle(&p256::SecretKey::try_generate().map_err(failed)?),
            KeyAlgorithm::P384 => handle(&p384::SecretKey::try_generate().map_err(failed)?),
        }
    }

    fn import(
        &self,
        algorithm: KeyAlgorithm,
        key: &ImportedKey,
    ) -> Result<KeyHandle, KeyStoreError> {
        match (algorithm, key) {
            (KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072, ImportedKey::Rsa { p, q }) => {
                // Arithmetic on numbers of any other length would be for nothing, and take its time.
                let half = modulus_bits(algorithm) / 16;
                if (p.len(), q.len()) != (half, half) {
                    return Err(KeyStoreError::InvalidInput);
                }
                let key = rsa::PrivateKey::from_p_q(
                    BoxedUint::from_be_slice_vartime(p),
                    BoxedUint::from_be_slice_vartime(q),
                    BoxedUint::from(PUBLIC_EXPONENT),
                )
                .map_err(invalid)?;
                if key.size() * 8 != modulus_bits(algorithm) {
                    return Err(KeyStoreError::InvalidInput);
                }
                handle(&key)
            }
            (KeyAlgorithm::P256, ImportedKey::Ecc(scalar)) => {
                handle(&p256::SecretKey::from_slice(scalar).map_err(invalid)?)
            }
            (KeyAlgorithm::P384, ImportedKey::Ecc(scalar)) => {
                handle(&p384::SecretKey::from_slice(scalar).map_err(invalid)?)
            }
            _ => Err(KeyStoreError::InvalidInput),
        }
    }

    fn open(
        &self,
        algorithm: KeyAlgorithm,
        handle: &KeyHandle,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError> {
        let der = handle.as_bytes();
        Ok(match algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 => {
                let key = rsa::PrivateKey::from_pkcs8_der(der).map_err(failed)?;
                if key.size() * 8 != modulus_bits(algorithm) {
                    return Err(KeyStoreError::Failed);
                }
                Box::new(RsaKey(key))
            }
            KeyAlgorithm::P256 => Box::new(P256Key(
                p256::SecretKey::from_pkcs8_der(der).map_err(failed)?,
            )),
            KeyAlgorithm::P384 => Box::new(P384Key(
                p384::SecretKey::from_pkcs8_der(der).map_err(failed)?,
            )),
        })
    }
}

struct RsaKey(rsa::PrivateKey);

impl PrivateKey for RsaKey {
    fn public_key(&self) -> PublicKey {
        PublicKey::Rsa {
            modulus: self.0.n_bytes().to_vec(),
            exponent: self.0.e_bytes().to_vec(),
        }
    }

    fn apply_rsa(&self, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let key = &self.0;
        if block.len() != key.size() {
            return Err(KeyStoreError::InvalidInput);
        }
        let number = BoxedUint::from_be_slice(block, key.n_bits_precision()).map_err(invalid)?;
        if number >= *key.n().as_ref() {
            return Err(KeyStoreError::InvalidInput);
        }
        // Blinded against timing, and checked with the public key against a fault in one half of the CRT.
        let result =
            rsa::hazmat::rsa_decrypt_and_check(key, Some(&mut SysRng), &number).map_err(failed)?;
        let bytes = Zeroizing::new(result.to_be_bytes());
        let start = bytes.len().saturating_sub(key.size());
        let value = bytes.get(start..).ok_or(KeyStoreError::Failed)?;
        Ok(Zeroizing::new(value.to_vec()))
    }

    fn sign_hash(&self, _hash: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::WrongKind)
    }

    fn agree(&self, _point: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        Err(KeyStoreError::WrongKind)
    }
}

macro_rules! curve_key {
    ($name:ident, $curve:ident) => {
        struct $name($curve::SecretKey);

        impl PrivateKey for $name {
            fn public_key(&self) -> PublicKey {
                PublicKey::Ecc {
                    point: self.0.public_key().to_sec1_bytes().to_vec(),
                }
            }

            fn apply_rsa(&self, _block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
                Err(KeyStoreError::WrongKind)
            }

            fn sign_hash(&self, hash: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
                let signer = $curve::ecdsa::SigningKey::from(&self.0);
                let signature: $curve::ecdsa::DerSignature = signer
                    .sign_prehash_with_rng(&mut SysRng, hash)
                    .map_err(failed)?;
                Ok(signature.as_bytes().to_vec())
            }

            fn agree(&self, point: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
                // Only the uncompressed form is allowed; the library refuses points off the curve.
                if point.first() != Some(&0x04) {
                    return Err(KeyStoreError::InvalidInput);
                }
                let peer = $curve::PublicKey::from_sec1_bytes(point).map_err(invalid)?;
                let shared = self.0.diffie_hellman(&peer);
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }
        }
    };
}

curve_key!(P256Key, p256);
curve_key!(P384Key, p384);
