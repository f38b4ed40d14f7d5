//! The token that a form must bring along: only pages of this portal know it (protection against cross-site
//! request forgery). It is one per session, so that the browser's back button and several tabs work.

use axum_extra::extract::cookie::Cookie;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use enroll_server_model::random::{self, NoRandomness, Token};

use super::cookie::host_cookie;

/// The cookie of a browser that is not signed in, for the forms that it may send nevertheless.
pub const VISIT_COOKIE: &str = "__Host-visit";

/// The token that goes with a cookie's secret; it says nothing about the secret.
#[must_use]
pub fn for_secret(secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tapcard form token\0");
    hash.update(secret.as_bytes());
    HEXLOWER.encode(&hash.finalize())
}

/// Whether a form brought the token that goes with the cookie.
#[must_use]
pub fn fits(secret: &str, brought: &str) -> bool {
    for_secret(secret)
        .as_bytes()
        .ct_eq(brought.as_bytes())
        .into()
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
        let token = for_secret("one");
        assert!(fits("one", &token));
        assert!(!fits("two", &token));
        assert!(!fits("one", ""));
        assert!(!token.contains("one"));
    }
}
