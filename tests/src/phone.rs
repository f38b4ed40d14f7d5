//! The virtual phone, `tapcard-phone`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::clock::with_clock;
use crate::folder::Folder;
use crate::process::Process;
use crate::program::{Outcome, Program};
use crate::{Result, unexpected};

/// The PIN that an enrolled phone of a test has.
pub const PIN: &str = "739154";
/// The PIN of a card that nobody has enrolled.
pub const DEFAULT_PIN: &str = "123456";
/// The PUK of a card that nobody has enrolled.
pub const DEFAULT_PUK: &str = "12345678";
/// The management key of a card that nobody has enrolled, in hexadecimal.
pub const DEFAULT_MANAGEMENT_KEY: &str = "010203040506070801020304050607080102030405060708";

/// Key generation is the slow part: two RSA keys on a busy machine.
const ENROLL_LIMIT: Duration = Duration::from_secs(120);
const CONNECT_LIMIT: Duration = Duration::from_secs(20);

/// A phone: its state on disk, and perhaps a process that serves its card.
#[derive(Debug)]
pub struct Phone {
    state: PathBuf,
    served: Option<Process>,
    clock: Option<&'static str>,
}

impl Phone {
    /// A phone whose state is (or will be) in `state`.
    #[must_use]
    pub fn at(state: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            served: None,
            clock: None,
        }
    }

    /// Where its state is.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Sets the phone's clock so far ahead, as `+2d`, for what it does from now on.
    pub fn set_clock(&mut self, ahead: &'static str) {
        self.clock = Some(ahead);
    }

    fn program(&self, folder: &Folder, command: &str) -> Result<Program> {
        let program = folder
            .program(folder.binaries().tapcard_phone()?)
            .args([command, "--state"])
            .arg(&self.state);
        Ok(match self.clock {
            Some(ahead) => with_clock(program, ahead),
            None => program,
        })
    }

    /// The phone's check-in, not yet run.
    ///
    /// # Errors
    /// When the phone has not been built.
    pub fn check_in_program(&self, folder: &Folder) -> Result<Program> {
        self.program(folder, "check-in")
    }

    /// A new PIN by a code of the organisation's, not yet run.
    ///
    /// # Errors
    /// When the phone has not been built.
    pub fn unblock_program(&self, folder: &Folder, code: &str, pin: &str) -> Result<Program> {
        Ok(self
            .program(folder, "unblock")?
            .env("TAPCARD_UNBLOCKING_CODE", code)
            .env("TAPCARD_PIN", pin)
            .time_limit(ENROLL_LIMIT))
    }

    /// Holds the phone to the reader (or wire) at `address`, and waits until it is there.
    ///
    /// # Errors
    /// When the phone does not start or finds no reader.
    pub fn hold_to_reader(&mut self, folder: &Folder, address: &str) -> Result {
        self.hold_to_reader_with(folder, address, &[])
    }

    /// As [`Phone::hold_to_reader`], with more arguments for `tapcard-phone run`.
    ///
    /// # Errors
    /// As [`Phone::hold_to_reader`].
    pub fn hold_to_reader_with(
        &mut self,
        folder: &Folder,
        address: &str,
        arguments: &[&str],
    ) -> Result {
        let name = self.state.file_name().map_or_else(
            || "phone".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        let mut process = self
            .program(folder, "run")?
            .args(["--vpcd", address])
            .args(arguments)
            .start(folder, &name)?;
        process.wait_for("is at the reader", CONNECT_LIMIT, |process| {
            Ok(process.stdout_text().contains("connected to").then_some(()))
        })?;
        self.served = Some(process);
        Ok(())
    }

    /// How often the phone has come to a reader since it was started.
    #[must_use]
    pub fn times_connected(&self) -> usize {
        self.served.as_ref().map_or(0, |process| {
            process.stdout_text().matches("connected to").count()
        })
    }

    /// Takes the phone away from the reader, by killing it.
    ///
    /// # Errors
    /// When it does not end.
    pub fn take_away(&mut self) -> Result {
        self.served.take().map_or(Ok(()), Process::kill)
    }

    /// The enrollment command, not yet run.
    ///
    /// # Errors
    /// When the phone has not been built.
    pub fn enroll_program(&self, folder: &Folder, invitation: &str, pin: &str) -> Result<Program> {
        Ok(self
            .program(folder, "enroll")?
            .input(invitation)
            .env("TAPCARD_PIN", pin)
            .time_limit(ENROLL_LIMIT))
    }

    /// Enrolls the phone by an invitation and gives it `pin`.
    ///
    /// # Errors
    /// When the phone or the server refuses.
    pub fn enroll(&self, folder: &Folder, invitation: &str, pin: &str) -> Result<Outcome> {
        self.enroll_program(folder, invitation, pin)?.succeed()
    }

    /// Sets what a use of the key in a slot needs.
    ///
    /// # Errors
    /// When the phone does not take it.
    pub fn set_consent(&self, folder: &Folder, slot: &str, policy: &str) -> Result<Outcome> {
        self.command(folder, "consent")?
            .args([slot, policy])
            .succeed()
    }

    /// Sets where the PIN can be typed that a host asks for: `host` or `phone`.
    ///
    /// # Errors
    /// When the phone does not take it.
    pub fn set_pin_entry(&self, folder: &Folder, place: &str) -> Result<Outcome> {
        self.command(folder, "pin-entry")?.arg(place).succeed()
    }

    /// Sets what hosts may do over NFC.
    ///
    /// # Errors
    /// When the phone does not take it.
    pub fn set_contactless(&self, folder: &Folder, policy: &str) -> Result<Outcome> {
        self.command(folder, "contactless")?.arg(policy).succeed()
    }

    /// Types a PIN at the phone, for the next request, which is given.
    ///
    /// # Errors
    /// When none comes.
    pub fn type_pin(&self, folder: &Folder, pin: &str) -> Result<(Value, Outcome)> {
        let request = self.request(folder)?;
        let id = request.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| unexpected(format!("a request without a name: {request}")))?;
        let typed = self
            .command(folder, "requests")?
            .args(["--approve", id])
            .env("TAPCARD_PRESENT_PIN", pin)
            .run()?;
        Ok((request, typed))
    }

    /// The request that waits for the holder's answer, or the next that comes.
    ///
    /// # Errors
    /// When none comes.
    pub fn request(&self, folder: &Folder) -> Result<Value> {
        let request = self.command(folder, "requests")?.args(["--wait", "--json"]);
        json_of(&request.time_limit(CONNECT_LIMIT).succeed()?)
    }

    /// The holder's answer, `--approve` or `--refuse`, to the next request.
    ///
    /// # Errors
    /// When none comes, or the answer is not taken.
    pub fn answer(&self, folder: &Folder, answer: &str) -> Result<Outcome> {
        let request = self.request(folder)?;
        let id = request.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| unexpected(format!("a request without a name: {request}")))?;
        self.command(folder, "requests")?
            .args([answer, id])
            .succeed()
    }

    /// Every use of a key by a host.
    ///
    /// # Errors
    /// When the phone does not tell.
    pub fn uses(&self, folder: &Folder) -> Result<Value> {
        json_of(&self.command(folder, "log")?.arg("--json").succeed()?)
    }

    fn command(&self, folder: &Folder, name: &str) -> Result<Program> {
        self.program(folder, name)
    }

    /// What the phone says of itself.
    ///
    /// # Errors
    /// When it says nothing, or nothing that is JSON.
    pub fn status(&self, folder: &Folder) -> Result<Value> {
        json_of(&self.command(folder, "status")?.arg("--json").succeed()?)
    }
}

fn json_of(outcome: &Outcome) -> Result<Value> {
    serde_json::from_slice(&outcome.stdout)
        .map_err(|error| unexpected(format!("tapcard-phone: {error}: {}", outcome.text())))
}
