//! How things are sent: to which networks, and with whose certificates.

use std::sync::Arc;

use tokio_rustls::TlsConnector;

use super::mail::Mailer;
use crate::listener::Network;

/// How things are sent.
#[derive(Clone)]
pub struct Outward {
    /// Networks of this organisation that webhooks may be in.
    pub(super) networks: Vec<Network>,
    pub(super) tls: TlsConnector,
    /// None where no mail is sent.
    pub(super) mailer: Option<Arc<Mailer>>,
}

impl std::fmt::Debug for Outward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outward").finish_non_exhaustive()
    }
}

impl Outward {
    /// As the options say.
    ///
    /// # Errors
    /// If the protocol versions of TLS cannot be had.
    pub fn new(networks: &[Network], mailer: Option<Mailer>) -> Result<Self, rustls::Error> {
        Ok(Self {
            mailer: mailer.map(Arc::new),
            networks: networks.to_vec(),
            tls: TlsConnector::from(Arc::new(tls()?)),
        })
    }
}

/// TLS to servers that the system trusts.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate that the system trusts cannot be read");
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
