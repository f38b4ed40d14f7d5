//! Logins with the PIN typed at the phone: neither the program nor the link ever has it.

use std::time::Duration;

use rig::firefox::Firefox;
use rig::one_tap::NFC;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::sshd::Sshd;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};
use rig::wait::{wait_for, wait_until};
use rig::wire::Exchange;
use rig::{Result, unexpected};
use rustix::process::Signal;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);
/// SELECT, VERIFY at the phone, the signature, and the end of the login.
const LOGIN: [[u8; 3]; 4] = [
    [0x00, 0xA4, 0x04],
    [0x00, 0x20, 0x01],
    [0x00, 0x2A, 0x9E],
    [0x00, 0x20, 0xFF],
];
const WRONG: &str = "000001";
/// A terminal for the program that follows; what it shows goes to standard output.
const TERMINAL: &str =
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// An enrolled phone at which the PIN is typed, and an sshd that lets its holder in.
fn stage(profile: Profile) -> Result<(Stage, Sshd)> {
    let stage = Stage::enrolled(profile)?;
    stage.phone.set_pin_entry(&stage.folder, "phone")?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    Ok((stage, sshd))
}

/// ssh, which nobody gives a PIN.
fn ssh(stage: &Stage, sshd: &Sshd) -> Program {
    let module = stage.module.path().to_string_lossy().into_owned();
    sshd.login_with(&stage.folder, &["-v", "-I", &module])
        .envs(stage.module.environment())
        .env("SSH_ASKPASS_REQUIRE", "never")
}

fn is_let_in(login: &mut Process, sshd: &Sshd) -> Result {
    let status = wait_for("the login ends", PATIENCE, || login.exit_status())?;
    let greeting = format!("hello from {}", sshd.user());
    if status.success() && login.stdout_text().contains(&greeting) {
        return Ok(());
    }
    Err(unexpected(login.stderr_text()))
}

/// Refused, and the module said this.
fn is_kept_out(stage: &Stage, login: &mut Process, value: &str) -> Result {
    let status = wait_for("the login ends", PATIENCE, || login.exit_status())?;
    let said = login.stderr_text();
    assert!(
        !status.success() && said.contains("Permission denied"),
        "{said}"
    );
    let log = stage.module.log_text();
    assert!(log.contains(value), "{log}");
    stage.module.was_used()
}

fn headers(exchanges: &[Exchange]) -> Vec<&[u8]> {
    let header = |exchange| Exchange::header(exchange).get(..3).unwrap_or_default();
    exchanges.iter().map(header).collect()
}

fn logs_in(profile: Profile) -> Result {
    let (mut stage, sshd) = stage(profile)?;
    for is_over_nfc in [false, true] {
        if is_over_nfc {
            let Stage {
                desk,
                folder,
                phone,
                ..
            } = &mut stage;
            desk.hold_over_nfc(folder, phone, NFC)?;
        }
        // The first login reads what the later ones know.
        for is_first in [true, false] {
            let mark = stage.desk.wire.mark();
            let mut login = ssh(&stage, &sshd).start(&stage.folder, "ssh")?;
            let (request, typed) = stage.phone.type_pin(&stage.folder, PIN)?;
            typed.saying(&["The PIN is right"])?;
            is_let_in(&mut login, &sshd)?;
            let said = login.stderr_text();
            assert!(
                said.contains("Deferring PIN entry to reader keypad"),
                "{said}"
            );
            let interface = if is_over_nfc {
                "contactless"
            } else {
                "contact"
            };
            let of = |member: &str| request.get(member).and_then(Value::as_str);
            assert_eq!(of("interface"), Some(interface));
            assert!(of("says").is_some_and(|says| says.starts_with("ssh")));
            let sent = stage.desk.wire.since(mark);
            if is_over_nfc || !is_first {
                assert_eq!(headers(&sent), LOGIN, "{sent:#?}");
            }
            let hosts = |exchange: &&Exchange| exchange.instruction() == Some(0x20);
            for verify in sent.iter().filter(hosts) {
                assert_ne!(verify.header().get(2), Some(&0), "{verify:?}");
            }
            stage.module.was_used()?;
        }
    }
    Ok(())
}

#[test]
fn ssh_logs_in_with_an_rsa_key_over_contacts_and_nfc() -> Result {
    logs_in(Profile::Standard)
}

#[test]
fn ssh_logs_in_with_an_ec_key_over_contacts_and_nfc() -> Result {
    logs_in(Profile::Compact)
}

