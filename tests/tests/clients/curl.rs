//! Debian 13's curl, whose OpenSSL takes keys from the card by its pkcs11-provider, at a site that wants a certificate.

use rig::Result;
use rig::folder::Folder;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::system::System;
use rig::tls_site::{Revocation, TlsSite};

fn is_let_in(profile: Profile) -> Result {
    let [_, debian_13] = System::all(&Folder::silent()?)?;
    let stage = &Stage::of_system(debian_13, profile)?;
    let site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let pin = stage.folder.write("curl-pin", PIN)?;
    let key = format!(
        "pkcs11:id=%01;type=private?pin-source=file:{}",
        pin.display()
    );
    for (option, version) in [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")] {
        stage
            .module
            .program(&stage.folder, "curl")
            // curl loads the provider without OpenSSL's configuration; it would take what p11-kit knows.
            .env("PKCS11_PROVIDER_MODULE", stage.module.path())
            .args(["-sS", "--fail-with-body", "--max-time", "20"])
            .args(["--cert-type", "PROV", "--key-type", "PROV"])
            .args(["--tls-max", option, "--cacert"])
            .arg(site.certificate())
            .args(["--cert", "pkcs11:id=%01;type=cert"])
            .args(["--key", &key])
            .arg(site.address())
            .succeed()?
            .saying(&["welcome", "CN=Alice Example", version])?;
        stage.module.was_used()?;
    }
    Ok(())
}

#[test]
fn curl_is_let_in_with_an_rsa_key_by_the_provider() -> Result {
    is_let_in(Profile::Standard)
}

#[test]
fn curl_is_let_in_with_an_ec_key_by_the_provider() -> Result {
    is_let_in(Profile::Compact)
}
