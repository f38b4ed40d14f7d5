//! NSS' own programs and poppler's pdfsig, which signs by NSS: lists, TLS, signed and encrypted mail, a signed PDF.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use rig::openssl::openssl;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::{HOLDER, Stage};
use rig::tls_site::{Revocation, TlsSite};
use rig::{Result, unexpected};

use crate::{WRONG_PIN, tries_left};

const MESSAGE: &str = "what Alice has signed";

/// A PDF of one empty page.
fn pdf() -> String {
    let mut text = "%PDF-1.4\n".to_owned();
    let mut places = String::new();
    for (number, object) in [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>",
    ]
    .iter()
    .enumerate()
    {
        let _ = writeln!(places, "{:010} 00000 n ", text.len());
        let _ = writeln!(text, "{} 0 obj\n{object}\nendobj", number + 1);
    }
    let table = text.len();
    let _ = write!(
        text,
        "xref\n0 4\n0000000000 65535 f \n{places}trailer\n<</Root 1 0 R/Size 4>>\nstartxref\n{table}\n%%EOF\n"
    );
    text
}

/// A database of NSS that has our module and trusts the server's authority.
struct Database<'a> {
    stage: &'a Stage,
    name: String,
    pin: PathBuf,
}

impl<'a> Database<'a> {
    fn make(stage: &'a Stage) -> Result<Self> {
        let database = Self {
            stage,
            name: format!("sql:{}", stage.folder.subfolder("nss")?.display()),
            pin: stage.folder.write("nss-pin", format!("{PIN}\n"))?,
        };
        database
            .program("certutil")
            .args(["-N", "--empty-password"])
            .succeed()?;
        database
            .program("modutil")
            .args(["-force", "-add", "Tapcard", "-libfile"])
            .arg(stage.module.path())
            .succeed()?;
        database.trust("root", stage.office.server.root())?;
        database.trust("issuing", &stage.office.server.issuing())?;
        stage.module.was_used()?;
        Ok(database)
    }

    fn program(&self, name: &str) -> Program {
        let database = if name == "modutil" { "-dbdir" } else { "-d" };
        let program = self.stage.module.program(&self.stage.folder, name);
        program.args([database, &self.name])
    }

    fn trust(&self, name: &str, certificate: &std::path::Path) -> Result {
        self.program("certutil")
            .args(["-A", "-n", name, "-t", "CT,C,C", "-i"])
            .arg(certificate)
            .succeed()?;
        Ok(())
    }

    /// NSS' name for a certificate on the card.
    fn nickname(key: &str) -> String {
        format!("{HOLDER}:{key}")
    }
}

fn lists_and_judges(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let database = &Database::make(stage)?;
    let names = [
        "PIV Authentication",
        "Digital Signature",
        "Key Management",
        "Card Authentication",
    ];
    // Without a PIN.
    database
        .program("certutil")
        .args(["-L", "-h", HOLDER])
        .succeed()?
        .saying(&names)?;
    database
        .program("modutil")
        .arg("-list")
        .succeed()?
        .saying(&["Tapcard", HOLDER])?;
    database
        .program("certutil")
        .args(["-K", "-h", HOLDER, "-f"])
        .arg(&database.pin)
        .succeed()?
        .saying(&names)?;
    for (key, usage) in [("PIV Authentication", "C"), ("Digital Signature", "S")] {
        database
            .program("certutil")
            .args(["-V", "-n", &Database::nickname(key), "-u", usage, "-f"])
            .arg(&database.pin)
            .succeed()?
            .saying(&["certificate is valid"])?;
    }
    stage.module.was_used()
}

#[test]
fn certutil_lists_and_judges_a_card_with_rsa_keys() -> Result {
    lists_and_judges(Profile::Standard)
}

#[test]
fn certutil_lists_and_judges_a_card_with_ec_keys() -> Result {
    lists_and_judges(Profile::Compact)
}

