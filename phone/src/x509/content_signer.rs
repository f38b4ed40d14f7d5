//! The content signing certificate of a card that nobody has enrolled: it signs itself, and the card verifiable
//! certificate of secure messaging (SP 800-73-5 part 2, 4.1.5).

use core::str::FromStr;

use card_edge::piv::KeyAlgorithm;
use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use sha2::{Digest, Sha256};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::name::Name;

use super::attestation::{Authority, extension};
use super::error::SigningError;
use super::key_type::public_key_info;
use crate::key_store::PrivateKey;

/// id-PIV-content-signing (FIPS 201-3, 4.2.1).
const CONTENT_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.6.7");

/// The bytes of a subject key identifier (RFC 7093, 2, method 1).
const IDENTIFIER_LENGTH: usize = 20;

/// A content signing certificate.
pub(crate) struct ContentSigner {
    /// The certificate.
    pub(crate) der: Vec<u8>,
    /// How a card verifiable certificate names it: the leftmost 8 bytes of its subject key identifier.
    pub(crate) issuer: [u8; 8],
}

impl ContentSigner {
    /// The certificate of this key, signed by itself.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn new(
        algorithm: KeyAlgorithm,
        key: &dyn PrivateKey,
        serial: u32,
    ) -> Result<Self, SigningError> {
        let name = Name::from_str(&format!(
            "CN=Tapcard phone {serial} secure messaging signer"
        ))?;
        let info = public_key_info(algorithm, &key.public_key())?;
        let hash = Sha256::digest(info.subject_public_key.raw_bytes());
        let identifier = hash.get(..IDENTIFIER_LENGTH).unwrap_or_default();
        let mut issuer = [0; 8];
        for (to, from) in issuer.iter_mut().zip(identifier) {
            *to = *from;
        }
        let usage = KeyUsage(KeyUsages::DigitalSignature.into());
        let identifier = SubjectKeyIdentifier(OctetString::new(identifier)?);
        let extensions = vec![
            extension(true, &usage, &name)?,
            extension(true, &ExtendedKeyUsage(vec![CONTENT_SIGNING]), &name)?,
            extension(false, &identifier, &name)?,
        ];
        let der = Authority { algorithm, key }.certificate(name.clone(), name, info, extensions)?;
        Ok(Self { der, issuer })
    }
}
