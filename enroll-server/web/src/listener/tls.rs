//! TLS of the HTTPS listeners.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio_rustls::TlsAcceptor;

use enroll_server_service::TlsCredential;

/// What TLS a listener speaks.
#[derive(Debug)]
pub enum Tls<'a> {
    /// None.
    Plain,
    /// With the server's certificate.
    Site(&'a TlsCredential),
    /// The same, and clients are asked for a certificate of one of these issuers.
    Phones(&'a TlsCredential, Vec<DistinguishedName>),
}

/// What makes TLS connections, with the certificate that is in use when each begins; none without TLS.
///
/// # Errors
/// If the protocol versions cannot be had.
pub(super) fn acceptor(tls: Tls<'_>) -> Result<Option<TlsAcceptor>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let (credential, issuers) = match tls {
        Tls::Plain => return Ok(None),
        Tls::Site(credential) => (credential, None),
        Tls::Phones(credential, issuers) => (credential, Some(issuers)),
    };
    let algorithms = provider.signature_verification_algorithms;
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let resolver = Arc::new(credential.clone());
    let config = match issuers {
        None => {
            let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            config
        }
        Some(issuers) => {
            let verifier = Arc::new(AnyCertificate {
                issuers,
                algorithms,
            });
            let mut config = builder
                .with_client_cert_verifier(verifier)
                .with_cert_resolver(resolver);
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            // Each connection proves its key.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
            config
        }
    };
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

/// Takes every certificate whose key the client proves to have, and none: whether it is good is asked of the database, and a
/// page says what is wrong with it. A handshake that fails says nothing to people.
#[derive(Debug)]
struct AnyCertificate {
    issuers: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// Browsers offer their users the certificates of these issuers alone.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.issuers
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
