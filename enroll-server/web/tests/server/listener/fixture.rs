//! A listener of a test's own, with the limits and the routes that the test wants.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use enroll_server::listener::{Limits, Listener, Proxies, Tls};
use enroll_server_store::Kind;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use super::client::PATIENCE;
use super::client::{Alpn, Client};
use crate::fixture::{self, Fixture};

/// A limit that a test waits for.
pub const SHORT: Duration = Duration::from_millis(300);
/// A limit that no test reaches.
const LONG: Duration = Duration::from_secs(600);

/// Limits of which none is reached.
pub fn no_limits() -> Limits {
    Limits {
        handshake: LONG,
        first_request: LONG,
        between_requests: LONG,
        body: LONG,
        request: LONG,
        answer: LONG,
        unacknowledged: LONG,
        ping: LONG,
        pong: LONG,
        grace: PATIENCE,
        ..Limits::https()
    }
}

/// Which of the two listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kindred {
    /// HTTPS, with what the client says of HTTP's version in the handshake.
    Https(Alpn),
    /// Plain HTTP.
    Http,
}

/// Every way to reach a listener.
pub const ALL: [Kindred; 4] = [
    Kindred::Http,
    Kindred::Https(Alpn::Http1),
    Kindred::Https(Alpn::H2),
    Kindred::Https(Alpn::None),
];

/// A listener that serves.
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    /// What tells it to end.
    pub stop: CancellationToken,
    /// Ends when it has ended.
    pub ended: JoinHandle<()>,
    // Its credential, folder and clock.
    fixture: Arc<Fixture>,
}

impl Serving {
    /// A client at this listener, from 127.0.0.1.
    pub async fn client(&self, kind: Kindred) -> Client {
        let client = Client::connect(self.address, [127, 0, 0, 1]).await;
        match kind {
            Kindred::Http => client,
            Kindred::Https(alpn) => client.tls(self.fixture.app(), alpn).await,
        }
    }
}

/// Runs a test with what a listener needs beside its limits.
pub fn run(test: impl AsyncFnOnce(Arc<Fixture>)) {
    fixture::run(Kind::Sqlite, async |fixture| test(Arc::new(fixture)).await);
}

/// A listener with these limits and routes, with TLS or without.
pub fn serve(fixture: &Arc<Fixture>, kind: Kindred, limits: Limits, router: Router) -> Serving {
    serve_behind(fixture, kind, limits, router, Proxies::default())
}

/// The same behind these proxies.
pub fn serve_behind(
    fixture: &Arc<Fixture>,
    kind: Kindred,
    limits: Limits,
    router: Router,
    proxies: Proxies,
) -> Serving {
    let proxies = Arc::new(proxies);
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let address = socket.local_addr().unwrap();
    let stop = CancellationToken::new();
    let tls = match kind {
        Kindred::Http => Tls::Plain,
        _ => Tls::Site(&fixture.app().tls),
    };
    let listener = Listener::new(socket, tls, router, limits, proxies, stop.clone()).unwrap();
    Serving {
        address,
        stop,
        ended: tokio::spawn(listener.run()),
        fixture: fixture.clone(),
    }
}

/// Routes that answer at once.
pub fn quick() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/", post(async |body: String| body))
}

/// The port in an address without a path.
pub fn port_of(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().parse().unwrap()
}
