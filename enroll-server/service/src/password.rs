//! Passwords of administrators: Argon2id (RFC 9106), PHC strings.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde::Deserialize;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::blocking::apart;

/// Fewest characters of a password. No rules on which: they make passwords worse, length makes them better.
pub const SHORTEST: usize = 12;
/// Most characters: more is an attempt to keep the server busy.
pub const LONGEST: usize = 256;

/// How many passwords are hashed at once: each takes 19 MiB and a processor.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Hash of a password that nobody has, of the same cost as a real one: compared with where there is no account.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGFwY2FyZCBub2JvZHk$nT2c2vQ4YcKkS8mVxJd0bYB1oQ0v5Zq3m7w1Jp2u3kQ";

/// A password as somebody typed it; wiped when it is no longer needed, and never shown.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Password(Zeroizing<String>);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Why a password cannot be a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// There is none.
    Empty,
    /// It has fewer than [`SHORTEST`] characters.
    Short {
        /// How many it has.
        length: usize,
    },
    /// It has more than [`LONGEST`] characters.
    Long,
}

/// Why a password cannot be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The algorithm refused.
    #[error("the password could not be hashed: {0}")]
    Hash(#[from] argon2::password_hash::Error),
    /// The task that did the work was broken off.
    #[error("the work on a password was broken off")]
    Task(#[from] tokio::sync::oneshot::error::RecvError),
    /// The server is shutting down.
    #[error("no more passwords are hashed: {0}")]
    Closed(#[from] tokio::sync::AcquireError),
}

impl Password {
    /// What is wrong with it as a new password.
    #[must_use]
    pub fn weakness(&self) -> Option<Weakness> {
        match self.0.chars().count() {
            0 => Some(Weakness::Empty),
            length if length < SHORTEST => Some(Weakness::Short { length }),
            length if length > LONGEST => Some(Weakness::Long),
            _ => None,
        }
    }

    /// Hashes it with a new salt.
    ///
    /// # Errors
    /// If random bytes cannot be had, or the server is shutting down.
    pub async fn hash(self) -> Result<String, PasswordError> {
        let _turn = AT_ONCE.acquire().await?;
        apart(move || {
            Ok(Argon2::default()
                .hash_password(self.0.as_bytes())?
                .to_string())
        })
        .await?
    }

    /// Whether it is the one that `hash` was made of. Without a hash (no such account) the same work is done, so
    /// that the time does not tell, and it returns false.
    ///
    /// # Errors
    /// If the stored hash cannot be read, or the server is shutting down.
    pub async fn is(self, hash: Option<String>) -> Result<bool, PasswordError> {
        if self.0.chars().count() > LONGEST {
            return Ok(false);
        }
        let _turn = AT_ONCE.acquire().await?;
        apart(move || {
            let known = hash.is_some();
            let text = hash.as_deref().unwrap_or(NOBODY);
            let parsed = PasswordHash::new(text).map_err(argon2::password_hash::Error::from)?;
            let fits = match Argon2::default().verify_password(self.0.as_bytes(), &parsed) {
                Ok(()) => true,
                Err(argon2::password_hash::Error::PasswordInvalid) => false,
                Err(other) => return Err(other.into()),
            };
            Ok(known && fits)
        })
        .await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let hash = password("correct horse battery").hash().await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            password("correct horse battery")
                .is(Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !password("correct horse batterY")
                .is(Some(hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn without_an_account_no_password_is_right() {
        assert!(!password("correct horse battery").is(None).await.unwrap());
    }

    #[test]
    fn only_the_length_of_a_password_counts() {
        assert!(password("aaaaaaaaaaaa").weakness().is_none());
        assert!(password("grün grün gr").weakness().is_none());
        assert!(password("aaaaaaaaaaa").weakness().is_some());
        assert!(password(&"a".repeat(257)).weakness().is_some());
    }

    #[test]
    fn a_password_does_not_show_itself() {
        assert_eq!(
            format!("{:?}", password("correct horse battery")),
            "Password(..)"
        );
    }
}
