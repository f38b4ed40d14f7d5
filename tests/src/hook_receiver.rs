//! A receiver of webhooks: an HTTP server on this machine that keeps what it is sent, and answers when the test lets it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::error::Doing;

/// How often a held answer is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// A message as it came.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Its headers, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Message {
    /// A header's value; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value)
    }
}

#[derive(Debug, Default)]
struct State {
    is_held: AtomicBool,
    messages: Mutex<Vec<Message>>,
}

/// The receiver. It ends with the test.
#[derive(Debug)]
pub struct HookReceiver {
    port: u16,
    state: Arc<State>,
}

impl HookReceiver {
    /// Begins to receive.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .doing(|| "listen for webhooks".to_owned())?;
        let port = listener
            .local_addr()
            .doing(|| "find the receiver's port".to_owned())?
            .port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A server that was killed ends its connection.
                thread::spawn(move || take(client, &state).ok());
            }
        });
        Ok(Self { port, state })
    }

    /// Where it is sent to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Takes what comes and answers nothing, until it is told otherwise.
    pub fn hold(&self, is_held: bool) {
        self.state.is_held.store(is_held, Ordering::SeqCst);
    }

    /// What it was sent so far, in order, each attempt counted.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let messages = self.state.messages.lock();
        messages.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn take(mut client: TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut message = Message::default();
    let mut line = String::new();
    reader.read_line(&mut line)?;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let header = (name.to_lowercase(), value.trim().to_owned());
        message.headers.push(header);
    }
    let length = message.header("content-length").parse().unwrap_or(0);
    message.body = vec![0; length];
    reader.read_exact(&mut message.body)?;
    let messages = state.messages.lock();
    messages
        .unwrap_or_else(PoisonError::into_inner)
        .push(message);
    while state.is_held.load(Ordering::SeqCst) {
        thread::sleep(INTERVAL);
    }
    client.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
}
