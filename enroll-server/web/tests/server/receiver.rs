//! A receiver of webhooks: an HTTP server on this machine that remembers what it was sent, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What it was sent once.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether whoever signed it has this secret, checked as the Standard Webhooks specification has it.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64
            .decode(secret.strip_prefix("whsec_").unwrap().as_bytes())
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(self.id().as_bytes());
        mac.update(b".");
        mac.update(self.header("webhook-timestamp").as_bytes());
        mac.update(b".");
        mac.update(&self.body);
        let signature = self.header("webhook-signature").strip_prefix("v1,");
        let signature = BASE64.decode(signature.unwrap().as_bytes()).unwrap();
        mac.verify_slice(&signature).is_ok()
    }
}

/// What it answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// That it has taken it.
    Taken,
    /// This status, and nothing else.
    Status(StatusCode),
    /// That it is elsewhere.
    Elsewhere,
}

#[derive(Default)]
struct Inbox {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Answer>>,
    arrived: Notify,
}

/// The receiver.
pub struct Receiver {
    inbox: Arc<Inbox>,
    port: u16,
}

impl Receiver {
    /// One that answers in this order, and then that it has taken it.
    pub async fn answering(answers: &[Answer]) -> Self {
        let inbox = Arc::new(Inbox {
            answers: Mutex::new(answers.iter().copied().collect()),
            ..Inbox::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new()
            .route("/hook", post(take))
            .route("/elsewhere", post(take))
            .with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inbox, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }

    /// Waits until it has been sent this many messages, each try counted.
    pub async fn wait_for(&self, number: usize) -> Vec<Received> {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let arrived = self.inbox.arrived.notified();
            let received = self.received();
            if received.len() >= number {
                return received;
            }
            let left = limit.checked_duration_since(Instant::now());
            let left = left.unwrap_or_else(|| panic!("only {received:#?}"));
            // It is looked again whatever happens.
            let _ = tokio::time::timeout(left, arrived).await;
        }
    }
}

async fn take(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> Response {
    inbox.received.lock().unwrap().push(Received {
        headers,
        body: body.to_vec(),
    });
    let answer = inbox.answers.lock().unwrap().pop_front();
    inbox.arrived.notify_one();
    match answer.unwrap_or(Answer::Taken) {
        Answer::Taken => StatusCode::NO_CONTENT.into_response(),
        Answer::Status(status) => (status, "a\tlong\r\nstory ".repeat(1000)).into_response(),
        Answer::Elsewhere => {
            let to = [(header::LOCATION, "/elsewhere")];
            (StatusCode::TEMPORARY_REDIRECT, to).into_response()
        }
    }
}
