//! The command data of SET MANAGEMENT KEY (FF).
//!
//! ```text
//! cipher (1 byte), 9B, length (1 byte), key
//! ```

use zeroize::Zeroizing;

use crate::piv::algorithm::Cipher;
use crate::piv::management_key::ManagementKey;
use crate::piv::reference::KeyReference;
use crate::tlv::TlvError;

/// Encodes the command data.
///
/// # Errors
/// [`TlvError::UnsupportedLength`] never for a key that fits its cipher.
pub fn encode(key: &ManagementKey) -> Result<Zeroizing<Vec<u8>>, TlvError> {
    let bytes = key.as_bytes();
    let length = u8::try_from(bytes.len()).map_err(|_| TlvError::UnsupportedLength)?;
    let reference = KeyReference::CardManagement.to_u8();
    let mut data = Zeroizing::new(Vec::with_capacity(3 + bytes.len()));
    data.extend([key.cipher().identifier(), reference, length]);
    data.extend_from_slice(bytes);
    Ok(data)
}

/// Reads the command data; `None` where it is not a management key.
#[must_use]
pub fn decode(data: &[u8]) -> Option<ManagementKey> {
    let [cipher, reference, length, key @ ..] = data else {
        return None;
    };
    if *reference != KeyReference::CardManagement.to_u8() || usize::from(*length) != key.len() {
        return None;
    }
    ManagementKey::new(Cipher::try_from(*cipher).ok()?, key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_must_fit_its_cipher_and_its_length() {
        let data = [&[0x08, 0x9B, 16][..], &[7; 16]].concat();
        let key = decode(&data).unwrap();
        assert_eq!(*encode(&key).unwrap(), data);
        assert_eq!(
            (key.cipher(), key.as_bytes()),
            (Cipher::Aes128, &[7; 16][..])
        );
        assert!(decode(&data[..18]).is_none());
        assert!(decode(&[&[0x0A, 0x9B, 16][..], &[7; 16]].concat()).is_none());
        assert!(decode(&[&[0x08, 0x9A, 16][..], &[7; 16]].concat()).is_none());
    }
}
