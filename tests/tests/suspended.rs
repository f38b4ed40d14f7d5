//! A computer is suspended while a program is logged in: the program and the PC/SC daemon stop, the reader's power is cut, and all
//! of it goes on later. A PIN that was held has not outlasted that, and nobody who is there now is told it.

use std::thread::sleep;
use std::time::Duration;

use rig::card_tasks::module_program;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::told_program::{Done, ToldProgram};
use rig::wait::wait_until;
use rig::{Result, unexpected};
use serde_json::Value;

/// How long the module holds a PIN, and waits for a card.
const GRACE: Duration = Duration::from_secs(2);
/// How long it waits for an answer.
const EXCHANGE: Duration = Duration::from_secs(2);
/// What a call may take, with room for a busy machine.
const BOUND: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(20);
/// The instruction VERIFY.
const VERIFY: u8 = 0x20;

struct Scene {
    program: ToldProgram,
    stage: Stage,
}

impl Scene {
    fn set_up() -> Result<Self> {
        let stage = Stage::enrolled(Profile::Compact)?;
        let program = module_program(&stage.folder, &stage.module)?
            .env("TAPCARD_PKCS11_GRACE_SECONDS", GRACE.as_secs().to_string())
            .env(
                "TAPCARD_PKCS11_EXCHANGE_SECONDS",
                EXCHANGE.as_secs().to_string(),
            );
        Ok(Self {
            program: ToldProgram::start(&stage.folder, program, "card_tasks")?,
            stage,
        })
    }

    fn does(&mut self, tasks: &[&str]) -> Result {
        for task in tasks {
            let done = self.program.act(task)?;
            if !done.is_ok() {
                return Err(unexpected(format!("{task} ends with {done:?}")));
            }
        }
        Ok(())
    }

    /// The daemon and the program stop, the card loses its power, and both go on after this time.
    fn suspend_for(&self, time: Duration) -> Result {
        let daemon = self.stage.desk.pcsc.process();
        let daemon = daemon.ok_or_else(|| unexpected("no daemon"))?;
        daemon.suspend()?;
        self.program.process().suspend()?;
        self.stage.desk.wire.cut_now();
        sleep(time);
        daemon.resume()?;
        self.program.process().resume()
    }

    fn no_try_is_lost(&self) -> Result {
        let status = self.stage.phone.status(&self.stage.folder)?;
        let (left, of) = (status.pointer("/pin/left"), status.pointer("/pin/of"));
        assert!(left.is_some_and(Value::is_u64), "{status}");
        assert_eq!(left, of);
        Ok(())
    }
}

fn is_in_bound(done: &Done) {
    assert!(done.took < BOUND, "{done:?}");
}

#[test]
fn a_login_does_not_outlast_a_suspension_that_is_longer_than_the_grace_time() -> Result {
    let mut scene = Scene::set_up()?;
    for tasks in [["sign-9a"], ["derive"]] {
        scene.does(&["begin", "login", "sign-9a"])?;
        let mark = scene.stage.desk.wire.mark();
        scene.suspend_for(GRACE + Duration::from_millis(100))?;
        let [task] = tasks;
        let done = scene.program.act(task)?;
        assert_eq!(done.result, "UserNotLoggedIn", "{task}");
        is_in_bound(&done);
        let sent = scene.stage.desk.wire.since(mark);
        assert!(
            sent.iter().all(|sent| sent.instruction() != Some(VERIFY)),
            "{sent:?}"
        );
        scene.does(&["login-again", task])?;
    }
    scene.no_try_is_lost()
}

#[test]
fn a_login_outlasts_one_that_is_shorter() -> Result {
    let mut scene = Scene::set_up()?;
    scene.does(&["begin", "login", "sign-9a"])?;
    // A new PIN, so that the time begins now.
    scene.does(&["begin", "login"])?;
    scene.suspend_for(Duration::from_millis(300))?;
    scene.does(&["sign-9a"])?;
    scene.no_try_is_lost()
}

#[test]
fn a_call_that_a_suspension_interrupts_ends_and_the_next_one_works() -> Result {
    let mut scene = Scene::set_up()?;
    for task in ["login", "sign-9a", "list", "login-and-sign"] {
        scene.does(&["begin"])?;
        if task == "sign-9a" {
            scene.does(&["login"])?;
        }
        scene.program.begin(task)?;
        scene.suspend_for(GRACE + Duration::from_millis(100))?;
        is_in_bound(&scene.program.finish()?);
        let program = &mut scene.program;
        wait_until("the card is used again", PATIENCE, || {
            Ok(program.act("login-and-sign")?.is_ok())
        })?;
        scene.no_try_is_lost()?;
    }
    Ok(())
}
