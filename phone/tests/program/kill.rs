//! Signals: a kill at any moment loses nothing, an end that is asked for is a clean one.

use std::process::Command;
use std::thread;
use std::time::Duration;

use tapcard_phone::state::Store;

use crate::running::Running;

const SELECT: [u8; 10] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];
const PINS: [&[u8; 8]; 2] = [b"123456\xFF\xFF", b"654321\xFF\xFF"];

/// CHANGE REFERENCE DATA from one PIN to the other.
fn change(from: usize) -> Vec<u8> {
    let header: &[u8] = &[0x00, 0x24, 0x00, 0x80, 0x10];
    [header, PINS[from], PINS[1 - from]].concat()
}

#[test]
fn a_kill_at_any_moment_of_a_pin_change_leaves_one_pin_and_at_most_one_try_less() {
    let folder = tempfile::tempdir().unwrap();
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
        let pin = &store.state().pin;
        let right: Vec<_> = (0..2)
            .filter(|index| pin.matches(PINS[*index]).unwrap())
            .collect();
        assert_eq!(right.len(), 1, "round {round}");
        assert!(
            pin.remaining >= pin.limit - 1,
            "round {round}: {} tries",
            pin.remaining
        );
        current = right[0];
    }
}

#[test]
fn asked_to_end_it_ends_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
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
