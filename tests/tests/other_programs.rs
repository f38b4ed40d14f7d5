//! Other programs beside the module, at a real daemon: one has the card for itself, one keeps a transaction for long, one resets
//! the card. The module answers within its bounds, no try of the PIN is lost, and it works when the other lets go.

use std::thread::sleep;
use std::time::Duration;

use rig::card_tasks::{beside_module, module_program};
use rig::portal::Profile;
use rig::stage::Stage;
use rig::told_program::{Done, ToldProgram};
use rig::wait::wait_until;
use rig::{Result, unexpected};
use serde_json::Value;

/// How long the module waits for a card that has left, and holds a PIN.
const GRACE: Duration = Duration::from_secs(2);
/// How long it waits for an exchange, and for a look at a reader.
const EXCHANGE: Duration = Duration::from_secs(2);
/// What a call may take that waits for another program: both, with room for a busy machine.
const BOUND: Duration = Duration::from_secs(10);
/// What one may take that knows that its reader is held up.
const AT_ONCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);
/// Android's reader mode at its slowest.
const NFC: &str = "106k,20ms";

/// A phone at a reader, a program with the module, and one without.
struct Scene {
    program: ToldProgram,
    other: ToldProgram,
    stage: Stage,
}

impl Scene {
    fn set_up(model: Option<&str>) -> Result<Self> {
        let mut stage = Stage::enrolled(Profile::Compact)?;
        if let Some(model) = model {
            stage
                .desk
                .hold_over_nfc(&stage.folder, &mut stage.phone, model)?;
        }
        let program = module_program(&stage.folder, &stage.module)?
            .env("TAPCARD_PKCS11_GRACE_SECONDS", GRACE.as_secs().to_string())
            .env(
                "TAPCARD_PKCS11_EXCHANGE_SECONDS",
                EXCHANGE.as_secs().to_string(),
            )
            .env(
                "TAPCARD_PKCS11_LOOK_SECONDS",
                EXCHANGE.as_secs().to_string(),
            );
        Ok(Self {
            program: ToldProgram::start(&stage.folder, program, "card_tasks")?,
            other: beside_module(&stage.folder, &stage.desk.pcsc)?,
            stage,
        })
    }

    /// Does what must end well.
    fn does(&mut self, tasks: &[&str]) -> Result {
        tasks
            .iter()
            .try_for_each(|task| is_ok(&self.program.act(task)?, task))
    }

    /// The other program does what must end well.
    fn other_does(&mut self, tasks: &[&str]) -> Result {
        tasks
            .iter()
            .try_for_each(|task| is_ok(&self.other.act(task)?, task))
    }

    /// After the other program has let go, the program logs in where that is due, and signs. PC/SC looks ten times a second whether
    /// a transaction can begin, and until then the reader is held up.
    fn signs_again(&mut self) -> Result {
        wait_until("the card is used again", PATIENCE, || {
            let mut done = self.program.act("sign-9a")?;
            if done.result == "UserNotLoggedIn" {
                done = self.program.act("login-again")?;
                if done.is_ok() {
                    done = self.program.act("sign-9a")?;
                }
            }
            if !done.is_ok() {
                fails_cleanly(&done, BOUND);
            }
            Ok(done.is_ok())
        })?;
        self.does(&["sign-9a"])
    }

    /// All tries of the PIN are there.
    fn no_try_is_lost(&self) -> Result {
        let status = self.stage.phone.status(&self.stage.folder)?;
        let (left, of) = (status.pointer("/pin/left"), status.pointer("/pin/of"));
        assert!(left.is_some_and(Value::is_u64), "{status}");
        assert_eq!(left, of);
        Ok(())
    }
}

fn is_ok(done: &Done, task: &str) -> Result {
    if done.is_ok() {
        return Ok(());
    }
    Err(unexpected(format!("{task} ends with {done:?}")))
}

/// It fails in a way that a program can do something about, within the bound.
fn fails_cleanly(done: &Done, bound: Duration) {
    let clean = [
        "DeviceError",
        "TokenNotPresent",
        "no-token",
        "UserNotLoggedIn",
    ];
    assert!(clean.contains(&done.result.as_str()), "{done:?}");
    assert!(done.took < bound, "{done:?}");
}

#[test]
fn a_card_that_another_program_has_for_itself_is_waited_for_and_costs_no_try() -> Result {
    let mut scene = Scene::set_up(None)?;
    // A program that knows nothing of the card yet.
    scene.does(&["begin"])?;
    scene.other_does(&["connect-alone"])?;
    fails_cleanly(&scene.program.act("login")?, BOUND);
    scene.other_does(&["leave"])?;
    scene.does(&["login", "sign-9a"])?;
    // Who is logged in stays connected, and nobody else has the card for itself.
    assert_eq!(scene.other.act("connect-alone")?.result, "SharingViolation");
    scene.does(&["sign-9a"])?;

    // One that knows the card, and is not logged in.
    scene.does(&["begin", "list"])?;
    let other = &mut scene.other;
    wait_until("the card is free", PATIENCE, || {
        Ok(other.act("connect-alone")?.is_ok())
    })?;
    fails_cleanly(&scene.program.act("login-again")?, BOUND);
    // What is known needs no card.
    scene.does(&["list"])?;
    fails_cleanly(&scene.program.act("login-again")?, BOUND);
    scene.no_try_is_lost()?;
    // Who lets go while the module waits.
    scene.program.begin("login-again")?;
    scene.other_does(&["leave"])?;
    is_ok(&scene.program.finish()?, "login-again")?;
    scene.does(&["sign-9a"])?;
    scene.no_try_is_lost()
}

