//! `tapcard-phone log`: the uses of the card's keys.

use std::io::{self, Write};

use plain_text::{Json, Plain};
use tapcard_phone::state::{LoggedUse, Snapshot, read_uses};

use super::CommandError;
use crate::args;
use crate::holder::words;

/// Prints the log, the earliest use first.
pub fn run(arguments: &args::Log) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    // Says what is wrong where there is no card.
    Snapshot::read(folder)?;
    let uses = read_uses(folder)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        let json = serde_json::to_string_pretty(&uses)?;
        return Ok(writeln!(out, "{}", Json(&json))?);
    }
    if uses.is_empty() {
        writeln!(out, "No host has used a key of this card yet.")?;
    }
    for one in &uses {
        print(&mut out, one)?;
    }
    Ok(())
}

fn print(out: &mut impl Write, one: &LoggedUse) -> io::Result<()> {
    write!(
        out,
        "{}  {}  {:<27}  {:<13}  {}",
        Plain(&one.time),
        one.key,
        words::operation(one.operation),
        words::interface(one.interface),
        words::outcome(one.outcome)
    )?;
    match &one.says {
        Some(text) => writeln!(out, "; the host said it is \"{}\"", Plain(text)),
        None => writeln!(out),
    }
}
