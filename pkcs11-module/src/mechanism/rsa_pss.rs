//! CKM_RSA_PKCS_PSS and its forms with a hash: PSS (PKCS#11 3.0 mechanisms, 2.1.10 and 2.1.14; RFC 8017, 9.1).

use card_edge::piv::extensions::Scheme;
use cryptoki_sys::*;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::parameter::Parameter;
use super::row::{Row, Usage};
use super::rsa::SignaturePadding;
use super::scheme::ByCard;
use super::{digest, mask};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;
use crate::public_key::rsa::RsaKey;

const fn row(number: CK_MECHANISM_TYPE, name: &'static str, hash: Option<Hash>) -> Row {
    Row {
        number,
        name,
        keys: &[KeyType::Rsa],
        usage: Usage::Sign,
        hash,
    }
}

/// The mechanisms.
#[rustfmt::skip]
pub const ROWS: [Row; 6] = [
    row(CKM_RSA_PKCS_PSS, "CKM_RSA_PKCS_PSS", None),
    row(CKM_SHA1_RSA_PKCS_PSS, "CKM_SHA1_RSA_PKCS_PSS", Some(Hash::Sha1)),
    row(CKM_SHA224_RSA_PKCS_PSS, "CKM_SHA224_RSA_PKCS_PSS", Some(Hash::Sha224)),
    row(CKM_SHA256_RSA_PKCS_PSS, "CKM_SHA256_RSA_PKCS_PSS", Some(Hash::Sha256)),
    row(CKM_SHA384_RSA_PKCS_PSS, "CKM_SHA384_RSA_PKCS_PSS", Some(Hash::Sha384)),
    row(CKM_SHA512_RSA_PKCS_PSS, "CKM_SHA512_RSA_PKCS_PSS", Some(Hash::Sha512)),
];

/// PSS, of a hash that the caller brings or that the mechanism makes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsaPss {
    /// Whether the input is the message, and not its hash.
    pub hashes: bool,
    /// The parameters.
    pub parameters: PssParameters,
}

impl RsaPss {
    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where it is missing, or names another hash function than the mechanism.
    pub fn read(row: &Row, parameter: &dyn Parameter) -> Result<Self> {
        let pss = parameter.pss()?;
        let parameters = PssParameters {
            hash: digest::find(pss.hashAlg).ok_or(Error::MechanismParameter)?,
            mask_hash: Hash::from_mask_generation(pss.mgf).ok_or(Error::MechanismParameter)?,
            salt_length: usize::try_from(pss.sLen).map_err(|_| Error::MechanismParameter)?,
        };
        if row.hash.is_some_and(|hash| hash != parameters.hash) {
            return Err(Error::MechanismParameter);
        }
        Ok(Self {
            hashes: row.hash.is_some(),
            parameters,
        })
    }
}

impl SignaturePadding for RsaPss {
    fn hash(&self) -> Option<Hash> {
        self.hashes.then_some(self.parameters.hash)
    }

    fn pad(&self, input: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
        encode(input, self.parameters, key.bits())
    }

    /// The card's salt is as long as the hash, and one function is for both.
    fn by_card(&self, input: &[u8]) -> Option<ByCard> {
        let PssParameters {
            hash,
            mask_hash,
            salt_length,
        } = self.parameters;
        (mask_hash == hash && salt_length == hash.length())
            .then(|| ByCard::new(Scheme::Pss, hash, input))?
    }

    fn check(&self, input: &[u8], block: &[u8], key: &RsaKey) -> Result<()> {
        verify(input, block, self.parameters, key.bits())
    }
}

const TRAILER: u8 = 0xBC;

/// The parameters of a PSS signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PssParameters {
    /// The hash function of the message.
    pub hash: Hash,
    /// The hash function of MGF1.
    pub mask_hash: Hash,
    /// The length of the salt in bytes.
    pub salt_length: usize,
}

/// The block, as long as the modulus, that is signed for the hash of a message, with a fresh salt.
///
/// # Errors
/// [`Error::DataLength`] where the hash has another length than its function's or the key is too short.
fn encode(
    message_hash: &[u8],
    parameters: PssParameters,
    modulus_bits: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    // Checked before the salt is made: its length comes from the caller.
    check_lengths(message_hash, parameters, modulus_bits)?;
    let mut salt = Zeroizing::new(vec![0; parameters.salt_length]);
    getrandom::fill(&mut salt)?;
    encode_with_salt(message_hash, &salt, parameters, modulus_bits)
}

/// The length of the encoded message in bytes and the bits of its first byte that are always zero.
fn check_lengths(
    message_hash: &[u8],
    parameters: PssParameters,
    modulus_bits: usize,
) -> Result<(usize, u8)> {
    let bits = modulus_bits.checked_sub(1).ok_or(Error::DataLength)?;
    let length = bits.div_ceil(8);
    let needed = parameters
        .salt_length
        .checked_add(parameters.hash.length() + 2)
        .ok_or(Error::DataLength)?;
    if message_hash.len() != parameters.hash.length() || length < needed {
        return Err(Error::DataLength);
    }
    Ok((
        length,
        0xFF_u8.checked_shr(unused_bits(bits, length)).unwrap_or(0),
    ))
}

