//! `cargo xtask million`: every page and search of the portal with a million certificates, on both databases.
//!
//! The rows are made by SQL: enrolling as many phones would take a day. The audit trail of such a database is not whole.

use std::time::{Duration, Instant};

use rig::folder::Folder;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal};
use rig::postgres::PostgresCluster;
use rig::server::Server;

use crate::debian;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::story::tell;
use crate::workspace::{cargo, succeed};

/// What a page may take.
const LIMIT: Duration = Duration::from_millis(100);
/// How often a page is asked for; the median counts.
const TIMES: usize = 9;
/// How long filling a database may take.
const FILL_LIMIT: Duration = Duration::from_secs(1800);

/// 250,000 people with a phone of four certificates each, issued one person after the other over two years: half of the
/// certificates have expired, one phone in fifty is revoked, and one invitation in ten was never used.
const FILL: &str = include_str!("million.sql");

/// Pages, searches, and places far back in a list.
const PAGES: &[(&str, &str)] = &[
    ("overview", "/"),
    ("certificates", "/certificates"),
    ("certificates: valid", "/certificates?state=valid"),
    ("certificates: ending", "/certificates?state=ending"),
    ("certificates: expired", "/certificates?state=expired"),
    ("certificates: revoked", "/certificates?state=revoked"),
    (
        "certificates, search for one person",
        "/certificates?q=person+123456",
    ),
    (
        "certificates, search that everybody fits",
        "/certificates?q=example",
    ),
    (
        "certificates, search that nobody fits",
        "/certificates?q=nobody+at+all",
    ),
    ("certificates, search for two letters", "/certificates?q=pe"),
    (
        "certificates: revoked, search for one person",
        "/certificates?state=revoked&q=person+1000",
    ),
    (
        "certificates, search for a serial number",
        "/certificates?q=4a0000123456",
    ),
    ("certificates, search for a digit", "/certificates?q=4"),
    ("holders", "/holders"),
    (
        "holders, search for one person",
        "/holders?q=p234567%40example",
    ),
    ("holders, search that everybody fits", "/holders?q=example"),
    ("holders, search for signs", "/holders?q=6%40example.org"),
    (
        "holders, search for signs that nobody has",
        "/holders?q=_%25%5C",
    ),
    ("phones", "/phones"),
    ("phones: active", "/phones?state=active"),
    ("phones: revoked", "/phones?state=revoked"),
    ("phones, search for one person", "/phones?q=person+123456"),
    ("phones, search that everybody fits", "/phones?q=phone"),
    (
        "phones: revoked, search that everybody fits",
        "/phones?state=revoked&q=example",
    ),
    ("invitations", "/invitations"),
    ("invitations: pending", "/invitations?state=pending"),
    ("invitations: expired", "/invitations?state=expired"),
    ("invitations: used", "/invitations?state=used"),
    ("invitations: cancelled", "/invitations?state=cancelled"),
    ("audit trail", "/audit"),
    ("audit trail about phones", "/audit?about=phone"),
    ("audit trail about the authority", "/audit?about=issuer"),
    ("a holder", "/holders/h123456"),
    ("a phone", "/phones/p123456"),
];

/// Fills both databases and prints what each page takes.
///
/// # Errors
/// If a page takes longer than it may.
pub fn run() -> Result {
    let _interrupt = Interrupt::watch()?;
    debian::ensure_for_benchmarks()?;
    let start = Instant::now();
    // Built as this command is: `cargo run --release --package xtask -- million` measures what people install.
    let mut build = cargo();
    build.args(["build", "--locked", "--quiet", "--package", "enroll-server"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    succeed(&mut build)?;
    tell("Build", "the server of this checkout", start);
    let mut slow = Vec::new();
    for on in ["SQLite", "PostgreSQL"] {
        slow.extend(on_one(on)?);
    }
    if slow.is_empty() {
        return Ok(());
    }
    Err(Error::Machine(format!(
        "more than {} ms: {}",
        LIMIT.as_millis(),
        slow.join(", ")
    )))
}

fn on_one(on: &str) -> Result<Vec<String>> {
    let start = Instant::now();
    let folder = Folder::silent()?;
    let cluster = match on {
        "SQLite" => None,
        _ => Some(PostgresCluster::start(&folder)?),
    };
    let serve = || match &cluster {
        None => Server::on_sqlite(&folder),
        Some(cluster) => Server::on_database(&folder, &cluster.url()),
    };
    let server = serve()?;
    Portal::set_up(&server)?;
    server.stop()?;
    let fill = match &cluster {
        None => folder
            .program("sqlite3")
            .arg("-bail")
            .arg(folder.join("server/enroll-server.db")),
        Some(cluster) => folder
            .program("psql")
            .args(["-q", "-v", "ON_ERROR_STOP=1"])
            .arg(cluster.url()),
    };
    let end = if cluster.is_some() {
        "VACUUM ANALYZE;"
    } else {
        "PRAGMA wal_checkpoint(TRUNCATE);"
    };
    fill.input(format!("{FILL}\n{end}\n"))
        .time_limit(FILL_LIMIT)
        .succeed()?;
    let server = serve()?;
    tell(on, "a million certificates", start);

    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    println!("\n| page on {on} | ms |\n|---|---|");
    let mut slow = Vec::new();
    let mut pages: Vec<(String, String)> = PAGES
        .iter()
        .map(|(name, path)| ((*name).to_owned(), (*path).to_owned()))
        .collect();
    for (name, path) in [
        ("certificates, 20 pages on", "/certificates"),
        ("holders, 20 pages on", "/holders"),
    ] {
        pages.push((name.to_owned(), far(&portal, path)?));
    }
    for (name, path) in pages {
        Interrupt::check()?;
        let took = median(&portal, &path)?;
        println!("| {name} | {:.1} |", took.as_secs_f64() * 1000.0);
        if took > LIMIT {
            slow.push(format!("{name} on {on}"));
        }
    }
    Ok(slow)
}

/// The address of a list's page some pages on.
fn far(portal: &Portal, path: &str) -> Result<String> {
    let mut address = path.to_owned();
    for _ in 0..20 {
        let page = portal.get_ok(&address)?.document();
        let next = page.links.iter().map(|link| link.target.as_str());
        if let Some(next) = next.rev().find(|target| target.contains("after=")) {
            address = next.to_owned();
        }
    }
    Ok(address)
}

fn median(portal: &Portal, path: &str) -> Result<Duration> {
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        times.push(time(portal, path)?);
    }
    times.sort_unstable();
    Ok(times.get(TIMES / 2).copied().unwrap_or_default())
}

fn time(portal: &Portal, path: &str) -> rig::Result<Duration> {
    let begun = Instant::now();
    portal.get_ok(path)?;
    Ok(begun.elapsed())
}
