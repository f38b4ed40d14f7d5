//! An invitation: `https://HOST:PORT/invitation/TOKEN#sha256=FINGERPRINT`. Made by the server, read by the phone.
//!
//! What follows `#` never goes to a server: it says which server is the right one.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// Characters of a token: at least 128 bits. The server's have 32.
const TOKEN_CHARACTERS: std::ops::RangeInclusive<usize> = 26..=64;

const SCHEME: &str = "https://";
const PATH: &str = "invitation/";
const FRAGMENT: &str = "sha256=";

/// A secret that gives a right to whoever shows it: random bits in base32 (RFC 4648, no padding), kept in upper case;
/// an invitation's has 32 characters. It is wiped when dropped and cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

/// A text that cannot be a token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("it is not a token: too short, too long, or not base32")]
pub struct TokenError;

impl Token {
    /// The token of `N` random bytes, 16 to 40. An invitation's has 20.
    #[must_use]
    pub fn from_random<const N: usize>(bytes: &[u8; N]) -> Self {
        const { assert!(N >= 16 && N <= 40, "a token has 26 to 64 characters") }
        Self(Zeroizing::new(BASE32_NOPAD.encode(bytes)))
    }

    /// The characters, to be put into a link or a request.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the characters, lower-case hexadecimal: recognises the token and does not give it away.
    #[must_use]
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    /// Reads a token in either case.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let upper = Zeroizing::new(text.to_ascii_uppercase());
        let is_base32 = |byte: u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
        if TOKEN_CHARACTERS.contains(&upper.len()) && upper.bytes().all(is_base32) {
            Ok(Self(upper))
        } else {
            Err(TokenError)
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What a request shows as its invitation's token: any text, and as secret as a token. A text that cannot be one is
/// an unknown invitation and not a malformed request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenText(Zeroizing<String>);

impl TokenText {
    /// The token, if the text can be one.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn token(&self) -> Result<Token, TokenError> {
        self.0.parse()
    }
}

impl From<String> for TokenText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&Token> for TokenText {
    fn from(token: &Token) -> Self {
        Self(token.0.clone())
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(..)")
    }
}

/// The SHA-256 of the DER of the root authority's certificate: base32 (RFC 4648, no padding), 52 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

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

/// Why a text is not an invitation. Never carries the token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvitationError {
    /// It is not an https address.
    #[error("it does not begin with https://")]
    Scheme,
    /// The path is not /invitation/ and a token.
    #[error("its path is not /invitation/ and the invitation's token")]
    Path,
    /// The host is missing or malformed.
    #[error("it names no server")]
    Host,
    /// The token is too short or not base32.
    #[error("its token is cut off or misspelt")]
    Token,
    /// The fingerprint is missing or malformed.
    #[error(
        "it does not end with #sha256= and the fingerprint of the server's authority: was it copied whole, and quoted for the shell?"
    )]
    Fingerprint,
}

/// An invitation that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    host: String,
    token: Token,
    fingerprint: Fingerprint,
}

impl Invitation {
    /// The link of an invitation: `server` is `https://HOST:PORT`. It holds the token, so it goes to the person
    /// invited and to nobody else.
    #[must_use]
    pub fn link(server: &str, token: &Token, root: Fingerprint) -> String {
        format!("{server}/{PATH}{}#{FRAGMENT}{root}", token.reveal())
    }

    /// The server: `https://HOST:PORT`.
    #[must_use]
    pub fn server(&self) -> String {
        format!("{SCHEME}{}", self.host)
    }

    /// The token: it goes to the server and nowhere else.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The root authority that the server must show.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(text: &str) -> Result<Self, InvitationError> {
        let text = text.trim();
        let (scheme, rest) = text
            .split_at_checked(SCHEME.len())
            .ok_or(InvitationError::Scheme)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(InvitationError::Scheme);
        }
        let (address, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (host, path) = address.split_once('/').ok_or(InvitationError::Path)?;
        let is_part_of_host =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if host.is_empty() || !host.chars().all(is_part_of_host) {
            return Err(InvitationError::Host);
        }
        let token = path
            .strip_prefix(PATH)
            .ok_or(InvitationError::Path)?
            .trim_end_matches('/')
            .parse()
            .map_err(|TokenError| InvitationError::Token)?;
        let fingerprint = fragment
            .strip_prefix(FRAGMENT)
            .map(str::to_ascii_uppercase)
            .and_then(|text| BASE32_NOPAD.decode(text.as_bytes()).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(InvitationError::Fingerprint)?;
        Ok(Self {
            host: host.to_owned(),
            token,
            fingerprint: Fingerprint(fingerprint),
        })
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
        let root = Fingerprint::of(b"root");
        let link = Invitation::link("https://localhost:8443", &TOKEN.parse().unwrap(), root);
        assert_eq!(
            link,
            format!("https://localhost:8443/invitation/{TOKEN}#sha256={root}")
        );
        let invitation = parse(&link).unwrap();
        assert_eq!(invitation.server(), "https://localhost:8443");
        assert_eq!(invitation.token().reveal(), TOKEN);
        assert_eq!(invitation.fingerprint(), root);
        assert_eq!(parse(&link.to_ascii_lowercase()).unwrap(), invitation);
        assert!(!format!("{invitation:?}").contains(TOKEN));
    }

    #[test]
    fn what_is_wrong_with_a_link_is_said() {
        let root = Fingerprint::of(b"root");
        let cases = [
            (
                format!("http://x/invitation/{TOKEN}#sha256={root}"),
                InvitationError::Scheme,
            ),
            (String::new(), InvitationError::Scheme),
            (
                format!("https://x/{TOKEN}#sha256={root}"),
                InvitationError::Path,
            ),
            (
                format!("https:///invitation/{TOKEN}#sha256={root}"),
                InvitationError::Host,
            ),
            (
                format!("https://a@b/invitation/{TOKEN}#sha256={root}"),
                InvitationError::Host,
            ),
            (
                format!("https://x/invitation/ABC#sha256={root}"),
                InvitationError::Token,
            ),
            (
                format!("https://x/invitation/{TOKEN}1#sha256={root}"),
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
            assert_eq!(parse(&link), Err(error), "{link}");
        }
    }

    #[test]
    fn a_token_is_known_again_in_either_case() {
        let token = Token::from_random(&[0xA5; 20]);
        assert_eq!(token.reveal().len(), 32);
        let typed: Token = token.reveal().to_lowercase().parse().unwrap();
        assert_eq!(typed.hash(), token.hash());
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        for text in ["short", &"1".repeat(32), &"A".repeat(65), &"é".repeat(16)] {
            assert_eq!(text.parse::<Token>(), Err(TokenError), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let token = Token::from_random(&[0xA5; 20]);
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert_eq!(format!("{:?}", TokenText::from(&token)), "TokenText(..)");
    }
}
