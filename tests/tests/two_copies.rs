//! Two copies of the module in one program, with a card there: as where an application loads it, and p11-kit another one.

use std::fs;

use rig::card_tasks::{beside_module, module_program};
use rig::portal::Profile;
use rig::stage::Stage;
use rig::told_program::ToldProgram;
use rig::{Result, unexpected};
use serde_json::Value;

/// As fast as NFC can be, since nothing is measured here.
const NFC: &str = "848k,0ms";

fn does(program: &mut ToldProgram, tasks: &[&str]) -> Result {
    for task in tasks {
        let done = program.act(task)?;
        if !done.is_ok() {
            return Err(unexpected(format!("{task} ends with {done:?}")));
        }
    }
    Ok(())
}

/// With a phone of its own, over contacts or over this model of NFC.
fn work_beside_each_other(model: Option<&str>) -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    if let Some(model) = model {
        stage
            .desk
            .hold_over_nfc(&stage.folder, &mut stage.phone, model)?;
    }
    // The loader takes the same file for the same library.
    let copy = stage.folder.join("copy.so");
    fs::copy(stage.module.path(), &copy).map_err(|error| unexpected(error.to_string()))?;
    let program = module_program(&stage.folder, &stage.module)?.arg(&copy);
    let mut program = ToldProgram::start(&stage.folder, program, "card_tasks")?;
    let mut other = beside_module(&stage.folder, &stage.desk.pcsc)?;

    does(
        &mut program,
        &["begin", "second begin", "login", "second login"],
    )?;
    for _ in 0..3 {
        does(
            &mut program,
            &["sign-9a", "second sign-9a", "derive", "second derive"],
        )?;
    }
    // Who logs out leaves the card to the other.
    does(&mut program, &["log-out", "second sign-9a", "login-again"])?;
    does(
        &mut program,
        &["second log-out", "sign-9a", "second login-again"],
    )?;
    // So does who ends.
    does(
        &mut program,
        &["begin", "second sign-9a", "login", "sign-9a"],
    )?;
    does(&mut program, &["second begin", "sign-9a", "second login"])?;
    // A card that was reset, and one that was away.
    does(&mut other, &["connect", "leave-and-reset"])?;
    does(&mut program, &["sign-9a", "second sign-9a"])?;
    does(
        &mut program,
        &[
            "log-out",
            "login-again",
            "second log-out",
            "second login-again",
        ],
    )?;
    stage.desk.wire.cut_now();
    does(&mut program, &["second sign-9a", "sign-9a"])?;
    // The last one out logs out on the card too.
    does(&mut program, &["second log-out", "sign-9a", "log-out"])?;
    does(&mut other, &["connect"])?;
    let verified = other.act("verified")?.result;
    assert!(verified.starts_with("63C"), "{verified}");

    let status = stage.phone.status(&stage.folder)?;
    let (left, of) = (status.pointer("/pin/left"), status.pointer("/pin/of"));
    assert!(left.is_some_and(Value::is_u64), "{status}");
    assert_eq!(left, of);
    Ok(())
}

#[test]
fn both_log_in_and_sign_in_turn_and_neither_takes_the_login_of_the_other() -> Result {
    work_beside_each_other(None)
}

#[test]
fn the_same_over_nfc() -> Result {
    work_beside_each_other(Some(NFC))
}
