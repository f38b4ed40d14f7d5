//! The control template of GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, 3.3.2, table 10).
//!
//! ```text
//! AC { 80 algorithm, [81 parameter: the RSA exponent] }
//! ```

use super::algorithm::KeyAlgorithm;
use super::secure_messaging::CipherSuite;
use crate::tlv::{self, Tag, TlvError};

const TAG_CONTROL: Tag = Tag::new(0xAC);
const TAG_MECHANISM: Tag = Tag::new(0x80);

/// Encodes the control template: `AC 03 80 01 algorithm`.
///
/// # Errors
/// [`TlvError`] never for the values here; the signature is that of all encoders.
pub fn encode_control(algorithm: KeyAlgorithm) -> Result<Vec<u8>, TlvError> {
    tlv::encode(
        TAG_CONTROL,
        &tlv::encode(TAG_MECHANISM, &[algorithm.identifier()])?,
    )
}

/// Reads a control template that names a cipher suite and nothing else, as it is for the key of secure messaging.
///
/// # Errors
/// [`TlvError`] where it is malformed or names no suite that is known.
pub fn decode_suite(data: &[u8]) -> Result<CipherSuite, TlvError> {
    let invalid = TlvError::InvalidValue(TAG_MECHANISM);
    match tlv::only(tlv::only(data, TAG_CONTROL)?, TAG_MECHANISM)? {
        [identifier] => CipherSuite::try_from(*identifier).map_err(|_| invalid),
        _ => Err(invalid),
    }
}

/// What a control template asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// 80: the kind of key.
    pub algorithm: KeyAlgorithm,
    /// Any other field (a parameter, policies that some tools add), for the card to take or refuse.
    pub others: Vec<(Tag, Vec<u8>)>,
}

/// Reads a control template.
///
/// # Errors
/// [`TlvError`] where it is malformed or names no algorithm that is known.
pub fn decode_control(data: &[u8]) -> Result<Control, TlvError> {
    let mut algorithm = None;
    let mut others = Vec::new();
    for field in tlv::Reader::new(tlv::only(data, TAG_CONTROL)?) {
        let field = field?;
        match (field.tag, field.value) {
            (TAG_MECHANISM, [identifier]) => {
                let known = KeyAlgorithm::try_from(*identifier);
                algorithm = Some(known.map_err(|_| TlvError::InvalidValue(TAG_MECHANISM))?);
            }
            (tag, value) => others.push((tag, value.to_vec())),
        }
    }
    let algorithm = algorithm.ok_or(TlvError::Missing(TAG_MECHANISM))?;
    Ok(Control { algorithm, others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_template_of_the_standard() {
        assert_eq!(
            encode_control(KeyAlgorithm::Rsa2048).unwrap(),
            [0xAC, 3, 0x80, 1, 7]
        );
        assert_eq!(
            decode_control(&[0xAC, 3, 0x80, 1, 0x11]).unwrap(),
            Control {
                algorithm: KeyAlgorithm::P256,
                others: vec![]
            }
        );
        assert!(decode_control(&[0xAC, 3, 0x80, 1, 0xFF]).is_err());
        assert_eq!(
            decode_suite(&[0xAC, 3, 0x80, 1, 0x2E]),
            Ok(CipherSuite::Cs7)
        );
        assert!(decode_suite(&[0xAC, 3, 0x80, 1, 0x11]).is_err());
    }
}
