//! OCSP over HTTP (RFC 6960, appendix A; RFC 5019, section 5).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64_NOPAD;
use percent_encoding::percent_decode_str;

use enroll_server_service::ocsp::{self, LONGEST_REQUEST};
use enroll_server_service::{App, OcspAnswer as Answer};

use super::authority::authority;
use super::download::{Download, Modified};

const CONTENT_TYPE: &str = "application/ocsp-response";

/// The request is the body.
pub async fn by_post(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    body: Bytes,
) -> Response {
    let Some(authority) = authority(&app, &key) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let answer = ocsp::answer(&app, authority, &body).await;
    not_kept(answer)
}

/// The request is the path after the authority's key: base64, with what is special in a path escaped, or not.
pub async fn by_get(
    State(app): State<Arc<App>>,
    // The path as it came: base64 has slashes, also two in a row, and nothing may tidy them.
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().strip_prefix("/ocsp/").unwrap_or_default();
    let (key, path) = path.split_once('/').unwrap_or_default();
    let Some(authority) = authority(&app, key) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // What cannot be read is answered as a malformed request, as OCSP has it.
    let request = decode(path).unwrap_or_default();
    let answer = ocsp::answer(&app, authority, &request).await;
    let Some(made) = answer.made else {
        return not_kept(answer);
    };
    Download {
        file: answer.der,
        content_type: CONTENT_TYPE,
        modified: Modified::OneOf(made),
    }
    .into_response(&headers, app.clock.now())
}

fn not_kept(answer: Answer) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, answer.der.bytes()).into_response()
}

/// Percent-decodes and base64-decodes. Clients differ: escaped or not, padded or not, a `+` that became a space, one
/// slash before it or two. No request begins with a slash: the first octet of a SEQUENCE is an `M` in base64.
fn decode(path: &str) -> Option<Vec<u8>> {
    let path = path.trim_start_matches('/');
    if path.len() > LONGEST_REQUEST * 4 {
        return None;
    }
    let mut text: Vec<u8> = percent_decode_str(path)
        .map(|byte| if byte == b' ' { b'+' } else { byte })
        .collect();
    while text.last() == Some(&b'=') {
        text.pop();
    }
    BASE64_NOPAD.decode(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_clients_send_is_read() {
        let request = [0x30, 0xFB, 0xEF, 0xFF, 0xFF, 0xFF, 0xFE, 0x00];
        let plain = data_encoding::BASE64.encode(&request);
        for form in [
            plain.clone(),
            plain.replace('=', ""),
            plain
                .replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D"),
            plain
                .replace('+', "%2b")
                .replace('/', "%2f")
                .replace('=', "%3d"),
            plain.replace('+', "%20"),
            format!("/{plain}"),
            format!("//{plain}"),
        ] {
            assert_eq!(decode(&form).as_deref(), Some(&request[..]), "{form}");
        }
    }

    #[test]
    fn noise_is_not_a_request() {
        for noise in ["%", "%4", "%zz", "!!!!", "a", "\u{e9}"] {
            assert_eq!(decode(noise), None, "{noise}");
        }
    }
}
