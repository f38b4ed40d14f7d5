//! ykman, YubiKey Manager, on a card that nobody has enrolled.

use std::time::Duration;

use rig::module::Module;
use rig::openssl::openssl;
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN, DEFAULT_PUK};
use rig::program::{Outcome, Program};
use rig::stage::FreshCard;
use rig::wait::wait_for;
use rig::ykman;
use rig::{Result, unexpected};

const NEW_PIN: &str = "739154";

const PATIENCE: Duration = Duration::from_secs(20);

/// A management key of this many bytes in hexadecimal, from this one on.
fn key(first: u8, length: u8) -> String {
    (0..length)
        .map(|at| format!("{:02x}", first.wrapping_add(at)))
        .collect()
}

/// That ykman shows these lines, `name: value`, in whatever columns.
fn shows(outcome: &Outcome, lines: &[(&str, &str)]) -> Result {
    let text = outcome.all_text();
    let shown: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect();
    match lines.iter().find(|line| !shown.contains(line)) {
        Some(absent) => Err(unexpected(format!("{absent:?} is not shown: {text}"))),
        None => Ok(()),
    }
}

#[test]
fn debians_own_makes_a_key_and_brings_its_certificate() -> Result {
    FreshCard::with_each_system(|card| {
        let listed = ykman::of_debian(card).args(["list", "--readers"]);
        listed.succeed()?.saying(&["00 00"])?;
        let info = ykman::piv_of_debian(card).arg("info").succeed()?;
        shows(
            &info,
            &[
                ("PIV version", "5.7.0"),
                ("PIN tries remaining", "5/5"),
                ("Management key algorithm", "AES192"),
            ],
        )?;
        ykman::piv_of_debian(card)
            .args(["access", "change-pin", "--pin", DEFAULT_PIN])
            .args(["--new-pin", NEW_PIN])
            .succeed()?;
        let file = |name: &str| card.folder.join(name);
        ykman::piv_of_debian(card)
            .args(["keys", "generate", "--algorithm", "ECCP256"])
            .args(["--management-key", DEFAULT_MANAGEMENT_KEY, "9a"])
            .arg(file("9a.pub"))
            .succeed()?;
        ykman::piv_of_debian(card)
            .args(["certificates", "request", "--pin", NEW_PIN])
            .args(["--subject", "CN=phone", "9a"])
            .args([file("9a.pub"), file("9a.csr")])
            .succeed()?;
        openssl(&card.folder)?
            .args(["req", "-x509", "-nodes", "-newkey", "ec"])
            .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-subj", "/CN=authority", "-keyout"])
            .arg(file("authority.key"))
            .arg("-out")
            .arg(file("authority.pem"))
            .succeed()?;
        openssl(&card.folder)?
            .args(["x509", "-req", "-CAcreateserial", "-in"])
            .arg(file("9a.csr"))
            .arg("-CA")
            .arg(file("authority.pem"))
            .arg("-CAkey")
            .arg(file("authority.key"))
            .arg("-out")
            .arg(file("9a.pem"))
            .succeed()?;
        // It takes the certificate of its own key alone, and signs to see that it is.
        ykman::piv_of_debian(card)
            .args(["certificates", "import", "--verify", "--pin", NEW_PIN])
            .args(["--management-key", DEFAULT_MANAGEMENT_KEY, "9a"])
            .arg(file("9a.pem"))
            .succeed()?;
        ykman::piv_of_debian(card)
            .args(["certificates", "export", "9a"])
            .arg(file("told.pem"))
            .succeed()?;
        let read = |name| std::fs::read_to_string(file(name)).unwrap_or_default();
        let (brought, told) = (read("9a.pem"), read("told.pem"));
        assert!(!told.is_empty() && brought.trim() == told.trim(), "{told}");
        ykman::piv_of_debian(card)
            .arg("info")
            .succeed()?
            .saying(&["CN=phone", "CN=authority"])?;
        Ok(())
    })
}

fn change_management_key(
    card: &FreshCard,
    old: &str,
    algorithm: &str,
    new: &str,
) -> Result<Program> {
    Ok(ykman::piv(card)?
        .args(["access", "change-management-key", "--force"])
        .args(["--management-key", old, "--new-management-key", new])
        .args(["--algorithm", algorithm]))
}

