//! What a program sends: JSON in the body, and words in the address.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::failure::Unreadable;

/// How JSON writes a NUL. No name or id has one, and PostgreSQL fails on a text that does.
const NUL: &str = r"\u0000";

/// The JSON of a request.
#[derive(Debug)]
pub struct Body<T> {
    /// What it says.
    pub says: T,
    /// The same as it came.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| rejection.status().into_response())?;
        let is_text_with_nul =
            std::str::from_utf8(&bytes).is_ok_and(|text| text.to_ascii_lowercase().contains(NUL));
        if is_text_with_nul {
            return Err(StatusCode::BAD_REQUEST.into_response());
        }
        match serde_json::from_slice(&bytes) {
            Ok(says) => Ok(Self { says, bytes }),
            Err(error) => Err(Unreadable::Parser(error.to_string()).into_response()),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
}

/// What the address of a list asks for.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(Unreadable::Parser(rejection.body_text()).into_response()),
        }
    }
}
