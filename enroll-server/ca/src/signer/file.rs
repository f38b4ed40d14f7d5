//! Private keys in memory and in files: PKCS#8, encrypted (PBES2: PBKDF2 with HMAC-SHA-256,
//! AES-256-CBC) under a passphrase: what openssl and GnuTLS open.

use std::io::ErrorKind;
use std::path::Path;

use der::{Decode, SecretDocument, pem::LineEnding};
use enroll_server_files::{SHORT, read, replace, write_new};
use enroll_server_model::{KeyAlgorithm, random};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{self, Pbkdf2Prf};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rcgen::{KeyPair, PublicKeyData, SigningKey};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{CaError, Result};
use crate::key_type::table;
use crate::passphrase::Passphrase;
use crate::public_key::PublicKey;
use crate::signer::error::SignError;
use crate::signer::sign::Sign;

/// PEM label of an encrypted PKCS#8 key (RFC 7468, section 11).
const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Rounds of the key derivation, which may take about 0.2 s. scrypt at a like cost takes more memory than openssl allows
/// it by itself, so that only programs that ask for more could open the key.
const ROUNDS: u32 = 600_000;

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
        let wrong = || CaError::WrongPassphrase {
            path: path.to_owned(),
        };
        let document = document(path)?;
        let info =
            EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|_| damaged(path))?;
        let key = info.decrypt(passphrase.as_bytes()).map_err(|_| wrong())?;
        Self::new(KeyPair::try_from(key.as_bytes()).map_err(|_| wrong())?)
    }

    /// Whether a file has an encrypted key, under whatever passphrase.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        let document = document(path).ok();
        document.is_some_and(|it| EncryptedPrivateKeyInfoRef::from_der(it.as_bytes()).is_ok())
    }

    /// Writes the key to a new file, encrypted.
    ///
    /// # Errors
    /// If the file exists or cannot be written.
    pub fn save(&self, path: &Path, passphrase: &Passphrase) -> Result<()> {
        Ok(write_new(
            path,
            self.encrypted(passphrase)?.as_bytes(),
            0o600,
        )?)
    }

    /// Encrypts a key file as one is now that an earlier version encrypted in another way. Returns whether it did.
    ///
    /// # Errors
    /// As [`FileKey::load`], and if the file cannot be written; it is as it was then.
    pub fn encrypt_as_now(path: &Path, passphrase: &Passphrase) -> Result<bool> {
        let document = document(path)?;
        let info =
            EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|_| damaged(path))?;
        if is_as_now(&info.encryption_algorithm) {
            return Ok(false);
        }
        let key = Self::load(path, passphrase)?;
        replace(path, key.encrypted(passphrase)?.as_bytes(), 0o600)?;
        Ok(true)
    }

    /// The key in PEM, encrypted.
    fn encrypted(&self, passphrase: &Passphrase) -> Result<Zeroizing<String>> {
        let der = self.pkcs8();
        encrypted(&PrivateKeyInfoRef::from_der(&der)?, passphrase)
    }

    /// The private key as DER of PKCS#8, for TLS.
    #[must_use]
    pub fn pkcs8(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.pair.serialize_der())
    }
}

/// A key in PEM, encrypted.
pub(crate) fn encrypted(
    key: &PrivateKeyInfoRef<'_>,
    passphrase: &Passphrase,
) -> Result<Zeroizing<String>> {
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(
        ROUNDS,
        &random::bytes::<16>()?,
        random::bytes::<16>()?,
    )
    .map_err(pkcs8::Error::from)?;
    let encrypted = key.encrypt_with_params(parameters, passphrase.as_bytes())?;
    Ok(encrypted.to_pem(ENCRYPTED_LABEL, LineEnding::LF)?)
}

/// Reads the DER of a key file.
fn document(path: &Path) -> Result<SecretDocument> {
    let bytes = read(path, SHORT).map_err(|error| match error.kind() {
        ErrorKind::NotFound => CaError::NoKey {
            path: path.to_owned(),
        },
        _ => error.into(),
    })?;
    let pem = String::from_utf8(bytes).map_err(|_| damaged(path))?;
    match SecretDocument::from_pem(&pem) {
        Ok((ENCRYPTED_LABEL, document)) => Ok(document),
        _ => Err(damaged(path)),
    }
}

fn damaged(path: &Path) -> CaError {
    CaError::DamagedKey {
        path: path.to_owned(),
    }
}

/// Whether a key is encrypted as [`FileKey::save`] does it.
fn is_as_now(scheme: &EncryptionScheme) -> bool {
    scheme
        .pbes2()
        .and_then(|parameters| parameters.kdf.pbkdf2())
        .is_some_and(|kdf| kdf.iteration_count >= ROUNDS && kdf.prf == Pbkdf2Prf::HmacWithSha256)
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
    use std::fs;

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
