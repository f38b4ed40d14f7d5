//! The end of the server: at once for whoever has nothing under way, and with grace for the others.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::Request;
use axum::routing::get;
use enroll_server::listener::Limits;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::client::{Alpn, Client};
use super::fixture::{ALL, Kindred, PATIENCE, no_limits, port_of, quick, run, serve};
use crate::fixture::Fixture;
use crate::on_both;

on_both!(idle_clients_do_not_keep_a_server);

/// As the table of the documentation has it.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn idle_clients_do_not_keep_a_server(mut fixture: Fixture) {
    let serving = fixture.serve(Limits::https(), Limits::http());
    let app = serving.app.clone();
    let https = ([127, 0, 0, 1], port_of(&app.addresses.portal)).into();
    let http = ([127, 0, 0, 1], port_of(&app.addresses.relying)).into();
    let from = [127, 0, 0, 1];
    let mut idle = vec![
        Client::connect(https, from).await,
        Client::connect(http, from).await,
    ];
    for alpn in [Alpn::Http1, Alpn::H2, Alpn::None] {
        idle.push(Client::connect(https, from).await.tls(&app, alpn).await);
    }
    let mut half = Client::connect(http, from).await;
    half.write(b"GET /health HTTP/1.1\r\nHo").await;
    let mut kept = Client::connect(http, from).await;
    assert!(kept.get("/health").await.starts_with("HTTP/1.1 200"));
    let client = Client::connect(https, from).await.tls(&app, Alpn::H2).await;
    let (mut send, _task) = client.h2(65_535).await;
    let request = Request::get("https://localhost/sign-in").body(()).unwrap();
    let (answer, _) = send.send_request(request, true).unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);

    let begun = Instant::now();
    serving.stop.cancel();
    timeout(PATIENCE, serving.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let took = begun.elapsed();
    assert!(took < AT_ONCE, "{took:?}");
}

#[test]
fn a_request_under_way_gets_its_answer() {
    run(async |fixture| {
        for kind in [Kindred::Http, Kindred::Https(Alpn::Http1)] {
            let (begun, mut has_begun) = mpsc::channel::<()>(1);
            let (finish, may_finish) = tokio::sync::watch::channel(false);
            let router = Router::new().route(
                "/slow",
                get(async move || {
                    begun.send(()).await.unwrap();
                    may_finish.clone().wait_for(|may| *may).await.unwrap();
                    vec![b'x'; 1_000_000]
                }),
            );
            let serving = serve(&fixture, kind, no_limits(), router);
            let mut client = serving.client(kind).await;
            client
                .write(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await;
            has_begun.recv().await.unwrap();
            serving.stop.cancel();
            // Longer than an idle connection has.
            tokio::time::sleep(Limits::https().farewell * 2).await;
            finish.send(true).unwrap();
            let answer = client.answer().await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer:.50}");
            assert!(answer.contains("connection: close"), "{answer:.200}");
            timeout(PATIENCE, serving.ended).await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_request_that_does_not_end_has_no_more_than_the_grace() {
    run(async |fixture| {
        let limits = Limits {
            grace: AT_ONCE,
            ..no_limits()
        };
        let router = quick().route("/never", get(std::future::pending::<()>));
        for kind in ALL {
            let serving = serve(&fixture, kind, limits, router.clone());
            let mut client = serving.client(kind).await;
            assert!(kind == Kindred::Https(Alpn::H2) || client.get("/").await.ends_with("hello"));
            client
                .try_write(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await;
            serving.stop.cancel();
            timeout(PATIENCE, serving.ended).await.unwrap().unwrap();
        }
    });
}
