//! From options to a running server: listeners, everything behind them, and TLS.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinSet;

use enroll_server_model::clock::Clock;
use enroll_server_service::backup::BackupError;
use enroll_server_service::error::Error;
use enroll_server_service::lock::DataLock;
use enroll_server_service::start::{self, Options, Passphrase, StartError};
use enroll_server_service::{Addresses, App, TlsCredential, jobs};

use crate::config::ServeArguments;
use crate::router;

/// For how long a client may take to say what it wants, and may keep a connection open without wanting anything.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// How long requests under way have when the server is told to end.
const GRACE: Duration = Duration::from_secs(10);

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A listener could not be opened.
    #[error(
        "cannot listen on {address}: {source}. Is another program there? --listen and --listen-http take other addresses, port 0 a free one"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The passphrase of the environment is not text.
    #[error(
        "TAPCARD_CA_PASSPHRASE is not UTF-8: choose a passphrase of letters, digits and spaces"
    )]
    PassphraseNotText,
    /// What --crl names cannot be read.
    #[error("{name}: {reason}")]
    Fetch {
        /// What it names.
        name: String,
        /// Why not.
        reason: String,
    },
    /// What --crl names is at an address that is not fetched: lists are published over plain HTTP.
    #[error("{0}: https is not fetched; download it, and give the file")]
    FetchHttps(String),
    /// Something else of the operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The data folder, the database or the authority.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A backup or a restore.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A service.
    #[error(transparent)]
    Service(#[from] Error),
}

/// A server that is ready to serve.
pub struct Server {
    app: Arc<App>,
    https: TcpListener,
    http: TcpListener,
    // Held while the server runs, so that no other works in the same folder.
    _lock: DataLock,
}

impl Server {
    /// Opens the listeners, and opens or makes everything else that the server needs.
    ///
    /// # Errors
    /// If any of it fails.
    pub async fn start(
        options: &ServeArguments,
        passphrase: Option<Passphrase>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServeError> {
        // First of all, for addresses are in certificates, and port 0 has become a number then.
        let https = listen(options.listen)?;
        let http = listen(options.listen_http)?;
        let addresses = addresses(&options.name, &https, &http)?;

        let (app, lock) = start::open(Options {
            data: options.storage.data.clone(),
            database: options.storage.database_url(),
            organisation: options.organisation.clone(),
            addresses,
            passphrase,
            clock,
            accept_clock: options.accept_clock,
        })
        .await?;
        Ok(Self {
            app,
            https,
            http,
            _lock: lock,
        })
    }

    /// The state, for those who work with the server beside its listeners.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Serves until `handle` is told to end.
    ///
    /// # Errors
    /// If a listener fails.
    pub async fn serve(self, handle: Handle<SocketAddr>) -> Result<(), ServeError> {
        let tls = tls_config(&self.app.tls)?;
        let mut https = axum_server::from_tcp_rustls(self.https, tls)?.handle(handle.clone());
        https
            .http_builder()
            .http1()
            .header_read_timeout(HEADER_TIMEOUT);
        let https = https
            .serve(router::https(&self.app).into_make_service_with_connect_info::<SocketAddr>());
        let mut http = axum_server::from_tcp(self.http)?.handle(handle.clone());
        http.http_builder()
            .http1()
            .header_read_timeout(HEADER_TIMEOUT);
        let http =
            http.serve(router::http(&self.app).into_make_service_with_connect_info::<SocketAddr>());
        let periodic = tokio::spawn(jobs::run(self.app.clone()));
        let mut listeners = JoinSet::new();
        listeners.spawn(https);
        listeners.spawn(http);
        let mut outcome = Ok(());
        while let Some(ended) = listeners.join_next().await {
            let ended = ended.map_err(std::io::Error::other).and_then(|ended| ended);
            if let Err(error) = ended {
                // One listener alone is not a server.
                handle.graceful_shutdown(Some(GRACE));
                outcome = Err(error.into());
            }
        }
        periodic.abort();
        self.app.close().await;
        outcome
    }
}

/// Tells a server to end: no new connections, and some time for the requests under way.
pub fn shut_down(handle: &Handle<SocketAddr>) {
    handle.graceful_shutdown(Some(GRACE));
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|source| ServeError::Listen { address, source })
}

fn addresses(host: &str, https: &TcpListener, http: &TcpListener) -> std::io::Result<Addresses> {
    let in_url = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    Ok(Addresses {
        portal: format!("https://{in_url}:{}", https.local_addr()?.port()),
        relying: format!("http://{in_url}:{}", http.local_addr()?.port()),
        host: host.to_owned(),
    })
}

fn tls_config(credential: &TlsCredential) -> Result<RustlsConfig, ServeError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(credential.clone()));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
