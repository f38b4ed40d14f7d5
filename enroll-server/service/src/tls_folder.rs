//! The folder with key and certificate of HTTPS: `DIR/tls/`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use der::pem::LineEnding;
use der::{Decode, DecodePem, Encode, EncodePem};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectAltName};

use enroll_server_ca::ca_certificate::CaCertificate;
use enroll_server_ca::error::CaError;
use enroll_server_ca::extension;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_ca::validity;
use enroll_server_files::{FileError, SHORT, at, create_folder, is_there, read, sync, write_new};
use enroll_server_model::{KeyAlgorithm, Validity};

/// The folder. What it does blocks.
#[derive(Clone, Debug)]
pub(crate) struct TlsFolder {
    data: PathBuf,
    passphrase: Passphrase,
}

/// Key and certificate of HTTPS.
#[derive(Debug)]
pub(crate) struct Stored {
    /// The key.
    pub(crate) key: FileKey,
    /// The certificate, DER.
    pub(crate) certificate: Vec<u8>,
    /// From when until when the certificate is valid.
    pub(crate) validity: Validity,
}

/// A new folder that has its key and waits for the certificate.
#[derive(Debug)]
pub(crate) struct Begun {
    folder: TlsFolder,
    /// The key.
    pub(crate) key: FileKey,
}

impl TlsFolder {
    /// The folder in a data folder, whose key is encrypted under `passphrase`.
    pub(crate) fn new(data: &Path, passphrase: &Passphrase) -> Self {
        Self {
            data: data.to_owned(),
            passphrase: passphrase.clone(),
        }
    }

    fn path(&self) -> PathBuf {
        self.data.join("tls")
    }

    /// What is stored, if it is for this host and issuer.
    pub(crate) fn load(
        &self,
        host: &str,
        issuer: &CaCertificate,
    ) -> Result<Option<Stored>, CaError> {
        let folder = self.path();
        let path = folder.join("server.pem");
        if !is_there(&path)? {
            return Ok(None);
        }
        let pem = read(&path, SHORT)?;
        let certificate = Certificate::from_pem(&pem)?;
        let tbs = certificate.tbs_certificate();
        let host = extension::host(host)?;
        let is_for_host = tbs
            .get_extension::<SubjectAltName>()?
            .is_some_and(|(_, names)| names.0 == [host]);
        let is_ours = tbs
            .get_extension::<AuthorityKeyIdentifier>()?
            .and_then(|(_, value)| value.key_identifier)
            .is_some_and(|id| id.as_bytes() == issuer.key_identifier);
        if !is_ours || !is_for_host {
            return Ok(None);
        }
        let key = FileKey::load(&folder.join("server.key"), &self.passphrase)?;
        let bits = tbs.subject_public_key_info().subject_public_key.raw_bytes();
        if key.public_key().bits() != bits {
            return Ok(None);
        }
        Ok(Some(Stored {
            key,
            certificate: certificate.to_der()?,
            validity: validity::of(tbs.validity()),
        }))
    }

    fn unfinished(&self) -> PathBuf {
        self.path().with_extension("new")
    }

    /// Makes a key in a new folder beside this one, and reads it back: whatever stands against keeping a key and its
    /// certificate here shows before a certificate is issued.
    pub(crate) fn begin(self, algorithm: KeyAlgorithm) -> Result<Begun, CaError> {
        let unfinished = self.unfinished();
        remove(&unfinished)?;
        create_folder(&unfinished)?;
        let path = unfinished.join("server.key");
        FileKey::generate(algorithm)?.save(&path, &self.passphrase)?;
        Ok(Begun {
            key: FileKey::load(&path, &self.passphrase)?,
            folder: self,
        })
    }
}

impl Begun {
    /// Replaces the folder as a whole, with this certificate (DER): after a power cut the old one or the new one is there
    /// whole, or none, and then another is made.
    pub(crate) fn finish(&self, certificate: &[u8]) -> Result<(), CaError> {
        let folder = self.folder.path();
        let (unfinished, old) = (self.folder.unfinished(), folder.with_extension("old"));
        let pem = Certificate::from_der(certificate)?.to_pem(LineEnding::LF)?;
        write_new(&unfinished.join("server.pem"), pem.as_bytes(), 0o644)?;
        remove(&old)?;
        match fs::rename(&folder, &old) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(FileError::new(&folder, error).into());
            }
            _ => {}
        }
        fs::rename(&unfinished, &folder).map_err(at(&folder))?;
        sync(&self.folder.data)?;
        Ok(remove(&old)?)
    }
}

fn remove(folder: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(FileError::new(folder, error)),
        _ => Ok(()),
    }
}
