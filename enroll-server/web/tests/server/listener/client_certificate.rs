//! The listener for phones: clients are asked for a certificate, and have its key or come to nothing.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{DistinguishedName, SignatureScheme};
use tokio_util::sync::CancellationToken;

use enroll_server::listener::{ClientCertificate, Limits, Listener, Proxies, Tls};
use enroll_server_store::Kind;

use super::client::{Alpn, Client};
use crate::fixture::Fixture;

/// Shows this certificate with this key, whether they belong together or not.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn pair() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["alice".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    (made.cert.der().clone(), key)
}

/// What a client is answered who shows a certificate with a key.
async fn answered(
    fixture: &Fixture,
    shown: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
) -> std::io::Result<String> {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let address = socket.local_addr().unwrap();
    let router = Router::new().route(
        "/",
        get(async |ClientCertificate(certificate): ClientCertificate| {
            certificate
                .map_or(0, |certificate| certificate.len())
                .to_string()
        }),
    );
    let tls = Tls::Phones(
        &fixture.app().tls,
        vec![DistinguishedName::from(
            fixture.app().issuing().subject_der.clone(),
        )],
    );
    let stop = CancellationToken::new();
    let proxies = Arc::new(Proxies::new(Vec::new()));
    let limits = Limits::https();
    let listener = Listener::new(socket, tls, router, limits, proxies, stop.clone()).unwrap();
    let running = tokio::spawn(listener.run());

    let shown = shown.map(|(certificate, key)| {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(key).unwrap();
        let certified = CertifiedKey::new(vec![certificate], key);
        Arc::new(Shows(Arc::new(certified))) as Arc<dyn ResolvesClientCert>
    });
    let talk = async {
        let client = Client::connect(address, [127, 0, 0, 1]).await;
        let app = fixture.app();
        let mut client = client.try_tls_showing(app, Alpn::Http1, shown).await?;
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        client.try_write(request).await;
        let mut text = Vec::new();
        let mut buffer = [0; 1024];
        loop {
            match client.read(&mut buffer).await? {
                0 => break,
                length => text.extend_from_slice(&buffer[..length]),
            }
        }
        let text = String::from_utf8(text).unwrap();
        Ok(text.rsplit("\r\n").next().unwrap_or_default().to_owned())
    };
    let answer = talk.await;
    stop.cancel();
    running.await.unwrap();
    answer
}

#[tokio::test]
async fn a_client_has_the_key_of_the_certificate_that_it_shows() {
    let fixture = Fixture::new(Kind::Sqlite).await;
    let (certificate, key) = pair();
    let length = certificate.len().to_string();
    let own = answered(&fixture, Some((certificate.clone(), key))).await;
    assert_eq!(own.unwrap(), length);
    let (_, another) = pair();
    let stolen = answered(&fixture, Some((certificate, another))).await;
    assert!(stolen.is_err(), "{stolen:?}");
    assert_eq!(answered(&fixture, None).await.unwrap(), "0");
}
