//! CKM_RSA_PKCS and its forms with a hash: PKCS #1 v1.5 (PKCS#11 3.0 mechanisms, 2.1.6 and 2.1.12; RFC 8017, 7.2
//! and 9.2).

use card_edge::piv::extensions::Scheme;
use cryptoki_sys::*;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

use super::row::{Row, Usage};
use super::rsa::{EncryptionPadding, SignaturePadding};
use super::scheme::ByCard;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;
use crate::public_key::rsa::RsaKey;

const fn row(
    number: CK_MECHANISM_TYPE,
    name: &'static str,
    usage: Usage,
    hash: Option<Hash>,
) -> Row {
    Row {
        number,
        name,
        keys: &[KeyType::Rsa],
        usage,
        hash,
    }
}

const fn hashing(number: CK_MECHANISM_TYPE, name: &'static str, hash: Hash) -> Row {
    row(number, name, Usage::Sign, Some(hash))
}

/// The mechanisms. The one without a hash signs the DigestInfo that the caller brings, and encrypts.
pub const ROWS: [Row; 6] = [
    row(CKM_RSA_PKCS, "CKM_RSA_PKCS", Usage::SignAndDecrypt, None),
    hashing(CKM_SHA1_RSA_PKCS, "CKM_SHA1_RSA_PKCS", Hash::Sha1),
    hashing(CKM_SHA224_RSA_PKCS, "CKM_SHA224_RSA_PKCS", Hash::Sha224),
    hashing(CKM_SHA256_RSA_PKCS, "CKM_SHA256_RSA_PKCS", Hash::Sha256),
    hashing(CKM_SHA384_RSA_PKCS, "CKM_SHA384_RSA_PKCS", Hash::Sha384),
    hashing(CKM_SHA512_RSA_PKCS, "CKM_SHA512_RSA_PKCS", Hash::Sha512),
];

/// PKCS #1 v1.5; without a hash function the caller brings the DigestInfo, or the message to encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsaPkcs {
    /// The hash function that the mechanism applies by itself.
    pub hash: Option<Hash>,
}

impl SignaturePadding for RsaPkcs {
    fn hash(&self) -> Option<Hash> {
        self.hash
    }

    fn pad(&self, input: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
        match self.hash {
            Some(hash) => encode_signature(&hash.digest_info(input)?, key.length()),
            None => encode_signature(input, key.length()),
        }
    }

    /// A DigestInfo that a caller brings is taken apart, where it is one as the standard writes it: the card makes the same.
    fn by_card(&self, input: &[u8]) -> Option<ByCard> {
        if let Some(hash) = self.hash {
            return ByCard::new(Scheme::Pkcs1, hash, input);
        }
        [Hash::Sha256, Hash::Sha384, Hash::Sha512]
            .into_iter()
            .find_map(|function| {
                let (_, hash) =
                    input.split_at_checked(input.len().checked_sub(function.length())?)?;
                let info = function.digest_info(hash).ok()?;
                (*info == *input).then(|| ByCard::new(Scheme::Pkcs1, function, hash))?
            })
    }
}

impl EncryptionPadding for RsaPkcs {
    fn message_max(&self, key: &RsaKey) -> usize {
        key.length().saturating_sub(OVERHEAD)
    }

    fn pad(&self, message: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
        encode_encryption(message, key.length())
    }

    fn open(&self, block: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        decode_encryption(&block)
    }
}

/// Bytes of a block that are not the message: 00, the block type, at least eight bytes of padding, 00.
const OVERHEAD: usize = 11;

const LEADING: usize = 2;
const PADDING_MIN: usize = 8;

/// The block `00 01 FF .. FF 00 data`, as long as the modulus, that is signed for `data`.
///
/// # Errors
/// [`Error::DataLength`] where `data` is longer than the modulus less [`OVERHEAD`].
fn encode_signature(data: &[u8], modulus_length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let filling = filling_length(data, modulus_length)?;
    let mut block = Zeroizing::new(Vec::with_capacity(modulus_length));
    block.extend([0x00, 0x01]);
    block.resize(LEADING + filling, 0xFF);
    block.push(0x00);
    block.extend_from_slice(data);
    Ok(block)
}

/// The block `00 02 random 00 data`, as long as the modulus, that is encrypted for `data`.
///
/// # Errors
/// [`Error::DataLength`] where `data` is longer than the modulus less [`OVERHEAD`].
fn encode_encryption(data: &[u8], modulus_length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let filling = filling_length(data, modulus_length)?;
    let mut block = Zeroizing::new(Vec::with_capacity(modulus_length));
    block.extend([0x00, 0x02]);
    while block.len() < LEADING + filling {
        let mut random = Zeroizing::new([0_u8; 64]);
        getrandom::fill(random.as_mut_slice())?;
        let missing = LEADING + filling - block.len();
        block.extend(random.iter().filter(|byte| **byte != 0).take(missing));
    }
    block.push(0x00);
    block.extend_from_slice(data);
    Ok(block)
}

fn filling_length(data: &[u8], modulus_length: usize) -> Result<usize> {
    modulus_length
        .checked_sub(data.len() + 3)
        .filter(|filling| *filling >= PADDING_MIN)
        .ok_or(Error::DataLength)
}

/// The message in a decrypted block. Where it starts is found without a branch or memory access that
/// depends on the bytes: neither time nor cache shows why a block is refused (Bleichenbacher's attack).
///
/// # Errors
/// [`Error::EncryptedData`] where the block is not padded so.
fn decode_encryption(block: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let [first, second, rest @ ..] = block else {
        return Err(Error::EncryptedData);
    };
    let mut valid = first.ct_eq(&0x00) & second.ct_eq(&0x02);
    let mut separated = Choice::from(0);
    let mut start = 0_u32;
    for (position, byte) in (0_u32..).zip(rest) {
        let separator = byte.ct_eq(&0x00) & !separated;
        start = u32::conditional_select(&start, &(position + 1), separator);
        separated |= separator;
    }
    let padding_min = u32::try_from(PADDING_MIN).map_err(|_| Error::EncryptedData)?;
    valid &= separated & start.ct_gt(&padding_min);
    if bool::from(!valid) {
        return Err(Error::EncryptedData);
    }
    let start = usize::try_from(start).map_err(|_| Error::EncryptedData)?;
    rest.get(start..)
        .map(|message| Zeroizing::new(message.to_vec()))
        .ok_or(Error::EncryptedData)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_block_is_filled_with_ff() {
        let block = encode_signature(b"hash", 16).unwrap();
        assert_eq!(
            block.as_slice(),
            b"\x00\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00hash"
        );
        assert_eq!(encode_signature(&[0; 6], 16), Err(Error::DataLength));
    }

    #[test]
    fn encrypted_messages_of_every_length_come_back() {
        for length in 0..=117 {
            let message = vec![7; length];
            let block = encode_encryption(&message, 128).unwrap();
            assert_eq!(block.len(), 128);
            assert_eq!(*decode_encryption(&block).unwrap(), message);
        }
    }

    #[test]
    fn blocks_that_are_not_padded_so_are_refused() {
        let good = encode_encryption(b"message", 32).unwrap();
        let mut wrong_type = good.clone();
        wrong_type[1] = 1;
        let mut short_padding = good.clone();
        short_padding[5] = 0;
        let mut no_separator = good.clone();
        for byte in no_separator.iter_mut().skip(2) {
            *byte |= 1;
        }
        for block in [wrong_type, short_padding, no_separator] {
            assert_eq!(decode_encryption(&block), Err(Error::EncryptedData));
        }
        assert_eq!(decode_encryption(&[]), Err(Error::EncryptedData));
    }
}
