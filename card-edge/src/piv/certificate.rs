//! Certificate objects: the DER as it is, or gzip-compressed (SP 800-73-5 part 1, table 10 and appendix A).
//!
//! ```text
//! 70 certificate, 71 CertInfo (1 byte), [72 MSCUID], FE
//! ```

use std::io::Read;

use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use thiserror::Error;

use super::data::TAG_DATA;
use super::object::TAG_ERROR_DETECTION;
use crate::tlv::{self, Tag, TlvError};

const TAG_CERTIFICATE: Tag = Tag::new(0x70);
const TAG_CERT_INFO: Tag = Tag::new(0x71);

/// CertInfo bit 0: the certificate is gzip-compressed (RFC 1952).
const COMPRESSED: u8 = 0x01;

/// What gzip begins with (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1F, 0x8B];
/// What a certificate begins with: SEQUENCE.
const DER: [u8; 1] = [0x30];

/// The maximum number of bytes that a compressed certificate may grow to.
pub const CERTIFICATE_MAX: u64 = 65_536;

/// Why a certificate object cannot be read.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// It is not a well-formed certificate object.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// It is said to be compressed but is not valid gzip.
    #[error("the certificate's gzip compression is broken")]
    Compression,
    /// It grows to more than [`CERTIFICATE_MAX`] bytes.
    #[error("the certificate grows to more than {CERTIFICATE_MAX} bytes")]
    TooLong,
}

/// The content of a certificate object, to stand inside tag 53, for a DER certificate that is not compressed.
///
/// # Errors
/// [`TlvError`] where the certificate is too long.
pub fn encode(der: &[u8]) -> Result<Vec<u8>, TlvError> {
    object(der, 0)
}

/// The same in the shorter form: compressed, unless that makes it longer. A host reads 256 bytes at a time, and each
/// read costs it a round trip.
///
/// # Errors
/// [`TlvError`] where the certificate is too long.
pub fn encode_short(der: &[u8]) -> Result<Vec<u8>, TlvError> {
    let mut compressed = Vec::new();
    let shorter = GzEncoder::new(der, Compression::best())
        .read_to_end(&mut compressed)
        .is_ok_and(|length| length < der.len());
    if shorter {
        object(&compressed, COMPRESSED)
    } else {
        encode(der)
    }
}

fn object(stored: &[u8], info: u8) -> Result<Vec<u8>, TlvError> {
    let mut out = tlv::encode(TAG_CERTIFICATE, stored)?;
    tlv::write(&mut out, TAG_CERT_INFO, &[info])?;
    tlv::write(&mut out, TAG_ERROR_DETECTION, &[])?;
    Ok(out)
}

/// The content of a compressed certificate object with its certificate decompressed; `None` where it is not compressed
/// or not one.
#[must_use]
pub fn decompressed(content: &[u8]) -> Option<Vec<u8>> {
    stored(content).ok().filter(|(_, compressed)| *compressed)?;
    encode(&decode(content).ok()?).ok()
}

/// The certificate as it is stored, and whether that is compressed. Some cards say so by another bit of CertInfo (80), or
/// wrongly, so the first bytes count more.
fn stored(content: &[u8]) -> Result<(&[u8], bool), TlvError> {
    let content = tlv::without_padding(content);
    let stored = tlv::require(content, TAG_CERTIFICATE)?;
    let is_said =
        matches!(tlv::find(content, TAG_CERT_INFO)?, Some([info, ..]) if info & COMPRESSED != 0);
    let is_compressed = stored.starts_with(&GZIP) || (is_said && !stored.starts_with(&DER));
    Ok((stored, is_compressed))
}

/// The DER certificate in the content of a certificate object, decompressed where it is compressed. Its fields are not
/// looked into.
///
/// # Errors
/// [`CertificateError`] where it is malformed or cannot be decompressed.
pub fn decode(content: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let (stored, is_compressed) = stored(content)?;
    if !is_compressed {
        return Ok(stored.to_vec());
    }
    let mut der = Vec::new();
    GzDecoder::new(stored)
        .take(CERTIFICATE_MAX + 1)
        .read_to_end(&mut der)
        .map_err(|_| CertificateError::Compression)?;
    if der.len() as u64 > CERTIFICATE_MAX {
        return Err(CertificateError::TooLong);
    }
    Ok(der)
}

