//! The server's own certificates: they go through the same issuance as everybody's.
//!
//! The key of HTTPS is kept in `DIR/tls/`, encrypted like the authorities' keys, so that a restart keeps it; the
//! OCSP responder's lives in memory alone.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use der::pem::LineEnding;
use der::{Decode, DecodePem, Encode, EncodePem};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectAltName};

use enroll_server_ca::certificate::{self as builder, Facts};
use enroll_server_ca::key_file::{self, create_folder, sync_folder, write_new};
use enroll_server_ca::profile::Profile;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_ca::{CaError, extension};
use enroll_server_model::{Actor, ProfileName, Timestamp};

use crate::app::App;
use crate::error::Result;
use crate::issuance::{self, Owner};

/// A certificate of the server's own.
#[derive(Clone, Debug)]
pub struct OwnCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

/// Issues a certificate for one of the server's own keys, given by its SubjectPublicKeyInfo.
///
/// # Errors
/// If the database or the signature fails.
pub async fn issue_own(
    app: &App,
    profile: &'static Profile,
    spki: &[u8],
) -> Result<OwnCertificate> {
    let now = app.clock.now();
    let key = PublicKey::from_der(spki).map_err(|error| CaError::Mismatch(error.to_string()))?;
    let facts = Facts {
        organisation: app.organisation.clone(),
        host: app.addresses.host.clone(),
        ..Facts::default()
    };
    let prepared = builder::prepare(&app.authority, profile, &facts, &key, now)?;
    let not_after = prepared.not_after;
    let issuing_id = app.issuing_id.clone();
    let actor = Actor::system();
    let claimed_by = format!("{} {}", profile.name, key.hash());
    let reserved = app
        .store
        .write({
            let actor = actor.clone();
            move |tx| {
                Box::pin(async move {
                    let owner = Owner::default();
                    issuance::reserve(tx, &issuing_id, prepared, &owner, &claimed_by, &actor, now)
                        .await
                })
            }
        })
        .await?;
    let mut signed = issuance::complete(app, vec![reserved], &actor).await?;
    let signed = signed
        .pop()
        .ok_or_else(|| CaError::Mismatch("one certificate was asked for".to_owned()))?;
    Ok(OwnCertificate {
        der: signed.der,
        not_after,
    })
}

/// Makes sure that HTTPS has a certificate for the server's name that is valid for a while: the one in use, the one
/// in the data folder, or a new one.
///
/// # Errors
/// If a new one cannot be issued or stored.
pub async fn renew_tls(app: &App) -> Result<()> {
    let now = app.clock.now();
    let profile = Profile::named(ProfileName::TlsServer);
    // A third of its life before its end.
    let lasts = |not_after: Timestamp| not_after.since(now) > profile.lifetime / 3;
    let known = app.tls.not_after();
    if known.is_some_and(lasts) {
        return Ok(());
    }
    let folder = app.data.join("tls");
    let stored = if known.is_none() {
        load(app, &folder)?
    } else {
        None
    };
    let (key, certificate, not_after) = match stored {
        Some(stored) if lasts(stored.2) => stored,
        _ => {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(CaError::from)?;
            let issued = issue_own(app, profile, &key.subject_public_key_info()).await?;
            save(app, &folder, &key, &issued.der)?;
            (key, issued.der, issued.not_after)
        }
    };
    let certified = Arc::new(certified_key(app, &key, certificate)?);
    app.tls.replace(certified, not_after);
    Ok(())
}

fn certified_key(app: &App, key: &KeyPair, certificate: Vec<u8>) -> Result<CertifiedKey> {
    let chain = vec![
        CertificateDer::from(certificate),
        CertificateDer::from(app.authority.issuing.der.clone()),
    ];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    CertifiedKey::from_der(chain, key, &rustls::crypto::aws_lc_rs::default_provider())
        .map_err(|error| CaError::Mismatch(format!("the TLS key is not usable: {error}")).into())
}

/// The key and certificate in the data folder, if they are there and for this name and authority.
fn load(app: &App, folder: &Path) -> Result<Option<(KeyPair, Vec<u8>, Timestamp)>> {
    let path = folder.join("server.pem");
    if !path.exists() {
        return Ok(None);
    }
    let pem = fs::read(&path).map_err(|source| key_file::file_error(&path, source))?;
    let certificate = Certificate::from_pem(&pem).map_err(CaError::from)?;
    let tbs = certificate.tbs_certificate();
    let names = tbs
        .get_extension::<SubjectAltName>()
        .map_err(CaError::from)?;
    let host = extension::host(&app.addresses.host).map_err(CaError::from)?;
    let issuer = tbs
        .get_extension::<AuthorityKeyIdentifier>()
        .map_err(CaError::from)?;
    let is_ours = issuer
        .and_then(|(_, value)| value.key_identifier)
        .is_some_and(|id| id.as_bytes() == app.authority.issuing.key_identifier);
    if !is_ours || names.is_none_or(|(_, names)| names.0 != [host]) {
        return Ok(None);
    }
    let key = key_file::load(&folder.join("server.key"), app.authority.passphrase())?;
    let bits = tbs.subject_public_key_info().subject_public_key.raw_bytes();
    if key.der_bytes() != bits {
        return Ok(None);
    }
    let end = tbs.validity().not_after.to_unix_duration().as_secs();
    let not_after = Timestamp::from_seconds(i64::try_from(end).unwrap_or(i64::MAX));
    let der = certificate.to_der().map_err(CaError::from)?;
    Ok(Some((key, der, not_after)))
}

/// Replaces the folder with key and certificate as a whole.
fn save(app: &App, folder: &Path, key: &KeyPair, certificate: &[u8]) -> Result<()> {
    let unfinished = folder.with_extension("new");
    let remove = |path: &Path| match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(key_file::file_error(path, error))
        }
        _ => Ok(()),
    };
    remove(&unfinished)?;
    create_folder(&unfinished)?;
    key_file::save(
        &unfinished.join("server.key"),
        key,
        app.authority.passphrase(),
    )?;
    let pem = Certificate::from_der(certificate)
        .and_then(|certificate| certificate.to_pem(LineEnding::LF))
        .map_err(CaError::from)?;
    write_new(&unfinished.join("server.pem"), pem.as_bytes(), 0o644)?;
    sync_folder(&unfinished)?;
    remove(folder)?;
    fs::rename(&unfinished, folder).map_err(|source| key_file::file_error(folder, source))?;
    sync_folder(&app.data)?;
    Ok(())
}
