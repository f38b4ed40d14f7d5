//! The authority's folder in the data folder: made at the first start, read at each following one.
//!
//! In `DIR/authority/`: `root.pem`, `issuing.pem`, `chain.pem` (both, issuing first) for everybody, `root.key` and
//! `issuing.key` encrypted, and for each authority, once it has published one, its newest CRL as `KEYID.crl`: what a
//! database that was restored from a backup is held against.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use der::{DecodePem, Encode};
use enroll_server_files::{
    FileError, LONG, SHORT, at, create_folder, is_there, read, replace, sync, write_new,
};
use enroll_server_model::{IssuerRole, KeyAlgorithm, KeyLocation, Timestamp};
use x509_cert::Certificate;

use crate::addresses::RelyingAddresses;
use crate::authorities::create::{self, NewAuthority, Superior};
use crate::ca_certificate::CaCertificate;
use crate::crl::content::RevocationList;
use crate::crl::read::read as read_crl;
use crate::error::{CaError, Result};
use crate::passphrase::Passphrase;
use crate::signer::file::FileKey;
use crate::signer::sign::Signer;
use crate::validity::BACKDATE;

/// The folder's name in the data folder.
pub const FOLDER: &str = "authority";
/// A file in it for as long as no database knows the authorities.
const UNREGISTERED: &str = "unregistered";
/// Its name while it is being filled.
const UNFINISHED: &str = "authority.new";

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long the root is valid.
const ROOT_LIFETIME: Duration = YEAR.saturating_mul(20);
/// How long the issuing authority is valid.
const ISSUING_LIFETIME: Duration = YEAR.saturating_mul(10);

/// The root and the issuing authority of a new installation.
#[derive(Clone, Debug)]
pub struct Hierarchy {
    /// The organisation's name.
    pub organisation: String,
    /// The algorithm of the root's key.
    pub root: KeyAlgorithm,
    /// The algorithm of the issuing authority's key.
    pub issuing: KeyAlgorithm,
}

impl Hierarchy {
    /// P-384 for the root, P-256 for the authority whose signatures are on cards.
    #[must_use]
    pub fn new(organisation: String) -> Self {
        Self {
            organisation,
            root: KeyAlgorithm::P384,
            issuing: KeyAlgorithm::P256,
        }
    }
}

/// An authority as the folder has it.
#[derive(Clone, Debug)]
pub struct InFolder {
    /// What it is for.
    pub role: IssuerRole,
    /// Its certificate.
    pub certificate: CaCertificate,
    /// Where its key is.
    pub key: KeyLocation,
}

/// The path of an authority's certificate, for people to give to others.
#[must_use]
pub fn certificate_path(folder: &Path, role: IssuerRole) -> PathBuf {
    folder.join(format!("{role}.pem"))
}

fn key_name(role: IssuerRole) -> String {
    format!("{role}.key")
}

/// Reads the root and the issuing authority that the folder was made with.
///
/// # Errors
/// If a certificate cannot be read.
pub fn read_all(folder: &Path) -> Result<[InFolder; 2]> {
    let one = |role| {
        Ok::<_, CaError>(InFolder {
            role,
            certificate: read_certificate(&certificate_path(folder, role))?,
            key: KeyLocation::File(key_name(role)),
        })
    };
    Ok([one(IssuerRole::Root)?, one(IssuerRole::Issuing)?])
}

/// Whether a file has a certificate, or several, in PEM.
#[must_use]
pub fn is_certificate(path: &Path) -> bool {
    let chain = read(path, SHORT).map(|pem| Certificate::load_pem_chain(&pem));
    matches!(chain, Ok(Ok(chain)) if !chain.is_empty())
}

fn read_certificate(path: &Path) -> Result<CaCertificate> {
    let pem = read(path, SHORT)?;
    CaCertificate::from_der(&Certificate::from_pem(&pem)?.to_der()?)
}

