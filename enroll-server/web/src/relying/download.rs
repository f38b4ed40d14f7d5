//! A file to download, with the headers that let a cache keep it and ask whether it is still the newest. Nothing is
//! fresh without asking: a revocation must be seen within a second.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::headers::{ETag, HeaderMapExt, IfNoneMatch, LastModified};

use enroll_server_model::{SharedFile, Timestamp};

/// A file to download.
pub struct Download {
    /// Its bytes, with their digest, which names them to a cache.
    pub file: SharedFile,
    /// What they are.
    pub content_type: &'static str,
    /// Since when they are so.
    pub modified: Option<Timestamp>,
}

impl Download {
    /// The response to a request with these headers: the file, or 304 if the client has it.
    #[must_use]
    pub fn into_response(self, request: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", self.file.sha256_hex()).parse::<ETag>();
        let known = request.typed_get::<IfNoneMatch>();
        let known = match (&tag, known) {
            (Ok(tag), Some(known)) => !known.precondition_passes(tag),
            _ => false,
        };
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let content_type = HeaderValue::from_static(self.content_type);
            ([(header::CONTENT_TYPE, content_type)], self.file.bytes()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0, must-revalidate, no-transform"),
        );
        if let Ok(tag) = tag {
            headers.typed_insert(tag);
        }
        if let Some(modified) = self.modified {
            headers.typed_insert(LastModified::from(modified.system_time()));
        }
        response
    }
}
