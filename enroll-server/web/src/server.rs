//! From options to a running server: listeners, everything behind them, and TLS.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use listenfd::ListenFd;
use rustls::DistinguishedName;
use tokio_util::sync::CancellationToken;

use enroll_server_model::IssuerRole;
use enroll_server_model::clock::Clock;
use enroll_server_service::backup::BackupError;
use enroll_server_service::error::Error;
use enroll_server_service::lock::DataLock;
use enroll_server_service::start::{self, Options, Passphrase, StartError};
use enroll_server_service::{Addresses, App, jobs};

use crate::config::ServeArguments;
use crate::host_name::is_of_this_machine;
use crate::listener::{Limits, Listener, ListenerError, Proxies, Tls, raise_descriptors};
use crate::mail_options::MailError;
use crate::outward::{self, Mailer, Outward};
use crate::public_url::{PublicUrl, Scheme};
use crate::router;
use crate::secret::SecretError;

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A listener could not be opened.
    #[error(
        "cannot listen on {address}: {source}. {} --listen, --listen-http and --listen-phones take other addresses, port 0 a free one",
        why_not(source)
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The service manager hands over others than the two sockets.
    #[error(
        "the service manager hands over {0} sockets (LISTEN_FDS), and there must be two that listen for TCP: first that of HTTPS, then that of plain HTTP"
    )]
    HandedOver(usize),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
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
    /// A listener could not be set up.
    #[error(transparent)]
    Listener(#[from] ListenerError),
    /// The data folder, the database or the authority.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A backup or a restore.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// How mail is sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// TLS to others.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// A service.
    #[error(transparent)]
    Service(#[from] Error),
}

/// A server that is ready to serve.
pub struct Server {
    app: Arc<App>,
    https: TcpListener,
    http: TcpListener,
    phones: Option<TcpListener>,
    limits: (Limits, Limits),
    proxies: Arc<Proxies>,
    outward: Arc<Outward>,
    // Held while the server runs, so that no other works in the same folder.
    lock: Arc<DataLock>,
}

/// Where the server listens. They are opened first of all, for addresses are in certificates, and port 0 has become a number
/// then.
#[derive(Debug)]
pub struct Listeners {
    https: TcpListener,
    http: TcpListener,
}

impl Listeners {
    /// Those that the service manager has opened for this process and hands over (`sd_listen_fds(3)`); none where it hands over
    /// none. To be called before there is another thread.
    ///
    /// # Errors
    /// If it hands over others than two that listen for TCP.
    pub fn handed_over() -> Result<Option<Self>, ServeError> {
        let mut handed = ListenFd::from_env();
        let number = handed.len();
        if number == 0 {
            return Ok(None);
        }
        let mut take = |index| {
            let taken = handed.take_tcp_listener(index).ok().flatten();
            let listener = taken.ok_or(ServeError::HandedOver(number))?;
            listener.set_nonblocking(true)?;
            Ok::<_, ServeError>(listener)
        };
        if number != 2 {
            return Err(ServeError::HandedOver(number));
        }
        Ok(Some(Self {
            https: take(0)?,
            http: take(1)?,
        }))
    }

    /// Opens them.
    ///
    /// # Errors
    /// If one of them cannot be opened.
    pub fn open(options: &ServeArguments) -> Result<Self, ServeError> {
        Ok(Self {
            https: listen(options.listen)?,
            http: listen(options.listen_http)?,
        })
    }
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
        Self::start_on(Listeners::open(options)?, options, passphrase, clock).await
    }

    /// The same with listeners that are open.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_on(
        listeners: Listeners,
        options: &ServeArguments,
        passphrase: Option<Passphrase>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServeError> {
        let Listeners { https, http } = listeners;
        let phones = options.listen_phones.map(listen).transpose()?;
        let addresses = addresses(options, &https, &http, phones.as_ref())?;
        let mailer = match options.mail.settings()? {
            Some(settings) => Some(Mailer::new(settings, &addresses.host)?),
            None => None,
        };

        let (app, lock) = start::open(Options {
            data: options.storage.data.clone(),
            database: options.storage.database_url(),
            organisation: options.organisation.clone(),
            addresses,
            passphrase,
            clock,
            sends_mail: mailer.is_some(),
            accept_clock: options.accept_clock,
            holders_add_phones: options.holders_add_phones,
        })
        .await?;
        let descriptors = raise_descriptors();
        Ok(Self {
            app,
            https,
            http,
            phones,
            limits: (
                Limits::https().within(descriptors),
                Limits::http().within(descriptors),
            ),
            proxies: Arc::new(Proxies::new(options.trusted_proxies.clone())),
            outward: Arc::new(Outward::new(&options.webhook_networks, mailer)?),
            lock: Arc::new(lock),
        })
    }

    /// The state, for those who work with the server beside its listeners.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The lock on its data, for those who keep it longer than the server serves.
    #[must_use]
    pub fn lock(&self) -> Arc<DataLock> {
        self.lock.clone()
    }

    /// Other limits than those of the documentation, for HTTPS and for plain HTTP.
    #[must_use]
    pub fn with_limits(mut self, https: Limits, http: Limits) -> Self {
        self.limits = (https, http);
        self
    }

    /// Where HTTPS and plain HTTP listen.
    ///
    /// # Errors
    /// If the operating system does not say.
    pub fn listeners(&self) -> std::io::Result<[SocketAddr; 2]> {
        Ok([self.https.local_addr()?, self.http.local_addr()?])
    }

    /// Serves until `stop`.
    ///
    /// # Errors
    /// If a listener cannot be set up.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), ServeError> {
        let app = &self.app;
        let (limits, http_limits) = self.limits;
        tracing::info!(
            https = %self.https.local_addr()?,
            http = %self.http.local_addr()?,
            database = %app.database(),
            "the server listens"
        );
        let router = router::https(app, &limits);
        let proxies = self.proxies;
        let https = Listener::new(
            self.https,
            Tls::Site(&app.tls),
            router,
            limits,
            proxies.clone(),
            stop.clone(),
        )?;
        let router = router::http(app, &http_limits);
        let plain = Tls::Plain;
        let http = Listener::new(
            self.http,
            plain,
            router,
            http_limits,
            proxies.clone(),
            stop.clone(),
        )?;
        let phones = match self.phones {
            Some(socket) => {
                let limits = limits.of_phones();
                let router = router::phones(app, &limits);
                let tls = Tls::Phones(&app.tls, issuers(app));
                Some(Listener::new(
                    socket,
                    tls,
                    router,
                    limits,
                    proxies,
                    stop.clone(),
                )?)
            }
            None => None,
        };
        let phones = async {
            if let Some(phones) = phones {
                phones.run().await;
            }
        };
        let periodic = tokio::spawn(jobs::run(app.clone()));
        let outward = outward::run(app.clone(), self.outward, stop);
        tokio::join!(https.run(), http.run(), phones, outward);
        periodic.abort();
        app.close().await;
        Ok(())
    }
}

