//! curl and GnuTLS fetch a page with the card; nginx learns of the revocation from the CRL or by OCSP.

use rig::Result;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};

/// CKA_ID of 9A.
const AUTHENTICATION: &str = "01";

fn is_let_in_until_revoked(profile: Profile, revocation: Revocation) -> Result {
    let stage = Stage::enrolled(profile)?;
    let mut site = TlsSite::start(&stage.folder, &stage.office.server, revocation)?;
    let visit = |site: &TlsSite| site.visit(&stage.folder, &stage.module, AUTHENTICATION, PIN);

    visit(&site)?
        .succeed()?
        .saying(&["welcome", "CN=Alice Example"])?;
    stage.module.was_used()?;
    site.visit_without_certificate(&stage.folder)
        .fail()?
        .saying(&["No required SSL certificate was sent"])?;

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    site.refresh(&stage.folder)?;
    visit(&site)?
        .fail()?
        .saying(&["The SSL certificate error"])?;
    stage.module.was_used()
}

#[test]
fn an_rsa_key_is_let_in_until_the_crl_names_it() -> Result {
    is_let_in_until_revoked(Profile::Standard, Revocation::Crl)
}

#[test]
fn an_ec_key_is_let_in_until_ocsp_says_revoked() -> Result {
    is_let_in_until_revoked(Profile::Compact, Revocation::Ocsp)
}
