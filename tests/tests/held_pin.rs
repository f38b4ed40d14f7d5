//! A PIN that was typed is in the module's memory for the time of grace and no longer, whatever the program does or does not
//! call, and whatever it says of threads.

use std::time::Duration;

use rig::card_tasks::module_program;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::told_program::ToldProgram;
use rig::wait::wait_until;
use rig::{Result, unexpected};

/// Long enough to look at the memory of a program on a busy machine.
const GRACE: Duration = Duration::from_secs(6);
/// As fast as NFC can be, since nothing is measured here.
const NFC: &str = "848k,0ms";
/// How much later a busy machine may get to it.
const LATE: Duration = Duration::from_secs(10);

/// The PIN as a card is sent it: eight bytes, padded with FF (SP 800-73-5 part 2, 3.2.1). So it is nowhere but in the module.
fn padded_pin() -> Vec<u8> {
    let mut pin = PIN.as_bytes().to_vec();
    pin.resize(8, 0xFF);
    pin
}

fn copies(program: &ToldProgram) -> Result<usize> {
    program.process().times_in_memory(&padded_pin())
}

fn does(program: &mut ToldProgram, task: &str) -> Result {
    let done = program.act(task)?;
    if done.is_ok() {
        return Ok(());
    }
    Err(unexpected(format!("{task} ends with {done:?}")))
}

/// The PIN is there once; nobody calls the module while it is wiped.
fn is_wiped_in_time(program: &ToldProgram) -> Result {
    assert_eq!(copies(program)?, 1);
    wait_until("the PIN is wiped", GRACE + LATE, || {
        Ok(copies(program)? == 0)
    })
}

/// With a phone of its own, over contacts or over this model of NFC.
fn is_wiped(model: Option<&str>) -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    if let Some(model) = model {
        stage
            .desk
            .hold_over_nfc(&stage.folder, &mut stage.phone, model)?;
    }
    let program = module_program(&stage.folder, &stage.module)?
        .env("TAPCARD_PKCS11_GRACE_SECONDS", GRACE.as_secs().to_string());
    let mut program = ToldProgram::start(&stage.folder, program, "card_tasks")?;
    for begin in ["begin", "begin-without-threads"] {
        does(&mut program, begin)?;
        assert_eq!(copies(&program)?, 0, "{begin}");
        does(&mut program, "login")?;
        is_wiped_in_time(&program)?;
        does(&mut program, "sign-9a")?;
        // One that has gone out a second time, since the card was away.
        does(&mut program, begin)?;
        does(&mut program, "login")?;
        stage.desk.wire.cut_now();
        does(&mut program, "sign-9a")?;
        is_wiped_in_time(&program)?;
        // Who logs out, or ends the module, does not wait for it.
        does(&mut program, begin)?;
        does(&mut program, "login")?;
        does(&mut program, begin)?;
        assert_eq!(copies(&program)?, 0, "{begin}");
    }
    Ok(())
}

#[test]
fn a_pin_is_wiped_when_its_time_is_over_also_where_a_program_forbids_threads() -> Result {
    is_wiped(None)
}

#[test]
fn a_pin_that_goes_through_a_channel_is_wiped_too() -> Result {
    is_wiped(Some(NFC))
}
