//! What comes from outside is shown, and not obeyed by the terminal.

use std::fs;
use std::process::Output;

use tapcard_phone::state::{Enrollment, StateError, Store};

use crate::running::phone;

/// Clears the screen, ends the line, shows a PUK, and turns the rest of the line round.
const EVIL: &str = "\u{1b}[2J\r\nPUK 00000000\u{202e}";
const SHOWN: &str = "\\u{1b}[2J\\u{d}\\u{a}PUK 00000000\\u{202e}";

/// All that was said; nothing in it may do anything but end a line.
fn all_text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    let obeyed = text
        .chars()
        .find(|c| *c == '\u{202e}' || c.is_control() && *c != '\n');
    assert_eq!(obeyed, None, "{text:?}");
    text
}

#[test]
fn names_that_are_escape_sequences_are_shown_escaped() {
    let folder = crate::running::folder();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    store
        .update(|state| {
            state.enrollment = Some(Enrollment {
                organisation: EVIL.to_owned(),
                holder: EVIL.to_owned(),
                server: "https://localhost".to_owned(),
                phone: "phone".to_owned(),
                invitation: String::new(),
                issuers: Vec::new(),
                unseen_puk: None,
            });
            Ok::<_, StateError>(())
        })
        .unwrap();
    drop(store);
    let status = phone()
        .args(["status", "--state"])
        .arg(folder.path())
        .output()
        .unwrap();
    let text = all_text(&status);
    let line = format!("by {SHOWN} for {SHOWN} (https://localhost)");
    assert!(text.contains(&line), "{text}");
    let json = phone()
        .args(["status", "--json", "--state"])
        .arg(folder.path())
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&all_text(&json)).unwrap();
    assert_eq!(json["enrolled"]["holder"], EVIL);
}

#[test]
fn a_setting_that_is_not_one_is_shown_escaped() {
    let folder = crate::running::folder();
    let mut command = phone();
    command.args(["status", "--state"]).arg(folder.path());
    let status = command.env("TAPCARD_LOG", EVIL).output();
    let text = all_text(&status.unwrap());
    assert!(
        text.contains(&format!("TAPCARD_LOG is \"{SHOWN}\"")),
        "{text}"
    );
}

#[test]
fn a_path_in_an_error_is_shown_escaped() {
    let folder = crate::running::folder();
    let evil = folder.path().join(EVIL);
    fs::write(&evil, "").unwrap();
    let status = phone().args(["status", "--state"]).arg(&evil).output();
    let text = all_text(&status.unwrap());
    assert!(text.contains(SHOWN), "{text}");
}
