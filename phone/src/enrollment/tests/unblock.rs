//! A new PIN without the present one.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use card_edge::piv::{AsymmetricKey, Pin};
use enrollment_protocol::check_in::{CHALLENGE_PATH, Signed};
use enrollment_protocol::unblocking::{PATH, UnblockingRequest};
use enrollment_protocol::{Code, Der};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::fixture::card;
use super::scripted_server::{Does, ScriptedServer, UNBLOCKING_KEY};
use super::with_server::run;
use crate::enrollment::Device;
use crate::enrollment::check_in::{self, CheckInError};
use crate::enrollment::client::ServerError;
use crate::enrollment::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::key_store::KeyPolicy;
use crate::key_store::software::SoftwareKeyStore;
use crate::present_pin;
use crate::state::{Counter, Store, Try};

const CODE: &str = "1234 5678";

/// A server that answers a code with this.
struct Server {
    answer: (u16, Value),
    codes: RefCell<Vec<String>>,
}

impl Server {
    fn that_gives(key: [u8; 32]) -> Self {
        let key = Der(key.to_vec());
        let answer = json!({"protocol": 1, "challenge": "two", "key": key});
        Self::that_answers(200, answer)
    }

    fn that_answers(status: u16, answer: Value) -> Self {
        Self {
            answer: (status, answer),
            codes: RefCell::default(),
        }
    }

    fn unblock(&self, store: &mut Store, pin: &[u8]) -> Result<(), CheckInError> {
        let device = Device {
            keys: &SoftwareKeyStore,
            http: self,
            name: "a phone",
            clock: SystemTime::now,
        };
        let code = Zeroizing::new(CODE.to_owned()).into();
        check_in::unblock(store, device, code, &Pin::new(pin).unwrap())
    }
}

impl Http for Server {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let path = request.address.strip_prefix("https://enroll.example");
        let (status, answer) = match path.unwrap() {
            CHALLENGE_PATH => (200, json!({"protocol": 1, "challenge": "one"})),
            PATH => {
                let signed: Signed =
                    serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
                let asked: UnblockingRequest = serde_json::from_str(&signed.message).unwrap();
                assert_eq!(asked.challenge, "one");
                self.codes
                    .borrow_mut()
                    .push(asked.code.digits().to_string());
                self.answer.clone()
            }
            other => panic!("{other}"),
        };
        Ok(HttpResponse {
            status,
            retry_after: None,
            body: serde_json::to_vec(&answer).unwrap(),
        })
    }

    fn wait(&self, _: Duration) {}
}

/// An enrolled card whose PIN is blocked.
fn blocked() -> (TempDir, Store) {
    let (folder, mut store) = card();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    run(&mut store, &server, &ScriptedServer::invitation()).unwrap();
    while let Try::Taken { .. } = store.take_try(Counter::Pin, 0).unwrap() {}
    assert_eq!(store.tries().unwrap().pin, 0);
    (folder, store)
}

/// Whether this PIN is the card's, and opens its keys.
fn opens_keys(store: &mut Store, pin: &[u8]) -> bool {
    let Ok(opening) = present_pin::prove(store, &Pin::new(pin).unwrap()) else {
        return false;
    };
    let slot = AsymmetricKey::PivAuthentication;
    let record = &store.state().keys[&slot];
    assert!(record.handle.is_sealed());
    let key = record.open(&SoftwareKeyStore, KeyPolicy::of(slot), opening.as_ref());
    key.is_ok()
}

#[test]
fn a_blocked_pin_is_set_again_and_opens_the_keys() {
    let (folder, mut store) = blocked();
    let server = Server::that_gives(UNBLOCKING_KEY);
    server.unblock(&mut store, b"582046").unwrap();
    assert_eq!(*server.codes.borrow(), ["12345678"]);
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.tries().unwrap().pin, 5);
    assert!(!opens_keys(&mut store, b"739154"));
    assert!(opens_keys(&mut store, b"582046"));
    // And once more, one day.
    server.unblock(&mut store, b"640285").unwrap();
    assert!(opens_keys(&mut store, b"640285"));
}

#[test]
fn another_unblocking_key_changes_nothing() {
    let (_folder, mut store) = blocked();
    let before = store.state().clone();
    let refused = Server::that_gives([0x43; 32]).unblock(&mut store, b"582046");
    assert!(matches!(refused, Err(CheckInError::OtherUnblockingKey)));
    assert!(*store.state() == before);
}

#[test]
fn a_code_that_the_server_refuses_changes_nothing() {
    let (_folder, mut store) = blocked();
    let before = store.state().clone();
    let answer = json!({"error": "unblocking_refused", "message": "The code is another."});
    let refused = Server::that_answers(403, answer).unblock(&mut store, b"582046");
    assert!(matches!(
        refused,
        Err(CheckInError::Server(ServerError::Refused {
            code: Code::UnblockingRefused,
            ..
        }))
    ));
    assert!(*store.state() == before);
}

#[test]
fn the_card_keeps_neither_half_that_opens_alone() {
    let (folder, _store) = blocked();
    let file = std::fs::read(folder.path().join("card.json")).unwrap();
    let text = String::from_utf8(file).unwrap();
    let key = serde_json::to_string(&Der(UNBLOCKING_KEY.to_vec())).unwrap();
    assert!(text.contains("\"unblocking\"") && !text.contains(key.trim_matches('"')));
    assert!(!text.contains(&"42".repeat(32)));
}
