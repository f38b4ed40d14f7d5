//! The portal, used as an administrator without JavaScript uses it: pages, links and forms.

mod fetched;
mod html;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, ResponseExt};

pub use fetched::{Fetched, TAKES_GZIP};
pub use html::{Document, Form, Link};

use crate::error::Doing;
use crate::server::Announcement;
use crate::{Error, Result, unexpected};

/// The administrator's password in tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// The administrator's mail address in tests.
pub const ADMINISTRATOR: &str = "ada@example.test";

const TIME_LIMIT: Duration = Duration::from_secs(30);

/// One answer of the portal.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address it came from, after redirects.
    pub address: String,
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Page {
    /// What is on the page.
    #[must_use]
    pub fn document(&self) -> Document {
        Document::parse(&self.body)
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        Some(value)
    }

    /// The path part of its address.
    #[must_use]
    pub fn path(&self) -> &str {
        path_of(&self.address)
    }

    /// The form that has all of these fields.
    ///
    /// # Errors
    /// When the page has none.
    pub fn form_with(&self, fields: &[&str]) -> Result<Form> {
        let has = |form: &Form, name: &str| form.fields.iter().any(|(field, _)| field == name);
        self.document()
            .forms
            .into_iter()
            .find(|form| fields.iter().all(|name| has(form, name)))
            .ok_or_else(|| self.unlike(&format!("has no form with {fields:?}")))
    }

    /// The form that is sent to this path.
    ///
    /// # Errors
    /// When the page has none.
    pub fn form_to(&self, path: &str) -> Result<Form> {
        self.document()
            .forms
            .into_iter()
            .find(|form| path_of(&form.action) == path)
            .ok_or_else(|| self.unlike(&format!("has no form to {path}")))
    }

    /// The paths of all links that begin so and go on, each once.
    #[must_use]
    pub fn links_under(&self, prefix: &str) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for link in self.document().links {
            let path = path_of(&link.target).to_owned();
            if path.starts_with(prefix) && path.len() > prefix.len() && !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    /// An error that says what is wrong with this page, with its text.
    #[must_use]
    pub fn unlike(&self, wrong: &str) -> Error {
        let text: String = self.document().text.chars().take(600).collect();
        unexpected(format!(
            "the page {} ({}) {wrong}: {text}",
            self.address, self.status
        ))
    }
}

/// Whom an invitation is for.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// Full name.
    pub name: &'a str,
    /// Mail address.
    pub email: &'a str,
    /// User principal name; the part before the @ is the user's name for ssh.
    pub upn: &'a str,
}

/// Which keys and certificates a phone gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// RSA-2048 in 9A and 9D, P-256 in 9C and 9E.
    Standard,
    /// P-256 everywhere.
    Compact,
}

impl Profile {
    /// Its name in forms.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Compact => "compact",
        }
    }
}

/// A browser's stand-in with cookies, signed in as the administrator.
#[derive(Debug)]
pub struct Portal {
    agent: Agent,
    base: String,
}

/// The box that is to be checked where an account is one that systems have for themselves.
const CONFIRM_ACCOUNT: &str = "system_account";

impl Portal {
    /// A client that trusts nothing but the server's root, not signed in.
    ///
    /// # Errors
    /// When the root certificate cannot be read.
    pub fn stranger(server: &impl AsRef<Announcement>) -> Result<Self> {
        Self::trusting(server, server.as_ref().root())
    }

