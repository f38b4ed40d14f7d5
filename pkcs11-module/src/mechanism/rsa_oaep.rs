//! CKM_RSA_PKCS_OAEP (PKCS#11 3.0 mechanisms, 2.1.8; RFC 8017, 7.1).

use cryptoki_sys::{CKM_RSA_PKCS_OAEP, CKZ_DATA_SPECIFIED};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::parameter::Parameter;
use super::row::{Row, Usage};
use super::rsa::EncryptionPadding;
use super::{digest, mask};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;
use crate::public_key::rsa::RsaKey;

/// The mechanism.
pub const ROWS: [Row; 1] = [Row {
    number: CKM_RSA_PKCS_OAEP,
    name: "CKM_RSA_PKCS_OAEP",
    keys: &[KeyType::Rsa],
    usage: Usage::Decrypt,
    hash: None,
}];

/// OAEP with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaOaep {
    /// The hash function of the label.
    pub hash: Hash,
    /// The hash function of MGF1.
    pub mask_hash: Hash,
    /// The label, usually empty.
    pub label: Vec<u8>,
}

impl RsaOaep {
    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where it is missing or names what is not known.
    pub fn read(parameter: &dyn Parameter) -> Result<Self> {
        let oaep = parameter.oaep()?;
        if oaep.source != CKZ_DATA_SPECIFIED && !oaep.label.is_empty() {
            return Err(Error::MechanismParameter);
        }
        Ok(Self {
            hash: digest::find(oaep.hash).ok_or(Error::MechanismParameter)?,
            mask_hash: Hash::from_mask_generation(oaep.mask_generation)
                .ok_or(Error::MechanismParameter)?,
            label: oaep.label,
        })
    }

    /// Most bytes of a message under a modulus of this many bytes.
    fn longest(&self, modulus_length: usize) -> Option<usize> {
        modulus_length.checked_sub(2 * self.hash.length() + 2)
    }
}

impl EncryptionPadding for RsaOaep {
    fn message_max(&self, key: &RsaKey) -> usize {
        self.longest(key.length()).unwrap_or_default()
    }

    fn pad(&self, message: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
        encode(message, self, key.length())
    }

    fn open(&self, block: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        decode(&block, self)
    }
}

/// The block, as long as the modulus, that is encrypted for a message.
///
/// # Errors
/// [`Error::DataLength`] where the message is too long for the key.
fn encode(
    message: &[u8],
    parameters: &RsaOaep,
    modulus_length: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    let filling = parameters
        .longest(modulus_length)
        .and_then(|max| max.checked_sub(message.len()))
        .ok_or(Error::DataLength)?;
    let mut seed = Zeroizing::new(vec![0; parameters.hash.length()]);
    getrandom::fill(&mut seed)?;
    let mut data = parameters.hash.of(&[&parameters.label]);
    let length = data.len() + filling;
    data.resize(length, 0);
    data.push(0x01);
    data.extend_from_slice(message);
    mask::apply(&mut data, &seed, parameters.mask_hash);
    mask::apply(&mut seed, &data, parameters.mask_hash);
    let mut block = Zeroizing::new(Vec::with_capacity(modulus_length));
    block.push(0x00);
    block.extend_from_slice(&seed);
    block.extend_from_slice(&data);
    Ok(block)
}

/// The message in a decrypted block. Why a block is refused cannot be told from the time it takes
/// (Manger's attack).
///
/// # Errors
/// [`Error::EncryptedData`] where the block is not padded so.
fn decode(block: &[u8], parameters: &RsaOaep) -> Result<Zeroizing<Vec<u8>>> {
    let hash_length = parameters.hash.length();
    let (first, rest) = block.split_first().ok_or(Error::EncryptedData)?;
    let (seed, data) = rest
        .split_at_checked(hash_length)
        .filter(|(_, data)| data.len() > hash_length)
        .ok_or(Error::EncryptedData)?;
    let mut seed = Zeroizing::new(seed.to_vec());
    let mut data = Zeroizing::new(data.to_vec());
    mask::apply(&mut seed, &data, parameters.mask_hash);
    mask::apply(&mut data, &seed, parameters.mask_hash);
    let (label_hash, message) = data
        .split_at_checked(hash_length)
        .ok_or(Error::EncryptedData)?;
    let mut valid =
        first.ct_eq(&0x00) & label_hash.ct_eq(&parameters.hash.of(&[&parameters.label]));
    let mut separated = Choice::from(0);
    let mut start = 0_u32;
    for (position, byte) in (0_u32..).zip(message) {
        let separator = byte.ct_eq(&0x01) & !separated;
        start = u32::conditional_select(&start, &(position + 1), separator);
        separated |= separator;
        valid &= separated | byte.ct_eq(&0x00);
    }
    valid &= separated;
    if bool::from(!valid) {
        return Err(Error::EncryptedData);
    }
    let start = usize::try_from(start).map_err(|_| Error::EncryptedData)?;
    message
        .get(start..)
        .map(|message| Zeroizing::new(message.to_vec()))
        .ok_or(Error::EncryptedData)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(label: &[u8]) -> RsaOaep {
        RsaOaep {
            hash: Hash::Sha256,
            mask_hash: Hash::Sha1,
            label: label.to_vec(),
        }
    }

    #[test]
    fn messages_of_every_length_come_back() {
        for length in 0..=62 {
            let message = vec![1; length];
            let block = encode(&message, &parameters(b"label"), 128).unwrap();
            assert_eq!(block.len(), 128);
            assert_eq!(*decode(&block, &parameters(b"label")).unwrap(), message);
        }
        assert_eq!(
            encode(&[0; 63], &parameters(b""), 128),
            Err(Error::DataLength)
        );
    }

    #[test]
    fn another_label_and_broken_blocks_are_refused() {
        let block = encode(b"message", &parameters(b"label"), 128).unwrap();
        assert_eq!(
            decode(&block, &parameters(b"other")),
            Err(Error::EncryptedData)
        );
        for position in [0, 1, 40, 127] {
            let mut broken = block.clone();
            broken[position] ^= 1;
            let decoded = decode(&broken, &parameters(b"label"));
            assert!(decoded != Ok(Zeroizing::new(b"message".to_vec())));
        }
        assert_eq!(decode(&[], &parameters(b"")), Err(Error::EncryptedData));
    }
}
