//! The root and the issuing authority: made at the first start, read at each following one.
//!
//! In `DIR/authority/`: `root.pem`, `issuing.pem`, `chain.pem` (both, issuing first) for everybody, `root.key` and
//! `issuing.key` encrypted. The root's key is read when it has something to sign and forgotten after.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXUPPER;
use der::pem::LineEnding;
use der::{Decode, DecodePem, Encode, EncodePem};
use rcgen::{
    BasicConstraints, CrlDistributionPoint, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData, SigningKey,
};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;

use enroll_server_model::Timestamp;

use super::certificate::{BACKDATE, authority_parameters};
use super::key_file::{self, Passphrase, create_folder, sync_folder, write_new};
use super::public_key::{PublicKey, PublicKeyError};
use super::signer::Signer;
use super::{CaError, Result, extension};

/// The authority's folder in the data folder.
pub const FOLDER: &str = "authority";

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long the root is valid.
const ROOT_LIFETIME: Duration = YEAR.saturating_mul(20);
/// How long the issuing authority is valid.
const ISSUING_LIFETIME: Duration = YEAR.saturating_mul(10);

/// Where relying parties find what they need, as certificates say it: short, for certificates live on a card.
#[derive(Clone, Debug)]
pub struct RelyingAddresses {
    /// `http://NAME:PORT`, without a slash at its end.
    pub base: String,
}

impl RelyingAddresses {
    /// The issuing authority's CRL.
    #[must_use]
    pub fn issuing_crl(&self) -> String {
        format!("{}/crl/issuing.crl", self.base)
    }

    /// The root's CRL.
    #[must_use]
    pub fn root_crl(&self) -> String {
        format!("{}/crl/root.crl", self.base)
    }

    /// The issuing authority's certificate.
    #[must_use]
    pub fn issuing_certificate(&self) -> String {
        format!("{}/ca/issuing.cer", self.base)
    }

    /// The root's certificate.
    #[must_use]
    pub fn root_certificate(&self) -> String {
        format!("{}/ca/root.cer", self.base)
    }

    /// The OCSP responder.
    #[must_use]
    pub fn ocsp(&self) -> String {
        format!("{}/ocsp", self.base)
    }
}

/// A certificate authority's certificate, and what of it is used often.
#[derive(Clone, Debug)]
pub struct CaCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// Its common name.
    pub name: String,
    /// DER of its subject.
    pub subject_der: Vec<u8>,
    /// Its public key.
    pub key: PublicKey,
    /// Its subject key identifier.
    pub key_identifier: Vec<u8>,
    /// SHA-256 of its DER.
    pub fingerprint: [u8; 32],
    /// Until when it is valid.
    pub not_after: Timestamp,
}

impl CaCertificate {
    /// Reads a certificate authority's certificate.
    ///
    /// # Errors
    /// If it is malformed, or its key is of no kind that is used here.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let certificate = Certificate::from_der(der)?;
        let tbs = certificate.tbs_certificate();
        let key =
            PublicKey::from_spki(tbs.subject_public_key_info()).map_err(|error| match error {
                PublicKeyError::Malformed(error) => CaError::Der(error),
                other => CaError::Mismatch(other.to_string()),
            })?;
        let end = tbs.validity().not_after.to_unix_duration().as_secs();
        let name = tbs
            .subject()
            .common_name()
            .ok()
            .flatten()
            .map(|name| name.value().into_owned())
            .unwrap_or_default();
        Ok(Self {
            name,
            subject_der: tbs.subject().to_der()?,
            key_identifier: key.key_identifier(),
            key,
            fingerprint: Sha256::digest(der).into(),
            not_after: Timestamp::from_seconds(i64::try_from(end).unwrap_or(i64::MAX)),
            der: der.to_vec(),
        })
    }

    /// The issuer that `rcgen` signs for, with a key.
    ///
    /// # Errors
    /// If `rcgen` cannot read the certificate.
    pub fn issuer<K: SigningKey>(&self, key: K) -> Result<Issuer<'static, K>> {
        Ok(Issuer::from_ca_cert_der(&self.der.as_slice().into(), key)?)
    }

    /// SHA-256 of the certificate's DER, in upper-case hexadecimal pairs: `AB:CD:...`.
    #[must_use]
    pub fn fingerprint_pairs(&self) -> String {
        let pairs: Vec<String> = self
            .fingerprint
            .iter()
            .map(|byte| HEXUPPER.encode(&[*byte]))
            .collect();
        pairs.join(":")
    }

    /// SHA-256 of the certificate's DER, lower-case hexadecimal, as the database has it.
    #[must_use]
    pub fn fingerprint_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.fingerprint)
    }
}

