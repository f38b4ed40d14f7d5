//! A signature in one command and one answer: `00 2A 9E 9A`. The host gives hash and scheme, the card pads, and the
//! answer is the bare signature.
//!
//! ```text
//! 84 { key reference }, 80 { scheme, hash algorithm }, 90 { hash }, [0C { note }]
//! ```

use core::fmt;

use thiserror::Error;

use crate::apdu::Instruction;
use crate::piv::algorithm::KeyKind;
use crate::piv::reference::{AsymmetricKey, ReferenceError};
use crate::tlv::{self, Reader, Tag, TlvError};

/// 2A: the instruction (ISO/IEC 7816-8: PERFORM SECURITY OPERATION).
pub const SIGN: Instruction = Instruction::Other(0x2A);
/// P1 and P2: COMPUTE DIGITAL SIGNATURE, of data in the command.
pub const PARAMETERS: (u8, u8) = (0x9E, 0x9A);

/// The maximum number of bytes of a note.
pub const NOTE_MAX: usize = 64;

const TAG_KEY: Tag = Tag::new(0x84);
const TAG_ALGORITHM: Tag = Tag::new(0x80);
const TAG_HASH: Tag = Tag::new(0x90);
pub(super) const TAG_NOTE: Tag = Tag::new(0x0C);

/// How the hash becomes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// 01: RSASSA-PKCS1-v1_5 (RFC 8017, 8.2). The answer is as long as the modulus.
    Pkcs1,
    /// 02: RSASSA-PSS (RFC 8017, 8.1), MGF1 with the same hash algorithm, a salt as long as the hash. The answer is as
    /// long as the modulus.
    Pss,
    /// 03: ECDSA. The answer is r and s, each as long as a coordinate of the curve.
    Ecdsa,
}

/// What the hash was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// 01
    Sha256,
    /// 02
    Sha384,
    /// 03
    Sha512,
}

/// What a host says of itself, for the phone to show as that: nothing proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

/// What a host asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureRequest {
    /// 84: the key.
    pub key: AsymmetricKey,
    /// 80, first byte.
    pub scheme: Scheme,
    /// 80, second byte.
    pub hash_algorithm: HashAlgorithm,
    /// 90: the hash, as long as the algorithm makes it.
    pub hash: Vec<u8>,
    /// 0C: what the host says of itself.
    pub note: Option<Note>,
}

/// Why bytes are not a request.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SignatureRequestError {
    /// It is malformed, or has an unknown field, or one twice.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// It names no key.
    #[error(transparent)]
    Key(#[from] ReferenceError),
    /// Its scheme or hash algorithm is not one.
    #[error("{0:02X} {1:02X} is not a signature scheme with a hash algorithm")]
    Algorithm(u8, u8),
    /// The hash does not have the length that its algorithm makes.
    #[error("a hash of {0} bytes is not one of the algorithm that is named")]
    HashLength(usize),
    /// The note is longer than [`NOTE_MAX`], empty, or not text.
    #[error("the note is not text of 1 to {NOTE_MAX} bytes")]
    Note,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pkcs1, Self::Pss, Self::Ecdsa];

    fn to_u8(self) -> u8 {
        match self {
            Self::Pkcs1 => 0x01,
            Self::Pss => 0x02,
            Self::Ecdsa => 0x03,
        }
    }

    /// Whether keys of this kind sign so.
    #[must_use]
    pub fn is_for(self, kind: KeyKind) -> bool {
        match (self, kind) {
            (Self::Pkcs1 | Self::Pss, KeyKind::Rsa { .. }) | (Self::Ecdsa, KeyKind::Ecc(_)) => true,
            (Self::Pkcs1 | Self::Pss, KeyKind::Ecc(_))
            | (Self::Ecdsa, KeyKind::Rsa { .. })
            | (_, KeyKind::Ed25519 | KeyKind::X25519) => false,
        }
    }
}

impl HashAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    fn to_u8(self) -> u8 {
        match self {
            Self::Sha256 => 0x01,
            Self::Sha384 => 0x02,
            Self::Sha512 => 0x03,
        }
    }

    /// The length of a hash, in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl Note {
    /// A note.
    ///
    /// # Errors
    /// [`SignatureRequestError::Note`] where it is empty or longer than [`NOTE_MAX`] bytes.
    pub fn new(text: &str) -> Result<Self, SignatureRequestError> {
        if (1..=NOTE_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SignatureRequestError::Note)
        }
    }

    /// A note as it comes in a command.
    ///
    /// # Errors
    /// As [`Self::new`], and of what is not UTF-8.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureRequestError> {
        core::str::from_utf8(bytes)
            .map_err(|_| SignatureRequestError::Note)
            .and_then(Self::new)
    }

    /// The text, as it came. It is a stranger's: whoever shows it escapes it, as `Display` does.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Note {
    /// Shows the text with everything escaped that could do more than be read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_debug().fmt(f)
    }
}

