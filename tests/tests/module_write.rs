//! Programs that write to a card through our module, as its administrator: OpenSC's `pkcs11-tool` makes a key, writes its
//! certificate and data, removes both; the key signs, and openssl is the judge.

use std::fs;
use std::path::{Path, PathBuf};

use rig::module::Module;
use rig::openssl::{certificate_for, openssl};
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN};
use rig::program::Program;
use rig::stage::FreshCard;
use rig::{Result, unexpected};

const MESSAGE: &[u8] = b"what the holder has signed";

struct Desk<'a> {
    card: &'a FreshCard,
    module: Module,
}

impl Desk<'_> {
    /// Lets a test meet a new card with each system's programs.
    fn with_each_system(test: impl Fn(&Desk<'_>) -> Result) -> Result {
        FreshCard::with_each_system(|card| {
            let module = Module::at(&card.folder, &card.desk.pcsc)?;
            test(&Desk { card, module })
        })
    }

    fn tool(&self) -> Program {
        self.module.pkcs11_tool(&self.card.folder)
    }

    fn as_user(&self) -> Program {
        self.tool().args(["--login", "--pin", DEFAULT_PIN])
    }

    fn as_administrator(&self) -> Program {
        self.tool().args([
            "--login",
            "--login-type",
            "so",
            "--so-pin",
            DEFAULT_MANAGEMENT_KEY,
        ])
    }

    fn file(&self, name: &str) -> PathBuf {
        self.card.folder.join(name)
    }

    /// Makes a key and gives its public half (PEM) as another program of ours finds it.
    fn make_key(&self, id: &str, kind: &str, more: &[&str]) -> Result<PathBuf> {
        self.as_administrator()
            .args(["--keypairgen", "--key-type", kind, "--id", id])
            .args(more)
            .succeed()?
            .saying(&["Key pair generated"])?;
        let (der, pem) = (self.file("key.der"), self.file(&format!("{id}.pub")));
        self.tool()
            .args(["--read-object", "--type", "pubkey", "--id", id])
            .arg("--output-file")
            .arg(&der)
            .succeed()?;
        openssl(&self.card.folder)?
            .args(["pkey", "-pubin", "-inform", "DER", "-in"])
            .arg(&der)
            .arg("-out")
            .arg(&pem)
            .succeed()?;
        Ok(pem)
    }

    fn write_certificate(&self, id: &str, public_key: &Path) -> Result {
        let pem = certificate_for(&self.card.folder, public_key, id)?;
        let der = self.file("certificate.der");
        openssl(&self.card.folder)?
            .args(["x509", "-outform", "DER", "-in"])
            .arg(pem)
            .arg("-out")
            .arg(&der)
            .succeed()?;
        self.as_administrator()
            .args(["--type", "cert", "--id", id, "--write-object"])
            .arg(&der)
            .succeed()?;
        let read = self.file("certificate.read");
        self.tool()
            .args(["--read-object", "--type", "cert", "--id", id])
            .arg("--output-file")
            .arg(&read)
            .succeed()?;
        if fs::read(&read).ok() != fs::read(&der).ok() {
            return Err(unexpected("another certificate was read than written"));
        }
        Ok(())
    }

    fn sign_and_verify(&self, id: &str, mechanism: &[&str], public_key: &Path) -> Result {
        let message = self.card.folder.write("message", MESSAGE)?;
        let signature = self.file("signature");
        self.as_user()
            .args(["--sign", "--id", id, "--mechanism"])
            .args(mechanism)
            .arg("--input-file")
            .arg(&message)
            .arg("--output-file")
            .arg(&signature)
            .succeed()?;
        openssl(&self.card.folder)?
            .args(["dgst", "-sha256", "-verify"])
            .arg(public_key)
            .arg("-signature")
            .arg(&signature)
            .arg(&message)
            .succeed()?
            .saying(&["Verified OK"])?;
        Ok(())
    }
}

const RSA: &[&str] = &["SHA256-RSA-PKCS"];
const ECDSA: &[&str] = &["ECDSA-SHA256", "--signature-format", "openssl"];

#[test]
fn pkcs11_tool_makes_keys_and_writes_certificates_and_the_keys_sign() -> Result {
    Desk::with_each_system(|desk| {
        for (id, kind, mechanism) in [("01", "RSA:2048", RSA), ("04", "EC:prime256v1", ECDSA)] {
            let public_key = desk.make_key(id, kind, &[])?;
            // Before there is a certificate, as for a request for one.
            desk.sign_and_verify(id, mechanism, &public_key)?;
            desk.write_certificate(id, &public_key)?;
            desk.sign_and_verify(id, mechanism, &public_key)?;
        }
        let listed = desk.tool().arg("--list-objects").succeed()?.text();
        assert_eq!(listed.matches("Certificate Object").count(), 2, "{listed}");
        desk.as_administrator()
            .args(["--delete-object", "--type", "cert", "--id", "01"])
            .succeed()?;
        let listed = desk.tool().arg("--list-objects").succeed()?.text();
        assert_eq!(listed.matches("Certificate Object").count(), 1, "{listed}");
        desk.module.was_used()
    })
}

