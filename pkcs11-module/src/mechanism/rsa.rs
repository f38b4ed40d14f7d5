//! What all RSA mechanisms share: the card does the bare RSA operation, the module what stands around it.

use zeroize::Zeroizing;

use super::scheme::{ByCard, EncryptionScheme, SignatureScheme};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::rsa::RsaKey;

/// What is signed in place of the input, and how that is recognised again.
pub trait SignaturePadding: Send {
    /// The hash function that is applied to the input as it comes.
    fn hash(&self) -> Option<Hash>;

    /// The block, as long as the modulus, that is signed.
    ///
    /// # Errors
    /// [`Error::DataLength`] where the input does not fit.
    fn pad(&self, input: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>>;

    /// What a card that pads is asked for instead, where it knows this padding.
    fn by_card(&self, _input: &[u8]) -> Option<ByCard> {
        None
    }

    /// Whether the block that was signed is one for this input.
    ///
    /// # Errors
    /// [`Error::Signature`] where it is not, or as [`Self::pad`].
    fn check(&self, input: &[u8], block: &[u8], key: &RsaKey) -> Result<()> {
        (*self.pad(input, key)? == block)
            .then_some(())
            .ok_or(Error::Signature)
    }
}

/// What is encrypted in place of the message, and how the message is found in it again.
pub trait EncryptionPadding: Send + Sync {
    /// The most bytes that a message can have.
    fn message_max(&self, key: &RsaKey) -> usize;

    /// The block, as long as the modulus, that is encrypted.
    ///
    /// # Errors
    /// [`Error::DataLength`] where the message does not fit.
    fn pad(&self, message: &[u8], key: &RsaKey) -> Result<Zeroizing<Vec<u8>>>;

    /// The message in a decrypted block.
    ///
    /// # Errors
    /// [`Error::EncryptedData`] where the block is not padded so.
    fn open(&self, block: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>>;
}

/// An RSA key with a padding.
pub struct Padded<P> {
    /// The padding.
    pub padding: P,
    /// The key.
    pub key: RsaKey,
}

impl<P> Padded<P> {
    /// The card's answer, if it is as long as the modulus.
    fn whole(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        if answer.len() == self.key.length() {
            Ok(answer)
        } else {
            Err(Error::Device(
                "the card's answer has a wrong length for an RSA key".into(),
            ))
        }
    }
}

impl<P: SignaturePadding> SignatureScheme for Padded<P> {
    fn hash(&self) -> Option<Hash> {
        self.padding.hash()
    }

    fn length(&self) -> usize {
        self.key.length()
    }

    fn by_card(&self, input: &[u8]) -> Option<ByCard> {
        self.padding.by_card(input)
    }

    fn block(&self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.padding.pad(input, &self.key)
    }

    fn signature(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        self.whole(answer)
    }

    fn verify(&self, input: &[u8], signature: &[u8]) -> Result<()> {
        if signature.len() != self.key.length() {
            return Err(Error::SignatureLength);
        }
        let block = self.key.apply(signature).map_err(|_| Error::Signature)?;
        self.padding.check(input, &block, &self.key)
    }
}

impl<P: EncryptionPadding> EncryptionScheme for Padded<P> {
    fn ciphertext_length(&self) -> usize {
        self.key.length()
    }

    fn message_max(&self) -> usize {
        self.padding.message_max(&self.key)
    }

    fn encrypt(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let block = self.padding.pad(message, &self.key)?;
        Ok(Zeroizing::new(self.key.apply(&block)?))
    }

    fn check(&self, ciphertext: &[u8]) -> Result<()> {
        if ciphertext.len() != self.key.length() {
            return Err(Error::EncryptedDataLength);
        }
        if ciphertext >= self.key.modulus.as_slice() {
            return Err(Error::EncryptedData);
        }
        Ok(())
    }

    fn open(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        self.padding.open(self.whole(answer)?)
    }
}
