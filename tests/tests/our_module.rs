//! Programs that take a PKCS#11 module, with ours: OpenSC's own tests of one, ssh-keygen, GnuTLS' p11tool and OpenSSL's
//! pkcs11-provider, in Debian 12's and in Debian 13's version.

use std::fs;
use std::path::PathBuf;

use rig::folder::Folder;
use rig::openssl::openssl;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::{HOLDER, Stage};
use rig::system::System;
use rig::{Result, unexpected};

/// What is signed, and decrypted.
const MESSAGE: &str = "what Alice has signed";

/// Where Debian has OpenSSL's provider.
const PROVIDER: &str = "/usr/lib/x86_64-linux-gnu/ossl-modules/pkcs11.so";

#[test]
fn pkcs11_tool_tests_the_module() -> Result {
    for profile in [Profile::Standard, Profile::Compact] {
        Stage::with_each_system(profile, |stage| {
            let tool = stage.module.pkcs11_tool(&stage.folder);
            let outcome = tool.args(["--login", "--pin", PIN, "--test"]).run()?;
            let told = outcome.all_text();
            println!("{told}");
            if !told.contains("No errors") {
                return Err(unexpected(format!("pkcs11-tool --test found:\n{told}")));
            }
            stage.module.was_used()
        })?;
    }
    Ok(())
}

#[test]
fn ssh_keygen_lists_the_keys() -> Result {
    Stage::with_each_system(Profile::Standard, |stage| {
        let listed = stage
            .module
            .program(&stage.folder, "ssh-keygen")
            .arg("-D")
            .arg(stage.module.path())
            .succeed()?
            .text();
        for (kind, count) in [("ssh-rsa ", 2), ("ecdsa-sha2-nistp256 ", 2)] {
            let keys = listed.lines().filter(|line| line.starts_with(kind));
            assert_eq!(keys.count(), count, "{listed}");
        }
        stage.module.was_used()
    })
}

#[test]
fn p11tool_lists_the_token_and_signs() -> Result {
    Stage::with_each_system(Profile::Standard, |stage| {
        let tool = || {
            stage
                .module
                .program(&stage.folder, "p11tool")
                .env("GNUTLS_PIN", PIN)
                .arg("--provider")
                .arg(stage.module.path())
        };
        tool()
            .arg("--list-tokens")
            .succeed()?
            .saying(&["Tapcard", HOLDER])?;
        tool()
            .args(["--login", "--list-all", "pkcs11:"])
            .succeed()?
            .saying(&["PIV Authentication", "Private key", "X.509 Certificate"])?;
        for id in ["%01", "%02"] {
            // It signs with the private key and verifies with the public one.
            tool()
                .args(["--login", "--test-sign"])
                .arg(format!("pkcs11:id={id};type=private"))
                .succeed()?;
        }
        stage.module.was_used()
    })
}

/// OpenSSL with the provider, for programs of Debian 13: Debian 12 has none.
fn openssl_with_provider(stage: &Stage) -> Result<Program> {
    let pin = stage.folder.write("provider-pin", PIN)?;
    let configuration = stage.folder.write(
        "provider.cnf",
        format!(
            "openssl_conf = init\n[init]\nproviders = both\n[both]\ndefault = built_in\npkcs11 = module\n\
             [built_in]\nactivate = 1\n[module]\nmodule = {PROVIDER}\npkcs11-module-path = {}\n\
             pkcs11-module-token-pin = file:{}\nactivate = 1\n",
            stage.module.path().display(),
            pin.display(),
        ),
    )?;
    let program = stage.module.program(&stage.folder, "openssl");
    Ok(program.env("OPENSSL_CONF", configuration))
}

fn stage_of_debian_13(profile: Profile) -> Result<Stage> {
    let [_, debian_13] = System::all(&Folder::silent()?)?;
    Stage::of_system(debian_13, profile)
}

/// The public key of a certificate on the card, as PEM.
fn public_key(stage: &Stage, id: &str) -> Result<PathBuf> {
    let certificate = stage.module.certificate(&stage.folder, id)?;
    let key = openssl(&stage.folder)?
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(certificate)
        .succeed()?;
    stage.folder.write(&format!("{id}.pub"), key.stdout)
}

fn private_key(id: &str) -> String {
    format!("pkcs11:id=%{id};type=private")
}

#[test]
fn openssl_signs_and_decrypts_by_its_provider() -> Result {
    let stage = &stage_of_debian_13(Profile::Standard)?;
    let message = &stage.folder.write("message", MESSAGE)?;
    for id in ["01", "02"] {
        let signature = stage.folder.join("signature");
        openssl_with_provider(stage)?
            .args(["dgst", "-sha256", "-sign", &private_key(id), "-out"])
            .arg(&signature)
            .arg(message)
            .succeed()?;
        openssl(&stage.folder)?
            .args(["dgst", "-sha256", "-verify"])
            .arg(public_key(stage, id)?)
            .arg("-signature")
            .arg(&signature)
            .arg(message)
            .succeed()?;
    }
    let secret = stage.folder.join("secret");
    openssl(&stage.folder)?
        .args(["pkeyutl", "-encrypt", "-pubin", "-inkey"])
        .arg(public_key(stage, "03")?)
        .arg("-in")
        .arg(message)
        .arg("-out")
        .arg(&secret)
        .succeed()?;
    let plain = openssl_with_provider(stage)?
        .args(["pkeyutl", "-decrypt", "-inkey", &private_key("03"), "-in"])
        .arg(&secret)
        .succeed()?;
    assert_eq!(plain.text(), MESSAGE);
    stage.module.was_used()
}

#[test]
fn openssl_agrees_on_a_secret_by_its_provider() -> Result {
    let stage = &stage_of_debian_13(Profile::Compact)?;
    let (own, public) = (stage.folder.join("own.pem"), stage.folder.join("own.pub"));
    openssl(&stage.folder)?
        .args(["genpkey", "-algorithm", "EC"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256", "-out"])
        .arg(&own)
        .succeed()?;
    openssl(&stage.folder)?
        .args(["pkey", "-pubout", "-in"])
        .arg(&own)
        .arg("-out")
        .arg(&public)
        .succeed()?;
    let agreed = stage.folder.join("agreed");
    openssl_with_provider(stage)?
        .args(["pkeyutl", "-derive", "-inkey", &private_key("03")])
        .arg("-peerkey")
        .arg(&public)
        .arg("-out")
        .arg(&agreed)
        .succeed()?;
    let expected = openssl(&stage.folder)?
        .args(["pkeyutl", "-derive", "-inkey"])
        .arg(&own)
        .arg("-peerkey")
        .arg(public_key(stage, "03")?)
        .succeed()?;
    assert_eq!(fs::read(&agreed).unwrap_or_default(), expected.stdout);
    stage.module.was_used()
}
