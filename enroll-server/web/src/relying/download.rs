//! A file to download, with the headers that let a cache keep it and ask whether it is still the newest. Nothing is
//! fresh without asking: a revocation has to be seen within a second.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use enroll_server_model::Timestamp;
use enroll_server_model::random::sha256_hex;

/// A file to download.
pub struct Download {
    /// Its bytes.
    pub body: Vec<u8>,
    /// What they are.
    pub content_type: &'static str,
    /// Since when they are so.
    pub modified: Option<Timestamp>,
}

impl Download {
    /// The response to a request with these headers: the file, or 304 if the client has it.
    #[must_use]
    pub fn into_response(self, request: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", sha256_hex(&self.body));
        let known = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().trim_start_matches("W/") == tag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let content_type = HeaderValue::from_static(self.content_type);
            ([(header::CONTENT_TYPE, content_type)], self.body).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0, must-revalidate, no-transform"),
        );
        let mut insert = |name, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        };
        insert(header::ETAG, tag);
        if let Some(modified) = self.modified {
            insert(header::LAST_MODIFIED, http_date(modified));
        }
        response
    }
}

/// A time as HTTP writes it (RFC 9110, section 5.6.7).
fn http_date(time: Timestamp) -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time.date_time().format(&format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_http_wants_it() {
        assert_eq!(
            http_date(Timestamp::from_seconds(784_111_777)),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }
}
