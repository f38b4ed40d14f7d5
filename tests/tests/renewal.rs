//! Certificates are renewed before they end, and the person who has the phone does nothing for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::clock::with_clock;
use rig::folder::Folder;
use rig::module::Module;
use rig::openssl::openssl;
use rig::phone::{PIN, Phone};
use rig::port::Ports;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal, Profile};
use rig::program::Program;
use rig::server::Server;
use rig::stage::{Desk, Office};
use rig::stalling_link::StallingLink;
use rig::wait::{wait_for, wait_until};
use rig::{Result, unexpected};
use serde_json::Value;

/// When certificates are due by the rule of these tests, and the server's own certificate of before still holds for the tests,
/// whose clock is right.
const LATER: &str = "+50d";
/// A version of each profile of a phone by which certificates live for eighty days and are due after forty.
const SHORT: &str = "INSERT INTO profiles (name, version, issuer_id, definition, created) SELECT name, version + 1, issuer_id, \
    json_set(definition, '$.lifetime_days', 80, '$.renewal', json('{\"days_before\": 40, \"key\": \"KEY\"}')), created \
    FROM profiles WHERE json_extract(definition, '$.slot') IS NOT NULL";
const PATIENCE: Duration = Duration::from_secs(60);
/// What was in an old mail.
const MESSAGE: &str = "What Bob wrote before the renewal.";
/// The id of the first of the retired keys.
const OLD_KEY: &str = "05";

/// A server that is started again where it was, under another clock.
struct Works {
    ports: Ports,
    folder: Folder,
}

impl Works {
    fn open() -> Result<Self> {
        Ok(Self {
            ports: Ports::claim(2)?,
            folder: Folder::for_test()?,
        })
    }

    fn program(&self) -> Result<Program> {
        let first = self.ports.first();
        Server::program_at(&self.folder, first, first + 1)
    }

    fn office(&self) -> Result<Office> {
        self.office_where_keys_are("new")
    }

    /// A server by whose profiles renewed certificates are for such keys.
    fn office_where_keys_are(&self, key: &str) -> Result<Office> {
        let server = Server::start(&self.folder, self.program()?)?;
        drop(Portal::set_up(&server)?);
        assert!(server.stop()?.success());
        self.folder
            .program("sqlite3")
            .arg(Server::data(&self.folder).join("enroll-server.db"))
            .arg(SHORT.replace("KEY", key))
            .succeed()?;
        self.open_again(self.program()?)
    }

    /// The same server, when certificates are due.
    fn later(&self, office: Office) -> Result<Office> {
        let Office { server, portal, .. } = office;
        drop(portal);
        assert!(server.stop()?.success());
        self.open_again(with_clock(self.program()?, LATER))
    }

    fn open_again(&self, program: Program) -> Result<Office> {
        let server = Server::start(&self.folder, program)?;
        let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
        Ok(Office::with(server, portal))
    }

    /// A phone that was enrolled with this profile.
    fn phone(&self, office: &Office, profile: Profile) -> Result<Phone> {
        let phone = Phone::at(self.folder.join("phone"));
        let invitation = office.invite(&self.folder, profile)?;
        phone.enroll(&self.folder, &invitation, PIN)?;
        Ok(phone)
    }
}

fn certificate(folder: &Folder, module: &Module, id: &str) -> Result<Vec<u8>> {
    let pem = module.certificate(folder, id)?;
    Ok(fs::read(pem).unwrap_or_default())
}

fn encrypt(folder: &Folder, certificate: &Path) -> Result<PathBuf> {
    let (message, mail) = (folder.write("message", MESSAGE)?, folder.join("mail.p7m"));
    openssl(folder)?
        .args([
            "cms",
            "-encrypt",
            "-aes-256-cbc",
            "-binary",
            "-outform",
            "DER",
        ])
        .arg("-in")
        .arg(message)
        .arg("-out")
        .arg(&mail)
        .arg(certificate)
        .succeed()?;
    Ok(mail)
}

