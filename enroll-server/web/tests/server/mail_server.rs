//! A mail server on this machine (SMTP, RFC 5321) that keeps what it is given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use enroll_server::mail_options::{MailArguments, MailTls};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub recipient: String,
    pub data: String,
}

impl Received {
    /// A header in one line.
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ");
        let start = format!("{name}: ");
        let line = head.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_default().to_owned()
    }

    /// Its lines as they were before they were made fit for the way (quoted-printable).
    pub fn text(&self) -> String {
        self.data.replace("=\r\n", "").replace("=3D", "=")
    }
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    /// What it answers to the next recipients; 250 after that.
    answers: Mutex<VecDeque<&'static str>>,
}

/// The mail server.
pub struct MailServer {
    port: u16,
    state: Arc<State>,
}

impl MailServer {
    /// One that answers the first recipients like this.
    pub async fn answering(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            answers: Mutex::new(answers.iter().copied().collect()),
            ..State::default()
        });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = shared.clone();
                tokio::spawn(async move { talk(client, &state).await.ok() });
            }
        });
        Self { port, state }
    }

    /// The options with which a server sends its mail here.
    pub fn options(&self) -> MailArguments {
        MailArguments {
            mail_server: Some("127.0.0.1".to_owned()),
            mail_port: Some(self.port),
            mail_tls: MailTls::None,
            mail_from: Some("Example Works <cards@example.org>".parse().unwrap()),
            ..MailArguments::default()
        }
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// Waits until it has at least this number.
    pub async fn wait_for(&self, number: usize) -> Vec<Received> {
        let begin = Instant::now();
        loop {
            let received = self.received();
            if received.len() >= number {
                return received;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{received:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn talk(client: TcpStream, state: &State) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    client.write_all(b"220 mail.example.org ESMTP\r\n").await?;
    let mut recipient = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        let answer = if let Some(to) = command.strip_prefix("RCPT TO:<") {
            recipient = to.split('>').next().unwrap_or_default().to_owned();
            let next = state.answers.lock().unwrap().pop_front();
            next.unwrap_or("250 welcome")
        } else if command == "DATA" {
            client.write_all(b"354 go on\r\n").await?;
            let mut data = String::new();
            loop {
                let mut line = String::new();
                if client.read_line(&mut line).await? == 0 {
                    return Ok(());
                }
                if line == ".\r\n" {
                    break;
                }
                // A point at the start of a line was doubled (section 4.5.2).
                data.push_str(line.strip_prefix('.').unwrap_or(&line));
            }
            let recipient = recipient.clone();
            state
                .received
                .lock()
                .unwrap()
                .push(Received { recipient, data });
            "250 queued as 4711"
        } else if command == "QUIT" {
            client.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            "250 ok"
        };
        client.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}
