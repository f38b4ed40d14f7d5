//! Random ids, tokens and serial numbers, from the operating system.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
pub use enrollment_protocol::Token;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Random bytes cannot be had from the operating system.
#[derive(Debug, thiserror::Error)]
#[error("random bytes cannot be had from the operating system: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// `N` random bytes.
///
/// # Errors
/// If the operating system gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A random id: 26 characters of lower-case base32, 128 bits.
///
/// # Errors
/// If random bytes cannot be had.
pub fn id() -> Result<String, NoRandomness> {
    Ok(BASE32_NOPAD.encode(&bytes::<16>()?).to_lowercase())
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A new token: 160 random bits as 32 characters of base32.
///
/// # Errors
/// If random bytes cannot be had.
pub fn token() -> Result<Token, NoRandomness> {
    token_of::<20>()
}

/// A new token of `N` random bytes.
///
/// # Errors
/// If random bytes cannot be had.
pub fn token_of<const N: usize>() -> Result<Token, NoRandomness> {
    Ok(Token::from_random(&Zeroizing::new(bytes::<N>()?)))
}
