//! As much of a browser as the portal needs: cookies, forms with their token, and the headers that browsers send.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use flate2::read::GzDecoder;
use tower::ServiceExt;

/// A browser on one portal.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    /// Cookies by name, each with its path.
    pub cookies: BTreeMap<String, (String, String)>,
    /// The token of the last form seen.
    pub form_token: String,
    /// Headers of every request.
    pub headers: Vec<(&'static str, String)>,
    /// The address that its requests come from.
    pub address: IpAddr,
}

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, not compressed any more.
    pub body: String,
    /// How many bytes its body had on the wire.
    pub bytes: usize,
}

impl Answer {
    /// A header's text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie of this name that it sets, with its attributes.
    pub fn set_cookie(&self, name: &str) -> &str {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .find(|cookie| cookie.starts_with(&format!("{name}=")))
            .unwrap_or_else(|| panic!("{name} is not set"))
    }

    /// Where a redirect leads; empty for another answer.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// What stands between two texts on the page.
    pub fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) = self
            .body
            .split_once(before)
            .unwrap_or_else(|| panic!("{before:?} is not on the page: {}", self.body));
        rest.split_once(after).expect(after).0
    }
}

impl Browser {
    /// A browser without cookies.
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            form_token: String::new(),
            headers: vec![("host", "localhost:8443".to_owned())],
            address: IpAddr::from([192, 0, 2, 7]),
        }
    }

    /// Fetches a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    /// Sends a form with the token of the last form seen.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_raw(path, &all).await
    }

    /// Sends a form as it is.
    pub async fn post_raw(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", percent_encoded(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.send(Method::POST, path, encoded).await
    }

    /// Sends a request with a body of the type that forms have.
    pub async fn send(&mut self, method: Method, path: &str, body: String) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let cookies = self
            .cookies
            .iter()
            .filter(|(_, (_, prefix))| path.starts_with(prefix.as_str()))
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let peer = SocketAddr::new(self.address, 40000);
        let request = request
            .extension(ConnectInfo(peer))
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let mut plain = Vec::new();
        if parts.headers.contains_key(header::CONTENT_ENCODING) {
            assert_eq!(parts.headers[header::CONTENT_ENCODING], "gzip");
            GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
        } else {
            plain.extend_from_slice(&bytes);
        }
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&plain).into_owned(),
            bytes: bytes.len(),
        };
        self.keep_cookies(&answer.headers);
        if let Some((_, rest)) = answer.body.split_once("name=\"csrf\" value=\"") {
            self.form_token = rest.split('"').next().unwrap().to_owned();
        }
        answer
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            let path = attributes
                .split(';')
                .find_map(|attribute| attribute.trim().strip_prefix("Path="))
                .unwrap_or("/");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies
                    .insert(name.to_owned(), (value.to_owned(), path.to_owned()));
            }
        }
    }
}

/// Signs in, or tries to.
pub async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    browser.get("/sign-in").await;
    let fields = [("email", email), ("password", password)];
    browser.post("/sign-in", &fields).await
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