/// Makes root and issuing authority in the data folder. The authority's folder gets its name when everything is in it:
/// it is there whole, or not at all.
///
/// # Errors
/// If a file cannot be written or a signature fails.
pub fn create(
    data: &Path,
    hierarchy: &Hierarchy,
    addresses: &RelyingAddresses,
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<()> {
    let folder = data.join(FOLDER);
    let unfinished = data.join(UNFINISHED);
    if is_there(&unfinished)? {
        fs::remove_dir_all(&unfinished).map_err(at(&unfinished))?;
    }
    create_folder(&unfinished)?;
    fill(&unfinished, hierarchy, addresses, passphrase, now)?;
    write_new(&unfinished.join(UNREGISTERED), b"", 0o600)?;
    sync(&unfinished)?;
    fs::rename(&unfinished, &folder).map_err(at(&folder))?;
    Ok(sync(data)?)
}

/// Whether the data folder has authorities.
///
/// # Errors
/// If that cannot be seen.
pub fn is_made(data: &Path) -> Result<bool, FileError> {
    is_there(&data.join(FOLDER))
}

/// Whether no database knew the authorities in the folder yet: it was made by a start that did not come so far.
///
/// # Errors
/// If that cannot be seen.
pub fn is_unregistered(folder: &Path) -> Result<bool, FileError> {
    is_there(&folder.join(UNREGISTERED))
}

/// Says that a database knows the authorities from now on.
///
/// # Errors
/// If the folder cannot be written.
pub fn set_registered(folder: &Path) -> Result<(), FileError> {
    let path = folder.join(UNREGISTERED);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(FileError::new(&path, error)),
        Err(_) => Ok(()),
        Ok(()) => sync(folder),
    }
}

/// Where the newest CRL of an authority is kept beside its key.
fn crl_path(folder: &Path, issuer: &CaCertificate) -> PathBuf {
    folder.join(format!("{}.crl", issuer.key_id))
}

/// Keeps the newest CRL of an authority, DER, beside its key.
///
/// # Errors
/// If it cannot be written.
pub fn keep_crl(folder: &Path, issuer: &CaCertificate, der: &[u8]) -> Result<()> {
    Ok(replace(&crl_path(folder, issuer), der, 0o644)?)
}

/// The newest CRL of an authority that is kept beside its key, and its DER; none if none was published yet.
///
/// # Errors
/// If it cannot be read, or is not this authority's.
pub fn kept_crl(
    folder: &Path,
    issuer: &CaCertificate,
) -> Result<Option<(RevocationList, Vec<u8>)>> {
    let path = crl_path(folder, issuer);
    let der = match read(&path, LONG) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let list = read_crl(&der, issuer).map_err(|source| CaError::DamagedCrl {
        path,
        source: Box::new(source),
    })?;
    Ok(Some((list, der)))
}

fn fill(
    folder: &Path,
    hierarchy: &Hierarchy,
    addresses: &RelyingAddresses,
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<()> {
    let organisation = &hierarchy.organisation;
    let new = |name: &str, lifetime| NewAuthority {
        organisation: organisation.clone(),
        name: format!("{organisation} {name}"),
        not_before: now.minus(BACKDATE).whole_seconds(),
        not_after: now.plus(lifetime).whole_seconds(),
    };
    let root_key = new_key(folder, IssuerRole::Root, hierarchy.root, passphrase)?;
    let root = create::root(&new("Root CA", ROOT_LIFETIME), &root_key)?;
    let issuing_key = new_key(folder, IssuerRole::Issuing, hierarchy.issuing, passphrase)?;
    let issuing = create::subordinate(
        &new("Issuing CA", ISSUING_LIFETIME),
        issuing_key.public_key(),
        Superior {
            certificate: &root,
            signer: &root_key,
            addresses: &addresses.of(root.key_id),
        },
    )?;
    let (root, issuing) = (root.to_pem()?, issuing.to_pem()?);
    let write = |path: PathBuf, pem: &str| write_new(&path, pem.as_bytes(), 0o644);
    write(certificate_path(folder, IssuerRole::Root), &root)?;
    write(certificate_path(folder, IssuerRole::Issuing), &issuing)?;
    Ok(write(
        folder.join("chain.pem"),
        &format!("{issuing}{root}"),
    )?)
}

fn new_key(
    folder: &Path,
    role: IssuerRole,
    algorithm: KeyAlgorithm,
    passphrase: &Passphrase,
) -> Result<Signer> {
    let key = FileKey::generate(algorithm)?;
    key.save(&folder.join(key_name(role)), passphrase)?;
    Ok(Signer::new(key))
}
