//! The application property template: the answer to SELECT (SP 800-73-5 part 2, 3.1.1, tables 3 to 5).
//!
//! ```text
//! 61 { 4F PIX, 79 { 4F RID }, [50 label], [5F50 URL], [AC { 80 algorithm, ..., 06 00 }] }
//! ```

use super::aid::{AID, RID};
use super::algorithm::KeyAlgorithm;
use crate::tlv::{self, Reader, Tag, TlvError};

const TAG_TEMPLATE: Tag = Tag::new(0x61);
const TAG_PIX: Tag = Tag::new(0x4F);
const TAG_AUTHORITY: Tag = Tag::new(0x79);
const TAG_LABEL: Tag = Tag::new(0x50);
const TAG_URL: Tag = Tag::new(0x5F50);
const TAG_ALGORITHMS: Tag = Tag::new(0xAC);
const TAG_ALGORITHM: Tag = Tag::new(0x80);
const TAG_OBJECT_IDENTIFIER: Tag = Tag::new(0x06);

/// What a PIV application says of itself when it is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyTemplate {
    /// 50: the application's name, if given.
    pub label: Option<Vec<u8>>,
    /// 5F50: where its specification is, if given.
    pub url: Option<Vec<u8>>,
    /// AC: the identifiers of the algorithms that it supports; empty where it does not say.
    pub algorithms: Vec<u8>,
}

impl PropertyTemplate {
    /// Encodes the template with the fields that strict hosts accept, and no others: 4F, 79, then 50, 5F50
    /// and AC where there is something to say.
    ///
    /// # Errors
    /// [`TlvError`] where a field is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut body = Vec::new();
        tlv::write(&mut body, TAG_PIX, AID.get(RID.len()..).unwrap_or_default())?;
        tlv::write(&mut body, TAG_AUTHORITY, &tlv::encode(TAG_PIX, &RID)?)?;
        if let Some(label) = &self.label {
            tlv::write(&mut body, TAG_LABEL, label)?;
        }
        if let Some(url) = &self.url {
            tlv::write(&mut body, TAG_URL, url)?;
        }
        if !self.algorithms.is_empty() {
            let mut list = Vec::new();
            for algorithm in &self.algorithms {
                tlv::write(&mut list, TAG_ALGORITHM, &[*algorithm])?;
            }
            tlv::write(&mut list, TAG_OBJECT_IDENTIFIER, &[0])?;
            tlv::write(&mut body, TAG_ALGORITHMS, &list)?;
        }
        tlv::encode(TAG_TEMPLATE, &body)
    }

    /// Reads a template. Unknown fields are passed over; some cards answer without a template, which is read as an
    /// empty one.
    ///
    /// # Errors
    /// [`TlvError`] where it is not a well-formed tag 61.
    pub fn decode(answer: &[u8]) -> Result<Self, TlvError> {
        if answer.is_empty() {
            return Ok(Self::default());
        }
        let body = tlv::only(answer, TAG_TEMPLATE)?;
        let mut template = Self::default();
        for field in Reader::new(body) {
            let field = field?;
            match field.tag {
                TAG_LABEL => template.label = Some(field.value.to_vec()),
                TAG_URL => template.url = Some(field.value.to_vec()),
                TAG_ALGORITHMS => {
                    for algorithm in Reader::new(field.value) {
                        let algorithm = algorithm?;
                        if let (TAG_ALGORITHM, [identifier]) = (algorithm.tag, algorithm.value) {
                            template.algorithms.push(*identifier);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(template)
    }

    /// Whether the card says that it supports this algorithm; `None` where it does not say.
    #[must_use]
    pub fn supports(&self, algorithm: KeyAlgorithm) -> Option<bool> {
        (!self.algorithms.is_empty()).then(|| self.algorithms.contains(&algorithm.identifier()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_answer_is_the_one_that_hosts_know() {
        // The answer of a widely used token: 61 11 4F 06 ... 79 07 4F 05 ...
        let bytes = [
            0x61, 0x11, 0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79, 0x07, 0x4F, 0x05,
            0xA0, 0x00, 0x00, 0x03, 0x08,
        ];
        assert_eq!(PropertyTemplate::default().encode().unwrap(), bytes);
        assert_eq!(
            PropertyTemplate::decode(&bytes).unwrap(),
            PropertyTemplate::default()
        );
    }

    #[test]
    fn label_and_algorithms_survive() {
        let template = PropertyTemplate {
            label: Some(b"Tapcard".to_vec()),
            url: None,
            algorithms: vec![0x07, 0x11],
        };
        let decoded = PropertyTemplate::decode(&template.encode().unwrap()).unwrap();
        assert_eq!(decoded, template);
        assert_eq!(decoded.supports(KeyAlgorithm::Rsa2048), Some(true));
        assert_eq!(decoded.supports(KeyAlgorithm::P384), Some(false));
        assert_eq!(
            PropertyTemplate::default().supports(KeyAlgorithm::P384),
            None
        );
    }
}
