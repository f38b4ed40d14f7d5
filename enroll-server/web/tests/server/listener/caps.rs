//! The connections of one address have a limit, and those of all together.

use axum::http::Request;
use enroll_server::listener::Limits;

use super::client::{Alpn, Client};
use super::fixture::{Kindred, PATIENCE, no_limits, quick, run, serve};

async fn is_let_in(client: &mut Client) -> bool {
    client
        .try_write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    matches!(client.read(&mut [0; 16]).await, Ok(1..))
}

#[test]
fn an_address_has_so_many_connections_and_others_go_on() {
    run(async |fixture| {
        let limits = Limits {
            per_address: 3,
            in_all: 5,
            ..no_limits()
        };
        let serving = serve(&fixture, Kindred::Http, limits, quick());
        let connect = async |from| Client::connect(serving.address, [127, 0, 0, from]).await;
        let mut first = Vec::new();
        for _ in 0..3 {
            let mut client = connect(1).await;
            assert!(is_let_in(&mut client).await);
            first.push(client);
        }
        assert!(!is_let_in(&mut connect(1).await).await);
        let mut second = connect(2).await;
        assert!(is_let_in(&mut second).await);
        let mut third = connect(3).await;
        assert!(is_let_in(&mut third).await);
        assert!(!is_let_in(&mut connect(4).await).await, "there are five");
        // What ends makes room, for its own address and for others.
        first.clear();
        let begun = std::time::Instant::now();
        while !is_let_in(&mut connect(4).await).await {
            assert!(begun.elapsed() < PATIENCE);
        }
        assert!(is_let_in(&mut connect(1).await).await);
    });
}

#[test]
fn a_connection_has_so_many_requests_at_a_time() {
    run(async |fixture| {
        for (kind, limits, most) in [
            (Kindred::Http, Limits::http(), 8),
            (Kindred::Https(Alpn::H2), Limits::https(), 32),
        ] {
            let serving = serve(&fixture, kind, limits, quick());
            let (mut send, _task) = serving.client(kind).await.h2(65_535).await;
            // With the answer the server's settings have come.
            let request = Request::get("https://localhost/").body(()).unwrap();
            let (answer, _) = send.send_request(request, true).unwrap();
            assert_eq!(answer.await.unwrap().status(), 200);
            assert_eq!(send.current_max_send_streams(), most);
        }
    });
}
