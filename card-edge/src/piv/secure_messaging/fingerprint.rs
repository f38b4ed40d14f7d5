//! The fingerprint of a card's key for secure messaging (04), by which hosts know the card again and people compare.

use core::fmt;

use sha2::{Digest, Sha256};

use super::cipher_suite::CipherSuite;

/// Bytes that people compare: nobody finds another key with the same ones.
const COMPARED: usize = 16;
/// Bytes of a group of digits.
const GROUP: usize = 2;

/// SHA-256 of the suite's identifier and the point. Shown as its first 32 hexadecimal digits, in groups of four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Of the key with this uncompressed point, for this suite.
    #[must_use]
    pub fn of(suite: CipherSuite, point: &[u8]) -> Self {
        let hash = Sha256::new()
            .chain_update([suite.identifier()])
            .chain_update(point);
        Self(hash.finalize().into())
    }

    /// Whether these are the digits that are shown, in whatever groups and case.
    #[must_use]
    pub fn is_shown_as(&self, digits: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        plain(&self.to_string()).eq_ignore_ascii_case(&plain(digits))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().take(COMPARED).enumerate() {
            if index > 0 && index.is_multiple_of(GROUP) {
                f.write_str(" ")?;
            }
            write!(f, "{byte:02X}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_shown_in_groups_and_known_again_without_them() {
        let key = Fingerprint::of(CipherSuite::Cs2, &[4; 65]);
        let shown = key.to_string();
        assert_eq!(shown.len(), 39);
        assert_eq!(shown.split(' ').count(), 8);
        for digits in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace(' ', ""),
            format!(" {shown}\n"),
        ] {
            assert!(key.is_shown_as(&digits), "{digits}");
        }
        for digits in ["", &shown[..38], &shown[5..]] {
            assert!(!key.is_shown_as(digits), "{digits}");
        }
        assert_ne!(key, Fingerprint::of(CipherSuite::Cs7, &[4; 65]));
    }
}