/// NSS opens mail with whichever key of the card it was encrypted for.
fn open_mail(folder: &Folder, module: &Module, mail: &Path) -> Result<String> {
    let database = format!("sql:{}", folder.subfolder("nss")?.display());
    let pin = folder.write("nss-pin", format!("{PIN}\n"))?;
    let program = |name: &str| {
        let option = if name == "modutil" { "-dbdir" } else { "-d" };
        module.program(folder, name).args([option, &database])
    };
    program("certutil")
        .args(["-N", "--empty-password"])
        .succeed()?;
    program("modutil")
        .args(["-force", "-add", "Tapcard", "-libfile"])
        .arg(module.path())
        .succeed()?;
    let opened = program("cmsutil")
        .args(["-D", "-f"])
        .arg(pin)
        .arg("-i")
        .arg(mail)
        .succeed()?;
    Ok(opened.text())
}

#[test]
fn a_phone_renews_without_its_person_and_old_mail_stays_readable() -> Result {
    let works = Works::open()?;
    let folder = &works.folder;
    let office = works.office()?;
    let mut phone = works.phone(&office, Profile::Standard)?;
    let desk = Desk::set_up(folder)?;
    desk.hold(folder, &mut phone)?;
    let module = Module::at(folder, &desk.pcsc)?;
    let before = ["01", "02", "03", "04"].map(|id| certificate(folder, &module, id));
    let mail = encrypt(folder, &folder.join("03.pem"))?;
    phone.take_away()?;

    let office = works.later(office)?;
    phone.set_clock(LATER);
    // It lies at the reader, and that is all that its person does.
    phone.hold_to_reader(folder, &desk.wire.address())?;
    wait_until("the certificates are renewed", PATIENCE, || {
        let status = phone.status(folder)?.to_string();
        Ok(status.contains("\"82\""))
    })?;
    desk.wait_for_card(folder)?;
    for (id, before) in ["01", "02", "03", "04"].into_iter().zip(before) {
        assert_ne!(certificate(folder, &module, id)?, before?, "{id}");
    }
    // What was 9D is the first of the retired keys.
    assert_ne!(certificate(folder, &module, OLD_KEY)?, Vec::<u8>::new());
    assert_eq!(open_mail(folder, &module, &mail)?, MESSAGE);
    let tested = module
        .pkcs11_tool(folder)
        .args([
            "--login",
            "--pin",
            PIN,
            "--sign",
            "--id",
            "01",
            "--mechanism",
            "SHA256-RSA-PKCS",
        ])
        .arg("--input-file")
        .arg(folder.join("message"))
        .arg("--output-file")
        .arg(folder.join("signature"))
        .succeed()?;
    drop(tested);

    let phones = office.portal.phones()?;
    let [path] = phones.as_slice() else {
        return Err(unexpected(format!("{phones:?}")));
    };
    let page = office.portal.get_ok(path)?.document().text;
    assert!(
        page.contains("Last seen") && page.contains("tapcard-phone "),
        "{page}"
    );
    assert!(page.contains("In software"), "{page}");
    assert!(
        page.contains("A newer one took its place") || page.contains("Revoked"),
        "{page}"
    );
    Ok(())
}

