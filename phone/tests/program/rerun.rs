//! An enrollment that is run again tells what is true.

use std::fs::File;
use std::process::{Command, Output};

use enrollment_protocol::Token;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{Enrollment, StateError, Store};
use tempfile::TempDir;

use crate::running::phone;

/// In base64 `MzE0MTU5MjY=`.
const PUK: &[u8; 8] = b"31415926";

/// A card that was enrolled, whose holder has not seen the PUK yet, and the same enrollment once more.
fn enrolled() -> (TempDir, Command) {
    let folder = crate::running::folder();
    let token: Token = "A".repeat(26).parse().unwrap();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    store
        .update(|state| {
            let opening = state.pin.opening_key(b"123456\xFF\xFF")?;
            state.puk = ReferenceData::new(PUK, 3, false, opening.as_ref())?;
            state.enrollment = Some(Enrollment {
                organisation: "Example".to_owned(),
                holder: "Alice Example".to_owned(),
                server: "https://localhost".to_owned(),
                phone: "phone".to_owned(),
                invitation: token.hash(),
                issuers: Vec::new(),
                unseen_puk: serde_json::from_str("\"MzE0MTU5MjY=\"").unwrap(),
            });
            Ok::<_, StateError>(())
        })
        .unwrap();
    let link = format!(
        "https://localhost:1/invitation/{}#sha256={}",
        token.reveal(),
        "A".repeat(52)
    );
    let mut again = phone();
    again.args(["enroll", "--state"]).arg(folder.path());
    again.arg(link).env("TAPCARD_PIN", "271828");
    (folder, again)
}

fn words(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

#[test]
fn a_full_output_is_told_and_the_puk_is_shown_the_next_time() {
    let (_folder, mut again) = enrolled();
    let full = File::create("/dev/full").unwrap();
    let output = again.stdout(full).output().unwrap();
    assert!(!output.status.success());
    let text = words(&output);
    assert!(text.contains("the card is enrolled, but"), "{text}");
    assert!(text.contains("it shows the PUK"), "{text}");

    let output = again.stdout(std::process::Stdio::piped()).output().unwrap();
    assert!(words(&output).contains("PUK 31415926"));
    let output = again.output().unwrap();
    assert!(!words(&output).contains("PUK 31415926"));
}

#[test]
fn another_pin_is_said_not_to_be_in_force() {
    let (_folder, mut again) = enrolled();
    let text = words(&again.output().unwrap());
    assert!(
        text.contains("the PIN is the one that was chosen then"),
        "{text}"
    );
    assert!(!text.contains("new PIN"), "{text}");
}