fn unused_bits(bits: usize, length: usize) -> u32 {
    u32::try_from(8 * length - bits).unwrap_or(0)
}

fn encode_with_salt(
    message_hash: &[u8],
    salt: &[u8],
    parameters: PssParameters,
    modulus_bits: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    let (length, first_mask) = check_lengths(message_hash, parameters, modulus_bits)?;
    let hash = parameters.hash.of(&[&[0; 8], message_hash, salt]);
    let mut masked = Zeroizing::new(vec![0; length - hash.len() - 1 - salt.len() - 1]);
    masked.push(0x01);
    masked.extend_from_slice(salt);
    mask::apply(&mut masked, &hash, parameters.mask_hash);
    if let Some(first) = masked.first_mut() {
        *first &= first_mask;
    }
    let mut block = Zeroizing::new(vec![0; modulus_bits.div_ceil(8) - length]);
    block.extend_from_slice(&masked);
    block.extend_from_slice(&hash);
    block.push(TRAILER);
    Ok(block)
}

/// Whether an opened signature block, as long as the modulus, is one for the hash of this message.
///
/// # Errors
/// [`Error::Signature`] where it is not, [`Error::DataLength`] as [`encode`].
fn verify(
    message_hash: &[u8],
    block: &[u8],
    parameters: PssParameters,
    modulus_bits: usize,
) -> Result<()> {
    let (length, first_mask) = check_lengths(message_hash, parameters, modulus_bits)?;
    let leading = modulus_bits.div_ceil(8) - length;
    let (zeros, encoded) = block.split_at_checked(leading).ok_or(Error::Signature)?;
    let (masked, rest) = encoded
        .split_at_checked(length - parameters.hash.length() - 1)
        .ok_or(Error::Signature)?;
    let Some((&TRAILER, hash)) = rest.split_last() else {
        return Err(Error::Signature);
    };
    let mut data = masked.to_vec();
    let Some(first) = data.first_mut() else {
        return Err(Error::Signature);
    };
    if zeros.iter().any(|byte| *byte != 0) || *first & !first_mask != 0 {
        return Err(Error::Signature);
    }
    mask::apply(&mut data, hash, parameters.mask_hash);
    if let Some(first) = data.first_mut() {
        *first &= first_mask;
    }
    let (padding, salt) = data
        .split_at_checked(data.len() - parameters.salt_length)
        .ok_or(Error::Signature)?;
    let expected = parameters.hash.of(&[&[0; 8], message_hash, salt]);
    match padding.split_last() {
        Some((0x01, zeros))
            if zeros.iter().all(|byte| *byte == 0) && bool::from(expected.ct_eq(hash)) =>
        {
            Ok(())
        }
        _ => Err(Error::Signature),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: PssParameters = PssParameters {
        hash: Hash::Sha256,
        mask_hash: Hash::Sha256,
        salt_length: 32,
    };

    #[test]
    fn what_is_encoded_is_verified_for_moduli_of_every_shape() {
        let hash = Hash::Sha256.of(&[b"message"]);
        for bits in [1024, 1025, 1031, 2048] {
            for parameters in [
                SHA256,
                PssParameters {
                    mask_hash: Hash::Sha1,
                    salt_length: 0,
                    ..SHA256
                },
            ] {
                let block = encode(&hash, parameters, bits).unwrap();
                assert_eq!(block.len(), bits.div_ceil(8));
                verify(&hash, &block, parameters, bits).unwrap();
                let other = Hash::Sha256.of(&[b"another"]);
                assert_eq!(
                    verify(&other, &block, parameters, bits),
                    Err(Error::Signature)
                );
                for position in 0..block.len() {
                    let mut broken = block.clone();
                    broken[position] ^= 0x80;
                    assert_eq!(
                        verify(&hash, &broken, parameters, bits),
                        Err(Error::Signature)
                    );
                }
            }
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_errors() {
        let huge = PssParameters {
            salt_length: usize::MAX,
            ..SHA256
        };
        assert_eq!(encode(&[0; 32], huge, 2048), Err(Error::DataLength));
        assert_eq!(encode(&[0; 31], SHA256, 2048), Err(Error::DataLength));
        assert_eq!(verify(&[0; 32], &[], SHA256, 2048), Err(Error::Signature));
    }

    #[test]
    fn another_implementation_accepts_the_block() {
        use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
        let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        let key = rsa::PrivateKey::new_unchecked(&mut random, 1024).unwrap();
        let _ = key.d();
        let hash = Hash::Sha256.of(&[b"message"]);
        let block = encode(&hash, SHA256, 1024).unwrap();
        let number = rsa::BoxedUint::from_be_slice(&block, key.n().bits_precision()).unwrap();
        let signature = rsa::hazmat::rsa_decrypt(
            None::<&mut rsa::rand_core::UnwrapErr<getrandom::SysRng>>,
            &key,
            &number,
        )
        .unwrap();
        key.to_public_key()
            .verify(
                rsa::Pss::<sha2::Sha256>::new(),
                &hash,
                &signature.to_be_bytes(),
            )
            .unwrap();
    }
}
