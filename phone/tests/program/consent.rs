//! Requests for the holder's consent: the socket, the commands, the terminal, and nobody.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use serde_json::{Value, json};
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::key_store::{Consent, KeyPolicy, KeyRequest, KeyStore};
use tapcard_phone::state::{KeyRecord, Origin, StateError, Store};
use tempfile::TempDir;

use crate::running::{PATIENCE, Running, phone, requests_at, run_at, terminal};

pub const SELECT: [u8; 10] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];
const DOORS: AsymmetricKey = AsymmetricKey::CardAuthentication;
const REFUSED: [u8; 2] = [0x69, 0x85];

/// A folder with a card whose key 9E asks its holder.
fn card() -> TempDir {
    let folder = crate::running::folder();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    let created = SoftwareKeyStore.generate(&KeyRequest {
        algorithm: KeyAlgorithm::P256,
        policy: KeyPolicy::of(DOORS),
        challenge: None,
    });
    let record = KeyRecord {
        algorithm: KeyAlgorithm::P256,
        origin: Origin::Generated,
        pin_policy: None,
        handle: created.unwrap().handle.into(),
        attestation: None,
    };
    store
        .update(|state| {
            state.keys.insert(DOORS, record);
            state.set_consent(DOORS, Consent::ConfirmOnPhone);
            Ok::<_, StateError>(())
        })
        .unwrap();
    folder
}

/// A signature with 9E in one command, for a host that says something that a terminal would obey.
fn sign() -> Vec<u8> {
    let note = "ssh\u{1b}[2J\u{202e}";
    let mut data = vec![0x84, 1, 0x9E, 0x80, 2, 3, 1, 0x90, 32];
    data.extend([7; 32]);
    data.extend([0x0C, u8::try_from(note.len()).unwrap()]);
    data.extend(note.as_bytes());
    let length = u8::try_from(data.len()).unwrap();
    [&[0x00, 0x2A, 0x9E, 0x9A, length][..], &data, &[0x00]].concat()
}

const SHOWN: &str = "The host says it is \"ssh\\u{1b}[2J\\u{202e}\"; nothing proves that.";

/// The answer to what was sent.
pub fn receive(running: &mut Running) -> Vec<u8> {
    let mut length = [0; 2];
    running.reader.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    running.reader.read_exact(&mut answer).unwrap();
    answer
}

fn is_signature(answer: &[u8]) -> bool {
    answer.len() == 66 && answer.ends_with(&[0x90, 0x00])
}

/// A user interface at the socket.
pub struct Interface(BufReader<UnixStream>);

impl Interface {
    pub fn of(folder: &Path) -> Self {
        let connection = UnixStream::connect(folder.join("consent.sock")).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(connection))
    }

    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        assert!(!line.contains('\u{202e}'), "{line}");
        serde_json::from_str(&line).unwrap()
    }

    pub fn send(&mut self, line: &str) {
        writeln!(self.0.get_mut(), "{line}").unwrap();
    }

    pub fn answer(&mut self, id: &str, answer: &str) {
        self.send(&json!({ "id": id, "answer": answer }).to_string());
    }
}

pub fn command(folder: &Path, arguments: &[&str]) -> Output {
    let (name, rest) = arguments.split_first().unwrap();
    phone()
        .args([name, "--state"])
        .arg(folder)
        .args(rest)
        .output()
        .unwrap()
}

pub fn text(output: &Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(all).unwrap()
}

fn log(folder: &Path) -> Value {
    let output = command(folder, &["log", "--json"]);
    assert!(!text(&output).contains('\u{202e}'));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_user_interface_is_told_of_requests_and_answers_them() {
    let folder = card();
    let mut running = Running::start(folder.path());
    let socket = folder.path().join("consent.sock");
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut interface = Interface::of(folder.path());
    let hello = json!({ "event": "hello", "protocol": 1, "waiting": false });
    assert_eq!(interface.next(), hello);
    running.exchange(&SELECT);
    let mut before: Option<String> = None;
    for (answer, ending) in [("approve", "approved"), ("refuse", "refused")] {
        running.send(&sign());
        let request = interface.next();
        let id = request["id"].as_str().unwrap().to_owned();
        let seconds = request["seconds"].as_u64().unwrap();
        assert!((20..=30).contains(&seconds), "{request}");
        let expected = json!({
            "event": "request", "id": id, "key": "9E", "name": "Card Authentication",
            "operation": "sign", "interface": "contact", "says": "ssh\u{1b}[2J\u{202e}",
            "seconds": seconds,
        });
        assert_eq!(request, expected);
        // One that comes later is told of it too.
        let mut late = Interface::of(folder.path());
        assert_eq!(late.next()["waiting"], true);
        assert_eq!(late.next()["id"], id.as_str());
        // What is not an answer, and one to the request before.
        interface.send("approve");
        assert_eq!(interface.next()["event"], "malformed");
        if let Some(before) = &before {
            interface.answer(before, "approve");
            let expected = json!({ "event": "answered", "id": before, "taken": false });
            assert_eq!(interface.next(), expected);
        }
        interface.answer(&id, answer);
        let mut told = [interface.next(), interface.next()];
        told.sort_by_key(|one| one["event"].to_string());
        let answered = json!({ "event": "answered", "id": id, "taken": true });
        let ended = json!({ "event": "ended", "id": id, "answer": ending });
        assert_eq!(told, [answered, ended]);
        let received = receive(&mut running);
        assert_eq!(is_signature(&received), answer == "approve");
        assert!(answer == "approve" || received == REFUSED);
        before = Some(id);
    }
    let outcomes: Vec<_> = log(folder.path())
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["done", "refused"]);
}

