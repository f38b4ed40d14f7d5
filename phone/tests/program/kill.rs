//! Signals: a kill at any moment loses nothing, an end that is asked for is a clean one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tapcard_phone::state::Store;

use crate::running::{Running, phone};

const SELECT: [u8; 10] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];
const PINS: [&[u8; 8]; 2] = [b"123456\xFF\xFF", b"654321\xFF\xFF"];

/// CHANGE REFERENCE DATA from one PIN to the other.
fn change(from: usize) -> Vec<u8> {
    let header: &[u8] = &[0x00, 0x24, 0x00, 0x80, 0x10];
    [header, PINS[from], PINS[1 - from]].concat()
}

#[test]
fn a_kill_at_any_moment_of_a_pin_change_leaves_one_pin_and_at_most_one_try_less() {
    let folder = crate::running::folder();
    let mut current = 0;
    for round in 0..60_u64 {
        let mut phone = Running::start(folder.path());
        phone.exchange(&SELECT);
        assert_eq!(
            phone.exchange(&change(current)),
            [0x90, 0x00],
            "round {round}"
        );
        phone.send(&change(1 - current));
        // A change takes some milliseconds: the kill comes before, in and after it.
        thread::sleep(Duration::from_micros(round * 400));
        phone.child.kill().unwrap();
        phone.child.wait().unwrap();

        let store = Store::open(folder.path()).unwrap();
        let (pin, left) = (&store.state().pin, store.tries().unwrap().pin);
        let right: Vec<_> = (0..2)
            .filter(|index| pin.matches(PINS[*index]).unwrap())
            .collect();
        assert_eq!(right.len(), 1, "round {round}");
        assert!(left >= pin.limit - 1, "round {round}: {} tries", left);
        current = right[0];
    }
}

#[test]
fn a_kill_at_any_moment_of_taking_over_an_earlier_format_loses_nothing() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/card/format_1");
    let mut expected = None;
    for round in 0..40_u64 {
        let folder = crate::running::folder();
        for entry in fs::read_dir(&source).unwrap() {
            let entry = entry.unwrap();
            let copy = folder.path().join(entry.file_name());
            fs::copy(entry.path(), &copy).unwrap();
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let mut run = phone()
            .args(["run", "--vpcd", "127.0.0.1:1", "--state"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(round * 500));
        run.kill().unwrap();
        run.wait().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let tries = store.tries().unwrap();
        assert_eq!((tries.pin, tries.puk), (3, 2), "round {round}");
        let expected = expected.get_or_insert_with(|| store.state().clone());
        assert_eq!(store.state(), expected, "round {round}");
    }
}

#[test]
fn a_kill_at_any_moment_of_making_a_card_leaves_a_folder_that_can_be_used() {
    for round in 0..40_u64 {
        let parent = crate::running::folder();
        let folder = parent.path().join("card");
        let mut run = phone()
            .args(["run", "--vpcd", "127.0.0.1:1", "--state"])
            .arg(&folder)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(round * 1_000));
        run.kill().unwrap();
        run.wait().unwrap();
        let store = Store::open_or_create(&folder).unwrap();
        let tries = store.tries().unwrap();
        assert_eq!((tries.pin, tries.puk), (5, 3), "round {round}");
        assert!(!Store::open(&folder).unwrap().is_new());
    }
}

#[test]
fn asked_to_end_it_ends_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let folder = crate::running::folder();
        let mut phone = Running::start(folder.path());
        phone.exchange(&SELECT);
        let id = phone.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(phone.child.wait().unwrap().success(), "{signal}");
    }
}
