//! What can go wrong in the authority.

use std::path::PathBuf;

use const_oid::ObjectIdentifier;
use enroll_server_files::FileError;
use enroll_server_model::KeyAlgorithm;
use enroll_server_model::random::NoRandomness;

use crate::key_type::error::PublicKeyError;
use crate::signer::error::SignError;

/// Result of an authority's function.
pub type Result<T, E = CaError> = std::result::Result<T, E>;

/// Why the authority could not do what it was asked. The server's own fault, or its folder's: a caller can only
/// report it.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the authority could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The passphrase's file is not there.
    #[error(
        "{}: the passphrase is not there (the file is missing, or a link that leads nowhere), and without it nobody can open the keys in authority/, which are encrypted under it: bring the file back from where a backup of it is kept, or give the passphrase by TAPCARD_CA_PASSPHRASE_FILE",
        path.display()
    )]
    NoPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// A key's file is not there.
    #[error(
        "{}: the key is not there (the file is missing, or a link that leads nowhere): bring it back from a backup (see enroll-server restore --help), or from where it is kept offline",
        path.display()
    )]
    NoKey {
        /// Which file.
        path: PathBuf,
    },
    /// A key file could not be decrypted.
    #[error(
        "{}: this passphrase does not open the key; is the one that was given (TAPCARD_CA_PASSPHRASE_FILE, TAPCARD_CA_PASSPHRASE, or secrets/passphrase without them) the one that the key was made with? if the passphrase is forgotten, nobody can open the key: bring back a copy of secrets/, or begin with a new data folder and enroll every phone again",
        path.display()
    )]
    WrongPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// A key file is not one.
    #[error(
        "{}: this is not an encrypted private key (PKCS#8 in PEM): the file is damaged or another one; bring it back from a backup",
        path.display()
    )]
    DamagedKey {
        /// Which file.
        path: PathBuf,
    },
    /// A passphrase that somebody chose is empty or too short.
    #[error(
        "the passphrase that is given (TAPCARD_CA_PASSPHRASE_FILE, TAPCARD_CA_PASSPHRASE) has {found} characters and must have at least {shortest}, since whoever has a copy of the data folder can guess a shorter one: choose a longer one, or give none to use the one in secrets/passphrase"
    )]
    ShortPassphrase {
        /// How many characters it has.
        found: usize,
        /// How many it must have.
        shortest: usize,
    },
    /// The passphrase in a file is empty or too short.
    #[error(
        "{}: the passphrase has {found} characters and must have at least {shortest}, since keys are encrypted under it: bring the file back from a backup, or remove it if this server has no keys yet, and a new one is made",
        path.display()
    )]
    ShortPassphraseFile {
        /// Which file.
        path: PathBuf,
        /// How many characters it has.
        found: usize,
        /// How many it must have.
        shortest: usize,
    },
    /// A CRL that is kept beside the keys is not one of the authority.
    #[error(
        "{}: this is not a revocation list of the authority ({source}); bring the file back from a backup, or fetch the newest list from where it was published last",
        path.display()
    )]
    DamagedCrl {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<LintError>,
    },
    /// A key does not belong to its certificate.
    #[error("{}: the key does not belong to its certificate", path.display())]
    WrongKey {
        /// The key's file.
        path: PathBuf,
    },
    /// Things that must belong together do not: the folder and the database, or two authorities.
    #[error("{0}")]
    Mismatch(String),
    /// What was about to be signed breaks a rule, and was not signed.
    #[error("refused to sign: {0}")]
    Lint(#[from] LintError),
    /// A key did not sign.
    #[error("the signature failed: {0}")]
    Signature(#[from] SignError),
    /// A certificate or CRL could not be built.
    #[error("the certificate or CRL could not be built: {0}")]
    Build(#[from] rcgen::Error),
    /// DER could not be written or read.
    #[error("DER: {0}")]
    Der(#[from] der::Error),
    /// A key could not be encrypted.
    #[error("a key could not be encrypted: {0}")]
    Encryption(#[from] pkcs8::Error),
    /// A key is not of a kind that is used here.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// A key could not be written for SSH.
    #[error("a key could not be written for SSH: {0}")]
    Ssh(ssh_key::Error),
    /// DER of OCSP could not be written or read.
    #[error("OCSP: {0}")]
    Ocsp(String),
    /// The operating system failed.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

// Without its feature `std`, ssh-key's error is not a standard one.
impl From<ssh_key::Error> for CaError {
    fn from(error: ssh_key::Error) -> Self {
        Self::Ssh(error)
    }
}

/// A rule that a certificate or CRL would break.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// It cannot be parsed.
    #[error("it cannot be parsed: {0}")]
    Malformed(#[from] der::Error),
    /// A rule by its words.
    #[error("{0}")]
    Rule(&'static str),
    /// The profile does not take keys of this kind.
    #[error("the profile does not take {0} keys")]
    Algorithm(KeyAlgorithm),
    /// An extension that the profile does not have, or with the wrong criticality.
    #[error("extension {0} is not expected, or its criticality is wrong")]
    UnexpectedExtension(ObjectIdentifier),
    /// An extension that the profile has.
    #[error("extension {0} is missing or present twice")]
    MissingExtension(ObjectIdentifier),
    /// It is longer than the profile allows.
    #[error(
        "the certificate has {found} bytes, its profile allows {longest}: shorten names or addresses"
    )]
    TooLong {
        /// Its length.
        found: usize,
        /// The profile's limit.
        longest: usize,
    },
    /// What was signed is not what was put on record.
    #[error("what was signed is not what was put on record")]
    NotAsRecorded,
    /// The signature cannot be verified under the issuer's certificate.
    #[error("the signature cannot be verified under the issuer's certificate")]
    SignatureInvalid,
}

/// Whether a rule holds.
///
/// # Errors
/// [`LintError::Rule`] with these words if it does not.
pub(crate) fn rule(holds: bool, words: &'static str) -> Result<(), LintError> {
    if holds {
        Ok(())
    } else {
        Err(LintError::Rule(words))
    }
}