#[test]
fn the_commands_show_a_request_and_answer_it() {
    let folder = card();
    let none = command(folder.path(), &["requests"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none).contains("is not in a reader"), "{none:?}");
    let mut running = Running::start(folder.path());
    running.exchange(&SELECT);
    let none = command(folder.path(), &["requests"]);
    assert_eq!(text(&none), "Nothing waits for an answer.\n");
    assert_eq!(
        text(&command(folder.path(), &["requests", "--json"])),
        "null\n"
    );
    for (answer, done) in [
        ("--approve", "It is allowed.\n"),
        ("--refuse", "It is refused.\n"),
    ] {
        let waits = phone()
            .args(["requests", "--wait", "--json", "--state"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        running.send(&sign());
        let waited = waits.wait_with_output().unwrap();
        let request: Value = serde_json::from_slice(&waited.stdout).unwrap();
        assert_eq!(request["event"], "request");
        let id = request["id"].as_str().unwrap();
        let shown = text(&command(folder.path(), &["requests"]));
        let expected =
            format!("{id}  9E (Card Authentication): a signature over contacts. {SHOWN}");
        assert!(shown.starts_with(&expected), "{shown}");
        let other = command(folder.path(), &["requests", answer, "00000000"]);
        assert_eq!(other.status.code(), Some(1));
        assert!(text(&other).contains("no request 00000000 waits"));
        assert_eq!(
            text(&command(folder.path(), &["requests", answer, id])),
            done
        );
        assert_eq!(is_signature(&receive(&mut running)), answer == "--approve");
        let late = command(folder.path(), &["requests", answer, id]);
        assert_eq!(late.status.code(), Some(1));
    }
    let log = text(&command(folder.path(), &["log"]));
    let said = "the host said it is \"ssh\\u{1b}[2J\\u{202e}\"";
    let lines: Vec<_> = log.lines().collect();
    assert!(lines[0].contains("9E  a signature"), "{log}");
    assert!(lines[0].ends_with(&format!("done; {said}")), "{log}");
    let refused = format!("refused by its holder; {said}");
    assert!(lines[1].ends_with(&refused), "{log}");
    assert_eq!(lines.len(), 2);
}

#[test]
fn with_nobody_there_it_ends_and_says_so() {
    let folder = card();
    let mut program = phone();
    program
        .env("TAPCARD_PHONE_CONSENT_TIMEOUT", "1")
        .stderr(Stdio::piped());
    let mut running = Running::start_as(program, folder.path());
    running.exchange(&SELECT);
    assert_eq!(running.exchange(&sign()), REFUSED);
    running.child.kill().unwrap();
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains(SHOWN), "{said}");
    assert!(said.contains("It waits 1 s for an answer: tapcard-phone requests"));
    assert_eq!(log(folder.path())[0]["outcome"], "timed-out");
}

#[test]
fn at_a_terminal_the_holder_is_asked_there() {
    let folder = card();
    let (mut typing, end) = terminal();
    let mut running = run_at(&end, folder.path());
    running.exchange(&SELECT);
    // Before anything is asked, this is not an answer.
    writeln!(typing, "y").unwrap();
    let mut seen = String::new();
    for (typed, signed) in [("y", true), ("", false), ("n", false), ("yes", true)] {
        running.exchange(&SELECT);
        running.send(&sign());
        seen.clear();
        while !seen.contains("Allow it? [y/N, 30 s] ") {
            let mut byte = [0];
            typing.read_exact(&mut byte).unwrap();
            seen.push(char::from(byte[0]));
        }
        assert!(seen.contains(SHOWN), "{seen}");
        writeln!(typing, "{typed}").unwrap();
        assert_eq!(is_signature(&receive(&mut running)), signed, "{typed}");
    }
}

#[test]
fn a_kill_while_a_request_waits_leaves_a_card_that_works() {
    let folder = card();
    for _ in 0..3 {
        let mut running = Running::start(folder.path());
        running.exchange(&SELECT);
        let mut interface = Interface::of(folder.path());
        interface.next();
        running.send(&sign());
        let request = interface.next();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        // The socket that is left leads nowhere.
        let none = command(folder.path(), &["requests"]);
        assert!(text(&none).contains("is not in a reader"), "{none:?}");

        let mut running = Running::start(folder.path());
        running.exchange(&SELECT);
        let mut interface = Interface::of(folder.path());
        interface.next();
        running.send(&sign());
        let next = interface.next();
        assert_ne!(next["id"], request["id"]);
        interface.answer(next["id"].as_str().unwrap(), "approve");
        assert!(is_signature(&receive(&mut running)));
    }
    assert_eq!(log(folder.path()).as_array().unwrap().len(), 3);
}

#[test]
fn asked_to_end_while_a_request_waits_it_ends_cleanly() {
    let folder = card();
    let mut running = Running::start(folder.path());
    running.exchange(&SELECT);
    let mut interface = Interface::of(folder.path());
    interface.next();
    running.send(&sign());
    interface.next();
    let id = running.child.id().to_string();
    let signalled = Command::new("kill").args(["-TERM", &id]).status();
    assert!(signalled.unwrap().success());
    assert!(running.child.wait().unwrap().success());
    assert!(!folder.path().join("consent.sock").exists());
    assert_eq!(log(folder.path())[0]["outcome"], "link-lost");
}

#[test]
fn the_policy_of_a_slot_is_set_and_shown() {
    let folder = card();
    let set = |arguments: &[&str]| {
        let output = command(folder.path(), &[&["consent"], arguments].concat());
        (output.status.code(), text(&output))
    };
    let shown = "9A    PIV Authentication        pin\n9C    Digital Signature         pin\n9D    Key Management            pin\n9E    Card Authentication       confirm-on-phone\n";
    assert_eq!(set(&[]), (Some(0), shown.to_owned()));
    assert_eq!(set(&["82", "never"]).0, Some(0));
    assert_eq!(set(&["9e", "pin"]).0, Some(0));
    for wrong in [
        &["F9", "pin"][..],
        &["9B", "pin"],
        &["9A", "maybe"],
        &["F9"],
    ] {
        assert_eq!(set(wrong).0, Some(2), "{wrong:?}");
    }
    // One alone is shown in the words that it was set with.
    for (slot, policy) in [("9A", "pin"), ("82", "never"), ("9e", "confirm-on-phone")] {
        let told = set(&[slot, policy]);
        assert_eq!(told.0, Some(0));
        assert!(told.1.contains(&format!("  {policy}: ")), "{told:?}");
        assert_eq!(set(&[slot]), told);
    }
    set(&["9e", "pin"]);
    let status = command(folder.path(), &["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let told: Vec<_> = status["slots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|slot| {
            (
                slot["slot"].as_str().unwrap(),
                slot["consent"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("9A", "pin"),
        ("9C", "pin"),
        ("9D", "pin"),
        ("9E", "pin"),
        ("82", "never"),
    ];
    assert_eq!(told, expected);
    let status = text(&command(folder.path(), &["status"]));
    let lines = |end: &str| status.lines().filter(|line| line.ends_with(end)).count();
    assert_eq!(lines("; consent: pin"), 4, "{status}");
    assert_eq!(
        lines("; consent: never, no host can use the key"),
        1,
        "{status}"
    );
    // A card whose slots ask for the PIN alone is one that earlier versions can read.
    set(&["82", "pin"]);
    let card = fs::read_to_string(folder.path().join("card.json")).unwrap();
    assert!(!card.contains("consent"));
}

#[test]
fn what_was_typed_before_requests_asks_is_not_an_answer() {
    let folder = card();
    let mut running = Running::start(folder.path());
    running.exchange(&SELECT);
    let (mut typing, end) = terminal();
    let mut waits = requests_at(end, folder.path());
    let see = |typing: &mut fs::File, text: &str| {
        let mut seen = String::new();
        while !seen.contains(text) {
            let mut byte = [0];
            typing.read_exact(&mut byte).unwrap();
            seen.push(char::from(byte[0]));
        }
    };
    writeln!(typing, "y").unwrap();
    // The terminal has taken it.
    see(&mut typing, "y\r\n");
    running.send(&sign());
    see(&mut typing, "Allow it? [y/N] ");
    writeln!(typing, "n").unwrap();
    assert_eq!(receive(&mut running), REFUSED);
    see(&mut typing, "It is refused.");
    assert!(waits.wait().unwrap().success());
}

#[test]
fn another_user_is_told_nothing_whatever_the_modes_are() {
    // Root alone can be another user.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = card();
    let _running = Running::start(folder.path());
    let socket = folder.path().join("consent.sock");
    let permit = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    permit(folder.path(), 0o711);
    permit(&socket, 0o666);
    let connect =
        r#"$s = IO::Socket::UNIX->new(Peer => shift) or die $!; print scalar readline $s"#;
    let told = Command::new("setpriv")
        .args(["--reuid=65534", "--clear-groups"])
        .args(["perl", "-MIO::Socket::UNIX", "-e", connect])
        .arg(&socket)
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
    assert_eq!(text(&told), "");
    assert_eq!(Interface::of(folder.path()).next()["event"], "hello");
}
