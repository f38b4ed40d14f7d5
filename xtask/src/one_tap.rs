//! `cargo xtask bench one-tap`: how long a phone must lie at the reader until ssh has logged in with it.
//!
//! Times are for people to judge: it fails where a login fails, or needs more commands.

use std::fmt::Write;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rig::folder::Folder;
use rig::one_tap::{NFC, hold, patient, set_up, take_away, until_waited_for};
use rig::phone::PIN;
use rig::portal::Profile;
use rig::process::Process;
use rig::sshd::Sshd;
use rig::stage::Stage;
use rig::wire::Exchange;

use crate::debian;
use crate::error::{Error, Result, doing};
use crate::interrupt::Interrupt;
use crate::story::tell;
use crate::workspace::{build, cargo, succeed};

/// How often it is timed; the median counts.
const LOGINS: usize = 11;
/// SELECT, the channel, VERIFY in it, the signature.
const COMMANDS: usize = 4;
/// Keys, and what the median should stay under.
const KEYS: [(Profile, &str, Duration); 2] = [
    (Profile::Standard, "RSA-2048", Duration::from_millis(400)),
    (Profile::Compact, "P-256", Duration::from_millis(300)),
];
/// What a step of a login may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How exactly the clock is read.
const LOOK: Duration = Duration::from_micros(500);

/// One login, from the moment that PC/SC has reported the card.
struct Times {
    /// Until the card had given its last answer.
    card: Duration,
    /// Until the program on the other machine had spoken.
    login: Duration,
}

/// Times logins with each key and prints a table.
pub fn run() -> Result {
    let _interrupt = Interrupt::watch()?;
    let start = Instant::now();
    debian::ensure_for_tests()?;
    build()?;
    succeed(
        cargo()
            .args(["build", "--quiet", "--locked", "--package", "tapcard-tests"])
            .args(["--example", "await_card"]),
    )?;
    tell("Build", "programs and module are there", start);
    let mut table = format!(
        "From PC/SC's report of the card to the finished login, median (and longest) of {LOGINS}, NFC of {NFC}:\n\n\
         | key | card and module | ssh after that | together | aim |\n|---|---|---|---|---|\n"
    );
    for (profile, key, aim) in KEYS {
        let start = Instant::now();
        let times = logins(profile)?;
        tell("Logins", key, start);
        let of = |part: fn(&Times) -> Duration| {
            let mut parts: Vec<_> = times.iter().map(part).collect();
            parts.sort_unstable();
            let seconds = |time: Option<&Duration>| time.copied().unwrap_or_default().as_secs_f64();
            let median = seconds(parts.get(parts.len() / 2));
            format!("{median:.2} s ({:.2})", seconds(parts.last()))
        };
        let _ = writeln!(
            table,
            "| {key} | {} | {} | {} | {:.1} s |",
            of(|times| times.card),
            of(|times| times.login.saturating_sub(times.card)),
            of(|times| times.login),
            aim.as_secs_f64(),
        );
    }
    println!("\n{table}");
    Ok(())
}

fn logins(profile: Profile) -> Result<Vec<Times>> {
    let mut stage = Stage::enrolled_in(Folder::silent()?, profile)?;
    set_up(&stage)?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let observer = stage.folder.binaries().built("examples/await_card")?;
    let observer_here = stage.folder.join("await_card");
    fs::copy(observer, &observer_here).map_err(doing("copy await_card"))?;
    let login = |stage: &Stage| {
        let ssh = patient(stage, "ssh");
        sshd.login_through(ssh, &stage.folder, stage.module.path(), PIN)
    };
    // The user has used the phone here before.
    login(&stage)?.succeed()?;
    stage.module.was_used()?;
    take_away(&mut stage)?;
    let mut all = Vec::new();
    for number in 0..LOGINS {
        Interrupt::check()?;
        let mark = stage.desk.wire.mark();
        let mut ssh = login(&stage)?.start(&stage.folder, &format!("ssh-{number}"))?;
        until_waited_for(&stage)?;
        let observer = stage
            .desk
            .client(&stage.folder, &observer_here.to_string_lossy())
            .start(&stage.folder, &format!("card-{number}"))?;
        hold(&mut stage)?;
        let reported = moment("PC/SC reports the card", || {
            observer.stdout_text().contains("card")
        })?;
        let answered = |exchange: &Exchange| exchange.status().is_some();
        let card = moment("the card has signed", || {
            let sent = stage.desk.wire.since(mark);
            sent.len() >= COMMANDS && sent.iter().take(COMMANDS).all(answered)
        })?;
        let done = moment("ssh has logged in", || {
            ssh.stdout_text().contains("hello from")
        })?;
        ends_well(&mut ssh)?;
        all.push(Times {
            card: card.saturating_duration_since(reported),
            login: done.saturating_duration_since(reported),
        });
        let sent = stage.desk.wire.since(mark);
        // The log-out comes after the login.
        if sent.len() > COMMANDS + 1 {
            return Err(Error::Machine(format!("more than one go: {sent:#?}")));
        }
        stage.module.was_used()?;
        take_away(&mut stage)?;
    }
    Ok(all)
}

/// When a condition came true.
fn moment(what: &str, condition: impl Fn() -> bool) -> Result<Instant> {
    let begun = Instant::now();
    while !condition() {
        if begun.elapsed() > PATIENCE {
            return Err(Error::Machine(format!("not in time: {what}")));
        }
        sleep(LOOK);
    }
    Ok(Instant::now())
}

fn ends_well(ssh: &mut Process) -> Result {
    let begun = Instant::now();
    loop {
        match ssh.exit_status()? {
            Some(status) if status.success() => return Ok(()),
            None if begun.elapsed() < PATIENCE => sleep(LOOK),
            status => {
                let text = ssh.stderr_text();
                return Err(Error::Machine(format!("ssh: {status:?}: {text}")));
            }
        }
    }
}
