//! Chromium, in a window, visits a site that wants a client certificate; its user types the PIN.

use std::thread;

use rig::browser::Browser;
use rig::display::Display;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};
use rig::{Result, unexpected};

use crate::{WRONG_PIN, tries_left};

/// The window in which Chromium asks for a PIN.
const PROMPT: &str = "Unlock Security Device";

/// Opens the page while somebody types these PINs.
fn open(
    stage: &Stage,
    browser: &Browser,
    display: &Display,
    site: &TlsSite,
    pins: &[&str],
) -> Result {
    thread::scope(|scope| {
        let opening = scope.spawn(|| browser.open(&site.address()));
        let mut answered = Vec::new();
        for pin in pins {
            let window = display.window(&stage.folder, PROMPT, &answered)?;
            display.type_into(&stage.folder, &window, pin)?;
            answered.push(window);
        }
        opening
            .join()
            .map_err(|_| unexpected("the browser's thread ended early"))?
    })
}

fn is_let_in_until_revoked(profile: Profile) -> Result {
    let stage = Stage::enrolled(profile)?;
    let mut site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let display = Display::start(&stage.folder)?;
    let browser =
        Browser::start_in_window(&stage.folder, site.certificate(), &display, &stage.module)?;
    let all = tries_left(&stage)?;

    open(&stage, &browser, &display, &site, &[WRONG_PIN, PIN])?;
    let page = browser.text()?;
    assert!(page.contains("welcome"), "{page}");
    assert!(page.contains("CN=Alice Example"), "{page}");
    stage.module.was_used()?;
    assert_eq!(tries_left(&stage)?, all);

    // Once for all connections.
    open(&stage, &browser, &display, &site, &[])?;
    assert!(browser.text()?.contains("welcome"));

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    site.refresh(&stage.folder)?;
    open(&stage, &browser, &display, &site, &[])?;
    let page = browser.text()?;
    assert!(page.contains("The SSL certificate error"), "{page}");
    stage.module.was_used()
}

#[test]
fn chromium_is_let_in_with_an_rsa_key_until_revoked() -> Result {
    is_let_in_until_revoked(Profile::Standard)
}

#[test]
fn chromium_is_let_in_with_an_ec_key_until_revoked() -> Result {
    is_let_in_until_revoked(Profile::Compact)
}
