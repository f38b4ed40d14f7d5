//! What a page is on the wire, with all that a browser fetches for it, and when it can be used in a browser.

use std::time::{Duration, Instant};

use rig::folder::Folder;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal, TAKES_GZIP};
use rig::server::Server;
use rig::visitor::{Kind, Scripts, Visitor};

use super::report::Report;
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::story::tell;

/// What a page may take on the wire, with its style, script and icon, and the headers of all of them.
const SIZE_LIMIT: usize = 60_000;
/// When a page can be used at the latest, from the beginning of the way to it.
const LIMIT: Duration = Duration::from_millis(200);
/// How often a browser comes to a page; the median counts.
const TIMES: usize = 5;

/// The first pages of somebody's work: with what a browser has not seen yet.
const PAGES: &[&str] = &["/sign-in", "/", "/holders", "/certificates", "/audit"];

/// The bytes of each page, with everything that belongs to it.
pub fn weigh(portal: &Portal, stranger: &Portal, report: &mut Report) -> Result {
    println!("\n| page | bytes on the wire |\n|---|---|");
    for path in PAGES {
        let reader = if *path == "/sign-in" {
            stranger
        } else {
            portal
        };
        let html = reader.get_ok(path)?.body;
        let mut parts = vec![(*path).to_owned()];
        parts.extend(parts_of(&html));
        let mut bytes = 0;
        for part in &parts {
            let fetched = reader.fetch(part, &[TAKES_GZIP])?;
            bytes += fetched.head + fetched.body;
        }
        println!("| {path} and {} parts | {bytes} |", parts.len() - 1);
        report.holds(bytes < SIZE_LIMIT, || format!("{path}: {bytes} bytes"));
    }
    Ok(())
}

/// The addresses of what the page's head and body fetch.
fn parts_of(html: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for begin in ["href=\"", "src=\""] {
        for rest in html.split(begin).skip(1) {
            let Some((address, _)) = rest.split_once('"') else {
                continue;
            };
            if address.starts_with("/assets/") && !parts.iter().any(|part| part == address) {
                parts.push(address.to_owned());
            }
        }
    }
    parts
}

/// When each page can be used, in a browser that has just been started, and as one works on.
pub fn browse(server: &Server, report: &mut Report) -> Result {
    println!("\n| browser | page | ms until it can be used |\n|---|---|---|");
    for (kind, name) in [(Kind::Chromium, "Chromium"), (Kind::Firefox, "Firefox ESR")] {
        let start = Instant::now();
        let address = |path: &str| format!("{}{path}", server.portal());
        let mut first = Vec::new();
        for _ in 0..TIMES {
            Interrupt::check()?;
            // With a home and a profile of its own.
            let folder = Folder::silent()?;
            let visitor = Visitor::start(&folder, kind, Scripts::Run, server.root())?;
            visitor.open(&address("/sign-in"))?;
            first.push(visitor.interactive_after()?);
        }
        say(name, "/sign-in, with an empty cache", first, report);
        let folder = Folder::silent()?;
        let mut visitor = Visitor::start(&folder, kind, Scripts::Run, server.root())?;
        visitor.open(&address("/sign-in"))?;
        visitor.fill("Email", ADMINISTRATOR)?;
        visitor.fill("Password", PASSWORD)?;
        visitor.press("Sign in")?;
        visitor.reads(&["Overview"])?;
        for path in PAGES.iter().skip(1) {
            let mut times = Vec::new();
            for _ in 0..TIMES {
                Interrupt::check()?;
                visitor.open(&address(path))?;
                times.push(visitor.interactive_after()?);
            }
            say(name, path, times, report);
        }
        tell(name, "has been to each page", start);
    }
    Ok(())
}

fn say(browser: &str, page: &str, mut times: Vec<Duration>, report: &mut Report) {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let ms = median.as_secs_f64() * 1000.0;
    println!("| {browser} | {page} | {ms:.0} |");
    report.holds(median < LIMIT, || {
        format!("{page} in {browser}: {ms:.0} ms until it can be used")
    });
}
