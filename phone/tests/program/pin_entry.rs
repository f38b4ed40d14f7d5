//! The PIN typed at the phone: the socket, the commands, the terminal, and what tells of the setting.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, tcgetattr};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consent::{Interface, SELECT, command, receive, text};
use crate::running::{PATIENCE, Running, phone, requests_at, run_at, terminal};

const VERIFIED: [u8; 2] = [0x90, 0x00];
const REFUSED: [u8; 2] = [0x69, 0x85];
const WARNING: &str = "Type it only where you are logging in yourself now.";

/// A folder with a card whose PIN can be typed at the phone.
fn card() -> TempDir {
    let folder = crate::running::folder();
    let mut running = Running::start(folder.path());
    running.exchange(&SELECT);
    let set = command(folder.path(), &["pin-entry", "phone"]);
    assert!(set.status.success(), "{set:?}");
    folder
}

/// VERIFY of a PIN that is typed at the phone, for a host that says something that a terminal would obey.
fn verify() -> Vec<u8> {
    let note = "ssh\u{1b}[2J\u{202e}";
    let length = u8::try_from(note.len()).unwrap();
    let head = [0x00, 0x20, 0x01, 0x80, length + 2, 0x0C, length];
    [&head[..], note.as_bytes()].concat()
}

const SHOWN: &str = "A host asks for the PIN over contacts. The host says it is \"ssh\\u{1b}[2J\\u{202e}\"; nothing proves that.";

fn type_pin(interface: &mut Interface, id: &str, pin: &str) {
    interface.send(&json!({ "id": id, "answer": "pin", "pin": pin }).to_string());
}

/// What the phone says of an answer: whether it was taken, and how the request ended.
fn told(interface: &mut Interface, id: &str) -> Value {
    let mut told = [interface.next(), interface.next()];
    told.sort_by_key(|one| one["event"].to_string());
    let [answered, ended] = told;
    assert_eq!(
        answered,
        json!({ "event": "answered", "id": id, "taken": true })
    );
    assert_eq!(ended["id"], id);
    ended["answer"].clone()
}

#[test]
fn a_user_interface_is_asked_for_the_pin_until_it_is_right() {
    let folder = card();
    let mut running = Running::start(folder.path());
    let mut interface = Interface::of(folder.path());
    interface.next();
    running.exchange(&SELECT);
    running.send(&verify());
    let first = interface.next();
    let id = first["id"].as_str().unwrap().to_owned();
    let seconds = first["seconds"].as_u64().unwrap();
    assert!((20..=30).contains(&seconds), "{first}");
    let expected = json!({
        "event": "pin-request", "id": id, "interface": "contact", "says": "ssh\u{1b}[2J\u{202e}",
        "seconds": seconds, "tries": 5, "was_wrong": false,
    });
    assert_eq!(first, expected);
    // What cannot be its PIN, and what is not an answer, cost nothing.
    for line in [
        json!({ "id": id, "answer": "pin", "pin": "12345" }),
        json!({ "id": id, "answer": "pin", "pin": "hunter22" }),
        json!({ "id": id, "answer": "pin", "pin": 123_456 }),
        json!({ "id": id, "answer": "pin" }),
        json!({ "id": id, "answer": "approve", "pin": "123456" }),
    ] {
        interface.send(&line.to_string());
        let malformed = interface.next();
        assert_eq!(malformed["event"], "malformed", "{line}");
        // What was sent may be a PIN, and is not said again.
        assert!(!malformed.to_string().contains("12345"), "{malformed}");
    }
    interface.answer(&id, "approve");
    assert_eq!(interface.next()["taken"], false);
    type_pin(&mut interface, &id, "999999");
    // The next request may come before what is said of the first.
    let mut events: Vec<Value> = (0..3).map(|_| interface.next()).collect();
    events.sort_by_key(|one| one["event"].to_string());
    assert_eq!(events[0]["taken"], true);
    assert_eq!(events[1]["answer"], "wrong");
    let second = &events[2];
    assert_eq!(
        (&second["tries"], &second["was_wrong"]),
        (&json!(4), &json!(true))
    );
    let id = second["id"].as_str().unwrap();
    type_pin(&mut interface, id, "123456");
    assert_eq!(told(&mut interface, id), "verified");
    assert_eq!(receive(&mut running), VERIFIED);

    running.send(&verify());
    let refused = interface.next();
    let id = refused["id"].as_str().unwrap();
    interface.answer(id, "refuse");
    assert_eq!(told(&mut interface, id), "refused");
    assert_eq!(receive(&mut running), REFUSED);
    // A PIN is not the use of a key.
    let log = command(folder.path(), &["log", "--json"]);
    assert_eq!(text(&log), "[]\n");
}

