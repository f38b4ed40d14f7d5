//! Whom a request is for: one host, said once (RFC 9112, section 3.2; RFC 9113, section 8.3.1). Two programs on the way of
//! a request that read two hosts differently would answer for each other.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses a request that does not name one host.
pub async fn check(request: Request, next: Next) -> Response {
    if names_one_host(request.version(), request.uri(), request.headers()) {
        next.run(request).await
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

fn names_one_host(version: Version, uri: &Uri, headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::HOST).into_iter();
    let (host, another) = (named.next(), named.next());
    if another.is_some() {
        return false;
    }
    let Some(host) = host else {
        return match uri.authority() {
            // HTTP/1.1 wants the header also where the address has the host.
            Some(_) => version >= Version::HTTP_2,
            None => version < Version::HTTP_11,
        };
    };
    let host = host
        .to_str()
        .ok()
        .and_then(|host| host.parse::<Authority>().ok());
    // As in an address, a user's name is not a part of a host.
    let host = host.filter(|host| {
        let text = host.as_str();
        let has_port = text.len() > host.host().len();
        !text.contains(['@', ',']) && (!has_port || host.port_u16().is_some())
    });
    match (host, uri.authority()) {
        (Some(host), Some(authority)) => host == *authority,
        (host, None) => host.is_some(),
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_one_host() {
        const OLD: Version = Version::HTTP_10;
        const ONE: Version = Version::HTTP_11;
        const TWO: Version = Version::HTTP_2;
        let cases: [(Version, &str, &[&str], bool); 20] = [
            (ONE, "/", &["a.example"], true),
            (ONE, "/", &["a.example:8443"], true),
            (ONE, "/", &["[::1]:8443"], true),
            (ONE, "/", &[], false),
            (ONE, "/", &[""], false),
            (ONE, "/", &["a.example", "a.example"], false),
            (ONE, "/", &["a.example", "b.example"], false),
            (ONE, "/", &["a.example, b.example"], false),
            (ONE, "/", &["a.example,b.example"], false),
            (ONE, "/", &["a.example:b"], false),
            (ONE, "/", &["a.example:99999"], false),
            (ONE, "/", &["user@a.example"], false),
            (ONE, "https://a.example/", &["A.example"], true),
            (ONE, "https://a.example/", &["b.example"], false),
            (ONE, "https://a.example/", &[], false),
            (OLD, "/", &[], true),
            (OLD, "/", &["a.example", "b.example"], false),
            (TWO, "https://a.example/", &[], true),
            (TWO, "https://a.example/", &["b.example"], false),
            (TWO, "/", &[], false),
        ];
        for (version, uri, hosts, good) in cases {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            let found = names_one_host(version, &uri.parse().unwrap(), &headers);
            assert_eq!(found, good, "{version:?} {uri} {hosts:?}");
        }
    }
}
