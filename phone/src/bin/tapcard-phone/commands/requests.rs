//! `tapcard-phone requests`: what waits for the holder's answer, and the answer. The card is in a reader meanwhile, with
//! another process, and this one speaks to that through the socket.

use std::io::{self, IsTerminal, Write};

use plain_text::{Json, Plain};
use rustix::termios::{QueueSelector, tcflush};
use tapcard_phone::key_store::KeyPlace;
use tapcard_phone::state::Snapshot;

use super::CommandError;
use crate::args;
use crate::holder::client::Phone;
use crate::holder::protocol::{Decision, Said, Waiting};
use crate::holder::words::Asked;

/// Shows what waits, or answers it.
pub fn run(arguments: &args::Requests) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    // Says what is wrong where there is no card.
    Snapshot::read(folder)?;
    let mut phone = Phone::reach(folder)?;
    let given = arguments
        .approve
        .as_ref()
        .map(|id| (id, Decision::Approve))
        .or(arguments.refuse.as_ref().map(|id| (id, Decision::Refuse)));
    if let Some((id, decision)) = given {
        phone.answer(id, decision)?;
        return tell(decision);
    }
    let waiting = loop {
        match phone.next()? {
            Said::Hello { waiting: false, .. } if !arguments.wait => break None,
            Said::Request(waiting) => break Some(waiting),
            _ => {}
        }
    };
    let mut out = io::stdout().lock();
    if arguments.json {
        let json = serde_json::to_string(&waiting)?;
        return Ok(writeln!(out, "{}", Json(&json))?);
    }
    let Some(waiting) = waiting else {
        return Ok(writeln!(out, "Nothing waits for an answer.")?);
    };
    writeln!(out, "{}  {}", Plain(&waiting.id), in_words(&waiting))?;
    writeln!(out, "It waits {} s for an answer.", waiting.seconds)?;
    out.flush()?;
    drop(out);
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return ask(&mut phone, &waiting);
    }
    Ok(())
}

fn ask(phone: &mut Phone, waiting: &Waiting) -> Result<(), CommandError> {
    // What was typed before it was asked is not an answer.
    tcflush(io::stdin(), QueueSelector::IFlush).map_err(io::Error::from)?;
    let mut out = io::stdout();
    write!(out, "Allow it? [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let decision = match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Decision::Approve,
        _ => Decision::Refuse,
    };
    phone.answer(&waiting.id, decision)?;
    tell(decision)
}

fn tell(decision: Decision) -> Result<(), CommandError> {
    let done = match decision {
        Decision::Approve => "It is allowed.",
        Decision::Refuse => "It is refused.",
    };
    Ok(writeln!(io::stdout(), "{done}")?)
}

fn in_words(waiting: &Waiting) -> String {
    match waiting.key.parse::<KeyPlace>() {
        Ok(key) => Asked {
            key,
            operation: waiting.operation,
            interface: waiting.interface,
            says: waiting.says.as_deref(),
        }
        .to_string(),
        Err(_) => Plain(&waiting.key).to_string(),
    }
}
