//! Every public object in one read: GET DATA of the tag 5FD443.
//!
//! ```text
//! 53 { DEFLATE (RFC 1951) of the list }
//! list: for each object, by ascending tags: 5C { tag } 53 { content }
//! ```

use std::io::Read;

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::piv::certificate;
use crate::piv::object::ObjectId;
use crate::tlv::{self, Reader, Tag, TlvError};

/// The tag of the set of all public objects.
pub const TAG_PUBLIC_OBJECTS: Tag = Tag::new(0x5F_D443);

/// The maximum number of bytes of the list; a card with more does not give it.
pub const INFLATED_MAX: usize = 1024 * 1024;
/// The maximum number of bytes that the list may have when it is deflated.
pub const DEFLATED_MAX: usize = 65_000;

const TAG_OBJECT: Tag = Tag::new(0x5C);
const TAG_CONTENT: Tag = Tag::new(0x53);

/// The first 16 bytes of the list's SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 16]);

/// Why the public objects cannot be read or given.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PublicObjectsError {
    /// The list is malformed.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// It is not a valid stream.
    #[error("the compression of the public objects is broken")]
    Compression,
    /// The list is longer than [`INFLATED_MAX`] or [`DEFLATED_MAX`] allow.
    #[error("the public objects are too long for one read")]
    TooLong,
    /// An object stands after one with a higher tag, or twice.
    #[error("the public objects are not in order: {0}")]
    Order(Tag),
}

/// The public objects of a card: each by its tag, and its content without the wrapping 53, 7E or 7F61.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicObjects {
    entries: Vec<(Tag, Vec<u8>)>,
}

impl PublicObjects {
    /// The set of these objects. A certificate object that is compressed is taken as the plain one that it stands for:
    /// certificates have much in common, and are shorter together.
    #[must_use]
    pub fn new(objects: impl IntoIterator<Item = (Tag, Vec<u8>)>) -> Self {
        let mut entries: Vec<_> = objects
            .into_iter()
            .map(|(tag, content)| (tag, plain(tag, content)))
            .collect();
        entries.sort_by_key(|(tag, _)| *tag);
        entries.dedup_by_key(|(tag, _)| *tag);
        Self { entries }
    }

    /// The content of an object, if it is among them. A certificate object of a card that compresses it is plain here.
    #[must_use]
    pub fn get(&self, object: ObjectId) -> Option<&[u8]> {
        self.entries
            .iter()
            .find(|(tag, _)| *tag == object.tag())
            .map(|(_, content)| content.as_slice())
    }

    /// All of them, by ascending tags.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &[u8])> {
        self.entries
            .iter()
            .map(|(tag, content)| (*tag, content.as_slice()))
    }

    /// The list.
    ///
    /// # Errors
    /// [`PublicObjectsError::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, PublicObjectsError> {
        let mut list = Vec::new();
        for (tag, content) in &self.entries {
            tlv::write(&mut list, TAG_OBJECT, &tag.to_bytes())?;
            tlv::write(&mut list, TAG_CONTENT, content)?;
            if list.len() > INFLATED_MAX {
                return Err(PublicObjectsError::TooLong);
            }
        }
        Ok(list)
    }

    /// Reads the list.
    ///
    /// # Errors
    /// [`PublicObjectsError`].
    pub fn decode(list: &[u8]) -> Result<Self, PublicObjectsError> {
        let mut entries: Vec<(Tag, Vec<u8>)> = Vec::new();
        let mut elements = Reader::new(list);
        while let Some(object) = elements.next() {
            let object = object?;
            if object.tag != TAG_OBJECT {
                return Err(TlvError::Missing(TAG_OBJECT).into());
            }
            let tag = Tag::parse(object.value)?;
            let content = elements.next().ok_or(TlvError::Missing(TAG_CONTENT))??;
            if content.tag != TAG_CONTENT {
                return Err(TlvError::Missing(TAG_CONTENT).into());
            }
            if entries.last().is_some_and(|(last, _)| *last >= tag) {
                return Err(PublicObjectsError::Order(tag));
            }
            entries.push((tag, content.value.to_vec()));
        }
        Ok(Self { entries })
    }

    /// What the card announces of them.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn digest(&self) -> Result<Digest, PublicObjectsError> {
        let hash: [u8; 32] = Sha256::digest(self.encode()?).into();
        let mut out = [0; 16];
        for (to, from) in out.iter_mut().zip(hash) {
            *to = from;
        }
        Ok(Digest(out))
    }

    /// The content of the answer: the list, deflated.
    ///
    /// # Errors
    /// [`PublicObjectsError::TooLong`].
    pub fn deflate(&self) -> Result<Vec<u8>, PublicObjectsError> {
        let mut out = Vec::new();
        DeflateEncoder::new(self.encode()?.as_slice(), Compression::best())
            .read_to_end(&mut out)
            .map_err(|_| PublicObjectsError::Compression)?;
        if out.len() > DEFLATED_MAX {
            return Err(PublicObjectsError::TooLong);
        }
        Ok(out)
    }

    /// Reads the content of the answer.
    ///
    /// # Errors
    /// [`PublicObjectsError`].
    pub fn inflate(deflated: &[u8]) -> Result<Self, PublicObjectsError> {
        let most = u64::try_from(INFLATED_MAX).unwrap_or(u64::MAX);
        let mut list = Vec::new();
        DeflateDecoder::new(deflated)
            .take(most + 1)
            .read_to_end(&mut list)
            .map_err(|_| PublicObjectsError::Compression)?;
        if list.len() > INFLATED_MAX {
            return Err(PublicObjectsError::TooLong);
        }
        Self::decode(&list)
    }
}

