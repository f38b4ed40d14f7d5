//! What the server says to the service manager that has started it, where there is one (`sd_notify(3)`): that it serves, that
//! it reloads or ends, and that it lives.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// It begins no protocol that the listeners speak: HTTP answers it, and TLS ends the connection, with no
/// line in the log and whatever the state of the database.
const KNOCK: &[u8] = b"knock\r\n\r\n";
/// How long a listener may take for that while the server starts.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon one is asked again that did not react.
const AGAIN: Duration = Duration::from_secs(1);

/// Says that the server serves, and how.
pub fn serves(status: &str) {
    say(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Says that the server reads what it can read again while it serves.
pub fn reloads() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => say(&[
            NotifyState::Reloading,
            now,
            NotifyState::Status("Reloading"),
        ]),
        Err(error) => tracing::warn!(%error, "the service manager is not told of a reload"),
    }
}

/// Says that the server ends.
pub fn ends() {
    let status = NotifyState::Status("Ending: requests under way have ten seconds");
    say(&[NotifyState::Stopping, status]);
}

/// Says that the server serves, and how, as soon as all listeners react.
pub async fn ready(listeners: &[SocketAddr], status: &str) {
    let mut is_told = false;
    while !all_react(listeners, PATIENCE).await {
        if !std::mem::replace(&mut is_told, true) {
            tracing::warn!(
                "a listener of this server does not react yet: the service manager is not told that it serves"
            );
        }
        sleep(AGAIN).await;
    }
    serves(status);
}

/// Says that the server lives, as often as the service manager wants to hear it, for as long as all listeners react.
pub async fn lives(listeners: &[SocketAddr]) {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return;
    };
    // Half of the time, as systemd recommends, of which half is for the listeners to react.
    let period = limit / 4;
    loop {
        if all_react(listeners, period).await {
            say(&[NotifyState::Watchdog]);
        } else {
            tracing::error!(
                "a listener of this server does not react: the service manager is not told that it lives"
            );
        }
        sleep(period).await;
    }
}

async fn all_react(listeners: &[SocketAddr], limit: Duration) -> bool {
    for listener in listeners {
        if !reacts(*listener, limit).await {
            return false;
        }
    }
    true
}

/// Whether a listener takes a connection and reacts to what comes on it: by an answer, or, where it has too many
/// connections, by ending it. One that hangs does neither, though the kernel takes connections for it.
async fn reacts(listener: SocketAddr, limit: Duration) -> bool {
    let knock = async {
        let mut stream = TcpStream::connect(&*from_here(listener)).await?;
        // An end of the connection is a reaction, whichever way it comes.
        let _ = stream.write_all(KNOCK).await;
        let _ = stream.read(&mut [0; 1]).await;
        Ok::<_, std::io::Error>(())
    };
    matches!(timeout(limit, knock).await, Ok(Ok(())))
}

/// Where this machine itself reaches a listener: the first of these that it can connect to.
fn from_here(listener: SocketAddr) -> Vec<SocketAddr> {
    let here = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![Ipv4Addr::LOCALHOST.into()],
        // Where IPv6 is switched off such a listener still takes IPv4, and this machine has no ::1.
        IpAddr::V6(ip) if ip.is_unspecified() => {
            vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]
        }
        ip => vec![ip],
    };
    here.into_iter()
        .map(|ip| SocketAddr::new(ip, listener.port()))
        .collect()
}

fn say(state: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager cannot be told how the server is");
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_listener_reacts_that_answers_or_ends_the_connection_but_not_one_that_hangs() {
        let short = Duration::from_millis(200);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        assert!(!reacts(address, short).await);
        let serve = async {
            for is_answered in [true, true, false] {
                let (mut stream, _) = listener.accept().await.unwrap();
                if is_answered {
                    let _ = stream.write_all(b"HTTP/1.1 400").await;
                }
            }
        };
        // The first that is accepted is that of before.
        let (_, answered) = tokio::join!(serve, async {
            [
                reacts(address, PATIENCE).await,
                reacts(address, PATIENCE).await,
            ]
        });
        assert_eq!(answered, [true, true]);
        drop(listener);
        assert!(!reacts(address, short).await);
    }

    #[test]
    fn a_listener_for_all_is_reached_on_this_machine() {
        for (listener, reached) in [
            ("0.0.0.0:8443", &["127.0.0.1:8443"][..]),
            ("[::]:443", &["[::1]:443", "127.0.0.1:443"]),
            ("192.0.2.1:80", &["192.0.2.1:80"]),
        ] {
            let reached: Vec<SocketAddr> = reached.iter().map(|at| at.parse().unwrap()).collect();
            assert_eq!(from_here(listener.parse().unwrap()), reached);
        }
    }
}
