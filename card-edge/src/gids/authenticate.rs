//! GENERAL AUTHENTICATE with the key of whoever administers the card: the templates.
//!
//! ```text
//! 7C { 81 } -> 7C { 81 challenge (8) }, 7C { 82 it encrypted }                                            external
//! 7C { 81 the host's challenge (16) } -> 7C { 81 the card's (16) }, 7C { 82 (40) } -> 7C { 82 (40) }       mutual
//! ```

use zeroize::Zeroizing;

use crate::tlv::{self, Tag, TlvError};

const TAG_TEMPLATE: Tag = Tag::new(0x7C);
const TAG_CHALLENGE: Tag = Tag::new(0x81);
const TAG_RESPONSE: Tag = Tag::new(0x82);

/// The bytes of a challenge of the mutual authentication.
pub const MUTUAL_CHALLENGE: usize = 16;
/// The bytes of what both sides encrypt in a mutual authentication: both challenges and seven random bytes, padded.
pub const MUTUAL_RESPONSE: usize = 40;

/// What a host asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    /// A challenge, which it will encrypt.
    Challenge,
    /// A challenge for its own.
    MutualChallenge([u8; MUTUAL_CHALLENGE]),
    /// Here is what came of the challenge.
    Response(Zeroizing<Vec<u8>>),
}

/// Reads a host's template.
///
/// # Errors
/// [`TlvError`] where it is malformed, or holds anything but one of the two fields.
pub fn decode(data: &[u8]) -> Result<Request, TlvError> {
    let mut fields = tlv::Reader::new(tlv::only(data, TAG_TEMPLATE)?);
    let field = fields.next().ok_or(TlvError::Missing(TAG_CHALLENGE))??;
    if fields.next().is_some() {
        return Err(TlvError::TrailingBytes);
    }
    match (field.tag, field.value) {
        (TAG_CHALLENGE, []) => Ok(Request::Challenge),
        (TAG_CHALLENGE, challenge) => challenge
            .try_into()
            .map(Request::MutualChallenge)
            .map_err(|_| TlvError::InvalidValue(TAG_CHALLENGE)),
        (TAG_RESPONSE, response) => Ok(Request::Response(Zeroizing::new(response.to_vec()))),
        (tag, _) => Err(TlvError::InvalidValue(tag)),
    }
}

/// The card's challenge in its template.
///
/// # Errors
/// [`TlvError`] where it is too long.
pub fn encode_challenge(challenge: &[u8]) -> Result<Vec<u8>, TlvError> {
    tlv::encode(TAG_TEMPLATE, &tlv::encode(TAG_CHALLENGE, challenge)?)
}

/// The card's response in its template.
///
/// # Errors
/// [`TlvError`] where it is too long.
pub fn encode_response(response: &[u8]) -> Result<Vec<u8>, TlvError> {
    tlv::encode(TAG_TEMPLATE, &tlv::encode(TAG_RESPONSE, response)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_send() {
        assert!(decode(&[0x7C, 2, 0x81, 0]).unwrap() == Request::Challenge);
        let mutual = encode_challenge(&[7; 16]).unwrap();
        assert!(decode(&mutual).unwrap() == Request::MutualChallenge([7; 16]));
        let response = encode_response(&[7; 40]).unwrap();
        assert!(decode(&response).unwrap() == Request::Response(vec![7; 40].into()));
        for bytes in [
            &[][..],
            &[0x7C],
            &[0x7C, 0],
            &[0x7C, 1, 0],
            &[0x7C, 2, 0x79, 0],
            &[0x7C, 3, 0x81, 1, 9],
            &[0x7C, 4, 0x81, 0, 0x82, 0],
        ] {
            assert!(decode(bytes).is_err(), "{bytes:02X?}");
        }
    }
}
