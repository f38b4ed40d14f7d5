//! Sends a message to a webhook: a connection for each, no redirects, and of the answer no more than its beginning.

use axum::body::Body;
use axum::http::uri::Scheme;
use axum::http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use enroll_server_model::Outcome;
use enroll_server_service::outbox::webhook::Message;
use enroll_server_service::outbox::{LONGEST_ANSWER, Report};

use super::address::{self, NoAddress};
use super::sender::Outward;

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("tapcard-enroll-server/", env!("CARGO_PKG_VERSION")));

/// Why a message was not taken.
struct Failure(Outcome, String);

impl Failure {
    fn unreachable(error: impl std::fmt::Display) -> Self {
        Self(Outcome::Unreachable, error.to_string())
    }
}

/// Sends a message, and says how that ended.
pub async fn send(outward: &Outward, message: Message) -> Report {
    let (outcome, answer) = match exchange(outward, message).await {
        Ok(taken) => (Outcome::Taken, taken),
        Err(Failure(outcome, answer)) => (outcome, answer),
    };
    Report { outcome, answer }
}

async fn exchange(outward: &Outward, message: Message) -> Result<String, Failure> {
    let url: Uri = message.url.parse().map_err(Failure::unreachable)?;
    let bare = url.host().unwrap_or_default();
    let host = bare
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let is_tls = url.scheme() != Some(&Scheme::HTTP);
    let port = url.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let tcp = connect(outward, &host, port).await?;
    if !is_tls {
        return speak(tcp, &url, message).await;
    }
    let name = ServerName::try_from(host).map_err(Failure::unreachable)?;
    let tls = outward.tls.connect(name, tcp).await;
    speak(tls.map_err(Failure::unreachable)?, &url, message).await
}

/// A connection to the first address of a name that answers and may be sent to.
async fn connect(outward: &Outward, host: &str, port: u16) -> Result<TcpStream, Failure> {
    let addresses = address::allowed(host, port, &outward.networks).await;
    let addresses = addresses.map_err(|none| match none {
        NoAddress::Unknown(error) => Failure::unreachable(error),
        NoAddress::NotAllowed(ip) => Failure(Outcome::NotAllowed, ip.to_string()),
    })?;
    TcpStream::connect(&*addresses)
        .await
        .map_err(Failure::unreachable)
}

async fn speak<S>(stream: S, url: &Uri, message: Message) -> Result<String, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let request = request(url, message).map_err(Failure::unreachable)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(Failure::unreachable)?;
    // The connection ends with this attempt, however that ends.
    let exchange = async {
        let mut answer = sender
            .send_request(request)
            .await
            .map_err(Failure::unreachable)?;
        let status = answer.status();
        let said = beginning(answer.body_mut()).await;
        let said = format!("{status} {said}").trim_end().to_owned();
        if status.is_success() {
            Ok(said)
        } else {
            Err(Failure(Outcome::Refused, said))
        }
    };
    tokio::pin!(exchange);
    tokio::select! {
        ended = &mut exchange => ended,
        _ = connection => exchange.await,
    }
}

fn request(url: &Uri, message: Message) -> axum::http::Result<Request<Body>> {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let host = url.authority().map_or("", |authority| authority.as_str());
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, AGENT)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", message.id)
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", message.signature)
        .body(Body::from(message.body))
}

/// The beginning of a body, as far as it is text.
async fn beginning(body: &mut hyper::body::Incoming) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < LONGEST_ANSWER
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Some(data) = frame.data_ref() {
            let left = LONGEST_ANSWER.saturating_sub(bytes.len());
            bytes.extend(data.iter().take(left));
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    words.join(" ").trim().to_owned()
}