#[test]
fn the_management_key_is_changed_to_each_cipher() -> Result {
    let card = FreshCard::at_reader()?;
    let info = ykman::piv(&card)?.arg("info").succeed()?;
    shows(
        &info,
        &[
            ("PIN tries remaining", "5/5"),
            ("Management key algorithm", "AES192"),
            ("WARNING", "Using default Management key!"),
        ],
    )?;
    let mut old = DEFAULT_MANAGEMENT_KEY.to_owned();
    for (algorithm, first, length) in [
        ("AES128", 0x10, 16),
        ("AES256", 0x40, 32),
        ("TDES", 0x80, 24),
        ("AES192", 0xC0, 24),
    ] {
        let new = key(first, length);
        change_management_key(&card, &old, algorithm, &new)?.succeed()?;
        let info = ykman::piv(&card)?.arg("info").succeed()?;
        shows(&info, &[("Management key algorithm", algorithm)])?;
        assert!(
            !info.all_text().contains("default Management key"),
            "{algorithm}"
        );
        // The one of before proves nothing, the new one lets its holder make a key.
        let generate = |key: &str| -> Result<Program> {
            Ok(ykman::piv(&card)?
                .args(["keys", "generate", "--algorithm", "ECCP256"])
                .args(["--management-key", key, "9e", "-"]))
        };
        generate(&old)?.fail()?;
        generate(&new)?.succeed()?.saying(&["BEGIN PUBLIC KEY"])?;
        old = new;
    }
    Ok(())
}

#[test]
fn the_management_key_is_kept_on_the_card_behind_the_pin() -> Result {
    let card = FreshCard::at_reader()?;
    ykman::piv(&card)?
        .args(["access", "change-management-key", "--force"])
        .args(["--protect", "--algorithm", "AES256"])
        .args(["--management-key", DEFAULT_MANAGEMENT_KEY])
        .args(["--pin", DEFAULT_PIN])
        .succeed()?;
    let info = ykman::piv(&card)?.arg("info").succeed()?;
    info.saying(&["Management key is stored on the YubiKey, protected by PIN."])?;
    // The PIN is all that an administrator needs.
    ykman::piv(&card)?
        .args(["keys", "generate", "--algorithm", "ECCP256"])
        .args(["--pin", DEFAULT_PIN, "9e", "-"])
        .succeed()?
        .saying(&["BEGIN PUBLIC KEY"])?;
    Ok(())
}

/// `ykman piv keys ACTION` as administrator.
fn keys(card: &FreshCard, action: &str) -> Result<Program> {
    Ok(ykman::piv(card)?
        .args(["keys", action])
        .args(["--management-key", DEFAULT_MANAGEMENT_KEY]))
}

#[test]
fn makes_and_shows_keys_of_each_kind() -> Result {
    let card = FreshCard::at_reader()?;
    for (slot, algorithm) in [
        ("9a", "RSA2048"),
        ("9c", "ED25519"),
        ("9d", "X25519"),
        ("9e", "ECCP256"),
        ("82", "RSA3072"),
        ("95", "ECCP384"),
    ] {
        let public = card.folder.join(&format!("{slot}.pub"));
        keys(&card, "generate")?
            .args(["--algorithm", algorithm, slot])
            .arg(&public)
            .succeed()?;
        let info = ykman::piv(&card)?.args(["keys", "info", slot]).succeed()?;
        shows(&info, &[("Algorithm", algorithm), ("Origin", "GENERATED")])?;
        // It signs for itself: the request's signature is checked with the public key.
        if algorithm != "X25519" {
            let request = card.folder.join(&format!("{slot}.csr"));
            ykman::piv(&card)?
                .args(["certificates", "request", "--pin", DEFAULT_PIN])
                .args(["--subject", "CN=phone", slot])
                .arg(&public)
                .arg(&request)
                .succeed()?;
            openssl(&card.folder)?
                .args(["req", "-noout", "-verify", "-in"])
                .arg(&request)
                .succeed()?;
        }
    }
    Ok(())
}

