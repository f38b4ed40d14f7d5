//! CKM_RSA_X_509: RSA without padding (PKCS#11 3.0 mechanisms, 2.1.9).

use cryptoki_sys::CKM_RSA_X_509;
use zeroize::Zeroizing;

use super::row::{Row, Usage};
use super::rsa::{EncryptionPadding, SignaturePadding};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;
use crate::public_key::rsa::RsaKey;

/// The mechanism.
pub const ROWS: [Row; 1] = [Row {
    number: CKM_RSA_X_509,
    name: "CKM_RSA_X_509",
    keys: &[KeyType::Rsa],
    usage: Usage::SignAndDecrypt,
    hash: None,
}];

/// No padding: the input, filled with zeros at the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsaRaw;

fn block(input: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
    let filling = key
        .length()
        .checked_sub(input.len())
        .ok_or(Error::DataLength)?;
    let mut block = Zeroizing::new(vec![0; filling]);
    block.extend_from_slice(input);
    if block.as_slice() >= key.modulus.as_slice() {
        return Err(Error::DataLength);
    }
    Ok(block)
}

impl SignaturePadding for RsaRaw {
    fn hash(&self) -> Option<Hash> {
        None
    }

    fn pad(&self, input: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
        block(input, key)
    }
}

impl EncryptionPadding for RsaRaw {
    fn message_max(&self, key: &RsaKey) -> usize {
        key.length()
    }

    fn pad(&self, message: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>> {
        block(message, key)
    }

    fn open(&self, block: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        Ok(block)
    }
}
