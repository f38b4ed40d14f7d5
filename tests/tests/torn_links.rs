//! The link is cut, and the PC/SC daemon killed, before and after every command of what programs do with a card: at a real
//! daemon and vpcd, over contacts and over NFC, with a card that announces what it can and with any other.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rig::card_tasks::through_module;
use rig::folder::Folder;
use rig::module::Module;
use rig::phone::{PIN, Phone};
use rig::portal::Profile;
use rig::stage::{Desk, Office};
use rig::told_program::{Done, ToldProgram};
use rig::wait::wait_until;
use rig::wire::Cut;
use rig::{Result, unexpected};
use serde_json::Value;

/// How long the card is away.
const AWAY: Duration = Duration::from_millis(800);
/// The longest that a task may take: the module waits three seconds for a card, at the first look at it and in use.
const BOUND: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(20);
/// Android's reader mode at its slowest.
const NFC: &str = "106k,20ms";

/// What is done with a desk of its own.
#[derive(Clone, Copy, Debug)]
struct Work {
    tasks: &'static [&'static str],
    /// What goes before each, undisturbed.
    before: &'static [&'static str],
}

const LOGIN: Work = Work {
    tasks: &["login"],
    before: &["begin"],
};
/// By a program of its own, on a phone that was used here before.
const WARM_LOGIN: Work = Work {
    tasks: &["login-and-sign"],
    before: &["begin", "login", "begin"],
};
const LISTING: Work = Work {
    tasks: &["list"],
    before: &["begin"],
};
const WITHOUT_PIN: Work = Work {
    tasks: &["sign-9e"],
    before: &["begin", "login"],
};
const WITH_PIN: Work = Work {
    tasks: &["sign-9a", "decrypt"],
    before: &["begin", "login"],
};
const KEY_AGREEMENT: Work = Work {
    tasks: &["derive"],
    before: &["begin", "login"],
};

/// The way to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Contacts,
    Nfc,
}

/// What the card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    OurPhone,
    AnyOther,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Link,
    Daemon,
}

/// A phone at a reader, and a program that uses it.
struct Bench {
    program: ToldProgram,
    phone: Phone,
    desk: Desk,
    folder: Folder,
}

/// How the cuts of a task ended.
struct Tally {
    what: String,
    commands: usize,
    cuts: usize,
    succeeded: usize,
    errors: Vec<String>,
    worst: Duration,
}

impl Bench {
    /// With a copy of an enrolled phone.
    fn set_up(phone: &Path, kind: Kind, way: Way) -> Result<Self> {
        let folder = Folder::for_test()?;
        let state = folder.join("phone");
        let copy = folder.program("cp").arg("-a").arg(phone).arg(&state);
        copy.succeed()?;
        let desk = Desk::set_up(&folder)?;
        if kind == Kind::AnyOther {
            desk.wire.hide_extensions();
        }
        let mut phone = Phone::at(state);
        let arguments: &[&str] = match way {
            Way::Contacts => &[],
            Way::Nfc => &["--nfc", NFC],
        };
        phone.hold_to_reader_with(&folder, &desk.wire.address(), arguments)?;
        desk.wait_for_card(&folder)?;
        let module = Module::at(&folder, &desk.pcsc)?;
        Ok(Self {
            program: through_module(&folder, &module)?,
            phone,
            desk,
            folder,
        })
    }

    /// Does what must end well.
    fn does(&mut self, task: &str, place: &str) -> Result {
        let done = self.program.act(task)?;
        if !done.is_ok() {
            return Err(unexpected(format!("{place}: {task} ends with {done:?}")));
        }
        Ok(())
    }

    /// A program of its own, which knows nothing of the card.
    fn prepare(&mut self, work: &Work, place: &str) -> Result {
        // Where nothing has been kept yet, there is nothing to remove.
        for kept in ["home/.cache", "home/.local/state"] {
            let _ = fs::remove_dir_all(self.folder.join(kept));
        }
        for task in work.before {
            self.does(task, place)?;
        }
        Ok(())
    }

