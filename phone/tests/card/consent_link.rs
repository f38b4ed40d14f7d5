//! A reader that goes, resets or takes the power while the card waits for its holder: the request is over at once, and a
//! late answer counts for nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use tapcard_phone::consent::{Answer, Change, Desk, End, PinAnswer, Question, Reply, Request};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::Consent;
use tapcard_phone::link::vpcd::{self, Stop};
use tapcard_phone::state::{PinEntry, StateError, Store, read_uses};

use crate::common::{TestCard, hex, pin};

const PATIENCE: Duration = Duration::from_secs(20);
const SELECT: &str = "00 A4 04 00 05 A0 00 00 03 08";
const DOORS: AsymmetricKey = AsymmetricKey::CardAuthentication;

/// A hash to be signed with 9E, which asks for no PIN.
fn sign() -> Vec<u8> {
    [
        hex("00 87 11 9E 26 7C 24 82 00 81 20"),
        vec![7; 32],
        vec![0],
    ]
    .concat()
}

/// A reader, the phone in it, and the desk of its holder.
struct Scene {
    reader: TcpStream,
    listener: TcpListener,
    desk: Desk,
    stop: Stop,
}

impl Scene {
    fn send(&mut self, payload: &[u8]) {
        let length = u16::try_from(payload.len()).unwrap();
        self.reader.write_all(&length.to_be_bytes()).unwrap();
        self.reader.write_all(payload).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.reader.read_exact(&mut length).unwrap();
        let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
        self.reader.read_exact(&mut payload).unwrap();
        payload
    }

    fn exchange(&mut self, apdu: &str) -> Vec<u8> {
        self.send(&hex(apdu));
        self.receive()
    }

    /// The request that waits.
    fn request(&self) -> Request {
        let wait = |change: &Change| change.request.is_none();
        self.wait_while(wait).request.unwrap()
    }

    /// How the request of this name ended.
    fn ended(&self, request: &Request) -> End {
        let end = |change: &Change| {
            let end = change.ended.iter().find(|(id, _)| *id == request.id);
            end.map(|(_, end)| *end)
        };
        end(&self.wait_while(|change| end(change).is_none())).unwrap()
    }

    fn wait_while(&self, condition: impl Fn(&Change) -> bool) -> Change {
        let deadline = Instant::now() + PATIENCE;
        let mut now = self.desk.now();
        while condition(&now) {
            assert!(Instant::now() < deadline, "{now:?}");
            now = self.desk.wait_for_change(now.revision, PATIENCE);
        }
        now
    }

    fn answer(&self, request: &Request, approved: bool) -> bool {
        let reply = if approved {
            Reply::Approve
        } else {
            Reply::Refuse
        };
        self.desk.answer(&request.id.to_string(), reply)
    }

    fn type_pin(&self, request: &Request, digits: &str) -> bool {
        let reply = Reply::Pin(pin(digits));
        self.desk.answer(&request.id.to_string(), reply)
    }

    fn come_again(&mut self) {
        let (reader, _) = self.listener.accept().unwrap();
        reader.set_read_timeout(Some(PATIENCE)).unwrap();
        self.reader = reader;
    }
}

/// Plays a scene with a card whose key 9E asks its holder.
fn play(time_limit: Duration, scene: impl FnOnce(&mut Scene)) {
    play_with_folder(time_limit, |played, _| scene(played));
}

