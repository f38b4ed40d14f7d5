//! A link to the server that stalls: lets a test stop an enrollment at any point of the exchange, without guessing times.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::Result;
use crate::error::Doing;

/// What the links of one value have in common.
#[derive(Debug)]
struct State {
    connections: AtomicUsize,
    passed: AtomicUsize,
    limit: usize,
    is_stalled: AtomicBool,
    is_closing: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

/// Carries connections to a server until a given number of bytes have come from it; then nothing more comes.
#[derive(Debug)]
pub struct StallingLink {
    port: u16,
    state: Arc<State>,
    listener: Option<JoinHandle<()>>,
}

impl StallingLink {
    /// A link to the server on `server_port` that stalls after `limit` bytes from the server.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn to(server_port: u16, limit: usize) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .doing(|| "listen for the client".to_owned())?;
        let port = listener
            .local_addr()
            .doing(|| "find the link's port".to_owned())?
            .port();
        let state = Arc::new(State {
            connections: AtomicUsize::new(0),
            passed: AtomicUsize::new(0),
            limit,
            is_stalled: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
            streams: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let listener = thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.is_closing.load(Ordering::SeqCst) {
                    break;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                // A server that is gone ends the client's connection.
                let _ = carry(client, server_port, &shared);
            }
        });
        Ok(Self {
            port,
            state,
            listener: Some(listener),
        })
    }

    /// The port to connect to instead of the server's.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it has stalled.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.state.is_stalled.load(Ordering::SeqCst)
    }

    /// How many connections clients have opened.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many bytes have come from the server.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.state.passed.load(Ordering::SeqCst)
    }
}

impl Drop for StallingLink {
    fn drop(&mut self) {
        self.state.is_closing.store(true, Ordering::SeqCst);
        let streams = self.state.streams.lock();
        for stream in streams.unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn carry(client: TcpStream, server_port: u16, state: &Arc<State>) -> std::io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server_port))?;
    {
        let mut streams = state.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.extend([client.try_clone()?, server.try_clone()?]);
    }
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let state = Arc::clone(state);
    thread::spawn(move || {
        if carry_answers(server, client.try_clone(), &state).is_err()
            || !state.is_stalled.load(Ordering::SeqCst)
        {
            let _ = client.shutdown(Shutdown::Write);
        }
    });
    Ok(())
}

fn carry_answers(
    mut server: TcpStream,
    client: std::io::Result<TcpStream>,
    state: &State,
) -> std::io::Result<()> {
    let mut client = client?;
    let mut buffer = [0; 1024];
    loop {
        let length = server.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        let passed = state.passed.fetch_add(length, Ordering::SeqCst) + length;
        if passed > state.limit {
            state.is_stalled.store(true, Ordering::SeqCst);
            return Ok(());
        }
        client.write_all(bytes)?;
    }
}
