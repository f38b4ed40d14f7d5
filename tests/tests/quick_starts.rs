//! The quick starts of docs/quick-starts.md, typed from the very text.

use std::path::Path;
use std::time::Duration;

use rig::folder::Folder;
use rig::own_etc::OwnEtc;
use rig::phone::PIN;
use rig::port::Ports;
use rig::portal::Profile;
use rig::program::Program;
use rig::recipe::{Recipe, Step};
use rig::shell::typed;
use rig::sshd::{Sshd, askpass};
use rig::stage::{Desk, Office, Stage};
use rig::wait::wait_until;
use rig::{Result, unexpected};

const LIMIT: Duration = Duration::from_secs(20);
/// The login in the text, and where an installed module is.
const LOGIN: &str = "ssh alice@host.example.org";
const MODULE: &str = "/usr/lib/x86_64-linux-gnu/pkcs11/libtapcard_pkcs11.so";

/// A desk at which a quick start is typed, and a host that asks the enrollment server who may log in.
struct Reader<'a> {
    folder: &'a Folder,
    desk: &'a Desk,
    sshd: Sshd,
}

impl Reader<'_> {
    /// What somebody types, with the programs of this build, at whom ssh and enrollment ask for the PIN.
    fn typed(&self, script: &str) -> Result<Program> {
        let folder = self.folder;
        // ssh takes its configuration from the account's own home, and the host is on a port of the test's.
        let configuration = folder.join("home/.ssh/config");
        let login = self
            .sshd
            .login_configured(folder.program("ssh"), &configuration)
            .command_line();
        let module = folder.binaries().pkcs11_module()?;
        let script = script
            .replace(LOGIN, &login)
            .replace(MODULE, &module.display().to_string());
        Ok(typed(folder, &script)?
            .env("TAPCARD_PIN", PIN)
            .envs(self.desk.pcsc.environment())
            .envs(askpass(folder, PIN)?)
            .time_limit(LIMIT * 6))
    }

    fn follow(&self, step: &Step, input: &str) -> Result<String> {
        let outcome = step.check(self.typed(&step.script)?.input(input).succeed()?)?;
        Ok(outcome.all_text())
    }

    fn is_greeted(&self, said: &str) -> Result {
        let greeting = format!("hello from {}", self.sshd.user());
        if said.contains(&greeting) {
            Ok(())
        } else {
            Err(unexpected(format!("no login: {said}")))
        }
    }
}

#[test]
fn with_a_phone() -> Result {
    let folder = &Folder::for_test()?;
    let office = Office::open(folder)?;
    let desk = &Desk::set_up(folder)?;
    let sshd = Sshd::start(folder, &office.server)?;
    let reader = Reader { folder, desk, sshd };
    let [run, enroll] = Recipe::of("docs/quick-starts.md", "With a phone")?.blocks()?;

    let mut phone = reader
        .typed(&format!("exec {}", run.script))?
        .env("TAPCARD_PHONE_VPCD", desk.wire.address())
        .start(folder, "phone")?;
    phone.wait_for("is at the reader", LIMIT, |phone| {
        let said = phone.stdout_text();
        Ok(said.contains("connected to").then_some(()))
    })?;
    desk.wait_for_card(folder)?;

    let invitation = office.invite(folder, Profile::Standard)?;
    let said = reader.follow(&enroll, &invitation)?;
    assert!(said.contains("Alice Example, serial number"), "{said}");
    reader.is_greeted(&said)
}

#[test]
fn with_a_piv_token() -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)?;
    stage.desk.wire.hide_extensions();
    stage.desk.hold(&stage.folder, &mut stage.phone)?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let reader = Reader {
        folder: &stage.folder,
        desk: &stage.desk,
        sshd,
    };
    let [steps] = Recipe::of("docs/quick-starts.md", "With a PIV token that you have")?.blocks()?;
    let said = reader.follow(&steps, "")?;
    reader.is_greeted(&said)
}

/// The lines of the block for a shell of root's, but those that take a package system or a service manager.
fn of_root() -> Result<String> {
    let block = Step::of(
        "docs/quick-starts.md",
        "Who runs the enrollment server",
        "apt install",
    )?;
    let not_here = ["apt ", "systemctl ", "journalctl "];
    let (skipped, typed): (Vec<_>, Vec<_>) = block
        .script
        .lines()
        .partition(|line| not_here.iter().any(|name| line.starts_with(name)));
    assert_eq!(skipped.len(), not_here.len(), "{skipped:?}");
    Ok(typed.join("\n"))
}

#[test]
fn who_runs_the_enrollment_server() -> Result {
    let folder = &Folder::for_test()?;
    let etc = OwnEtc::copy(folder)?;
    let packaged =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/systemd/enroll-server.conf");
    let settings = etc.file("tapcard/enroll-server.conf");
    folder.subfolder("etc/tapcard")?;
    std::fs::copy(packaged, &settings).map_err(|error| unexpected(error.to_string()))?;
    etc.program(folder, "sh")?
        .args(["-ec", &of_root()?])
        .succeed()?;

    // The service's command line with those settings, on ports of the test's own and with its folder.
    let ports = Ports::claim(2)?;
    let server = folder.binaries().enroll_server()?;
    let script = format!(
        "set -a; . {}
         test \"$TAPCARD_LISTEN $TAPCARD_LISTEN_HTTP\" = '0.0.0.0:8443 0.0.0.0:8080'
         TAPCARD_LISTEN=127.0.0.1:{} TAPCARD_LISTEN_HTTP=127.0.0.1:{} TAPCARD_DATA={}
         exec {} serve",
        settings.display(),
        ports.first(),
        ports.first() + 1,
        folder.join("data").display(),
        server.display()
    );
    let mut server = folder
        .program("sh")
        .args(["-ec", &script])
        .env("CREDENTIALS_DIRECTORY", etc.file("credstore"))
        .start(folder, "server")?;
    server.wait_for("tells the first administrator's link", LIMIT, |server| {
        let said = server.stdout_text();
        Ok(said
            .contains("Set up the first administrator: https://enroll.example.org:")
            .then_some(()))
    })?;
    // The keys are under the passphrase that was made, and it is in no file of the data folder.
    assert!(!folder.join("data/secrets/passphrase").exists());
    folder
        .program("openssl")
        .args(["pkey", "-noout", "-in"])
        .arg(folder.join("data/authority/issuing.key"))
        .arg("-passin")
        .arg(format!(
            "file:{}",
            etc.file("credstore/tapcard.ca-passphrase").display()
        ))
        .succeed()?;
    Ok(())
}

#[test]
fn who_tries_the_enrollment_server() -> Result {
    let folder = &Folder::for_test()?;
    let ports = Ports::claim(2)?;
    let step = Step::of(
        "docs/quick-starts.md",
        "Who runs the enrollment server",
        "enroll-server serve",
    )?;
    let server = typed(folder, &format!("exec {}", step.script))?
        .env("TAPCARD_LISTEN", format!("127.0.0.1:{}", ports.first()))
        .env(
            "TAPCARD_LISTEN_HTTP",
            format!("127.0.0.1:{}", ports.first() + 1),
        )
        .start(folder, "server")?;
    wait_until("the server says where it is", LIMIT, || {
        Ok(step.is_shown(&server.stdout_text()))
    })?;
    Ok(())
}
