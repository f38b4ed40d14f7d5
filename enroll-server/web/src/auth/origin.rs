//! Where a request comes from, as browsers tell: a request that changes something must come from the portal itself.

use axum::http::{HeaderMap, Uri, header};

/// Whether a request that changes something may have been sent by a page of this portal.
///
/// Browsers send `Sec-Fetch-Site` and `Origin` on their own; scripts of other sites cannot change them. A program
/// that is not a browser sends neither, and is let through: it still needs the form's token.
#[must_use]
pub fn is_own(uri: &Uri, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    // HTTP/2 has the host in the address, HTTP/1.1 in a header.
    let host = uri
        .authority()
        .map(|authority| authority.as_str().as_bytes())
        .or_else(|| headers.get(header::HOST).map(|host| host.as_bytes()));
    let origin = origin.as_bytes().strip_prefix(b"https://");
    host.is_some() && origin == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_portals_own_pages_may_change_something() {
        let cases: [(&[(&str, &str)], bool); 9] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://portal.example:8443")], true),
            (&[("origin", "http://portal.example:8443")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
        ];
        for (given, own) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("host", "portal.example:8443".parse().unwrap());
            for (name, value) in given {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_own(&Uri::from_static("/"), &headers), own, "{given:?}");
            headers.remove("host");
            let uri = Uri::from_static("https://portal.example:8443/");
            assert_eq!(is_own(&uri, &headers), own, "HTTP/2, {given:?}");
        }
    }
}