#[test]
fn the_command_shows_the_request_and_takes_the_pin() {
    let folder = card();
    let mut running = Running::start(folder.path());
    running.exchange(&SELECT);
    let mut asked_again = None;
    for (pin, status, answer) in [
        (
            "999999",
            Some(1),
            "tapcard-phone: that is not the PIN; 4 tries are left, and it is asked for again as ",
        ),
        (
            "123456",
            Some(0),
            "The PIN is right: the host is told so.\n",
        ),
    ] {
        if status == Some(1) {
            running.send(&verify());
        }
        let waits = phone()
            .args(["requests", "--wait", "--json", "--state"])
            .arg(folder.path())
            .output()
            .unwrap();
        let request: Value = serde_json::from_slice(&waits.stdout).unwrap();
        assert_eq!(request["event"], "pin-request");
        let id = request["id"].as_str().unwrap();
        assert!(asked_again.is_none_or(|asked| asked == id));
        let shown = text(&command(folder.path(), &["requests"]));
        let expected = format!("{id}  {SHOWN} {WARNING}\nIt waits ");
        assert!(shown.starts_with(&expected), "{shown}");
        // It wants a PIN.
        let none = command(folder.path(), &["requests", "--approve", id]);
        assert_eq!(none.status.code(), Some(1), "{none:?}");
        let typed = phone()
            .args(["requests", "--approve", id, "--state"])
            .arg(folder.path())
            .env("TAPCARD_PRESENT_PIN", pin)
            .output()
            .unwrap();
        assert_eq!(typed.status.code(), status, "{typed:?}");
        let said = text(&typed);
        let (_, rest) = said.split_once(answer).unwrap();
        asked_again = Some(rest.trim().to_owned());
    }
    assert_eq!(receive(&mut running), VERIFIED);
    running.send(&verify());
    let mut interface = Interface::of(folder.path());
    while interface.next()["event"] != "pin-request" {}
    let shown = text(&command(folder.path(), &["requests"]));
    let id = shown.split_whitespace().next().unwrap();
    let refused = command(folder.path(), &["requests", "--refuse", id]);
    assert_eq!(text(&refused), "It is refused.\n");
    assert_eq!(receive(&mut running), REFUSED);
}

/// What the terminal shows, to this.
fn shown(typing: &mut fs::File, end: &str) -> String {
    let mut seen = String::new();
    while !seen.ends_with(end) {
        let mut byte = [0];
        typing.read_exact(&mut byte).unwrap();
        seen.push(char::from(byte[0]));
    }
    seen
}

#[test]
fn at_the_terminal_of_run_the_pin_is_typed_unseen() {
    let folder = card();
    let (mut typing, end) = terminal();
    let mut running = run_at(&end, folder.path());
    running.exchange(&SELECT);
    // Before anything is asked, this is not an answer.
    writeln!(typing, "999999").unwrap();
    running.send(&verify());
    let seen = shown(
        &mut typing,
        "PIN (5 tries left, 30 s; an empty line refuses): ",
    );
    assert!(seen.contains(SHOWN) && seen.contains(WARNING), "{seen}");
    writeln!(typing, "12345").unwrap();
    // It is asked for again with the seconds that are left by then.
    let begun = Instant::now();
    let mut seen = String::new();
    loop {
        shown(&mut typing, "This cannot be the PIN");
        shown(&mut typing, "PIN (5 tries left, ");
        if shown(&mut typing, " s; an empty line refuses): ") != "30 s; an empty line refuses): " {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "the seconds stay");
        thread::sleep(Duration::from_millis(20));
        writeln!(typing, "12345").unwrap();
    }
    writeln!(typing, "888888").unwrap();
    seen.push_str(&shown(&mut typing, "That is not the PIN."));
    seen.push_str(&shown(&mut typing, "PIN (4 tries left, "));
    seen.push_str(&shown(&mut typing, "an empty line refuses): "));
    writeln!(typing, "123456").unwrap();
    seen.push_str(&shown(
        &mut typing,
        "The PIN is right: the host is told so.",
    ));
    for typed in ["888888", "123456"] {
        assert!(!seen.contains(typed), "{seen}");
    }
    assert_eq!(receive(&mut running), VERIFIED);
    // An empty line refuses, and is shown again what is typed.
    running.send(&verify());
    shown(&mut typing, "an empty line refuses): ");
    writeln!(typing).unwrap();
    shown(&mut typing, "It was refused.");
    assert_eq!(receive(&mut running), REFUSED);
}