#[test]
fn what_else_the_holder_may_do() -> Result {
    let (mut stage, sshd) = stage(Profile::Compact)?;
    let tries = |stage: &Stage| -> Result<Value> {
        let status = stage.phone.status(&stage.folder)?;
        Ok(status["pin"]["left"].clone())
    };
    let begin = |stage: &Stage, name: &str| ssh(stage, &sshd).start(&stage.folder, name);

    // A wrong one is asked for again, and ssh knows nothing of it.
    let mut mistaken = begin(&stage, "mistaken")?;
    let (first, typed) = stage.phone.type_pin(&stage.folder, WRONG)?;
    assert_eq!(first["was_wrong"], false);
    assert!(
        typed
            .all_text()
            .contains("that is not the PIN; 4 tries are left"),
        "{typed:?}"
    );
    wait_until("it is asked for again", PATIENCE, || {
        Ok(stage.phone.request(&stage.folder)?["was_wrong"] == true)
    })?;
    let (second, _) = stage.phone.type_pin(&stage.folder, PIN)?;
    assert_eq!(second["tries"], 4);
    is_let_in(&mut mistaken, &sshd)?;
    assert_eq!(tries(&stage)?, 5);
    stage.module.was_used()?;

    // CKR_FUNCTION_CANCELED
    let mut refused = begin(&stage, "refused")?;
    stage.phone.answer(&stage.folder, "--refuse")?;
    is_kept_out(&stage, &mut refused, "0x00000050 ")?;

    // CKR_DEVICE_REMOVED: the phone leaves, is back at once, and nobody has typed anything.
    let mut cut = begin(&stage, "cut")?;
    stage.phone.request(&stage.folder)?;
    stage.desk.wire.cut_now();
    is_kept_out(&stage, &mut cut, "0x00000032 ")?;
    assert_eq!(tries(&stage)?, 5);
    stage.desk.wait_for_card(&stage.folder)?;

    // Nobody is there.
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)?;
    let address = stage.desk.wire.address();
    let soon = ["--consent-timeout", "1"];
    stage
        .phone
        .hold_to_reader_with(&stage.folder, &address, &soon)?;
    stage.desk.wait_for_card(&stage.folder)?;
    let mut unanswered = begin(&stage, "unanswered")?;
    is_kept_out(&stage, &mut unanswered, "0x00000050 ")?;
    assert_eq!(tries(&stage)?, 5);

    // CKR_PIN_LOCKED
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)?;
    let Stage {
        desk,
        folder,
        phone,
        ..
    } = &mut stage;
    desk.hold(folder, phone)?;
    let mut blocked = begin(&stage, "blocked")?;
    for left in [5, 4, 3, 2, 1] {
        wait_until("it is asked for", PATIENCE, || {
            Ok(stage.phone.request(&stage.folder)?["tries"] == left)
        })?;
        stage.phone.type_pin(&stage.folder, WRONG)?;
    }
    is_kept_out(&stage, &mut blocked, "0x000000A4 ")?;
    assert_eq!(tries(&stage)?, 0);
    Ok(())
}

/// Whether the PIN is verified, as another program asks.
fn is_verified(stage: &Stage) -> Result<bool> {
    let asked = stage
        .desk
        .client(&stage.folder, "opensc-tool")
        // Selecting it again leaves that as it is.
        .args(["--send-apdu", "00A4040009A0000003080000100000"])
        .args(["--send-apdu", "00200080"])
        .succeed()?
        .text();
    let selected = asked.matches("SW1=0x90, SW2=0x00").count();
    match (selected, asked.contains("SW1=0x63, SW2=0xC5")) {
        (1, true) => Ok(false),
        (2, false) => Ok(true),
        _ => Err(unexpected(asked)),
    }
}

#[test]
fn a_program_that_is_killed_while_the_phone_asks_leaves_nobody_logged_in() -> Result {
    let (stage, sshd) = stage(Profile::Compact)?;
    for signal in [Signal::KILL, Signal::TERM] {
        let mut killed = ssh(&stage, &sshd).start(&stage.folder, "killed")?;
        stage.phone.request(&stage.folder)?;
        killed.signal(signal)?;
        wait_for("it has ended", PATIENCE, || killed.exit_status())?;
        // The phone asks still, and what is typed serves nobody.
        let (_, typed) = stage.phone.type_pin(&stage.folder, PIN)?;
        typed.saying(&["The PIN is right"])?;
        wait_until("nobody is logged in", PATIENCE, || {
            Ok(!is_verified(&stage)?)
        })?;
        stage.module.was_used()?;
        let mut next = ssh(&stage, &sshd).start(&stage.folder, "next")?;
        stage.phone.type_pin(&stage.folder, PIN)?;
        is_let_in(&mut next, &sshd)?;
        stage.module.was_used()?;
    }
    Ok(())
}

