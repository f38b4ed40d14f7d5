//! TLS of the HTTPS listener.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use enroll_server_service::TlsCredential;

/// What makes TLS connections, with the certificate that is in use when each begins.
///
/// # Errors
/// If the protocol versions cannot be had.
pub(super) fn acceptor(credential: &TlsCredential) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(credential.clone()));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