#[test]
fn pkcs11_tool_makes_a_key_of_ed25519_that_signs_messages() -> Result {
    Desk::with_each_system(|desk| {
        let folder = &desk.card.folder;
        desk.as_administrator()
            .args([
                "--keypairgen",
                "--key-type",
                "EC:edwards25519",
                "--id",
                "01",
            ])
            .succeed()?
            .saying(&["Key pair generated"])?;
        // pkcs11-tool does not write such keys as DER.
        let public_key = desk.file("01.pub");
        desk.module
            .program(folder, "p11tool")
            .arg("--provider")
            .arg(desk.module.path())
            .env("GNUTLS_PIN", DEFAULT_PIN)
            .args(["--batch", "--login", "--export-pubkey", "--outfile"])
            .arg(&public_key)
            .arg("pkcs11:manufacturer=Tapcard;id=%01;type=private")
            .succeed()?;
        let message = folder.write("message", MESSAGE)?;
        let signature = desk.file("signature");
        desk.as_user()
            .args(["--sign", "--id", "01", "--mechanism", "EDDSA"])
            .arg("--input-file")
            .arg(&message)
            .arg("--output-file")
            .arg(&signature)
            .succeed()?;
        openssl(folder)?
            .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey"])
            .arg(&public_key)
            .arg("-in")
            .arg(&message)
            .arg("-sigfile")
            .arg(&signature)
            .succeed()?
            .saying(&["Signature Verified Successfully"])?;
        desk.module.was_used()
    })
}

#[test]
fn pkcs11_tool_writes_reads_and_removes_data() -> Result {
    Desk::with_each_system(|desk| {
        let object = [
            "--type",
            "data",
            "--application-label",
            "Printed Information",
        ];
        let badge = desk
            .card
            .folder
            .write("badge", [0x01, 5, b'A', b'l', b'i', b'c', b'e'])?;
        desk.as_administrator()
            .args(object)
            .args(["--private", "--write-object"])
            .arg(&badge)
            .succeed()?;
        let read = desk.file("badge.read");
        let reading = |tool: Program| {
            tool.arg("--read-object")
                .args(object)
                .arg("--output-file")
                .arg(&read)
        };
        reading(desk.tool()).fail()?;
        reading(desk.as_user()).succeed()?;
        // As GET DATA gives it.
        let expected = [&[0x53, 7][..], &fs::read(&badge).unwrap_or_default()].concat();
        assert_eq!(fs::read(&read).unwrap_or_default(), expected);
        desk.as_administrator()
            .arg("--delete-object")
            .args(object)
            .succeed()?;
        fs::remove_file(&read).unwrap_or_default();
        let emptied = reading(desk.as_user()).run()?;
        assert!(
            fs::read(&read).unwrap_or_default().is_empty(),
            "{}",
            emptied.all_text()
        );
        // What everybody may read is listed, and found by its identifier.
        desk.tool()
            .args(["--list-objects", "--type", "data"])
            .succeed()?
            .saying(&["Card Holder Unique Identifier", "Card Capability Container"])?;
        let chuid = desk.file("chuid");
        desk.tool()
            .args(["--read-object", "--type", "data"])
            .args(["--application-id", "2.16.840.1.101.3.7.1.48.0"])
            .arg("--output-file")
            .arg(&chuid)
            .succeed()?;
        let content = fs::read(&chuid).unwrap_or_default();
        assert_eq!(content.first(), Some(&0x53), "{content:02X?}");
        desk.module.was_used()
    })
}

#[test]
fn nobody_else_writes() -> Result {
    Desk::with_each_system(|desk| {
        let generate = ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01"];
        let refused = desk.as_user().args(generate).fail()?;
        assert!(
            refused.all_text().contains("CKR_USER_NOT_LOGGED_IN"),
            "{}",
            refused.all_text()
        );
        let wrong_key = "55".repeat(24);
        let refused = desk
            .tool()
            .args(["--login", "--login-type", "so", "--so-pin", &wrong_key])
            .args(generate)
            .fail()?;
        assert!(
            refused.all_text().contains("CKR_PIN_INCORRECT"),
            "{}",
            refused.all_text()
        );
        let listed = desk.as_user().arg("--list-objects").succeed()?.text();
        assert!(!listed.contains("Private Key"), "{listed}");
        desk.module.was_used()
    })
}

#[test]
fn p11tool_makes_a_key_and_writes_its_certificate() -> Result {
    Desk::with_each_system(|desk| {
        let folder = &desk.card.folder;
        let p11tool = || {
            desk.module
                .program(folder, "p11tool")
                .arg("--provider")
                .arg(desk.module.path())
                .env("GNUTLS_SO_PIN", DEFAULT_MANAGEMENT_KEY)
                .env("GNUTLS_PIN", DEFAULT_PIN)
                .args(["--batch", "--so-login"])
        };
        let public_key = desk.file("p11tool.pub");
        p11tool()
            .args(["--generate-privkey", "ecc", "--curve", "secp256r1"])
            .args(["--label", "door", "--id", "04", "--outfile"])
            .arg(&public_key)
            .arg("pkcs11:manufacturer=Tapcard")
            .succeed()?;
        desk.sign_and_verify("04", ECDSA, &public_key)?;
        let certificate = certificate_for(folder, &public_key, "04")?;
        p11tool()
            .args([
                "--write",
                "--label",
                "door",
                "--id",
                "04",
                "--load-certificate",
            ])
            .arg(&certificate)
            .arg("pkcs11:manufacturer=Tapcard")
            .succeed()?;
        let listed = desk.tool().arg("--list-objects").succeed()?.text();
        assert_eq!(listed.matches("Certificate Object").count(), 1, "{listed}");
        desk.module.was_used()
    })
}
