//! The token that a form must bring along: only pages of this portal know it (protection against cross-site
//! request forgery). It is one per session, so that the browser's back button and several tabs work. Each page has it under
//! a mask of its own: pages are compressed, and one that also has what a stranger chose would tell it by its length (BREACH).

use std::fmt;

use axum_extra::extract::cookie::Cookie;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use enroll_server_model::random::{self, NoRandomness, Token};

use super::cookie::host_cookie;

/// The cookie of a browser that is not signed in, for the forms that it may send nevertheless.
pub const VISIT_COOKIE: &str = "__Host-visit";

/// The token of a page's forms. Whoever has it can act for the person whose page it is: only the page shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct FormToken([u8; LENGTH]);

/// Bytes of a token, and of its mask.
const LENGTH: usize = 32;

impl FormToken {
    /// The token that goes with a cookie's secret; it says nothing about the secret.
    #[must_use]
    pub fn for_secret(secret: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"tapcard form token\0");
        hash.update(secret.as_bytes());
        Self(hash.finalize().into())
    }

    /// Whether a form brought this token.
    #[must_use]
    pub fn is(&self, brought: &str) -> bool {
        let bytes = HEXLOWER.decode(brought.as_bytes()).unwrap_or_default();
        let Some((mask, masked)) = bytes.split_at_checked(LENGTH) else {
            return false;
        };
        if masked.len() != LENGTH {
            return false;
        }
        let bare: Vec<u8> = masked
            .iter()
            .zip(mask)
            .map(|(one, mask)| one ^ mask)
            .collect();
        self.0.ct_eq(&bare).into()
    }
}

/// As a page has it: a mask, and the token under it, in hexadecimal digits.
impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mask: [u8; LENGTH] = random::bytes().map_err(|_| fmt::Error)?;
        let masked = self.0.iter().zip(mask).map(|(one, mask)| one ^ mask);
        let both: Vec<u8> = mask.into_iter().chain(masked).collect();
        f.write_str(&HEXLOWER.encode(&both))
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(..)")
    }
}

/// A new secret for a browser that is not signed in, and its cookie.
///
/// # Errors
/// If random bytes cannot be had.
pub fn new_visit() -> Result<(Token, Cookie<'static>), NoRandomness> {
    let token = random::token()?;
    let cookie = host_cookie(VISIT_COOKIE, token.reveal().to_owned());
    Ok((token, cookie))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_token_fits_its_own_secret_alone() {
        let token = FormToken::for_secret("one");
        let text = token.to_string();
        assert!(token.is(&text));
        assert!(!FormToken::for_secret("two").is(&text));
        for other in [
            "",
            "00",
            &"0".repeat(128),
            &text[..64],
            &format!("{text}00"),
        ] {
            assert!(!token.is(other), "{other}");
        }
        // No two pages have it in the same characters.
        let again = token.to_string();
        assert!(token.is(&again));
        let same = text
            .bytes()
            .zip(again.bytes())
            .filter(|(one, other)| one == other);
        assert!(same.count() < 64);
        assert!(!text.contains("one"));
    }

    #[test]
    fn a_form_token_does_not_show_itself_in_a_log() {
        let token = FormToken::for_secret("one");
        assert!(!format!("{token:?}").contains(&token.to_string()));
    }
}
