//! `cargo xtask bench round-trips`: what this module and its peers send to the same card, counted at the wire.
//!
//! Counts are exact and may fail it; times are for people to judge.

mod chart;
mod contender;
mod cost;
mod scene;
mod table;
mod task;
mod times;

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Instant;

use rig::folder::Folder;
use rig::portal::Profile;
use rig::system::System;

use crate::error::{Error, Result, doing};
use crate::interrupt::Interrupt;
use crate::story::tell;
use crate::workspace::{build, cargo, root, succeed};
use crate::{debian, debian_13};

use chart::Bar;
use contender::{Contender, Memory, Software};
use scene::{Scene, without_piv};
use table::{Counts, cell};
use task::Task;
use times::Times;

/// Whose programs are run, in the order of [`System::all`].
const SYSTEMS: [&str; 2] = ["this machine's programs", "Debian 13's programs"];

const CARDS: [(Profile, &str); 2] = [
    (Profile::Standard, "RSA-2048 in 9A"),
    (Profile::Compact, "P-256 in 9A"),
];

/// Counts, times, writes `docs/round-trips.md` and its picture, and fails where a peer needs fewer commands.
pub fn run() -> Result {
    let _interrupt = Interrupt::watch()?;
    let start = Instant::now();
    debian::ensure_for_tests()?;
    debian_13::ensure()?;
    build()?;
    succeed(
        cargo()
            .args(["build", "--quiet", "--locked", "--package", "tapcard-tests"])
            .args(["--example", "sign_many"]),
    )?;
    let systems = System::all(&Folder::silent()?)?;
    tell("Build", "programs, module and the peers are there", start);

    let mut counts = Vec::new();
    let mut times = Times::default();
    for (profile, card) in CARDS {
        let start = Instant::now();
        let mut scene = Scene::set(profile)?;
        for (system, name) in systems.iter().zip(SYSTEMS) {
            let mut lines = Vec::new();
            for contender in Contender::ALL {
                lines.push((contender, scene.costs(system, contender)?));
            }
            let title = format!("{card}, {name}");
            counts.push(Counts { title, lines });
        }
        tell("Counts", &format!("{card}, four certificates"), start);
        let start = Instant::now();
        let [_, newest] = &systems;
        times.take(profile, &mut scene, newest)?;
        tell("Times", &format!("{card}, ssh logins over NFC"), start);
    }
    let others = foreign_cards(&systems)?;
    let bars = bars_of(&counts);
    let defeats: Vec<_> = counts.iter().flat_map(Counts::defeats).collect();
    let document = document(&counts, &defeats, &others, &times.markdown(), &systems)?;
    println!("\n{document}");
    write("docs/round-trips.md", &document)?;
    let title = "Commands to the card in an ssh login (RSA-2048, without log-out and search for retired keys)";
    write("docs/round-trips.svg", &chart::svg(title, &bars))?;
    if defeats.is_empty() {
        Ok(())
    } else {
        let told = defeats.join("\n  ");
        Err(Error::Machine(format!(
            "A peer needs fewer commands:\n  {told}"
        )))
    }
}

/// A line for each module: a card without PIV needs nothing of what is kept.
fn foreign_cards(systems: &[System]) -> Result<String> {
    let mut text = format!("| | {} |\n|---|---|---|\n", SYSTEMS.join(" | "));
    let of_phone = |it: &Contender| it.memory == Memory::Cold && it.card == contender::Card::Phone;
    for contender in Contender::ALL.into_iter().filter(of_phone) {
        let name = match contender.software {
            Software::Tapcard => "Tapcard",
            _ => contender.name,
        };
        let _ = write!(text, "| {name}");
        for system in systems {
            let _ = write!(text, " | {}", cell(Some(without_piv(system, contender)?)));
        }
        text.push_str(" |\n");
    }
    Ok(text)
}