#[test]
fn a_transaction_that_another_program_keeps_is_waited_for_within_the_bound() -> Result {
    let mut scene = Scene::set_up(None)?;
    scene.does(&["begin", "login", "sign-9a"])?;
    // For a moment.
    scene.other_does(&["connect", "hold"])?;
    scene.program.begin("sign-9a")?;
    scene.other_does(&["let-go"])?;
    is_ok(&scene.program.finish()?, "sign-9a")?;
    // For longer than the module waits.
    scene.other_does(&["hold"])?;
    fails_cleanly(&scene.program.act("sign-9a")?, BOUND);
    fails_cleanly(&scene.program.act("sign-9a")?, AT_ONCE);
    scene.other_does(&["let-go"])?;
    scene.signs_again()?;
    scene.no_try_is_lost()?;
    // While a PIN is to go out.
    scene.does(&["begin", "list"])?;
    scene.other_does(&["hold"])?;
    fails_cleanly(&scene.program.act("login-again")?, BOUND);
    fails_cleanly(&scene.program.act("login-again")?, AT_ONCE);
    // What is known needs no card.
    scene.does(&["list"])?;
    scene.other_does(&["let-go"])?;
    scene.signs_again()?;
    scene.no_try_is_lost()?;
    // The end of the module does not wait for others.
    scene.other_does(&["hold"])?;
    let ended = scene.program.act("begin")?;
    is_ok(&ended, "begin")?;
    assert!(ended.took < BOUND, "{ended:?}");
    scene.other_does(&["let-go", "leave"])?;
    scene.does(&["login", "sign-9a"])?;
    scene.no_try_is_lost()
}

/// Over contacts, and over NFC, where the PIN goes inside a channel.
fn resets(model: Option<&str>) -> Result {
    let mut scene = Scene::set_up(model)?;
    scene.does(&["begin", "login", "sign-9a"])?;
    // Within the time of grace nobody notices.
    scene.does(&["begin", "login"])?;
    scene.other_does(&["connect", "leave-and-reset"])?;
    scene.does(&["sign-9a"])?;
    // Later the program has to log in again, and can.
    sleep(GRACE + Duration::from_millis(100));
    scene.does(&["sign-9a"])?;
    scene.other_does(&["connect", "leave-and-reset"])?;
    assert_eq!(scene.program.act("sign-9a")?.result, "UserNotLoggedIn");
    scene.does(&["login-again", "sign-9a"])?;
    scene.no_try_is_lost()?;
    // Again and again, at any moment of a login and of signatures.
    for task in ["sign-9a", "sign-9e", "derive", "login-again"].repeat(8) {
        scene.program.begin(task)?;
        scene.other_does(&["connect", "leave-and-reset"])?;
        let done = scene.program.finish()?;
        assert!(done.took < BOUND, "{task}: {done:?}");
        match done.result.as_str() {
            "ok" | "UserAlreadyLoggedIn" => {}
            "UserNotLoggedIn" => scene.does(&["login-again"])?,
            _ => fails_cleanly(&done, BOUND),
        }
    }
    scene.signs_again()?;
    scene.no_try_is_lost()
}

#[test]
fn a_card_that_another_program_resets_is_found_again() -> Result {
    resets(None)
}

#[test]
fn a_phone_over_nfc_that_another_program_resets_is_found_again() -> Result {
    resets(Some(NFC))
}

#[test]
fn a_card_that_knows_no_log_out_is_reset_where_nobody_else_uses_it() -> Result {
    let mut scene = Scene::set_up(None)?;
    scene.stage.desk.wire.hide_log_out();
    scene.does(&["begin", "login", "sign-9a"])?;
    scene.other_does(&["connect", "verified", "leave"])?;
    scene.does(&["begin"])?;
    scene.other_does(&["connect"])?;
    let verified = scene.other.act("verified")?.result;
    assert!(verified.starts_with("63C"), "{verified}");
    // Nobody is disturbed who is connected: the card stays verified then.
    scene.does(&["login", "sign-9a", "begin"])?;
    scene.other_does(&["verified", "leave"])?;
    scene.does(&["login", "begin"])?;
    scene.other_does(&["connect"])?;
    let verified = scene.other.act("verified")?.result;
    assert!(verified.starts_with("63C"), "{verified}");
    scene.no_try_is_lost()
}
