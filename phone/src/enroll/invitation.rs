//! An invitation: `https://HOST:PORT/invitation/TOKEN#sha256=FINGERPRINT`.
//!
//! TOKEN is base32 (RFC 4648, without padding) and a secret; FINGERPRINT is the base32 of the SHA-256 of the root
//! certificate's DER. What follows `#` never goes to the server: it says which server is the right one.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// Fewest characters of a token: 128 bits.
const TOKEN_MIN: usize = 26;

/// The SHA-256 of the root certificate of the server's authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of this DER certificate.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0))
    }
}

/// An invitation that was read. `Debug` does not show its token.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    authority: String,
    token: Zeroizing<String>,
    fingerprint: Fingerprint,
}

/// Why a text is no invitation. Never carries the token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvitationError {
    /// Not an https address.
    #[error("it does not begin with https://")]
    Scheme,
    /// The path is not /invitation/ and a token.
    #[error("its path is not /invitation/ and the invitation's token")]
    Path,
    /// No host, or one that is none.
    #[error("it names no server")]
    Host,
    /// The token is too short or not base32.
    #[error("its token is cut off or misspelt")]
    Token,
    /// No fingerprint, or one that is none.
    #[error(
        "it does not end with #sha256= and the fingerprint of the server's authority: was it copied whole, and quoted for the shell?"
    )]
    Fingerprint,
}

impl Invitation {
    /// The server: `https://host:port`.
    #[must_use]
    pub fn server(&self) -> String {
        format!("https://{}", self.authority)
    }

    /// The token in upper case: it goes to the server and nowhere else.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The authority that the server must be of.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// SHA-256 of the token in hex: to recognise the invitation, not to use it.
    #[must_use]
    pub fn id(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.token.as_bytes()))
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(text: &str) -> Result<Self, InvitationError> {
        let text = text.trim();
        let (scheme, rest) = text.split_at_checked(8).ok_or(InvitationError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("https://") {
            return Err(InvitationError::Scheme);
        }
        let (address, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (authority, path) = address.split_once('/').ok_or(InvitationError::Path)?;
        let is_part_of_host =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(is_part_of_host) {
            return Err(InvitationError::Host);
        }
        let token = path
            .strip_prefix("invitation/")
            .ok_or(InvitationError::Path)?;
        let token = Zeroizing::new(token.trim_end_matches('/').to_ascii_uppercase());
        let is_base32 = |c: char| matches!(c, 'A'..='Z' | '2'..='7');
        if token.len() < TOKEN_MIN || !token.chars().all(is_base32) {
            return Err(InvitationError::Token);
        }
        let fingerprint = fragment
            .strip_prefix("sha256=")
            .map(str::to_ascii_uppercase)
            .and_then(|text| BASE32_NOPAD.decode(text.as_bytes()).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(InvitationError::Fingerprint)?;
        Ok(Self {
            authority: authority.to_owned(),
            token,
            fingerprint: Fingerprint(fingerprint),
        })
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({}, ..)", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    fn parse(text: &str) -> Result<Invitation, InvitationError> {
        text.parse()
    }

    #[test]
    fn an_invitation_is_read_in_any_case_and_shows_no_token() {
        let pin = Fingerprint::of(b"root");
        let link = format!("https://localhost:8443/invitation/{TOKEN}#sha256={pin}");
        let invitation = parse(&link).unwrap();
        assert_eq!(invitation.server(), "https://localhost:8443");
        assert_eq!(invitation.token(), TOKEN);
        assert_eq!(invitation.fingerprint(), pin);
        let lower = link.to_ascii_lowercase();
        assert!(parse(&lower).unwrap() == invitation);
        assert!(!format!("{invitation:?}").contains(TOKEN));
    }

    #[test]
    fn what_is_wrong_with_a_link_is_said() {
        let pin = Fingerprint::of(b"root");
        let cases = [
            (
                format!("http://x/invitation/{TOKEN}#sha256={pin}"),
                InvitationError::Scheme,
            ),
            ("".to_owned(), InvitationError::Scheme),
            (
                format!("https://x/{TOKEN}#sha256={pin}"),
                InvitationError::Path,
            ),
            (
                format!("https:///invitation/{TOKEN}#sha256={pin}"),
                InvitationError::Host,
            ),
            (
                format!("https://a@b/invitation/{TOKEN}#sha256={pin}"),
                InvitationError::Host,
            ),
            (
                format!("https://x/invitation/ABC#sha256={pin}"),
                InvitationError::Token,
            ),
            (
                format!("https://x/invitation/{TOKEN}1#sha256={pin}"),
                InvitationError::Token,
            ),
            (
                format!("https://x/invitation/{TOKEN}"),
                InvitationError::Fingerprint,
            ),
            (
                format!("https://x/invitation/{TOKEN}#sha256=ABCD"),
                InvitationError::Fingerprint,
            ),
        ];
        for (link, error) in cases {
            assert_eq!(parse(&link).unwrap_err(), error, "{link}");
        }
    }
}
