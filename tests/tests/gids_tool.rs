//! OpenSC on a phone that is a GIDS card: `gids-tool` makes one of a blank card, `pkcs15-init` and `pkcs11-tool` write to it
//! and use it.

use std::fs;
use std::path::{Path, PathBuf};

use rig::folder::Folder;
use rig::openssl::{certificate_for, openssl};
use rig::pcscd::READER;
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN, PIN as ENROLLED_PIN, Phone};
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::{Desk, FreshCard, Stage};
use rig::system::System;
use rig::{Result, unexpected};

const PIN: &str = "correct horse";
const NEW_PIN: &str = "2468";
const ADMINISTRATOR_KEY: &str = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7";
const NEW_ADMINISTRATOR_KEY: &str = "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7";
/// What OpenSC calls the key of the first container, whatever it was called when it was made.
const FIRST: &str = "00";
const SERIAL: &str = "00112233445566778899AABBCCDDEEFF";

/// DigestInfo of SHA-256 up to the hash (RFC 8017, 9.2, note 1).
const SHA256_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// A card that its holder made a GIDS card, at a reader.
fn gids_card(system: System, choice: &[&str]) -> Result<FreshCard> {
    let folder = Folder::for_test()?;
    let desk = Desk::of_system(system, &folder, READER)?;
    let mut phone = Phone::at(folder.join("phone"));
    choose(&folder, &phone, choice)?;
    desk.hold(&folder, &mut phone)?;
    Ok(FreshCard {
        phone,
        desk,
        folder,
    })
}

fn choose(folder: &Folder, phone: &Phone, choice: &[&str]) -> Result {
    folder
        .program(folder.binaries().tapcard_phone()?)
        .arg("card-edge")
        .args(choice)
        .arg("--state")
        .arg(phone.state())
        // A new card does not ask for it.
        .env("TAPCARD_PRESENT_PIN", ENROLLED_PIN)
        .succeed()?;
    Ok(())
}

fn gids_tool(card: &FreshCard) -> Program {
    card.desk.client(&card.folder, "gids-tool")
}

fn pkcs15_init(card: &FreshCard) -> Program {
    card.desk.client(&card.folder, "pkcs15-init").args([
        "--verify-pin",
        "--auth-id",
        "80",
        "--pin",
        PIN,
    ])
}

fn pkcs15_tool(card: &FreshCard) -> Program {
    card.desk.client(&card.folder, "pkcs15-tool")
}

/// pkcs11-tool with OpenSC's module, its default.
fn pkcs11_tool(card: &FreshCard, pin: &str) -> Program {
    card.desk
        .client(&card.folder, "pkcs11-tool")
        .args(["--login", "--pin", pin])
}

/// A blank card that gids-tool has made.
fn made_card(system: System) -> Result<FreshCard> {
    let card = gids_card(system, &["gids", "--blank"])?;
    gids_tool(&card)
        .args(["--initialize", "--pin", PIN])
        .args(["--admin-key", ADMINISTRATOR_KEY])
        .args(["--serial-number", SERIAL])
        .succeed()?;
    Ok(card)
}

/// The public half of the card's only key pair, as PEM.
fn public_key(card: &FreshCard, id: &str) -> Result<PathBuf> {
    let path = card.folder.join(&format!("{id}.pub"));
    let shown = pkcs15_tool(card)
        .args(["--read-public-key", id])
        .succeed()?;
    fs::write(&path, shown.stdout).map_err(|error| unexpected(error.to_string()))?;
    Ok(path)
}

/// Makes the first key. What it is called makes no difference, but must not be what OpenSC calls an empty container.
fn make_key(card: &FreshCard) -> Result<PathBuf> {
    pkcs11_tool(card, PIN)
        .args(["--keypairgen", "--key-type", "rsa:2048", "--id", "07"])
        .args(["--label", "first key"])
        .succeed()?;
    public_key(card, FIRST)
}

#[test]
fn a_blank_card_is_made_and_listed() -> Result {
    System::each(|system| {
        let card = made_card(system)?;
        gids_tool(&card).succeed()?.saying(&[
            "Found 5 entries in the masterfile",
            "mscp\\cmapfile",
            "no container found",
        ])?;
        pkcs15_tool(&card)
            .args(["--list-info"])
            .succeed()?
            .saying(&["00112233445566778899aabbccddeeff"])?;
        // It is made once.
        gids_tool(&card)
            .args(["--initialize", "--pin", NEW_PIN])
            .args(["--admin-key", NEW_ADMINISTRATOR_KEY])
            .args(["--serial-number", SERIAL])
            .run()?
            .saying(&["SC_CARDCTL_GIDS_INITIALIZE"])?;
        pkcs11_tool(&card, PIN).arg("--list-objects").succeed()?;
        Ok(())
    })
}

