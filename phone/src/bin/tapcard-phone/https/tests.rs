//! The client against a TLS server of this test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use der::Encode;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePrivateKey;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use spki::SubjectPublicKeyInfoRef;
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use super::{
    ANSWER_MAX, CertificateError, Duration, Http, HttpError, HttpRequest, HttpResponse, Https,
    Trust, in_words,
};

/// A certificate for localhost, signed by its own key: root and server certificate in one.
struct SelfSigned(Name);

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        _key: SubjectPublicKeyInfoRef<'_>,
        _issuer_key: SubjectPublicKeyInfoRef<'_>,
        body: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let name = GeneralName::DnsName("localhost".to_owned().try_into()?);
        Ok(vec![
            SubjectAltName(vec![name]).to_extension(body.subject(), &[])?,
        ])
    }
}

fn certificate(key: &SigningKey) -> Vec<u8> {
    let builder = CertificateBuilder::new(
        SelfSigned(Name::from_str("CN=localhost").unwrap()),
        SerialNumber::from(1u32),
        Validity::from_now(Duration::from_secs(60)).unwrap(),
        spki::SubjectPublicKeyInfo::from_key(key.verifying_key()).unwrap(),
    );
    let certificate = builder.unwrap().build::<_, DerSignature>(key).unwrap();
    certificate.to_der().unwrap()
}

/// Answers each request on a connection with the same bytes, and closes it where the test wants that.
struct TlsServer {
    root: Vec<u8>,
    port: u16,
    connections: Arc<AtomicUsize>,
    /// A message for each connection that has ended.
    ended: mpsc::Receiver<()>,
}

impl TlsServer {
    /// A server that gives this answer to each request; a connection `ends` after its first one, or stays.
    fn answering(answer: Vec<u8>, ends: bool) -> Self {
        let key = SigningKey::from(p256::SecretKey::generate());
        let root = certificate(&key);
        let secret = p256::SecretKey::from(&key).to_pkcs8_der().unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(root.clone())],
                PrivatePkcs8KeyDer::from(secret.as_bytes().to_vec()).into(),
            )
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (config, counter) = (Arc::new(config), Arc::clone(&connections));
        let (end, ended) = mpsc::channel();
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let (config, answer, end) = (Arc::clone(&config), answer.clone(), end.clone());
                thread::spawn(move || {
                    serve(stream.unwrap(), config, &answer, ends);
                    end.send(())
                });
            }
        });
        Self {
            root,
            port,
            connections,
            ended,
        }
    }

    fn ask(&self, https: &Https, trust: Trust<'_>) -> Result<HttpResponse, HttpError> {
        https.send(&HttpRequest {
            address: &format!("https://localhost:{}/", self.port),
            trust,
            body: Some(b"{}".to_vec().into()),
        })
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads requests whose bodies are two bytes long. A client that leaves or refuses the certificate ends it.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, answer: &[u8], ends: bool) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    loop {
        let mut line = String::new();
        while stream.read_line(&mut line).ok()? > 0 && line != "\r\n" {
            line.clear();
        }
        stream.read_exact(&mut [0; 2]).ok()?;
        stream.get_mut().write_all(answer).ok()?;
        if ends {
            stream.get_mut().conn.send_close_notify();
            return stream.get_mut().flush().ok();
        }
    }
}

fn ok(length: u64, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    answer.extend(body);
    answer
}

#[test]
fn the_requests_of_an_enrollment_share_a_connection_for_each_trust() {
    let server = TlsServer::answering(ok(5, b"hello"), false);
    let https = Https::new();
    for trust in [
        Trust::Nobody,
        Trust::Root(&server.root),
        Trust::Root(&server.root),
        Trust::Root(&server.root),
    ] {
        assert_eq!(server.ask(&https, trust).unwrap().body, b"hello");
    }
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_the_server_ended_is_opened_again() {
    let server = TlsServer::answering(ok(5, b"hello"), true);
    let https = Https::new();
    for asked in 1..=3 {
        assert_eq!(server.ask(&https, Trust::Nobody).unwrap().body, b"hello");
        assert_eq!(server.connections(), asked);
        server.ended.recv().unwrap();
    }
}

#[test]
fn a_connection_of_another_root_is_not_used() {
    let server = TlsServer::answering(ok(5, b"hello"), false);
    let other = certificate(&SigningKey::from(p256::SecretKey::generate()));
    let https = Https::new();
    server.ask(&https, Trust::Nobody).unwrap();
    server.ask(&https, Trust::Root(&server.root)).unwrap();
    let refused = server.ask(&https, Trust::Root(&other));
    assert!(
        matches!(refused, Err(HttpError::Untrusted(_))),
        "{refused:?}"
    );
}

#[test]
fn an_answer_that_is_too_long_is_told_from_one_that_breaks_off() {
    let long = vec![b' '; usize::try_from(ANSWER_MAX).unwrap() + 1];
    let server = TlsServer::answering(ok(ANSWER_MAX + 1, &long), true);
    let too_long = server.ask(&Https::new(), Trust::Nobody);
    assert_eq!(too_long.unwrap_err(), HttpError::TooLong);

    let server = TlsServer::answering(ok(ANSWER_MAX, &long[1..]), true);
    let longest = server.ask(&Https::new(), Trust::Nobody).unwrap();
    assert_eq!(longest.body.len(), long.len() - 1);

    let server = TlsServer::answering(ok(100, b"hel"), true);
    let cut = server.ask(&Https::new(), Trust::Nobody);
    assert!(matches!(cut, Err(HttpError::Unreachable(_))), "{cut:?}");
}

#[test]
fn a_redirection_is_an_answer_and_is_not_followed() {
    let elsewhere =
        b"HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n";
    let server = TlsServer::answering(elsewhere.to_vec(), true);
    let answer = server.ask(&Https::new(), Trust::Nobody).unwrap();
    assert_eq!(answer.status, 302);
}

#[test]
fn a_certificate_of_another_time_brings_the_clock_to_mind() {
    for reason in [CertificateError::Expired, CertificateError::NotValidYet] {
        assert!(in_words(&reason).contains("the clock of this machine"));
    }
    assert!(!in_words(&CertificateError::UnknownIssuer).contains("clock"));
}