impl SignatureRequest {
    /// Encodes the command data.
    ///
    /// # Errors
    /// [`TlvError`] never for a hash of the right length; the signature is that of all encoders.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut out = tlv::encode(TAG_KEY, &[self.key.to_u8()])?;
        let algorithm = [self.scheme.to_u8(), self.hash_algorithm.to_u8()];
        tlv::write(&mut out, TAG_ALGORITHM, &algorithm)?;
        tlv::write(&mut out, TAG_HASH, &self.hash)?;
        if let Some(note) = &self.note {
            tlv::write(&mut out, TAG_NOTE, note.0.as_bytes())?;
        }
        Ok(out)
    }

    /// Reads command data, its fields in any order.
    ///
    /// # Errors
    /// [`SignatureRequestError`].
    pub fn decode(data: &[u8]) -> Result<Self, SignatureRequestError> {
        let (mut key, mut algorithm, mut hash, mut note) = (None, None, None, None);
        for field in Reader::new(data) {
            let field = field?;
            let place = match field.tag {
                TAG_KEY => &mut key,
                TAG_ALGORITHM => &mut algorithm,
                TAG_HASH => &mut hash,
                TAG_NOTE => &mut note,
                other => return Err(TlvError::InvalidValue(other).into()),
            };
            if place.replace(field.value).is_some() {
                return Err(TlvError::InvalidValue(field.tag).into());
            }
        }
        let missing = TlvError::Missing;
        let [key] = key.ok_or(missing(TAG_KEY))? else {
            return Err(TlvError::InvalidValue(TAG_KEY).into());
        };
        let [scheme, hash_algorithm] = algorithm.ok_or(missing(TAG_ALGORITHM))? else {
            return Err(TlvError::InvalidValue(TAG_ALGORITHM).into());
        };
        let unknown = SignatureRequestError::Algorithm(*scheme, *hash_algorithm);
        let scheme = Scheme::ALL.into_iter().find(|it| it.to_u8() == *scheme);
        let hash_algorithm = HashAlgorithm::ALL
            .into_iter()
            .find(|it| it.to_u8() == *hash_algorithm)
            .ok_or(unknown)?;
        let hash = hash.ok_or(missing(TAG_HASH))?;
        if hash.len() != hash_algorithm.length() {
            return Err(SignatureRequestError::HashLength(hash.len()));
        }
        let note = note.map(Note::from_bytes).transpose()?;
        Ok(Self {
            key: AsymmetricKey::try_from(*key)?,
            scheme: scheme.ok_or(unknown)?,
            hash_algorithm,
            hash: hash.to_vec(),
            note,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SignatureRequest {
        SignatureRequest {
            key: AsymmetricKey::PivAuthentication,
            scheme: Scheme::Pss,
            hash_algorithm: HashAlgorithm::Sha256,
            hash: vec![7; 32],
            note: Some(Note::new("ssh on laptop").unwrap()),
        }
    }

    #[test]
    fn the_command_data_of_the_document() {
        let short = SignatureRequest {
            note: None,
            ..request()
        };
        let mut data = vec![0x84, 1, 0x9A, 0x80, 2, 2, 1, 0x90, 32];
        data.extend([7; 32]);
        assert_eq!(short.encode().unwrap(), data);
        assert_eq!(SignatureRequest::decode(&data), Ok(short));
        let data = request().encode().unwrap();
        assert_eq!(SignatureRequest::decode(&data), Ok(request()));
    }

    #[test]
    fn what_is_not_a_request_is_refused() {
        let hash = [&[0x90, 32], [7; 32].as_slice()].concat();
        let with = |head: &[u8], tail: &[u8]| [head, &hash, tail].concat();
        for data in [
            Vec::new(),
            with(&[0x84, 1, 0x9A], &[]),
            with(&[0x80, 2, 1, 1], &[]),
            vec![0x84, 1, 0x9A, 0x80, 2, 1, 1],
            with(&[0x84, 1, 0x9B, 0x80, 2, 1, 1], &[]),
            with(&[0x84, 2, 0x9A, 0, 0x80, 2, 1, 1], &[]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 0, 1], &[]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 4, 1], &[]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 1, 4], &[]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 1, 2], &[]),
            with(&[0x84, 1, 0x9A, 0x80, 1, 1], &[]),
            with(&[0x84, 1, 0x9A, 0x84, 1, 0x9A, 0x80, 2, 1, 1], &[]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 1, 1], &[0x0C, 0]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 1, 1], &[0x0C, 1, 0xFF]),
            with(&[0x84, 1, 0x9A, 0x80, 2, 1, 1], &[0x0D, 1, 0x41]),
            with(
                &[0x84, 1, 0x9A, 0x80, 2, 1, 1],
                &[&[0x0C, 65], [0x41; 65].as_slice()].concat(),
            ),
        ] {
            assert!(SignatureRequest::decode(&data).is_err(), "{data:02X?}");
        }
        assert!(Note::new(&"x".repeat(NOTE_MAX)).is_ok());
    }

    #[test]
    fn a_note_is_shown_escaped() {
        let note = Note::new("evil\u{1b}[2J\nPUK 1").unwrap();
        assert_eq!(note.to_string(), "evil\\u{1b}[2J\\nPUK 1");
    }
}
