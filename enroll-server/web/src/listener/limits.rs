//! How long each phase of a connection may last, and how many connections there may be. `docs/enroll-server.md` has the
//! table, with the test that proves each row.

use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors for everything that is not a connection: files, the database, listeners.
const OWN_DESCRIPTORS: usize = 256;
/// Most connections of a listener, however many descriptors there are.
const MOST_CONNECTIONS: usize = 4096;

/// Deadlines and caps of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From accepting a connection to the end of its TLS handshake, with the PROXY header before it.
    pub handshake: Duration,
    /// From there to the end of the first request's header.
    pub first_request: Duration,
    /// From the end of an answer to the end of the next request's header.
    pub between_requests: Duration,
    /// Without a byte of a request's body.
    pub body: Duration,
    /// From a request's header to its answer's.
    pub request: Duration,
    /// For a client to take the next [piece](super::answer::PIECE) of an answer.
    pub answer: Duration,
    /// For a client to acknowledge what was sent; the kernel gives the connection up then.
    pub unacknowledged: Duration,
    /// Between two HTTP/2 pings.
    pub ping: Duration,
    /// For the answer to an HTTP/2 ping.
    pub pong: Duration,
    /// What a connection has to say good-bye (GOAWAY, `close_notify`) after it was told that it ends.
    pub farewell: Duration,
    /// For requests under way when the server is told to end.
    pub grace: Duration,
    /// Requests at a time on an HTTP/2 connection.
    pub streams: u32,
    /// Connections of an IPv4 address or an IPv6 /64.
    pub per_address: usize,
    /// Connections of an IPv6 /48.
    pub per_site: usize,
    /// Connections in all.
    pub in_all: usize,
}

impl Limits {
    /// The limits of HTTPS.
    #[must_use]
    pub fn https() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            first_request: Duration::from_secs(10),
            // Longer than nginx keeps a connection to a server that it may use again.
            between_requests: Duration::from_secs(75),
            body: Duration::from_secs(10),
            request: Duration::from_secs(30),
            answer: Duration::from_secs(20),
            unacknowledged: Duration::from_secs(40),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(10),
            farewell: Duration::from_millis(250),
            grace: Duration::from_secs(10),
            streams: 32,
            per_address: 256,
            per_site: 1024,
            in_all: MOST_CONNECTIONS,
        }
    }

    /// These limits for the listener to which people show their phones: its handshake waits for somebody who holds the phone to
    /// a reader, chooses a certificate and types a PIN. Its connections are few, so that they come out of what is left for files.
    #[must_use]
    pub fn of_phones(self) -> Self {
        Self {
            handshake: Duration::from_secs(120),
            per_address: 32,
            per_site: 64,
            in_all: 128,
            ..self
        }
    }

    /// The limits of plain HTTP: few streams, as a relying party asks for one or two things at a time.
    #[must_use]
    pub fn http() -> Self {
        Self {
            streams: 8,
            ..Self::https()
        }
    }

    /// The same limits, with no more connections than each of two listeners can have with this many descriptors.
    #[must_use]
    pub fn within(self, descriptors: usize) -> Self {
        let most = descriptors.saturating_sub(OWN_DESCRIPTORS) / 2;
        Self {
            in_all: self.in_all.min(most.max(self.in_all.min(OWN_DESCRIPTORS))),
            ..self
        }
    }
}

/// Raises the limit of open descriptors as far as the system allows. Returns how many this process may have.
pub fn raise_descriptors() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit.current = limit.maximum,
            Err(error) => {
                tracing::warn!(%error, "the limit of open descriptors cannot be raised");
            }
        }
    }
    limit.current.map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_listeners_together_stay_within_the_descriptors() {
        for descriptors in [1024, 4096, 20_000, usize::MAX] {
            let of_one = Limits::https().within(descriptors).in_all;
            assert!(of_one >= 256, "{descriptors}: {of_one}");
            assert!(of_one * 2 + 256 <= descriptors, "{descriptors}: {of_one}");
        }
    }

    #[test]
    fn raising_the_descriptors_again_changes_nothing() {
        assert_eq!(raise_descriptors(), raise_descriptors());
    }
}
