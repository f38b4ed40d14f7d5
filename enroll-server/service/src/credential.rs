//! The server's own certificates: they go through the same issuance as everybody's.
//!
//! The key of HTTPS is kept in `DIR/tls/`, encrypted like the authorities' keys, so that a restart keeps it; an OCSP
//! responder's lives in memory alone.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::builder;
use enroll_server_ca::error::CaError;
use enroll_server_ca::facts::Facts;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_model::{Actor, IssuerRole, KeyAlgorithm, ProfileName, Timestamp, Validity};

use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::issuance::{self, Issuer, Order, Owner};
use crate::tls_folder::{Stored, TlsFolder};

/// The algorithm of the server's own TLS key.
const TLS_ALGORITHM: KeyAlgorithm = KeyAlgorithm::P256;

/// A certificate of the server's own.
#[derive(Clone, Debug)]
pub struct OwnCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// From when until when it is valid.
    pub validity: Validity,
}

/// Whether a certificate of the server's own should be renewed: there is none, it is not valid now, or less than one part
/// in `parts` of its own length is left. Not if the next one would end no later: the issuer ends then.
pub(crate) fn is_due(
    current: Option<Validity>,
    parts: u32,
    issuer: &Authority,
    profile: &Profile,
    now: Timestamp,
) -> bool {
    let Some(current) = current else {
        return true;
    };
    let is_of_use =
        !current.contains(now) || builder::end(issuer, profile, now) > current.not_after;
    !current.lasts(parts, now) && is_of_use
}

/// Has an authority issue a certificate for one of the server's own keys.
///
/// # Errors
/// If the database or the signature fails, or the last one was issued within an hour.
pub(crate) async fn issue_own(
    app: &App,
    issuer: &Arc<Authority>,
    profile: &Arc<Profile>,
    key: &PublicKey,
) -> Result<OwnCertificate> {
    let now = app.clock.now();
    app.check_clock(now)?;
    issuance::check_issuer(issuer, now)?;
    app.issued_lately
        .note(&profile.name, issuer.key_id(), now)?;
    let order = Order {
        facts: Facts {
            organisation: app.organisation.clone(),
            host: app.addresses.host.clone(),
            ..Facts::default()
        },
        keys: vec![(profile.clone(), key.clone())],
        issuer: Issuer::This(issuer.clone()),
        owner: Owner::default(),
        purpose: format!("{} {}", profile.name, key.id()),
        actor: Actor::system(),
    };
    let mut signed = issuance::issue(app, order).await?;
    let signed = signed
        .pop()
        .ok_or_else(|| CaError::Mismatch("one certificate was asked for".to_owned()))?;
    Ok(OwnCertificate {
        validity: signed.validity,
        der: signed.der,
    })
}

/// How many parts of its life the certificate of HTTPS is renewed before its last one.
const TLS_PARTS: u32 = 3;

/// Makes sure that HTTPS has a certificate for the server's name that is valid for a while: the one in use, the one
/// in the data folder, or a new one.
///
/// # Errors
/// If a new one cannot be issued or stored. The one that there is stays in use, even if it is no longer valid: a page
/// with a warning is better than none.
pub async fn renew_tls(app: &App) -> Result<()> {
    let now = app.clock.now();
    let profile = app.profile(&ProfileName::TLS_SERVER)?;
    let issuer = app.authorities.issuer_of(profile)?;
    let folder = TlsFolder::new(&app.data, &app.passphrase);
    if app.tls.validity().is_none()
        && let Some(stored) = stored(app, &folder, issuer).await?
    {
        app.tls.replace(
            Arc::new(certified_key(app, issuer, &stored)?),
            stored.validity,
        );
    }
    if !is_due(app.tls.validity(), TLS_PARTS, issuer, profile, now) {
        return Ok(());
    }
    // Everything that can fail is tried before anything is put on record.
    app.check_clock(now)?;
    issuance::check_issuer(issuer, now)?;
    let begun = blocking(move || folder.begin(TLS_ALGORITHM)).await?;
    let issued = issue_own(app, issuer, profile, begun.key.public_key()).await?;
    let (new, saved) = blocking(move || {
        let saved = begun.finish(&issued.der);
        let new = Stored {
            key: begun.key,
            certificate: issued.der,
            validity: issued.validity,
        };
        Ok::<_, CaError>((new, saved))
    })
    .await?;
    let certified = Arc::new(certified_key(app, issuer, &new)?);
    // In use even where it could not be saved: it was issued.
    app.tls.replace(certified, new.validity);
    Ok(saved?)
}

/// Takes the key and certificate that the data folder has now into use; returns from when until when it is valid.
///
/// # Errors
/// If there is none for this server's name and authority that is valid now, or it is damaged. The one in use stays.
pub async fn reload_tls(app: &App) -> Result<Validity> {
    let profile = app.profile(&ProfileName::TLS_SERVER)?;
    let issuer = app.authorities.issuer_of(profile)?;
    let folder = TlsFolder::new(&app.data, &app.passphrase);
    let now = app.clock.now();
    let stored = load(app, &folder, issuer).await?;
    let Some(stored) = stored.filter(|stored| stored.validity.contains(now)) else {
        return Err(Error::NoTlsCertificate(app.addresses.host.clone()));
    };
    let certified = Arc::new(certified_key(app, issuer, &stored)?);
    app.tls.replace(certified, stored.validity);
    Ok(stored.validity)
}

/// What the data folder has. Where it is damaged that is said, and another is made.
async fn stored(app: &App, folder: &TlsFolder, issuer: &Arc<Authority>) -> Result<Option<Stored>> {
    match load(app, folder, issuer).await {
        Err(Error::Ca(error)) => {
            tracing::warn!(%error, "the folder tls/ is damaged: another key and certificate of HTTPS are made");
            Ok(None)
        }
        loaded => loaded,
    }
}

async fn load(app: &App, folder: &TlsFolder, issuer: &Arc<Authority>) -> Result<Option<Stored>> {
    let (folder, issuer) = (folder.clone(), issuer.certificate().clone());
    let host = app.addresses.host.clone();
    blocking(move || folder.load(&host, &issuer)).await
}

/// The certificate with those of the authorities below the root, as TLS sends them.
fn certified_key(app: &App, issuer: &Arc<Authority>, own: &Stored) -> Result<CertifiedKey> {
    let mut chain = vec![CertificateDer::from(own.certificate.clone())];
    for authority in app.authorities.chain(issuer) {
        if authority.role() != IssuerRole::Root {
            chain.push(CertificateDer::from(authority.certificate().der.clone()));
        }
    }
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.key.pkcs8().to_vec()));
    CertifiedKey::from_der(chain, key, &rustls::crypto::aws_lc_rs::default_provider())
        .map_err(|error| CaError::Mismatch(format!("the TLS key is not usable: {error}")).into())
}
