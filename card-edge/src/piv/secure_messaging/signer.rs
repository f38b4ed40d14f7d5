//! The Secure Messaging Certificate Signer, 5FC122 (SP 800-73-5 part 1, 3.3.8 and table 42).
//!
//! ```text
//! 70 content signing certificate, 71 CertInfo (1 byte), [7F21 intermediate card verifiable certificate], FE
//! ```

use super::certificate::{CardVerifiableCertificate, TAG_CERTIFICATE};
use crate::piv::certificate::{self, CertificateError};
use crate::tlv;

/// Who signed the card's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The content signing certificate, DER, decompressed.
    pub certificate: Vec<u8>,
    /// The certificate between that one and the card's, where there is one.
    pub intermediate: Option<CardVerifiableCertificate>,
}

impl Signer {
    /// Reads the object's content.
    ///
    /// # Errors
    /// [`CertificateError`] where it is malformed or cannot be decompressed.
    pub fn decode(content: &[u8]) -> Result<Self, CertificateError> {
        let intermediate = tlv::find(content, TAG_CERTIFICATE)?
            .map(|value| tlv::encode(TAG_CERTIFICATE, value))
            .transpose()?;
        Ok(Self {
            certificate: certificate::decode(content)?,
            intermediate: intermediate
                .map(|bytes| CardVerifiableCertificate::decode(&bytes))
                .transpose()?,
        })
    }
}
