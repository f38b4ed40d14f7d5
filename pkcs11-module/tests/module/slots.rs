//! Slots: readers that are not there, cards that come and go, and who waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::pcsc::{Link, LinkError, ReaderStatus, Readers};
use tapcard_pkcs11::settings::Settings;
use tapcard_pkcs11::slot::event::Blocking;

use super::card::{guid, phone};
use super::reader::{Reader, reader_name};
use super::rig::Rig;

/// Readers that a test plugs in.
#[derive(Default)]
struct Plugged(std::sync::Mutex<Vec<ReaderStatus>>);

impl Plugged {
    fn plug(&self, names: &[&str]) {
        *self.0.lock().unwrap() = names
            .iter()
            .map(|name| ReaderStatus {
                name: reader_name(name),
                card: None,
            })
            .collect();
    }
}

impl Readers for Plugged {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        self.0.lock().unwrap().clone()
    }

    fn connect(&self, _: &std::ffi::CStr) -> Result<Box<dyn Link>, LinkError> {
        Err(LinkError::Gone)
    }

    fn wait(&self, _: &[ReaderStatus], time: Duration) {
        std::thread::sleep(time);
    }
}

#[test]
fn there_is_always_a_slot_and_numbers_are_never_used_twice() {
    let readers = Arc::new(Plugged::default());
    let module = Module::new(
        Arc::clone(&readers) as Arc<dyn Readers>,
        Settings::default(),
    );
    let description = |slot| module.slot_info(slot).unwrap().description;
    assert_eq!(module.slot_list(Which::All), [0]);
    assert!(module.slot_list(Which::WithToken).is_empty());
    readers.plug(&["B"]);
    assert_eq!(module.slot_list(Which::All), [0]);
    assert_eq!(description(0), "B");
    readers.plug(&["A", "B"]);
    assert_eq!(module.slot_list(Which::All), [0, 1]);
    assert_eq!(
        (description(0).as_str(), description(1).as_str()),
        ("B", "A")
    );
    readers.plug(&["C"]);
    assert_eq!(module.slot_list(Which::All), [0, 1, 2]);
    assert_eq!(description(0), "B");
    assert_eq!(module.slot_info(3).unwrap_err(), Error::SlotId);
    assert_eq!(module.token_info(0).unwrap_err(), Error::TokenNotPresent);
}

#[test]
fn the_token_is_named_after_its_holder_and_its_card() {
    let (mut card, _) = phone(&super::card::USUAL);
    let guid = guid(&mut card);
    let rig = Rig::with_reader(Reader::with(card));
    let token = rig.module.token_info(0).unwrap();
    assert_eq!(token.label, "Alice Example");
    assert_eq!(token.serial, guid[..16]);
    let expected = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
    assert_eq!(token.flags, expected);
}

#[test]
fn a_card_that_comes_is_an_event_and_so_is_one_that_goes() {
    let reader = Reader::empty();
    let rig = Rig::with_reader(reader.clone());
    let poll = || rig.module.wait_for_slot_event(Blocking::DontBlock);
    assert_eq!(poll(), Err(Error::NoEvent));
    reader.put(Box::new(super::card::Foreign));
    assert_eq!(poll(), Ok(0));
    assert_eq!(poll(), Err(Error::NoEvent));
    drop(reader.take());
    assert_eq!(rig.module.wait_for_slot_event(Blocking::Wait), Ok(0));
}

/// A PC/SC library in which whoever calls it hangs, as in a child that was forked at the wrong moment.
struct Unreachable;

impl Readers for Unreachable {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        unreachable!("PC/SC was asked for readers")
    }

    fn connect(&self, _: &std::ffi::CStr) -> Result<Box<dyn Link>, LinkError> {
        unreachable!("PC/SC was asked for a card")
    }

    fn wait(&self, _: &[ReaderStatus], _: Duration) {
        unreachable!("PC/SC was waited for")
    }
}

#[test]
fn a_child_that_only_initializes_and_ends_never_hangs_in_pcsc() {
    Module::new(Arc::new(Unreachable), Settings::default()).finalize();
}

#[test]
fn a_session_from_before_a_new_start_reaches_no_card() {
    let stale = Rig::with_keys(&[]).session();
    let rig = Rig::with_keys(&[]);
    assert_ne!(rig.session(), stale);
    assert_eq!(rig.module.session(stale).err(), Some(Error::SessionHandle));
}

/// Readers that count how often they are looked at.
struct Watched {
    readers: Arc<dyn Readers>,
    looks: AtomicUsize,
}

impl Readers for Watched {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.readers.snapshot()
    }

    fn connect(&self, reader: &std::ffi::CStr) -> Result<Box<dyn Link>, LinkError> {
        self.readers.connect(reader)
    }

    fn wait(&self, known: &[ReaderStatus], time: Duration) {
        self.readers.wait(known, time);
    }
}

#[test]
fn finalizing_ends_a_wait_within_a_second() {
    for readers in [
        Arc::new(Plugged::default()) as Arc<dyn Readers>,
        Arc::new(Reader::empty()),
    ] {
        let watched = Arc::new(Watched {
            readers,
            looks: AtomicUsize::new(0),
        });
        let readers = Arc::clone(&watched) as Arc<dyn Readers>;
        let module = Module::new(readers, Settings::default());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| module.wait_for_slot_event(Blocking::Wait));
            // Whoever looks a second time has waited once, and will wait again.
            while watched.looks.load(Ordering::SeqCst) < 2 {
                assert!(!waiting.is_finished());
                std::thread::yield_now();
            }
            let begun = Instant::now();
            module.finalize();
            assert_eq!(waiting.join().unwrap(), Err(Error::NotInitialized));
            assert!(begun.elapsed() < Duration::from_secs(1));
        });
    }
}

#[test]
fn sessions_end_with_their_slot_and_handles_are_not_used_twice() {
    let rig = Rig::with_keys(&[]);
    let (one, two) = (rig.session(), rig.session());
    assert_ne!(one, two);
    assert_eq!(rig.module.token_info(0).unwrap().sessions, 2);
    rig.module.close_session(one).unwrap();
    assert_eq!(rig.module.close_session(one), Err(Error::SessionHandle));
    rig.module.close_all_sessions(0).unwrap();
    assert_eq!(rig.module.session(two).err(), Some(Error::SessionHandle));
    assert!(rig.session() > two);
}

#[test]
fn many_threads_use_one_card() {
    let rig = Rig::new();
    rig.user_session();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let session = rig.session();
                    // The CHUID among them.
                    assert_eq!(rig.find(session, &[]).unwrap().len(), 1 + 3 * 4 + 1);
                    rig.module.slot_info(0).unwrap();
                    rig.module.close_session(session).unwrap();
                }
            });
        }
    });
}