#[test]
fn imports_keys_of_each_kind() -> Result {
    let card = FreshCard::at_reader()?;
    for (slot, kind) in [
        ("9a", &["RSA", "-pkeyopt", "rsa_keygen_bits:3072"][..]),
        ("9e", &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("9c", &["ED25519"]),
        ("9d", &["X25519"]),
        ("82", &["RSA", "-pkeyopt", "rsa_keygen_bits:4096"]),
    ] {
        let key = card.folder.join(&format!("{slot}.key"));
        openssl(&card.folder)?
            .args(["genpkey", "-algorithm"])
            .args(kind)
            .arg("-out")
            .arg(&key)
            .succeed()?;
        keys(&card, "import")?.arg(slot).arg(&key).succeed()?;
        let (own, told) = (
            card.folder.join(&format!("{slot}.own")),
            card.folder.join(&format!("{slot}.told")),
        );
        openssl(&card.folder)?
            .args(["pkey", "-pubout", "-in"])
            .arg(&key)
            .arg("-out")
            .arg(&own)
            .succeed()?;
        ykman::piv(&card)?
            .args(["keys", "export", slot])
            .arg(&told)
            .succeed()?;
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(read(own), read(told), "{slot}");
    }
    let info = ykman::piv(&card)?.args(["keys", "info", "82"]).succeed()?;
    shows(&info, &[("Algorithm", "RSA4096"), ("Origin", "IMPORTED")])?;
    // Nobody can attest a key that came from outside.
    ykman::piv(&card)?
        .args(["keys", "attest", "82", "-"])
        .fail()?;
    Ok(())
}

#[test]
fn moves_and_deletes_keys() -> Result {
    let card = FreshCard::at_reader()?;
    keys(&card, "generate")?
        .args(["--algorithm", "ECCP256", "9d", "-"])
        .succeed()?;
    keys(&card, "move")?.args(["9d", "82"]).succeed()?;
    let info = |slot: &'static str| -> Result<Program> {
        Ok(ykman::piv(&card)?.args(["keys", "info", slot]))
    };
    info("82")?.succeed()?.saying(&["ECCP256"])?;
    info("9d")?.fail()?;
    keys(&card, "delete")?.arg("82").succeed()?;
    info("82")?.fail()?;
    Ok(())
}

#[test]
fn attests_a_key() -> Result {
    let card = FreshCard::at_reader()?;
    keys(&card, "generate")?
        .args(["--algorithm", "ECCP256", "9a", "-"])
        .succeed()?;
    let (statement, authority) = (card.folder.join("9a.pem"), card.folder.join("f9.pem"));
    ykman::piv(&card)?
        .args(["keys", "attest", "9a"])
        .arg(&statement)
        .succeed()?;
    ykman::piv(&card)?
        .args(["certificates", "export", "f9"])
        .arg(&authority)
        .succeed()?;
    openssl(&card.folder)?
        .args(["verify", "-CAfile"])
        .arg(&authority)
        .arg(&statement)
        .succeed()?
        .saying(&["OK"])?;
    openssl(&card.folder)?
        .args(["x509", "-noout", "-ext", "subjectAltName", "-in"])
        .arg(&statement)
        .succeed()?
        .saying(&["tapcard:attestation/1?key=9A&origin=generated&store=software&pin=once"])?;
    Ok(())
}

