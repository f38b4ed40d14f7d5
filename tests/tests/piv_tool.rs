//! OpenSC's `piv-tool` and its own PKCS#11 module on a card that nobody has enrolled: the phone is an ordinary PIV card.

use std::fs;
use std::path::PathBuf;

use rig::openssl::{certificate_for, openssl};
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN};
use rig::program::Program;
use rig::stage::FreshCard;
use rig::{Result, unexpected};

/// Authenticate as administrator, with the management key as AES-192 and as 3DES. Mutually: the other way (A) fails
/// in OpenSC 0.23 before it asks the card, with a mistake in its own lengths.
const ADMINISTRATOR_AES: [&str; 2] = ["--admin", "M:9B:0A"];
const ADMINISTRATOR_3DES: [&str; 2] = ["--admin", "M:9B:03"];

/// The instruction byte of GENERATE ASYMMETRIC KEY PAIR.
const GENERATE: u8 = 0x47;

fn piv_tool(card: &FreshCard) -> Result<Program> {
    let pairs: Vec<_> = DEFAULT_MANAGEMENT_KEY
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    let key = card.folder.write("management-key", pairs.join(":"))?;
    Ok(card
        .desk
        .client(&card.folder, "piv-tool")
        .env("PIV_EXT_AUTH_KEY", key))
}

#[test]
fn reads_name_and_serial_of_a_new_card() -> Result {
    FreshCard::with_each_system(|card| {
        piv_tool(card)?
            .arg("--name")
            .succeed()?
            .saying(&["Personal Identity Verification Card"])?;
        piv_tool(card)?.arg("--serial").succeed()?;
        Ok(())
    })
}

#[test]
fn the_administrator_is_known_by_the_default_key_alone() -> Result {
    FreshCard::with_each_system(|card| {
        for algorithm in [ADMINISTRATOR_AES, ADMINISTRATOR_3DES] {
            piv_tool(card)?.args(algorithm).succeed()?;
        }
        let wrong = card.folder.write("wrong-key", vec!["55"; 24].join(":"))?;
        let refused = piv_tool(card)?
            .args(ADMINISTRATOR_AES)
            .env("PIV_EXT_AUTH_KEY", wrong)
            .fail()?;
        assert!(!refused.all_text().is_empty());
        // Without authentication no key is made.
        piv_tool(card)?.args(["--genkey", "9A:11"]).fail()?;
        Ok(())
    })
}

#[test]
fn makes_keys_writes_certificates_and_signs_with_them() -> Result {
    FreshCard::with_each_system(|card| {
        let folder = &card.folder;
        for (slot, algorithm, id) in [("9A", "07", "01"), ("9E", "11", "04")] {
            let public = make_key(card, slot, algorithm)?;
            let certificate = certificate_for(folder, &public, slot)?;
            // The tool's exit status is the number of bytes written: what it wrote is judged by reading.
            piv_tool(card)?
                .args(ADMINISTRATOR_AES)
                .args(["--cert", slot, "--in"])
                .arg(&certificate)
                .run()?;
            // OpenSC's own PKCS#11 module reads it back.
            let read = folder.join(&format!("{slot}.read.der"));
            opensc(card)
                .args([
                    "--read-object",
                    "--type",
                    "cert",
                    "--id",
                    id,
                    "--output-file",
                ])
                .arg(&read)
                .succeed()?;
            let written = openssl(folder)?
                .args(["x509", "-outform", "DER", "-in"])
                .arg(&certificate)
                .succeed()?;
            assert_eq!(
                fs::read(&read).unwrap_or_default(),
                written.stdout,
                "{slot}"
            );
        }
        // and signs with the key that belongs to it.
        let message = folder.write("message", "signed through OpenSC")?;
        let signature = folder.join("signature");
        opensc(card)
            .args(["--login", "--pin", DEFAULT_PIN, "--sign", "--id", "01"])
            .args(["--mechanism", "SHA256-RSA-PKCS", "--input-file"])
            .arg(&message)
            .arg("--output-file")
            .arg(&signature)
            .succeed()?;
        openssl(folder)?
            .args(["dgst", "-sha256", "-verify"])
            .arg(folder.join("9A.pub"))
            .arg("-signature")
            .arg(&signature)
            .arg(&message)
            .succeed()?;
        Ok(())
    })
}

