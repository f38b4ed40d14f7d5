//! Random ids, tokens and serial numbers, from the operating system.

use data_encoding::{BASE32_NOPAD, Encoding, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
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
/// If the operating system gives no random bytes.
pub fn id() -> Result<String, NoRandomness> {
    Ok(BASE32_NOPAD.encode(&bytes::<16>()?).to_lowercase())
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A secret that gives a right to whoever shows it: 160 random bits as 32 characters of base32 (RFC 4648, upper
/// case, no padding). The store keeps its [hash](Token::hash) alone.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new token.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub fn generate() -> Result<Self, NoRandomness> {
        Self::of_length::<20>()
    }

    /// A new token of `N` random bytes.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub fn of_length<const N: usize>() -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(bytes::<N>()?);
        Ok(Self(Zeroizing::new(BASE32_NOPAD.encode(&*bytes))))
    }

    /// A token as somebody shows it, in either case. Nothing is said about whether it is one of ours; a text that
    /// cannot be is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let upper = Zeroizing::new(text.to_ascii_uppercase());
        let encoding: Encoding = BASE32_NOPAD;
        let fits = (26..=64).contains(&upper.len()) && encoding.decode(upper.as_bytes()).is_ok();
        fits.then_some(Self(upper))
    }

    /// The characters, to be put into a link.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the characters, lower-case hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_in_either_case() {
        let token = Token::generate().unwrap();
        assert_eq!(token.reveal().len(), 32);
        let typed = Token::parse(&token.reveal().to_lowercase()).unwrap();
        assert_eq!(typed.hash(), token.hash());
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        assert!(Token::parse("short").is_none());
        assert!(Token::parse(&"1".repeat(32)).is_none());
        assert!(Token::parse(&"A".repeat(65)).is_none());
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let token = Token::generate().unwrap();
        assert_eq!(format!("{token:?}"), "Token(..)");
    }
}
