//! AES-CBC and AES-CMAC (SP 800-38A, SP 800-38B) with the keys of a suite.

use aes::cipher::block_padding::{Iso7816, NoPadding};
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use aes::{Aes128, Aes256};
use cmac::{Cmac, Mac};
use zeroize::Zeroizing;

use super::cipher_suite::CipherSuite;

/// The bytes of a block.
pub(super) const BLOCK: usize = 16;

/// A block: a counter, an initialization vector or a MAC.
pub(super) type Block = [u8; BLOCK];

/// One session key.
#[derive(Clone)]
pub(super) struct Key {
    suite: CipherSuite,
    bytes: Zeroizing<Vec<u8>>,
}

/// Keys are cut to the length of their suite; what follows could only fail for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CipherError;

fn failed<E>(_: E) -> CipherError {
    CipherError
}

macro_rules! with_cipher {
    ($key:expr, $cipher:ident => $use:expr) => {
        match $key.suite {
            CipherSuite::Cs2 => {
                type $cipher = Aes128;
                $use
            }
            CipherSuite::Cs7 => {
                type $cipher = Aes256;
                $use
            }
        }
    };
}

impl Key {
    pub(super) fn new(suite: CipherSuite, bytes: &[u8]) -> Self {
        Self {
            suite,
            bytes: Zeroizing::new(bytes.to_vec()),
        }
    }

    /// CMAC over these parts, one after another.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> Result<Block, CipherError> {
        with_cipher!(self, Cipher => {
            let mut mac = <Cmac<Cipher> as KeyInit>::new_from_slice(&self.bytes).map_err(failed)?;
            for part in parts {
                mac.update(part);
            }
            Ok(mac.finalize().into_bytes().into())
        })
    }

    /// One block in ECB mode.
    fn encrypt_block(&self, block: &Block) -> Result<Block, CipherError> {
        with_cipher!(self, Cipher => {
            let cipher = Cipher::new_from_slice(&self.bytes).map_err(failed)?;
            let mut block = (*block).into();
            cipher.encrypt_block(&mut block);
            Ok(block.into())
        })
    }

    /// Encrypts data, padded with 80 00 .., under the initialization vector that belongs to this counter.
    pub(super) fn encrypt(&self, counter: &Block, data: &[u8]) -> Result<Vec<u8>, CipherError> {
        let iv = self.encrypt_block(counter)?;
        with_cipher!(self, Cipher => {
            let mode = cbc::Encryptor::<Cipher>::new_from_slices(&self.bytes, &iv).map_err(failed)?;
            Ok(mode.encrypt_padded_vec::<Iso7816>(data))
        })
    }

    /// Decrypts and takes the padding off; an error where it is not there.
    pub(super) fn decrypt(
        &self,
        counter: &Block,
        encrypted: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        let iv = self.encrypt_block(counter)?;
        let mut data = Zeroizing::new(with_cipher!(self, Cipher => {
            let mode = cbc::Decryptor::<Cipher>::new_from_slices(&self.bytes, &iv).map_err(failed)?;
            mode.decrypt_padded_vec::<NoPadding>(encrypted).map_err(failed)?
        }));
        let end = data
            .iter()
            .rposition(|byte| *byte != 0)
            .filter(|end| data.get(*end) == Some(&0x80) && end + BLOCK >= data.len())
            .ok_or(CipherError)?;
        data.truncate(end);
        Ok(data)
    }
}