    /// Does a task that fails at its `n`-th command; `None` where it has fewer.
    fn fail_at(&mut self, task: &str, n: usize, cut: Cut, fault: Fault) -> Result<Option<Done>> {
        match fault {
            Fault::Link => self.desk.wire.cut_for(n, cut, AWAY),
            Fault::Daemon => self.desk.wire.lose_at(n, cut),
        }
        self.program.begin(task)?;
        if fault == Fault::Daemon {
            wait_until("the task comes to its place", PATIENCE, || {
                Ok(self.desk.wire.has_been_cut() || self.program.ended()?.is_some())
            })?;
            if self.desk.wire.has_been_cut() {
                self.desk.pcsc.stop()?;
                self.desk.pcsc.start_again(&self.folder)?;
            }
        }
        let done = self.program.finish()?;
        Ok((!self.desk.wire.forget_cut()).then_some(done))
    }

    /// All tries of the PIN are there.
    fn no_try_is_lost(&self, place: &str) -> Result {
        let status = self.phone.status(&self.folder)?;
        let left = status.pointer("/pin/left").and_then(Value::as_u64);
        assert!(left.is_some(), "{status}");
        let of = status.pointer("/pin/of").and_then(Value::as_u64);
        assert_eq!(left, of, "{place}");
        Ok(())
    }

    /// The program does it again, and logs in where it is told to.
    fn again(&mut self, task: &str, place: &str) -> Result {
        // The daemon may not have noticed yet that the card has gone.
        wait_until("the card is back", PATIENCE, || {
            Ok(self.desk.wire.has_card())
        })?;
        self.desk.wait_for_card(&self.folder)?;
        let done = self.program.act(task)?;
        if done.result == "UserNotLoggedIn" {
            self.does("login-again", place)?;
            return self.does(task, place);
        }
        assert!(done.is_ok(), "{place}, again: {done:?}");
        Ok(())
    }

    /// Fails a task at each of its commands.
    fn sweep(&mut self, work: &Work, task: &str, fault: Fault) -> Result<Tally> {
        self.prepare(work, task)?;
        let mark = self.desk.wire.mark();
        self.does(task, "undisturbed")?;
        let commands = self.desk.wire.since(mark).len();
        assert!(commands > 0, "{task}");
        let mut tally = Tally {
            what: task.to_owned(),
            commands,
            cuts: 0,
            succeeded: 0,
            errors: Vec::new(),
            worst: Duration::ZERO,
        };
        let places = (1..=commands)
            .flat_map(|n| [Cut::BeforeCommand, Cut::BeforeAnswer].map(|cut| (n, cut)));
        for (n, cut) in places {
            let place = format!("{task}, {fault:?} ends, {cut:?} {n} of {commands}");
            self.prepare(work, &place)?;
            let Some(done) = self.fail_at(task, n, cut, fault)? else {
                return Err(unexpected(format!("{place}: it was never reached")));
            };
            self.no_try_is_lost(&place)?;
            assert!(done.took < BOUND, "{place}: {done:?}");
            tally.cuts += 1;
            tally.worst = tally.worst.max(done.took);
            if done.is_ok() {
                tally.succeeded += 1;
            } else {
                assert!(is_clean(&done), "{place}: {done:?}");
                println!("{place}: {done:?}");
                if !tally.errors.contains(&done.result) {
                    tally.errors.push(done.result);
                }
                self.again(task, &place)?;
            }
        }
        Ok(tally)
    }
}

/// Whether a program can tell its user what to do about it.
fn is_clean(done: &Done) -> bool {
    [
        "DeviceRemoved",
        "DeviceError",
        "TokenNotPresent",
        "UserNotLoggedIn",
        "no-token",
    ]
    .contains(&done.result.as_str())
}

