//! A phone that lies nowhere: it is held to the reader when a program waits for it, and taken away soon.

use std::thread::sleep;
use std::time::Duration;

use crate::Result;
use crate::postgres::is_root;
use crate::program::Program;
use crate::stage::Stage;
use crate::wait::wait_until;
use crate::wire::{Exchange, Mark};

/// How soon after its first command the phone leaves again, where the machine is not slower than that.
const TAP: Duration = Duration::from_millis(500);
/// What one tap is for: SELECT, the channel, VERIFY in it, and the signature.
pub const IN_ONE_GO: [u8; 4] = [0xA4, 0x87, 0x20, 0x2A];
const PATIENCE: Duration = Duration::from_secs(60);
/// What NFC costs: bits a second, and the time of each command.
pub const NFC: &str = "106k,20ms";
/// A user that every Debian has, since programs want a name for themselves.
const USER: &str = "1";

/// The user allows one tap, as a user does.
///
/// # Errors
/// When `tapcard` does not set it up.
pub fn set_up(stage: &Stage) -> Result {
    let tapcard = stage.folder.binaries().tapcard()?;
    patient(stage, &tapcard.to_string_lossy())
        .args(["setup", "one-tap", "--apply"])
        .succeed()?
        .saying(&["pkcs11.toml was written"])?;
    Ok(())
}

/// A program of a user: not as root, for whom nobody waits.
#[must_use]
pub fn patient(stage: &Stage, program: &str) -> Program {
    let named = |name| stage.module.program(&stage.folder, name);
    if !is_root() {
        return named(program);
    }
    named("unshare")
        .arg("--user")
        .arg(format!("--map-user={USER}"))
        .arg(format!("--map-group={USER}"))
        .arg(program)
}

/// Takes the phone away, until the reader reports that it is empty.
///
/// # Errors
/// When the reader does not report it.
pub fn take_away(stage: &mut Stage) -> Result {
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)
}

/// Waits until the module has said in its log that it waits for the phone.
///
/// # Errors
/// When it does not.
pub fn until_waited_for(stage: &Stage) -> Result {
    wait_until("the module waits for the phone", PATIENCE, || {
        Ok(stage.module.log_text().contains("waiting for the phone"))
    })
}

/// Holds the phone to the reader, over a link as slow as NFC.
///
/// # Errors
/// When it does not get there.
pub fn hold(stage: &mut Stage) -> Result {
    let wire = stage.desk.wire.address();
    stage
        .phone
        .hold_to_reader_with(&stage.folder, &wire, &["--nfc", NFC])
}

/// One tap: the phone comes, and leaves half a second after its first command, but not before it has answered as many as
/// a tap is for. What it was sent since `mark`.
///
/// # Errors
/// When it does not get to the reader, or is sent less.
pub fn tap(stage: &mut Stage, mark: Mark) -> Result<Vec<Exchange>> {
    hold(stage)?;
    wait_until("the first command is sent", PATIENCE, || {
        Ok(!stage.desk.wire.since(mark).is_empty())
    })?;
    sleep(TAP);
    wait_until("the phone has answered", PATIENCE, || {
        let sent = stage.desk.wire.since(mark);
        let answered = sent.iter().filter(|exchange| exchange.status().is_some());
        Ok(answered.count() >= IN_ONE_GO.len())
    })?;
    stage.phone.take_away()?;
    stage.desk.wire.cut_now();
    Ok(stage.desk.wire.since(mark))
}
