//! From options to a running server: listeners, data folder, database, authority, certificates, and the work that is
//! done from time to time.

use std::fs::{self, File, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinSet;

use crate::app::{Addresses, App};
use crate::ca::authority::{FOLDER as AUTHORITY, RelyingAddresses};
use crate::ca::key_file::{Passphrase, create_folder};
use crate::ca::{Authority, CaError};
use crate::clock::Clock;
use crate::config::ServeArguments;
use crate::error::Error;
use crate::router;
use crate::service::credential::{self, TlsCredential};
use crate::service::issuance::LEASE;
use crate::service::{issuance, ocsp, setup};
use crate::store::{Kind, Store, StoreError, rate_limit};

/// How often the work is done that is done from time to time.
const PERIOD: Duration = Duration::from_secs(60);
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
    /// Another server is at work in the data folder.
    #[error("another enroll-server is at work in {0}: end it, or give --data another folder")]
    InUse(String),
    /// Something else of the operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority.
    #[error(transparent)]
    Ca(#[from] CaError),
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
    _lock: File,
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

        let data = &options.storage.data;
        create_folder(data)?;
        let data = fs::canonicalize(data)?;
        let lock = lock(&data)?;
        let store = Store::open(&options.storage.database_url()).await?;
        let organisation = organisation(&store, options, &data).await?;
        let passphrase = match passphrase {
            Some(passphrase) => passphrase,
            None => stored_passphrase(&data)?,
        };
        let relying = RelyingAddresses {
            base: addresses.relying.clone(),
        };
        let now = clock.now();
        let authority = Authority::open(&data, &organisation, relying, passphrase, now)?;
        let ids = setup::register(&store, &authority, &organisation, now).await?;
        let app = Arc::new(App {
            store,
            authority: Arc::new(authority),
            issuing_id: ids.issuing,
            root_id: ids.root,
            organisation,
            addresses,
            data,
            clock,
            ocsp: ocsp::OcspCache::default(),
            crls: crate::service::crl::CrlCache::default(),
            tls: TlsCredential::default(),
        });
        sweep_left_over(&app).await?;
        credential::renew_tls(&app).await?;
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
        let periodic = tokio::spawn(periodic(self.app.clone()));
        let mut listeners = JoinSet::new();
        listeners.spawn(https);
        listeners.spawn(http);
        let mut outcome = Ok(());
        while let Some(ended) = listeners.join_next().await {
            let ended = ended.map_err(std::io::Error::other).and_then(|ended| ended);
            if let Err(error) = ended {
                // One listener alone is no server.
                handle.graceful_shutdown(Some(GRACE));
                outcome = Err(error.into());
            }
        }
        periodic.abort();
        self.app.store.close().await;
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

fn lock(data: &Path) -> Result<File, ServeError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::InUse(data.display().to_string())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The organisation's name: the one on record, or, at the first start, the one given. A database that is in use needs
/// the authority that it is in use with: none is made for it.
async fn organisation(
    store: &Store,
    options: &ServeArguments,
    data: &Path,
) -> Result<String, ServeError> {
    let given = &options.organisation;
    let Some(known) = setup::known_organisation(store).await? else {
        return Ok(given.clone());
    };
    if !data.join(AUTHORITY).exists() {
        return Err(CaError::Mismatch(format!(
            "the database has an authority already, and {} has none: bring its folders authority/ and secrets/ here",
            data.display()
        ))
        .into());
    }
    if &known != given {
        tracing::info!(
            organisation = known,
            "the organisation's name was fixed at the first start"
        );
    }
    Ok(known)
}

/// The passphrase in the data folder. One is made for a new authority alone: for another one it could not fit.
fn stored_passphrase(data: &Path) -> Result<Passphrase, CaError> {
    let path = data.join("secrets/passphrase");
    if data.join(AUTHORITY).exists() {
        Passphrase::read(&path)
    } else {
        Passphrase::read_or_create(&path)
    }
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

/// Certificates that were on record when a server ended. On SQLite there is no other server whose they could be.
async fn sweep_left_over(app: &App) -> Result<(), Error> {
    let since = match app.store.kind() {
        Kind::Sqlite => app.clock.now(),
        Kind::Postgres => app.clock.now().minus(LEASE),
    };
    let swept = issuance::sweep(app, since).await?;
    if swept > 0 {
        tracing::warn!(
            certificates = swept,
            "certificates were about to be signed when the server last ended; they are revoked"
        );
    }
    Ok(())
}

async fn periodic(app: Arc<App>) {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        if let Err(error) = periodic_work(&app).await {
            tracing::error!(%error, "periodic work failed; it is tried again in a minute");
        }
    }
}

async fn periodic_work(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    credential::renew_tls(app).await?;
    ocsp::responder(app).await?;
    issuance::sweep(app, now.minus(LEASE)).await?;
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { rate_limit::forget_empty(tx.connection(), now).await })
        })
        .await?;
    Ok(())
}
