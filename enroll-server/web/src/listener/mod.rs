//! The listeners: sockets, TLS, HTTP, and a deadline for every phase of a connection.
//!
//! From accepting to the end of the handshake, from there to the first request, between requests, while a body comes,
//! while an answer is made and while it is read: whoever is silent for too long is dropped, and the connections of one
//! address have a limit. What is asked stays unknown here: requests go to a router.

mod activity;
mod answer;
mod caps;
mod client_certificate;
mod connection;
mod limits;
mod once_per;
mod proxies;
mod proxy_header;
mod socket;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::caps::Caps;
pub use self::client_certificate::ClientCertificate;
use self::connection::Common;
pub use self::limits::{Limits, raise_descriptors};
pub use self::proxies::{Network, NotANetwork, Proxies};
use self::socket::Socket;
pub use self::tls::Tls;

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// The socket.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// A listener.
pub struct Listener {
    socket: Socket,
    caps: Arc<Caps>,
    common: Arc<Common>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}

impl Listener {
    /// A listener on a socket that must not block, which serves until `stop` and believes these proxies.
    ///
    /// # Errors
    /// If the socket or TLS cannot be set up.
    pub fn new(
        socket: std::net::TcpListener,
        tls: Tls<'_>,
        router: Router,
        limits: Limits,
        proxies: Arc<Proxies>,
        stop: CancellationToken,
    ) -> Result<Self, ListenerError> {
        let tls = tls::acceptor(tls)?;
        Ok(Self {
            socket: Socket::new(socket, &limits)?,
            caps: Caps::new(&limits),
            common: Arc::new(Common::new(router, tls, limits, proxies, stop)),
        })
    }

    /// Serves until it is told to stop, and then until what is under way has ended or the grace is over.
    pub async fn run(self) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = self.common.stop.cancelled() => break,
                Some(_) = connections.join_next() => {}
                (stream, peer) = self.socket.accept() => self.admit(&mut connections, stream, peer),
            }
        }
        // Nobody waits for an answer in a queue that is not served any more.
        drop(self.socket);
        let ended = async { while connections.join_next().await.is_some() {} };
        if timeout(self.common.limits.grace, ended).await.is_err() {
            tracing::warn!("requests were under way for too long and are cut off");
        }
    }

    fn admit(&self, connections: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr) {
        if let Some(permit) = self.caps.admit() {
            let common = self.common.clone();
            connections.spawn(async move { common.serve(stream, peer, permit).await });
        }
    }
}