/// As [`play`]: the scene has the card's folder too.
fn play_with_folder(time_limit: Duration, scene: impl FnOnce(&mut Scene, &Path)) {
    let mut card = TestCard::administered();
    card.client().generate(DOORS, KeyAlgorithm::P256).unwrap();
    card.store()
        .update(|state| {
            state.set_consent(DOORS, Consent::ConfirmOnPhone);
            state.pin_entry = PinEntry::Phone;
            Ok::<_, StateError>(())
        })
        .unwrap();
    let folder = card.folder.path().to_owned();
    let desk = Desk::new(time_limit);
    card.give_to(desk.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::default();
    let served = stop.clone();
    let (sender, ended) = mpsc::channel();
    let card_thread = thread::spawn(move || {
        vpcd::serve(
            &mut card.card,
            Interface::Contact,
            None,
            &address,
            &served,
            |_| {},
        );
        sender.send(()).unwrap();
        card
    });
    let (reader, _) = listener.accept().unwrap();
    reader.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut played = Scene {
        reader,
        listener,
        desk,
        stop,
    };
    assert_eq!(played.exchange(SELECT)[0], 0x61);
    scene(&mut played, &folder);
    played.stop.stop();
    ended.recv_timeout(PATIENCE).unwrap();
    let card = card_thread.join().unwrap();
    // However it went, each request for a use is a line.
    let ended = played.desk.now().ended;
    let uses = ended.iter().filter(|(_, end)| matches!(end, End::Use(_)));
    let requests = uses.count();
    assert_eq!(read_uses(card.folder.path()).unwrap().len(), requests);
}

fn is_signature(answer: &[u8]) -> bool {
    answer.ends_with(&[0x90, 0x00]) && answer.len() > 64
}

#[test]
fn the_reader_waits_for_the_holder() {
    play(PATIENCE, |scene| {
        for (approved, answer) in [(true, Answer::Approved), (false, Answer::Refused)] {
            scene.send(&sign());
            // It asks meanwhile whether the card is there.
            scene.send(&[4]);
            let request = scene.request();
            assert!(scene.answer(&request, approved));
            assert!(!scene.answer(&request, true), "one answer is all");
            let received = scene.receive();
            assert_eq!(is_signature(&received), approved);
            assert!(approved || received == [0x69, 0x85]);
            assert_eq!(scene.receive()[0], 0x3B);
            assert_eq!(scene.ended(&request), End::Use(answer));
        }
    });
}

#[test]
fn nobody_there_is_a_time_out() {
    play(Duration::from_millis(300), |scene| {
        let start = Instant::now();
        scene.send(&sign());
        let request = scene.request();
        assert_eq!(scene.receive(), [0x69, 0x85]);
        assert!(start.elapsed() >= Duration::from_millis(300));
        assert_eq!(scene.ended(&request), End::Use(Answer::TimedOut));
        assert!(!scene.answer(&request, true));
        // The next use is another request.
        assert_eq!(scene.exchange(SELECT)[0], 0x61);
        scene.send(&sign());
        let next = scene.request();
        assert_ne!(next.id, request.id);
        assert!(!scene.answer(&request, true));
        assert!(scene.answer(&next, true));
        assert!(is_signature(&scene.receive()));
    });
}

#[test]
fn a_reader_that_leaves_ends_the_request() {
    play(PATIENCE, |scene| {
        scene.send(&sign());
        let request = scene.request();
        scene.reader.shutdown(std::net::Shutdown::Both).unwrap();
        assert_eq!(scene.ended(&request), End::Use(Answer::LinkLost));
        assert!(!scene.answer(&request, true));
        scene.come_again();
        assert_eq!(scene.exchange(SELECT)[0], 0x61);
        scene.send(&sign());
        let next = scene.request();
        assert!(scene.answer(&next, true));
        assert!(is_signature(&scene.receive()));
    });
}

#[test]
fn a_reset_and_a_loss_of_power_end_the_request_and_its_command_is_not_answered() {
    play(PATIENCE, |scene| {
        for controls in [&[2][..], &[0, 1], &[1]] {
            scene.send(&sign());
            let request = scene.request();
            for control in controls {
                scene.send(&[*control]);
            }
            assert_eq!(
                scene.ended(&request),
                End::Use(Answer::LinkLost),
                "{controls:?}"
            );
            assert!(!scene.answer(&request, true));
            // The next answer is that of the next command: nothing is selected.
            assert_eq!(scene.exchange("00 20 00 80"), [0x6D, 0x00]);
            assert_eq!(scene.exchange(SELECT)[0], 0x61);
        }
    });
}

#[test]
fn another_command_does_not_use_the_answer_to_the_first() {
    play(PATIENCE, |scene| {
        scene.send(&sign());
        let first = scene.request();
        scene.send(&sign());
        assert_eq!(scene.receive(), [0x69, 0x85]);
        assert_eq!(scene.ended(&first), End::Use(Answer::LinkLost));
        let second = scene.request();
        assert!(!scene.answer(&first, true));
        assert!(scene.answer(&second, true));
        assert!(is_signature(&scene.receive()));
    });
}

#[test]
fn a_phone_that_is_told_to_stop_while_it_waits_stops() {
    play(PATIENCE, |scene| {
        scene.send(&sign());
        let request = scene.request();
        scene.stop.stop();
        assert_eq!(scene.ended(&request), End::Use(Answer::LinkLost));
        let end = scene.reader.read_exact(&mut [0; 1]).unwrap_err().kind();
        let ends = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset];
        assert!(ends.contains(&end), "{end}");
    });
}

#[test]
fn an_approval_for_a_card_that_was_changed_is_not_one() {
    play_with_folder(PATIENCE, |scene, folder| {
        scene.send(&sign());
        let request = scene.request();
        Store::open(folder)
            .unwrap()
            .update(|state| {
                state.set_consent(DOORS, Consent::Never);
                Ok::<_, StateError>(())
            })
            .unwrap();
        assert!(!scene.answer(&request, true), "nothing was allowed");
        assert_eq!(scene.ended(&request), End::Use(Answer::CardChanged));
        assert_eq!(scene.receive(), [0x69, 0x85]);
    });
}

