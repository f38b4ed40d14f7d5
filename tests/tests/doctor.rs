//! `tapcard doctor`: what is on the reader, in plain words, for the cases that people meet.

use rig::folder::Folder;
use rig::foreign_card::ForeignCard;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::{Desk, FreshCard, HOLDER, Stage};
use rig::{Result, unexpected};
use serde_json::Value;

fn doctor(folder: &Folder, desk: &Desk) -> Result<Program> {
    Ok(folder
        .program(folder.binaries().tapcard()?)
        .arg("doctor")
        .envs(desk.pcsc.environment()))
}

fn json(program: Program) -> Result<Value> {
    let outcome = program.arg("--json").run()?;
    serde_json::from_slice(&outcome.stdout)
        .map_err(|error| unexpected(format!("{error}: {}", outcome.all_text())))
}

#[test]
fn an_enrolled_phone_is_well() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    doctor(&stage.folder, &stage.desk)?
        .succeed()?
        .saying(&["PIV", HOLDER, "9A", "9C", "9D", "9E", "days"])?;
    let report = json(doctor(&stage.folder, &stage.desk)?)?;
    assert_eq!(
        report.pointer("/healthy"),
        Some(&Value::Bool(true)),
        "{report:#}"
    );
    let certificates = report.pointer("/readers/0/piv/certificates");
    let count = certificates.and_then(Value::as_array).map(Vec::len);
    assert_eq!(count, Some(4), "{report:#}");
    Ok(())
}

#[test]
fn wrong_pins_are_seen_as_tries_left() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let tries = || -> Result<Option<u64>> {
        let report = json(doctor(&stage.folder, &stage.desk)?)?;
        Ok(report
            .pointer("/readers/0/piv/pins/0/tries_left")
            .and_then(Value::as_u64))
    };
    let full = tries()?.ok_or_else(|| unexpected("no PIN tries in the report"))?;
    stage
        .module
        .pkcs11_tool(&stage.folder)
        .args(["--login", "--pin", "000000", "--list-objects"])
        .fail()?
        .saying(&["CKR_PIN_INCORRECT"])?;
    assert_eq!(tries()?, Some(full - 1));
    stage
        .module
        .pkcs11_tool(&stage.folder)
        .args(["--login", "--pin", PIN, "--list-objects"])
        .succeed()?;
    assert_eq!(tries()?, Some(full));
    Ok(())
}

#[test]
fn a_card_that_nobody_has_enrolled_still_has_the_default_key() -> Result {
    let card = FreshCard::at_reader()?;
    doctor(&card.folder, &card.desk)?.run()?.saying(&[
        "Nobody has enrolled this card",
        "The card management key is still the default that everyone knows.",
    ])?;
    Ok(())
}

#[test]
fn a_phone_that_only_looks_like_a_piv_card_gets_the_clear_answer() -> Result {
    let folder = Folder::for_test()?;
    let desk = Desk::set_up(&folder)?;
    let _card = ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;
    doctor(&folder, &desk)?.fail()?.saying(&[
        "no PIV and no GIDS application",
        "Windows",
        "6A82",
    ])?;
    let report = json(doctor(&folder, &desk)?)?;
    assert_eq!(
        report
            .pointer("/readers/0/card_edges/piv/answer")
            .and_then(Value::as_str),
        Some("absent"),
        "{report:#}"
    );
    Ok(())
}

#[test]
fn no_daemon_no_card() -> Result {
    let folder = Folder::for_test()?;
    let mut desk = Desk::set_up(&folder)?;
    doctor(&folder, &desk)?
        .fail()?
        .saying(&["No reader has a card or phone on it."])?;
    desk.pcsc.stop()?;
    doctor(&folder, &desk)?
        .fail()?
        .saying(&["pcscd", "systemctl"])?;
    let report = json(doctor(&folder, &desk)?)?;
    assert_eq!(
        report.pointer("/service/reachable"),
        Some(&Value::Bool(false)),
        "{report:#}"
    );
    Ok(())
}
