//! Firefox ESR, headless, driven over WebDriver, with the module and a root by a policy, as an administrator gives them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Doing;
use crate::folder::Folder;
use crate::installed_crate::GECKODRIVER;
use crate::module::Module;
use crate::program::Program;
use crate::wait::wait_until;
use crate::webdriver::{Scripts, WebDriver};
use crate::{Error, Result, unexpected};

const INSTALLED: &str = "/usr/lib/firefox-esr";
const PROGRAM: &str = "firefox-esr";
const PAGE_LIMIT: Duration = Duration::from_secs(30);

/// Answers the prompts for a PIN, and the question which certificate a site gets. The prompt blocks the thread that
/// WebDriver needs, so the answers must be there before it. A PIN that is null is a press on Cancel.
const ANSWERS: &str = r"
window.pins = [];
window.prompts = [];
window.offered = [];
window.answers = { observe(subject, topic) {
    if (topic == 'common-dialog-loaded') {
        const { args, ui } = subject.Dialog;
        window.prompts.push(args.text);
        if (args.promptType != 'promptPassword') return;
        const pin = window.pins.shift();
        subject.setTimeout(() => {
            if (pin == null) { ui.button1.click(); return; }
            ui.password1Textbox.value = pin;
            ui.button0.disabled = false;
            ui.button0.click();
        }, 0);
    } else {
        const view = subject.ownerDocument.defaultView;
        const names = view.document.getElementById('nicknames');
        window.offered.push([...names.menupopup.children].map(item => item.label));
        view.setTimeout(() => subject.getButton('accept').click(), 0);
    }
} };
for (const topic of ['common-dialog-loaded', 'cert-dialog-loaded'])
    Services.obs.addObserver(window.answers, topic);
";

/// A running Firefox.
#[derive(Debug)]
pub struct Firefox {
    driver: WebDriver,
}

/// A version of TLS, as Firefox's settings number them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2.
    Tls12 = 3,
    /// TLS 1.3.
    Tls13 = 4,
}

impl Firefox {
    /// Starts a browser that has the module, and trusts the certificate in `root` (PEM).
    ///
    /// # Errors
    /// When Firefox or geckodriver is not there, or does not start.
    pub fn start(folder: &Folder, module: &Module, root: &Path) -> Result<Self> {
        let driver = folder.program(Self::driver()?).envs(module.environment());
        Self::start_by(driver, folder, module, root)
    }

