//! Encryption of the keys under the PIN: whoever has the file alone must guess a PIN before any key whose use needs one.
//!
//! A card has a key pair for it, of HPKE (RFC 9180). Its public half, the [`SealingKey`], lies open, so that a key that a
//! host makes or brings while nobody has given a PIN is encrypted before it is written. Its private half, the
//! [`OpeningKey`], is wrapped under the PIN, under the PUK, and under the global PIN where there is one: each of them
//! proves itself before the other is set, and takes the key along.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use card_edge::piv::{KeyAlgorithm, PublicKey};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::encoding::Bytes;
use super::hash_cost::{self, SALT_MIN};
use crate::key_store::KeyHandle;
use crate::secret::Secret;

/// What the encryption is for: it opens as nothing else.
const INFO: &[u8] = b"tapcard key handle";
/// Bytes of either half of the pair.
const KEY_LENGTH: usize = 32;
/// Bytes of a wrapped opening key: eight more (RFC 3394).
const WRAPPED_LENGTH: usize = KEY_LENGTH + 8;
const SALT_LENGTH: usize = 16;

/// Why a key was not encrypted or decrypted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SealingError {
    /// There is no randomness or no memory for it.
    #[error("a key cannot be encrypted")]
    Failed,
    /// Nobody has given the PIN.
    #[error("a key is encrypted under the PIN, which nobody has given")]
    Locked,
    /// It is damaged, or was encrypted for another card.
    #[error("what is encrypted under the PIN is damaged")]
    Damaged,
}

/// The public half: encrypts keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealingKey(Bytes);

/// The private half: decrypts them.
#[derive(Clone)]
pub struct OpeningKey(Secret);

/// An opening key, wrapped under a PIN or PUK (AES key wrap, RFC 3394, under a key that Argon2id derives).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrappedKey {
    salt: Bytes,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    wrapped: Bytes,
}

/// A key handle, encrypted, and the public half of its key, which can be had without any PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedHandle {
    /// The template 7F49.
    public_key: Bytes,
    /// HPKE's encapsulated key.
    encapsulated_key: Bytes,
    ciphertext: Bytes,
}

/// A new pair.
pub(super) fn pair() -> Result<(SealingKey, OpeningKey), SealingError> {
    let mut seed = Zeroizing::new([0; KEY_LENGTH]);
    getrandom::fill(seed.as_mut()).map_err(|_| SealingError::Failed)?;
    let (private, public) = X25519HkdfSha256::derive_keypair(seed.as_ref());
    let opening = OpeningKey(Secret::new(private.to_bytes().to_vec()));
    Ok((SealingKey(Bytes(public.to_bytes().to_vec())), opening))
}

impl SealingKey {
    /// Whether it is one.
    pub(super) fn is_valid(&self) -> bool {
        self.public().is_ok()
    }

    fn public(&self) -> Result<<X25519HkdfSha256 as Kem>::PublicKey, SealingError> {
        Deserializable::from_bytes(&self.0.0).map_err(|_| SealingError::Failed)
    }

    /// Encrypts what a key store needs to find a key.
    pub(super) fn seal(
        &self,
        algorithm: KeyAlgorithm,
        public_key: &PublicKey,
        handle: &KeyHandle,
    ) -> Result<SealedHandle, SealingError> {
        // HPKE's library panics where the system has no randomness.
        getrandom::u32().map_err(|_| SealingError::Failed)?;
        let public_key = public_key.encode().map_err(|_| SealingError::Failed)?;
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &self.public()?,
                INFO,
                handle.as_bytes(),
                &associated_data(algorithm, &public_key),
            )
            .map_err(|_| SealingError::Failed)?;
        Ok(SealedHandle {
            public_key: Bytes(public_key),
            encapsulated_key: Bytes(encapsulated.to_bytes().to_vec()),
            ciphertext: Bytes(ciphertext),
        })
    }
}

