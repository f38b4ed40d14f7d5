//! A card that takes its time keeps nobody waiting who does not need it.

use std::ffi::CStr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pcsc::{Link, LinkError, ReaderStatus, Readers, Transaction};
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;

use super::card::phone;
use super::reader::Reader;
use super::rig::{PIN, class_is, is};

/// Where transactions wait, once it is closed.
#[derive(Default)]
pub struct Gate(Mutex<Option<(Sender<()>, Receiver<()>)>>);

impl Gate {
    /// Closes it: the first end hears of a transaction that waits, the second lets it go on.
    pub fn close(&self) -> (Receiver<()>, Sender<()>) {
        let (arrived, arrival) = channel();
        let (open, opened) = channel();
        *self.0.lock().unwrap() = Some((arrived, opened));
        (arrival, open)
    }

    fn pass(&self) {
        let gate = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((arrived, opened)) = gate {
            arrived.send(()).unwrap();
            opened.recv().unwrap();
        }
    }
}

/// A reader with a gate before its card.
pub struct Gated {
    /// The reader.
    pub reader: Reader,
    /// The gate.
    pub gate: Arc<Gate>,
}

impl Readers for Gated {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        self.reader.snapshot()
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        Ok(Box::new(GatedLink {
            link: self.reader.connect(reader)?,
            gate: Arc::clone(&self.gate),
        }))
    }

    fn wait(&self, known: &[ReaderStatus], time: Duration) {
        self.reader.wait(known, time);
    }
}

struct GatedLink {
    link: Box<dyn Link>,
    gate: Arc<Gate>,
}

impl Link for GatedLink {
    fn begin(&mut self) -> Result<Transaction<'_>, LinkError> {
        self.gate.pass();
        self.link.begin()
    }

    fn reconnect(&mut self) -> Result<(), LinkError> {
        self.link.reconnect()
    }

    fn reset_alone(&mut self) -> Result<(), LinkError> {
        self.link.reset_alone()
    }
}

#[test]
fn what_needs_no_card_is_answered_while_the_card_signs() {
    let (card, _) = phone(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)]);
    let gate = Arc::new(Gate::default());
    let readers = Gated {
        reader: Reader::with(card),
        gate: Arc::clone(&gate),
    };
    let module = Module::new(Arc::new(readers), Settings::default());
    let open = || {
        let handle = module.open_session(0, Access::ReadOnly).unwrap();
        module.session(handle).unwrap()
    };
    let session = open();
    session.login(CKU_USER, Some(PIN)).unwrap();
    session
        .find_objects_init(&[class_is(CKO_PRIVATE_KEY)])
        .unwrap();
    let key = session.find_objects(1).unwrap()[0];
    session.find_objects_final().unwrap();
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    session.sign_init(Some(mechanism), key).unwrap();
    std::thread::scope(|scope| {
        // Inside, so that a failure here does not leave the signature waiting.
        let (arrival, go_on) = gate.close();
        let signing = scope.spawn(|| {
            let mut operations = session.operations();
            operations.sign.whole(&[5; 32], OutputBuffer::Bytes(64))
        });
        arrival.recv().unwrap();
        assert_eq!(module.slot_list(Which::WithToken), [0]);
        assert_ne!(module.slot_info(0).unwrap().flags & CKF_TOKEN_PRESENT, 0);
        assert_eq!(module.token_info(0).unwrap().sessions, 1);
        assert_eq!(session.info().state, CKS_RO_USER_FUNCTIONS);
        let other = open();
        other.find_objects_init(&[]).unwrap();
        assert_eq!(other.find_objects(9).unwrap().len(), 5);
        other.find_objects_final().unwrap();
        let chuid = [
            class_is(CKO_DATA),
            is(CKA_LABEL, b"Card Holder Unique Identifier"),
        ];
        other.find_objects_init(&chuid).unwrap();
        let chuid = other.find_objects(1).unwrap()[0];
        let chuid = other.object(chuid).unwrap();
        assert_eq!(other.attribute(&chuid, CKA_VALUE).unwrap()[0], 0x53);
        assert!(!signing.is_finished());
        go_on.send(()).unwrap();
        assert!(signing.join().unwrap().is_ok());
    });
}
