//! `cargo xtask crash`: the server is killed again and again while phones enroll and administrators revoke, on either
//! database. After each kill it is started on what was left, and everything that was answered for must be there.

mod ledger;
mod site;

use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use rig::folder::Folder;

use crate::debian;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::story::tell;
use crate::workspace::build;

use ledger::Ledger;
use site::Site;

/// The kills fall into the first milliseconds of a round, while an enrollment lasts, each round at another moment: a prime step
/// visits them all.
const SPAN: u64 = 499;
const STEP: u64 = 67;

/// After how many kills a line tells how far it has come.
const TOLD_AFTER: usize = 10;

/// Which database stands behind the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Database {
    /// A file.
    Sqlite,
    /// A cluster of its own.
    Postgres,
}

impl Database {
    /// Both.
    const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Kills the server `kills` times on the database, or on each of both.
pub fn run(database: Option<Database>, kills: usize) -> Result {
    let _interrupt = Interrupt::watch()?;
    debian::ensure_for_tests()?;
    build()?;
    for one in Database::ALL {
        if database.is_none_or(|chosen| chosen == one) {
            on(one, kills)?;
        }
    }
    Ok(())
}

fn on(database: Database, kills: usize) -> Result {
    let start = Instant::now();
    let folder = Folder::silent()?;
    match kill_often(&folder, database, kills) {
        Ok(ledger) => {
            let outcome = format!("{kills} kills: {ledger}; nothing lost");
            tell(database.name(), &outcome, start);
            Ok(())
        }
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(Error::Rig(reason)) => {
            let logs = folder.path().to_owned();
            folder.keep();
            Err(Error::Step {
                step: database.name().to_owned(),
                reason,
                logs,
            })
        }
        Err(other) => Err(other),
    }
}

fn kill_often(folder: &Folder, database: Database, kills: usize) -> Result<Ledger> {
    let mut site = Site::open(folder, database == Database::Postgres)?;
    let mut ledger = Ledger::default();
    let start = Instant::now();
    for round in 0..kills {
        Interrupt::check()?;
        let mut newcomers = site.invite(round)?;
        for newcomer in &mut newcomers {
            newcomer.start(folder)?;
        }
        let server = site.take_server()?;
        let round_number = u64::try_from(round).unwrap_or(u64::MAX);
        let moment = Duration::from_millis(round_number.wrapping_mul(STEP) % SPAN);
        let killed = thread::scope(|scope| {
            // The kill comes at a moment that nothing waits for: that is what is tried.
            let killer = scope.spawn(move || {
                thread::sleep(moment);
                server.kill()
            });
            ledger.revoke_until_the_kill(&site.portal);
            killer.join()
        });
        killed.map_err(|_| rig::unexpected("the thread that kills has failed"))??;
        site.start_again()?;
        ledger.settle(folder, &site, newcomers)?;
        if (round + 1) % TOLD_AFTER == 0 && round + 1 < kills {
            let outcome = format!("{} of {kills} kills: {ledger}", round + 1);
            tell(database.name(), &outcome, start);
        }
    }
    Ok(ledger)
}