/// Everything at a desk of its own.
fn sweep_all(phones: &[(Profile, &[(Kind, Work)])], way: Way, fault: Fault) -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let mut enrolled = Vec::new();
    for (number, (profile, works)) in phones.iter().enumerate() {
        let phone = Phone::at(folder.join(&format!("phone-{number}")));
        phone.enroll(&folder, &office.invite(&folder, *profile)?, PIN)?;
        enrolled.push((phone, works));
    }
    let tallies = thread::scope(|scope| {
        let mut running = Vec::new();
        for (phone, works) in &enrolled {
            for (kind, work) in works.iter() {
                running.push(scope.spawn(move || -> Result<Vec<Tally>> {
                    let mut bench = Bench::set_up(phone.state(), *kind, way)?;
                    work.tasks
                        .iter()
                        .map(|task| {
                            let mut tally = bench.sweep(work, task, fault)?;
                            if *kind == Kind::AnyOther {
                                tally.what += ", any other card";
                            }
                            Ok(tally)
                        })
                        .collect()
                }));
            }
        }
        running
            .into_iter()
            .map(|thread| {
                let ended = thread.join();
                ended.unwrap_or_else(|_| Err(unexpected("a sweep has failed, see above")))
            })
            .collect::<Result<Vec<_>>>()
    })?;
    println!("{way:?}, {fault:?} ends: task | commands | cuts | success | clean errors | worst");
    let tallies: Vec<_> = tallies.into_iter().flatten().collect();
    for tally in &tallies {
        let Tally {
            what,
            commands,
            cuts,
            succeeded,
            errors,
            worst,
        } = tally;
        let failed = cuts - succeeded;
        println!("{what} | {commands} | {cuts} | {succeeded} | {failed} {errors:?} | {worst:?}");
    }
    for tally in tallies {
        // A daemon may take longer to come back than the module waits.
        let ended_well = tally.succeeded * 10 >= tally.cuts * 9;
        assert!(fault == Fault::Daemon || ended_well, "{}", tally.what);
    }
    Ok(())
}

const BOTH: [(Profile, &[(Kind, Work)]); 2] = [
    (
        Profile::Standard,
        &[
            (Kind::OurPhone, LOGIN),
            (Kind::AnyOther, LOGIN),
            (Kind::OurPhone, WARM_LOGIN),
            (Kind::AnyOther, WARM_LOGIN),
            (Kind::OurPhone, LISTING),
            (Kind::AnyOther, LISTING),
            (Kind::OurPhone, WITHOUT_PIN),
            (Kind::AnyOther, WITHOUT_PIN),
            (Kind::OurPhone, WITH_PIN),
            (Kind::AnyOther, WITH_PIN),
        ],
    ),
    (
        Profile::Compact,
        &[
            (Kind::OurPhone, KEY_AGREEMENT),
            (Kind::AnyOther, KEY_AGREEMENT),
        ],
    ),
];

/// Our phone, and of any other card what differs from contacts: the way of the PIN.
const OVER_NFC: [(Profile, &[(Kind, Work)]); 2] = [
    (
        Profile::Standard,
        &[
            (Kind::OurPhone, LOGIN),
            (Kind::OurPhone, WARM_LOGIN),
            (Kind::AnyOther, WARM_LOGIN),
            (Kind::OurPhone, LISTING),
            (Kind::OurPhone, WITHOUT_PIN),
            (Kind::OurPhone, WITH_PIN),
        ],
    ),
    (Profile::Compact, &[(Kind::OurPhone, KEY_AGREEMENT)]),
];

#[test]
fn the_link_is_cut_at_every_command() -> Result {
    sweep_all(&BOTH, Way::Contacts, Fault::Link)
}

#[test]
fn the_daemon_is_killed_at_every_command() -> Result {
    sweep_all(&BOTH, Way::Contacts, Fault::Daemon)
}

#[test]
fn the_link_is_cut_at_every_command_over_nfc() -> Result {
    sweep_all(&OVER_NFC, Way::Nfc, Fault::Link)
}

#[test]
fn the_daemon_is_killed_at_every_command_over_nfc() -> Result {
    sweep_all(&OVER_NFC, Way::Nfc, Fault::Daemon)
}
