//! Public keys as SSH writes them (RFC 4253, section 6.6; RFC 5656, section 3.1).

use data_encoding::HEXLOWER;
use der::{Decode, Encode};
use x509_cert::Certificate;

use crate::error::Result;
use crate::public_key::PublicKey;

/// The public key of a certificate (DER) as a line of an `authorized_keys` file, with the certificate's serial number as
/// its comment.
///
/// # Errors
/// If the certificate or its key cannot be read.
pub fn authorized_key(certificate: &[u8]) -> Result<String> {
    let certificate = Certificate::from_der(certificate)?;
    let tbs = certificate.tbs_certificate();
    let serial = HEXLOWER.encode(tbs.serial_number().as_bytes());
    let key = PublicKey::from_der(&tbs.subject_public_key_info().to_der()?)?;
    let key = ssh_key::PublicKey::new(key.to_ssh()?, format!("tapcard:{serial}"));
    Ok(key.to_openssh()?)
}
