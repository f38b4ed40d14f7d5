//! A program of the organisation: it sends JSON and a token of the API.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use enroll_server_model::Scope;
use enroll_server_service::api_token::NewApiToken;

use crate::server::TestServer;

/// A program.
#[derive(Clone)]
pub struct Program {
    router: Router,
    /// Headers of every request.
    pub headers: Vec<(&'static str, String)>,
}

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its JSON.
    pub json: Value,
}

impl Answer {
    /// What the problem says in `code`; the answer must be one.
    pub fn code(&self) -> &str {
        let media_type = &self.headers[header::CONTENT_TYPE];
        assert_eq!(media_type, "application/problem+json", "{}", self.json);
        assert_eq!(self.json["status"], self.status.as_u16());
        assert_eq!(self.json["type"], "about:blank");
        assert!(self.json["detail"].as_str().unwrap().ends_with('.'));
        self.json["code"].as_str().unwrap()
    }
}

impl Program {
    /// One without a token.
    pub fn stranger(server: &TestServer) -> Self {
        Self {
            router: server.router.clone(),
            headers: Vec::new(),
        }
    }

    /// One with a token that may do this.
    pub async fn with(server: &TestServer, scopes: &[Scope]) -> Self {
        Self::with_token(server, &token(server, scopes).await)
    }

    /// One with this token.
    pub fn with_token(server: &TestServer, token: &str) -> Self {
        let mut program = Self::stranger(server);
        let header = ("authorization", format!("Bearer {token}"));
        program.headers.push(header);
        program
    }

    /// The same with another header.
    pub fn and(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Sends a request.
    pub async fn send(&self, method: Method, path: &str, body: String) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !body.is_empty() && !self.headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let peer = SocketAddr::from(([192, 0, 2, 7], 40000));
        let request = request.extension(ConnectInfo(peer));
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    /// Reads what must be there.
    pub async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.json);
        answer.json
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body.to_string()).await
    }

    /// Does something that must succeed.
    pub async fn act(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.json);
        answer.json
    }
}

/// The text of a new token, made on the server's machine.
pub async fn token(server: &TestServer, scopes: &[Scope]) -> String {
    let administration = server.administration().await;
    let wanted = NewApiToken {
        name: "nightly script".to_owned(),
        scopes: scopes.to_vec(),
        days: 30,
    };
    let made = administration.make_api_token(wanted).await.unwrap();
    made.text().to_string()
}

/// The JSON that invites somebody of this name.
pub fn guest(name: &str) -> Value {
    let address = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    json!({ "name": name, "email": address, "upn": address, "policy": "compact" })
}