    /// A client that trusts nothing but this certificate (PEM), not signed in: behind a proxy it is another's.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn trusting(server: &impl AsRef<Announcement>, root: &Path) -> Result<Self> {
        let server = server.as_ref();
        Ok(Self {
            agent: agent_trusting(root)?,
            base: server.portal().to_owned(),
        })
    }

    /// Sets up the first administrator through the server's one-time link.
    ///
    /// # Errors
    /// When there is no link, or it does not lead to a signed-in administrator.
    pub fn set_up(server: &impl AsRef<Announcement>) -> Result<Self> {
        Self::set_up_with(server, "Ada Admin", ADMINISTRATOR, PASSWORD)
    }

    /// As [`Portal::set_up`], by a client that trusts nothing but this certificate (PEM).
    ///
    /// # Errors
    /// As [`Portal::set_up`].
    pub fn set_up_trusting(server: &impl AsRef<Announcement>, root: &Path) -> Result<Self> {
        Self::trusting(server, root)?.set_up_by(server, "Ada Admin", ADMINISTRATOR, PASSWORD)
    }

    /// As [`Portal::set_up`], for a given administrator.
    ///
    /// # Errors
    /// As [`Portal::set_up`].
    pub fn set_up_with(
        server: &impl AsRef<Announcement>,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<Self> {
        Self::stranger(server)?.set_up_by(server, name, email, password)
    }

    fn set_up_by(
        self,
        server: &impl AsRef<Announcement>,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<Self> {
        let link = server
            .as_ref()
            .setup()
            .ok_or_else(|| unexpected("the server printed no link to set up an administrator"))?;
        let page = self.get(link)?;
        let form = page.form_with(&["name", "email", "password"])?;
        let page = self.submit(
            &page,
            form,
            &[("name", name), ("email", email), ("password", password)],
        )?;
        self.expect_signed_in(page)?;
        Ok(self)
    }

    /// Signs in on a page of its own.
    ///
    /// # Errors
    /// When the server does not accept the administrator.
    pub fn sign_in(server: &impl AsRef<Announcement>, email: &str, password: &str) -> Result<Self> {
        let portal = Self::stranger(server)?;
        let page = portal.try_sign_in(email, password)?;
        portal.expect_signed_in(page)?;
        Ok(portal)
    }

    /// Sends the sign-in form and returns the answer, whatever it is.
    ///
    /// # Errors
    /// When there is no sign-in form, or no answer.
    pub fn try_sign_in(&self, email: &str, password: &str) -> Result<Page> {
        let page = self.get("/sign-in")?;
        let form = page.form_with(&["email", "password"])?;
        self.submit(&page, form, &[("email", email), ("password", password)])
    }

    fn expect_signed_in(&self, page: Page) -> Result {
        if page.status != 200 || self.get("/invitations/new")?.status != 200 {
            return Err(page.unlike("is not what a signed-in administrator sees"));
        }
        Ok(())
    }

    /// Invites a holder; returns the invitation's link.
    ///
    /// # Errors
    /// When the portal does not show a link in the end.
    pub fn invite(&self, holder: Holder<'_>, profile: Profile) -> Result<String> {
        let page = self.get("/invitations/new")?;
        let form = page.form_with(&["name", "email", "upn", "profile"])?;
        let values = [
            ("name", holder.name),
            ("email", holder.email),
            ("upn", holder.upn),
            ("profile", profile.name()),
        ];
        let mut page = self.submit(&page, form, &values)?;
        // Who runs the rig as root is asked whether that is meant.
        if page.body.contains(CONFIRM_ACCOUNT) {
            let mut form = page.form_with(&["name", "email", "upn", "profile"])?;
            let confirmed = (CONFIRM_ACCOUNT.to_owned(), "yes".to_owned());
            form.fields.push(confirmed);
            page = self.submit(&page, form, &values)?;
        }
        link_on(&page)
    }

    /// Replaces a phone (`/phones/ID`), of which `why` has become what the form calls so; returns the invitation's link.
    ///
    /// # Errors
    /// When the portal does not show a link in the end.
    pub fn replace(&self, phone: &str, why: &str) -> Result<String> {
        let question = self.get_ok(&format!("{phone}/replace"))?;
        let form = question.form_with(&["why"])?;
        link_on(&self.submit(&question, form, &[("why", why)])?)
    }

    /// The paths of all phones' pages.
    ///
    /// # Errors
    /// When the list cannot be had.
    pub fn phones(&self) -> Result<Vec<String>> {
        Ok(self.get_ok("/phones")?.links_under("/phones/"))
    }

    /// The names of all phones, in the order of the list.
    ///
    /// # Errors
    /// When the list cannot be had.
    pub fn phone_names(&self) -> Result<Vec<String>> {
        let links = self.get_ok("/phones")?.document().links;
        let of_phones = links
            .into_iter()
            .filter(|link| path_of(&link.target).starts_with("/phones/"));
        Ok(of_phones.map(|link| link.text).collect())
    }

    /// The paths of the certificates' pages of one phone.
    ///
    /// # Errors
    /// When the phone's page cannot be had.
    pub fn certificates_of(&self, phone: &str) -> Result<Vec<String>> {
        let mut paths = self.get_ok(phone)?.links_under("/certificates/");
        paths.retain(|path| path.matches('/').count() == 2);
        Ok(paths)
    }

    /// Revokes a phone (`/phones/ID`) or a certificate (`/certificates/ID`).
    ///
    /// # Errors
    /// When the portal refuses.
    pub fn revoke(&self, path: &str, reason: &str) -> Result<Page> {
        let question = self.get_ok(&format!("{path}/revoke"))?;
        let form = question.form_with(&["reason"])?;
        self.done(self.submit(&question, form, &[("reason", reason)])?)
    }

    /// Allows the holder of a phone (`/phones/ID`) a new PIN; returns the code that they are told.
    ///
    /// # Errors
    /// When the portal refuses.
    pub fn allow_unblocking(&self, path: &str) -> Result<String> {
        let path = format!("{path}/unblocking");
        let question = self.get_ok(&path)?;
        let form = question.form_to(&path)?;
        let told = self.submit(&question, form, &[])?;
        let code = told.document().by_id("unblocking-code");
        code.ok_or_else(|| told.unlike("tells no code"))
    }

    /// Suspends a phone (`/phones/ID`) or a person (`/holders/ID`).
    ///
    /// # Errors
    /// When the portal refuses.
    pub fn suspend(&self, path: &str, note: &str) -> Result<Page> {
        let question = self.get_ok(&format!("{path}/suspend"))?;
        let form = question.form_with(&["note"])?;
        self.done(self.submit(&question, form, &[("note", note)])?)
    }

    /// Resumes a phone or a person who is suspended.
    ///
    /// # Errors
    /// When the portal refuses.
    pub fn resume(&self, path: &str) -> Result<Page> {
        let page = self.get_ok(path)?;
        let form = page.form_to(&format!("{path}/resume"))?;
        self.done(self.submit(&page, form, &[])?)
    }

    /// Lets a person go.
    ///
    /// # Errors
    /// When the portal refuses.
    pub fn let_go(&self, path: &str, note: &str) -> Result<Page> {
        let question = self.get_ok(&format!("{path}/let-go"))?;
        let form = question.form_with(&["reason", "note"])?;
        self.done(self.submit(&question, form, &[("note", note)])?)
    }

    fn done(&self, page: Page) -> Result<Page> {
        if page.status == 200 {
            Ok(page)
        } else {
            Err(page.unlike("does not look like something that was done"))
        }
    }

    /// Fetches a page by path or address, following redirects.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn get(&self, address: &str) -> Result<Page> {
        let url = self.absolute(address);
        let answer = self.agent.get(&url).call();
        page_of("GET", &url, answer)
    }

    /// Fetches what must be there, does not follow where it leads, and reads nothing of it.
    ///
    /// # Errors
    /// When there is no answer, or none with status 200.
    pub fn fetch(&self, address: &str, headers: &[(&str, &str)]) -> Result<Fetched> {
        Fetched::get(&self.agent, &self.absolute(address), headers)
    }

    /// Fetches a page that must be there.
    ///
    /// # Errors
    /// When there is no answer, or none with status 200.
    pub fn get_ok(&self, address: &str) -> Result<Page> {
        let page = self.get(address)?;
        if page.status == 200 {
            Ok(page)
        } else {
            Err(page.unlike("is not there"))
        }
    }

    /// Fills a form in and sends it, following redirects.
    ///
    /// # Errors
    /// When the form has none of the named fields, or there is no answer.
    pub fn submit(&self, page: &Page, mut form: Form, values: &[(&str, &str)]) -> Result<Page> {
        for (name, value) in values {
            if !form.fill(name, value) {
                return Err(page.unlike(&format!("has no field {name}")));
            }
        }
        let action = if form.action.is_empty() {
            page.path()
        } else {
            &form.action
        };
        self.post_form(action, &form.fields)
    }

    /// Posts fields without looking at a page first, as an attacker would.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn post_form(&self, address: &str, fields: &[(String, String)]) -> Result<Page> {
        let url = self.absolute(address);
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let answer = self
            .agent
            .post(&url)
            .header("Origin", &self.base)
            .send_form(fields);
        page_of("POST", &url, answer)
    }

    /// Posts JSON, as the phone does.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn post_json(&self, address: &str, body: &serde_json::Value) -> Result<Page> {
        let url = self.absolute(address);
        let answer = self
            .agent
            .post(&url)
            .content_type("application/json")
            .send(body.to_string());
        page_of("POST", &url, answer)
    }

    /// The cookies as another client of the same person would send them: the value of the header `Cookie`.
    #[must_use]
    pub fn cookies(&self) -> String {
        let jar = self.agent.cookie_jar_lock();
        let cookies = jar
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()));
        cookies.collect::<Vec<_>>().join("; ")
    }

    fn absolute(&self, address: &str) -> String {
        if address.starts_with('/') {
            format!("{}{address}", self.base)
        } else {
            address.split('#').next().unwrap_or(address).to_owned()
        }
    }
}

/// An HTTP client that trusts one root certificate (PEM) only.
fn agent_trusting(root: &Path) -> Result<Agent> {
    let pem = fs::read(root).doing(|| format!("read {}", root.display()))?;
    let root = Certificate::from_pem(&pem)
        .map_err(|error| unexpected(format!("the server's root certificate: {error}")))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::new_with_certs(&[root]))
        .build();
    Ok(Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(TIME_LIMIT))
        .build()
        .into())
}

fn page_of(
    method: &'static str,
    url: &str,
    answer: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Page> {
    let failed = |error: ureq::Error| Error::Http {
        method,
        url: path_of(url).to_owned(),
        reason: error.to_string(),
    };
    let mut answer = answer.map_err(failed)?;
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Ok(Page {
        address: answer.get_uri().to_string(),
        status: answer.status().as_u16(),
        headers,
        body: answer.body_mut().read_to_string().map_err(failed)?,
    })
}

fn path_of(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => address,
    }
}

/// The link of the invitation whose page this is.
fn link_on(page: &Page) -> Result<String> {
    let link = page.document().by_id("invitation-link");
    link.ok_or_else(|| page.unlike("shows no invitation link"))
}
