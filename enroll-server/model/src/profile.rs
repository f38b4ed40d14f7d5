//! Names of certificate profiles.

use std::borrow::Cow;

use crate::words::UnknownWord;

/// The name of a profile, as in the database and in the enrollment protocol: lower-case words with hyphens between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(Cow<'static, str>);

impl ProfileName {
    /// The server's own HTTPS.
    pub const TLS_SERVER: Self = Self(Cow::Borrowed("tls-server"));
    /// Whoever signs OCSP answers in an authority's name.
    pub const OCSP_RESPONDER: Self = Self(Cow::Borrowed("ocsp-responder"));

    /// Whether certificates of it are for the server's own keys.
    #[must_use]
    pub fn is_servers_own(&self) -> bool {
        *self == Self::TLS_SERVER || *self == Self::OCSP_RESPONDER
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProfileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for ProfileName {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if text.len() <= 64 && text.split('-').all(is_word) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(UnknownWord {
                list: "ProfileName",
                word: text.to_owned(),
            })
        }
    }
}

impl serde::Serialize for ProfileName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for ProfileName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
