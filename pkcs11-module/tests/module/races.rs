//! Threads of one program log in and out at the same time.

use std::sync::Arc;
use std::time::Duration;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pin::Threads;

use super::busy::{Gate, Gated};
use super::card::phone;
use super::reader::Reader;
use super::rig::{PIN, Rig};

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
        module: Module::new(Arc::new(readers), Threads::Allowed),
        ..Rig::with_reader(reader)
    };
    (rig, gate)
}

/// Time for another thread to come as far as it can.
fn let_others_run() {
    std::thread::sleep(Duration::from_millis(100));
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
        let wrong = scope.spawn(|| rig.at(session).login(CKU_USER, Some(b"999999")));
        let_others_run();
        go_on.send(()).unwrap();
        assert_eq!(right.join().unwrap(), Ok(()));
        assert_eq!(wrong.join().unwrap(), Err(Error::UserAlreadyLoggedIn));
    });
    assert_eq!(rig.reader.sent(), ["VERIFY"]);
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
        let closing = scope.spawn(|| rig.module.close_session(last));
        while rig.module.session(last).is_ok() {
            std::thread::yield_now();
        }
        let_others_run();
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
