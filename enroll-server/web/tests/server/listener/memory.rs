//! A large CRL that many slow clients ask for at once is in memory once, on the real program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use axum::http::Request;
use enroll_server_model::clock::Clock;
use h2::RecvStream;
use tokio::task::JoinHandle;

use super::client::Client;
use super::fixture::port_of;
use crate::fixture::{Fixture, PASSPHRASE};
use crate::on_both;
use crate::relying_party::crl_path;

on_both!(slow_readers_of_a_large_crl_share_it);

/// Revocations on the CRL.
const REVOKED: i64 = 30_000;
const STREAMS: usize = 190;
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// What a stream may cost, as a part of the answer: its connection's buffers and tasks, and what the server does
/// meanwhile. A copy of its own would be the whole.
const OF_A_STREAM: u64 = 5;

/// The program, ended with the test.
struct Program {
    child: Child,
    // What it says goes somewhere as long as it runs.
    _said: BufReader<ChildStdout>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts it on the fixture's data; returns it with the address of its plain listener.
    fn start(fixture: &Fixture) -> (Self, SocketAddr) {
        let storage = &fixture.options.storage;
        let mut child = Command::new(env!("CARGO_BIN_EXE_enroll-server"))
            .args(["serve", "--listen=127.0.0.1:0", "--listen-http=127.0.0.1:0"])
            .arg("--data")
            .arg(&storage.data)
            .env("TAPCARD_DATABASE", storage.database_url().as_str())
            .env("TAPCARD_CA_PASSPHRASE", PASSPHRASE)
            .env("TAPCARD_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended");
            if let Some(address) = line.trim_end().strip_prefix("Relying parties: ") {
                break port_of(address.trim_end_matches('/'));
            }
        };
        let program = Self { child, _said: said };
        (program, ([127, 0, 0, 1], port).into())
    }

    /// Its memory, in bytes.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes * 1024
    }
}

/// A client that begins answers and does not read them.
struct Reader {
    answers: Vec<RecvStream>,
    _task: JoinHandle<()>,
}

impl Reader {
    async fn new(address: SocketAddr, path: &str, streams: usize) -> Self {
        let client = Client::connect(address, [127, 0, 0, 1]).await;
        let (send, task) = client.h2(65_535).await;
        let mut answers = Vec::new();
        for _ in 0..streams {
            let mut send = send.clone().ready().await.unwrap();
            let uri = format!("http://localhost{path}");
            let request = Request::get(uri).body(()).unwrap();
            let (answer, _) = send.send_request(request, true).unwrap();
            let answer = answer.await.unwrap();
            assert_eq!(answer.status(), 200);
            answers.push(answer.into_body());
        }
        Self {
            answers,
            _task: task,
        }
    }

    /// Reads one answer to its end, and returns how long it was.
    async fn length(mut self) -> u64 {
        let mut body = self.answers.pop().unwrap();
        let mut length = 0;
        while let Some(data) = body.data().await {
            let data = data.unwrap();
            body.flow_control().release_capacity(data.len()).unwrap();
            length += data.len() as u64;
        }
        length
    }
}

async fn slow_readers_of_a_large_crl_share_it(mut fixture: Fixture) {
    let authority = fixture.app().authorities.current().clone();
    revoke(&fixture, authority.id()).await;
    fixture.stop();
    let (program, address) = Program::start(&fixture);
    let path = crl_path(&authority);
    // The first one has it made.
    let size = Reader::new(address, &path, 1).await.length().await;
    assert!(size > 500_000, "{size}");

    let before = program.memory();
    let mut readers = Vec::new();
    let mut open = 0;
    while open < STREAMS {
        // As many as the server lets one connection have.
        let streams = 8.min(STREAMS - open);
        readers.push(Reader::new(address, &path, streams).await);
        open += streams;
    }
    let grown = program.memory().saturating_sub(before);
    let most = STREAMS as u64 * size / OF_A_STREAM;
    drop(readers);
    assert!(
        grown < most,
        "{STREAMS} streams of {size} bytes take {grown} bytes"
    );
    println!("{STREAMS} streams of {size} bytes take {grown} bytes");
}

/// Puts many revocations on record.
async fn revoke(fixture: &Fixture, issuer: &str) {
    let issuer = issuer.to_owned();
    let far = fixture.clock.now().plus(TEN_YEARS).0;
    fixture
        .store
        .write::<_, enroll_server_store::StoreError, _>(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                     INSERT INTO revocations (issuer_id, serial, revoked_at, reason, not_after) \
                     SELECT $2, '1000000000' || CAST(1000000000 + i AS TEXT), 0, 'unspecified', $3 FROM n",
                )
                .bind(REVOKED)
                .bind(&issuer)
                .bind(far)
                .execute(tx.reader())
                .await?;
                sqlx::query(
                    "UPDATE issuers SET revocation_epoch = revocation_epoch + 1 WHERE id = $1",
                )
                .bind(&issuer)
                .execute(tx.reader())
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}