#[test]
fn a_global_pin_is_verified_and_opensc_goes_on_with_the_piv_pin() -> Result {
    FreshCard::with_each_system(|card| {
        let folder = &card.folder;
        folder
            .program(folder.binaries().tapcard_phone()?)
            .args(["global-pin", "--state"])
            .arg(card.phone.state())
            .env("TAPCARD_GLOBAL_PIN", "739154")
            .succeed()?;
        let verified = card
            .desk
            .client(folder, "opensc-tool")
            .args(["--send-apdu", "00A4040009A0000003080000100000"])
            .args(["--send-apdu", "0020000008373339313534FFFF"])
            .succeed()?;
        let answers = verified.text().matches("SW1=0x90, SW2=0x00").count();
        assert_eq!(answers, 2, "{}", verified.text());
        opensc(card)
            .args(["--login", "--pin", DEFAULT_PIN, "--list-objects"])
            .succeed()?;
        Ok(())
    })
}

/// Makes a key with piv-tool; its public half comes from the wire, as the card gave it to the tool.
///
/// OpenSC 0.23 with OpenSSL 3 cannot print what it gets: "unable to gen RSA" (its issue 3156), and likewise for EC.
fn make_key(card: &FreshCard, slot: &str, algorithm: &str) -> Result<PathBuf> {
    let mark = card.desk.wire.mark();
    piv_tool(card)?
        .args(ADMINISTRATOR_AES)
        .args(["--genkey", &format!("{slot}:{algorithm}")])
        .run()?;
    let exchanges = card.desk.wire.since(mark);
    let answer: Vec<u8> = exchanges
        .iter()
        .skip_while(|exchange| exchange.instruction() != Some(GENERATE))
        .flat_map(|exchange| exchange.answer_data().iter().copied())
        .collect();
    let hex: String = answer.iter().map(|byte| format!("{byte:02X}")).collect();
    // SP 800-73-4 part 2, 3.3.2: 7F49 with 81 modulus and 82 exponent, or with 86 point.
    let (kind, key) = if let Some((_, rest)) = hex.split_once("81820100") {
        let modulus = rest.get(..512).unwrap_or_default();
        let key =
            format!("BITWRAP,SEQUENCE:rsa\n[rsa]\nn=INTEGER:0x{modulus}\ne=INTEGER:0x010001\n");
        ("OID:rsaEncryption\nparameters=NULL", key)
    } else if let Some((_, rest)) = hex.split_once("8641") {
        let point = rest.get(..130).unwrap_or_default();
        (
            "OID:id-ecPublicKey\nparameters=OID:prime256v1",
            format!("FORMAT:HEX,BITSTRING:{point}\n"),
        )
    } else {
        return Err(unexpected(format!(
            "the card has made no key: {exchanges:#?}"
        )));
    };
    let recipe = card.folder.write(
        "key.cnf",
        format!(
            "asn1=SEQUENCE:spki\n[spki]\nalgorithm=SEQUENCE:alg\nkey={key}[alg]\nalgorithm={kind}\n"
        ),
    )?;
    let (der, pem) = (
        card.folder.join("key.der"),
        card.folder.join(&format!("{slot}.pub")),
    );
    openssl(&card.folder)?
        .args(["asn1parse", "-noout", "-genconf"])
        .arg(recipe)
        .arg("-out")
        .arg(&der)
        .succeed()?;
    openssl(&card.folder)?
        .args(["pkey", "-pubin", "-inform", "DER", "-in"])
        .arg(&der)
        .arg("-pubout")
        .arg("-out")
        .arg(&pem)
        .succeed()?;
    Ok(pem)
}

/// pkcs11-tool with OpenSC's module, its default.
fn opensc(card: &FreshCard) -> Program {
    card.desk.client(&card.folder, "pkcs11-tool")
}
