//! WebDriver, over which browsers are driven.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::folder::Folder;
use crate::port::{Ports, is_listening};
use crate::process::Process;
use crate::program::Program;
use crate::{Error, Result, unexpected};

/// WebDriver's name for a reference to an element.
pub(crate) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// They may.
    Run,
    /// They may not.
    Blocked,
}

const START_LIMIT: Duration = Duration::from_secs(60);

/// A session with a browser; the browser ends with it.
#[derive(Debug)]
pub(crate) struct WebDriver {
    agent: Agent,
    session: String,
    _driver: Process,
    _ports: Ports,
}

impl WebDriver {
    /// Starts a driver on a port of its own, and by it a browser with these capabilities.
    pub(crate) fn start(
        folder: &Folder,
        driver: Program,
        name: &str,
        capabilities: &Value,
    ) -> Result<Self> {
        let ports = Ports::claim(1)?;
        let port = ports.first();
        let mut driver = driver.arg(format!("--port={port}")).start(folder, name)?;
        driver.wait_for("listens", START_LIMIT, |_| {
            Ok(is_listening(port)?.then_some(()))
        })?;
        let agent: Agent = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(START_LIMIT))
            .build()
            .into();
        let base = format!("http://127.0.0.1:{port}/session");
        let session = call(&agent, "POST", &base, Some(capabilities))?;
        let id = session
            .get("sessionId")
            .and_then(Value::as_str)
            .ok_or_else(|| unexpected(format!("the browser gave no session: {session}")))?;
        Ok(Self {
            agent,
            session: format!("{base}/{id}"),
            _driver: driver,
            _ports: ports,
        })
    }

    /// Asks something of the session.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let address = format!("{}/{path}", self.session);
        call(&self.agent, "GET", &address, None)
    }

    /// Tells the session something.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let address = format!("{}/{path}", self.session);
        call(&self.agent, "POST", &address, Some(body))
    }

    /// Runs a function body in the present page, or context, and returns its value.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post(
            "execute/sync",
            &json!({"script": script, "args": arguments}),
        )
    }
}

/// A security key with a PIN, whose owner touches it and types the PIN whenever it is asked for (WebAuthn, section 11.2).
pub(crate) fn security_key() -> Value {
    json!({
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": true,
        "hasUserVerification": true,
        "isUserConsenting": true,
        "isUserVerified": true,
    })
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // The browser ends with its session; the driver's process is ended after it.
        let _ = self.agent.delete(&self.session).call();
    }
}

fn call(agent: &Agent, method: &'static str, url: &str, body: Option<&Value>) -> Result<Value> {
    let failed = |error: ureq::Error| Error::Http {
        method,
        url: url.to_owned(),
        reason: error.to_string(),
    };
    let answer = match body {
        Some(body) => agent
            .post(url)
            .content_type("application/json")
            .send(body.to_string()),
        None => agent.get(url).call(),
    };
    let mut answer = answer.map_err(failed)?;
    let text = answer.body_mut().read_to_string().map_err(failed)?;
    let mut value: Value = serde_json::from_str(&text)
        .map_err(|error| unexpected(format!("{method} {url}: {error}: {text}")))?;
    let content = value.get_mut("value").map(Value::take).unwrap_or_default();
    if answer.status().is_success() {
        Ok(content)
    } else {
        let field = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        Err(unexpected(format!(
            "the browser: {}: {}",
            field("error"),
            field("message")
        )))
    }
}
