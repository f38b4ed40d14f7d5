//! Chromium, driven over WebDriver, with a home and a profile of its own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::display::Display;
use crate::error::Doing;
use crate::folder::Folder;
use crate::module::Module;
use crate::program::Program;
use crate::wait::wait_until;
use crate::webdriver::{ELEMENT, Scripts, WebDriver, security_key};
use crate::{Error, Result, unexpected};

const DRIVER: &str = "chromedriver";
const PAGE_LIMIT: Duration = Duration::from_secs(30);

/// Which appearance the user prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// An element of the present page.
#[derive(Clone, Debug)]
pub struct Element(String);

/// A running browser.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
}

impl Browser {
    /// Starts a browser that trusts the root certificate in `root` (PEM) beside the public ones.
    ///
    /// # Errors
    /// When Chromium, its driver or certutil is not installed, or does not start.
    pub fn start(folder: &Folder, root: &Path) -> Result<Self> {
        Ok(Self {
            driver: for_visitor(folder, root, Scripts::Run)?,
        })
    }

    /// Starts a browser in a window, with the module in its user's NSS database, and without a question which certificate
    /// a site gets, as an administrator may have it.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub fn start_in_window(
        folder: &Folder,
        root: &Path,
        display: &Display,
        module: &Module,
    ) -> Result<Self> {
        trust(folder, root)?;
        module
            .program(folder, "modutil")
            .args(["-force", "-add", "Tapcard", "-dbdir", &database(folder)])
            .arg("-libfile")
            .arg(module.path())
            .succeed()?;
        let driver = folder
            .program(DRIVER)
            .envs(module.environment())
            .env("DISPLAY", display.name());
        let preferences = json!({
            "profile.managed_auto_select_certificate_for_urls":
                [json!({"pattern": "https://localhost", "filter": {}}).to_string()],
        });
        let arguments = arguments_for(&folder.subfolder("chromium")?);
        Ok(Self {
            driver: start_with(folder, driver, &arguments, &preferences)?,
        })
    }

    /// Plugs in a security key that has no passkey yet.
    ///
    /// # Errors
    /// When the browser takes none.
    pub fn plug_in_security_key(&self) -> Result {
        self.post("webauthn/authenticator", &security_key())?;
        Ok(())
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the page cannot be loaded.
    pub fn open(&self, address: &str) -> Result {
        self.post("url", &json!({"url": address}))?;
        Ok(())
    }

    /// The present address.
    ///
    /// # Errors
    /// When the browser does not say.
    pub fn address(&self) -> Result<String> {
        let address = self.get("url")?;
        Ok(address.as_str().unwrap_or_default().to_owned())
    }

    /// The first element that a CSS selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, selector: &str) -> Result<Element> {
        let found = self.post(
            "element",
            &json!({"using": "css selector", "value": selector}),
        )?;
        found
            .get(ELEMENT)
            .and_then(Value::as_str)
            .map(|id| Element(id.to_owned()))
            .ok_or_else(|| unexpected(format!("no element {selector}: {found}")))
    }

    /// Whether a CSS selector finds anything.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn has(&self, selector: &str) -> Result<bool> {
        let found = self.post(
            "elements",
            &json!({"using": "css selector", "value": selector}),
        )?;
        Ok(found
            .as_array()
            .is_some_and(|elements| !elements.is_empty()))
    }

    /// Types into the field that a CSS selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub fn type_into(&self, selector: &str, text: &str) -> Result {
        let Element(id) = self.find(selector)?;
        self.post(&format!("element/{id}/clear"), &json!({}))?;
        self.post(&format!("element/{id}/value"), &json!({"text": text}))?;
        Ok(())
    }

    /// Clicks what a CSS selector finds and waits for the page that follows, if one does.
    ///
    /// # Errors
    /// When there is nothing to click.
    pub fn click(&self, selector: &str) -> Result {
        let Element(id) = self.find(selector)?;
        self.post(&format!("element/{id}/click"), &json!({}))?;
        Ok(())
    }

    /// Clicks, and waits until the page with an address that ends in `path` is there.
    ///
    /// # Errors
    /// When there is nothing to click, or it leads elsewhere.
    pub fn click_to(&self, selector: &str, path: &str) -> Result {
        self.click(selector)?;
        self.wait_for_page(&format!("{selector} leads to {path}"), || {
            let address = self.address()?;
            Ok(address
                .split(['?', '#'])
                .next()
                .is_some_and(|address| address.ends_with(path)))
        })
    }

    /// Clicks, and waits until the page says `words`.
    ///
    /// # Errors
    /// When there is nothing to click, or another page comes.
    pub fn click_until(&self, selector: &str, words: &str) -> Result {
        self.click(selector)?;
        self.wait_for_page(&format!("{selector} leads to \"{words}\""), || {
            Ok(self.text()?.contains(words))
        })
    }

    fn wait_for_page(&self, what: &str, is_there: impl Fn() -> Result<bool>) -> Result {
        wait_until(what, PAGE_LIMIT, || {
            // Between two pages there is a moment in which the browser has none to ask.
            let is_there = is_there().unwrap_or_default();
            Ok(is_there && self.run("return document.readyState", &[])? == "complete")
        })
        .map_err(|error| match error {
            Error::Timeout { what, bound } => {
                let address = self.address().unwrap_or_default();
                let text = self.text().unwrap_or_default();
                unexpected(format!(
                    "{what}: not within {bound:?}, but {address}: {text}"
                ))
            }
            other => other,
        })
    }

    /// The visible text of the page.
    ///
    /// # Errors
    /// When the browser does not say.
    pub fn text(&self) -> Result<String> {
        let text = self.run("return document.body.innerText", &[])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a function body in the page and returns its value.
    ///
    /// # Errors
    /// When it throws.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.driver.run(script, arguments)
    }

    /// Runs a function body in the page whose last argument is the callback that ends it.
    ///
    /// # Errors
    /// When it throws.
    pub fn run_async(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post(
            "execute/async",
            &json!({"script": script, "args": arguments}),
        )
    }

    /// Sets the appearance that the user prefers.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn prefer(&self, scheme: Scheme) -> Result {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({"features": [
                {"name": "prefers-color-scheme", "value": value},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]}),
        )?;
        Ok(())
    }

    /// Makes the window of another size, in CSS pixels.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn resize(&self, width: u32, height: u32) -> Result {
        // A bar would take some of the width, and not on a phone.
        self.devtools("Emulation.setScrollbarsHidden", &json!({"hidden": true}))?;
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        )?;
        Ok(())
    }

    /// A picture of the present page (PNG): of all of it, or of its first `height` CSS pixels, with `scale` times as many pixels.
    ///
    /// # Errors
    /// When the browser makes none.
    pub fn photograph(&self, height: Option<u32>, scale: f64) -> Result<Vec<u8>> {
        let size = self.run(
            "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]",
            &[],
        )?;
        let of = |at: usize| size.get(at).and_then(Value::as_u64).unwrap_or_default();
        let height = height.map_or(of(1), |height| u64::from(height).min(of(1)));
        let clip = json!({"x": 0, "y": 0, "width": of(0), "height": height, "scale": scale});
        let parameters = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let made = self.devtools("Page.captureScreenshot", &parameters)?;
        let text = made.get("data").and_then(Value::as_str).unwrap_or_default();
        data_encoding::BASE64
            .decode(text.as_bytes())
            .map_err(|error| unexpected(format!("what came is not a picture: {error}")))
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post(
            "goog/cdp/execute",
            &json!({"cmd": command, "params": parameters}),
        )
    }

    /// What the page has written to the console since the last call: errors, and violations of its CSP.
    ///
    /// # Errors
    /// When the browser does not say.
    pub fn console(&self) -> Result<Vec<String>> {
        let entries = self.post("se/log", &json!({"type": "browser"}))?;
        let text = |entry: &Value| {
            let part = |name: &str| entry.get(name).map(Value::to_string).unwrap_or_default();
            format!("{} {}", part("level"), part("message"))
        };
        Ok(entries.as_array().into_iter().flatten().map(text).collect())
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.driver.get(path)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.driver.post(path, body)
    }
}