/// The root and the issuing authority.
#[derive(Debug)]
pub struct Authority {
    /// The root.
    pub root: CaCertificate,
    /// The one that issues.
    pub issuing: CaCertificate,
    /// What signs for the issuing authority.
    pub issuing_key: Signer,
    /// Where relying parties find what they need.
    pub addresses: RelyingAddresses,
    folder: PathBuf,
    passphrase: Passphrase,
}

impl Authority {
    /// Reads the authority in a data folder, or makes one if there is none.
    ///
    /// # Errors
    /// If files are missing, cannot be decrypted or do not belong together.
    pub fn open(
        data: &Path,
        organisation: &str,
        addresses: RelyingAddresses,
        passphrase: Passphrase,
        now: Timestamp,
    ) -> Result<Self> {
        let folder = data.join(FOLDER);
        if !folder.exists() {
            create(data, &folder, organisation, &addresses, &passphrase, now)?;
        }
        let root = read_certificate(&folder.join("root.pem"))?;
        let issuing = read_certificate(&folder.join("issuing.pem"))?;
        let issuing_key = read_key(&folder.join("issuing.key"), &issuing, &passphrase)?;
        Ok(Self {
            root,
            issuing,
            issuing_key: Signer::new(issuing_key),
            addresses,
            folder,
            passphrase,
        })
    }

    /// Where the root's certificate is, for people to give to others.
    #[must_use]
    pub fn root_path(&self) -> PathBuf {
        self.folder.join("root.pem")
    }

    /// Reads the root's key, which is not kept in memory. A root that was taken offline has none here.
    ///
    /// # Errors
    /// If the file is not there or cannot be decrypted.
    pub fn root_key(&self) -> Result<Signer> {
        let path = self.folder.join("root.key");
        Ok(Signer::new(read_key(&path, &self.root, &self.passphrase)?))
    }

    /// What the key files are encrypted under, for the server's own keys.
    #[must_use]
    pub fn passphrase(&self) -> &Passphrase {
        &self.passphrase
    }
}

fn read_certificate(path: &Path) -> Result<CaCertificate> {
    let pem = fs::read(path).map_err(|source| key_file::file_error(path, source))?;
    CaCertificate::from_der(&Certificate::from_pem(&pem)?.to_der()?)
}

fn read_key(path: &Path, certificate: &CaCertificate, passphrase: &Passphrase) -> Result<KeyPair> {
    let key = key_file::load(path, passphrase)?;
    if key.der_bytes() == certificate.key.bits() {
        Ok(key)
    } else {
        Err(CaError::WrongKey {
            path: path.to_owned(),
        })
    }
}

/// Makes both authorities in a folder of another name, which gets its own name when everything is in it.
fn create(
    data: &Path,
    folder: &Path,
    organisation: &str,
    addresses: &RelyingAddresses,
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<()> {
    let unfinished = data.join("authority.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)
            .map_err(|source| key_file::file_error(&unfinished, source))?;
    }
    create_folder(&unfinished)?;
    let not_before = now.minus(BACKDATE).whole_seconds();

    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384)?;
    let mut root = authority_parameters(
        authority_name(organisation, "Root CA"),
        &root_key,
        not_before,
        now.plus(ROOT_LIFETIME).whole_seconds(),
    )?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key)?;

    let issuing_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut issuing = authority_parameters(
        authority_name(organisation, "Issuing CA"),
        &issuing_key,
        not_before,
        now.plus(ISSUING_LIFETIME).whole_seconds(),
    )?;
    issuing.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    issuing.use_authority_key_identifier_extension = true;
    issuing.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec![addresses.root_crl()],
    }];
    issuing.custom_extensions = vec![extension::authority_info_access(
        &addresses.root_certificate(),
        None,
    )?];
    let root_issuer = Issuer::from_params(&root, &root_key);
    let issuing_certificate = issuing.signed_by(&issuing_key, &root_issuer)?;

    let root_pem = pem(root_certificate.der())?;
    let issuing_pem = pem(issuing_certificate.der())?;
    key_file::save(&unfinished.join("root.key"), &root_key, passphrase)?;
    key_file::save(&unfinished.join("issuing.key"), &issuing_key, passphrase)?;
    write_new(&unfinished.join("root.pem"), root_pem.as_bytes(), 0o644)?;
    write_new(
        &unfinished.join("issuing.pem"),
        issuing_pem.as_bytes(),
        0o644,
    )?;
    let chain = format!("{issuing_pem}{root_pem}");
    write_new(&unfinished.join("chain.pem"), chain.as_bytes(), 0o644)?;
    sync_folder(&unfinished)?;
    fs::rename(&unfinished, folder).map_err(|source| key_file::file_error(folder, source))?;
    sync_folder(data)
}

fn authority_name(organisation: &str, kind: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::CommonName, format!("{organisation} {kind}"));
    name
}

fn pem(der: &[u8]) -> Result<String> {
    Ok(Certificate::from_der(der)?.to_pem(LineEnding::LF)?)
}
