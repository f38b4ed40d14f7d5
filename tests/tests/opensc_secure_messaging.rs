//! OpenSC with PIV secure messaging at a phone that is strict over NFC: PIN and signatures cross the air through the
//! channel, and nothing secret crosses it beside that.

use rig::opensc::pkcs11_tool;
use rig::openssl::{certificate_for, openssl};
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN};
use rig::program::Program;
use rig::stage::FreshCard;
use rig::wire::{Exchange, Mark};
use rig::{Result, unexpected, ykman};

const VERIFY: u8 = 0x20;
const GENERAL_AUTHENTICATE: u8 = 0x87;

/// A key of the card, as OpenSC signs with it.
struct Key {
    slot: &'static str,
    id: &'static str,
    algorithm: &'static str,
    mechanism: &'static str,
}

const RSA: Key = Key {
    slot: "9a",
    id: "01",
    algorithm: "RSA2048",
    mechanism: "SHA256-RSA-PKCS",
};
const P256: Key = Key {
    slot: "9c",
    id: "02",
    algorithm: "ECCP256",
    mechanism: "ECDSA-SHA256",
};
const P384: Key = Key {
    slot: "9c",
    id: "02",
    algorithm: "ECCP384",
    mechanism: "ECDSA-SHA384",
};

/// A card with these keys, made over contacts, at the reader as over NFC and strict now.
fn strict(keys: &[Key]) -> Result<(FreshCard, String)> {
    let mut card = FreshCard::at_reader()?;
    for key in keys {
        let public = card.folder.join(&format!("{}.pub", key.slot));
        ykman::piv(&card)?
            .args(["keys", "generate", "--algorithm", key.algorithm])
            .args(["--management-key", DEFAULT_MANAGEMENT_KEY, key.slot])
            .arg(&public)
            .succeed()?;
        let certificate = certificate_for(&card.folder, &public, key.slot)?;
        ykman::piv(&card)?
            .args(["certificates", "import", key.slot])
            .arg(&certificate)
            .args(["--management-key", DEFAULT_MANAGEMENT_KEY])
            .succeed()?;
    }
    card.folder
        .program(card.folder.binaries().tapcard_phone()?)
        .args(["contactless", "strict", "--state"])
        .arg(card.phone.state())
        .succeed()?;
    tap(&mut card)?;
    let status = card.phone.status(&card.folder)?;
    let code = status.get("pairing_code").and_then(|code| code.as_str());
    let code = code.ok_or_else(|| unexpected(format!("no pairing code: {status}")))?;
    let code = code.to_owned();
    Ok((card, code))
}

/// Takes the phone away and holds it to the reader again, as over NFC. OpenSC learns from the answer to SELECT that a card
/// speaks secure messaging, and sends none where it finds PIV selected: it sends the PIN in clear then, which the card
/// refuses.
fn tap(card: &mut FreshCard) -> Result {
    card.desk
        .hold_over_nfc(&card.folder, &mut card.phone, "848k,0ms")
}

/// OpenSC, with this pairing code.
fn paired(card: &FreshCard, code: &str) -> Result<Program> {
    Ok(pkcs11_tool(card)?
        .env("PIV_USE_SM", "always")
        .env("PIV_PAIRING_CODE", code))
}

/// Signs with OpenSC, and has openssl look at it.
fn sign(card: &FreshCard, code: &str, key: &Key) -> Result {
    let message = card.folder.write("message", "signed through a channel")?;
    let signature = card.folder.join("signature");
    paired(card, code)?
        .args(["--login", "--pin", DEFAULT_PIN, "--sign", "--id", key.id])
        .args(["--mechanism", key.mechanism])
        .args(["--signature-format", "openssl", "--input-file"])
        .arg(&message)
        .arg("--output-file")
        .arg(&signature)
        .succeed()?;
    let hash = match key.mechanism {
        "ECDSA-SHA384" => "-sha384",
        _ => "-sha256",
    };
    openssl(&card.folder)?
        .args(["dgst", hash, "-verify"])
        .arg(card.folder.join(&format!("{}.pub", key.slot)))
        .arg("-signature")
        .arg(&signature)
        .arg(&message)
        .succeed()?;
    Ok(())
}

/// Holds what crossed the wire since then against the rule: what could be a secret went through the channel.
fn check(card: &FreshCard, since: Mark, suite: u8) -> Result<Vec<Exchange>> {
    let exchanges = card.desk.wire.since(since);
    let is_secret = |exchange: &&Exchange| {
        let is_key_establishment =
            exchange
                .header()
                .ends_with(&[GENERAL_AUTHENTICATE, suite, 0x04]);
        !exchange.is_protected()
            && match exchange.instruction() {
                Some(0x20 | 0x24 | 0x2C) => exchange.has_body(),
                Some(GENERAL_AUTHENTICATE) => !is_key_establishment,
                _ => false,
            }
    };
    if let Some(clear) = exchanges.iter().find(is_secret) {
        return Err(unexpected(format!("in clear: {clear:?}")));
    }
    Ok(exchanges)
}

/// How many protected commands of this kind there were.
fn protected(exchanges: &[Exchange], instruction: u8) -> usize {
    exchanges
        .iter()
        .filter(|exchange| exchange.is_protected() && exchange.instruction() == Some(instruction))
        .count()
}

fn signs_through_the_channel(keys: &[Key], suite: u8) -> Result {
    let (mut card, code) = strict(keys)?;
    for key in keys {
        tap(&mut card)?;
        let mark = card.desk.wire.mark();
        sign(&card, &code, key)?;
        let exchanges = check(&card, mark, suite)?;
        // Pairing code and PIN; the signature, an RSA block in two parts.
        assert!(protected(&exchanges, VERIFY) >= 2, "{exchanges:#?}");
        assert!(
            protected(&exchanges, GENERAL_AUTHENTICATE) >= 1,
            "{exchanges:#?}"
        );
    }
    Ok(())
}

#[test]
fn pin_and_signatures_cross_the_air_through_the_channel_of_cs2() -> Result {
    signs_through_the_channel(&[RSA, P256], 0x27)
}

#[test]
fn pin_and_signatures_cross_the_air_through_the_channel_of_cs7() -> Result {
    signs_through_the_channel(&[RSA, P384], 0x2E)
}

#[test]
fn a_wrong_pin_costs_a_try_and_a_wrong_pairing_code_costs_the_card() -> Result {
    let (mut card, code) = strict(&[RSA])?;
    let tries = |card: &FreshCard| -> Result<_> {
        Ok(card.phone.status(&card.folder)?["pin"]["left"].clone())
    };
    let log_in = |card: &FreshCard, code: &str, pin: &str| -> Result<Program> {
        Ok(paired(card, code)?.args(["--login", "--pin", pin, "--list-objects"]))
    };
    let mark = card.desk.wire.mark();
    log_in(&card, &code, "999999")?.fail()?;
    assert_eq!(tries(&card)?, 4);
    let wrong = if code == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    tap(&mut card)?;
    check(&card, mark, 0x27)?;
    // OpenSC says that the card is not there, or tries it in clear: the card compares nothing.
    log_in(&card, wrong, DEFAULT_PIN)?.fail()?;
    assert_eq!(tries(&card)?, 4);
    tap(&mut card)?;
    let mark = card.desk.wire.mark();
    log_in(&card, &code, DEFAULT_PIN)?.succeed()?;
    assert_eq!(tries(&card)?, 5);
    check(&card, mark, 0x27)?;
    Ok(())
}