#[test]
fn keys_are_made_certified_used_and_deleted() -> Result {
    System::each(|system| {
        let card = made_card(system)?;
        let folder = &card.folder;
        let key = make_key(&card)?;
        let certificate = certificate_for(folder, &key, "gids")?;
        pkcs15_init(&card)
            .args(["--store-certificate"])
            .arg(&certificate)
            .args(["--id", FIRST])
            .succeed()?;
        pkcs15_tool(&card)
            .args(["--list-certificates"])
            .succeed()?
            .saying(&["X.509 Certificate"])?;
        let read = pkcs15_tool(&card)
            .args(["--read-certificate", FIRST])
            .succeed()?;
        let written = openssl(folder)?
            .args(["x509", "-in"])
            .arg(&certificate)
            .succeed()?;
        assert_eq!(read.text().trim(), written.text().trim());
        gids_tool(&card)
            .succeed()?
            .saying(&["Valid container", "signature + decryption"])?;

        sign_and_decrypt(&card, PIN, FIRST, &key)?;

        pkcs15_init(&card)
            .args(["--delete-objects", "privkey,pubkey,cert", "--id", FIRST])
            .succeed()?;
        // OpenSC goes on to show an empty container as a key; gids-tool knows better, and so does the card.
        gids_tool(&card).succeed()?.saying(&["Empty container"])?;
        let status = card.phone.status(folder)?;
        assert_eq!(status["gids"]["keys"], serde_json::json!([]), "{status}");
        // and its place is free for another.
        make_key(&card)?;
        Ok(())
    })
}

/// Signs a message, and a DigestInfo of the host's making. OpenSC 0.23 offers nothing else for GIDS cards: no
/// PSS and no raw RSA.
fn sign(card: &FreshCard, pin: &str, id: &str, key: &Path) -> Result {
    let folder = &card.folder;
    let message = folder.write("message", "signed through OpenSC")?;
    let hash = openssl(folder)?
        .args(["dgst", "-sha256", "-binary"])
        .arg(&message)
        .succeed()?;
    let info = folder.write("info", [&SHA256_INFO[..], &hash.stdout].concat())?;
    for (mechanism, input) in [("SHA256-RSA-PKCS", &message), ("RSA-PKCS", &info)] {
        let signature = folder.join(&format!("{mechanism}.sig"));
        pkcs11_tool(card, pin)
            .args(["--sign", "--id", id, "--mechanism", mechanism])
            .arg("--input-file")
            .arg(input)
            .arg("--output-file")
            .arg(&signature)
            .succeed()?;
        openssl(folder)?
            .args(["dgst", "-sha256", "-verify"])
            .arg(key)
            .arg("-signature")
            .arg(&signature)
            .arg(&message)
            .succeed()?;
    }
    Ok(())
}

fn sign_and_decrypt(card: &FreshCard, pin: &str, id: &str, key: &Path) -> Result {
    sign(card, pin, id, key)?;
    let folder = &card.folder;
    let message = folder.join("message");
    let encrypted = folder.join("encrypted");
    openssl(folder)?
        .args(["pkeyutl", "-encrypt", "-pubin", "-inkey"])
        .arg(key)
        .arg("-in")
        .arg(&message)
        .arg("-out")
        .arg(&encrypted)
        .succeed()?;
    let decrypted = folder.join("decrypted");
    pkcs11_tool(card, pin)
        .args(["--decrypt", "--id", id, "--mechanism", "RSA-PKCS"])
        .arg("--input-file")
        .arg(&encrypted)
        .arg("--output-file")
        .arg(&decrypted)
        .succeed()?;
    assert_eq!(
        fs::read(&decrypted).unwrap_or_default(),
        b"signed through OpenSC"
    );
    Ok(())
}

#[test]
fn a_key_from_outside_is_stored_and_signs() -> Result {
    System::each(|system| {
        let card = made_card(system)?;
        let folder = &card.folder;
        let (private, public) = (folder.join("outside.key"), folder.join("outside.pub"));
        openssl(folder)?
            .args([
                "genpkey",
                "-algorithm",
                "RSA",
                "-pkeyopt",
                "rsa_keygen_bits:2048",
                "-out",
            ])
            .arg(&private)
            .succeed()?;
        openssl(folder)?
            .args(["pkey", "-pubout", "-in"])
            .arg(&private)
            .arg("-out")
            .arg(&public)
            .succeed()?;
        pkcs15_init(&card)
            .arg("--store-private-key")
            .arg(&private)
            .args(["--id", FIRST, "--key-usage", "sign,decrypt"])
            .succeed()?;
        sign_and_decrypt(&card, PIN, FIRST, &public)
    })
}

