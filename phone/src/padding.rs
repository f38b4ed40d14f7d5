//! What stands around a hash in a signature: the blocks of RSA (RFC 8017, 9), and r and s of ECDSA. The key store applies
//! raw RSA only, as the card edge does.

use card_edge::piv::Curve;
use card_edge::piv::extensions::HashAlgorithm;
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::key_store::KeyStoreError;

/// DigestInfo up to the hash (RFC 8017, 9.2, note 1).
fn digest_info(algorithm: HashAlgorithm) -> [u8; 19] {
    let (info_length, algorithm, hash_length) = match algorithm {
        HashAlgorithm::Sha256 => (0x31, 0x01, 0x20),
        HashAlgorithm::Sha384 => (0x41, 0x02, 0x30),
        HashAlgorithm::Sha512 => (0x51, 0x03, 0x40),
    };
    [
        0x30,
        info_length,
        0x30,
        0x0D,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        algorithm,
        0x05,
        0x00,
        0x04,
        hash_length,
    ]
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2) for a modulus of this many bytes: 00 01, FF to fill, 00, DigestInfo.
///
/// # Errors
/// [`KeyStoreError::InvalidInput`] where the modulus is too short.
pub(crate) fn pkcs1(
    algorithm: HashAlgorithm,
    hash: &[u8],
    modulus: usize,
) -> Result<Vec<u8>, KeyStoreError> {
    pkcs1_around(&[&digest_info(algorithm), hash].concat(), modulus)
}

/// The same around a DigestInfo, or whatever else a host wants signed.
///
/// # Errors
/// [`KeyStoreError::InvalidInput`] where the modulus is too short.
pub(crate) fn pkcs1_around(info: &[u8], modulus: usize) -> Result<Vec<u8>, KeyStoreError> {
    let fill = modulus
        .checked_sub(info.len() + 3)
        .filter(|fill| *fill >= 8)
        .ok_or(KeyStoreError::InvalidInput)?;
    Ok([&[0x00, 0x01], vec![0xFF; fill].as_slice(), &[0x00], info].concat())
}

/// EMSA-PSS (RFC 8017, 9.1.1) with a salt as long as the hash, for a modulus of this many bytes with all its bits.
///
/// # Errors
/// [`KeyStoreError::InvalidInput`] where the modulus is too short, [`KeyStoreError::Failed`] where there is no
/// randomness.
pub(crate) fn pss(
    algorithm: HashAlgorithm,
    hash: &[u8],
    modulus: usize,
) -> Result<Vec<u8>, KeyStoreError> {
    match algorithm {
        HashAlgorithm::Sha256 => pss_with::<Sha256>(hash, modulus),
        HashAlgorithm::Sha384 => pss_with::<Sha384>(hash, modulus),
        HashAlgorithm::Sha512 => pss_with::<Sha512>(hash, modulus),
    }
}

fn pss_with<H: Digest>(hash: &[u8], modulus: usize) -> Result<Vec<u8>, KeyStoreError> {
    let mut salt = vec![0; hash.len()];
    getrandom::fill(&mut salt).map_err(|_| KeyStoreError::Failed)?;
    let inner = H::new()
        .chain_update([0; 8])
        .chain_update(hash)
        .chain_update(&salt)
        .finalize();
    // Zeros, 01 and the salt, all of it masked.
    let fill = modulus
        .checked_sub(inner.len() + salt.len() + 2)
        .ok_or(KeyStoreError::InvalidInput)?;
    let mut block = [vec![0; fill].as_slice(), &[0x01], &salt].concat();
    mask::<H>(&mut block, &inner);
    // One bit less than the modulus has: the number is below it.
    if let Some(first) = block.first_mut() {
        *first &= 0x7F;
    }
    block.extend_from_slice(&inner);
    block.push(0xBC);
    Ok(block)
}

/// Masks bytes, or unmasks them: MGF1 (RFC 8017, B.2.1).
fn mask<H: Digest>(bytes: &mut [u8], seed: &[u8]) {
    let mask = (0u32..).flat_map(|counter| {
        H::new()
            .chain_update(seed)
            .chain_update(counter.to_be_bytes())
            .finalize()
    });
    for (byte, mask) in bytes.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

/// The message in a block of RSAES-PKCS1-v1_5 (RFC 8017, 7.2.2): 00 02, eight bytes or more that are not zero, 00, message.
///
/// # Errors
/// [`KeyStoreError::InvalidInput`] for every other block. The host has proved the PIN, and it learns no more than that.
pub(crate) fn pkcs1_message(block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    let Some(([0x00, 0x02], rest)) = block.split_first_chunk() else {
        return Err(KeyStoreError::InvalidInput);
    };
    let fill = rest.iter().position(|byte| *byte == 0);
    fill.filter(|fill| *fill >= 8)
        .and_then(|fill| rest.get(fill + 1..))
        .map(|message| Zeroizing::new(message.to_vec()))
        .ok_or(KeyStoreError::InvalidInput)
}

/// The message in a block of RSAES-OAEP with SHA-1 and no label (RFC 8017, 7.1.2): 00, masked seed, and masked: the label's
/// hash, zeros, 01, message.
///
/// # Errors
/// [`KeyStoreError::InvalidInput`] for every other block, whatever is wrong with it.
pub(crate) fn oaep_message(block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    let label = Sha1::digest([]);
    let mut block = Zeroizing::new(block.to_vec());
    let unmasked = block.split_first_mut().and_then(|(first, rest)| {
        let (seed, data) = rest.split_at_mut_checked(label.len())?;
        mask::<Sha1>(seed, data);
        mask::<Sha1>(data, seed);
        let (hash, message) = data.split_at_checked(label.len())?;
        let zeros = message.iter().take_while(|byte| **byte == 0).count();
        let (one, message) = message.get(zeros..)?.split_first()?;
        let is_block = first.ct_eq(&0x00) & hash.ct_eq(&label) & one.ct_eq(&0x01);
        bool::from(is_block).then(|| Zeroizing::new(message.to_vec()))
    });
    unmasked.ok_or(KeyStoreError::InvalidInput)
}

/// r and s of an ECDSA signature in DER, each as long as a coordinate.
///
/// # Errors
/// [`KeyStoreError::Failed`] where it is not one.
pub(crate) fn fixed_length(der: &[u8], curve: Curve) -> Result<Vec<u8>, KeyStoreError> {
    let length = curve.field_length();
    let mut reader = SliceReader::new(der).map_err(|_| KeyStoreError::Failed)?;
    let numbers = reader.sequence(|body| -> der::Result<_> {
        Ok([UintRef::decode(body)?, UintRef::decode(body)?])
    });
    let mut out = Vec::with_capacity(2 * length);
    for number in numbers.map_err(|_: der::Error| KeyStoreError::Failed)? {
        let bytes = number.as_bytes();
        let fill = length
            .checked_sub(bytes.len())
            .ok_or(KeyStoreError::Failed)?;
        out.resize(out.len() + fill, 0);
        out.extend_from_slice(bytes);
    }
    Ok(out)
}