    /// The same, where pages may run scripts or not.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(
        folder: &Folder,
        module: &Module,
        root: &Path,
        scripts: Scripts,
    ) -> Result<Self> {
        let firefox = Self::start(folder, module, root)?;
        firefox.in_chrome(
            "Services.prefs.setBoolPref('javascript.enabled', arguments[0])",
            &[json!(scripts == Scripts::Run)],
        )?;
        Ok(firefox)
    }

    pub(crate) fn into_driver(self) -> WebDriver {
        self.driver
    }

    /// The program that drives it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn driver() -> Result<PathBuf> {
        GECKODRIVER.program()
    }

    /// As [`Self::start`], by this driver in the module's environment.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_by(
        driver: Program,
        folder: &Folder,
        module: &Module,
        root: &Path,
    ) -> Result<Self> {
        let policies = json!({"policies": {
            "SecurityDevices": {"Add": {"Tapcard": module.path()}},
            "Certificates": {"Install": [root]},
        }});
        Self::start_program(driver, folder, &copy_with(folder, &policies)?, false)
    }

    /// Starts a browser that has what the system's policies give it, and takes every site's certificate.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_as_installed(driver: Program, folder: &Folder) -> Result<Self> {
        Self::start_program(driver, folder, &Path::new(INSTALLED).join(PROGRAM), true)
    }

    fn start_program(
        driver: Program,
        folder: &Folder,
        program: &Path,
        takes_every_site: bool,
    ) -> Result<Self> {
        let driver = driver
            // Observers of dialogs are the browser's own scripts, and not a page's.
            .args(["--allow-system-access", "--websocket-port=0"]);
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": takes_every_site,
            "moz:firefoxOptions": {
                "binary": program,
                "args": ["-headless"],
                "prefs": {
                    "security.default_personal_cert": "Ask Every Time",
                    // A site's icon is a connection of its own, and would ask for the PIN too.
                    "browser.chrome.site_icons": false,
                },
            },
        }}});
        let firefox = Self {
            driver: WebDriver::start(folder, driver, GECKODRIVER.name, &capabilities)?,
        };
        firefox.in_chrome(ANSWERS, &[])?;
        Ok(firefox)
    }

    /// What will be answered to the next prompts for a PIN; whoever asks more often gets Cancel.
    ///
    /// # Errors
    /// When the browser does not take it.
    pub fn will_answer(&self, pins: &[&str]) -> Result {
        self.in_chrome("window.pins = arguments[0]", &[json!(pins)])?;
        Ok(())
    }

    /// The prompts since the last call.
    ///
    /// # Errors
    /// When the browser does not say.
    pub fn prompts(&self) -> Result<Vec<String>> {
        let prompts = self.in_chrome("return window.prompts.splice(0)", &[])?;
        Ok(texts(&prompts))
    }

    /// The certificates that the user could choose from, at the last choice.
    ///
    /// # Errors
    /// When the browser does not say, or there was no choice.
    pub fn offered(&self) -> Result<Vec<String>> {
        let offered = self.in_chrome("return window.offered.at(-1)", &[])?;
        if offered.is_array() {
            Ok(texts(&offered))
        } else {
            Err(unexpected("Firefox did not ask for a certificate"))
        }
    }

    /// Speaks this version of TLS and no other from now on.
    ///
    /// # Errors
    /// When the browser does not take it.
    pub fn speak(&self, version: TlsVersion) -> Result {
        self.in_chrome(
            "for (const end of ['min', 'max']) Services.prefs.setIntPref(`security.tls.version.${end}`, arguments[0])",
            &[json!(version as u8)],
        )?;
        Ok(())
    }

    /// Opens an address, and waits until the page says `words`.
    ///
    /// # Errors
    /// When another page comes.
    pub fn open_until(&self, address: &str, words: &str) -> Result<String> {
        self.driver.post("url", &json!({"url": "about:blank"}))?;
        // A page that is not there, or a site that cannot be reached, is told by an error; what the user sees counts.
        let opened = self.driver.post("url", &json!({"url": address}));
        let what = format!("{address} says \"{words}\"");
        let waited = wait_until(&what, PAGE_LIMIT, || Ok(self.text().contains(words)));
        match (waited, opened) {
            (Ok(()), _) => Ok(self.text()),
            (Err(Error::Timeout { what, .. }), opened) => Err(unexpected(format!(
                "{what}: no, but {:?}: {}",
                opened.err(),
                self.text()
            ))),
            (Err(other), _) => Err(other),
        }
    }

    /// The visible text of the page; nothing between two pages.
    fn text(&self) -> String {
        let text = self.driver.run("return document.body.innerText", &[]);
        let text = text.unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    fn in_chrome(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.driver
            .post("moz/context", &json!({"context": "chrome"}))?;
        let value = self.driver.run(script, arguments);
        self.driver
            .post("moz/context", &json!({"context": "content"}))?;
        value
    }
}

/// A headless browser that trusts the certificate in the file `root` (PEM).
pub(crate) fn for_visitor(folder: &Folder, root: &Path, scripts: Scripts) -> Result<WebDriver> {
    let policies = json!({"policies": {"Certificates": {"Install": [root]}}});
    let capabilities = json!({"capabilities": {"alwaysMatch": {
        "acceptInsecureCerts": false,
        "moz:firefoxOptions": {
            "binary": copy_with(folder, &policies)?,
            "args": ["-headless"],
            "prefs": {
                "javascript.enabled": scripts == Scripts::Run,
                // Security keys are those that the driver plays, and no other.
                "security.webauth.webauthn_enable_softtoken": true,
                "security.webauth.webauthn_enable_usbtoken": false,
            },
        },
    }}});
    let driver = folder.program(Firefox::driver()?).arg("--websocket-port=0");
    WebDriver::start(folder, driver, GECKODRIVER.name, &capabilities)
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten();
    texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

/// Policies lie beside the program: it is copied, and all else is linked.
fn copy_with(folder: &Folder, policies: &Value) -> Result<PathBuf> {
    let entries = match fs::read_dir(INSTALLED) {
        Ok(entries) => entries,
        Err(_) => {
            return Err(Error::Missing {
                what: INSTALLED.to_owned(),
                remedy: "install the Debian package firefox-esr".to_owned(),
            });
        }
    };
    let copy = folder.subfolder("firefox")?;
    // That of a browser before.
    fs::remove_dir_all(&copy).doing(|| format!("remove {}", copy.display()))?;
    folder.subfolder("firefox")?;
    for entry in entries {
        let entry = entry.doing(|| format!("read {INSTALLED}"))?;
        let (name, linked) = (entry.file_name(), copy.join(entry.file_name()));
        if name == PROGRAM {
            fs::copy(entry.path(), &linked).doing(|| format!("copy {}", entry.path().display()))?;
        } else if name != "distribution" {
            symlink(entry.path(), &linked).doing(|| format!("link {}", linked.display()))?;
        }
    }
    folder.subfolder("firefox/distribution")?;
    folder.write("firefox/distribution/policies.json", policies.to_string())?;
    Ok(copy.join(PROGRAM))
}
