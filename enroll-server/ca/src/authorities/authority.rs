//! One certificate authority: its certificate, its key and its addresses.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use enroll_server_model::{IssuerRole, KeyLocation};

use crate::addresses::{IssuerAddresses, RelyingAddresses};
use crate::ca_certificate::CaCertificate;
use crate::error::{CaError, Result};
use crate::key_id::KeyId;
use crate::passphrase::Passphrase;
use crate::signer::file::FileKey;
use crate::signer::sign::{Sign, Signer};

/// An authority as it is on record.
#[derive(Clone, Debug)]
pub struct AuthorityRecord {
    /// Its id in the database.
    pub id: String,
    /// What it is for.
    pub role: IssuerRole,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Where its key is.
    pub key: KeyLocation,
}

/// How an authority gets at its key.
#[derive(Clone, Debug)]
pub enum AuthorityKey {
    /// It is ready to sign at any time.
    Resident(Signer),
    /// It is read when there is something to sign, and forgotten after. It may be taken offline.
    Stored {
        /// Its file.
        path: PathBuf,
        /// What the file is encrypted under.
        passphrase: Passphrase,
    },
}

/// A certificate authority.
#[derive(Debug)]
pub struct Authority {
    id: String,
    role: IssuerRole,
    certificate: CaCertificate,
    key: AuthorityKey,
    addresses: IssuerAddresses,
    // Made when it is first needed: to generate one takes long where the authority's key is RSA.
    throw_away: Mutex<Option<Signer>>,
}

impl Authority {
    /// An authority with its key at hand.
    #[must_use]
    pub fn new(
        id: String,
        role: IssuerRole,
        certificate: CaCertificate,
        key: AuthorityKey,
        addresses: &RelyingAddresses,
    ) -> Self {
        Self {
            id,
            role,
            addresses: addresses.of(certificate.key_id),
            certificate,
            key,
            throw_away: Mutex::default(),
        }
    }

    /// Opens an authority that is on record, with its key in `folder`. The root's key is not read yet.
    ///
    /// # Errors
    /// If the certificate is malformed, or the key of an issuing authority is missing, cannot be decrypted or does not
    /// belong to the certificate.
    pub fn open(
        record: AuthorityRecord,
        folder: &Path,
        passphrase: &Passphrase,
        addresses: &RelyingAddresses,
    ) -> Result<Self> {
        let certificate = CaCertificate::from_der(&record.certificate)?;
        let KeyLocation::File(name) = &record.key;
        let path = folder.join(name);
        let key = match record.role {
            IssuerRole::Root => AuthorityKey::Stored {
                path,
                passphrase: passphrase.clone(),
            },
            IssuerRole::Issuing => {
                AuthorityKey::Resident(read_key(&path, passphrase, &certificate)?)
            }
        };
        Ok(Self::new(
            record.id,
            record.role,
            certificate,
            key,
            addresses,
        ))
    }

    /// Its id in the database.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> IssuerRole {
        self.role
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &CaCertificate {
        &self.certificate
    }

    /// The name of its key in addresses.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.certificate.key_id
    }

    /// Where relying parties find what belongs to it.
    #[must_use]
    pub fn addresses(&self) -> &IssuerAddresses {
        &self.addresses
    }

    /// Whether its key is ready to sign at any time.
    #[must_use]
    pub fn is_resident(&self) -> bool {
        matches!(self.key, AuthorityKey::Resident(_))
    }

    /// Its key. Blocks where the key must be read first.
    ///
    /// # Errors
    /// If the key is offline, cannot be decrypted or does not belong to the certificate.
    pub fn signer(&self) -> Result<Signer> {
        match &self.key {
            AuthorityKey::Resident(signer) => Ok(signer.clone()),
            AuthorityKey::Stored { path, passphrase } => {
                read_key(path, passphrase, &self.certificate)
            }
        }
    }

    /// A key of the same algorithm that signs what is linted, and that nobody trusts.
    pub(crate) fn throw_away_signer(&self) -> Result<Signer> {
        let mut kept = self
            .throw_away
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = kept.as_ref() {
            return Ok(signer.clone());
        }
        let signer = Signer::new(FileKey::generate(self.certificate.key.algorithm())?);
        *kept = Some(signer.clone());
        Ok(signer)
    }
}

fn read_key(path: &Path, passphrase: &Passphrase, certificate: &CaCertificate) -> Result<Signer> {
    let key = FileKey::load(path, passphrase)?;
    if key.public_key() == &certificate.key {
        Ok(Signer::new(key))
    } else {
        Err(CaError::WrongKey {
            path: path.to_owned(),
        })
    }
}
