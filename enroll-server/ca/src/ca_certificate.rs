//! Certificates of certificate authorities.

use const_oid::db::rfc5912::ID_AD_CA_ISSUERS;
use data_encoding::{HEXLOWER, HEXUPPER};
use der::pem::LineEnding;
use der::{Decode, Encode, EncodePem};
use enroll_server_model::{Timestamp, Validity};
use rcgen::{Issuer, SigningKey};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, SubjectKeyIdentifier};

use crate::error::{LintError, Result};
use crate::issuer_hashes::IssuerHashes;
use crate::key_id::KeyId;
use crate::public_key::PublicKey;
use crate::validity;

/// A certificate authority's certificate, and what of it is used often.
#[derive(Clone, Debug)]
pub struct CaCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// Its common name.
    pub name: String,
    /// The organisation in its name.
    pub organisation: Option<String>,
    /// DER of its subject.
    pub subject_der: Vec<u8>,
    /// DER of its issuer's name.
    pub issuer_der: Vec<u8>,
    /// Its serial number's octets, lower-case hexadecimal.
    pub serial: String,
    /// Its public key.
    pub key: PublicKey,
    /// The name of its key in addresses.
    pub key_id: KeyId,
    /// Its subject key identifier; of a certificate without one, that of its key by RFC 5280's method 1.
    pub key_identifier: Vec<u8>,
    /// SHA-256 of its DER.
    pub fingerprint: [u8; 32],
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// What OCSP requests call it.
    pub(crate) hashes: IssuerHashes,
}

impl CaCertificate {
    /// Reads a certificate authority's certificate.
    ///
    /// # Errors
    /// If it is malformed, or its key is not of a kind that is used here.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let certificate = Certificate::from_der(der)?;
        let tbs = certificate.tbs_certificate();
        let key = PublicKey::from_spki(tbs.subject_public_key_info())?;
        let validity = validity::of(tbs.validity());
        let name = tbs
            .subject()
            .common_name()
            .ok()
            .flatten()
            .map(|name| name.value().into_owned())
            .unwrap_or_default();
        let organisation = tbs
            .subject()
            .organization()
            .ok()
            .flatten()
            .map(|organisation| organisation.value().into_owned());
        let key_identifier = tbs
            .get_extension::<SubjectKeyIdentifier>()?
            .map(|(_, identifier)| identifier.0.into_bytes().to_vec());
        let subject_der = tbs.subject().to_der()?;
        Ok(Self {
            name,
            organisation,
            hashes: IssuerHashes::new(&subject_der, key.bits()),
            subject_der,
            issuer_der: tbs.issuer().to_der()?,
            serial: HEXLOWER.encode(tbs.serial_number().as_bytes()),
            key_identifier: key_identifier.unwrap_or_else(|| key.key_identifier()),
            key_id: key.id(),
            key,
            fingerprint: Sha256::digest(der).into(),
            not_before: validity.not_before,
            not_after: validity.not_after,
            der: der.to_vec(),
        })
    }

    /// The issuer that `rcgen` signs for, with a key.
    ///
    /// # Errors
    /// If `rcgen` cannot read the certificate.
    pub(crate) fn issuer<K: SigningKey>(&self, key: K) -> Result<Issuer<'static, K>> {
        Ok(Issuer::from_ca_cert_der(&self.der.as_slice().into(), key)?)
    }

    /// The address below which its issuer was published when it was issued: `http://NAME:PORT`. None of a root.
    #[must_use]
    pub fn issuer_published_below(&self) -> Option<String> {
        let certificate = Certificate::from_der(&self.der).ok()?;
        let access = certificate
            .tbs_certificate()
            .get_extension::<AuthorityInfoAccessSyntax>();
        let (_, access) = access.ok()??;
        access.0.iter().find_map(|one| match &one.access_location {
            GeneralName::UniformResourceIdentifier(address)
                if one.access_method == ID_AD_CA_ISSUERS =>
            {
                let (base, _) = address.as_str().rsplit_once("/ca/")?;
                Some(base.to_owned())
            }
            _ => None,
        })
    }

    /// From when until when it is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        Validity {
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }

    /// Whether this certificate was signed by the authority of another.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        self.issuer_der == issuer.subject_der && self.verify_under(issuer).is_ok()
    }

    fn verify_under(&self, issuer: &Self) -> Result<()> {
        let certificate = Certificate::from_der(&self.der)?;
        let message = certificate.tbs_certificate().to_der()?;
        issuer
            .key
            .verify(&message, certificate.signature().raw_bytes())
            .map_err(|_| LintError::SignatureInvalid.into())
    }

    /// The certificate in PEM (RFC 7468, section 5).
    ///
    /// # Errors
    /// If it cannot be encoded.
    pub fn to_pem(&self) -> Result<String> {
        Ok(Certificate::from_der(&self.der)?.to_pem(LineEnding::LF)?)
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
        HEXLOWER.encode(&self.fingerprint)
    }
}
