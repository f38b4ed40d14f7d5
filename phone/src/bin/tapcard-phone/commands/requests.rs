//! `tapcard-phone requests`: what waits for the holder's answer, and the answer. The card is in a reader meanwhile, with
//! another process, and this one speaks to that through the socket.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use card_edge::piv::Pin;
use plain_text::{Json, Plain};
use rustix::termios::{QueueSelector, tcflush};
use tapcard_phone::consent::Reply;
use tapcard_phone::key_store::KeyPlace;
use tapcard_phone::state::Snapshot;

use super::{CommandError, present_pin};
use crate::args;
use crate::holder::client::{Phone, RequestsError};
use crate::holder::protocol::{Ending, Said, Waiting, WaitingPin, WaitingUse};
use crate::holder::words::{self, Asked, AskedForPin};

const ALLOWED: &str = "It is allowed.";
const REFUSED: &str = "It is refused.";

/// Shows what waits, or answers it.
pub fn run(arguments: &args::Requests) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    // Says what is wrong where there is no card.
    Snapshot::read(folder)?;
    let mut phone = Phone::reach(folder)?;
    if let Some(id) = &arguments.refuse {
        phone.answer(id, Reply::Refuse)?;
        return Ok(writeln!(io::stdout(), "{REFUSED}")?);
    }
    let waiting = next(&mut phone, arguments.wait)?;
    if let Some(id) = &arguments.approve {
        return approve(&mut phone, id, waiting);
    }
    let mut out = io::stdout().lock();
    if arguments.json {
        let json = serde_json::to_string(&waiting)?;
        return Ok(writeln!(out, "{}", Json(&json))?);
    }
    let Some(waiting) = waiting else {
        return Ok(writeln!(out, "Nothing waits for an answer.")?);
    };
    writeln!(out, "{}  {}", Plain(waiting.id()), in_words(&waiting))?;
    writeln!(out, "It waits {} s for an answer.", waiting.seconds())?;
    out.flush()?;
    drop(out);
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return match waiting {
            Waiting::Use(waiting) => ask(&mut phone, &waiting),
            Waiting::Pin(waiting) => ask_for_pin(&mut phone, waiting),
        };
    }
    Ok(())
}

/// The request that waits, or the next one where that shall be waited for.
fn next(phone: &mut Phone, waits: bool) -> Result<Option<Waiting>, CommandError> {
    loop {
        match phone.next()? {
            Said::Hello { waiting: false, .. } if !waits => return Ok(None),
            Said::Request(waiting) => return Ok(Some(Waiting::Use(waiting))),
            Said::PinRequest(waiting) => return Ok(Some(Waiting::Pin(waiting))),
            _ => {}
        }
    }
}

/// Allows the request of this name, or gives the PIN that it is for.
fn approve(phone: &mut Phone, id: &str, waiting: Option<Waiting>) -> Result<(), CommandError> {
    match waiting {
        Some(Waiting::Pin(waiting)) if waiting.id == id => {
            let pin = present_pin::ask()?;
            match phone.answer_and_wait(id, Reply::Pin(pin))? {
                Ending::Wrong => Err(match asked_again(phone, &waiting)? {
                    Some(next) => RequestsError::WrongPinAskedAgain {
                        tries: next.tries,
                        id: next.id,
                    },
                    None => RequestsError::WrongPin,
                }
                .into()),
                end => tell(end),
            }
        }
        _ => {
            phone.answer(id, Reply::Approve)?;
            Ok(writeln!(io::stdout(), "{ALLOWED}")?)
        }
    }
}

fn ask(phone: &mut Phone, waiting: &WaitingUse) -> Result<(), CommandError> {
    // What was typed before it was asked is not an answer.
    tcflush(io::stdin(), QueueSelector::IFlush).map_err(io::Error::from)?;
    let mut out = io::stdout();
    write!(out, "Allow it? [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let (reply, done) = match line.trim().to_lowercase().as_str() {
        "y" | "yes" => (Reply::Approve, ALLOWED),
        _ => (Reply::Refuse, REFUSED),
    };
    phone.answer(&waiting.id, reply)?;
    Ok(writeln!(io::stdout(), "{done}")?)
}

/// Asks until the PIN is right, or nothing waits any more.
fn ask_for_pin(phone: &mut Phone, mut waiting: WaitingPin) -> Result<(), CommandError> {
    loop {
        let prompt = format!(
            "PIN ({}; an empty line refuses): ",
            words::tries(waiting.tries)
        );
        let typed = hidden_input::ask(&prompt)?;
        if typed.is_empty() {
            phone.answer(&waiting.id, Reply::Refuse)?;
            return Ok(writeln!(io::stdout(), "{REFUSED}")?);
        }
        let pin = match Pin::new(typed.as_bytes()) {
            Ok(pin) => pin,
            Err(error) => {
                writeln!(io::stdout(), "This cannot be the PIN: {error}.")?;
                continue;
            }
        };
        match phone.answer_and_wait(&waiting.id, Reply::Pin(pin))? {
            Ending::Wrong => writeln!(io::stdout(), "{}", words::PIN_WRONG)?,
            end => return tell(end),
        }
        waiting = match asked_again(phone, &waiting)? {
            Some(next) => next,
            None => return tell(Ending::Wrong),
        };
    }
}

/// The request that follows one whose PIN was wrong, if the host still waits.
fn asked_again(
    phone: &mut Phone,
    waiting: &WaitingPin,
) -> Result<Option<WaitingPin>, RequestsError> {
    let time = Duration::from_secs(waiting.seconds + 1);
    loop {
        match phone.next_within(time)? {
            Some(Said::PinRequest(next)) if next.was_wrong => return Ok(Some(next)),
            // It came in the last moment: nothing follows, or another host's request, which was not shown here.
            None | Some(Said::PinRequest(_) | Said::Request(_)) => return Ok(None),
            Some(_) => {}
        }
    }
}

/// What became of the PIN.
fn tell(end: Ending) -> Result<(), CommandError> {
    let failure = match end {
        Ending::Verified => return Ok(writeln!(io::stdout(), "{}", words::PIN_VERIFIED)?),
        Ending::Wrong => RequestsError::WrongPin,
        Ending::Blocked => RequestsError::PinBlocked,
        _ => RequestsError::PinNotCompared,
    };
    Err(failure.into())
}

fn in_words(waiting: &Waiting) -> String {
    let waiting = match waiting {
        Waiting::Use(waiting) => waiting,
        Waiting::Pin(waiting) => {
            return AskedForPin {
                interface: waiting.interface,
                says: waiting.says.as_deref(),
            }
            .to_string();
        }
    };
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
