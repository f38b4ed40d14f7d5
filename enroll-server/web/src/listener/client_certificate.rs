//! The certificate that a client showed, and whose key it has proved to have.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// The certificate (DER) that the client of a connection showed in its handshake; none if it showed none, or was not asked.
#[derive(Clone, Debug, Default)]
pub struct ClientCertificate(pub Option<Arc<[u8]>>);

impl ClientCertificate {
    pub(super) fn of(stream: &TlsStream<TcpStream>) -> Self {
        let (_, connection) = stream.get_ref();
        let first = connection.peer_certificates().and_then(<[_]>::first);
        Self(first.map(|certificate| certificate.as_ref().into()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientCertificate {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
