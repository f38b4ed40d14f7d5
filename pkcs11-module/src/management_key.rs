//! The card management key, which is the PIN of the security officer: how programs give it, and how it is held.

use card_edge::piv::Cipher;
use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret_memory::LockedBytes;

/// The bytes of the longest key.
const LENGTH_MAX: usize = 32;

/// A card management key as a program gave it, in memory that is neither swapped out nor dumped. Which cipher it is for
/// its length says, but for the two ciphers whose keys are equally long.
pub struct HeldKey {
    bytes: LockedBytes<LENGTH_MAX>,
    length: usize,
}

impl HeldKey {
    /// Reads a key: hexadecimal digits, or the bytes themselves. 32 hexadecimal digits are a key of AES-128, and not the
    /// bytes of one of AES-256.
    ///
    /// # Errors
    /// [`Error::PinLength`] where no key is so long, [`Error::PinIncorrect`] where it is as long as the digits of one and
    /// is not hexadecimal, [`Error::HostMemory`] where the system gives no memory that is not swapped out.
    pub fn read(given: &[u8]) -> Result<Self> {
        let is_key = |length: usize| Cipher::ALL.iter().any(|known| known.key_length() == length);
        let decoded = HEXLOWER_PERMISSIVE.decode(given).map(Zeroizing::new);
        let key = match &decoded {
            Ok(key) if is_key(key.len()) => key.as_slice(),
            _ if is_key(given.len()) => given,
            _ if given.len().is_multiple_of(2) && is_key(given.len() / 2) => {
                return Err(Error::PinIncorrect);
            }
            _ => return Err(Error::PinLength),
        };
        let mut bytes = Zeroizing::new([0; LENGTH_MAX]);
        for (to, from) in bytes.iter_mut().zip(key) {
            *to = *from;
        }
        Ok(Self {
            bytes: LockedBytes::new(&bytes).ok_or(Error::HostMemory)?,
            length: key.len(),
        })
    }

    /// The ciphers that have keys of this length, the one that cards have today first.
    pub fn ciphers(&self) -> impl Iterator<Item = Cipher> {
        let length = self.length;
        let in_order = [
            Cipher::Aes128,
            Cipher::Aes192,
            Cipher::Aes256,
            Cipher::TripleDes,
        ];
        in_order
            .into_iter()
            .filter(move |cipher| cipher.key_length() == length)
    }

    /// Lets a function use the key's bytes.
    pub fn with_bytes<R>(&self, act: impl FnOnce(&[u8]) -> R) -> R {
        let bytes = self.bytes.as_bytes();
        act(bytes.get(..self.length).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ciphers(given: &[u8]) -> Result<Vec<Cipher>> {
        HeldKey::read(given).map(|key| key.ciphers().collect())
    }

    #[test]
    fn keys_are_read_as_digits_and_as_bytes() {
        let digits = b"0102030405060708010203040506070801020304050607AF";
        let key = HeldKey::read(digits).unwrap();
        key.with_bytes(|bytes| {
            assert_eq!(bytes.len(), 24);
            assert_eq!(bytes[..3], [1, 2, 3]);
            assert_eq!(bytes[23], 0xAF);
        });
        assert_eq!(ciphers(digits), Ok(vec![Cipher::Aes192, Cipher::TripleDes]));
        assert_eq!(ciphers(&[7; 24]), ciphers(digits));
        assert_eq!(ciphers(&[7; 16]), Ok(vec![Cipher::Aes128]));
        assert_eq!(ciphers(&[b'7'; 32]), Ok(vec![Cipher::Aes128]));
        assert_eq!(ciphers(&[7; 32]), Ok(vec![Cipher::Aes256]));
        assert_eq!(ciphers(&[b'7'; 64]), Ok(vec![Cipher::Aes256]));
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        assert_eq!(ciphers(b"123456"), Err(Error::PinLength));
        assert_eq!(ciphers(b""), Err(Error::PinLength));
        assert_eq!(ciphers(&[b'x'; 48]), Err(Error::PinIncorrect));
        assert_eq!(ciphers(&[b'x'; 47]), Err(Error::PinLength));
    }
}