/// What is not encrypted must be what it was: a key cannot be passed off as another.
fn associated_data(algorithm: KeyAlgorithm, public_key: &[u8]) -> Vec<u8> {
    [&[algorithm.identifier()], public_key].concat()
}

impl SealedHandle {
    /// The public half of the key.
    ///
    /// # Errors
    /// [`SealingError::Damaged`] where it is damaged.
    pub fn public_key(&self) -> Result<PublicKey, SealingError> {
        PublicKey::decode(&self.public_key.0).map_err(|_| SealingError::Damaged)
    }
}

impl OpeningKey {
    fn private(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, SealingError> {
        Deserializable::from_bytes(self.0.as_bytes()).map_err(|_| SealingError::Damaged)
    }

    /// Whether this opens what that seals.
    pub(super) fn fits(&self, sealing: &SealingKey) -> bool {
        self.private().is_ok_and(|private| {
            X25519HkdfSha256::sk_to_pk(&private).to_bytes().as_slice() == sealing.0.0
        })
    }

    /// Decrypts.
    pub(super) fn open(
        &self,
        algorithm: KeyAlgorithm,
        sealed: &SealedHandle,
    ) -> Result<KeyHandle, SealingError> {
        let encapsulated = Deserializable::from_bytes(&sealed.encapsulated_key.0);
        hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private()?,
            &encapsulated.map_err(|_| SealingError::Damaged)?,
            INFO,
            &sealed.ciphertext.0,
            &associated_data(algorithm, &sealed.public_key.0),
        )
        .map(KeyHandle::new)
        .map_err(|_| SealingError::Damaged)
    }
}

impl WrappedKey {
    /// Wraps a key under these bytes, a padded PIN or PUK.
    pub(super) fn wrap(value: &[u8], key: &OpeningKey) -> Result<Self, SealingError> {
        let mut salt = vec![0; SALT_LENGTH];
        getrandom::fill(&mut salt).map_err(|_| SealingError::Failed)?;
        let params = hash_cost::params().map_err(|_| SealingError::Failed)?;
        let mut wrapped = Self {
            salt: Bytes(salt),
            memory_kib: params.m_cost(),
            passes: params.t_cost(),
            lanes: params.p_cost(),
            wrapped: Bytes(vec![0; WRAPPED_LENGTH]),
        };
        let cipher = wrapped.cipher(value)?;
        cipher
            .wrap_key(key.0.as_bytes(), &mut wrapped.wrapped.0)
            .map_err(|_| SealingError::Failed)?;
        Ok(wrapped)
    }

    /// The key that was wrapped under these bytes.
    pub(super) fn unwrap(&self, value: &[u8]) -> Result<OpeningKey, SealingError> {
        let mut key = Secret::new(vec![0; KEY_LENGTH]);
        self.cipher(value)?
            .unwrap_key(&self.wrapped.0, key.as_mut_bytes())
            .map_err(|_| SealingError::Damaged)?;
        Ok(OpeningKey(key))
    }

    fn cipher(&self, value: &[u8]) -> Result<aes_kw::KwAes256, SealingError> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        let params = self.params().ok_or(SealingError::Failed)?;
        // The memory is our own, so that it is wiped: the key is a hash of what is in it at the end.
        let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                value,
                &self.salt.0,
                key.as_mut(),
                memory.as_mut_slice(),
            )
            .map_err(|_| SealingError::Failed)?;
        Ok(aes_kw::KeyInit::new((&*key).into()))
    }

    fn params(&self) -> Option<Params> {
        Params::new(self.memory_kib, self.passes, self.lanes, None).ok()
    }

    /// Whether it is one that this program would make, at a cost that is bearable.
    pub(super) fn is_valid(&self) -> bool {
        self.salt.0.len() >= SALT_MIN
            && self.params().as_ref().is_some_and(hash_cost::is_bearable)
            && self.wrapped.0.len() == WRAPPED_LENGTH
    }
}