#[test]
fn sets_retries_pin_and_puk_and_resets_the_card() -> Result {
    let card = FreshCard::at_reader()?;
    ykman::piv(&card)?
        .args(["access", "set-retries", "--force", "--pin", DEFAULT_PIN])
        .args(["--management-key", DEFAULT_MANAGEMENT_KEY, "7", "4"])
        .succeed()?;
    let info = ykman::piv(&card)?.arg("info").succeed()?;
    shows(
        &info,
        &[
            ("PIN tries remaining", "7/7"),
            ("PUK tries remaining", "4/4"),
        ],
    )?;
    ykman::piv(&card)?
        .args([
            "access",
            "change-pin",
            "--pin",
            DEFAULT_PIN,
            "--new-pin",
            "739154",
        ])
        .succeed()?;
    ykman::piv(&card)?
        .args([
            "access",
            "change-puk",
            "--puk",
            DEFAULT_PUK,
            "--new-puk",
            "80462713",
        ])
        .succeed()?;
    ykman::piv(&card)?
        .args([
            "access",
            "unblock-pin",
            "--puk",
            "80462713",
            "--new-pin",
            "591738",
        ])
        .succeed()?;
    // ykman's own way to a card with a PIN and PUK that nobody knows: it blocks both.
    ykman::piv(&card)?.args(["reset", "--force"]).succeed()?;
    let info = ykman::piv(&card)?.arg("info").succeed()?;
    shows(
        &info,
        &[
            ("PIN tries remaining", "5/5"),
            ("PUK tries remaining", "3/3"),
            ("WARNING", "Using default PIN!"),
            ("WARNING", "Using default PUK!"),
        ],
    )?;
    Ok(())
}

#[test]
fn a_key_that_wants_the_pin_for_each_use_is_used_so_by_our_module() -> Result {
    let card = FreshCard::at_reader()?;
    let public = card.folder.join("9a.pub");
    keys(&card, "generate")?
        .args(["--algorithm", "ECCP256", "--pin-policy", "ALWAYS", "9a"])
        .arg(&public)
        .succeed()?;
    let info = ykman::piv(&card)?.args(["keys", "info", "9a"]).succeed()?;
    shows(&info, &[("PIN required for use", "ALWAYS")])?;
    ykman::piv(&card)?
        .args(["certificates", "generate", "--pin", DEFAULT_PIN])
        .args(["--management-key", DEFAULT_MANAGEMENT_KEY])
        .args(["--subject", "CN=phone", "9a"])
        .arg(&public)
        .succeed()?;
    // A key that is looser than its slot is not made.
    keys(&card, "generate")?
        .args(["--algorithm", "ECCP256", "--pin-policy", "ONCE", "9c"])
        .arg(card.folder.join("9c.pub"))
        .fail()?;
    let module = Module::at(&card.folder, &card.desk.pcsc)?;
    let message = card
        .folder
        .write("message", b"what the holder has signed")?;
    for name in ["first", "second"] {
        let signature = card.folder.join(name);
        module
            .pkcs11_tool(&card.folder)
            .args(["--login", "--pin", DEFAULT_PIN, "--sign", "--id", "01"])
            .args(["--mechanism", "ECDSA-SHA256"])
            .args(["--signature-format", "openssl", "--input-file"])
            .arg(&message)
            .arg("--output-file")
            .arg(&signature)
            .succeed()?;
        openssl(&card.folder)?
            .args(["dgst", "-sha256", "-verify"])
            .arg(&public)
            .arg("-signature")
            .arg(&signature)
            .arg(&message)
            .succeed()?
            .saying(&["Verified OK"])?;
    }
    Ok(())
}

#[test]
fn a_touch_is_the_holders_answer_on_the_phone() -> Result {
    let card = FreshCard::at_reader()?;
    let public = card.folder.join("9a.pub");
    keys(&card, "generate")?
        .args(["--algorithm", "ECCP256", "--touch-policy", "ALWAYS", "9a"])
        .arg(&public)
        .succeed()?;
    let info = ykman::piv(&card)?.args(["keys", "info", "9a"]).succeed()?;
    shows(&info, &[("Touch required for use", "ALWAYS")])?;
    let request = |name: &str| -> Result<_> {
        ykman::piv(&card)?
            .args(["certificates", "request", "--pin", DEFAULT_PIN])
            .args(["--subject", "CN=phone", "9a"])
            .arg(&public)
            .arg(card.folder.join(name))
            .start(&card.folder, name)
    };
    for (answer, succeeds) in [("--approve", true), ("--refuse", false)] {
        let mut ykman = request(answer)?;
        card.phone.answer(&card.folder, answer)?;
        let end = wait_for("ykman ends", PATIENCE, || ykman.exit_status())?;
        assert_eq!(end.success(), succeeds, "{}", ykman.stderr_text());
        assert!(ykman.stderr_text().contains("Touch your YubiKey"));
    }
    Ok(())
}
