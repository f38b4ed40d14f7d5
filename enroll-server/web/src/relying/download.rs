//! A file to download, with the headers that let a cache keep it and ask whether it is still the newest. Nothing is
//! fresh without asking: a revocation must be seen within a second.

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::headers::{ETag, HeaderMapExt, IfModifiedSince, IfNoneMatch, LastModified};

use enroll_server_model::{SharedFile, Timestamp};

/// Since when a file is as it is, in whole seconds, as HTTP has dates.
#[derive(Clone, Copy, Debug)]
pub enum Modified {
    /// No other file had this date at this address.
    Sole(Timestamp),
    /// Others may have had it: whoever names it may have another file.
    OneOf(Timestamp),
}

/// A file to download.
pub struct Download {
    /// Its bytes, with their digest, which names them to a cache.
    pub file: SharedFile,
    /// What they are.
    pub content_type: &'static str,
    /// Since when they are so.
    pub modified: Modified,
}

impl Download {
    /// The response to a request with these headers at this time: the file, or 304 if the client has it.
    #[must_use]
    pub fn into_response(self, request: &HeaderMap, now: Timestamp) -> Response {
        let tag = format!("\"{}\"", self.file.sha256_hex()).parse::<ETag>();
        let known = if request.contains_key(header::IF_NONE_MATCH) {
            let known = request.typed_get::<IfNoneMatch>();
            matches!((&tag, known), (Ok(tag), Some(known)) if !known.precondition_passes(tag))
        } else {
            self.is_known_by_date(request, now)
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
        let (Modified::Sole(modified) | Modified::OneOf(modified)) = self.modified;
        if modified <= now {
            headers.typed_insert(LastModified::from(modified.system_time()));
        }
        response
    }

    /// Whether the file is what the client has, by its date (RFC 9110, section 13.1.3): the very date, since a clock that was
    /// put back gives a newer file an earlier one. One that is still to come is not a date of anything that came from here.
    fn is_known_by_date(&self, request: &HeaderMap, now: Timestamp) -> bool {
        let (Some(known), Modified::Sole(modified)) =
            (request.typed_get::<IfModifiedSince>(), self.modified)
        else {
            return false;
        };
        let known = SystemTime::from(known);
        known <= now.system_time() && known == modified.whole_seconds().system_time()
    }
}
