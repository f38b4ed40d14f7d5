//! Threads of one program log in and out at the same time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PublicKey};
use cryptoki_sys::*;
use signature::hazmat::PrehashVerifier;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::settings::Settings;

use super::busy::{Gate, Gated};
use super::card::phone;
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 1] =
    [(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)];

/// A module whose card waits behind a gate.
fn gated() -> (Rig, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let reader = Reader::with(phone(&KEYS).0);
    let readers = Gated {
        reader: reader.clone(),
        gate: Arc::clone(&gate),
    };
    let rig = Rig {
        module: Module::new(Arc::new(readers), Settings::default()),
        ..Rig::with_reader(reader)
    };
    (rig, gate)
}

/// Where the kernel shows the thread that asks.
fn this_thread() -> PathBuf {
    PathBuf::from("/proc").join(fs::read_link("/proc/thread-self").unwrap())
}

/// Waits until a thread waits for something: until it has come as far as it can.
fn wait_until_it_waits(thread: &Path) {
    loop {
        // proc_pid_stat(5): the state stands after the name, which is in brackets.
        let stat = fs::read_to_string(thread.join("stat")).unwrap();
        if stat
            .rsplit(')')
            .next()
            .unwrap()
            .trim_start()
            .starts_with('S')
        {
            return;
        }
        std::thread::yield_now();
    }
}

#[test]
fn of_two_logins_at_a_time_the_second_costs_no_try() {
    let (rig, gate) = gated();
    let session = rig.session();
    rig.find(session, &[]).unwrap();
    rig.reader.sent();
    let (arrival, go_on) = gate.close();
    std::thread::scope(|scope| {
        let right = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        arrival.recv().unwrap();
        let (tell, told) = channel();
        let rig = &rig;
        let wrong = scope.spawn(move || {
            tell.send(this_thread()).unwrap();
            rig.at(session).login(CKU_USER, Some(b"999999"))
        });
        wait_until_it_waits(&told.recv().unwrap());
        go_on.send(()).unwrap();
        assert_eq!(right.join().unwrap(), Ok(()));
        assert_eq!(wrong.join().unwrap(), Err(Error::UserAlreadyLoggedIn));
    });
    assert_eq!(rig.reader.sent(), ["VERIFY, tries", "VERIFY"]);
}

#[test]
fn a_session_that_is_opened_while_the_last_one_closes_keeps_its_user() {
    let (rig, gate) = gated();
    let last = rig.user_session();
    let key = rig.private_key(last, 1);
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    rig.at(last).sign_init(Some(mechanism), key).unwrap();
    let (arrival, go_on) = gate.close();
    std::thread::scope(|scope| {
        let signing = rig.at(last);
        scope.spawn(move || {
            let mut operations = signing.operations();
            operations.sign.whole(&[5; 32], OutputBuffer::Bytes(64))
        });
        arrival.recv().unwrap();
        // It waits for the card, to log out.
        let (tell, told) = channel();
        let module = &rig.module;
        let closing = scope.spawn(move || {
            tell.send(this_thread()).unwrap();
            module.close_session(last)
        });
        while rig.module.session(last).is_ok() {
            std::thread::yield_now();
        }
        wait_until_it_waits(&told.recv().unwrap());
        let session = rig.session();
        // What is not the last one waits for nobody.
        rig.module.close_session(rig.session()).unwrap();
        go_on.send(()).unwrap();
        assert_eq!(closing.join().unwrap(), Ok(()));
        assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
    });
}

#[test]
fn a_thread_that_still_has_a_closed_session_does_not_log_in_with_it() {
    let rig = Rig::with_keys(&KEYS);
    let closed = rig.at(rig.session());
    rig.module.close_session(closed.handle).unwrap();
    rig.reader.sent();
    assert_eq!(closed.login(CKU_USER, Some(PIN)), Err(Error::SessionHandle));
    assert!(rig.reader.sent().is_empty());
    let session = rig.session();
    assert_eq!(rig.at(session).info().state, CKS_RO_PUBLIC_SESSION);
}

#[test]
fn many_threads_log_in_list_sign_and_leave_with_one_card() {
    const THREADS: u8 = 64;
    let rig = Rig::with_keys(&KEYS);
    let PublicKey::Ecc { point, .. } = &rig.issued[0].key else {
        panic!("9A is a key on a curve");
    };
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    let together = Barrier::new(usize::from(THREADS));
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (rig, key, together) = (&rig, &key, &together);
            scope.spawn(move || {
                together.wait();
                for round in 0..2 {
                    let session = rig.session();
                    let login = rig.at(session).login(CKU_USER, Some(PIN));
                    assert!(
                        matches!(login, Ok(()) | Err(Error::UserAlreadyLoggedIn)),
                        "{login:?}"
                    );
                    let found = rig.find(session, &[class_is(CKO_CERTIFICATE)]);
                    assert_eq!(found.unwrap().len(), 1);
                    let private = rig.private_key(session, 1);
                    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
                    let hash = [number ^ (round << 7); 32];
                    let signing = rig.at(session);
                    signing.sign_init(Some(mechanism), private).unwrap();
                    let mut operations = signing.operations();
                    let signed = operations.sign.whole(&hash, OutputBuffer::Bytes(64));
                    let Ok(Output::Bytes(signature)) = signed else {
                        panic!("no signature: {signed:?}");
                    };
                    drop(operations);
                    let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
                    key.verify_prehash(&hash, &signature).unwrap();
                    rig.module.close_session(session).unwrap();
                }
            });
        }
    });
    assert_eq!(rig.module.token_info(0).unwrap().sessions, 0);
    // The last one out has logged out on the card too.
    let tries = rig.reader.ask(&[0x00, 0x20, 0x00, 0x80]);
    assert_eq!(tries[0], 0x63, "{tries:02X?}");
}
