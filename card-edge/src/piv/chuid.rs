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
use super::pkcs11;
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

    /// The 16 bytes by which a card tells itself from all others: its GUID; where that is zero, the beginning of the SHA-256 of
    /// its FASC-N, in which a federal agency numbers its cards. `None` where neither says which card it is: agency 9999 stands
    /// for everybody else.
    #[must_use]
    pub fn card_number(&self) -> Option<[u8; 16]> {
        card_number(self.guid, &self.fasc_n)
    }

    /// The same of the answer to GET DATA, of which the end may be missing: fields that issuers sign stand behind both.
    #[must_use]
    pub fn card_number_in_start(answer: &[u8]) -> Option<[u8; 16]> {
        let (_, after_tag) = answer.split_first()?;
        // The length: one byte, or as many as its low bits say.
        let (first, rest) = after_tag.split_first()?;
        let longer = if *first < 0x80 {
            0
        } else {
            usize::from(first & 0x7F)
        };
        let find = |tag| {
            tlv::Reader::new(rest.get(longer..)?)
                .map_while(Result::ok)
                .find(|field| field.tag == tag)
                .map(|field| field.value)
        };
        let guid = find(TAG_GUID).and_then(|guid| Uuid::from_slice(guid).ok())?;
        card_number(guid, find(TAG_FASC_N).unwrap_or_default())
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

fn card_number(guid: Uuid, fasc_n: &[u8]) -> Option<[u8; 16]> {
    if !guid.is_nil() {
        return Some(guid.into_bytes());
    }
    // The start sentinel and the four digits of the agency, five bits each.
    let agency = |number: &[u8]| {
        let [a, b, c, d, ..] = *number else {
            return None;
        };
        Some([a, b, c, d & 0x80])
    };
    let is_number = fasc_n.len() == Chuid::NON_FEDERAL_FASC_N.len()
        && fasc_n.iter().any(|byte| *byte != 0)
        && agency(fasc_n) != agency(&Chuid::NON_FEDERAL_FASC_N);
    is_number.then(|| pkcs11::beginning_of_hash(fasc_n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_without_a_guid_is_numbered_by_its_agency() {
        let of = |fasc_n: &[u8]| {
            let chuid = Chuid {
                fasc_n: fasc_n.to_vec(),
                guid: Uuid::nil(),
                expiration: *b"20491231",
                signature: Vec::new(),
            };
            let answer = [&[0x53, 59][..], &chuid.encode().unwrap()].concat();
            assert_eq!(Chuid::card_number_in_start(&answer), chuid.card_number());
            chuid.card_number()
        };
        // Agency 0032, system 0001, credential 092446 (TIG SCEPACS 2.3, 6.1).
        let federal = [
            0xD0, 0x43, 0x94, 0x58, 0x21, 0x0C, 0x2C, 0x19, 0xA0, 0x84, 0x6D, 0x83, 0x68, 0x5A,
            0x10, 0x82, 0x10, 0x8C, 0xE7, 0x39, 0x84, 0x10, 0x8C, 0xA3, 0xFC,
        ];
        let mut other = federal;
        other[8] ^= 0x0C;
        assert!(of(&federal).is_some() && of(&federal) != of(&other));
        for none in [
            &Chuid::NON_FEDERAL_FASC_N[..],
            &[0; 25],
            &federal[..24],
            &[],
        ] {
            assert_eq!(of(none), None);
        }
        // Another card of nobody in particular.
        let mut credential = Chuid::NON_FEDERAL_FASC_N;
        credential[8] ^= 0x0C;
        assert_eq!(of(&credential), None);
    }

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
            assert_eq!(Chuid::card_number_in_start(&answer), Some([7; 16]));
            let start = &answer[..wrapped.len() + 27 + 18];
            assert_eq!(Chuid::card_number_in_start(start), Some([7; 16]));
            assert_eq!(Chuid::card_number_in_start(&start[..start.len() - 1]), None);
        }
        assert_eq!(Chuid::decode(&content).unwrap(), chuid);
        assert_eq!(
            Chuid::decode(&[0x34, 2, 1, 2]),
            Err(TlvError::InvalidValue(TAG_GUID))
        );
    }
}
