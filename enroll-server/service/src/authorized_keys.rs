//! The public keys by which sshd lets a person in: those of their valid 9A certificates, now. A revoked phone's key
//! is not among them, so sshd refuses it from the moment of its revocation.

use der::{Decode, Encode};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use ssh_key::Mpint;
use ssh_key::public::{EcdsaPublicKey, KeyData, RsaPublicKey};
use x509_cert::Certificate;

use enroll_server_ca::error::CaError;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{KeyAlgorithm, Slot};
use enroll_server_store::{certificate, holder};

use crate::app::App;
use crate::error::{Error, Result};

/// The lines of an `authorized_keys` file for an account; none if nobody has it.
pub async fn lines(app: &App, username: &str) -> Result<Vec<String>> {
    let Some(holder) = holder::by_username(app.store.reader(), username).await? else {
        return Ok(Vec::new());
    };
    let slot = Slot::PivAuthentication.as_str();
    let now = app.clock.now();
    certificate::valid_of_holder(app.store.reader(), &holder.id, slot, now)
        .await?
        .iter()
        .map(|row| line(&row.der, &row.certificate.serial))
        .collect()
}

fn line(der: &[u8], serial: &str) -> Result<String> {
    let certificate = Certificate::from_der(der).map_err(CaError::from)?;
    let spki = certificate
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .map_err(CaError::from)?;
    let key = PublicKey::from_der(&spki).map_err(|error| CaError::Mismatch(error.to_string()))?;
    let key = ssh_key::PublicKey::new(key_data(&key)?, format!("tapcard:{serial}"));
    key.to_openssh().map_err(unwritable)
}

/// A key as SSH writes it (RFC 4253, section 6.6; RFC 5656, section 3.1).
fn key_data(key: &PublicKey) -> Result<KeyData> {
    match key.algorithm() {
        KeyAlgorithm::P256 | KeyAlgorithm::P384 => EcdsaPublicKey::from_sec1_bytes(key.bits())
            .map(KeyData::Ecdsa)
            .map_err(unwritable),
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
            let rsa = rsa::PublicKey::from_pkcs1_der(key.bits())
                .map_err(|error| CaError::Mismatch(error.to_string()))?;
            Ok(KeyData::Rsa(RsaPublicKey {
                e: Mpint::from_positive_bytes(&rsa.e_bytes()).map_err(unwritable)?,
                n: Mpint::from_positive_bytes(&rsa.n_bytes()).map_err(unwritable)?,
            }))
        }
    }
}

fn unwritable(error: ssh_key::Error) -> Error {
    CaError::Mismatch(format!("a key could not be written for SSH: {error}")).into()
}
