//! The life of one connection: its handshake, its requests, its end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::activity::{Activity, Observed, UnderWay};
use super::answer::{Answer, PIECE, Progress, Streams};
use super::caps::Permit;
use super::client_certificate::ClientCertificate;
use super::limits::Limits;
use super::proxies::Proxies;
use super::proxy_header;

/// Most bytes of a request's header, and of what is written ahead of a client.
const BUFFER: usize = 4 * PIECE;
/// Most bytes of the header of an HTTP/2 request.
const LONGEST_HEADER: u32 = 16 * 1024;

/// What all connections of a listener have in common.
pub(super) struct Common {
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) limits: Limits,
    pub(super) proxies: Arc<Proxies>,
    pub(super) stop: CancellationToken,
    http: auto::Builder<Streams>,
}

/// Whether a connection was told that it ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    No,
    /// It was idle for too long: at this time it is dropped, unless a request has come.
    Idle(Instant),
    /// The server ends: what is under way has the server's grace, the rest a farewell from this time on.
    Stop(Instant),
}

impl Common {
    pub(super) fn new(
        router: Router,
        tls: Option<TlsAcceptor>,
        limits: Limits,
        proxies: Arc<Proxies>,
        stop: CancellationToken,
    ) -> Self {
        let mut http = auto::Builder::new(Streams {
            limit: limits.answer,
        });
        http.http1().max_buf_size(BUFFER);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(limits.ping)
            .keep_alive_timeout(limits.pong)
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(LONGEST_HEADER)
            .max_send_buf_size(BUFFER);
        Self {
            router,
            tls,
            limits,
            proxies,
            stop,
            http,
        }
    }

    /// Serves a connection to its end.
    pub(super) async fn serve(&self, mut stream: TcpStream, peer: SocketAddr, mut permit: Permit) {
        let deadline = Instant::now() + self.limits.handshake;
        let client = self.client(&mut stream, peer);
        let Some(client) = self.in_time(deadline, peer, client).await else {
            return;
        };
        // A proxy has as many connections as its clients need.
        if !self.proxies.has(client.ip()) && !permit.count_for(client.ip()) {
            return;
        }
        let Some(tls) = &self.tls else {
            return self.speak(stream, client, ClientCertificate(None)).await;
        };
        if let Some(stream) = self.in_time(deadline, peer, tls.accept(stream)).await {
            let certificate = ClientCertificate::of(&stream);
            self.speak(stream, client, certificate).await;
        }
    }

    /// Whose connection it is: the peer's, or whose a trusted proxy says.
    async fn client(&self, stream: &mut TcpStream, peer: SocketAddr) -> io::Result<SocketAddr> {
        if !self.proxies.has(peer.ip()) {
            return Ok(peer);
        }
        Ok(proxy_header::read(stream).await?.unwrap_or(peer))
    }

    /// What a connection begins with, unless it takes too long, fails, or the server ends.
    async fn in_time<T>(
        &self,
        deadline: Instant,
        peer: SocketAddr,
        beginning: impl Future<Output = io::Result<T>>,
    ) -> Option<T> {
        let begun = tokio::select! {
            begun = timeout_at(deadline, beginning) => begun,
            () = self.stop.cancelled() => return None,
        };
        match begun {
            Ok(Ok(begun)) => return Some(begun),
            Ok(Err(error)) => tracing::debug!(%error, %peer, "a connection has no good beginning"),
            Err(_) => tracing::debug!(%peer, "a connection did not begin in time"),
        }
        None
    }

    async fn speak<S>(&self, stream: S, peer: SocketAddr, certificate: ClientCertificate)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Activity::new();
        let stream = TokioIo::new(Observed::new(stream, activity.clone()));
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(certificate.clone());
            let client = self.proxies.client(peer, request.headers());
            answer(self.router.clone(), activity.begin(), client, request)
        });
        let mut connection = pin!(self.http.serve_connection(stream, service));
        // Of the answers of HTTP/1; streams of HTTP/2 have their own.
        let progress = Arc::new(Progress::default());
        let mut ending = Ending::No;
        loop {
            let deadline = self.deadline(&activity, ending);
            tokio::select! {
                _ = progress.watch(self.limits.answer, connection.as_mut()) => return,
                () = at(deadline) => match ending {
                    _ if self.deadline(&activity, ending).is_none_or(|at| at > Instant::now()) => {}
                    Ending::No => {
                        connection.as_mut().graceful_shutdown();
                        ending = Ending::Idle(Instant::now() + self.limits.farewell);
                    }
                    Ending::Idle(_) | Ending::Stop(_) => return,
                },
                () = activity.changed() => {}
                () = self.stop.cancelled(), if !matches!(ending, Ending::Stop(_)) => {
                    connection.as_mut().graceful_shutdown();
                    ending = Ending::Stop(Instant::now());
                }
            }
        }
    }

    /// When something is to be done about a connection, if it goes on as it does.
    fn deadline(&self, activity: &Activity, ending: Ending) -> Option<Instant> {
        let idle = activity.idle()?;
        match ending {
            Ending::No if idle.had_request => Some(idle.since + self.limits.between_requests),
            Ending::No => Some(idle.since + self.limits.first_request),
            Ending::Idle(at) => Some(at),
            // The end of an answer may still be on its way.
            Ending::Stop(_) if idle.is_unsent => None,
            Ending::Stop(since) => Some(since.max(idle.since) + self.limits.farewell),
        }
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

async fn answer(
    mut router: Router,
    under_way: UnderWay,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(client));
    let response = router.call(request).await?;
    Ok(response.map(|body| Answer::new(body, under_way)))
}
