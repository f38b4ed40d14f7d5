//! The cookie that lets the browser which made a one-time link show it for a while: the server keeps only a hash.
//!
//! Signing out cannot take it back, since browsers do not send it there. So it is of no use without the cookie of the
//! session in which it was made, which signing out does take back.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use enroll_server_model::random::Token;

use crate::auth::cookie;

/// The cookie's name.
const NAME: &str = "__Secure-invitation";

/// How long the browser that made an invitation can show its link.
const LINK_SHOWN: Duration = Duration::from_secs(60 * 60);

/// Adds the cookie for the invitation whose page is at `path`. Without a session there is none.
pub fn add(jar: CookieJar, path: &str, token: &Token) -> CookieJar {
    let Some(session) = cookie::session(&jar) else {
        return jar;
    };
    let value = HEXLOWER.encode(&masked(token.reveal().as_bytes(), &session, path));
    let shown = time::Duration::try_from(LINK_SHOWN).unwrap_or(time::Duration::HOUR);
    let cookie = Cookie::build((NAME, value))
        .path(path.to_owned())
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(shown)
        .build();
    jar.add(cookie)
}

/// The token of the invitation whose page is at `path`, if this session made it not long ago.
#[must_use]
pub fn token(jar: &CookieJar, path: &str) -> Option<Token> {
    let value = HEXLOWER.decode(jar.get(NAME)?.value().as_bytes()).ok()?;
    let text = masked(&value, &cookie::session(jar)?, path);
    String::from_utf8(text).ok()?.parse().ok()
}

/// A token's characters under digests of a secret, each of which covers a part of one token alone; and back.
fn masked(characters: &[u8], session: &Token, path: &str) -> Vec<u8> {
    let mask = (0..=u8::MAX).flat_map(|part| {
        Sha256::new()
            .chain_update(b"tapcard invitation link\0")
            .chain_update([part])
            .chain_update(session.reveal())
            .chain_update(path)
            .finalize()
    });
    characters
        .iter()
        .zip(mask)
        .map(|(one, mask)| one ^ mask)
        .collect()
}

#[cfg(test)]
mod tests {
    use enroll_server_model::random;

    use super::*;

    fn signed_in(session: &Token) -> CookieJar {
        let session = Cookie::new(cookie::SESSION, session.reveal().to_owned());
        CookieJar::new().add(session)
    }

    #[test]
    fn a_link_is_shown_in_the_session_that_made_it_alone() {
        let (session, other) = (random::token().unwrap(), random::token().unwrap());
        let long = random::token_of::<32>().unwrap();
        let jar = add(signed_in(&session), "/api-tokens/a", &long);
        assert!(token(&jar, "/api-tokens/a").is_some_and(|token| token == long));
        let invitation = random::token().unwrap();
        let jar = add(signed_in(&session), "/invitations/a", &invitation);
        assert!(token(&jar, "/invitations/a").is_some_and(|token| token == invitation));
        let cookie = jar.get(NAME).unwrap().clone();
        assert!(!cookie.value().contains(invitation.reveal()));
        for jar in [
            signed_in(&other).add(cookie.clone()),
            CookieJar::new().add(cookie),
        ] {
            let found = token(&jar, "/invitations/a");
            assert!(found.is_none_or(|found| found != invitation));
        }
        let elsewhere = token(&jar, "/invitations/b");
        assert!(elsewhere.is_none_or(|found| found != invitation));
    }
}
