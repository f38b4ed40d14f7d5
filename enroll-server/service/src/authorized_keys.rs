//! The public keys by which sshd lets a person in: those of their valid 9A certificates, now. A revoked phone's key
//! is not among them, so sshd refuses it from the moment of its revocation.

use data_encoding::BASE64;
use der::{Decode, Encode};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use x509_cert::Certificate;

use enroll_server_ca::CaError;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{KeyAlgorithm, Slot};
use enroll_server_store::{certificate, holder};

use crate::app::App;
use crate::error::Result;

/// The lines of an `authorized_keys` file for an account; none if nobody has it.
///
/// # Errors
/// If the database fails.
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
    let (name, blob) = ssh_key(&key)?;
    Ok(format!("{name} {} tapcard:{serial}", BASE64.encode(&blob)))
}

/// A key as SSH writes it: the name of its kind, and its wire format (RFC 4253, section 6.6; RFC 5656, section 3.1).
fn ssh_key(key: &PublicKey) -> Result<(&'static str, Vec<u8>)> {
    let elliptic = |name: &'static str, curve: &str| {
        let mut blob = Vec::new();
        put(&mut blob, name.as_bytes());
        put(&mut blob, curve.as_bytes());
        put(&mut blob, key.bits());
        Ok((name, blob))
    };
    match key.algorithm() {
        KeyAlgorithm::P256 => elliptic("ecdsa-sha2-nistp256", "nistp256"),
        KeyAlgorithm::P384 => elliptic("ecdsa-sha2-nistp384", "nistp384"),
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
            let rsa = rsa::PublicKey::from_pkcs1_der(key.bits())
                .map_err(|error| CaError::Mismatch(error.to_string()))?;
            let mut blob = Vec::new();
            put(&mut blob, b"ssh-rsa");
            put(&mut blob, &mpint(&rsa.e_bytes()));
            put(&mut blob, &mpint(&rsa.n_bytes()));
            Ok(("ssh-rsa", blob))
        }
    }
}

/// A string: its length in four octets, and itself (RFC 4251, section 5).
fn put(blob: &mut Vec<u8>, string: &[u8]) {
    let length = u32::try_from(string.len()).unwrap_or(u32::MAX);
    blob.extend_from_slice(&length.to_be_bytes());
    blob.extend_from_slice(string);
}

/// A positive multiple-precision integer: with a zero octet before it if its first bit is set.
fn mpint(number: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(number.len() + 1);
    if number.first().is_some_and(|first| *first >= 0x80) {
        octets.push(0);
    }
    octets.extend_from_slice(number);
    octets
}
