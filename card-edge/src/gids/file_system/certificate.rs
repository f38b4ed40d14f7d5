//! A certificate in its file (`kxc00` of a key exchange key, `ksc00` of a signature key): `01 00`, its length (2), and it
//! compressed (zlib, RFC 1950).

use std::io::Read;

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};

use super::FileError;
use super::container_map::KeySpec;

const HEAD: [u8; 2] = [1, 0];

/// The name of the file of a container's certificate.
#[must_use]
pub fn file_name(key: KeySpec, container: u8) -> String {
    match key {
        KeySpec::Exchange => format!("kxc{container:02X}"),
        KeySpec::Signature => format!("ksc{container:02X}"),
    }
}

/// The content for a certificate in DER.
///
/// # Errors
/// [`FileError::Certificate`] where it is longer than its length can say.
pub fn encode(der: &[u8]) -> Result<Vec<u8>, FileError> {
    let length = u16::try_from(der.len()).map_err(|_| FileError::Certificate)?;
    let mut out = HEAD.to_vec();
    out.extend(length.to_le_bytes());
    ZlibEncoder::new(der, Compression::best())
        .read_to_end(&mut out)
        .map_err(|_| FileError::Certificate)?;
    Ok(out)
}

/// The certificate in DER. Its bytes are not looked into.
///
/// # Errors
/// [`FileError::Certificate`] where it is not as long as its file says.
pub fn decode(content: &[u8]) -> Result<Vec<u8>, FileError> {
    let [head @ .., low, high] = content.get(..4).unwrap_or_default() else {
        return Err(FileError::Certificate);
    };
    if head != HEAD {
        return Err(FileError::Certificate);
    }
    let length = u16::from_le_bytes([*low, *high]);
    let mut der = Vec::new();
    ZlibDecoder::new(content.get(4..).unwrap_or_default())
        .take(u64::from(length) + 1)
        .read_to_end(&mut der)
        .map_err(|_| FileError::Certificate)?;
    if der.len() == usize::from(length) {
        Ok(der)
    } else {
        Err(FileError::Certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_lead_back() {
        let der = b"http://enroll.example.org/".repeat(20);
        let content = encode(&der).unwrap();
        assert!(content.len() < der.len());
        assert_eq!(decode(&content).unwrap(), der);
        assert_eq!(file_name(KeySpec::Exchange, 0), "kxc00");
        assert_eq!(file_name(KeySpec::Signature, 31), "ksc1F");
    }

    #[test]
    fn what_does_not_inflate_to_its_length_is_refused() {
        let bomb = encode(&[0; 60_000]).unwrap();
        let mut short = bomb.clone();
        short[2..4].copy_from_slice(&[9, 0]);
        assert_eq!(decode(&short), Err(FileError::Certificate));
        let mut other = bomb.clone();
        other[0] = 2;
        assert_eq!(decode(&other), Err(FileError::Certificate));
        assert_eq!(decode(&bomb[..20]), Err(FileError::Certificate));
        assert_eq!(decode(&[1, 0]), Err(FileError::Certificate));
        assert_eq!(encode(&[0; 65_536]), Err(FileError::Certificate));
    }
}
