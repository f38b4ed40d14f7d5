//! `cargo xtask million`: every page and search of the portal with a million certificates, on both databases.
//!
//! The rows are made by SQL: enrolling as many phones would take a day. The audit trail of such a database is not whole.

mod addresses;
mod first_page;
mod report;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rig::folder::Folder;
use rig::installed_crate::GECKODRIVER;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal, TAKES_GZIP};
use rig::postgres::PostgresCluster;
use rig::server::Server;

use self::addresses::{Address, Reader};
use self::report::Report;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::story::tell;
use crate::workspace::{cargo, succeed};
use crate::{debian, installed_crate};

/// How often a page is asked for; the median counts.
const TIMES: usize = 3;
/// How long a part of the database may take to be filled.
const FILL_LIMIT: Duration = Duration::from_secs(1800);
/// Pages that are leafed through, before a place far back is measured.
const PAGES_ON: usize = 20;

/// 250,000 people with as many phones, of four certificates each, issued one person after the other over two years: half of the
/// certificates have expired, some people have no phone and some three, some are suspended, some phones revoked.
const FILL: &str = include_str!("million.sql");
/// The part whose rows would each have the triggers count them all again; the statements of the migration that brought the triggers
/// count them once after it.
const WITHOUT_TRIGGERS: &str = "certificates";
/// That migration of each database, and what its statements begin with.
const ENDS: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0021_sorted_lists.sql"),
    include_str!("../../../migrations/postgres/0021_sorted_lists.sql"),
];
const COUNTS: [&str; 2] = ["UPDATE phones SET next_end", "UPDATE holders SET next_end"];
/// What begins a part of it, with its name.
const PART: &str = "\n--- ";
/// The link of the person whose own pages are measured.
const OWN_PAGES: &str = "/me/enter/HOLDERHOLDERHOLDERHOLDERHOLDERHO";