#[test]
fn a_phone_killed_at_any_point_of_a_renewal_has_a_card_that_works() -> Result {
    let works = Works::open()?;
    let folder = &works.folder;
    let office = works.office()?;
    let mut phone = works.phone(&office, Profile::Compact)?;
    let office = works.later(office)?;
    phone.set_clock(LATER);
    let card = phone.state().join("card.json");
    let address = office.server.portal().to_owned();
    let mut kills = 0;
    for limit in (0..60_000).step_by(1_500) {
        let link = StallingLink::to(works.ports.first(), limit)?;
        let through = format!("https://localhost:{}", link.port());
        let swap = |from: &str, to: &str| -> Result {
            let text = fs::read_to_string(&card).unwrap_or_default();
            assert!(text.contains(from), "{from}");
            fs::write(&card, text.replace(from, to)).map_err(|error| unexpected(error.to_string()))
        };
        swap(&address, &through)?;
        let mut checking = phone
            .check_in_program(folder)?
            .start(folder, &format!("check-in-{limit}"))?;
        let ended = wait_for("the check-in stalls or ends", PATIENCE, || {
            let ended = checking.exit_status()?;
            Ok((link.is_stalled() || ended.is_some()).then_some(ended))
        })?;
        let done = match ended {
            None => {
                checking.kill()?;
                kills += 1;
                false
            }
            Some(status) => status.success(),
        };
        swap(&through, &address)?;
        phone.status(folder)?;
        if done {
            break;
        }
    }
    assert!(kills >= 3, "the link stalled {kills} times");
    phone.check_in_program(folder)?.succeed()?;
    let mut desk_phone = phone;
    let desk = Desk::set_up(folder)?;
    desk.hold(folder, &mut desk_phone)?;
    let module = Module::at(folder, &desk.pcsc)?;
    let tool = module.pkcs11_tool(folder);
    let tested = tool.args(["--login", "--pin", PIN, "--test"]).run()?;
    assert!(
        tested.all_text().contains("No errors"),
        "{}",
        tested.all_text()
    );
    // One certificate of each slot is good, whatever was killed.
    let phones = office.portal.phones()?;
    let [path] = phones.as_slice() else {
        return Err(unexpected(format!("{phones:?}")));
    };
    let page = office.portal.get_ok(path)?.document().text;
    assert!(page.contains("4 valid certificates"), "{page}");
    Ok(())
}

#[test]
fn a_revoked_phone_is_emptied_at_its_next_check_in() -> Result {
    let works = Works::open()?;
    let folder = &works.folder;
    let office = works.office()?;
    let phone = works.phone(&office, Profile::Compact)?;
    let said = phone.check_in_program(folder)?.succeed()?.text();
    assert!(said.contains("the phone is active"), "{said}");
    let phones = office.portal.phones()?;
    let [path] = phones.as_slice() else {
        return Err(unexpected(format!("{phones:?}")));
    };
    office.portal.suspend(path, "mislaid")?;
    let said = phone.check_in_program(folder)?.succeed()?.text();
    assert!(said.contains("the phone is suspended"), "{said}");
    assert!(phone.status(folder)?.to_string().contains("Example Works"));
    office.portal.revoke(path, "key-compromise")?;
    let page = office.portal.get_ok(path)?.document().text;
    assert!(page.contains("it is told at its next check-in"), "{page}");
    let said = phone.check_in_program(folder)?.succeed()?.text();
    assert!(said.contains("was emptied"), "{said}");
    let status = phone.status(folder)?.to_string();
    assert!(
        !status.contains("Example Works") && !status.contains("P-256"),
        "{status}"
    );
    let page = office.portal.get_ok(path)?.document().text;
    assert!(!page.contains("it is told at its next check-in"), "{page}");
    let said = phone.check_in_program(folder)?.fail()?.all_text();
    assert!(said.contains("checks in nowhere"), "{said}");
    Ok(())
}

/// The page of the only phone.
fn page_of_the_phone(office: &Office) -> Result<String> {
    let phones = office.portal.phones()?;
    let [path] = phones.as_slice() else {
        return Err(unexpected(format!("{phones:?}")));
    };
    Ok(office.portal.get_ok(path)?.document().text)
}

fn public_key(folder: &Folder, module: &Module, id: &str) -> Result<String> {
    let certificate = module.certificate(folder, id)?;
    let key = openssl(folder)?
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(certificate)
        .succeed()?;
    Ok(key.text())
}

