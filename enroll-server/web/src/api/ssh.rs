//! What sshd asks: the keys that a person may sign in with now (`AuthorizedKeysCommand`).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use enroll_server_service::{App, authorized_keys};

use super::failure::Failure;

pub async fn authorized_keys(
    State(app): State<Arc<App>>,
    Path(username): Path<String>,
) -> Result<Response, Failure> {
    let mut text = String::new();
    for line in authorized_keys::lines(&app, &username).await? {
        text.push_str(&line);
        text.push('\n');
    }
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text).into_response())
}
