//! Private keys in files: PKCS#8, encrypted (PBES2: scrypt, AES-256-CBC) under a passphrase.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use data_encoding::BASE32_NOPAD;
use der::{Decode, SecretDocument, pem::LineEnding};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rcgen::KeyPair;
use zeroize::Zeroizing;

use enroll_server_model::random;

use super::{CaError, Result};

/// PEM label of an encrypted PKCS#8 key.
const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Cost of the key derivation: N = 2^15, r = 8, p = 1 (32 MiB), about 0.1 s.
const SCRYPT: (u8, u32, u32) = (15, 8, 1);

/// What the key files are encrypted under.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// A passphrase that somebody chose.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The passphrase in a file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|source| file_error(path, source))?;
        let text = Zeroizing::new(text);
        Ok(Self::new(text.trim_end().to_owned()))
    }

    /// The passphrase in a file, which is made with a random one (160 bits) if it is not there.
    ///
    /// # Errors
    /// If the file can be neither read nor written.
    pub fn read_or_create(path: &Path) -> Result<Self> {
        if path.exists() {
            return Self::read(path);
        }
        let bytes = Zeroizing::new(random::bytes::<20>()?);
        let text = Zeroizing::new(BASE32_NOPAD.encode(&*bytes));
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let line = Zeroizing::new(format!("{}\n", *text));
        write_new(path, line.as_bytes(), 0o600)?;
        Ok(Self(text))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Writes a key to a new file, encrypted.
///
/// # Errors
/// If the file is there already or cannot be written.
pub fn save(path: &Path, key: &KeyPair, passphrase: &Passphrase) -> Result<()> {
    let der = Zeroizing::new(key.serialize_der());
    let info = PrivateKeyInfoRef::from_der(&der)?;
    let (log_n, r, p) = SCRYPT;
    let cost = scrypt::Params::new(log_n, r, p).map_err(|_| pkcs8::Error::ParametersMalformed)?;
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(
        cost,
        &random::bytes::<16>()?,
        random::bytes::<16>()?,
    )
    .map_err(pkcs8::Error::from)?;
    let encrypted = info.encrypt_with_params(parameters, passphrase.0.as_bytes())?;
    let pem = encrypted.to_pem(ENCRYPTED_LABEL, LineEnding::LF)?;
    write_new(path, pem.as_bytes(), 0o600)
}

/// Reads a key from its file.
///
/// # Errors
/// If the file cannot be read, or not be decrypted with this passphrase.
pub fn load(path: &Path, passphrase: &Passphrase) -> Result<KeyPair> {
    let pem = fs::read_to_string(path).map_err(|source| file_error(path, source))?;
    let wrong = || CaError::WrongPassphrase {
        path: path.to_owned(),
    };
    let (label, document) = SecretDocument::from_pem(&pem)?;
    if label != ENCRYPTED_LABEL {
        return Err(wrong());
    }
    let info = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes())?;
    let key = info.decrypt(passphrase.0.as_bytes()).map_err(|_| wrong())?;
    KeyPair::try_from(key.as_bytes()).map_err(|_| wrong())
}

/// Writes a file that must not be there yet, and makes sure that it survives a power cut.
///
/// # Errors
/// If it is there or cannot be written.
pub fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|source| file_error(path, source))
}

/// Makes a folder that its owner alone can enter, unless it is there.
///
/// # Errors
/// If it cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| file_error(path, source))
}

/// Makes sure that what was created in a folder survives a power cut.
///
/// # Errors
/// If the operating system cannot.
pub fn sync_folder(path: &Path) -> Result<()> {
    fs::File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| file_error(path, source))
}

/// An error about a file.
pub fn file_error(path: &Path, source: std::io::Error) -> CaError {
    CaError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::PKCS_ECDSA_P256_SHA256;

    #[test]
    fn a_key_is_read_with_its_passphrase_and_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        save(&path, &key, &Passphrase::new("right".to_owned())).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

        let again = load(&path, &Passphrase::new("right".to_owned())).unwrap();
        assert_eq!(again.public_key_raw(), key.public_key_raw());
        let refused = load(&path, &Passphrase::new("wrong".to_owned()));
        assert!(matches!(refused, Err(CaError::WrongPassphrase { .. })));
    }

    #[test]
    fn the_passphrase_file_is_made_once_and_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets/passphrase");
        let first = Passphrase::read_or_create(&path).unwrap();
        let second = Passphrase::read_or_create(&path).unwrap();
        assert_eq!(*first.0, *second.0);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