/// VERIFY of a PIN that is typed at the phone.
const VERIFY: &str = "00 20 01 80";

#[test]
fn the_reader_waits_for_the_pin() {
    play(PATIENCE, |scene| {
        scene.send(&hex(VERIFY));
        let first = scene.request();
        // Consent is not the PIN.
        assert!(!scene.answer(&first, true));
        assert!(scene.type_pin(&first, "999999"));
        assert_eq!(scene.ended(&first), End::Pin(PinAnswer::Wrong(4)));
        let second = scene.request();
        assert!(!scene.type_pin(&first, "123456"), "it has ended");
        let Question::Pin(asked) = &second.question else {
            panic!("{second:?}")
        };
        assert_eq!((asked.tries, asked.was_wrong), (4, true));
        // All of it together waits no longer than one request.
        assert_eq!(second.deadline, first.deadline);
        assert!(scene.type_pin(&second, "123456"));
        assert_eq!(scene.receive(), [0x90, 0x00]);
        assert_eq!(scene.ended(&second), End::Pin(PinAnswer::Verified));
        assert_eq!(scene.exchange("00 20 00 80"), [0x90, 0x00]);

        assert_eq!(scene.exchange("00 20 FF 80"), [0x90, 0x00]);
        scene.send(&hex(VERIFY));
        let third = scene.request();
        assert!(scene.answer(&third, false));
        assert_eq!(scene.receive(), [0x69, 0x85]);
        assert_eq!(scene.ended(&third), End::Pin(PinAnswer::Refused));
        // A PIN is not consent.
        scene.send(&sign());
        let consent = scene.request();
        assert!(!scene.type_pin(&consent, "123456"));
        assert!(scene.answer(&consent, false));
        assert_eq!(scene.receive(), [0x69, 0x85]);
    });
}

#[test]
fn nobody_types_the_pin_in_time() {
    play(Duration::from_millis(1500), |scene| {
        scene.send(&hex(VERIFY));
        let first = scene.request();
        assert!(scene.type_pin(&first, "999999"));
        let second = scene.request();
        assert_eq!(scene.receive(), [0x69, 0x85]);
        assert_eq!(scene.ended(&second), End::Pin(PinAnswer::TimedOut));
        assert!(!scene.type_pin(&second, "123456"));
        assert_eq!(scene.exchange("00 20 00 80"), [0x63, 0xC4]);
    });
}

#[test]
fn a_reader_that_leaves_while_the_pin_is_typed_costs_no_try_and_proves_nothing() {
    play(PATIENCE, |scene| {
        for controls in [&[2][..], &[0, 1], &[1]] {
            scene.send(&hex(VERIFY));
            let request = scene.request();
            for control in controls {
                scene.send(&[*control]);
            }
            assert_eq!(scene.ended(&request), End::Pin(PinAnswer::LinkLost));
            assert!(!scene.type_pin(&request, "999999"));
            assert_eq!(scene.exchange(SELECT)[0], 0x61);
            assert_eq!(scene.exchange("00 20 00 80"), [0x63, 0xC5]);
        }
        scene.send(&hex(VERIFY));
        let request = scene.request();
        scene.reader.shutdown(std::net::Shutdown::Both).unwrap();
        assert_eq!(scene.ended(&request), End::Pin(PinAnswer::LinkLost));
        assert!(!scene.type_pin(&request, "123456"));
        scene.come_again();
        assert_eq!(scene.exchange(SELECT)[0], 0x61);
        assert_eq!(scene.exchange("00 20 00 80"), [0x63, 0xC5]);
    });
}

#[test]
fn a_pin_for_a_card_that_was_changed_is_not_compared() {
    play_with_folder(PATIENCE, |scene, folder| {
        scene.send(&hex(VERIFY));
        let request = scene.request();
        Store::open(folder)
            .unwrap()
            .update(|state| {
                state.pin_entry = PinEntry::Host;
                Ok::<_, StateError>(())
            })
            .unwrap();
        assert!(!scene.type_pin(&request, "999999"), "nothing was compared");
        assert_eq!(scene.ended(&request), End::Pin(PinAnswer::CardChanged));
        assert_eq!(scene.receive(), [0x69, 0x85]);
        assert_eq!(scene.exchange("00 20 00 80"), [0x63, 0xC5]);
        assert_eq!(scene.exchange(VERIFY), [0x6A, 0x86]);
    });
}
