//! The server's own certificates: they go through the same issuance as everybody's.
//!
//! The key of HTTPS is kept in `DIR/tls/`, encrypted like the authorities' keys, so that a restart keeps it; an OCSP
//! responder's lives in memory alone.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::error::CaError;
use enroll_server_ca::facts::Facts;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_model::{Actor, IssuerRole, KeyAlgorithm, ProfileName, Timestamp};

use crate::app::App;
use crate::blocking::blocking;
use crate::error::Result;
use crate::issuance::{self, Issuer, Order, Owner};
use crate::tls_folder::{Stored, TlsFolder};

/// The algorithm of the server's own TLS key.
const TLS_ALGORITHM: KeyAlgorithm = KeyAlgorithm::P256;

/// A certificate of the server's own.
#[derive(Clone, Debug)]
pub struct OwnCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

/// Has an authority issue a certificate for one of the server's own keys.
///
/// # Errors
/// If the database or the signature fails.
pub async fn issue_own(
    app: &App,
    issuer: &Arc<Authority>,
    profile: &Arc<Profile>,
    key: &PublicKey,
) -> Result<OwnCertificate> {
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
        not_after: signed.not_after,
        der: signed.der,
    })
}

/// Makes sure that HTTPS has a certificate for the server's name that is valid for a while: the one in use, the one
/// in the data folder, or a new one.
///
/// # Errors
/// If a new one cannot be issued or stored.
pub async fn renew_tls(app: &App) -> Result<()> {
    let now = app.clock.now();
    let profile = app.profile(&ProfileName::TLS_SERVER)?;
    // A third of its life before its end.
    let lasts = |not_after: Timestamp| not_after.since(now) > profile.definition.lifetime() / 3;
    let known = app.tls.not_after();
    if known.is_some_and(lasts) {
        return Ok(());
    }
    let issuer = app.authorities.issuer_of(profile)?;
    let folder = TlsFolder::new(&app.data, &app.passphrase);
    let stored = if known.is_none() {
        let (folder, issuer) = (folder.clone(), issuer.certificate().clone());
        let host = app.addresses.host.clone();
        blocking(move || folder.load(&host, &issuer)).await?
    } else {
        None
    };
    let (own, saved) = match stored {
        Some(stored) if lasts(stored.not_after) => (stored, Ok(())),
        _ => {
            let key = blocking(|| FileKey::generate(TLS_ALGORITHM)).await?;
            let issued = issue_own(app, issuer, profile, key.public_key()).await?;
            let new = Stored {
                key,
                certificate: issued.der,
                not_after: issued.not_after,
            };
            blocking(move || {
                let saved = folder.save(&new);
                Ok::<_, CaError>((new, saved))
            })
            .await?
        }
    };
    let certified = Arc::new(certified_key(app, issuer, &own)?);
    // In use even where it could not be saved: else another one would be issued each time that this is tried.
    app.tls.replace(certified, own.not_after);
    Ok(saved?)
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
