//! A card in programs: README.md, docs/pkcs11-module.md, docs/doctor.md and docs/tapcard.md.

use rig::folder::Folder;
use rig::module::Module;
use rig::phone::{DEFAULT_MANAGEMENT_KEY, PIN, Phone};
use rig::portal::Profile;
use rig::program::Program;
use rig::recipe::{Recipe, Step};
use rig::shell::typed;
use rig::sshd::{Sshd, askpass};
use rig::stage::{Desk, FreshCard, Office};
use rig::tls_site::{Revocation, TlsSite};
use rig::{Result, unexpected};

/// The reader in the documents, as vpcd numbers it.
const READER: &str = "ACS ACR122U";
/// The module, and who logs in where.
const MODULE: &str = "/path/to/libtapcard_pkcs11.so";
const LOGIN: &str = "ssh -I /path/to/libtapcard_pkcs11.so alice@host";
const SITE: &str = "https://example.org/";
const NFC: &str = "848k,0ms";
/// Runs a program at a terminal, where somebody answers its question when it has come; what is seen there goes to standard
/// output.
const TERMINAL: &str = r#"
import os, pty, sys
seen = b""
def read(terminal):
    global seen
    shown = os.read(terminal, 4096)
    seen += shown
    if seen.endswith(b"[y/N] "):
        os.write(terminal, b"y\n")
    return shown
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))
"#;

/// What somebody types at a desk, at whom ssh asks for the PIN.
fn at(desk: &Desk, folder: &Folder, script: &str) -> Result<Program> {
    Ok(typed(folder, script)?
        .envs(desk.pcsc.environment())
        .envs(askpass(folder, PIN)?))
}

fn run(desk: &Desk, folder: &Folder, step: &Step) -> Result<String> {
    let outcome = at(desk, folder, &step.script)?.succeed()?;
    Ok(step.check(outcome)?.all_text())
}

#[test]
fn an_enrolled_phone_in_the_programs_of_readme_and_guides() -> Result {
    let folder = &Folder::for_test()?;
    let office = Office::open(folder)?;
    let mut phone = Phone::at(folder.join("phone"));
    phone.enroll(folder, &office.invite(folder, Profile::Standard)?, PIN)?;
    let desk = &Desk::with_reader(folder, READER)?;
    desk.hold(folder, &mut phone)?;
    let module = Module::at(folder, &desk.pcsc)?;
    let sshd = Sshd::start(folder, &office.server)?;
    let site = TlsSite::start(folder, &office.server, Revocation::Crl)?;

    let path = module.path().display().to_string();
    let login = sshd.login_with(folder, &["-I", &path]).command_line();
    let site_address = site.address();
    let names = [
        (LOGIN, login.as_str()),
        (MODULE, path.as_str()),
        (SITE, site_address.as_str()),
    ];
    let greeting = format!("hello from {}", sshd.user());

    let [ssh, curl] = Recipe::of("README.md", "Quick starts")?.blocks()?;
    let said = run(desk, folder, &ssh.with(&names))?;
    for words in [" PIV Authentication", &greeting] {
        assert!(said.contains(words), "{said}");
    }
    at(desk, folder, &curl.with(&names).script)?
        .env("CURL_CA_BUNDLE", site.certificate())
        .input(format!("{PIN}\n"))
        .succeed()?
        .saying(&["PIN", "welcome", "CN=Alice Example"])?;

    let [programs] = Recipe::of("docs/pkcs11-module.md", "The PKCS#11 module")?.blocks()?;
    let said = run(desk, folder, &programs.with(&names))?;
    for words in [
        &greeting,
        " PIV Authentication",
        "Certificate Object",
        "Label: Alice Example",
    ] {
        assert!(said.contains(words), "no \"{words}\" in {said}");
    }

    let [list] = Recipe::of("docs/tapcard.md", "`tapcard list`")?.blocks()?;
    let list = list.with(&[
        ("5fd3a2b1c0d9e8f70123456789abcdef", "..."),
        ("5fd3a2b1c0d9e8f7", "..."),
        ("5FD3A2B1C0D9E8F70123456789ABCDEF", "..."),
        ("2027-11-24   364", "..."),
    ]);
    run(desk, folder, &list)?;

    let [doctor] = Recipe::of("docs/doctor.md", "`tapcard doctor`")?.blocks()?;
    let said = run(desk, folder, &doctor)?;
    for words in ["Alice Example", "\"healthy\": true"] {
        assert!(said.contains(words), "no \"{words}\" in {said}");
    }
    Ok(())
}

#[test]
fn a_key_is_made_on_a_new_card_by_its_administrator() -> Result {
    let card = FreshCard::at_reader()?;
    let module = Module::at(&card.folder, &card.desk.pcsc)?;
    let [make] = Recipe::of("docs/pkcs11-module.md", "Writing to the card")?.blocks()?;
    let make = make.with(&[
        (MODULE, &module.path().display().to_string()),
        ("0102...", DEFAULT_MANAGEMENT_KEY),
    ]);
    let said = run(&card.desk, &card.folder, &make)?;
    assert!(said.contains("Key pair generated"), "{said}");
    Ok(())
}

#[test]
fn a_phone_with_another_key_is_met_again() -> Result {
    // A copy that is taken before the phone has made its key makes one of its own.
    let mut card = FreshCard::at_reader()?;
    let folder = &card.folder;
    card.phone.take_away()?;
    card.desk.wait_for_no_card(folder)?;
    let renewed = folder.join("renewed");
    let copy = folder.program("cp").arg("-a");
    copy.arg(card.phone.state()).arg(&renewed).succeed()?;
    card.desk.hold_over_nfc(folder, &mut card.phone, NFC)?;
    at(&card.desk, folder, "tapcard pin status")?.succeed()?;
    card.phone.take_away()?;
    card.desk.wait_for_no_card(folder)?;
    card.phone = Phone::at(renewed);
    let address = card.desk.wire.address();
    card.phone
        .hold_to_reader_with(folder, &address, &["--nfc", NFC])?;
    card.desk.wait_for_card(folder)?;

    // It is told no PIN; its key is there from then on.
    at(&card.desk, folder, "tapcard pin status")?.fail()?;
    let status = card.phone.status(folder)?;
    let key = status.get("channel_key").and_then(|key| key.as_str());
    let key = key.ok_or_else(|| unexpected(format!("no key in {status}")))?;
    let [meet] = Recipe::of("docs/tapcard.md", "`tapcard meet`")?.blocks()?;
    let meet = meet.with(&[
        ("5fd3a2b1c0d9e8f70123456789abcdef", "..."),
        ("3F2A 91C0 5D7E 44B1 8C02 77AF 1E5B D960", key),
        ("0B71 E4D2 9A35 6C18 F00D 2B46 83CE 5A97", "..."),
    ]);
    let terminal = folder.write("terminal.py", TERMINAL)?;
    let script = format!("exec python3 {} {}", terminal.display(), meet.script);
    meet.check(at(&card.desk, folder, &script)?.succeed()?)?;
    at(&card.desk, folder, "tapcard pin status")?.succeed()?;
    Ok(())
}
