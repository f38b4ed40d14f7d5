//! The certificate authority: keys, certificates, CRLs and OCSP answers, from typed facts to DER and back.
//!
//! Services call it. It knows files (the keys), but no database, no HTTP and no policy beyond the profiles.
//! `rcgen` writes certificates and CRLs and signs them through its `SigningKey` trait, which a key in a hardware
//! module can implement; `x509-cert` reads requests and certificates, and checks what is about to be signed.

#![forbid(unsafe_code)]

pub mod authority;
pub mod certificate;
pub mod csr;
pub mod extension;
pub mod key_check;
pub mod key_file;
pub mod lint;
pub mod ocsp;
pub mod profile;
pub mod public_key;
pub mod revocation_list;
pub mod signer;
use std::path::PathBuf;

use enroll_server_model::random::NoRandomness;

pub use authority::{Authority, CaCertificate};

/// Why the authority could not do what it was asked. The server's own fault, or its folder's: a caller can only
/// report it.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the authority could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A key file could not be decrypted.
    #[error(
        "{}: the key cannot be decrypted; is TAPCARD_CA_PASSPHRASE (or the passphrase file) the one that it was made with?",
        path.display()
    )]
    WrongPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// A key does not belong to its certificate.
    #[error("{}: the key does not belong to the certificate beside it", path.display())]
    WrongKey {
        /// The key's file.
        path: PathBuf,
    },
    /// The folder and the database are of different installations.
    #[error("{0}")]
    Mismatch(String),
    /// What was about to be signed breaks a rule, and was not signed.
    #[error("refused to sign: {0}")]
    Lint(#[from] lint::LintError),
    /// A certificate or CRL could not be built or signed.
    #[error("the signature failed: {0}")]
    Signature(#[from] rcgen::Error),
    /// DER could not be written or read.
    #[error("DER: {0}")]
    Der(#[from] der::Error),
    /// A key could not be encrypted.
    #[error("a key could not be encrypted: {0}")]
    Encryption(#[from] pkcs8::Error),
    /// DER of OCSP could not be written or read.
    #[error("OCSP: {0}")]
    Ocsp(String),
    /// The operating system failed.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Result of an authority's function.
pub type Result<T, E = CaError> = std::result::Result<T, E>;
