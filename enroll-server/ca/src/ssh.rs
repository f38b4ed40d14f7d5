//! Public keys as SSH writes them (RFC 4253, section 6.6; RFC 5656, section 3.1).

use der::{Decode, Encode};
use x509_cert::Certificate;

use crate::error::Result;
use crate::public_key::PublicKey;

/// The public key of a certificate (DER) as a line of an `authorized_keys` file.
///
/// # Errors
/// If the certificate or its key cannot be read.
pub fn authorized_key(certificate: &[u8], comment: &str) -> Result<String> {
    let certificate = Certificate::from_der(certificate)?;
    let spki = certificate.tbs_certificate().subject_public_key_info();
    let key = PublicKey::from_der(&spki.to_der()?)?;
    let key = ssh_key::PublicKey::new(key.to_ssh()?, comment.to_owned());
    Ok(key.to_openssh()?)
}
