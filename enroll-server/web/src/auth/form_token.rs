//! The token that a form must bring along: only pages of this portal know it (protection against cross-site
//! request forgery). It is one per session, so that the browser's back button and several tabs work.

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
pub struct FormToken(String);

impl FormToken {
    /// The token that goes with a cookie's secret; it says nothing about the secret.
    #[must_use]
    pub fn for_secret(secret: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"tapcard form token\0");
        hash.update(secret.as_bytes());
        Self(HEXLOWER.encode(&hash.finalize()))
    }

    /// Whether a form brought this token.
    #[must_use]
    pub fn is(&self, brought: &str) -> bool {
        self.0.as_bytes().ct_eq(brought.as_bytes()).into()
    }
}

/// As the page has it.
impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        assert!(!token.is(""));
        assert!(!text.contains("one"));
    }

    #[test]
    fn a_form_token_does_not_show_itself_in_a_log() {
        let token = FormToken::for_secret("one");
        assert!(!format!("{token:?}").contains(&token.to_string()));
    }
}
