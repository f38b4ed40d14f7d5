//! What a phone does at its check-in where something stands in the way.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, RetiredNumber, certificate as object};
use der::Decode;
use enrollment_protocol::check_in::{
    CHALLENGE_PATH, CheckIn, PATH, Problem, ProblemReason, RENEWAL_PATH, RenewalRequest, Signed,
};
use enrollment_protocol::{Code, Slot};
use serde_json::{Value, json};
use tempfile::TempDir;
use x509_cert::Certificate;
use x509_cert::ext::pkix::KeyUsages;
use x509_cert::request::CertReq;

use super::fixture::{HIERARCHY, Shape, card, certificate, days, usage};
use super::scripted_server::{Does, ScriptedServer};
use super::with_server::run;
use crate::enrollment::Device;
use crate::enrollment::check_in::{self, CheckInError, CheckedIn};
use crate::enrollment::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::key_store::KeyPolicy;
use crate::key_store::software::SoftwareKeyStore;
use crate::state::encoding::Bytes;
use crate::state::{KeyRecord, StateError, Store};

/// A server for check-ins: what it answers to a message, by its path.
struct Server<F> {
    answers: F,
    received: RefCell<Vec<String>>,
}

impl<F: Fn(&str, &str) -> (u16, Value)> Server<F> {
    fn that(answers: F) -> Self {
        Self {
            answers,
            received: RefCell::default(),
        }
    }

    fn check_in(&self, store: &mut Store) -> Result<CheckedIn, CheckInError> {
        let device = Device {
            keys: &SoftwareKeyStore,
            http: self,
            name: "a phone",
            clock: SystemTime::now,
        };
        check_in::check_in(store, device)
    }

    /// What the phone said last of what went wrong.
    fn told(&self) -> Vec<Problem> {
        let received = self.received.borrow();
        let last: CheckIn = serde_json::from_str(received.last().unwrap()).unwrap();
        last.problems.unwrap()
    }
}

impl<F: Fn(&str, &str) -> (u16, Value)> Http for Server<F> {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let path = request.address.strip_prefix("https://enroll.example");
        let body = request.body.as_deref().unwrap();
        let message = serde_json::from_slice(body)
            .map_or_else(|_| String::new(), |Signed { message, .. }| message);
        let (status, answer) = (self.answers)(path.unwrap(), &message);
        self.received.borrow_mut().push(message);
        Ok(HttpResponse {
            status,
            retry_after: None,
            body: serde_json::to_vec(&answer).unwrap(),
        })
    }

    fn wait(&self, _: Duration) {}
}

fn challenge() -> (u16, Value) {
    (200, json!({"protocol": 1, "challenge": "one"}))
}

fn refusal(status: u16, code: &Code) -> (u16, Value) {
    (status, json!({"error": code.as_str(), "message": "no"}))
}

/// What the server answers to a check-in: to renew what is in these slots, once.
fn orders(message: &str, slots: &[(Slot, &str)]) -> (u16, Value) {
    let said: CheckIn = serde_json::from_str(message).unwrap();
    let orders = slots.iter().filter_map(|(slot, key)| {
        let installed = said.certificates.iter().find(|one| one.slot == *slot)?;
        let is_first = said.problems.is_none();
        is_first.then(|| json!({"slot": slot, "replaces": installed.sha256, "key": key, "algorithm": "P-256"}))
    });
    let orders: Vec<_> = orders.collect();
    (
        200,
        json!({"protocol": 1, "state": "active", "next": 60, "instruction": "none", "challenge": "two", "renewals": orders}),
    )
}

fn enrolled() -> (TempDir, Store) {
    let (folder, mut store) = card();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    run(&mut store, &server, &ScriptedServer::invitation()).unwrap();
    (folder, store)
}

/// What is on the card in a slot.
fn content(store: &Store, slot: AsymmetricKey) -> Option<Vec<u8>> {
    let content = store.state().object(ObjectId::Certificate(slot));
    content.map(<[u8]>::to_vec)
}

#[test]
fn an_empty_card_that_its_server_does_not_know_any_more_is_done_with_it() {
    for (at, status, code) in [
        (CHALLENGE_PATH, 404, Code::PhoneUnknown),
        (PATH, 404, Code::PhoneUnknown),
        // Another card is this phone now.
        (PATH, 403, Code::CheckInRefused),
    ] {
        let (_folder, mut store) = enrolled();
        let wiped = store.update(|state| {
            state.check_in.as_mut().unwrap().is_wiped = true;
            Ok::<_, StateError>(())
        });
        wiped.unwrap();
        let server = Server::that(|path: &str, _: &str| match path {
            path if path == at => refusal(status, &code),
            _ => challenge(),
        });
        let done = server.check_in(&mut store).unwrap();
        assert!(done.wiped && done.state.is_none());
        assert!(store.state().check_in.is_none());
    }
}

