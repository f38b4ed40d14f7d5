//! The Key History Object (SP 800-73-5 part 1, 3.3.3 and table 19).
//!
//! ```text
//! C1 keys with certificates on the card, C2 keys with certificates elsewhere, [F3 URL], FE
//! ```

use super::object::TAG_ERROR_DETECTION;
use crate::tlv::{self, Tag, TlvError};

const TAG_ON_CARD: Tag = Tag::new(0xC1);
const TAG_OFF_CARD: Tag = Tag::new(0xC2);
const TAG_URL: Tag = Tag::new(0xF3);

/// How many retired key management keys there are, and where their certificates are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyHistory {
    /// C1: keys whose certificates are on the card, 0 to 20; they have the lowest references (82 up).
    pub on_card: u8,
    /// C2: keys whose certificates are elsewhere, 0 to 20; they have the highest references (95 down).
    pub off_card: u8,
    /// F3: where those are; never where there are no retired keys at all.
    pub url: Option<Vec<u8>>,
}

impl KeyHistory {
    /// The object's content, to stand inside tag 53.
    ///
    /// # Errors
    /// [`TlvError`] where the URL is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut out = tlv::encode(TAG_ON_CARD, &[self.on_card])?;
        tlv::write(&mut out, TAG_OFF_CARD, &[self.off_card])?;
        if let Some(url) = &self.url {
            tlv::write(&mut out, TAG_URL, url)?;
        }
        tlv::write(&mut out, TAG_ERROR_DETECTION, &[])?;
        Ok(out)
    }

    /// Reads the object's content.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed or counts more than 20 keys.
    pub fn decode(content: &[u8]) -> Result<Self, TlvError> {
        let content = tlv::without_padding(content);
        let count = |tag| match tlv::require(content, tag)? {
            [count @ 0..=20] => Ok(*count),
            _ => Err(TlvError::InvalidValue(tag)),
        };
        let history = Self {
            on_card: count(TAG_ON_CARD)?,
            off_card: count(TAG_OFF_CARD)?,
            url: tlv::find(content, TAG_URL)?.map(<[u8]>::to_vec),
        };
        if history.on_card + history.off_card > 20 {
            return Err(TlvError::InvalidValue(TAG_OFF_CARD));
        }
        Ok(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_survives_and_counts_at_most_twenty() {
        let history = KeyHistory {
            on_card: 3,
            off_card: 1,
            url: Some(b"http://x/y".to_vec()),
        };
        assert_eq!(
            KeyHistory::decode(&history.encode().unwrap()).unwrap(),
            history
        );
        assert!(KeyHistory::decode(&[0xC1, 1, 15, 0xC2, 1, 15, 0xFE, 0]).is_err());
        let padded = [&history.encode().unwrap()[..], &[0; 3]].concat();
        assert_eq!(KeyHistory::decode(&padded).unwrap(), history);
    }
}
