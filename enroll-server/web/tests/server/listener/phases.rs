//! Each phase of a connection ends when its time is over, and not before.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::routing::get;
use enroll_server::listener::Limits;
use enroll_server::router;

use super::client::{Alpn, Client};
use super::fixture::{ALL, Kindred, PATIENCE, SHORT, no_limits, quick, run, serve};
use crate::fixture::Fixture;

/// What begins every HTTP/2 connection of a client.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty SETTINGS frame.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// Clocks of a test and of a server are read at different moments.
fn is_in_time(took: Duration) {
    assert!(took >= SHORT * 3 / 4, "closed early, after {took:?}");
    assert!(took < PATIENCE, "closed after {took:?}");
}

#[test]
fn a_handshake_must_end_in_time() {
    run(async |fixture| {
        let limits = Limits {
            handshake: SHORT,
            ..no_limits()
        };
        let serving = serve(&fixture, Kindred::Https(Alpn::None), limits, quick());
        for said in [&b""[..], &b"\x16"[..], &b"\x16\x03\x01\x02\x00\x01\x00"[..]] {
            let mut client = Client::connect(serving.address, [127, 0, 0, 1]).await;
            client.write(said).await;
            is_in_time(client.is_closed().await);
        }
    });
}

#[test]
fn the_first_request_must_come_in_time() {
    run(async |fixture| {
        let limits = Limits {
            first_request: SHORT,
            ..no_limits()
        };
        let whole_preface = [PREFACE, SETTINGS].concat();
        let beginnings: [&[u8]; 6] = [
            b"",
            b"G",
            b"GET / HTTP/1.1\r\nHost: local",
            &PREFACE[..9],
            PREFACE,
            &whole_preface,
        ];
        for kind in ALL {
            let serving = serve(&fixture, kind, limits, quick());
            for said in beginnings {
                let mut client = serving.client(kind).await;
                client.write(said).await;
                is_in_time(client.is_closed().await);
            }
        }
    });
}

#[test]
fn a_header_that_comes_byte_by_byte_has_no_more_time() {
    run(async |fixture| {
        let limits = Limits {
            first_request: SHORT,
            ..no_limits()
        };
        for kind in [Kindred::Http, Kindred::Https(Alpn::Http1)] {
            let serving = serve(&fixture, kind, limits, quick());
            let mut client = serving.client(kind).await;
            client.write(b"GET / HTTP/1.1\r\n").await;
            let begun = std::time::Instant::now();
            let mut buffer = [0; 64];
            // Each byte comes well within the limit, until the server has had enough.
            let mut pace = tokio::time::interval(SHORT / 10);
            loop {
                pace.tick().await;
                tokio::select! {
                    read = client.read(&mut buffer) => {
                        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
                        break;
                    }
                    () = tokio::time::sleep(SHORT / 20) => {}
                }
                client.try_write(b"x").await;
                assert!(begun.elapsed() < PATIENCE);
            }
            is_in_time(begun.elapsed());
        }
    });
}

#[test]
fn the_next_request_must_come_in_time() {
    run(async |fixture| {
        let limits = Limits {
            between_requests: SHORT,
            ..no_limits()
        };
        for kind in ALL {
            let serving = serve(&fixture, kind, limits, quick());
            let mut client = serving.client(kind).await;
            if kind == Kindred::Https(Alpn::H2) {
                let (mut send, connection) = client.h2(65_535).await;
                let request = Request::get("https://localhost/").body(()).unwrap();
                let (answer, _) = send.send_request(request, true).unwrap();
                assert_eq!(answer.await.unwrap().status(), 200);
                let begun = std::time::Instant::now();
                tokio::time::timeout(PATIENCE, connection)
                    .await
                    .unwrap()
                    .unwrap();
                is_in_time(begun.elapsed());
                continue;
            }
            for _ in 0..2 {
                assert!(client.get("/").await.ends_with("hello"));
            }
            client.write(b"GET /again").await;
            is_in_time(client.is_closed().await);
        }
    });
}

#[test]
fn a_body_must_go_on() {
    run(async |fixture: Arc<Fixture>| {
        let limits = Limits {
            body: SHORT,
            ..no_limits()
        };
        let app = fixture.app();
        let key = app.authorities.current().key_id();
        for (kind, router, path) in [
            (
                Kindred::Http,
                router::http(app, &limits),
                format!("/ocsp/{key}"),
            ),
            (
                Kindred::Https(Alpn::Http1),
                router::https(app, &limits),
                "/api/v1/enrollment".to_owned(),
            ),
            (
                Kindred::Https(Alpn::Http1),
                router::https(app, &limits),
                "/sign-in".to_owned(),
            ),
        ] {
            let serving = serve(&fixture, kind, limits, router);
            let mut client = serving.client(kind).await;
            let header = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: __Host-visit={}\r\nContent-Length: 100\r\n\r\n0123456789",
                "A".repeat(32)
            );
            let begun = std::time::Instant::now();
            client.write(header.as_bytes()).await;
            let answer = client.answer().await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
            assert!(
                !path.starts_with("/api/") || answer.contains(r#"{"error":"timeout""#),
                "{answer}"
            );
            client.is_closed().await;
            assert!(begun.elapsed() < PATIENCE);
        }
    });
}

#[test]
fn a_client_that_answers_no_ping_is_gone() {
    run(async |fixture| {
        let limits = Limits {
            ping: SHORT / 2,
            pong: SHORT / 2,
            ..no_limits()
        };
        let router = Router::new().route("/", get(std::future::pending::<()>));
        for kind in [Kindred::Http, Kindred::Https(Alpn::H2)] {
            let serving = serve(&fixture, kind, limits, router.clone());
            let mut client = serving.client(kind).await;
            client.write(PREFACE).await;
            client.write(SETTINGS).await;
            // GET http://localhost/ on stream 1 (RFC 7541, appendix A and section 6.2.2).
            let header: &[u8; 14] = b"\x82\x86\x84\x01\x09localhost";
            let frame = [0, 0, 14, 1, 5, 0, 0, 0, 1];
            client.write(&[&frame[..], header].concat()).await;
            is_in_time(client.is_closed().await);
        }
    });
}
