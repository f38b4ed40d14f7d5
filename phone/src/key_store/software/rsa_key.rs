//! RSA keys: made, taken over by their primes, read, and applied.

use crypto_primes::{Flavor, is_prime};
use getrandom::SysRng;
use pkcs8::DecodePrivateKey;
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use zeroize::Zeroizing;

use crate::key_store::store::KeyStoreError;

/// F4, the exponent of all RSA keys.
const PUBLIC_EXPONENT: u64 = 65_537;

/// A new key with a modulus of this many bits.
pub(super) fn generate(bits: usize) -> Result<rsa::PrivateKey, KeyStoreError> {
    rsa::PrivateKey::new(&mut SysRng, bits).map_err(|_| KeyStoreError::Failed)
}

/// The key with these primes: [`KeyStoreError::InvalidInput`] where they are not two primes, or not of such a key.
pub(super) fn from_primes(
    bits: usize,
    p: &[u8],
    q: &[u8],
) -> Result<rsa::PrivateKey, KeyStoreError> {
    // Arithmetic on numbers of any other length would be for nothing, and take its time.
    let half = bits / 16;
    if (p.len(), q.len()) != (half, half) || p == q {
        return Err(KeyStoreError::InvalidInput);
    }
    let (p, q) = (
        BoxedUint::from_be_slice_vartime(p),
        BoxedUint::from_be_slice_vartime(q),
    );
    // The library asks of its primes that they are odd, and no more.
    if ![&p, &q]
        .into_iter()
        .all(|number| is_prime(Flavor::Any, number))
    {
        return Err(KeyStoreError::InvalidInput);
    }
    rsa::PrivateKey::from_p_q(p, q, BoxedUint::from(PUBLIC_EXPONENT))
        .ok()
        .filter(|key| key.size() * 8 == bits)
        .ok_or(KeyStoreError::InvalidInput)
}

/// The key that PKCS#8 holds.
pub(super) fn read(bits: usize, der: &[u8]) -> Result<rsa::PrivateKey, KeyStoreError> {
    rsa::PrivateKey::from_pkcs8_der(der)
        .ok()
        .filter(|key| key.size() * 8 == bits)
        .ok_or(KeyStoreError::Failed)
}

/// The block to the power of the private exponent.
pub(super) fn apply(
    key: &rsa::PrivateKey,
    block: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    if block.len() != key.size() {
        return Err(KeyStoreError::InvalidInput);
    }
    let number = BoxedUint::from_be_slice(block, key.n_bits_precision())
        .map_err(|_| KeyStoreError::InvalidInput)?;
    if number >= *key.n().as_ref() {
        return Err(KeyStoreError::InvalidInput);
    }
    // Blinded against timing, and checked with the public key against a fault in one half of the CRT.
    let result = rsa::hazmat::rsa_decrypt_and_check(key, Some(&mut SysRng), &number)
        .map_err(|_| KeyStoreError::Failed)?;
    let bytes = Zeroizing::new(result.to_be_bytes());
    let start = bytes.len().saturating_sub(key.size());
    let value = bytes.get(start..).ok_or(KeyStoreError::Failed)?;
    Ok(Zeroizing::new(value.to_vec()))
}
