//! What the program says of its folder.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use tapcard_phone::state::Store;

use crate::running::{Running, phone};

const SELECT: [u8; 10] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An invitation to where nobody listens.
fn enroll(folder: &Path) -> Output {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (token, pin) = ("A".repeat(26), "A".repeat(52));
    phone()
        .args(["enroll", "--state"])
        .arg(folder)
        .arg(format!("https://{address}/invitation/{token}#sha256={pin}"))
        .env("TAPCARD_PIN", "739154")
        .output()
        .unwrap()
}

#[test]
fn a_second_run_on_one_folder_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Running::start(folder.path());
    let second = phone()
        .args(["run", "--vpcd", "127.0.0.1:1", "--state"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let text = words(&second);
    assert!(text.contains("in a reader already"), "{text}");
    // The first goes on, others may look and enroll, and whoever is killed leaves nothing behind.
    assert_eq!(first.exchange(&SELECT)[0], 0x61);
    let status = phone()
        .args(["status", "--state"])
        .arg(folder.path())
        .output();
    assert!(status.unwrap().status.success());
    assert!(words(&enroll(folder.path())).contains("cannot be reached"));
    drop(first);
    let mut again = Running::start(folder.path());
    assert_eq!(again.exchange(&SELECT)[0], 0x61);
}

#[test]
fn a_new_card_is_told_and_a_lost_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("card");
    let made = "a new one was made";
    assert!(words(&enroll(&card)).contains(made));
    assert!(!words(&enroll(&card)).contains(made));
    fs::remove_file(card.join("card.json")).unwrap();
    for arguments in [&["run", "--vpcd", "127.0.0.1:1"][..], &["status"]] {
        let output = phone()
            .args(arguments)
            .arg("--state")
            .arg(&card)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = words(&output);
        assert!(text.contains("there was a card in"), "{text}");
    }
    assert!(words(&enroll(&card)).contains("there was a card in"));
    assert!(!card.join("card.json").exists());
}

#[test]
fn a_card_whose_key_does_not_work_is_put_into_no_reader() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    store
        .update(|state| {
            let text =
                r#"{"algorithm":"P-256","origin":"imported","handle":"AAAA","attestation":null}"#;
            let record = serde_json::from_str(text).unwrap();
            state
                .keys
                .insert(card_edge::piv::AsymmetricKey::PivAuthentication, record);
            Ok::<_, tapcard_phone::state::StateError>(())
        })
        .unwrap();
    let output = phone()
        .args(["run", "--vpcd", "127.0.0.1:1", "--state"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words(&output).contains("9A does not work"),
        "{}",
        words(&output)
    );
}
