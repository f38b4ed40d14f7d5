//! One tap: ssh and Firefox log in with a phone that is away until the module waits for it, and leaves as soon
//! as it has signed.

use std::time::Duration;

use rig::firefox::Firefox;
use rig::one_tap::{IN_ONE_GO, hold, patient, set_up, take_away, tap, until_waited_for};
use rig::phone::PIN;
use rig::portal::Profile;
use rig::postgres::is_root;
use rig::program::Program;
use rig::sshd::Sshd;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};
use rig::wait::wait_until;
use rig::wire::Exchange;
use rig::{Result, unexpected};

const PATIENCE: Duration = Duration::from_secs(30);
/// A terminal for the program that follows; what it shows goes to standard output.
const TERMINAL: &str =
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// SELECT to signature in one go, and nothing else but the log-out, where the phone was there for it.
fn is_in_one_go(sent: &[Exchange]) {
    let instructions: Vec<u8> = sent.iter().filter_map(Exchange::instruction).collect();
    assert!(instructions.starts_with(&IN_ONE_GO), "{sent:#?}");
    assert!(sent.len() <= IN_ONE_GO.len() + 1, "{sent:#?}");
}

fn ssh_logs_in(profile: Profile) -> Result {
    let mut stage = Stage::enrolled(profile)?;
    set_up(&stage)?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let greeting = format!("hello from {}", sshd.user());
    let login = |stage: &Stage, ssh: Program| {
        sshd.login_through(ssh, &stage.folder, stage.module.path(), PIN)
    };
    // The user has used the phone here before.
    login(&stage, patient(&stage, "ssh"))?
        .succeed()?
        .saying(&[&greeting])?;
    stage.module.was_used()?;
    take_away(&mut stage)?;

    let mark = stage.desk.wire.mark();
    let listed = patient(&stage, "ssh-keygen")
        .arg("-D")
        .arg(stage.module.path())
        .succeed()?
        .text();
    let keys = listed
        .lines()
        .filter(|line| line.contains("-sha2-") || line.starts_with("ssh-"));
    assert_eq!(keys.count(), 4, "{listed}");
    stage.module.was_used()?;

    let ssh = patient(&stage, "/usr/bin/python3").args(["-c", TERMINAL, "ssh"]);
    let mut ssh = login(&stage, ssh)?.start(&stage.folder, "ssh")?;
    until_waited_for(&stage)?;
    assert!(stage.desk.wire.since(mark).is_empty(), "nothing is sent");
    is_in_one_go(&tap(&mut stage, mark)?);
    let mut status = None;
    wait_until("ssh ends", PATIENCE, || {
        status = ssh.exit_status()?;
        Ok(status.is_some())
    })?;
    let output = ssh.stdout_text();
    if !status.is_some_and(|status| status.success()) || !output.contains(&greeting) {
        let log = stage.module.log_text();
        return Err(unexpected(format!("{status:?}\n{output}\n{log}")));
    }
    assert!(
        output.contains("Tapcard: hold the phone of Alice Example to the reader"),
        "{output}"
    );

    // Without the user's word the phone is not there, nor for root whatever the word is.
    stage.desk.wait_for_no_card(&stage.folder)?;
    let refused = patient(&stage, "ssh").env("TAPCARD_PKCS11_ONE_TAP", "false");
    login(&stage, refused)?.fail()?;
    if is_root() {
        let root = stage.module.program(&stage.folder, "ssh");
        login(&stage, root.env("TAPCARD_PKCS11_ONE_TAP", "true"))?.fail()?;
    }
    Ok(())
}

#[test]
fn ssh_logs_in_with_one_tap_and_an_rsa_key() -> Result {
    ssh_logs_in(Profile::Standard)
}

#[test]
fn ssh_logs_in_with_one_tap_and_an_ec_key() -> Result {
    ssh_logs_in(Profile::Compact)
}

fn firefox_is_let_in(profile: Profile) -> Result {
    let mut stage = Stage::enrolled(profile)?;
    set_up(&stage)?;
    let site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let start = |stage: &Stage| {
        let driver = patient(stage, &Firefox::driver()?.to_string_lossy());
        Firefox::start_by(driver, &stage.folder, &stage.module, site.certificate())
    };
    // The user has used the phone here before.
    hold(&mut stage)?;
    let firefox = start(&stage)?;
    firefox.will_answer(&[PIN])?;
    firefox.open_until(&site.address(), "welcome")?;
    drop(firefox);
    stage.module.was_used()?;
    take_away(&mut stage)?;

    let firefox = start(&stage)?;
    firefox.will_answer(&[PIN])?;
    let mark = stage.desk.wire.mark();
    let page = std::thread::scope(|scope| {
        let opened = scope.spawn(|| firefox.open_until(&site.address(), "welcome"));
        until_waited_for(&stage)?;
        assert!(stage.desk.wire.since(mark).is_empty(), "nothing is sent");
        is_in_one_go(&tap(&mut stage, mark)?);
        match opened.join() {
            Ok(page) => page,
            Err(_) => Err(unexpected("the browser's thread has panicked")),
        }
    })?;
    assert!(page.contains("CN=Alice Example"), "{page}");
    let prompts = firefox.prompts()?;
    assert!(
        matches!(&prompts[..], [one] if one.contains("Alice Example")),
        "{prompts:?}"
    );
    assert_eq!(firefox.offered()?.len(), 1);
    Ok(())
}

#[test]
fn firefox_is_let_in_with_one_tap_and_an_rsa_key() -> Result {
    firefox_is_let_in(Profile::Standard)
}

#[test]
fn firefox_is_let_in_with_one_tap_and_an_ec_key() -> Result {
    firefox_is_let_in(Profile::Compact)
}