#[test]
fn pkcs11_tool_signs_without_a_pin_and_with_one() -> Result {
    let (stage, _) = stage(Profile::Compact)?;
    let tool = |arguments: &[&str]| stage.module.pkcs11_tool(&stage.folder).args(arguments);
    let data = stage.folder.write("data", "x".repeat(32))?;
    let data = data.to_string_lossy().into_owned();
    let out = stage.folder.join("signature");
    let sign = |id: &str| {
        tool(&[
            "--sign",
            "--mechanism",
            "ECDSA",
            "--id",
            id,
            "--input-file",
            &data,
        ])
        .arg("--output-file")
        .arg(&out)
    };
    tool(&["--list-slots"])
        .succeed()?
        .saying(&["PIN pad present"])?;
    let tapcard = stage.folder.binaries().tapcard()?;
    stage
        .module
        .program(&stage.folder, &tapcard.to_string_lossy())
        .args(["pin", "status"])
        .run()?
        .saying(&["have the PIN typed at the phone"])?;
    // For 9C the tool logs in once more, for the one signature.
    for (id, times) in [("01", 1), ("02", 2)] {
        let mut signing = sign(id).arg("--login").start(&stage.folder, "sign")?;
        for _ in 0..times {
            let (_, typed) = stage.phone.type_pin(&stage.folder, PIN)?;
            typed.saying(&["The PIN is right"])?;
        }
        let status = wait_for("it has signed", PATIENCE, || signing.exit_status())?;
        assert!(status.success(), "{}", signing.stderr_text());
    }
    sign("01").args(["--login", "--pin", PIN]).succeed()?;
    // A PIN is typed at the phone, and a new one is not.
    tool(&["--login", "--pin", PIN, "--change-pin"])
        .fail()?
        .saying(&["CKR_FUNCTION_NOT_SUPPORTED"])?;
    stage.phone.set_pin_entry(&stage.folder, "host")?;
    sign("01").args(["--login", "--pin", PIN]).succeed()?;
    Ok(())
}

#[test]
fn the_user_is_told_where_to_type_it() -> Result {
    let (stage, sshd) = stage(Profile::Compact)?;
    let module = stage.module.path().to_string_lossy().into_owned();
    let ssh = sshd.login_by_agent(
        stage
            .folder
            .program("/usr/bin/python3")
            .args(["-c", TERMINAL, "ssh", "-I", &module])
            .envs(stage.module.environment()),
        std::path::Path::new("none"),
    );
    let mut login = ssh.start(&stage.folder, "ssh")?;
    stage.phone.type_pin(&stage.folder, PIN)?;
    wait_for("the login ends", PATIENCE, || login.exit_status())?;
    let shown = login.stdout_text();
    assert!(
        shown.contains("Tapcard: type the PIN at the phone of Alice Example"),
        "{shown}"
    );
    Ok(())
}

fn firefox_is_let_in(profile: Profile) -> Result {
    let (stage, _) = stage(profile)?;
    let site = TlsSite::start(&stage.folder, &stage.office.server, Revocation::Crl)?;
    let firefox = Firefox::start(&stage.folder, &stage.module, site.certificate())?;
    let page = std::thread::scope(|scope| {
        let opened = scope.spawn(|| firefox.open_until(&site.address(), "welcome"));
        let (request, typed) = stage.phone.type_pin(&stage.folder, PIN)?;
        typed.saying(&["The PIN is right"])?;
        let says = request.get("says").and_then(Value::as_str);
        assert!(
            says.is_some_and(|says| says.starts_with("firefox")),
            "{request}"
        );
        match opened.join() {
            Ok(page) => page,
            Err(_) => Err(unexpected("the browser's thread has panicked")),
        }
    })?;
    assert!(page.contains("CN=Alice Example"), "{page}");
    // Firefox asks for no PIN.
    assert!(firefox.prompts()?.is_empty());
    stage.module.was_used()
}

#[test]
fn firefox_is_let_in_with_an_rsa_key() -> Result {
    firefox_is_let_in(Profile::Standard)
}

#[test]
fn firefox_is_let_in_with_an_ec_key() -> Result {
    firefox_is_let_in(Profile::Compact)
}
