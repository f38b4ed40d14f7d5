//! Exit statuses and words.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, tcgetattr};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use serde_json::Value;
use tapcard_phone::key_store::KeyHandle;
use tapcard_phone::state::{KeyRecord, Origin, StateError, Store};

use crate::running::{PATIENCE, phone, terminal};

const TOKEN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PIN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn status(card: &Path) -> Value {
    let output = phone()
        .args(["status", "--json", "--state"])
        .arg(card)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_wrong_command_line_is_2_and_a_failure_is_1() {
    let folder = crate::running::folder();
    let cases: [(&[&str], i32, &str); 8] = [
        (&[], 2, "Usage"),
        (&["fly"], 2, "unrecognized subcommand"),
        (
            &["run", "--state", "x", "--nfc", "fast"],
            2,
            "expected a bit rate and a latency",
        ),
        (
            &["run", "--state", "x", "--vpcd", "35963"],
            2,
            "expected a host and a port",
        ),
        (
            &["run", "--state", "x", "--vpcd", "localhost:99999"],
            2,
            "expected a host and a port",
        ),
        (
            &["status", "--state", "nowhere"],
            1,
            "there is no card in nowhere: `tapcard-phone run`, `enroll` or `card-edge` makes one",
        ),
        (
            &["enroll", "--state", "x", "http://example.org/"],
            1,
            "this is not an invitation",
        ),
        (&["--version"], 0, ""),
    ];
    for (arguments, status, expected) in cases {
        let output = phone()
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        assert!(
            words(&output).contains(expected),
            "{arguments:?}: {}",
            words(&output)
        );
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}

#[test]
fn help_teaches_and_completions_come_for_each_shell() {
    let help = phone().arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for word in ["run", "enroll", "status", "TAPCARD_LOG", "Exit status"] {
        assert!(text.contains(word), "{word}");
    }
    for shell in ["bash", "fish", "zsh"] {
        let output = phone().args(["completions", shell]).output().unwrap();
        assert!(
            output.status.success() && output.stdout.len() > 500,
            "{shell}"
        );
    }
}

#[test]
fn the_status_of_a_new_card_tells_what_is_left_to_do() {
    let folder = crate::running::folder();
    let card = folder.path().join("card");
    let mut store = Store::open_or_create(&card).unwrap();
    let text = phone()
        .args(["status", "--state"])
        .arg(&card)
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("the default of every new card")
            && text.contains("no certificate")
            && text.contains("\nMgmt key    "),
        "{text}"
    );
    let json = status(&card);
    assert_eq!(
        json["guid"],
        store.state().guid().unwrap().simple().to_string()
    );
    assert_eq!(json["pin"]["left"], 5);
    assert_eq!(json["pin"]["is_default"], true);
    assert_eq!(json["slots"].as_array().unwrap().len(), 4);
    assert_eq!(json["slots"][0]["slot"], "9A");
    assert_eq!(json["slots"][0]["certificate"], Value::Null);
    // Of the places of retired keys those are shown that have something in them.
    let retired = AsymmetricKey::try_from(0x82).unwrap();
    let record = KeyRecord {
        algorithm: KeyAlgorithm::Ed25519,
        origin: Origin::Generated,
        pin_policy: None,
        handle: KeyHandle::new(vec![1]).into(),
        attestation: None,
    };
    store
        .update(|state| {
            state.keys.insert(retired, record);
            Ok::<_, StateError>(())
        })
        .unwrap();
    let json = status(&card);
    assert_eq!(json["slots"].as_array().unwrap().len(), 5);
    assert_eq!(json["slots"][4]["slot"], "82");
    assert_eq!(json["slots"][4]["key"], "Ed25519");
}

#[test]
fn without_a_reader_it_says_what_to_do_next() {
    let folder = crate::running::folder();
    // A port that was free a moment ago: nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut child = phone()
        .args(["run", "--vpcd", &address, "--state"])
        .arg(folder.path().join("card"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = lines.map(Result::unwrap);
    let told = told
        .into_iter()
        .find(|line| line.starts_with("no virtual reader at "))
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    for next in ["`tapcard list`", "`sudo pcscd`"] {
        assert!(told.contains(next), "{told}");
    }
}

#[test]
fn enrolling_names_what_is_wrong_and_never_the_token() {
    let folder = crate::running::folder();
    let card = folder.path().join("card");
    let link = link_to_nobody();
    let cases = [
        ("739154", link.as_str(), "cannot be reached"),
        ("12345", link.as_str(), "a PIN has 6 to 8 digits"),
        ("123456", link.as_str(), "the PIN of every new card"),
        ("777777", link.as_str(), "all the same"),
        ("98765432", link.as_str(), "in a row"),
        (
            "739154",
            link.split_once('#').unwrap().0,
            "quoted for the shell",
        ),
    ];
    for (pin, link, expected) in cases {
        let output = phone()
            .args(["enroll", "--state"])
            .arg(&card)
            .arg(link)
            .env("TAPCARD_PIN", pin)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = words(&output);
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn a_global_pin_is_given_and_taken_away() {
    let folder = crate::running::folder();
    let card = folder.path().join("card");
    Store::open_or_create(&card).unwrap();
    let run = |pin: &str, more: &[&str]| {
        phone()
            .args(["global-pin", "--state"])
            .arg(&card)
            .args(more)
            .env("TAPCARD_GLOBAL_PIN", pin)
            .output()
            .unwrap()
    };
    let global_pin = || status(&card)["global_pin"].clone();
    assert_eq!(global_pin(), Value::Null);
    for (weak, reason) in [("111111", "everybody tries"), ("1234", "6 to 8 digits")] {
        let output = run(weak, &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(words(&output).contains(reason), "{}", words(&output));
    }
    assert!(run("739154", &[]).status.success());
    assert_eq!(global_pin()["left"], 5);
    assert!(run("", &["--remove"]).status.success());
    assert_eq!(global_pin(), Value::Null);
}

#[test]
fn the_holder_decides_what_is_done_over_nfc_and_is_shown_the_pairing_code() {
    let folder = crate::running::folder();
    let card = folder.path().join("card");
    Store::open_or_create(&card).unwrap();
    let run = |policy: &str| {
        phone()
            .args(["contactless", policy, "--state"])
            .arg(&card)
            .output()
            .unwrap()
    };
    let shown = || {
        let output = phone().args(["contactless", "--state"]).arg(&card).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", words(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(status(&card)["contactless"], "contact-like");
    assert_eq!(status(&card)["pairing_code"], Value::Null);
    assert!(shown().starts_with("contact-like: "), "{}", shown());
    let told = run("strict");
    assert!(told.status.success(), "{}", words(&told));
    let code = status(&card)["pairing_code"].as_str().unwrap().to_owned();
    assert_eq!(code.len(), 8);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains(&code), "{told}");
    assert_eq!(shown(), told);
    let text = phone().args(["status", "--state"]).arg(&card).output();
    let text = String::from_utf8_lossy(&text.unwrap().stdout).into_owned();
    assert!(
        text.contains(&format!("Contactless strict, pairing code {code}")),
        "{text}"
    );
    for policy in ["strict-without-pairing", "contact-like"] {
        let told = run(policy);
        assert!(told.status.success());
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert_eq!(shown(), told);
        assert!(told.starts_with(&format!("{policy}: ")), "{told}");
        assert_eq!(status(&card)["contactless"], policy);
        assert_eq!(status(&card)["pairing_code"], Value::Null);
    }
    // The code is the card's, and stays.
    assert!(run("strict").status.success());
    assert_eq!(status(&card)["pairing_code"], code.as_str());
    let wrong = run("open");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        words(&wrong).contains("expected contact-like"),
        "{}",
        words(&wrong)
    );
}

#[test]
fn a_pin_is_given_in_a_file_too() {
    let folder = crate::running::folder();
    let card = folder.path().join("card");
    let mut store = Store::open_or_create(&card).unwrap();
    let file = folder.path().join("pin");
    let run = |command: &str, variable: &str, more: &[(&str, &str)]| {
        let mut phone = phone();
        phone.args([command, "--state"]).arg(&card);
        if command == "enroll" {
            phone.arg(link_to_nobody());
        }
        let output = phone
            .env(format!("{variable}_FILE"), &file)
            .envs(more.iter().copied())
            .output()
            .unwrap();
        (output.status.success(), words(&output))
    };
    for end in ["", "\n", "\r\n"] {
        std::fs::write(&file, format!("73915{}{end}", end.len())).unwrap();
        assert_eq!(
            run("global-pin", "TAPCARD_GLOBAL_PIN", &[]),
            (true, String::new())
        );
        store.refresh().unwrap();
        let digits = format!("73915{}", end.len());
        let padded = *card_edge::piv::Pin::new(digits.as_bytes())
            .unwrap()
            .as_bytes();
        let global_pin = store.state().global_pin.as_ref().unwrap();
        assert!(global_pin.matches(&padded).unwrap(), "{end:?}");
    }
    // `enroll` looks at the PIN before it goes to the server.
    let (_, said) = run("enroll", "TAPCARD_PIN", &[]);
    assert!(said.contains("cannot be reached"), "{said}");
    std::fs::write(&file, "111111\n").unwrap();
    let (_, said) = run("enroll", "TAPCARD_PIN", &[]);
    assert!(said.contains("everybody tries"), "{said}");
    let (_, said) = run("enroll", "TAPCARD_PIN", &[("TAPCARD_PIN", "739154")]);
    assert!(
        said.contains("TAPCARD_PIN and TAPCARD_PIN_FILE are both set"),
        "{said}"
    );
    std::fs::remove_file(&file).unwrap();
    let (done, said) = run("enroll", "TAPCARD_PIN", &[]);
    assert!(!done && said.contains("cannot read"), "{said}");
}

/// An invitation of a server that is not there.
fn link_to_nobody() -> String {
    // A port that was free a moment ago: nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    format!("https://{address}/invitation/{TOKEN}#sha256={PIN}")
}

/// Runs `enroll` with these arguments and this standard input; what it says.
fn enroll(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut program = phone();
    let mut child = program
        .args(["enroll", "--state", "card"])
        .args(arguments)
        .current_dir(folder)
        .env("TAPCARD_PIN", "739154")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that wants nothing of it may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    words(&output)
}

#[test]
fn an_invitation_comes_by_standard_input_or_file_and_stands_in_no_command_line() {
    let folder = crate::running::folder();
    let link = link_to_nobody();
    let (taken, none, not_one) = (
        "cannot be reached",
        "no invitation was given",
        "this is not an invitation",
    );
    std::fs::write(folder.path().join("link.txt"), format!("{link}\n")).unwrap();
    std::fs::write(folder.path().join("empty.txt"), "\n").unwrap();
    let long = format!("{link}{}", " ".repeat(1 << 20));
    let cases: [(&[&str], &str, &str); 12] = [
        (&[], &link, taken),
        (&[], &format!("\n {link}\r\n"), taken),
        (&["-"], &link, taken),
        (&["--invitation-file", "-"], &link, taken),
        (&["--invitation-file", "link.txt"], "", taken),
        (&[], "", none),
        (&["-"], " \n", none),
        (&["--invitation-file", "empty.txt"], &link, none),
        (
            &["--invitation-file", "nowhere.txt"],
            &link,
            "there is no invitation: cannot read nowhere.txt",
        ),
        (&[], "https://example.org/", not_one),
        (&[], &format!("{link} {link}"), not_one),
        (&[], &long, taken),
    ];
    for (arguments, input, expected) in cases {
        let text = enroll(folder.path(), arguments, input);
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn whoever_sits_at_a_terminal_is_asked_and_the_link_is_not_shown() {
    let folder = crate::running::folder();
    let (mut terminal, end) = terminal();
    let duplicate = || end.try_clone().unwrap();
    let mut enroll = Command::new("setsid");
    enroll
        .args(["--ctty", "--wait", env!("CARGO_BIN_EXE_tapcard-phone")])
        .args(["enroll", "--state", "card"])
        .current_dir(folder.path())
        .env("TAPCARD_PIN", "739154")
        .stdin(duplicate())
        .stdout(duplicate())
        .stderr(duplicate());
    let mut child = enroll.spawn().unwrap();
    // What is typed from now on is not shown.
    let deadline = Instant::now() + PATIENCE;
    while tcgetattr(&terminal)
        .unwrap()
        .local_modes
        .contains(LocalModes::ECHO)
    {
        assert!(Instant::now() < deadline, "nobody asks");
        thread::sleep(Duration::from_millis(2));
    }
    writeln!(terminal, "{}", link_to_nobody()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    // All that is there, and then the end: nobody has the terminal any more.
    drop((end, enroll));
    let mut shown = Vec::new();
    let _ = terminal.read_to_end(&mut shown);
    let text = String::from_utf8_lossy(&shown);
    assert!(text.contains("cannot be reached"), "{text}");
    assert!(text.contains("the whole link"), "{text}");
    assert!(!text.contains(TOKEN), "{text}");
}
