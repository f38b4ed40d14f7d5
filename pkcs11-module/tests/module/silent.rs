//! Cards, readers and a daemon that stay silent: every call ends in its time, and what waits for one card stops no call
//! about another.

use std::ffi::CStr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use card_edge::Transmit;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use card_edge::transmit::ResponseBytes;
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pcsc::bounded::Bounds;
use tapcard_pkcs11::pcsc::pin_pad::Control;
use tapcard_pkcs11::pcsc::{Link, LinkError, Reach, ReaderStatus, Readers, Transaction};
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;
use tapcard_pkcs11::slot::event::Blocking;

use super::card::phone;
use super::reader::{Reader, reader_name};
use super::rig::{BOUND, PIN, class_is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 1] =
    [(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)];

/// Bounds that a card keeps that is not silent.
fn bounds() -> Bounds {
    Bounds {
        exchange: *BOUND,
        look: *BOUND,
        ..Bounds::default()
    }
}

/// What a call may take beyond its bound on a busy machine; far less than what would be waited without one.
const MARGIN: Duration = Duration::from_secs(10);

/// What hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hangs {
    Nothing,
    Daemon,
    Connection,
    Transaction,
    Command,
}

/// Two readers, of which the first may hang.
struct TwoReaders {
    readers: [Reader; 2],
    hangs: Mutex<Hangs>,
    changes: Condvar,
}

const NAMES: [&CStr; 2] = [c"silent", c"well"];

impl TwoReaders {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            readers: [(); 2].map(|()| Reader::with(phone(&KEYS).0)),
            hangs: Mutex::new(Hangs::Nothing),
            changes: Condvar::new(),
        })
    }

    fn set(&self, hangs: Hangs) {
        *self.hangs.lock().unwrap() = hangs;
        self.changes.notify_all();
    }

    /// Comes back when this does not hang any more.
    fn pass(&self, place: Hangs) {
        let hangs = self.hangs.lock().unwrap();
        drop(
            self.changes
                .wait_while(hangs, |hangs| *hangs == place)
                .unwrap(),
        );
    }
}

struct Shared(Arc<TwoReaders>);

impl Readers for Shared {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        self.0.pass(Hangs::Daemon);
        let readers = self.0.readers.iter().zip(NAMES);
        let of = |(reader, name): (&Reader, &CStr)| ReaderStatus {
            name: name.to_owned(),
            ..reader.snapshot().remove(0)
        };
        readers.map(of).collect()
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        let first = reader == NAMES[0];
        if first {
            self.0.pass(Hangs::Connection);
        }
        let memory = &self.0.readers[usize::from(!first)];
        let link = memory.connect(&reader_name("Reader in memory 00 00"))?;
        Ok(Box::new(MayHang {
            link,
            readers: first.then(|| Arc::clone(&self.0)),
        }))
    }

    fn wait(&self, _: &[ReaderStatus], time: Duration) {
        self.0.pass(Hangs::Daemon);
        std::thread::sleep(time.min(Duration::from_millis(5)));
    }
}

struct MayHang {
    link: Box<dyn Link>,
    readers: Option<Arc<TwoReaders>>,
}

struct MayHangMeanwhile<'a> {
    transaction: Transaction<'a>,
    readers: Option<Arc<TwoReaders>>,
}

impl Link for MayHang {
    fn begin(&mut self) -> Result<Transaction<'_>, LinkError> {
        if let Some(readers) = &self.readers {
            readers.pass(Hangs::Transaction);
        }
        Ok(Transaction::new(MayHangMeanwhile {
            transaction: self.link.begin()?,
            readers: self.readers.clone(),
        }))
    }

    fn reconnect(&mut self) -> Result<(), LinkError> {
        self.link.reconnect()
    }

    fn reset_alone(&mut self) -> Result<(), LinkError> {
        self.link.reset_alone()
    }
}

impl Transmit for MayHangMeanwhile<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        if let Some(readers) = &self.readers {
            readers.pass(Hangs::Command);
        }
        self.transaction.transmit(command)
    }
}

impl Reach for MayHangMeanwhile<'_> {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        self.transaction.control(request)
    }
}

fn module(readers: &Arc<TwoReaders>) -> Module {
    let settings = Settings {
        bounds: bounds(),
        ..Settings::default()
    };
    Module::new(Arc::new(Shared(Arc::clone(readers))), settings)
}

/// A user session, and the private key in it.
fn log_in(module: &Module, slot: CK_SLOT_ID) -> (CK_SESSION_HANDLE, CK_OBJECT_HANDLE) {
    let handle = module.open_session(slot, Access::ReadOnly).unwrap();
    let session = module.session(handle).unwrap();
    session.login(CKU_USER, Some(PIN)).unwrap();
    session
        .find_objects_init(&[class_is(CKO_PRIVATE_KEY)])
        .unwrap();
    let key = session.find_objects(1).unwrap()[0];
    session.find_objects_final().unwrap();
    (handle, key)
}

