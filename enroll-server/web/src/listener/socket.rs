//! The listening socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpStream};

use super::limits::Limits;
use super::once_per::OncePer;

/// What the kernel keeps of an answer that a client does not read. It would take megabytes otherwise.
const SEND_BUFFER: usize = 128 * 1024;
/// How long accepting rests after an error: one of the whole process (too few descriptors) would come at once again.
const REST: Duration = Duration::from_millis(100);

/// A socket that listens.
#[derive(Debug)]
pub(super) struct Socket {
    listener: TcpListener,
    failed: OncePer,
}

impl Socket {
    /// Takes a listening socket of the standard library, which must not block.
    pub(super) fn new(listener: std::net::TcpListener, limits: &Limits) -> io::Result<Self> {
        // Connections inherit both.
        sockopt::set_socket_send_buffer_size(&listener, SEND_BUFFER)?;
        // The kernel gives up what nobody takes, also after this program has.
        let unacknowledged = u32::try_from(limits.unacknowledged.as_millis()).unwrap_or(u32::MAX);
        sockopt::set_tcp_user_timeout(&listener, unacknowledged)?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            failed: OncePer::minute(),
        })
    }

    /// The next connection. No error ends this.
    pub(super) async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // An answer's last piece must not wait for the client to acknowledge the one before it.
                    let _ = stream.set_nodelay(true);
                    return (stream, peer);
                }
                Err(error) if is_of_the_connection(&error) => {}
                Err(error) => {
                    if let Some(times) = self.failed.due() {
                        tracing::error!(%error, times, "a connection cannot be accepted; it is tried again");
                    }
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}

/// Whether only the connection has failed that was to be accepted (`accept(2)`).
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
