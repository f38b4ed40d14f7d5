//! Answers that are not read: given up in time, and holding no bytes of their own until then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::Request;
use axum::routing::get;
use enroll_server::listener::Limits;
use tokio::time::{Instant, timeout};

use super::client::{Alpn, Client};
use super::fixture::{Kindred, PATIENCE, SHORT, no_limits, run, serve};

const LENGTH: usize = 8 * 1024 * 1024;
const WAYS: [Kindred; 2] = [Kindred::Http, Kindred::Https(Alpn::Http1)];
const WAYS_OF_H2: [Kindred; 2] = [Kindred::Http, Kindred::Https(Alpn::H2)];

/// Bytes that say whether anybody holds them.
#[derive(Clone, Default)]
struct Held(Arc<AtomicUsize>);

struct Owner(Vec<u8>, Held);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.1.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Held {
    fn bytes(&self) -> Bytes {
        self.0.fetch_add(1, Ordering::SeqCst);
        Bytes::from_owner(Owner(vec![b'x'; LENGTH], self.clone()))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    async fn wait_until(&self, count: usize) {
        let begun = Instant::now();
        while self.count() != count {
            assert!(begun.elapsed() < PATIENCE, "{} are held", self.count());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Routes with a large answer, and what is held of it.
fn large() -> (Router, Held) {
    let held = Held::default();
    let bytes = held.clone();
    let router = Router::new()
        .route("/large", get(async move || bytes.bytes()))
        .route("/", get(async || "hello"));
    (router, held)
}

fn limits() -> Limits {
    Limits {
        answer: SHORT,
        ..no_limits()
    }
}

#[test]
fn an_http1_client_that_stops_reading_is_given_up() {
    stops_reading(limits());
}

/// Also where nothing of this program looks after it any more.
#[test]
fn what_a_client_does_not_acknowledge_is_given_up_by_the_kernel() {
    stops_reading(Limits {
        unacknowledged: SHORT,
        ..no_limits()
    });
}

fn stops_reading(limits: Limits) {
    run(async |fixture| {
        for kind in WAYS {
            let (router, held) = large();
            let serving = serve(&fixture, kind, limits, router);
            let mut client = serving.client(kind).await;
            client
                .write(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await;
            held.wait_until(1).await;
            held.wait_until(0).await;
            let mut read = 0;
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(more @ 1..) = client.read(&mut buffer).await {
                read += more;
            }
            assert!(read < LENGTH / 2, "{read} bytes were kept for the client");
        }
    });
}

#[test]
fn an_http2_stream_whose_window_stays_shut_is_reset_alone() {
    run(async |fixture| {
        for kind in WAYS_OF_H2 {
            let (router, held) = large();
            let serving = serve(&fixture, kind, limits(), router);
            let (mut send, _task) = serving.client(kind).await.h2(65_535).await;
            let large = Request::get("https://localhost/large").body(()).unwrap();
            let (answer, _) = send.send_request(large, true).unwrap();
            let mut body = answer.await.unwrap().into_body();
            held.wait_until(0).await;
            // What was sent before, and then the end.
            let end = async { while let Some(Ok(_)) = body.data().await {} };
            timeout(PATIENCE, end).await.unwrap();
            let small = Request::get("https://localhost/").body(()).unwrap();
            let (answer, _) = send.send_request(small, true).unwrap();
            let mut body = answer.await.unwrap().into_body();
            assert_eq!(body.data().await.unwrap().unwrap(), "hello");
        }
    });
}

#[test]
fn an_http2_client_that_stops_reading_is_given_up() {
    run(async |fixture| {
        for kind in WAYS_OF_H2 {
            let (router, held) = large();
            let limits = Limits {
                between_requests: SHORT,
                ..limits()
            };
            let serving = serve(&fixture, kind, limits, router);
            // The largest window, and then not a byte is read any more.
            let (mut send, task) = serving.client(kind).await.h2((1 << 31) - 1).await;
            let mut answers = Vec::new();
            for _ in 0..4 {
                let request = Request::get("https://localhost/large").body(()).unwrap();
                answers.push(send.send_request(request, true).unwrap());
            }
            held.wait_until(4).await;
            task.abort();
            held.wait_until(0).await;
        }
    });
}

#[test]
fn a_slow_client_that_goes_on_reading_gets_everything() {
    run(async |fixture| {
        for kind in WAYS {
            let (router, _) = large();
            let serving = serve(&fixture, kind, limits(), router);
            let mut client: Client = serving.client(kind).await;
            client
                .write(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .await;
            let begun = Instant::now();
            let mut pace = tokio::time::interval(SHORT / 30);
            let mut buffer = vec![0; 128 * 1024];
            let mut read = 0;
            while let Ok(more @ 1..) = client.read(&mut buffer).await {
                read += more;
                pace.tick().await;
            }
            assert!(read > LENGTH, "{read}");
            assert!(begun.elapsed() > SHORT, "it was not slow");
        }
    });
}