fn plain(tag: Tag, content: Vec<u8>) -> Vec<u8> {
    match ObjectId::from_tag(tag) {
        Some(ObjectId::Certificate(_)) => certificate::decompressed(&content).unwrap_or(content),
        _ => content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piv::reference::AsymmetricKey;

    const KEY: AsymmetricKey = AsymmetricKey::PivAuthentication;

    fn objects() -> PublicObjects {
        PublicObjects::new([
            (ObjectId::Discovery.tag(), vec![1, 2]),
            (ObjectId::Certificate(KEY).tag(), vec![0x70, 1, 9]),
            (ObjectId::Chuid.tag(), vec![3; 300]),
        ])
    }

    #[test]
    fn the_list_of_the_document() {
        let objects = PublicObjects::new([
            (ObjectId::Chuid.tag(), vec![3, 4]),
            (ObjectId::Discovery.tag(), vec![1, 2]),
        ]);
        let list = [
            0x5C, 1, 0x7E, 0x53, 2, 1, 2, 0x5C, 3, 0x5F, 0xC1, 0x02, 0x53, 2, 3, 4,
        ];
        assert_eq!(objects.encode().unwrap(), list);
    }

    #[test]
    fn objects_survive_in_order() {
        let deflated = objects().deflate().unwrap();
        let read = PublicObjects::inflate(&deflated).unwrap();
        assert_eq!(read, objects());
        assert_eq!(read.digest(), objects().digest());
        assert_eq!(read.get(ObjectId::Discovery), Some(&[1, 2][..]));
        assert_eq!(read.get(ObjectId::KeyHistory), None);
        let tags: Vec<_> = read.iter().map(|(tag, _)| tag.value()).collect();
        assert_eq!(tags, [0x7E, 0x5F_C102, 0x5F_C105]);
    }

    #[test]
    fn a_compressed_certificate_is_plain_and_anything_else_is_as_it_is() {
        let der = b"http://enroll.example.org/".repeat(10);
        let tag = ObjectId::Certificate(KEY).tag();
        let short = certificate::encode_short(&der).unwrap();
        let with = |content: &[u8]| PublicObjects::new([(tag, content.to_vec())]);
        let object = with(&short);
        let plain = certificate::encode(&der).unwrap();
        assert_eq!(
            object.get(ObjectId::Certificate(KEY)),
            Some(plain.as_slice())
        );
        assert_eq!(object.digest(), with(&plain).digest());
        for content in [&[0x70, 2, 1, 2, 0x71, 1, 1][..], &[1, 2, 3], &[]] {
            let object = with(content);
            assert_eq!(object.get(ObjectId::Certificate(KEY)), Some(content));
        }
        // Elsewhere nothing is looked into.
        let object = PublicObjects::new([(ObjectId::Chuid.tag(), short.clone())]);
        assert_eq!(object.get(ObjectId::Chuid), Some(short.as_slice()));
    }

    #[test]
    fn bombs_disorder_and_broken_lists_are_refused() {
        let deflate = |list: &[u8]| {
            let mut out = Vec::new();
            DeflateEncoder::new(list, Compression::best())
                .read_to_end(&mut out)
                .unwrap();
            out
        };
        let bomb = deflate(&vec![0; 10_000_000]);
        assert_eq!(
            PublicObjects::inflate(&bomb),
            Err(PublicObjectsError::TooLong)
        );
        for list in [
            &[0x53, 0][..],
            &[0x5C, 1, 0x7E],
            &[0x5C, 1, 0x7E, 0x54, 0],
            &[0x5C, 1, 0x7E, 0x53, 1],
            &[0x5C, 1, 0x7E, 0x53, 0, 0x5C, 1, 0x7E, 0x53, 0],
            &[0x5C, 1, 0x7E, 0x53, 0, 0x5C, 1, 0x7D, 0x53, 0],
        ] {
            assert!(PublicObjects::inflate(&deflate(list)).is_err(), "{list:?}");
        }
        assert!(PublicObjects::inflate(&[0xFF; 20]).is_err());
    }
}
