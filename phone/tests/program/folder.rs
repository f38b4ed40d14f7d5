//! What the program says of its folder.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use tapcard_phone::key_store::KeyPolicy;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{KeyRecord, Store};

use crate::running::{PATIENCE, Running, phone};

const SELECT: [u8; 10] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `run` on this folder, at a reader that is not there: it must end by itself.
fn refused_run(folder: &Path) -> String {
    let mut run = phone()
        .args(["run", "--vpcd", "127.0.0.1:1", "--state"])
        .arg(folder)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while run.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            run.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    words(&output)
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
    let folder = crate::running::folder();
    let mut first = Running::start(folder.path());
    let text = refused_run(folder.path());
    assert!(
        text.contains("is in a reader: a `tapcard-phone run` has it"),
        "{text}"
    );
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
    let folder = crate::running::folder();
    let card = folder.path().join("card");
    let made = "a new one was made";
    assert!(words(&enroll(&card)).contains(made));
    assert!(!words(&enroll(&card)).contains(made));
    fs::remove_file(card.join("card.json")).unwrap();
    let gone = "there was a card in";
    assert!(refused_run(&card).contains(gone));
    let status = phone()
        .args(["status", "--state"])
        .arg(&card)
        .output()
        .unwrap();
    assert_eq!(status.status.code(), Some(1));
    assert!(words(&status).contains(gone));
    assert!(words(&enroll(&card)).contains(gone));
    assert!(!card.join("card.json").exists());
}

#[test]
fn a_key_that_does_not_work_is_told_and_the_rest_of_the_card_is_served() {
    let folder = crate::running::folder();
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
    drop(store);
    let mut program = phone();
    program.stderr(Stdio::piped());
    let mut running = Running::start_as(program, folder.path());
    assert_eq!(running.exchange(&SELECT)[0], 0x61);
    let verify = [&[0x00, 0x20, 0x00, 0x80, 0x08][..], b"123456\xFF\xFF"].concat();
    assert_eq!(running.exchange(&verify), [0x90, 0x00]);
    let hash = [
        &[
            0x00, 0x87, 0x11, 0x9A, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20,
        ][..],
        &[7; 32],
        &[0x00],
    ];
    assert_eq!(running.exchange(&hash.concat()), [0x6F, 0x00]);
    // What does not need the key goes on.
    assert_eq!(running.exchange(&[0x00, 0x20, 0x00, 0x80]), [0x90, 0x00]);
    running.child.kill().unwrap();
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("the key 9A does not work"), "{said}");
    let status = |arguments: &[&str]| {
        let output = phone()
            .arg("status")
            .args(arguments)
            .arg("--state")
            .arg(folder.path())
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert!(status(&[]).contains("the key does not work"));
    assert!(status(&["--json"]).contains("\"works\": false"));
}

#[test]
fn whoever_has_the_phone_is_told_that_a_p384_key_gave_it_another_key_for_secure_messaging() {
    let folder = crate::running::folder();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    let keys = &SoftwareKeyStore;
    tapcard_phone::secure_messaging::prepare(&mut store, keys).unwrap();
    let place = AsymmetricKey::KeyManagement;
    let key = KeyRecord::generate(keys, KeyAlgorithm::P384, KeyPolicy::of(place)).unwrap();
    store
        .update(|state| {
            state.keys.insert(place, key);
            Ok::<_, tapcard_phone::state::StateError>(())
        })
        .unwrap();
    drop(store);
    let mut program = phone();
    program.stderr(Stdio::piped());
    let mut running = Running::start_as(program, folder.path());
    for _ in 0..2 {
        assert_eq!(running.exchange(&SELECT)[0], 0x61);
    }
    running.child.kill().unwrap();
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(said.matches("`tapcard meet`").count(), 1, "{said}");
}

#[test]
fn a_key_for_secure_messaging_that_does_not_work_is_replaced() {
    let folder = crate::running::folder();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    tapcard_phone::secure_messaging::prepare(
        &mut store,
        &tapcard_phone::key_store::software::SoftwareKeyStore,
    )
    .unwrap();
    let mut dead = None;
    store
        .update(|state| {
            let text =
                r#"{"algorithm":"P-256","origin":"generated","handle":"AAAA","attestation":null}"#;
            state.secure_messaging.as_mut().unwrap().key = serde_json::from_str(text).unwrap();
            dead = state.secure_messaging.clone();
            Ok::<_, tapcard_phone::state::StateError>(())
        })
        .unwrap();
    drop(store);
    let mut program = phone();
    program.stderr(Stdio::piped());
    let mut running = Running::start_as(program, folder.path());
    assert_eq!(running.exchange(&SELECT)[0], 0x61);
    running.child.kill().unwrap();
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("the key 04 does not work"), "{said}");
    assert!(said.contains("there is a new one"), "{said}");
    let store = Store::open(folder.path()).unwrap();
    assert_ne!(store.state().secure_messaging, dead);
    let keys = &tapcard_phone::key_store::software::SoftwareKeyStore;
    assert_eq!(tapcard_phone::card::dead_keys(store.state(), keys).len(), 0);
}
