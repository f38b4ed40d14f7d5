//! Java by its SunPKCS11 provider: keytool, jarsigner, and a program that signs, decrypts, agrees on a secret and speaks TLS.

use std::path::PathBuf;

use rig::Result;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};

use crate::{WRONG_PIN, tries_left};

const PROGRAM: &str = include_str!("Card.java");

/// The provider's configuration.
fn configuration(stage: &Stage) -> Result<PathBuf> {
    let library = stage.module.path().display();
    stage.folder.write(
        "pkcs11.cfg",
        format!("name = Tapcard\nlibrary = {library}\nslotListIndex = 0\n"),
    )
}

/// A program of Java's that takes a key store, with the card as that.
fn with_card(stage: &Stage, program: &str, pin: &str) -> Result<Program> {
    Ok(stage
        .module
        .program(&stage.folder, program)
        .env("PIN", pin)
        .args(["-keystore", "NONE", "-storetype", "PKCS11"])
        .args(["-storepass:env", "PIN", "-addprovider", "SunPKCS11"])
        .arg("-providerArg")
        .arg(configuration(stage)?))
}

fn lists_and_signs_a_jar(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let all = tries_left(stage)?;
    with_card(stage, "keytool", WRONG_PIN)?
        .arg("-list")
        .fail()?;
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()?;
    with_card(stage, "keytool", PIN)?
        .arg("-list")
        .succeed()?
        .saying(&[
            "4 entries",
            "PIV Authentication, PrivateKeyEntry",
            "Key Management, PrivateKeyEntry",
        ])?;
    assert_eq!(tries_left(stage)?, all);

    let (content, jar, signed) = (
        stage.folder.write("content.txt", "what Alice has signed")?,
        stage.folder.join("plain.jar"),
        stage.folder.join("signed.jar"),
    );
    stage
        .folder
        .program("jar")
        .arg("--create")
        .arg("--file")
        .arg(&jar)
        .arg("-C")
        .arg(stage.folder.path())
        .arg(content.file_name().unwrap_or_default())
        .succeed()?;
    for key in ["PIV Authentication", "Digital Signature"] {
        with_card(stage, "jarsigner", PIN)?
            .arg("-signedjar")
            .arg(&signed)
            .arg(&jar)
            .arg(key)
            .succeed()?
            .saying(&["jar signed"])?;
        stage.module.was_used()?;
        stage
            .folder
            .program("jarsigner")
            .args(["-verify", "-verbose", "-certs"])
            .arg(&signed)
            .succeed()?
            .saying(&["jar verified", "CN=Alice Example"])?;
    }
    Ok(())
}

#[test]
fn keytool_lists_and_jarsigner_signs_with_an_rsa_key() -> Result {
    lists_and_signs_a_jar(Profile::Standard)
}

#[test]
fn keytool_lists_and_jarsigner_signs_with_an_ec_key() -> Result {
    lists_and_signs_a_jar(Profile::Compact)
}

fn works_with_the_card(profile: Profile, words: &[&str]) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let program = stage.folder.write("Card.java", PROGRAM)?;
    stage
        .module
        .program(&stage.folder, "java")
        .env("PIN", PIN)
        .arg(program)
        .arg(configuration(stage)?)
        .arg(site.address())
        .arg(site.certificate())
        .succeed()?
        .saying(words)?
        .saying(&["welcome", "CN=Alice Example", "TLSv1.2", "TLSv1.3"])?;
    stage.module.was_used()
}

#[test]
fn a_program_works_with_rsa_keys() -> Result {
    works_with_the_card(
        Profile::Standard,
        &[
            "SHA256withRSA: good",
            "SHA512withRSA: good",
            "RSASSA-PSS: good",
            "RSA/ECB/PKCS1Padding: good",
        ],
    )
}

#[test]
fn a_program_works_with_ec_keys() -> Result {
    works_with_the_card(
        Profile::Compact,
        &[
            "SHA256withECDSA: good",
            "SHA384withECDSA: good",
            "ECDH: good",
        ],
    )
}
