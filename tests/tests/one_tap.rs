//! One tap: ssh logs in with a phone that is away until the module waits for it, and leaves half a second after its first
//! command.

use std::thread::sleep;
use std::time::Duration;

use rig::phone::PIN;
use rig::portal::Profile;
use rig::postgres::is_root;
use rig::program::Program;
use rig::sshd::Sshd;
use rig::stage::Stage;
use rig::wait::wait_until;
use rig::{Result, unexpected};

/// How soon the phone leaves again.
const TAP: Duration = Duration::from_millis(500);
/// SELECT, the channel, VERIFY in it, and the signature.
const IN_ONE_GO: [u8; 4] = [0xA4, 0x87, 0x20, 0x2A];
const PATIENCE: Duration = Duration::from_secs(30);
/// What NFC costs: bits a second, and the time of each command.
const NFC: &str = "106k,20ms";
/// A user that every Debian has, since ssh wants a name for itself.
const USER: &str = "1";
/// A terminal for the program that follows; what it shows goes to standard output.
const TERMINAL: &str =
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// A program that may wait for the phone: not as root, for whom nobody waits.
fn patient(stage: &Stage, program: &str) -> Program {
    let named = |name| {
        let named = stage.module.program(&stage.folder, name);
        named.env("TAPCARD_PKCS11_ONE_TAP", "true")
    };
    if !is_root() {
        return named(program);
    }
    named("unshare")
        .arg("--user")
        .arg(format!("--map-user={USER}"))
        .arg(format!("--map-group={USER}"))
        .arg(program)
}

fn take_away(stage: &mut Stage) -> Result {
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)
}

fn logs_in_with_one_tap(profile: Profile) -> Result {
    let mut stage = Stage::enrolled(profile)?;
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
    ssh.wait_for("waits for the phone", PATIENCE, |_| {
        let waits = stage.module.log_text().contains("waiting for the phone");
        Ok(waits.then_some(()))
    })?;
    assert!(stage.desk.wire.since(mark).is_empty(), "nothing is sent");
    let wire = stage.desk.wire.address();
    stage
        .phone
        .hold_to_reader_with(&stage.folder, &wire, &["--nfc", NFC])?;
    wait_until("the first command is sent", PATIENCE, || {
        Ok(!stage.desk.wire.since(mark).is_empty())
    })?;
    sleep(TAP);
    stage.phone.take_away()?;
    stage.desk.wire.cut_now();
    let mut status = None;
    wait_until("ssh ends", PATIENCE, || {
        status = ssh.exit_status()?;
        Ok(status.is_some())
    })?;
    let output = ssh.stdout_text();
    let log = stage.module.log_text();
    if !status.is_some_and(|status| status.success()) || !output.contains(&greeting) {
        return Err(unexpected(format!("{status:?}\n{output}\n{log}")));
    }
    assert!(
        output.contains("Tapcard: hold the phone of Alice Example to the reader"),
        "{output}"
    );
    let sent = stage.desk.wire.since(mark);
    let instructions: Vec<u8> = sent
        .iter()
        .filter_map(|exchange| exchange.header().get(1).copied())
        .collect();
    assert!(instructions.starts_with(&IN_ONE_GO), "{sent:#?}");
    // The log-out, where the phone is there for it.
    assert!(sent.len() <= IN_ONE_GO.len() + 1, "{sent:#?}");

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
    logs_in_with_one_tap(Profile::Standard)
}

#[test]
fn ssh_logs_in_with_one_tap_and_an_ec_key() -> Result {
    logs_in_with_one_tap(Profile::Compact)
}