/// How the DER certificate begins in the beginning of an answer to GET DATA, decompressed where it is compressed: as much of it
/// as that tells, and nothing where that is not the beginning of a certificate object.
#[must_use]
pub fn beginning(answer: &[u8]) -> Vec<u8> {
    let stored = inside(answer, TAG_DATA).and_then(|content| inside(content, TAG_CERTIFICATE));
    let Some(stored) = stored.filter(|stored| stored.starts_with(&GZIP)) else {
        return stored.unwrap_or_default().to_vec();
    };
    let mut der = Vec::new();
    // It ends early, with an error; what came before that is what is wanted.
    let _ = GzDecoder::new(stored)
        .take(CERTIFICATE_MAX)
        .read_to_end(&mut der);
    der
}

/// What stands inside an element with this tag at the front, of which the end may be missing.
fn inside(bytes: &[u8], tag: Tag) -> Option<&[u8]> {
    let after_tag = bytes.strip_prefix(tag.to_bytes().as_slice())?;
    // The length: one byte, or as many as its low bits say.
    let (first, rest) = after_tag.split_first()?;
    let longer = if *first < 0x80 { 0 } else { first & 0x7F };
    rest.get(usize::from(longer)..)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = write::GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn compressed_object(bytes: &[u8]) -> Vec<u8> {
        let mut out = tlv::encode(TAG_CERTIFICATE, &gzip(bytes)).unwrap();
        tlv::write(&mut out, TAG_CERT_INFO, &[1]).unwrap();
        out
    }

    #[test]
    fn plain_and_compressed_certificates_are_read() {
        assert_eq!(decode(&encode(b"der").unwrap()).unwrap(), b"der");
        assert_eq!(decode(&compressed_object(b"der")).unwrap(), b"der");
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes_whatever_cert_info_says() {
        for info in [&[0x80][..], &[0x00], &[]] {
            let mut object = tlv::encode(TAG_CERTIFICATE, &gzip(b"der")).unwrap();
            tlv::write(&mut object, TAG_CERT_INFO, info).unwrap();
            assert_eq!(decode(&object).unwrap(), b"der", "{info:02X?}");
        }
        for info in [0x80, 0x01] {
            assert_eq!(
                decode(&[0x70, 2, 0x30, 0, 0x71, 1, info]).unwrap(),
                [0x30, 0]
            );
        }
    }

    #[test]
    fn zeros_after_the_last_field_mean_nothing() {
        for zeros in 1..4 {
            let object = [&encode(b"der").unwrap()[..], &vec![0; zeros]].concat();
            assert_eq!(decode(&object).unwrap(), b"der");
        }
    }

    #[test]
    fn the_shorter_form_is_taken_and_read_back() {
        let repetitive = b"http://enroll.example.org/".repeat(10);
        let short = encode_short(&repetitive).unwrap();
        assert!(short.len() < repetitive.len());
        assert_eq!(decode(&short).unwrap(), repetitive);
        assert_eq!(encode_short(b"der").unwrap(), encode(b"der").unwrap());
    }

    #[test]
    fn a_certificate_begins_before_its_object_has_ended() {
        let der: Vec<u8> = (0..400_u32).map(|byte| (byte * byte % 251) as u8).collect();
        for object in [encode(&der).unwrap(), compressed_object(&der)] {
            let answer = tlv::encode(TAG_DATA, &object).unwrap();
            for length in [100, 256, 300] {
                let begun = beginning(&answer[..length]);
                assert!(der.starts_with(&begun));
                assert!(begun.len() + 120 > length, "{} of {length}", begun.len());
            }
            assert!(beginning(&answer).starts_with(&der));
        }
        for strange in [&[][..], &[0x53], &[0x53, 0x85, 1], &[0x53, 2, 0x71, 0]] {
            assert!(beginning(strange).is_empty());
        }
    }

    #[test]
    fn a_gzip_bomb_is_refused() {
        let object = compressed_object(&vec![0; 10_000_000]);
        assert!(matches!(decode(&object), Err(CertificateError::TooLong)));
    }

    #[test]
    fn broken_compression_is_an_error() {
        let object = [0x70, 2, 1, 2, 0x71, 1, 1];
        assert!(matches!(
            decode(&object),
            Err(CertificateError::Compression)
        ));
    }
}
