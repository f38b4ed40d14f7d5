//! Firefox ESR visits a site that wants a client certificate: over TLS 1.3 and 1.2, with a wrong PIN, and revoked.

use rig::Result;
use rig::firefox::{Firefox, TlsVersion};
use rig::own_etc::OwnEtc;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};

use crate::{WRONG_PIN, tries_left};

fn is_let_in_until_revoked(profile: Profile) -> Result {
    let stage = Stage::enrolled(profile)?;
    let mut site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let firefox = Firefox::start(&stage.folder, &stage.module, site.certificate())?;
    let all = tries_left(&stage)?;

    // One mistake, and no PIN after it: no certificate, and one try less.
    firefox.speak(TlsVersion::Tls13)?;
    firefox.will_answer(&[WRONG_PIN])?;
    firefox.open_until(&site.address(), "No required SSL certificate was sent")?;
    stage.module.was_used()?;
    assert_eq!(firefox.prompts()?.len(), 2);
    assert_eq!(tries_left(&stage)?, all - 1);

    // The same mistake again costs nothing, and the right PIN is asked for and taken.
    firefox.will_answer(&[WRONG_PIN, PIN])?;
    let page = firefox.open_until(&site.address(), "welcome")?;
    assert!(page.contains("CN=Alice Example"), "{page}");
    assert!(page.contains("TLSv1.3"), "{page}");
    let prompts = firefox.prompts()?;
    assert_eq!(prompts.len(), 2, "{prompts:?}");
    assert!(prompts.iter().all(|one| one.contains("Alice Example")));
    assert_eq!(tries_left(&stage)?, all);
    // Of the four certificates one is for TLS clients.
    let offered = firefox.offered()?;
    assert_eq!(offered.len(), 1, "{offered:?}");

    // Once for all connections.
    firefox.speak(TlsVersion::Tls12)?;
    let page = firefox.open_until(&site.address(), "welcome")?;
    assert!(page.contains("TLSv1.2"), "{page}");
    assert!(firefox.prompts()?.is_empty());

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    site.refresh(&stage.folder)?;
    firefox.open_until(&site.address(), "The SSL certificate error")?;
    stage.module.was_used()
}

#[test]
fn firefox_is_let_in_with_an_rsa_key_until_revoked() -> Result {
    is_let_in_until_revoked(Profile::Standard)
}

#[test]
fn firefox_is_let_in_with_an_ec_key_until_revoked() -> Result {
    is_let_in_until_revoked(Profile::Compact)
}

#[test]
fn firefox_is_let_in_by_the_policy_that_root_sets_up() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let folder = &stage.folder;
    let site = TlsSite::start(folder, &stage.office.server, Revocation::Crl)?;
    let etc = OwnEtc::copy(folder)?;
    etc.setup(folder, &["firefox", "--apply"])?.succeed()?;
    let driver = etc
        .program(folder, &Firefox::driver()?.to_string_lossy())?
        .envs(stage.module.environment());
    let firefox = Firefox::start_as_installed(driver, folder)?;
    firefox.will_answer(&[PIN])?;
    let page = firefox.open_until(&site.address(), "welcome")?;
    assert!(page.contains("CN=Alice Example"), "{page}");
    stage.module.was_used()
}