/// A headless browser that trusts the certificate in the file `root` (PEM).
pub(crate) fn for_visitor(folder: &Folder, root: &Path, scripts: Scripts) -> Result<WebDriver> {
    trust(folder, root)?;
    let mut arguments = vec!["--headless".to_owned()];
    arguments.extend(arguments_for(&folder.subfolder("chromium")?));
    let preferences = match scripts {
        Scripts::Run => json!({}),
        Scripts::Blocked => json!({"profile.managed_default_content_settings.javascript": 2}),
    };
    start_with(folder, folder.program(DRIVER), &arguments, &preferences)
}

fn start_with(
    folder: &Folder,
    driver: Program,
    arguments: &[String],
    preferences: &Value,
) -> Result<WebDriver> {
    let capabilities = json!({"capabilities": {"alwaysMatch": {
        "acceptInsecureCerts": false,
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {"args": arguments, "prefs": preferences},
    }}});
    WebDriver::start(folder, driver, DRIVER, &capabilities)
}

fn arguments_for(profile: &Path) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}

/// Where Chromium looks for further roots and modules: the NSS database in its home.
fn database(folder: &Folder) -> String {
    format!("sql:{}", folder.join("home/.pki/nssdb").display())
}

fn trust(folder: &Folder, root: &Path) -> Result {
    let path = folder.join("home/.pki/nssdb");
    fs::create_dir_all(&path).doing(|| format!("make {}", path.display()))?;
    let database = database(folder);
    folder
        .program("certutil")
        .args(["-N", "--empty-password", "-d", &database])
        .succeed()?;
    folder
        .program("certutil")
        .args(["-A", "-n", "root", "-t", "C,,", "-d", &database, "-i"])
        .arg(root)
        .succeed()?;
    Ok(())
}
