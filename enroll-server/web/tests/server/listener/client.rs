//! Clients that say little: a socket, TLS over it, and what of HTTP a test writes by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use enroll_server_service::App;
use h2::client::{Builder, SendRequest};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Nothing that a test waits for takes longer, on a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a client says of HTTP's version in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alpn {
    /// `http/1.1`.
    Http1,
    /// `h2`.
    H2,
    /// Nothing.
    None,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection.
pub struct Client(Box<dyn Stream>);

impl Client {
    /// A connection from an address of this machine.
    pub async fn connect(to: SocketAddr, from: [u8; 4]) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        // A client that does not read must not have the kernel do it.
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        Self(Box::new(socket.connect(to).await.unwrap()))
    }

    /// TLS over it, to the server whose state this is.
    pub async fn tls(self, app: &App, alpn: Alpn) -> Self {
        self.try_tls(app, alpn).await.unwrap()
    }

    /// The same, where the server may refuse.
    pub async fn try_tls(self, app: &App, alpn: Alpn) -> std::io::Result<Self> {
        self.try_tls_showing(app, alpn, None).await
    }

    /// The same, showing a certificate if the server asks for one.
    pub async fn try_tls_showing(
        self,
        app: &App,
        alpn: Alpn,
        shown: Option<Arc<dyn ResolvesClientCert>>,
    ) -> std::io::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from(app.anchor().der.as_slice()))
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let now = app.clock.now().system_time();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        let time = Arc::new(ServersTime(UnixTime::since_unix_epoch(now)));
        let builder = rustls::ClientConfig::builder_with_details(provider, time)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shown {
            Some(shown) => builder.with_client_cert_resolver(shown),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = match alpn {
            Alpn::Http1 => vec![b"http/1.1".to_vec()],
            Alpn::H2 => vec![b"h2".to_vec()],
            Alpn::None => Vec::new(),
        };
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, self.0).await?;
        Ok(Self(Box::new(stream)))
    }

    /// Writes bytes.
    pub async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// Writes bytes to a server that may have closed the connection.
    pub async fn try_write(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
        let _ = self.0.flush().await;
    }

    /// Asks over HTTP/1.1 and reads the answer's header and a body of known length.
    pub async fn get(&mut self, path: &str) -> String {
        self.write(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
            .await;
        self.answer().await
    }

    /// The next answer of HTTP/1.1.
    pub async fn answer(&mut self) -> String {
        let mut text = Vec::new();
        let header = loop {
            text.push(timeout(PATIENCE, self.0.read_u8()).await.unwrap().unwrap());
            if text.ends_with(b"\r\n\r\n") {
                break String::from_utf8(text).unwrap();
            }
        };
        let length = header
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        timeout(PATIENCE, self.0.read_exact(&mut body))
            .await
            .unwrap()
            .unwrap();
        header + &String::from_utf8_lossy(&body)
    }

    /// Reads once, at most as much as there is room for.
    pub async fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        timeout(PATIENCE, self.0.read(buffer)).await.unwrap()
    }

    /// Reads until the server closes the connection, which it must; returns how long that took.
    pub async fn is_closed(&mut self) -> Duration {
        let begun = std::time::Instant::now();
        let mut buffer = [0; 4096];
        loop {
            match self.read(&mut buffer).await {
                Ok(0) | Err(_) => return begun.elapsed(),
                Ok(_) => {}
            }
        }
    }

    /// HTTP/2 over it, with a window of this size for each answer. It reads and answers pings by itself.
    pub async fn h2(self, window: u32) -> (SendRequest<Bytes>, tokio::task::JoinHandle<()>) {
        let (send, connection) = Builder::new()
            .initial_window_size(window)
            .initial_connection_window_size(1 << 30)
            .handshake(self.0)
            .await
            .unwrap();
        let task = tokio::spawn(async move {
            let _ = connection.await;
        });
        (send, task)
    }
}

/// The server's certificate is valid by the server's clock.
#[derive(Debug)]
struct ServersTime(UnixTime);

impl TimeProvider for ServersTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}
