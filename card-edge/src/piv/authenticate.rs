//! The dynamic authentication template of GENERAL AUTHENTICATE (SP 800-73-5 part 2, 3.2.4, table 7).
//!
//! ```text
//! 7C { 82 empty, 81 block or hash }              internal authentication   ->  7C { 82 result }
//! 7C { 82 empty, 85 point }                      key agreement             ->  7C { 82 X coordinate }
//! 7C { 81 empty }                                external, first step      ->  7C { 81 challenge }
//! 7C { 82 encrypted challenge }                  external, second step     ->  nothing
//! 7C { 80 empty }                                mutual, first step        ->  7C { 80 encrypted witness }
//! 7C { 80 witness, 81 challenge, [82 empty] }    mutual, second step       ->  7C { 82 encrypted challenge }
//! ```

use zeroize::Zeroizing;

use crate::tlv::{self, Reader, Tag, TlvError};

const TAG_TEMPLATE: Tag = Tag::new(0x7C);
const TAG_WITNESS: Tag = Tag::new(0x80);
const TAG_CHALLENGE: Tag = Tag::new(0x81);
const TAG_RESPONSE: Tag = Tag::new(0x82);
const TAG_EXPONENTIATION: Tag = Tag::new(0x85);

/// Bytes of SW1 and SW2.
const STATUS_WORD: usize = 2;

/// What a host asks by GENERAL AUTHENTICATE.
#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    /// Apply the private key to a padded block or hash, or encrypt with a symmetric key.
    InternalAuthenticate(Zeroizing<Vec<u8>>),
    /// ECDH with the peer's uncompressed point `04 X Y`.
    KeyAgreement(Vec<u8>),
    /// Ask the card for a challenge (external authentication, first step).
    Challenge,
    /// The host's answer to that challenge (second step).
    ChallengeResponse(Vec<u8>),
    /// Ask the card for an encrypted witness (mutual authentication, first step).
    Witness,
    /// The decrypted witness and the host's own challenge (second step).
    WitnessAndChallenge {
        /// The decrypted witness.
        witness: Vec<u8>,
        /// The host's challenge.
        challenge: Vec<u8>,
    },
}

impl Request {
    /// Encodes the template as command data.
    ///
    /// # Errors
    /// [`TlvError`] where a field is too long.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, TlvError> {
        let mut body = Zeroizing::new(Vec::new());
        match self {
            Self::InternalAuthenticate(data) => {
                tlv::write(&mut body, TAG_RESPONSE, &[])?;
                tlv::write(&mut body, TAG_CHALLENGE, data)?;
            }
            Self::KeyAgreement(point) => {
                tlv::write(&mut body, TAG_RESPONSE, &[])?;
                tlv::write(&mut body, TAG_EXPONENTIATION, point)?;
            }
            Self::Challenge => tlv::write(&mut body, TAG_CHALLENGE, &[])?,
            Self::ChallengeResponse(response) => tlv::write(&mut body, TAG_RESPONSE, response)?,
            Self::Witness => tlv::write(&mut body, TAG_WITNESS, &[])?,
            Self::WitnessAndChallenge { witness, challenge } => {
                tlv::write(&mut body, TAG_WITNESS, witness)?;
                tlv::write(&mut body, TAG_CHALLENGE, challenge)?;
                tlv::write(&mut body, TAG_RESPONSE, &[])?;
            }
        }
        Ok(Zeroizing::new(tlv::encode(TAG_TEMPLATE, &body)?))
    }

    /// Reads command data, its fields in any order.
    ///
    /// # Errors
    /// [`TlvError`] where it is not one of the requests above.
    pub fn decode(data: &[u8]) -> Result<Self, TlvError> {
        let (mut witness, mut challenge, mut response, mut exponentiation) =
            (None, None, None, None);
        for field in Reader::new(tlv::only(data, TAG_TEMPLATE)?) {
            let field = field?;
            let value = match field.tag {
                TAG_WITNESS => &mut witness,
                TAG_CHALLENGE => &mut challenge,
                TAG_RESPONSE => &mut response,
                TAG_EXPONENTIATION => &mut exponentiation,
                other => return Err(TlvError::InvalidValue(other)),
            };
            if value.replace(field.value).is_some() {
                return Err(TlvError::InvalidValue(field.tag));
            }
        }
        match (witness, challenge, response, exponentiation) {
            (None, Some(data @ [_, ..]), Some([]), None) => {
                Ok(Self::InternalAuthenticate(Zeroizing::new(data.to_vec())))
            }
            (None, None, Some([]), Some(point @ [_, ..])) => Ok(Self::KeyAgreement(point.to_vec())),
            (None, Some([]), None, None) => Ok(Self::Challenge),
            (None, None, Some(response @ [_, ..]), None) => {
                Ok(Self::ChallengeResponse(response.to_vec()))
            }
            (Some([]), None, None, None) => Ok(Self::Witness),
            (Some(witness @ [_, ..]), Some(challenge @ [_, ..]), None | Some([]), None) => {
                Ok(Self::WitnessAndChallenge {
                    witness: witness.to_vec(),
                    challenge: challenge.to_vec(),
                })
            }
            _ => Err(TlvError::InvalidValue(TAG_TEMPLATE)),
        }
    }
}