/// The ssh login with an RSA key: ours with this machine's programs, peers of both systems.
fn bars_of(counts: &[Counts]) -> Vec<Bar> {
    let mut bars = Vec::new();
    for (counts, system) in counts.iter().zip(["Debian 12", "Debian 13"]) {
        for (contender, value) in counts.apdus_of(Task::SshLogin) {
            let is_ours = contender.is_ours();
            if is_ours && system != "Debian 12" {
                continue;
            }
            let name = if is_ours {
                contender.name.to_owned()
            } else {
                format!("{} ({system})", contender.name)
            };
            bars.push(Bar {
                name,
                value,
                is_ours,
            });
        }
    }
    bars.sort_by_key(|bar| (!bar.is_ours, bar.value));
    bars
}

fn document(
    counts: &[Counts],
    defeats: &[String],
    others: &str,
    times: &str,
    systems: &[System],
) -> Result<String> {
    let mut text = format!(
        "# Round trips\n\n\
         What this module and its peers send to one card, written by\n\n\
         ```console\n$ cargo xtask bench round-trips\n```\n\n\
         It counts commands (APDUs) and bytes in both directions at vpcd's wire, a new process for each task, on one phone with four\n\
         certificates. Nothing is estimated; bytes differ from run to run with the lengths of certificates and signatures. It ends with status 1 where a peer needs fewer commands.\n\n\
         ![Commands to the card in an ssh login](round-trips.svg)\n\n\
         Run on {} on {}.\n\n",
        said("date", &["-u", "+%F"])?,
        machine()?,
    );
    for (system, name) in systems.iter().zip(SYSTEMS) {
        let folder = Folder::silent()?;
        let version = |program: &str, argument: &str| -> Result<String> {
            let outcome = system.program(&folder, program).arg(argument).run()?;
            let text = outcome.all_text();
            Ok(text.lines().next().unwrap_or_default().trim().to_owned())
        };
        let _ = writeln!(
            text,
            "- {name}: {}, {}, {}",
            version("opensc-tool", "--info")?,
            version("yubico-piv-tool", "--version")?,
            version("ssh", "-V")?,
        );
    }
    text.push_str(
        "\n\"Cold\" is with an empty cache, \"warm\" after the same task by another process. The card has been met before: its key for\n\
         secure messaging costs one command when it is first met, and one for each PIN over NFC. \"Any other card\" is the phone with its extensions\n\
         hidden; it has no Key History Object. A log-out (VERIFY with P1 = FF) and questions for certificates of retired keys that are not there,\n\
         which this module asks once for each card, are not in the counts but in columns of their own: the most in any task. \"Fails\": the\n\
         peer cannot do the task with this card. Signatures are made by a small program of this repository through each module.\n\n\
         ## Commands and bytes\n\n",
    );
    for counts in counts {
        text.push_str(&counts.markdown());
        text.push('\n');
    }
    if !defeats.is_empty() {
        let told = defeats.join("\n- ");
        let _ = write!(text, "Where a peer needs fewer commands:\n\n- {told}\n\n");
    }
    let _ = write!(
        text,
        "## A card without PIV\n\n`pkcs11-tool -L` where the card has no application that is looked for:\n\n{others}\n\
         ## Time of an ssh login over NFC\n\nThe median of five logins, taken in turns, with Debian 13's programs, where the phone takes as long for each command\n\
         as over such a link. A model, not a reader; with a development build, and it differs from run to run.\n\n{times}",
    );
    Ok(text)
}

fn machine() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").map_err(doing("read /proc/cpuinfo"))?;
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, model)| model);
    let cores = available_parallelism().map_or(1, usize::from);
    let debian = fs::read_to_string("/etc/debian_version").unwrap_or_default();
    Ok(format!(
        "{cores} cores of {model}, Debian {}",
        debian.trim()
    ))
}

fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(doing(format!("start {program}")))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn write(name: &str, text: &str) -> Result {
    fs::write(root().join(name), text).map_err(doing(format!("write {name}")))
}
