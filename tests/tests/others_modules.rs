//! The PKCS#11 modules and tools that others wrote run their own tests of a card against the phone: OpenSC's and
//! Yubico's, in Debian 12's and in Debian 13's version.

use rig::openssl::certificate_for;
use rig::pcscd::YUBICO_READER;
use rig::phone::DEFAULT_PIN;
use rig::program::Program;
use rig::stage::FreshCard;
use rig::{Result, unexpected};

/// Where Debian has ykcs11.
const YKCS11: &str = "/usr/lib/x86_64-linux-gnu/libykcs11.so.2";

fn tool(card: &FreshCard) -> Program {
    card.desk
        .client(&card.folder, "yubico-piv-tool")
        .args(["--reader", "Virtual"])
}

/// Keys of three kinds in the places that modules show, each with a certificate.
fn personalise(card: &FreshCard) -> Result {
    for (slot, algorithm) in [("9a", "RSA2048"), ("9c", "ECCP256"), ("9d", "RSA2048")] {
        let public = card.folder.join(&format!("{slot}.pub"));
        tool(card)
            .args(["--action", "generate", "--slot", slot])
            .args(["--algorithm", algorithm, "--output"])
            .arg(&public)
            .succeed()?;
        let certificate = certificate_for(&card.folder, &public, slot)?;
        tool(card)
            .args(["--action", "import-certificate", "--slot", slot, "--input"])
            .arg(&certificate)
            .succeed()?;
    }
    Ok(())
}

fn pkcs11_tool(card: &FreshCard, module: Option<&str>) -> Program {
    let tool = card.desk.client(&card.folder, "pkcs11-tool");
    match module {
        Some(module) => tool.args(["--module", module]),
        None => tool,
    }
}

/// pkcs11-tool's own tests: digests, signatures, verification, decryption, each with each key.
fn test_of(card: &FreshCard, module: Option<&str>) -> Result {
    let outcome = pkcs11_tool(card, module)
        .args(["--login", "--pin", DEFAULT_PIN, "--test"])
        .run()?;
    let told = outcome.all_text();
    println!("{told}");
    if !told.contains("No errors") {
        return Err(unexpected(format!("pkcs11-tool --test found:\n{told}")));
    }
    Ok(())
}

#[test]
fn opensc_tests_the_card() -> Result {
    FreshCard::with_each_system(|card| {
        personalise(card)?;
        test_of(card, None)
    })
}

#[test]
fn ykcs11_tests_the_card() -> Result {
    FreshCard::with_each_system_at(YUBICO_READER, |card| {
        personalise(card)?;
        test_of(card, Some(YKCS11))
    })
}

#[test]
fn pkcs15_tool_shows_and_verifies() -> Result {
    FreshCard::with_each_system(|card| {
        personalise(card)?;
        let pkcs15 = || card.desk.client(&card.folder, "pkcs15-tool");
        pkcs15().arg("--dump").succeed()?.saying(&[
            "PIV AUTH key",
            "SIGN key",
            "KEY MAN key",
            "Certificate for PIV Authentication",
        ])?;
        pkcs15()
            .args(["--read-certificate", "01"])
            .succeed()?
            .saying(&["BEGIN CERTIFICATE"])?;
        pkcs15()
            .args(["--verify-pin", "--auth-id", "01", "--pin", DEFAULT_PIN])
            .succeed()?;
        pkcs15()
            .args(["--change-pin", "--auth-id", "01"])
            .args(["--pin", DEFAULT_PIN, "--new-pin", "246802"])
            .succeed()?;
        pkcs15()
            .args(["--verify-pin", "--auth-id", "01", "--pin", DEFAULT_PIN])
            .fail()?;
        Ok(())
    })
}
