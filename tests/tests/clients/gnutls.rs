//! GnuTLS' client at a site that wants a certificate, over TLS 1.2 and 1.3, in Debian 12's and in Debian 13's version.

use rig::Result;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};

use crate::{WRONG_PIN, tries_left};

fn visit(stage: &Stage, site: &TlsSite, version: &str, pin: &str) -> Program {
    let key = "pkcs11:id=%01";
    stage
        .module
        .program(&stage.folder, "gnutls-cli")
        .env("GNUTLS_PIN", pin)
        .arg("--provider")
        .arg(stage.module.path())
        .arg("--x509cafile")
        .arg(site.certificate())
        .arg(format!("--x509certfile={key};type=cert"))
        .arg(format!("--x509keyfile={key};type=private"))
        .arg(format!("--priority=NORMAL:-VERS-ALL:+VERS-TLS{version}"))
        .arg(format!("--port={}", site.port()))
        .arg("localhost")
        .input("GET / HTTP/1.0\r\n\r\n")
}

fn is_let_in(profile: Profile) -> Result {
    Stage::with_each_system(profile, |stage| {
        let site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
        for version in ["1.2", "1.3"] {
            visit(stage, &site, version, PIN).succeed()?.saying(&[
                "welcome",
                "CN=Alice Example",
                &format!("TLSv{version}"),
            ])?;
            stage.module.was_used()?;
        }
        let all = tries_left(stage)?;
        visit(stage, &site, "1.3", WRONG_PIN).fail()?;
        assert_eq!(tries_left(stage)?, all - 1);
        stage.module.was_used()
    })
}

#[test]
fn gnutls_cli_is_let_in_with_an_rsa_key() -> Result {
    is_let_in(Profile::Standard)
}

#[test]
fn gnutls_cli_is_let_in_with_an_ec_key() -> Result {
    is_let_in(Profile::Compact)
}
