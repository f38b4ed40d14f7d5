//! A host that was written from docs/card-extensions.md alone reads all objects at once and has hashes signed, with the
//! PIN that it sends and with the one that is typed at the phone. It shares no code with the card.

use std::time::Duration;

use rig::Result;
use rig::openssl::{certificate_for, openssl};
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN};
use rig::stage::FreshCard;
use rig::wait::wait_for;
use rig::ykman;

const PATIENCE: Duration = Duration::from_secs(30);
const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/host_of_the_document.py");

#[test]
fn a_host_of_the_document_reads_objects_and_has_hashes_signed() -> Result {
    let card = FreshCard::at_reader()?;
    let folder = &card.folder;
    let mut certificates = Vec::new();
    for (slot, algorithm) in [("9a", "RSA2048"), ("9e", "ECCP256")] {
        let public = folder.join(&format!("{slot}.pub"));
        ykman::piv(&card)?
            .args(["keys", "generate", "--algorithm", algorithm])
            .args(["--management-key", DEFAULT_MANAGEMENT_KEY, slot])
            .arg(&public)
            .succeed()?;
        let certificate = certificate_for(folder, &public, slot)?;
        // Compressed on the card: the host must get it plain.
        ykman::piv(&card)?
            .args(["certificates", "import", "--compress", slot])
            .arg(&certificate)
            .args(["--management-key", DEFAULT_MANAGEMENT_KEY])
            .succeed()?;
        let der = folder.join(&format!("{slot}.der"));
        openssl(folder)?
            .args(["x509", "-outform", "DER", "-in"])
            .arg(&certificate)
            .arg("-out")
            .arg(&der)
            .succeed()?;
        certificates.push(der);
    }
    let mark = card.desk.wire.mark();
    card.desk
        .client(folder, ykman::PYTHON)
        .arg(HOST)
        .arg(DEFAULT_PIN)
        .args(&certificates)
        .succeed()?
        .saying(&[
            "announced: 5 tries",
            "read: 6 objects",
            "called: 9a",
            "signed: 9 times",
            "refused: 6A80 6A80 6A88 6A80",
        ])?;
    // Each signature is one exchange: SELECT, the objects in some parts, VERIFY, and a command for each.
    let signatures = card
        .desk
        .wire
        .since(mark)
        .iter()
        .filter(|exchange| exchange.instruction() == Some(0x2A))
        .count();
    assert_eq!(signatures, 1 + 9 + 4);

    // The same without the PIN, which is typed at the phone.
    card.phone.set_pin_entry(folder, "phone")?;
    let mut host = card
        .desk
        .client(folder, ykman::PYTHON)
        .args([HOST, "-"])
        .args(&certificates)
        .start(folder, "host")?;
    let (request, _) = card.phone.type_pin(folder, DEFAULT_PIN)?;
    let says = request.get("says").and_then(|says| says.as_str());
    assert_eq!(says, Some("host_of_the_document"));
    let status = wait_for("the host is done", PATIENCE, || host.exit_status())?;
    let told = host.stdout_text();
    assert!(status.success(), "{told}{}", host.stderr_text());
    assert!(told.contains("typed at the phone: 9000"), "{told}");
    assert!(told.contains("signed: 9 times"), "{told}");
    Ok(())
}