#[test]
fn a_slot_that_is_not_renewed_keeps_no_other_from_it() {
    let (_folder, mut store) = enrolled();
    let own = [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::CardAuthentication,
    ];
    let before = own.map(|slot| content(&store, slot));
    let server = Server::that(|path: &str, message: &str| match path {
        CHALLENGE_PATH => challenge(),
        PATH => orders(
            message,
            &[
                (Slot::PivAuthentication, "new"),
                (Slot::CardAuthentication, "new"),
            ],
        ),
        RENEWAL_PATH => {
            let asked: RenewalRequest = serde_json::from_str(message).unwrap();
            let csr = asked.requests[1].csr.as_ref().unwrap();
            let key = CertReq::from_der(&csr.0).unwrap().info.public_key;
            (
                201,
                json!({"protocol": 1, "challenge": "three", "issuers": HIERARCHY.issuers(),
                    "certificates": [{"slot": "9E", "certificate": certificate(key)}],
                    "problems": [{"slot": "9A", "reason": "key_refused"}]}),
            )
        }
        other => panic!("{other}"),
    });
    let done = server.check_in(&mut store).unwrap();
    let refused = Problem {
        slot: Slot::PivAuthentication,
        reason: ProblemReason::KeyRefused,
    };
    assert_eq!(done.problems, [refused]);
    assert_eq!(server.told(), done.problems);
    let renewed: Vec<_> = done.renewed.iter().map(|(slot, _)| *slot).collect();
    assert_eq!(renewed, [AsymmetricKey::CardAuthentication]);
    let after = own.map(|slot| content(&store, slot));
    assert!(before[0] == after[0] && before[1] != after[1]);
    // The key that was refused is not tried again.
    assert!(store.state().check_in.as_ref().unwrap().renewal.is_empty());
}

#[test]
fn a_card_whose_places_for_earlier_keys_are_all_taken_keeps_its_key() {
    const SLOT: AsymmetricKey = AsymmetricKey::KeyManagement;
    let (_folder, mut store) = enrolled();
    let key = KeyRecord::generate(&SoftwareKeyStore, KeyAlgorithm::P256, KeyPolicy::of(SLOT));
    let key = key.unwrap();
    let issue = |validity, key: spki::SubjectPublicKeyInfoOwned| {
        let mut shape = Shape::holder().with(usage(KeyUsages::KeyAgreement));
        shape.validity = validity;
        HIERARCHY.issuing.issue(shape, key)
    };
    let open = key
        .open(&SoftwareKeyStore, KeyPolicy::of(SLOT), None)
        .unwrap();
    let public = crate::x509::public_key_info(KeyAlgorithm::P256, &open.public_key()).unwrap();
    let old = issue(days(-1, 1), public.clone());
    let filled = store.update(|state| {
        let content = Bytes(object::encode_short(&old.0)?);
        let retired = RetiredNumber::all().map(AsymmetricKey::RetiredKeyManagement);
        for slot in std::iter::once(SLOT).chain(retired) {
            let certificate = ObjectId::Certificate(slot);
            state.objects.insert(certificate.tag(), content.clone());
            state.keys.insert(slot, key.clone());
        }
        Ok::<_, CheckInError>(())
    });
    filled.unwrap();
    let server = Server::that(|path: &str, message: &str| match path {
        CHALLENGE_PATH => challenge(),
        PATH => orders(message, &[(Slot::KeyManagement, "new")]),
        RENEWAL_PATH => {
            let asked: RenewalRequest = serde_json::from_str(message).unwrap();
            assert!(asked.requests[0].csr.is_none());
            (
                201,
                json!({"protocol": 1, "challenge": "three", "issuers": HIERARCHY.issuers(),
                    "certificates": [{"slot": "9D", "certificate": issue(days(-1, 2), public.clone())}]}),
            )
        }
        other => panic!("{other}"),
    });
    let done = server.check_in(&mut store).unwrap();
    let full = Problem {
        slot: Slot::KeyManagement,
        reason: ProblemReason::RetiredSlotsFull,
    };
    assert_eq!(done.problems, [full]);
    assert_eq!(server.told(), done.problems);
    assert_eq!(done.renewed.len(), 1);
    assert_eq!(store.state().keys[&SLOT].algorithm, key.algorithm);
    let now = object::decode(&content(&store, SLOT).unwrap()).unwrap();
    assert_ne!(now, old.0);
    let now = Certificate::from_der(&now).unwrap();
    assert_eq!(*now.tbs_certificate().subject_public_key_info(), public);
}
