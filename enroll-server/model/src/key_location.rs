//! Where an authority's private key is.

use std::fmt;
use std::str::FromStr;

/// Where an authority's private key is, as the database has it: `file:NAME`, in the authority's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyLocation {
    /// An encrypted file in the authority's folder, by its name.
    File(String),
}

/// A text that does not say where a key is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} does not say where a key is: it must be file:NAME, a file in the authority's folder"
)]
pub struct InvalidKeyLocation(String);

impl fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(f, "file:{name}"),
        }
    }
}

impl FromStr for KeyLocation {
    type Err = InvalidKeyLocation;

    fn from_str(text: &str) -> Result<Self, InvalidKeyLocation> {
        let is_name = |name: &&str| {
            name.starts_with(|first: char| first.is_ascii_alphanumeric())
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        };
        text.strip_prefix("file:")
            .filter(is_name)
            .map(|name| Self::File(name.to_owned()))
            .ok_or_else(|| InvalidKeyLocation(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_in_the_authoritys_folder_and_nowhere_else() {
        for good in ["file:root.key", "file:issuing.key", "file:issuing-2.key"] {
            assert_eq!(good.parse::<KeyLocation>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "root.key",
            "file:",
            "file:.",
            "file:../root.key",
            "file:/etc/passwd",
            "file:a/b",
            "pkcs11:x",
        ] {
            bad.parse::<KeyLocation>().unwrap_err();
        }
    }
}