#[test]
fn the_pin_is_changed_blocked_and_unblocked_by_the_administrator() -> Result {
    System::each(|system| {
        let card = made_card(system)?;
        pkcs15_tool(&card)
            .args(["--change-pin", "--auth-id", "80"])
            .args(["--pin", PIN, "--new-pin", NEW_PIN])
            .succeed()?;
        pkcs11_tool(&card, PIN).arg("--list-objects").fail()?;
        pkcs11_tool(&card, NEW_PIN)
            .arg("--list-objects")
            .succeed()?;
        for _ in 0..5 {
            pkcs11_tool(&card, "wrong").arg("--list-objects").fail()?;
        }
        let status = card.phone.status(&card.folder)?;
        assert_eq!(status["pin"]["left"], 0, "{status}");
        pkcs11_tool(&card, NEW_PIN).arg("--list-objects").fail()?;
        // Another key than the administrator's unblocks nothing.
        gids_tool(&card)
            .args(["--unblock", "--pin", PIN])
            .args(["--admin-key", NEW_ADMINISTRATOR_KEY])
            .run()?;
        pkcs11_tool(&card, PIN).arg("--list-objects").fail()?;
        gids_tool(&card)
            .args(["--unblock", "--pin", PIN])
            .args(["--admin-key", ADMINISTRATOR_KEY])
            .succeed()?
            .saying(&["Unblock PIN done successfully"])?;
        pkcs11_tool(&card, PIN).arg("--list-objects").succeed()?;
        Ok(())
    })
}

#[test]
fn the_administrator_key_is_changed_by_whoever_knows_it() -> Result {
    System::each(|system| {
        let card = made_card(system)?;
        gids_tool(&card)
            .arg("--change-admin-key")
            .args(["--admin-key", ADMINISTRATOR_KEY])
            .args(["--new-admin-key", NEW_ADMINISTRATOR_KEY])
            .succeed()?;
        for (key, is_known) in [(ADMINISTRATOR_KEY, false), (NEW_ADMINISTRATOR_KEY, true)] {
            let outcome = gids_tool(&card)
                .args(["--unblock", "--pin", NEW_PIN, "--admin-key", key])
                .run()?;
            let is_unblocked = outcome.all_text().contains("Unblock PIN done successfully");
            assert_eq!(is_unblocked, is_known, "{}", outcome.all_text());
        }
        pkcs11_tool(&card, NEW_PIN)
            .arg("--list-objects")
            .succeed()?;
        Ok(())
    })
}

#[test]
fn a_card_that_the_phone_made_has_its_pin_and_the_default_administrator_key() -> Result {
    System::each(|system| {
        let card = gids_card(system, &["gids"])?;
        pkcs11_tool(&card, DEFAULT_PIN)
            .arg("--list-objects")
            .succeed()?;
        gids_tool(&card)
            .args(["--unblock", "--pin", NEW_PIN])
            .args(["--admin-key", DEFAULT_MANAGEMENT_KEY])
            .succeed()?
            .saying(&["Unblock PIN done successfully"])?;
        pkcs11_tool(&card, NEW_PIN)
            .arg("--list-objects")
            .succeed()?;
        Ok(())
    })
}

#[test]
fn an_enrolled_phone_is_enrolled_for_gids_too() -> Result {
    let mut stage = Stage::enrolled(Profile::Standard)?;
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)?;
    choose(&stage.folder, &stage.phone, &["gids"])?;
    stage.desk.hold(&stage.folder, &mut stage.phone)?;
    let card = FreshCard {
        phone: stage.phone,
        desk: stage.desk,
        folder: stage.folder,
    };
    let folder = &card.folder;
    // 9A and 9D are RSA keys: 9A is the default container.
    gids_tool(&card).succeed()?.saying(&[
        "Valid container,Default container",
        "wKeyExchangeKeySizeBits: 2048",
        "kxc00",
        "kxc01",
    ])?;
    let certificate = pkcs15_tool(&card)
        .args(["--read-certificate", FIRST])
        .succeed()?;
    let certificate = folder.write("9A.pem", certificate.stdout)?;
    openssl(folder)?
        .args(["x509", "-noout", "-subject", "-in"])
        .arg(&certificate)
        .succeed()?
        .saying(&["Alice Example"])?;
    let key = folder.join("9A.pub");
    openssl(folder)?
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(&certificate)
        .arg("-out")
        .arg(&key)
        .succeed()?;
    sign(&card, ENROLLED_PIN, FIRST, &key)?;
    // Over GIDS the key is used, and not deleted.
    card.desk
        .client(folder, "pkcs15-init")
        .args(["--verify-pin", "--auth-id", "80", "--pin", ENROLLED_PIN])
        .args(["--delete-objects", "privkey", "--id", FIRST])
        .run()?;
    sign(&card, ENROLLED_PIN, FIRST, &key)
}