/// The names of the authorities that phones have certificates of.
fn issuers(app: &App) -> Vec<DistinguishedName> {
    let authorities = app.authorities.iter();
    let issuing = authorities.filter(|authority| authority.role() == IssuerRole::Issuing);
    issuing
        .map(|authority| DistinguishedName::from(authority.certificate().subject_der.clone()))
        .collect()
}

/// What stands against listening, as far as the system's error tells.
fn why_not(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => "Is another program there, or is the port given twice?",
        ErrorKind::PermissionDenied => {
            "Ports below 1024 need the right to bind them; systemd can open them (tapcard-enroll-server.socket)."
        }
        ErrorKind::AddrNotAvailable => "The machine has no such address.",
        _ => "Is the address right?",
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|source| ServeError::Listen { address, source })
}

fn addresses(
    options: &ServeArguments,
    https: &TcpListener,
    http: &TcpListener,
    phones: Option<&TcpListener>,
) -> std::io::Result<Addresses> {
    let address = |given: &Option<PublicUrl>, scheme, listener: &TcpListener| match given {
        Some(url) => Ok::<_, std::io::Error>(url.clone()),
        None => {
            let port = listener.local_addr()?.port();
            Ok(PublicUrl::new(scheme, &options.name, port))
        }
    };
    let portal = address(&options.portal_url, Scheme::Https, https)?;
    let relying = address(&options.relying_url, Scheme::Http, http)?;
    let phones = match phones {
        Some(listener) => {
            let public = address(&options.phones_url, Scheme::Https, listener)?;
            Some((public, listener))
        }
        None => None,
    };
    let of_phones = phones.iter().map(|(public, listener)| (public, *listener));
    for (public, listener) in [(&portal, https), (&relying, http)]
        .into_iter()
        .chain(of_phones)
    {
        let listen = listener.local_addr()?;
        if is_of_this_machine(&public.host) && !listen.ip().is_loopback() {
            tracing::warn!(
                %listen,
                address = public.as_str(),
                "others can reach this listener, but its address in links and certificates is of this machine alone: set --name, or --portal-url and --relying-url"
            );
        }
    }
    Ok(Addresses {
        portal: portal.as_str().to_owned(),
        relying: relying.as_str().to_owned(),
        phones: phones.map(|(public, _)| public.as_str().to_owned()),
        host: portal.host,
    })
}
