//! A secret key for HMAC that stands elsewhere than in a file of its own: encrypted as the authorities' keys are.

use const_oid::ObjectIdentifier;
use der::{Decode, SecretDocument, asn1::OctetStringRef};
use enroll_server_model::random;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::passphrase::Passphrase;
use crate::signer::file;

/// id-hmacWithSHA256 (RFC 8018, appendix B.1.2).
const HMAC_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");

/// A secret key: 256 bits.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// Makes a key. Returns it, and it in PEM, encrypted. Blocks.
///
/// # Errors
/// If there is no randomness.
pub fn make(passphrase: &Passphrase) -> Result<(SecretKey, Zeroizing<String>)> {
    let key = Zeroizing::new(random::bytes::<32>()?);
    let algorithm = AlgorithmIdentifierRef {
        oid: HMAC_WITH_SHA256,
        parameters: None,
    };
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&*key)?);
    let sealed = file::encrypted(&info, passphrase)?;
    Ok((key, sealed))
}

/// The key in such a text; none if this passphrase does not open it. Blocks.
#[must_use]
pub fn open(sealed: &str, passphrase: &Passphrase) -> Option<SecretKey> {
    let (_, document) = SecretDocument::from_pem(sealed).ok()?;
    let info = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).ok()?;
    let opened = info.decrypt(passphrase.as_bytes()).ok()?;
    let key = PrivateKeyInfoRef::from_der(opened.as_bytes()).ok()?;
    let bytes: [u8; 32] = key.private_key.as_bytes().try_into().ok()?;
    (key.algorithm.oid == HMAC_WITH_SHA256).then(|| Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_opened_by_its_passphrase_and_by_no_other() {
        let passphrase = |text: &str| Passphrase::new(text.to_owned()).unwrap();
        let (key, sealed) = make(&passphrase("the right passphrase")).unwrap();
        let opened = open(&sealed, &passphrase("the right passphrase")).unwrap();
        assert_eq!(*opened, *key);
        assert!(open(&sealed, &passphrase("the wrong passphrase")).is_none());
        assert!(open("", &passphrase("the right passphrase")).is_none());
    }
}
