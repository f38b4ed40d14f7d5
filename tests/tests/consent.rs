//! Logins that wait for the holder of the phone: allowed, refused, unanswered, and with the link cut meanwhile.

use std::process::ExitStatus;
use std::time::Duration;

use rig::Result;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::process::Process;
use rig::sshd::Sshd;
use rig::stage::Stage;
use rig::wait::{wait_for, wait_until};

const PATIENCE: Duration = Duration::from_secs(20);

/// The outcomes in the log of uses.
fn outcomes(stage: &Stage) -> Result<Vec<String>> {
    let uses = stage.phone.uses(&stage.folder)?;
    let uses = uses.as_array().cloned().unwrap_or_default();
    Ok(uses
        .iter()
        .map(|one| one["outcome"].as_str().unwrap_or_default().to_owned())
        .collect())
}

fn end(process: &mut Process) -> Result<ExitStatus> {
    wait_for("the login ends", PATIENCE, || process.exit_status())
}

/// The module said CKR_FUNCTION_REJECTED, and nothing of a device that fails.
fn rejected(stage: &Stage) -> Result {
    let log = stage.module.log_text();
    assert!(log.contains("0x00000200 "), "{log}");
    assert!(!log.contains("0x00000030 "), "{log}");
    stage.module.was_used()
}

#[test]
fn an_ssh_login_waits_for_the_holder() -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    stage
        .phone
        .set_consent(&stage.folder, "9A", "confirm-on-phone")?;
    let login = |stage: &Stage, name: &str| {
        sshd.login(&stage.folder, &stage.module, PIN)?
            .start(&stage.folder, name)
    };

    let mut allowed = login(&stage, "allowed")?;
    let request = stage.phone.request(&stage.folder)?;
    assert_eq!(request["key"], "9A");
    assert_eq!(request["operation"], "sign");
    assert_eq!(allowed.exit_status()?, None);
    stage.phone.answer(&stage.folder, "--approve")?;
    assert!(end(&mut allowed)?.success(), "{}", allowed.stderr_text());
    let greeting = format!("hello from {}", sshd.user());
    assert!(allowed.stdout_text().contains(&greeting));

    stage.module.was_used()?;
    let mut refused = login(&stage, "refused")?;
    stage.phone.answer(&stage.folder, "--refuse")?;
    assert!(!end(&mut refused)?.success());
    assert!(refused.stderr_text().contains("Permission denied"));
    rejected(&stage)?;

    // The phone is back at once: the holder is asked again, and the program knows nothing of it.
    let mut cut = login(&stage, "cut")?;
    stage.phone.request(&stage.folder)?;
    stage.desk.wire.cut_now();
    wait_until("the first request is over", PATIENCE, || {
        Ok(outcomes(&stage)?.last().map(String::as_str) == Some("link-lost"))
    })?;
    stage.phone.answer(&stage.folder, "--approve")?;
    assert!(end(&mut cut)?.success(), "{}", cut.stderr_text());
    assert_eq!(stage.phone.times_connected(), 2);
    assert_eq!(outcomes(&stage)?, ["done", "refused", "link-lost", "done"]);

    // Nobody is there.
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)?;
    let address = stage.desk.wire.address();
    let soon = ["--consent-timeout", "1"];
    stage
        .phone
        .hold_to_reader_with(&stage.folder, &address, &soon)?;
    stage.desk.wait_for_card(&stage.folder)?;
    stage.module.was_used()?;
    let mut unanswered = login(&stage, "unanswered")?;
    assert!(!end(&mut unanswered)?.success());
    assert_eq!(
        outcomes(&stage)?.last().map(String::as_str),
        Some("timed-out")
    );
    rejected(&stage)?;
    // No try of the PIN was lost to any of this.
    assert_eq!(stage.phone.status(&stage.folder)?["pin"]["left"], 5);
    Ok(())
}
