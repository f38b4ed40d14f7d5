//! The addresses that people and certificates see, as operators give them.

use axum::http::Uri;

use crate::host_name::{host_name, in_url};

/// An address by which others reach a listener: scheme, host and port, and nothing after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// The host, without brackets.
    pub host: String,
    text: String,
}

impl PublicUrl {
    /// The address of a listener. The port is left out where everybody adds it.
    #[must_use]
    pub fn new(scheme: Scheme, host: &str, port: u16) -> Self {
        let (name, usual) = match scheme {
            Scheme::Https => ("https", 443),
            Scheme::Http => ("http", 80),
        };
        let mut text = format!("{name}://{}", in_url(host));
        if port != usual {
            text.push_str(&format!(":{port}"));
        }
        Self {
            host: host.to_owned(),
            text,
        }
    }

    /// Without a slash at the end: an origin, as browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// How a listener is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Portal and API.
    Https,
    /// What relying parties fetch.
    Http,
}

/// Reads `--portal-url`.
///
/// # Errors
/// What to give instead.
pub fn portal_url(text: &str) -> Result<PublicUrl, String> {
    read(text, Scheme::Https).ok_or_else(|| "give https://HOST or https://HOST:PORT".to_owned())
}

/// Reads `--relying-url`.
///
/// # Errors
/// What to give instead.
pub fn relying_url(text: &str) -> Result<PublicUrl, String> {
    read(text, Scheme::Http).ok_or_else(|| {
        "give http://HOST or http://HOST:PORT; not https, since who checks a certificate would have to check another one first"
            .to_owned()
    })
}

fn read(text: &str, scheme: Scheme) -> Option<PublicUrl> {
    let uri: Uri = text.parse().ok()?;
    let (name, usual) = match scheme {
        Scheme::Https => ("https", 443),
        Scheme::Http => ("http", 80),
    };
    let authority = uri.authority()?;
    // A user's name would be part of it.
    let has_more = authority.as_str().contains('@')
        || uri.path() != "/"
        || uri.query().is_some()
        || text.contains('#');
    if uri.scheme_str()? != name || has_more {
        return None;
    }
    let host = host_name(authority.host()).ok()?;
    let port = match authority.as_str().strip_prefix(authority.host())? {
        "" => usual,
        port => port
            .strip_prefix(':')?
            .parse()
            .ok()
            .filter(|port| *port != 0)?,
    };
    Some(PublicUrl::new(scheme, &host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_as_browsers_do() {
        for (given, read) in [
            ("https://enroll.example.org", "https://enroll.example.org"),
            ("https://Enroll.Example.org/", "https://enroll.example.org"),
            (
                "HTTPS://enroll.example.org:443",
                "https://enroll.example.org",
            ),
            (
                "https://enroll.example.org:8443",
                "https://enroll.example.org:8443",
            ),
            ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(portal_url(given).unwrap().as_str(), read, "{given}");
        }
        assert_eq!(
            relying_url("http://pki.example.org:80").unwrap().as_str(),
            "http://pki.example.org"
        );
    }

    #[test]
    fn what_is_more_or_less_than_an_address_is_refused() {
        for bad in [
            "",
            "enroll.example.org",
            "//enroll.example.org",
            "http://enroll.example.org",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://user@a",
            "https://a:0",
            "https://a:65536",
            "https://a:",
            "https://-a",
            "https://a b",
        ] {
            assert!(portal_url(bad).is_err(), "{bad}");
        }
        assert!(relying_url("https://pki.example.org").is_err());
    }
}
