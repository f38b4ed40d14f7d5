//! A long-running program that uses a card by PC/SC as it is told, a word a line on standard input, and prints for each how
//! it ended and how long it took in milliseconds.
//!
//! Argument: the reader. `connect` connects beside others, `connect-alone` to have the card for itself; `hold` begins a
//! transaction and `let-go` ends it; `leave` and `leave-and-reset` end the connection; `verified` says whether the card has
//! the PIN verified: `ok`, or the status word.
#![forbid(unsafe_code)]

use std::error::Error;
use std::ffi::CString;
use std::io::{BufRead, Write};
use std::time::Instant;

use pcsc::{Card, Context, Disposition, Protocols, Scope, ShareMode, Transaction};

/// SELECT of the PIV application.
const SELECT: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];
/// VERIFY without a PIN.
const TRIES: &[u8] = &[0x00, 0x20, 0x00, 0x80];

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn answer(task: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    let begun = Instant::now();
    let word = match work() {
        Ok(()) => "ok".to_owned(),
        Err(error) => match error.downcast_ref::<pcsc::Error>() {
            Some(error) => format!("{error:?}"),
            None => error.to_string(),
        },
    };
    let took = begun.elapsed().as_millis();
    let mut out = std::io::stdout();
    writeln!(out, "{} {took}", word.replace(' ', "-"))?;
    Ok(out.flush().map_err(|error| format!("{task}: {error}"))?)
}

fn send(transaction: &Transaction<'_>, command: &[u8]) -> Outcome<String> {
    let mut room = [0; pcsc::MAX_BUFFER_SIZE];
    let response = transaction.transmit(command, &mut room)?;
    let status = response.last_chunk::<2>().ok_or("no status word")?;
    Ok(format!("{:04X}", u16::from_be_bytes(*status)))
}

fn is_verified(card: &mut Card) -> Outcome {
    let transaction = card.transaction()?;
    send(&transaction, SELECT)?;
    match send(&transaction, TRIES)?.as_str() {
        "9000" => Ok(()),
        other => Err(other.into()),
    }
}

fn main() -> Outcome {
    let reader = std::env::args()
        .nth(1)
        .ok_or("usage: other_program READER")?;
    let reader = CString::new(reader)?;
    let context = Context::establish(Scope::User)?;
    let mut card: Option<Card> = None;
    let mut tasks = std::io::stdin().lock().lines();
    while let Some(task) = tasks.next().transpose()? {
        match task.as_str() {
            "connect" | "connect-alone" => answer(&task, || {
                let mode = match task.as_str() {
                    "connect" => ShareMode::Shared,
                    _ => ShareMode::Exclusive,
                };
                card = Some(context.connect(&reader, mode, Protocols::ANY)?);
                Ok(())
            })?,
            "leave" | "leave-and-reset" => answer(&task, || {
                let end = match task.as_str() {
                    "leave" => Disposition::LeaveCard,
                    _ => Disposition::ResetCard,
                };
                let card = card.take().ok_or("no card")?;
                Ok(card.disconnect(end).map_err(|(_, error)| error)?)
            })?,
            "hold" => {
                let card = card.as_mut().ok_or("no card")?;
                let transaction = card.transaction()?;
                answer(&task, || Ok(()))?;
                if tasks.next().transpose()?.as_deref() != Some("let-go") {
                    return Err("what is held is let go first".into());
                }
                let ended = transaction.end(Disposition::LeaveCard);
                answer("let-go", || Ok(ended.map_err(|(_, error)| error)?))?;
            }
            "verified" => {
                let card = card.as_mut().ok_or("no card")?;
                answer(&task, || is_verified(card))?;
            }
            other => return Err(format!("unknown task {other}").into()),
        }
    }
    Ok(())
}
