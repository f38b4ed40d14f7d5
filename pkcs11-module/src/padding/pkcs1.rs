//! PKCS #1 v1.5 padding (RFC 8017, 7.2 and 9.2).

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Bytes of a block that are not the message: 00, the block type, at least eight bytes of padding, 00.
pub const OVERHEAD: usize = 11;

const LEADING: usize = 2;
const PADDING_MIN: usize = 8;

/// The block `00 01 FF .. FF 00 data`, as long as the modulus, that is signed for `data`.
///
/// # Errors
/// [`Error::DataLength`] where `data` is longer than the modulus less [`OVERHEAD`].
pub fn encode_signature(data: &[u8], modulus_length: usize) -> Result<Zeroizing<Vec<u8>>> {
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
pub fn encode_encryption(data: &[u8], modulus_length: usize) -> Result<Zeroizing<Vec<u8>>> {
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
/// depends on the bytes: neither time nor cache tells why a block is refused (Bleichenbacher's attack).
///
/// # Errors
/// [`Error::EncryptedData`] where the block is not padded so.
pub fn decode_encryption(block: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let [first, second, rest @ ..] = block else {
        return Err(Error::EncryptedData);
    };
    let mut valid = first.ct_eq(&0x00) & second.ct_eq(&0x02);
    let mut found = Choice::from(0);
    let mut start = 0_u32;
    for (position, byte) in (0_u32..).zip(rest) {
        let separator = byte.ct_eq(&0x00) & !found;
        start = u32::conditional_select(&start, &(position + 1), separator);
        found |= separator;
    }
    let padding_min = u32::try_from(PADDING_MIN).map_err(|_| Error::EncryptedData)?;
    valid &= found & start.ct_gt(&padding_min);
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