/// What a card answers to GENERAL AUTHENTICATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerField {
    /// 80: the encrypted witness.
    Witness,
    /// 81: the challenge.
    Challenge,
    /// 82: the result: signature, decrypted block, shared secret or encrypted challenge.
    Response,
}

impl AnswerField {
    fn tag(self) -> Tag {
        match self {
            Self::Witness => TAG_WITNESS,
            Self::Challenge => TAG_CHALLENGE,
            Self::Response => TAG_RESPONSE,
        }
    }
}

/// Encodes an answer: tag 7C with this one field.
///
/// # Errors
/// [`TlvError`] where the value is too long.
pub fn encode_answer(field: AnswerField, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, TlvError> {
    let inner = tlv::length_of(field.tag(), value.len());
    // The card appends its status word: a secret is not copied for that.
    let room = tlv::length_of(TAG_TEMPLATE, inner) + STATUS_WORD;
    let mut answer = Zeroizing::new(Vec::with_capacity(room));
    tlv::write_header(&mut answer, TAG_TEMPLATE, inner)?;
    tlv::write(&mut answer, field.tag(), value)?;
    Ok(answer)
}

/// The value of this field in an answer.
///
/// # Errors
/// [`TlvError`] where it is missing or the answer is malformed.
pub fn decode_answer(answer: &[u8], field: AnswerField) -> Result<&[u8], TlvError> {
    let template = tlv::only(tlv::without_padding(answer), TAG_TEMPLATE)?;
    tlv::require(tlv::without_padding(template), field.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_survive() {
        for request in [
            Request::InternalAuthenticate(Zeroizing::new(vec![1; 256])),
            Request::KeyAgreement(vec![4; 65]),
            Request::Challenge,
            Request::ChallengeResponse(vec![2; 16]),
            Request::Witness,
            Request::WitnessAndChallenge {
                witness: vec![3; 16],
                challenge: vec![4; 16],
            },
        ] {
            assert!(Request::decode(&request.encode().unwrap()).unwrap() == request);
        }
    }

    #[test]
    fn an_rsa_2048_signature_is_266_bytes_of_command_data() {
        // SP 800-73-5 part 2, appendix A.
        let request = Request::InternalAuthenticate(Zeroizing::new(vec![0; 256]));
        assert_eq!(request.encode().unwrap().len(), 266);
    }

    #[test]
    fn unknown_doubled_and_contradictory_fields_are_refused() {
        assert!(Request::decode(&[0x7C, 2, 0x83, 0]).is_err());
        assert!(Request::decode(&[0x7C, 4, 0x81, 0, 0x81, 0]).is_err());
        assert!(Request::decode(&[0x7C, 4, 0x80, 0, 0x81, 0]).is_err());
        assert!(Request::decode(&[0x7C, 0]).is_err());
    }
}
