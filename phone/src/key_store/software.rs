//! Keys in software: the handle is the key itself, as PKCS#8 (RFC 5208). It attests nothing: software cannot prove
//! where a key is.

use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{Curve, KeyAlgorithm, PublicKey};
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use signature::hazmat::RandomizedPrehashSigner;
use zeroize::Zeroizing;

use super::handle::KeyHandle;
use super::policy::{Authorisation, KeyPolicy};
use super::store::{CreatedKey, KeyRequest, KeyStore, KeyStoreError, PrivateKey};

/// F4, the exponent of all RSA keys.
const PUBLIC_EXPONENT: u64 = 65_537;

const ALGORITHMS: [KeyAlgorithm; 4] = [
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
];

/// The key store that keeps keys in the card's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftwareKeyStore;

/// A key in memory. Nothing but this type holds it to its policy.
struct SoftwareKey {
    key: Key,
    policy: KeyPolicy,
}

enum Key {
    Rsa(Box<rsa::PrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

fn failed<E>(_: E) -> KeyStoreError {
    KeyStoreError::Failed
}

fn invalid<E>(_: E) -> KeyStoreError {
    KeyStoreError::InvalidInput
}

fn handle(key: &impl EncodePrivateKey) -> Result<KeyHandle, KeyStoreError> {
    let document = key.to_pkcs8_der().map_err(failed)?;
    Ok(KeyHandle::new(document.as_bytes().to_vec()))
}

fn generate_rsa(bits: usize) -> Result<KeyHandle, KeyStoreError> {
    handle(&rsa::PrivateKey::new(&mut SysRng, bits).map_err(failed)?)
}

fn import_rsa(bits: usize, p: &[u8], q: &[u8]) -> Result<KeyHandle, KeyStoreError> {
    // Arithmetic on numbers of any other length would be for nothing, and take its time.
    let half = bits / 16;
    if (p.len(), q.len()) != (half, half) {
        return Err(KeyStoreError::InvalidInput);
    }
    let key = rsa::PrivateKey::from_p_q(
        BoxedUint::from_be_slice_vartime(p),
        BoxedUint::from_be_slice_vartime(q),
        BoxedUint::from(PUBLIC_EXPONENT),
    )
    .map_err(invalid)?;
    if key.size() * 8 != bits {
        return Err(KeyStoreError::InvalidInput);
    }
    handle(&key)
}

fn open_rsa(bits: usize, der: &[u8]) -> Result<Key, KeyStoreError> {
    let key = rsa::PrivateKey::from_pkcs8_der(der).map_err(failed)?;
    if key.size() * 8 != bits {
        return Err(KeyStoreError::Failed);
    }
    Ok(Key::Rsa(Box::new(key)))
}

impl KeyStore for SoftwareKeyStore {
    fn algorithms(&self) -> &[KeyAlgorithm] {
        &ALGORITHMS
    }

    fn generate(&self, request: &KeyRequest<'_>) -> Result<CreatedKey, KeyStoreError> {
        let handle = match request.algorithm {
            KeyAlgorithm::Rsa1024 => return Err(KeyStoreError::Unsupported),
            KeyAlgorithm::Rsa2048 => generate_rsa(2048)?,
            KeyAlgorithm::Rsa3072 => generate_rsa(3072)?,
            KeyAlgorithm::P256 => handle(&p256::SecretKey::try_generate().map_err(failed)?)?,
            KeyAlgorithm::P384 => handle(&p384::SecretKey::try_generate().map_err(failed)?)?,
        };
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
        match (request.algorithm, key) {
            (KeyAlgorithm::Rsa1024, _) => Err(KeyStoreError::Unsupported),
            (KeyAlgorithm::Rsa2048, ImportedKey::Rsa { p, q }) => import_rsa(2048, p, q),
            (KeyAlgorithm::Rsa3072, ImportedKey::Rsa { p, q }) => import_rsa(3072, p, q),
            (KeyAlgorithm::P256, ImportedKey::Ecc(scalar)) => {
                handle(&p256::SecretKey::from_slice(scalar).map_err(invalid)?)
            }
            (KeyAlgorithm::P384, ImportedKey::Ecc(scalar)) => {
                handle(&p384::SecretKey::from_slice(scalar).map_err(invalid)?)
            }
            (KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072, ImportedKey::Ecc(_))
            | (KeyAlgorithm::P256 | KeyAlgorithm::P384, ImportedKey::Rsa { .. }) => {
                Err(KeyStoreError::InvalidInput)
            }
        }
    }

    fn open(
        &self,
        algorithm: KeyAlgorithm,
        policy: KeyPolicy,
        handle: &KeyHandle,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError> {
        let der = handle.as_bytes();
        let key = match algorithm {
            KeyAlgorithm::Rsa1024 => return Err(KeyStoreError::Failed),
            KeyAlgorithm::Rsa2048 => open_rsa(2048, der)?,
            KeyAlgorithm::Rsa3072 => open_rsa(3072, der)?,
            KeyAlgorithm::P256 => Key::P256(p256::SecretKey::from_pkcs8_der(der).map_err(failed)?),
            KeyAlgorithm::P384 => Key::P384(p384::SecretKey::from_pkcs8_der(der).map_err(failed)?),
        };
        Ok(Box::new(SoftwareKey { key, policy }))
    }
}

impl SoftwareKey {
    fn authorise(&self, authorisation: Authorisation) -> Result<(), KeyStoreError> {
        if self.policy.allows(authorisation) {
            Ok(())
        } else {
            Err(KeyStoreError::NotAuthorised)
        }
    }
}

impl PrivateKey for SoftwareKey {
    fn public_key(&self) -> PublicKey {
        match &self.key {
            Key::Rsa(key) => PublicKey::Rsa {
                modulus: key.n_bytes().to_vec(),
                exponent: key.e_bytes().to_vec(),
            },
            Key::P256(key) => PublicKey::Ecc {
                curve: Curve::P256,
                point: key.public_key().to_sec1_bytes().to_vec(),
            },
            Key::P384(key) => PublicKey::Ecc {
                curve: Curve::P384,
                point: key.public_key().to_sec1_bytes().to_vec(),
            },
        }
    }

    fn apply_rsa(
        &self,
        authorisation: Authorisation,
        block: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        self.authorise(authorisation)?;
        match &self.key {
            Key::Rsa(key) => apply_rsa(key, block),
            Key::P256(_) | Key::P384(_) => Err(KeyStoreError::Unsupported),
        }
    }

    fn sign_hash(
        &self,
        authorisation: Authorisation,
        hash: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError> {
        macro_rules! sign {
            ($curve:ident, $key:expr) => {{
                let signer = $curve::ecdsa::SigningKey::from($key);
                let signature: $curve::ecdsa::DerSignature = signer
                    .sign_prehash_with_rng(&mut SysRng, hash)
                    .map_err(failed)?;
                Ok(signature.as_bytes().to_vec())
            }};
        }
        self.authorise(authorisation)?;
        match &self.key {
            Key::Rsa(_) => Err(KeyStoreError::Unsupported),
            Key::P256(key) => sign!(p256, key),
            Key::P384(key) => sign!(p384, key),
        }
    }

    fn agree(
        &self,
        authorisation: Authorisation,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
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
        self.authorise(authorisation)?;
        match &self.key {
            Key::Rsa(_) => Err(KeyStoreError::Unsupported),
            Key::P256(key) => agree!(p256, key),
            Key::P384(key) => agree!(p384, key),
        }
    }
}

fn apply_rsa(key: &rsa::PrivateKey, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
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