/// Fills both databases and prints what each page takes.
///
/// # Errors
/// If a page takes longer than it may, or more bytes.
pub fn run() -> Result {
    let _interrupt = Interrupt::watch()?;
    debian::ensure_for_tests()?;
    debian::ensure_for_benchmarks()?;
    installed_crate::ensure(&[GECKODRIVER])?;
    let start = Instant::now();
    // Built as this command is: `cargo run --release --package xtask -- million` measures what people install.
    let mut build = cargo();
    build.args(["build", "--locked", "--quiet", "--package", "enroll-server"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    succeed(&mut build)?;
    tell("Build", "the server of this checkout", start);
    let mut broken = Vec::new();
    for on in ["SQLite", "PostgreSQL"] {
        broken.extend(on_one(on)?);
    }
    if broken.is_empty() {
        return Ok(());
    }
    let broken = broken.join("\n  ");
    Err(Error::Machine(format!("beyond a limit:\n  {broken}")))
}

fn on_one(on: &'static str) -> Result<Vec<String>> {
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
    fill(on, &folder, cluster.as_ref())?;
    let server = serve()?;
    let readers = Readers::new(&folder, &server, cluster.as_ref())?;

    let start = Instant::now();
    let mut report = Report::new(on);
    let mut addresses = addresses::all()?;
    for path in [
        "/holders",
        "/phones",
        "/certificates",
        "/invitations",
        "/audit",
    ] {
        addresses.push(Address {
            group: "20 pages on",
            path: readers.far(path)?,
            reader: Reader::Administrator,
        });
    }
    let count = addresses.len();
    for (number, address) in addresses.into_iter().enumerate() {
        Interrupt::check()?;
        let took = match readers.median(&address) {
            Ok(took) => took,
            Err(error) => {
                println!("{:>4}/{count} {error}", number + 1);
                report.holds(false, || error.to_string());
                continue;
            }
        };
        let ms = took.as_secs_f64() * 1000.0;
        println!("{:>4}/{count} {ms:>7.1} ms  {}", number + 1, address.path);
        report.took(address.group, &address.path, took);
    }
    tell(on, "has answered at each address", start);
    readers.choose_all(&mut report)?;
    first_page::weigh(&readers.administrator, &readers.stranger, &mut report)?;
    first_page::browse(&server, &mut report)?;
    files(&readers.administrator, &server)?;
    Ok(report.finish())
}

/// Fills a database, part by part.
fn fill(on: &str, folder: &Folder, cluster: Option<&PostgresCluster>) -> Result {
    let client = || match cluster {
        None => folder
            .program("sqlite3")
            .arg("-bail")
            .arg(folder.join("server/enroll-server.db")),
        Some(cluster) => folder
            .program("psql")
            .args(["-q", "-v", "ON_ERROR_STOP=1"])
            .arg(cluster.url()),
    };
    let do_all = |what: &str, sql: String| -> Result {
        Interrupt::check()?;
        let start = Instant::now();
        client().input(sql).time_limit(FILL_LIMIT).succeed()?;
        tell(on, what, start);
        Ok(())
    };
    let [sqlite, postgres] = ENDS;
    for part in FILL.split(PART).skip(1) {
        let (name, sql) = part.split_once('\n').unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_micros().to_string();
        let sql = sql.replace("{now}", &now);
        let (before, after) = match (name, cluster) {
            (WITHOUT_TRIGGERS, None) => (".dbconfig enable_trigger off", ends(sqlite)?),
            (WITHOUT_TRIGGERS, Some(_)) => {
                ("SET session_replication_role = replica;", ends(postgres)?)
            }
            _ => ("", String::new()),
        };
        do_all(name, format!("{before}\nBEGIN;\n{sql}\n{after}\nCOMMIT;\n"))?;
    }
    let end = match cluster {
        Some(_) => "VACUUM ANALYZE;",
        None => "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);",
    };
    do_all("put in order", end.to_owned())
}

/// The statements of a migration that say when each phone's and each holder's certificates end.
fn ends(migration: &str) -> Result<String> {
    let mut statements = String::new();
    for begin in COUNTS {
        let found = migration.find(begin).and_then(|at| migration.get(at..));
        let found = found.and_then(|rest| rest.split_inclusive(';').next());
        statements.push_str(found.ok_or_else(|| Error::Machine(format!("no {begin}")))?);
    }
    Ok(statements)
}

/// Who reads, each with what they are known by.
struct Readers {
    administrator: Portal,
    holder: Portal,
    stranger: Portal,
    token: String,
}

impl Readers {
    fn new(folder: &Folder, server: &Server, cluster: Option<&PostgresCluster>) -> Result<Self> {
        let holder = Portal::stranger(server)?;
        let page = holder.get_ok(OWN_PAGES)?;
        let form = page.form_to(OWN_PAGES)?;
        let page = holder.submit(&page, form, &[])?;
        if page.path() != "/me" {
            return Err(page.unlike("is not a holder's own").into());
        }
        let made = folder
            .program(folder.binaries().enroll_server()?)
            .args(["api-token", "create", "--name=million", "--scope=read"])
            .env("TAPCARD_DATA", Server::data(folder));
        let made = match cluster {
            Some(cluster) => made.env("TAPCARD_DATABASE", cluster.url()),
            None => made,
        };
        let token = made.succeed()?.text();
        Ok(Self {
            administrator: Portal::sign_in(server, ADMINISTRATOR, PASSWORD)?,
            holder,
            stranger: Portal::stranger(server)?,
            token: format!("Bearer {}", token.trim()),
        })
    }

    fn time(&self, address: &Address) -> Result<Duration> {
        let path = &address.path;
        let fetched = match address.reader {
            Reader::Administrator => self.administrator.fetch(path, &[TAKES_GZIP]),
            Reader::Holder => self.holder.fetch(path, &[TAKES_GZIP]),
            Reader::Stranger => self.stranger.fetch(path, &[TAKES_GZIP]),
            Reader::Program => {
                let headers = [TAKES_GZIP, ("Authorization", self.token.as_str())];
                self.stranger.fetch(path, &headers)
            }
        };
        Ok(fetched?.took)
    }

    fn median(&self, address: &Address) -> Result<Duration> {
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            times.push(self.time(address)?);
        }
        times.sort_unstable();
        Ok(times.get(TIMES / 2).copied().unwrap_or_default())
    }

    /// The address of a list's page some pages on.
    fn far(&self, path: &str) -> Result<String> {
        let mut address = path.to_owned();
        for _ in 0..PAGES_ON {
            let page = self.administrator.get_ok(&address)?.document();
            let next = page.links.iter().map(|link| link.target.as_str());
            if let Some(next) = next.rev().find(|target| target.contains("after=")) {
                address = next.to_owned();
            }
        }
        Ok(address)
    }

    /// What it takes to choose all rows of a list, and to see what is to be done with them: an act, and not a page.
    fn choose_all(&self, report: &mut Report) -> Result {
        println!("\n| all of a list are chosen | ms |\n|---|---|");
        for (path, act, narrowed) in [
            ("/holders", "suspend-holders", "q=anna"),
            ("/phones", "suspend-phones", "q=galaxy+8"),
            ("/phones", "suspend-phones", "state=active"),
            ("/invitations", "cancel-invitations", "state=pending"),
        ] {
            let list = self.administrator.get_ok(&format!("{path}?{narrowed}"))?;
            let mut form = list.form_to(&format!("{path}/selection"))?;
            form.fields
                .retain(|(name, _)| !matches!(name.as_str(), "act" | "all" | "id"));
            for (name, value) in [("act", act), ("all", "yes")] {
                form.fields.push((name.to_owned(), value.to_owned()));
            }
            let begun = Instant::now();
            let page = self.administrator.post_form(&form.action, &form.fields)?;
            let ms = begun.elapsed().as_secs_f64() * 1000.0;
            println!(
                "| {path}?{narrowed}, answered with {} | {ms:.1} |",
                page.status
            );
            if page.path().starts_with("/selections/") {
                let address = Address {
                    group: "pages and forms",
                    path: page.path().to_owned(),
                    reader: Reader::Administrator,
                };
                report.took(address.group, &address.path, self.median(&address)?);
            }
        }
        Ok(())
    }
}

/// What files of all rows take, and the server's memory meanwhile.
fn files(portal: &Portal, server: &Server) -> Result {
    println!(
        "\n| file | rows | rows a second | kB more memory than ever before |\n|---|---|---|---|"
    );
    for path in [
        "/holders.csv",
        "/phones.csv",
        "/certificates.csv",
        "/invitations.csv",
        "/requests.csv",
        "/audit.csv",
        "/audit.jsonl",
    ] {
        Interrupt::check()?;
        let before = server.peak_memory()?;
        let file = portal.fetch(path, &[])?;
        let memory = server.peak_memory()?.saturating_sub(before);
        let rate = file.lines as f64 / file.took.as_secs_f64();
        println!("| {path} | {} | {rate:.0} | {memory} |", file.lines);
    }
    Ok(())
}