fn is_let_in(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let database = &Database::make(stage)?;
    database
        .program("certutil")
        .args(["-A", "-n", "site", "-t", "CT,,", "-i"])
        .arg(site.certificate())
        .succeed()?;
    let request = stage.folder.write("request", "GET / HTTP/1.0\r\n\r\n")?;
    let visit = |version: &str, pin: &str| {
        database
            .program("tstclnt")
            .args(["-4", "-h", "localhost", "-p", &site.port().to_string()])
            .args(["-V", &format!("tls{version}:tls{version}"), "-w", pin])
            .args(["-n", &Database::nickname("PIV Authentication"), "-A"])
            .arg(&request)
    };
    for version in ["1.2", "1.3"] {
        visit(version, PIN).succeed()?.saying(&[
            "welcome",
            "CN=Alice Example",
            &format!("TLSv{version}"),
        ])?;
        stage.module.was_used()?;
    }
    // It tries a wrong PIN four times.
    let all = tries_left(stage)?;
    visit("1.3", WRONG_PIN).run()?;
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()
}

#[test]
fn tstclnt_is_let_in_with_an_rsa_key() -> Result {
    is_let_in(Profile::Standard)
}

#[test]
fn tstclnt_is_let_in_with_an_ec_key() -> Result {
    is_let_in(Profile::Compact)
}

fn signs_mail(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let database = &Database::make(stage)?;
    let (message, signed) = (
        stage.folder.write("message", MESSAGE)?,
        stage.folder.join("signed.p7m"),
    );
    database
        .program("cmsutil")
        .args(["-S", "-H", "SHA256", "-G", "-f"])
        .arg(&database.pin)
        .args(["-N", &Database::nickname("Digital Signature"), "-i"])
        .arg(&message)
        .arg("-o")
        .arg(&signed)
        .succeed()?;
    stage.module.was_used()?;
    let opened = openssl(&stage.folder)?
        .args(["cms", "-verify", "-inform", "DER", "-in"])
        .arg(&signed)
        .arg("-CAfile")
        .arg(stage.office.server.chain())
        .succeed()?;
    assert_eq!(opened.text(), MESSAGE);
    Ok(())
}

#[test]
fn cmsutil_signs_mail_of_a_standard_card() -> Result {
    signs_mail(Profile::Standard)
}

#[test]
fn cmsutil_opens_mail_encrypted_to_an_rsa_key() -> Result {
    let stage = &Stage::enrolled(Profile::Standard)?;
    let database = &Database::make(stage)?;
    let certificate = stage.module.certificate(&stage.folder, "03")?;
    let (message, encrypted) = (
        stage.folder.write("message", MESSAGE)?,
        stage.folder.join("encrypted.p7m"),
    );
    openssl(&stage.folder)?
        .args([
            "cms",
            "-encrypt",
            "-aes-256-cbc",
            "-binary",
            "-outform",
            "DER",
            "-in",
        ])
        .arg(&message)
        .arg("-out")
        .arg(&encrypted)
        .arg(certificate)
        .succeed()?;
    stage.module.was_used()?;
    let opened = database
        .program("cmsutil")
        .args(["-D", "-f"])
        .arg(&database.pin)
        .arg("-i")
        .arg(&encrypted)
        .succeed()?;
    assert_eq!(opened.text(), MESSAGE);
    stage.module.was_used()
}

/// With an RSA key: pdfsig 22.12 leaves as much room as its first signature takes, and those of ECDSA differ in length.
#[test]
fn pdfsig_signs_a_pdf() -> Result {
    let stage = &Stage::enrolled(Profile::Standard)?;
    let database = &Database::make(stage)?;
    let (plain, signed) = (
        stage.folder.write("plain.pdf", pdf())?,
        stage.folder.join("signed.pdf"),
    );
    let pdfsig = || {
        stage.module.program(&stage.folder, "pdfsig").args([
            "-nssdir",
            &database.name,
            "-nss-pwd",
            PIN,
        ])
    };
    pdfsig()
        .args([
            "-nick",
            &Database::nickname("PIV Authentication"),
            "-add-signature",
        ])
        .arg(&plain)
        .arg(&signed)
        .succeed()?;
    stage.module.was_used()?;
    pdfsig()
        .arg(&signed)
        .succeed()?
        .saying(&["Signature is Valid", HOLDER])?;
    // The signature covers what is in the file.
    let mut changed = fs::read(&signed).map_err(|error| unexpected(error.to_string()))?;
    let text = String::from_utf8_lossy(&changed).into_owned();
    let place = text.find("300 300").ok_or_else(|| unexpected("no page"))?;
    if let Some(byte) = changed.get_mut(place) {
        *byte = b'4';
    }
    let changed = stage.folder.write("changed.pdf", changed)?;
    pdfsig().arg(&changed).run()?.saying(&["Digest Mismatch"])?;
    Ok(())
}
