//! `cargo xtask bench`: speed and size of this checkout beside those of another revision, in one run.
//!
//! Nothing here passes or fails by the clock: it prints ratios, for people to judge.

mod build;
mod load;
mod series;
mod server;

use std::time::Instant;

use crate::debian;
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::story::tell;

use build::Build;
use series::Series;
use server::{Server, Work};

/// How often each measurement is taken on either side, in turns: other programs of the machine then disturb both.
const ROUNDS: usize = 5;

/// What is built, and what people install.
const FILES: [&str; 4] = [
    "libtapcard_pkcs11.so",
    "enroll-server",
    "tapcard",
    "tapcard-phone",
];

/// Measures this checkout and the `revision`, and prints a table.
pub fn run(revision: &str) -> Result {
    let _interrupt = Interrupt::watch()?;
    let start = Instant::now();
    let installed = debian::ensure_for_benchmarks()?;
    tell(
        "Debian",
        &format!("{installed} packages installed, the rest was there"),
        start,
    );
    let (before, after) = (Build::of_revision(revision)?, Build::of_this_checkout());
    for build in [&before, &after] {
        let start = Instant::now();
        build.make()?;
        tell("Release build", &format!("of {}", build.name()), start);
    }
    let start = Instant::now();
    let servers = (Server::start(&before)?, Server::start(&after)?);
    let outcome = format!("one for each, with {} phones enrolled", server::PHONES);
    tell("Servers", &outcome, start);

    println!("\n{}", Series::heading(before.name(), after.name()));
    for file in FILES {
        let sizes = Series::of(before.size(file)?, after.size(file)?);
        println!("{}", sizes.line(&format!("{file}, kB")));
    }
    for work in Work::ALL {
        measure(work, &servers.0, &servers.1)?;
    }
    Ok(())
}

fn measure(work: Work, before: &Server, after: &Server) -> Result {
    let loads = (before.load(work)?, after.load(work)?);
    let (mut rate, mut processor) = (Series::default(), Series::default());
    for _ in 0..ROUNDS {
        Interrupt::check()?;
        let (before, after) = (before.bear(&loads.0)?, after.bear(&loads.1)?);
        rate.add(before.rate, after.rate);
        processor.add(before.processor, after.processor);
    }
    println!("{}", rate.line(&format!("{}, a second", work.name())));
    println!("{}", processor.line("  µs of a processor for each"));
    Ok(())
}
