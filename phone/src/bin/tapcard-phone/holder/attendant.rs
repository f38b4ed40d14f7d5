//! The holder at the terminal of `run`: requests are shown on the standard error; where `run` is in the foreground of a
//! terminal, they are answered there.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use card_edge::piv::Pin;
use plain_text::Plain;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp};
use tapcard_phone::consent::{
    Change, Desk, PinRequest, Question, Reply, Request, RequestId, Usage,
};

use super::words::{self, Asked, AskedForPin};

/// How long a change is waited for before it is looked again.
const LONG: Duration = Duration::from_secs(3600);
/// How often it is looked whether the request still waits.
const GLANCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Whoever shows requests at the terminal. Once the card is served no more, dropping this waits until the terminal is as it
/// was: it shows again what is typed.
#[derive(Debug)]
pub struct Attendant(Arc<Mutex<()>>);

impl Drop for Attendant {
    fn drop(&mut self) {
        let _at_no_prompt = self.0.lock().unwrap_or_else(PoisonError::into_inner);
    }
}

/// Shows every request until the process ends.
pub fn start(desk: Desk, folder: PathBuf) -> Attendant {
    let prompting = Arc::new(Mutex::new(()));
    let attendant = Attendant(prompting.clone());
    thread::spawn(move || {
        let mut now = desk.now();
        loop {
            if let Some(request) = &now.request {
                let at_prompt = prompting.lock().unwrap_or_else(PoisonError::into_inner);
                attend(&desk, request, &folder);
                drop(at_prompt);
                wait_for_end(&desk, request.id);
            }
            now = desk.now();
            if now.request.is_none() {
                now = desk.wait_for_change(now.revision, LONG);
            }
        }
    });
    attendant
}

/// Says something; the phone serves on where nobody listens.
fn say(text: &str) {
    let mut err = io::stderr();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Whether what is typed at the terminal is for this process: another that read it would be stopped by the system.
fn is_in_foreground() -> bool {
    let stdin = io::stdin();
    stdin.is_terminal()
        && io::stderr().is_terminal()
        && tcgetpgrp(&stdin).is_ok_and(|group| group == getpgrp())
}

fn attend(desk: &Desk, request: &Request, folder: &Path) {
    let asked = match &request.question {
        Question::Use(usage) => asked(usage).to_string(),
        Question::Pin(asked) => asked_for_pin(asked).to_string(),
    };
    if !is_in_foreground() {
        let seconds = seconds_until(request.deadline);
        say(&format!(
            "{asked} It waits {seconds} s for an answer: tapcard-phone requests --state {}\n",
            Plain(folder.display())
        ));
        return;
    }
    match &request.question {
        Question::Use(_) => ask(desk, request, &asked),
        Question::Pin(of) => ask_for_pin(desk, request, &asked, of.tries),
    }
}

/// A part of a second counts as one.
fn seconds_until(deadline: Instant) -> f64 {
    let left = deadline.saturating_duration_since(Instant::now());
    left.as_secs_f64().ceil()
}

fn asked(usage: &Usage) -> Asked<'_> {
    Asked {
        key: usage.key,
        operation: usage.operation,
        interface: usage.interface,
        says: usage.says.as_deref(),
    }
}

fn asked_for_pin(request: &PinRequest) -> AskedForPin<'_> {
    AskedForPin {
        interface: request.interface,
        says: request.says.as_deref(),
    }
}

fn ask(desk: &Desk, request: &Request, asked: &str) {
    let id = request.id;
    // What was typed before it was asked is not an answer.
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    let seconds = seconds_until(request.deadline);
    say(&format!("{asked}\nAllow it? [y/N, {seconds} s] "));
    while is_waiting(&desk.now(), id) && is_in_foreground() {
        let stdin = io::stdin();
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        if !poll(&mut watched, Some(&GLANCE)).is_ok_and(|ready| ready > 0) {
            continue;
        }
        let mut line = String::new();
        if stdin.read_line(&mut line).is_ok_and(|length| length > 0) {
            let reply = match line.trim().to_lowercase().as_str() {
                "y" | "yes" => Reply::Approve,
                _ => Reply::Refuse,
            };
            desk.answer(&id.to_string(), reply);
        }
        return;
    }
    say("\n");
}

fn ask_for_pin(desk: &Desk, request: &Request, asked: &str, tries: u8) {
    let id = request.id;
    say(&format!("{asked}\n"));
    let prompt = || {
        format!(
            "PIN ({}, {} s; an empty line refuses): ",
            words::tries(tries),
            seconds_until(request.deadline)
        )
    };
    let waits = || is_waiting(&desk.now(), id) && is_in_foreground();
    while let Ok(Some(typed)) = hidden_input::ask_while(&prompt(), waits) {
        let reply = match typed.as_bytes() {
            b"" => Ok(Reply::Refuse),
            typed => Pin::new(typed).map(Reply::Pin),
        };
        match reply {
            Ok(reply) => {
                desk.answer(&id.to_string(), reply);
                return;
            }
            Err(error) => say(&format!("This cannot be the PIN: {error}.\n")),
        }
    }
}

fn is_waiting(now: &Change, id: RequestId) -> bool {
    now.request.as_ref().is_some_and(|request| request.id == id)
}

/// Waits for the end of a request, and tells how it ended.
fn wait_for_end(desk: &Desk, id: RequestId) {
    let mut now = desk.now();
    while is_waiting(&now, id) {
        now = desk.wait_for_change(now.revision, LONG);
    }
    if let Some((_, end)) = now.ended.iter().find(|(ended, _)| *ended == id) {
        say(&format!("{}\n", words::end(*end)));
    }
}