#[test]
fn asked_to_end_while_the_pin_is_typed_it_leaves_the_terminal_as_it_was() {
    let folder = card();
    let (mut typing, end) = terminal();
    let mut running = run_at(&end, folder.path());
    running.exchange(&SELECT);
    running.send(&verify());
    shown(&mut typing, "an empty line refuses): ");
    let shows = || {
        tcgetattr(&end)
            .unwrap()
            .local_modes
            .contains(LocalModes::ECHO)
    };
    assert!(!shows());
    // The beginning of a PIN is nobody's answer, and the shell that reads next does not get it.
    write!(typing, "1234").unwrap();
    let id = running.child.id().to_string();
    let signalled = Command::new("kill").args(["-TERM", &id]).status();
    assert!(signalled.unwrap().success());
    assert!(running.child.wait().unwrap().success());
    assert!(shows());
    writeln!(typing, "ls").unwrap();
    let mut line = [0; 64];
    let length = (&end).read(&mut line).unwrap();
    assert_eq!(&line[..length], b"ls\n");
}

#[test]
fn at_another_terminal_requests_takes_it_unseen() {
    let folder = card();
    let mut running = Running::start(folder.path());
    running.exchange(&SELECT);
    let (mut typing, end) = terminal();
    let mut asks = requests_at(end, folder.path());
    running.send(&verify());
    let mut seen = shown(&mut typing, "PIN (5 tries left; an empty line refuses): ");
    assert!(seen.contains(SHOWN), "{seen}");
    writeln!(typing, "888888").unwrap();
    seen = shown(&mut typing, "PIN (4 tries left; an empty line refuses): ");
    assert!(
        seen.contains("That is not the PIN.") && !seen.contains("888888"),
        "{seen}"
    );
    writeln!(typing, "123456").unwrap();
    seen = shown(&mut typing, "The PIN is right: the host is told so.");
    assert!(!seen.contains("123456"), "{seen}");
    assert!(asks.wait().unwrap().success());
    assert_eq!(receive(&mut running), VERIFIED);
}

#[test]
fn with_nobody_there_it_ends_and_says_so() {
    let folder = card();
    let mut program = phone();
    program
        .env("TAPCARD_PHONE_CONSENT_TIMEOUT", "1")
        .stderr(Stdio::piped());
    let mut running = Running::start_as(program, folder.path());
    // The host is told how long it may take.
    let selected = running.exchange(&SELECT);
    assert!(
        selected.windows(4).any(|part| part == b"&v=1"),
        "{selected:?}"
    );
    assert_eq!(running.exchange(&verify()), REFUSED);
    running.child.kill().unwrap();
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains(SHOWN), "{said}");
    assert!(said.contains("It waits 1 s for an answer: tapcard-phone requests"));
}

#[test]
fn where_it_is_typed_is_set_and_shown() {
    let folder = card();
    let said = |arguments: &[&str]| {
        let output = command(folder.path(), &[&["pin-entry"], arguments].concat());
        (output.status.code(), text(&output))
    };
    let (code, phone) = said(&[]);
    assert_eq!(code, Some(0));
    assert!(phone.starts_with("phone: "), "{phone}");
    let status = command(folder.path(), &["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["pin_entry"], "phone");
    let status = text(&command(folder.path(), &["status"]));
    assert!(
        status.contains("typed at the phone, where a host knows how: "),
        "{status}"
    );
    // A GIDS card does not ask.
    let not_now = "at the phone, but not while it is a GIDS card.";
    assert!(!phone.contains(not_now), "{phone}");
    for (edge, is_now) in [("gids", false), ("piv", true)] {
        assert!(
            command(folder.path(), &["card-edge", edge])
                .status
                .success()
        );
        for arguments in [&[][..], &["phone"]] {
            let (_, told) = said(arguments);
            assert_eq!(told.contains(not_now), !is_now, "{told}");
        }
        let status = text(&command(folder.path(), &["status"]));
        let note = "where a host knows how, but not while it is a GIDS card: ";
        assert_eq!(status.contains(note), !is_now, "{status}");
    }

    let (code, host) = said(&["host"]);
    assert_eq!(code, Some(0));
    assert_eq!(said(&[]), (Some(0), host));
    assert_eq!(said(&["nowhere"]).0, Some(2));
    let status = text(&command(folder.path(), &["status"]));
    assert!(!status.contains("typed at the phone"), "{status}");
    // A card of which nobody has decided anything is one that earlier versions can read.
    let card = fs::read_to_string(folder.path().join("card.json")).unwrap();
    assert!(!card.contains("pin_entry"));
}