fn sign(module: &Module, at: (CK_SESSION_HANDLE, CK_OBJECT_HANDLE)) -> Result<(), Error> {
    let session = module.session(at.0)?;
    session.sign_init(Some(Mechanism::Ecdsa(Ecdsa { hash: None })), at.1)?;
    let signed = session
        .operations()
        .sign
        .whole(&[5; 32], OutputBuffer::Bytes(64));
    signed.map(drop)
}

/// Does it, within the bound.
fn within<R>(bound: Duration, act: impl FnOnce() -> R) -> R {
    let begun = Instant::now();
    let result = act();
    assert!(begun.elapsed() < bound + MARGIN, "{:?}", begun.elapsed());
    result
}

#[test]
fn a_silent_card_ends_its_call_and_no_other_and_works_again_when_it_speaks() {
    for hangs in [Hangs::Transaction, Hangs::Command] {
        let readers = TwoReaders::new();
        let module = module(&readers);
        let (silent, well) = (log_in(&module, 0), log_in(&module, 1));
        readers.set(hangs);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| within(bounds().exchange, || sign(&module, silent)));
            assert_eq!(module.slot_list(Which::WithToken), [0, 1]);
            assert_eq!(sign(&module, well), Ok(()));
            assert!(matches!(waiting.join().unwrap(), Err(Error::Device(_))));
        });
        // It is not waited for again: PC/SC is still in the call.
        assert!(matches!(sign(&module, silent), Err(Error::Device(_))));
        assert_eq!(sign(&module, well), Ok(()));
        readers.set(Hangs::Nothing);
        // The PIN is not held any more. On a busy machine a card that speaks may take longer than the bound too.
        let session = module.session(silent.0).unwrap();
        let works_again = || {
            drop(session.login(CKU_USER, Some(PIN)));
            sign(&module, silent) == Ok(())
        };
        let patience = Instant::now() + MARGIN;
        while !works_again() {
            assert!(Instant::now() < patience, "it is not used again");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_card_that_is_silent_when_it_is_first_seen_is_no_token_until_it_speaks() {
    for hangs in [Hangs::Connection, Hangs::Transaction, Hangs::Command] {
        let readers = TwoReaders::new();
        readers.set(hangs);
        let module = module(&readers);
        let list = || within(bounds().look, || module.slot_list(Which::WithToken));
        assert_eq!(list(), [1], "{hangs:?}");
        assert_eq!(list(), [1], "{hangs:?}");
        assert_eq!(module.slot_info(0).unwrap().flags & CKF_TOKEN_PRESENT, 0);
        readers.set(Hangs::Nothing);
        let patience = Instant::now() + MARGIN;
        while list() != [0, 1] {
            assert!(Instant::now() < patience, "{hangs:?}: it is not seen");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_silent_daemon_changes_nothing_of_what_is_known() {
    let readers = TwoReaders::new();
    let module = module(&readers);
    assert_eq!(module.slot_list(Which::WithToken), [0, 1]);
    readers.set(Hangs::Daemon);
    within(bounds().look, || {
        assert_eq!(module.slot_list(Which::WithToken), [0, 1]);
        assert_eq!(
            module.wait_for_slot_event(Blocking::DontBlock),
            Err(Error::NoEvent)
        );
    });
    drop(readers.readers[0].take());
    readers.set(Hangs::Nothing);
    let patience = Instant::now() + MARGIN;
    while module.slot_list(Which::WithToken) != [1] {
        assert!(Instant::now() < patience, "nobody looks again");
        std::thread::yield_now();
    }
}

#[test]
fn the_end_of_the_module_waits_for_no_card_and_no_daemon() {
    for hangs in [Hangs::Daemon, Hangs::Transaction, Hangs::Command] {
        let readers = TwoReaders::new();
        let settings = Settings {
            bounds: Bounds {
                exchange: Duration::from_secs(600),
                look: Duration::from_secs(600),
                ..bounds()
            },
            ..Settings::default()
        };
        let module = Module::new(Arc::new(Shared(Arc::clone(&readers))), settings);
        let silent = log_in(&module, 0);
        readers.set(hangs);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| module.wait_for_slot_event(Blocking::Wait));
            let signing = (hangs != Hangs::Daemon).then(|| scope.spawn(|| sign(&module, silent)));
            within(Duration::from_secs(2), || module.finalize());
            assert_eq!(waiting.join().unwrap(), Err(Error::NotInitialized));
            if let Some(signing) = signing {
                assert!(signing.join().unwrap().is_err());
            }
        });
        readers.set(Hangs::Nothing);
    }
}
