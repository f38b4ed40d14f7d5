//! The Card Holder Unique Identifier (SP 800-73-5 part 1, 3.1.2 and table 9).
//!
//! ```text
//! 30 FASC-N (25 bytes), 34 GUID (16 bytes), 35 expiration date (YYYYMMDD), 3E issuer's signature, FE
//! ```
//!
//! Fields that some issuers add (EE buffer length, 32 organisational identifier, 33 DUNS, 36 cardholder UUID) are
//! passed over.

use uuid::Uuid;

use super::object::TAG_ERROR_DETECTION;
use crate::tlv::{self, Tag, TlvError};

const TAG_FASC_N: Tag = Tag::new(0x30);
const TAG_GUID: Tag = Tag::new(0x34);
const TAG_EXPIRATION: Tag = Tag::new(0x35);
const TAG_SIGNATURE: Tag = Tag::new(0x3E);

/// The CHUID's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chuid {
    /// 30: the Federal Agency Smart Credential Number, 25 bytes.
    pub fasc_n: Vec<u8>,
    /// 34: the card's globally unique identifier, a UUID (SP 800-73-5 part 1, 3.4.1): the identity of a card.
    pub guid: Uuid,
    /// 35: the expiration date, 8 ASCII digits YYYYMMDD.
    pub expiration: [u8; 8],
    /// 3E: the issuer's CMS signature; empty where the CHUID is not signed.
    pub signature: Vec<u8>,
}

impl Chuid {
    /// The FASC-N of cards that no federal agency issued: agency 9999 and so on, with correct parity
    /// (TIG SCEPACS 2.3, 6).
    pub const NON_FEDERAL_FASC_N: [u8; 25] = [
        0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58, 0x21,
        0x08, 0x42, 0x10, 0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB,
    ];

    /// The GUID in the answer to GET DATA, of which the end may be missing: fields that issuers sign stand behind it.
    #[must_use]
    pub fn guid_in_start(answer: &[u8]) -> Option<Uuid> {
        let (_, after_tag) = answer.split_first()?;
        // The length: one byte, or as many as its low bits say.
        let (first, rest) = after_tag.split_first()?;
        let longer = if *first < 0x80 {
            0
        } else {
            usize::from(first & 0x7F)
        };
        tlv::Reader::new(rest.get(longer..)?)
            .map_while(Result::ok)
            .find(|field| field.tag == TAG_GUID)
            .and_then(|field| Uuid::from_slice(field.value).ok())
    }

    /// The object's content, to stand inside tag 53.
    ///
    /// # Errors
    /// [`TlvError`] where a field is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut out = Vec::new();
        tlv::write(&mut out, TAG_FASC_N, &self.fasc_n)?;
        tlv::write(&mut out, TAG_GUID, self.guid.as_bytes())?;
        tlv::write(&mut out, TAG_EXPIRATION, &self.expiration)?;
        tlv::write(&mut out, TAG_SIGNATURE, &self.signature)?;
        tlv::write(&mut out, TAG_ERROR_DETECTION, &[])?;
        Ok(out)
    }

    /// Reads the object's content. Fields that this type does not name are passed over.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed, or where GUID or expiration are missing or of a wrong length.
    pub fn decode(content: &[u8]) -> Result<Self, TlvError> {
        let content = tlv::without_padding(content);
        let fixed = |tag| -> Result<_, TlvError> { tlv::require(content, tag) };
        Ok(Self {
            fasc_n: tlv::find(content, TAG_FASC_N)?.unwrap_or_default().to_vec(),
            guid: Uuid::from_slice(fixed(TAG_GUID)?)
                .map_err(|_| TlvError::InvalidValue(TAG_GUID))?,
            expiration: fixed(TAG_EXPIRATION)?
                .try_into()
                .map_err(|_| TlvError::InvalidValue(TAG_EXPIRATION))?,
            signature: tlv::find(content, TAG_SIGNATURE)?
                .unwrap_or_default()
                .to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chuid_survives() {
        let chuid = Chuid {
            fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
            guid: Uuid::from_bytes([7; 16]),
            expiration: *b"20491231",
            signature: Vec::new(),
        };
        let content = chuid.encode().unwrap();
        assert_eq!(content.len(), 27 + 18 + 10 + 2 + 2);
        for wrapped in [&[0x53, 59][..], &[0x53, 0x82, 0x08, 0x00]] {
            let answer = [wrapped, &content].concat();
            assert_eq!(Chuid::guid_in_start(&answer), Some(chuid.guid));
            let start = &answer[..wrapped.len() + 27 + 18];
            assert_eq!(Chuid::guid_in_start(start), Some(chuid.guid));
            assert_eq!(Chuid::guid_in_start(&start[..start.len() - 1]), None);
        }
        assert_eq!(Chuid::decode(&content).unwrap(), chuid);
        assert_eq!(
            Chuid::decode(&[0x34, 2, 1, 2]),
            Err(TlvError::InvalidValue(TAG_GUID))
        );
    }
}