#[test]
fn keys_stay_where_the_organisation_wants_it_so() -> Result {
    let works = Works::open()?;
    let folder = &works.folder;
    let office = works.office_where_keys_are("same")?;
    let mut phone = works.phone(&office, Profile::Standard)?;
    let desk = Desk::set_up(folder)?;
    desk.hold(folder, &mut phone)?;
    let module = Module::at(folder, &desk.pcsc)?;
    let ids = ["01", "02", "03", "04"];
    let before = ids.map(|id| certificate(folder, &module, id));
    let keys = ids.map(|id| public_key(folder, &module, id));
    phone.take_away()?;

    let office = works.later(office)?;
    phone.set_clock(LATER);
    let said = phone.check_in_program(folder)?.succeed()?.text();
    assert_eq!(said.matches("was renewed").count(), 4, "{said}");
    phone.hold_to_reader(folder, &desk.wire.address())?;
    desk.wait_for_card(folder)?;
    for ((id, before), key) in ids.into_iter().zip(before).zip(keys) {
        assert_ne!(certificate(folder, &module, id)?, before?, "{id}");
        assert_eq!(public_key(folder, &module, id)?, key?, "{id}");
    }
    assert!(!phone.status(folder)?.to_string().contains("\"82\""));
    let tool = module.pkcs11_tool(folder);
    let tested = tool.args(["--login", "--pin", PIN, "--test"]).run()?;
    assert!(
        tested.all_text().contains("No errors"),
        "{}",
        tested.all_text()
    );
    // Those of before end by themselves.
    let page = page_of_the_phone(&office)?;
    assert!(page.contains("8 valid certificates"), "{page}");
    Ok(())
}

#[test]
fn a_card_with_no_place_for_another_earlier_key_says_so_and_keeps_its_key() -> Result {
    let works = Works::open()?;
    let folder = &works.folder;
    let office = works.office()?;
    let mut phone = works.phone(&office, Profile::Compact)?;
    let office = works.later(office)?;
    phone.set_clock(LATER);
    let path = phone.state().join("card.json");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut card: Value =
        serde_json::from_str(&text).map_err(|error| unexpected(error.to_string()))?;
    let current = card["card"]["objects"]["5FC10B"].clone();
    assert!(current.is_string(), "{text}");
    for retired in 0x0D..=0x20 {
        card["card"]["objects"][format!("5FC1{retired:02X}")] = current.clone();
    }
    fs::write(&path, card.to_string()).map_err(|error| unexpected(error.to_string()))?;

    let said = phone.check_in_program(folder)?.succeed()?.text();
    let full = "all 20 places for earlier decryption keys are taken";
    assert!(said.contains(full), "{said}");
    assert_eq!(said.matches("was renewed").count(), 4, "{said}");
    let page = page_of_the_phone(&office)?;
    assert!(page.contains(full), "{page}");
    Ok(())
}

#[test]
fn a_gids_card_is_renewed_too() -> Result {
    let works = Works::open()?;
    let folder = &works.folder;
    let office = works.office()?;
    let mut phone = works.phone(&office, Profile::Standard)?;
    folder
        .program(folder.binaries().tapcard_phone()?)
        .args(["card-edge", "gids", "--state"])
        .arg(phone.state())
        .env("TAPCARD_PRESENT_PIN", PIN)
        .succeed()?;
    let desk = Desk::set_up(folder)?;
    let first = |phone: &mut Phone| -> Result<String> {
        phone.hold_to_reader(folder, &desk.wire.address())?;
        desk.wait_for_card(folder)?;
        let read = desk.client(folder, "pkcs15-tool");
        let read = read.args(["--read-certificate", "00"]).succeed()?.text();
        phone.take_away()?;
        desk.wait_for_no_card(folder)?;
        Ok(read)
    };
    let before = first(&mut phone)?;
    let _office = works.later(office)?;
    phone.set_clock(LATER);
    let said = phone.check_in_program(folder)?.succeed()?.text();
    assert_eq!(said.matches("was renewed").count(), 4, "{said}");
    let after = first(&mut phone)?;
    assert!(after.contains("BEGIN CERTIFICATE"), "{after}");
    assert_ne!(before, after);
    desk.hold(folder, &mut phone)?;
    // 9A, 9D, and the 9D of before.
    let shown = desk.client(folder, "gids-tool").succeed()?;
    shown.saying(&["kxc00", "kxc01", "kxc02"])?;
    Ok(())
}
