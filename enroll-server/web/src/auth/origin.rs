//! Where a request comes from, as browsers tell: a request that changes something must come from the portal itself.

use axum::http::{HeaderMap, header};

/// Whether a request that changes something may have been sent by a page of the portal at this address.
///
/// Browsers send `Sec-Fetch-Site` and `Origin` on their own; scripts of other sites cannot change them. A program
/// that is not a browser sends neither, and is let through: it still needs the form's token.
#[must_use]
pub fn is_own(portal: &str, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return false;
    }
    headers
        .get(header::ORIGIN)
        .is_none_or(|origin| *origin == portal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_portals_own_pages_may_change_something() {
        let cases: [(&[(&str, &str)], bool); 11] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://portal.example:8443")], true),
            (&[("origin", "http://portal.example:8443")], false),
            (&[("origin", "https://portal.example")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
            // What a proxy or an attacker makes of the host is not asked.
            (
                &[("origin", "https://evil.example"), ("host", "evil.example")],
                false,
            ),
        ];
        for (given, own) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(
                is_own("https://portal.example:8443", &headers),
                own,
                "{given:?}"
            );
        }
    }
}
