//! The data fields of GET DATA and PUT DATA (SP 800-73-5 part 2, 3.1.2 and 3.3.1).
//!
//! ```text
//! GET DATA   5C { tag }                    asks for an object
//!            53 { content }                answers with it
//!            7E { content }                answers with the Discovery Object
//!            7F61 { content }              answers with the Biometric Information Templates
//! PUT DATA   5C { tag }, 53 { content }    writes an object
//!            7E { content }                writes the Discovery Object
//!            7F61 { content }              writes the Biometric Information Templates
//! ```

use super::object::ObjectId;
use crate::tlv::{self, Tag, TlvError};

/// 5C: the tag of the object that is asked for or written.
const TAG_LIST: Tag = Tag::new(0x5C);
/// 53: the discretionary data that wraps an object's content.
pub(super) const TAG_DATA: Tag = Tag::new(0x53);

/// The command data of GET DATA: tag 5C (SP 800-73-5 part 2, 3.1.2).
#[must_use]
pub fn encode_get_data(tag: Tag) -> Vec<u8> {
    let bytes = tag.to_bytes();
    let length = u8::try_from(bytes.len()).unwrap_or(3);
    let mut out = vec![0x5C, length];
    out.extend(bytes);
    out
}

/// Reads the command data of GET DATA.
///
/// # Errors
/// [`TlvError`] where it is not one tag 5C that holds one tag.
pub fn decode_get_data(data: &[u8]) -> Result<Tag, TlvError> {
    Tag::parse(tlv::only(data, TAG_LIST)?)
}

/// The command data of PUT DATA (SP 800-73-5 part 2, 3.3.1). `content` is what stands inside 53, 7E or 7F61; an empty
/// one clears the object.
///
/// # Errors
/// [`TlvError`] where the content is too long.
pub fn encode_put_data(object: ObjectId, content: &[u8]) -> Result<Vec<u8>, TlvError> {
    if object.is_bare() {
        return tlv::encode(object.tag(), content);
    }
    let mut out = encode_get_data(object.tag());
    tlv::write(&mut out, TAG_DATA, content)?;
    Ok(out)
}

/// What PUT DATA writes: the object's tag and its content, without the wrapping 53, 7E or 7F61.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutData<'a> {
    /// The object's tag.
    pub tag: Tag,
    /// The content; empty where the object is cleared.
    pub content: &'a [u8],
}

/// Reads the command data of PUT DATA.
///
/// # Errors
/// [`TlvError`] where it is neither form.
pub fn decode_put_data(data: &[u8]) -> Result<PutData<'_>, TlvError> {
    let mut elements = tlv::Reader::new(data);
    let first = elements.next().ok_or(TlvError::Missing(TAG_LIST))??;
    let put = if first.tag == TAG_LIST {
        let content = elements.next().ok_or(TlvError::Missing(TAG_DATA))??;
        if content.tag != TAG_DATA {
            return Err(TlvError::Missing(TAG_DATA));
        }
        PutData {
            tag: Tag::parse(first.value)?,
            content: content.value,
        }
    } else if ObjectId::from_tag(first.tag).is_some_and(ObjectId::is_bare) {
        PutData {
            tag: first.tag,
            content: first.value,
        }
    } else {
        return Err(TlvError::Missing(TAG_LIST));
    };
    if elements.next().is_some() {
        return Err(TlvError::TrailingBytes);
    }
    Ok(put)
}

/// The answer to GET DATA for an object with this content: wrapped in 53, or bare (7E and 7F61).
///
/// # Errors
/// [`TlvError`] where the content is too long.
pub fn encode_content(tag: Tag, content: &[u8]) -> Result<Vec<u8>, TlvError> {
    let bare = ObjectId::from_tag(tag).is_some_and(ObjectId::is_bare);
    tlv::encode(if bare { tag } else { TAG_DATA }, content)
}

/// The content in an answer to GET DATA. Zeros after it are passed over.
///
/// # Errors
/// [`TlvError`] where it is not wrapped as this object must be.
pub fn decode_content(object: ObjectId, answer: &[u8]) -> Result<&[u8], TlvError> {
    tlv::only(
        tlv::without_padding(answer),
        if object.is_bare() {
            object.tag()
        } else {
            TAG_DATA
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_data_as_macos_asks_for_the_chuid() {
        // SP 800-73-5 part 2, 3.1.2.
        assert_eq!(
            encode_get_data(ObjectId::Chuid.tag()),
            [0x5C, 0x03, 0x5F, 0xC1, 0x02]
        );
        assert_eq!(
            encode_get_data(ObjectId::Discovery.tag()),
            [0x5C, 0x01, 0x7E]
        );
        assert_eq!(
            encode_get_data(ObjectId::BiometricInformationTemplates.tag()),
            [0x5C, 0x02, 0x7F, 0x61]
        );
        assert_eq!(
            decode_get_data(&[0x5C, 0x03, 0x5F, 0xC1, 0x02]),
            Ok(ObjectId::Chuid.tag())
        );
    }

    #[test]
    fn zeros_after_the_content_and_long_lengths_mean_nothing() {
        let content = |answer| decode_content(ObjectId::Chuid, answer);
        for answer in [
            &[0x53, 2, 1, 2, 0][..],
            &[0x53, 2, 1, 2, 0, 0, 0, 0],
            &[0x53, 0x81, 2, 1, 2],
            &[0x53, 0x82, 0, 2, 1, 2, 0],
        ] {
            assert_eq!(content(answer), Ok(&[1, 2][..]), "{answer:02X?}");
        }
        assert_eq!(content(&[0x53, 2, 1, 2, 9]), Err(TlvError::TrailingBytes));
        assert_eq!(content(&[0, 0]), Err(TlvError::Truncated));
    }

    #[test]
    fn put_data_in_both_forms() {
        let wrapped = encode_put_data(ObjectId::Chuid, &[1, 2]).unwrap();
        assert_eq!(wrapped, [0x5C, 3, 0x5F, 0xC1, 2, 0x53, 2, 1, 2]);
        assert_eq!(
            decode_put_data(&wrapped),
            Ok(PutData {
                tag: ObjectId::Chuid.tag(),
                content: &[1, 2]
            })
        );
        let bare = encode_put_data(ObjectId::Discovery, &[9]).unwrap();
        assert_eq!(bare, [0x7E, 1, 9]);
        assert_eq!(
            decode_put_data(&bare),
            Ok(PutData {
                tag: ObjectId::Discovery.tag(),
                content: &[9]
            })
        );
        assert_eq!(
            decode_put_data(&[0x53, 0]),
            Err(TlvError::Missing(TAG_LIST))
        );
    }
}
