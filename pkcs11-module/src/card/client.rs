//! The PIV client inside a transaction, and the commands that every PIV card is sent.

use card_edge::piv::{self, AsymmetricKey};

use crate::log;
use crate::pcsc::{LinkError, Transaction};

/// A PIV client inside a transaction, which ends with it.
pub type Client<'a> = piv::Client<Transaction<'a>>;

/// What a PIV command answers when it fails.
pub type ClientError = piv::ClientError<LinkError>;

/// The DER certificate of a key, or `None` where it cannot be read.
pub type CertificateObject = Option<Vec<u8>>;

/// SELECT; a card whose application property template is odd is a PIV card nevertheless.
///
/// # Errors
/// [`ClientError::NoPivApplication`], [`ClientError::Exchange`].
pub fn select(client: &mut Client<'_>) -> Result<(), ClientError> {
    match client.select() {
        Ok(_) | Err(ClientError::Malformed(..)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reads a certificate. Only a broken connection is an error: whatever else is wrong costs this certificate.
///
/// # Errors
/// [`ClientError::Exchange`].
pub fn read_certificate(
    client: &mut Client<'_>,
    key: AsymmetricKey,
) -> Result<CertificateObject, ClientError> {
    match client.certificate(key) {
        Err(error @ ClientError::Exchange(_)) => Err(error),
        Err(error) => {
            log::note(|| format!("no certificate for {key}: {error}"));
            Ok(None)
        }
        Ok(certificate) => Ok(certificate),
    }
}
