//! Who waits for the PIN to be typed, and what happens when nobody waits any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::logins::Logins;
use tapcard_pkcs11::pcsc::bounded::Bounds;
use tapcard_pkcs11::settings::Settings;

use super::super::card::{Answers, phone};
use super::super::reader::Reader;
use super::super::rig::{BOUND, Rig};
use super::{
    ALL_TRIES, ASKS, Act, ECC, Gate, PinPad, RIGHT, SOON, VERIFIED, login, sign, with_settings,
};

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A card that does not know how to log out.
struct Verified<A>(A);

impl<A: Answers> Answers for Verified<A> {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        if command.starts_with(&[0x00, 0x20, 0xFF]) {
            return vec![0x6A, 0x86];
        }
        self.0.answer(command)
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

fn impatient(reader: &Reader) -> Rig {
    let settings = Settings {
        bounds: Bounds {
            exchange: *BOUND,
            ..Bounds::default()
        },
        ..Settings::default()
    };
    with_settings(reader, settings)
}

#[test]
fn who_types_has_more_time_than_other_commands() {
    let gate = Arc::new(Gate::default());
    let pin_pad = PinPad::new(&[Act::TypesLate("123456", Arc::clone(&gate))]);
    let reader = Reader::with(phone(&ECC).0).with_pin_pad(pin_pad);
    let rig = impatient(&reader);
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| login(&rig, session));
        gate.wait_for_somebody();
        let late = Instant::now() + *BOUND * 3;
        while Instant::now() < late {
            assert!(!login.is_finished());
            std::thread::sleep(Duration::from_millis(20));
        }
        gate.open();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(sign(&rig, session, 1), Ok(()));
}

#[test]
fn what_is_typed_when_nobody_waits_any_more_serves_nobody() {
    for logs_out in [true, false] {
        for ends_module in [false, true] {
            let gate = Arc::new(Gate::default());
            let pin_pad = PinPad::new(&[Act::TypesLate("123456", Arc::clone(&gate)), RIGHT]);
            let card = phone(&ECC).0;
            let reader = if logs_out {
                Reader::with(card)
            } else {
                Reader::with(Verified(card))
            };
            let rig = Rig::with_reader(reader.with_pin_pad(pin_pad));
            let session = rig.session();
            std::thread::scope(|scope| {
                let waits = rig.at(session);
                let login = scope.spawn(move || waits.login(CKU_USER, None));
                gate.wait_for_somebody();
                let expected = if ends_module {
                    rig.module.finalize();
                    Error::NotInitialized
                } else {
                    rig.at(session).cancel(0);
                    Error::Canceled
                };
                assert_eq!(login.join().unwrap(), Err(expected));
            });
            gate.open();
            wait_for("the connection ends", || rig.reader.connections() == 0);
            rig.reader.select_piv();
            assert_eq!(rig.reader.ask(&ASKS), ALL_TRIES, "{logs_out}");
            if !ends_module {
                assert_eq!(login(&rig, session), Ok(()));
            }
        }
    }
}

#[test]
fn who_fails_at_the_pad_logs_no_other_program_out() {
    let pin_pad = PinPad::new(&[RIGHT, Act::Says(&[0x64, 0x01]), RIGHT]);
    let reader = Reader::with(phone(&ECC).0).with_pin_pad(pin_pad);
    let folder = tempfile::tempdir().unwrap();
    let program = || {
        let settings = Settings {
            logins: Logins::at(folder.path().join("logins")),
            ..Settings::default()
        };
        with_settings(&reader, settings)
    };
    let (one, two) = (program(), program());
    let (in_one, in_two) = (one.session(), two.session());
    assert_eq!(login(&one, in_one), Ok(()));
    assert_eq!(login(&two, in_two), Err(Error::Canceled));
    assert_eq!(reader.ask(&ASKS), VERIFIED);
    assert_eq!(sign(&one, in_one, 1), Ok(()));
    assert_eq!(login(&two, in_two), Ok(()));
    one.at(in_one).logout().unwrap();
    assert_eq!(sign(&two, in_two, 1), Ok(()));
    two.at(in_two).logout().unwrap();
    assert_eq!(reader.ask(&ASKS), ALL_TRIES);
}
