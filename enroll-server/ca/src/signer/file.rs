//! Private keys in memory and in files: PKCS#8, encrypted (PBES2: scrypt, AES-256-CBC) under a passphrase.

use std::fs;
use std::path::Path;

use der::{Decode, SecretDocument, pem::LineEnding};
use enroll_server_model::{KeyAlgorithm, random};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rcgen::{KeyPair, PublicKeyData, SigningKey};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{CaError, Result};
use crate::files::{file_error, write_new};
use crate::key_type::table;
use crate::passphrase::Passphrase;
use crate::public_key::PublicKey;
use crate::signer::error::SignError;
use crate::signer::sign::Sign;

/// PEM label of an encrypted PKCS#8 key (RFC 7468, section 11).
const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Cost of the key derivation: N = 2^15, r = 8, p = 1 (32 MiB), about 0.1 s.
const SCRYPT: (u8, u32, u32) = (15, 8, 1);

/// A private key in memory, which can be written to a file and read from it.
#[derive(Debug)]
pub struct FileKey {
    pair: KeyPair,
    public: PublicKey,
}

impl FileKey {
    /// A new key. Takes a second or more for long RSA keys.
    ///
    /// # Errors
    /// If it cannot be generated.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self> {
        Self::new(table::of(algorithm).generate()?)
    }

    fn new(pair: KeyPair) -> Result<Self> {
        let public = PublicKey::from_der(&pair.subject_public_key_info())?;
        Ok(Self { pair, public })
    }

    /// Reads a key from its file.
    ///
    /// # Errors
    /// If the file cannot be read, or cannot be decrypted with this passphrase.
    pub fn load(path: &Path, passphrase: &Passphrase) -> Result<Self> {
        let pem = fs::read_to_string(path).map_err(|source| file_error(path, source))?;
        let wrong = || CaError::WrongPassphrase {
            path: path.to_owned(),
        };
        let (label, document) = SecretDocument::from_pem(&pem)?;
        if label != ENCRYPTED_LABEL {
            return Err(wrong());
        }
        let info = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes())?;
        let key = info.decrypt(passphrase.as_bytes()).map_err(|_| wrong())?;
        Self::new(KeyPair::try_from(key.as_bytes()).map_err(|_| wrong())?)
    }

    /// Writes the key to a new file, encrypted.
    ///
    /// # Errors
    /// If the file exists or cannot be written.
    pub fn save(&self, path: &Path, passphrase: &Passphrase) -> Result<()> {
        let der = self.pkcs8();
        let info = PrivateKeyInfoRef::from_der(&der)?;
        let (log_n, r, p) = SCRYPT;
        let cost =
            scrypt::Params::new(log_n, r, p).map_err(|_| pkcs8::Error::ParametersMalformed)?;
        let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(
            cost,
            &random::bytes::<16>()?,
            random::bytes::<16>()?,
        )
        .map_err(pkcs8::Error::from)?;
        let encrypted = info.encrypt_with_params(parameters, passphrase.as_bytes())?;
        let pem = encrypted.to_pem(ENCRYPTED_LABEL, LineEnding::LF)?;
        write_new(path, pem.as_bytes(), 0o600)
    }

    /// The private key as DER of PKCS#8, for TLS.
    #[must_use]
    pub fn pkcs8(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.pair.serialize_der())
    }
}

impl Sign for FileKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.pair
            .sign(message)
            .map_err(|error| SignError(error.to_string()))
    }
}

impl Drop for FileKey {
    fn drop(&mut self) {
        self.pair.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_with_its_passphrase_and_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = FileKey::generate(KeyAlgorithm::P256).unwrap();
        key.save(
            &path,
            &Passphrase::new("the right passphrase".to_owned()).unwrap(),
        )
        .unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

        let again = FileKey::load(
            &path,
            &Passphrase::new("the right passphrase".to_owned()).unwrap(),
        )
        .unwrap();
        assert_eq!(again.public_key(), key.public_key());
        let refused = FileKey::load(
            &path,
            &Passphrase::new("the wrong passphrase".to_owned()).unwrap(),
        );
        assert!(matches!(refused, Err(CaError::WrongPassphrase { .. })));
    }

    #[test]
    fn a_key_of_every_algorithm_is_of_it_and_signs_before_and_after_it_was_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("only for this test".to_owned()).unwrap();
        for algorithm in KeyAlgorithm::ALL {
            let path = folder.path().join(algorithm.as_str());
            let key = FileKey::generate(algorithm).unwrap();
            assert_eq!(key.public_key().algorithm(), algorithm);
            key.save(&path, &passphrase).unwrap();
            let again = FileKey::load(&path, &passphrase).unwrap();
            for signer in [&key, &again] {
                let signature = signer.sign(b"message").unwrap();
                key.public_key().verify(b"message", &signature).unwrap();
                key.public_key().verify(b"other", &signature).unwrap_err();
            }
        }
    }
}
