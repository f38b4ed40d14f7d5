//! What trusted proxies say ahead of a connection or in a request, and who else may say so: nobody.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use enroll_server::listener::{Limits, Proxies};

use super::client::{Alpn, Client};
use super::fixture::{Kindred, SHORT, Serving, no_limits, run, serve_behind};
use crate::fixture::Fixture;

/// 192.0.2.7:4711 to 192.0.2.1:443, in both versions.
const TEXT: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n";
const BINARY: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x12\x67\x01\xbb";
/// A proxy that looks whether the server is there.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
const UNKNOWN: &[u8] = b"PROXY UNKNOWN\r\n";
const PROXY: [u8; 4] = [127, 0, 0, 1];
const STRANGER: [u8; 4] = [127, 0, 0, 2];

/// A listener that tells its clients their addresses and trusts 127.0.0.1.
fn serve(fixture: &Arc<Fixture>, kind: Kindred, limits: Limits) -> Serving {
    let tell = get(async |ConnectInfo(client): ConnectInfo<SocketAddr>| client.ip().to_string());
    let router = Router::new().route("/", tell);
    let proxies = Proxies::new(vec!["127.0.0.1".parse().unwrap()]);
    serve_behind(fixture, kind, limits, router, proxies)
}

/// What the server takes for the client's address after this beginning.
async fn seen(serving: &Serving, fixture: &Fixture, kind: Kindred, beginning: &[u8]) -> String {
    let mut client = Client::connect(serving.address, PROXY).await;
    client.write(beginning).await;
    let mut client = match kind {
        Kindred::Http => client,
        Kindred::Https(alpn) => client.tls(fixture.app(), alpn).await,
    };
    let answer = client.get("/").await;
    answer.rsplit("\r\n\r\n").next().unwrap().to_owned()
}

#[test]
fn a_trusted_proxy_says_whose_connection_it_is() {
    run(async |fixture| {
        for kind in [Kindred::Http, Kindred::Https(Alpn::Http1)] {
            let serving = serve(&fixture, kind, no_limits());
            for (beginning, client) in [
                (&b""[..], "127.0.0.1"),
                (TEXT, "192.0.2.7"),
                (BINARY, "192.0.2.7"),
                (LOCAL, "127.0.0.1"),
                (UNKNOWN, "127.0.0.1"),
            ] {
                let seen = seen(&serving, &fixture, kind, beginning).await;
                assert_eq!(seen, client, "{kind:?} {beginning:?}");
            }
        }
    });
}

#[test]
fn a_header_that_is_not_good_ends_the_connection() {
    run(async |fixture| {
        let serving = serve(&fixture, Kindred::Http, no_limits());
        let endless = [b"PROXY ".as_slice(), &[b'x'; 200]].concat();
        let long = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff";
        for bad in [b"PROXY TCP4 nobody\r\n".as_slice(), &endless, long] {
            let mut client = Client::connect(serving.address, PROXY).await;
            client.write(bad).await;
            client.is_closed().await;
        }
    });
}

#[test]
fn half_a_header_has_no_more_time_than_a_handshake() {
    run(async |fixture| {
        let limits = Limits {
            handshake: SHORT,
            ..no_limits()
        };
        let serving = serve(&fixture, Kindred::Http, limits);
        for half in [&TEXT[..2], &TEXT[..20], &BINARY[..2], &BINARY[..20]] {
            let mut client = Client::connect(serving.address, PROXY).await;
            client.write(half).await;
            assert!(client.is_closed().await >= SHORT * 3 / 4, "{half:?}");
        }
    });
}

#[test]
fn a_stranger_is_not_believed() {
    run(async |fixture| {
        let serving = serve(&fixture, Kindred::Http, no_limits());
        let mut client = Client::connect(serving.address, STRANGER).await;
        client.write(TEXT).await;
        client
            .try_write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await;
        let answer = client.answer().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");

        let ask = async |from| {
            let mut client = Client::connect(serving.address, from).await;
            client
                .write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.8\r\n\r\n")
                .await;
            client.answer().await
        };
        assert!(ask(STRANGER).await.ends_with("127.0.0.2"));
        assert!(ask(PROXY).await.ends_with("192.0.2.8"));
    });
}

#[test]
fn a_proxy_has_as_many_connections_as_its_clients() {
    run(async |fixture| {
        let limits = Limits {
            per_address: 1,
            ..no_limits()
        };
        let serving = serve(&fixture, Kindred::Http, limits);
        let mut open = Vec::new();
        let other = b"PROXY TCP4 192.0.2.8 192.0.2.1 4711 443\r\n";
        for beginning in [b"".as_slice(), b"", b"", TEXT, other] {
            let mut client = Client::connect(serving.address, PROXY).await;
            client.write(beginning).await;
            assert!(client.get("/").await.starts_with("HTTP/1.1 200 "));
            open.push(client);
        }
        let mut second = Client::connect(serving.address, PROXY).await;
        second.write(TEXT).await;
        second.is_closed().await;
    });
}

#[test]
fn the_owner_of_a_large_network_leaves_room_for_others() {
    run(async |fixture| {
        let limits = Limits {
            per_address: 1,
            per_site: 2,
            ..no_limits()
        };
        let serving = serve(&fixture, Kindred::Http, limits);
        let connect = async |from: &str| {
            let mut client = Client::connect(serving.address, PROXY).await;
            let header = format!("PROXY TCP6 {from} 2001:db8::1 4711 443\r\n");
            client.write(header.as_bytes()).await;
            client
        };
        let mut open = Vec::new();
        for from in ["2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:2:1::1"] {
            let mut client = connect(from).await;
            assert!(client.get("/").await.starts_with("HTTP/1.1 200 "), "{from}");
            open.push(client);
        }
        connect("2001:db8:1:3::1").await.is_closed().await;
    });
}
