//! Somebody at a page who reads, clicks and types, in either browser, with or without scripts. Clicks are counted.

use std::time::Duration;

use serde_json::{Value, json};

use crate::firefox::Firefox;
use crate::folder::Folder;
use crate::wait::wait_until;
pub use crate::webdriver::Scripts;
use crate::webdriver::{ELEMENT, WebDriver, security_key};
use crate::{Error, Result, browser, firefox, unexpected};

const PAGE_LIMIT: Duration = Duration::from_secs(30);
/// What a driver says of an element of a page that was left.
const GONE: &str = "stale element reference";

/// Which browser somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium.
    Chromium,
    /// Firefox ESR.
    Firefox,
}

/// Somebody with a browser.
#[derive(Debug)]
pub struct Visitor {
    driver: WebDriver,
    clicks: u32,
}

impl Visitor {
    /// Starts a browser that trusts the certificate in the file `root` (PEM).
    ///
    /// # Errors
    /// When the browser or its driver is not there, or does not start.
    pub fn start(
        folder: &Folder,
        kind: Kind,
        scripts: Scripts,
        root: &std::path::Path,
    ) -> Result<Self> {
        let driver = match kind {
            Kind::Chromium => browser::for_visitor(folder, root, scripts)?,
            Kind::Firefox => firefox::for_visitor(folder, root, scripts)?,
        };
        Ok(Self { driver, clicks: 0 })
    }

    /// Somebody with a Firefox that has the module.
    #[must_use]
    pub fn with_card(firefox: Firefox) -> Self {
        Self {
            driver: firefox.into_driver(),
            clicks: 0,
        }
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the page cannot be loaded.
    pub fn open(&self, address: &str) -> Result {
        self.driver.post("url", &json!({"url": address}))?;
        Ok(())
    }

    /// Plugs in a security key that has no passkey yet. Whoever is asked for it touches it and types its PIN.
    ///
    /// # Errors
    /// When the browser takes none.
    pub fn plug_in_security_key(&self) -> Result {
        self.driver
            .post("webauthn/authenticator", &security_key())?;
        Ok(())
    }

    /// How long it was from the beginning of the way to the present page until it could be used: until its document and the scripts
    /// that are part of it were there.
    ///
    /// # Errors
    /// When the browser does not say.
    pub fn interactive_after(&self) -> Result<Duration> {
        let mut took = 0.0;
        // The event itself takes a moment after the page has answered.
        wait_until("a page that can be used", PAGE_LIMIT, || {
            let said = self.driver.run(
                "return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd",
                &[],
            )?;
            took = said.as_f64().unwrap_or_default();
            Ok(took > 0.0)
        })?;
        Ok(Duration::from_secs_f64(took / 1000.0))
    }

    /// How many clicks it took since the last call.
    pub fn clicks(&mut self) -> u32 {
        std::mem::take(&mut self.clicks)
    }

    /// Clicks the link or button of this text.
    ///
    /// # Errors
    /// When there is none.
    pub fn press(&mut self, text: &str) -> Result {
        let text = literal(text);
        self.click(&format!(
            "//a[normalize-space(.)={text}] | //button[normalize-space(.)={text}]"
        ))
    }

    /// Clicks the choice whose label begins with this text.
    ///
    /// # Errors
    /// When there is none.
    pub fn choose(&mut self, label: &str) -> Result {
        let label = literal(label);
        self.click(&format!(
            "//label[starts-with(normalize-space(.), {label})]"
        ))
    }

    /// Types into the field with this label, in place of what is there.
    ///
    /// # Errors
    /// When there is none.
    pub fn fill(&self, label: &str, text: &str) -> Result {
        let label = literal(label);
        let field = format!("//*[@id=//label[normalize-space(.)={label}]/@for]");
        let typed = json!({"text": text});
        self.on(&field, |field| {
            self.driver
                .post(&format!("element/{field}/clear"), &json!({}))?;
            self.driver.post(&format!("element/{field}/value"), &typed)
        })?;
        Ok(())
    }

    /// Chooses, in the list with this label, what begins with this text.
    ///
    /// # Errors
    /// When there is none.
    pub fn pick(&mut self, label: &str, option: &str) -> Result {
        let (label, option) = (literal(label), literal(option));
        self.click(&format!(
            "//select[@id=//label[normalize-space(.)={label}]/@for]/option[starts-with(normalize-space(.), {option})]"
        ))
    }

    /// What the page shows at this id.
    ///
    /// # Errors
    /// When there is none.
    pub fn shown_at(&self, id: &str) -> Result<String> {
        let text = self.on(&format!("//*[@id={}]", literal(id)), |there| {
            self.driver.get(&format!("element/{there}/text"))
        })?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page says all of this.
    ///
    /// # Errors
    /// When it does not.
    pub fn reads(&self, words: &[&str]) -> Result {
        let what = format!("a page that says {words:?}");
        // Between two pages there is a moment without one.
        let says_all = || {
            let text = self.text().unwrap_or_default();
            Ok(words.iter().all(|one| text.contains(one)))
        };
        wait_until(&what, PAGE_LIMIT, says_all).map_err(|error| match error {
            Error::Timeout { what, .. } => unexpected(format!(
                "{what}: no, but {}",
                self.text().unwrap_or_default()
            )),
            other => other,
        })
    }

    /// The visible text of the page.
    ///
    /// # Errors
    /// When the browser does not say.
    pub fn text(&self) -> Result<String> {
        let body = self.find("//body")?;
        let text = self.driver.get(&format!("element/{body}/text"))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    fn click(&mut self, path: &str) -> Result {
        self.on(path, |id| {
            self.driver.post(&format!("element/{id}/click"), &json!({}))
        })?;
        self.clicks += 1;
        Ok(())
    }

    /// Does something with an element as soon as it is there. One that the next page takes the place of meanwhile was not the one.
    fn on<T>(&self, path: &str, act: impl Fn(&str) -> Result<T>) -> Result<T> {
        let mut done = None;
        wait_until(&format!("{path} is there"), PAGE_LIMIT, || {
            let Ok(id) = self.find(path) else {
                return Ok(false);
            };
            match act(&id) {
                Err(error) if error.to_string().contains(GONE) => return Ok(false),
                outcome => done = Some(outcome),
            }
            Ok(true)
        })
        .map_err(|error| {
            let text = self.text().unwrap_or_default();
            unexpected(format!("{error}: {text}"))
        })?;
        done.ok_or_else(|| unexpected(format!("no {path}")))?
    }

    fn find(&self, path: &str) -> Result<String> {
        let found = self
            .driver
            .post("element", &json!({"using": "xpath", "value": path}))?;
        found
            .get(ELEMENT)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| unexpected(format!("no element {path}: {found}")))
    }
}

/// A text as XPath writes it.
fn literal(text: &str) -> String {
    format!("\"{text}\"")
}
