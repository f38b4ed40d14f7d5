//! The link to vpcd, against a reader made of a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::common::{TestCard, hex};
use crate::torn_link::reader::{PATIENCE, Reader, listener};
use card_edge::piv::ObjectId;
use tapcard_phone::application::CardEdge;
use tapcard_phone::interface::Interface;
use tapcard_phone::link::answer_to_reset;
use tapcard_phone::link::nfc_model::NfcModel;
use tapcard_phone::link::vpcd::{self, Event, Stop};
use tapcard_phone::state::StateError;
use tapcard_phone::state::encoding::Bytes;

const SELECT: &str = "00 A4 04 00 05 A0 00 00 03 08";

/// A phone that serves in a thread of its own, and the events that it tells.
struct Phone {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
    events: mpsc::Receiver<bool>,
}

impl Phone {
    fn serve(address: &str, interface: Interface, nfc: Option<NfcModel>) -> Self {
        let stop = Stop::default();
        let (sender, events) = mpsc::channel();
        let (stopped, address) = (stop.clone(), address.to_owned());
        let thread = thread::spawn(move || {
            let mut card = TestCard::over(interface);
            vpcd::serve(
                &mut card.card,
                interface,
                nfc,
                &address,
                &stopped,
                |event| {
                    sender.send(matches!(event, Event::Connected)).unwrap();
                },
            );
        });
        Self {
            stop,
            thread: Some(thread),
            events,
        }
    }

    fn expect(&self, connected: bool) {
        assert_eq!(self.events.recv_timeout(PATIENCE), Ok(connected));
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take()
            && !thread::panicking()
        {
            thread.join().unwrap();
        }
    }
}

impl Reader {
    fn exchange(&mut self, apdu: &str) -> Vec<u8> {
        self.send(&hex(apdu));
        self.receive()
    }
}

#[test]
fn commands_are_answered_and_a_reset_ends_the_session() {
    let (listener, address) = listener();
    let phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    phone.expect(true);
    reader.send(&[1]);
    reader.send(&[4]);
    assert_eq!(
        reader.receive(),
        answer_to_reset(Interface::Contact, CardEdge::Piv)
    );
    assert_eq!(reader.exchange(SELECT)[0], 0x61);
    assert_eq!(
        reader.exchange("00 20 00 80 08 31 32 33 34 35 36 FF FF"),
        [0x90, 0x00]
    );
    // Asking for the ATR is how vpcd sees that the card is there; it ends nothing.
    reader.send(&[4]);
    reader.receive();
    assert_eq!(reader.exchange("00 20 00 80"), [0x90, 0x00]);
    for controls in [&[2][..], &[0, 1], &[1]] {
        for control in controls {
            reader.send(&[*control]);
        }
        assert_eq!(reader.exchange("00 20 00 80"), [0x6D, 0x00]);
        reader.exchange(SELECT);
        assert_eq!(reader.exchange("00 20 00 80"), [0x63, 0xC5]);
        reader.exchange("00 20 00 80 08 31 32 33 34 35 36 FF FF");
    }
    // Nothing, and a control that nobody knows.
    reader.send(&[]);
    reader.send(&[9]);
    assert_eq!(reader.exchange("00 20 00 80"), [0x90, 0x00]);
}

#[test]
fn a_card_without_power_is_silent() {
    let (listener, address) = listener();
    let _phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    reader.exchange(SELECT);
    reader.send(&[0]);
    for apdu in [SELECT, "00 20 00 80", "FF 00", "00 C0 00 00 00"] {
        reader.send(&hex(apdu));
    }
    // A reset is for a card that has power; the answer to reset is how vpcd sees that the card is there.
    reader.send(&[2]);
    reader.send(&hex(SELECT));
    reader.send(&[4]);
    assert_eq!(
        reader.receive(),
        answer_to_reset(Interface::Contact, CardEdge::Piv)
    );
    reader.send(&[1]);
    assert_eq!(reader.exchange("00 20 00 80"), [0x6D, 0x00]);
    assert_eq!(reader.exchange(SELECT)[0], 0x61);
}

#[test]
fn a_reader_that_closes_at_once_is_asked_ever_more_slowly() {
    let (listener, address) = listener();
    let _phone = Phone::serve(&address, Interface::Contact, None);
    let mut last = None;
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let connection = listener.accept().unwrap();
        let now = Instant::now();
        drop(connection);
        pauses.extend(last.map(|last| now - last));
        last = Some(now);
    }
    // 50 ms, then each twice as long: the fifth is 800 ms.
    assert!(pauses[4] >= Duration::from_millis(800), "{pauses:?}");
    // One that wants something of the card is a reader again, and found soon.
    let mut reader = Reader::accept(&listener);
    assert_eq!(reader.exchange(SELECT)[0], 0x61);
    drop(reader);
    let gone = Instant::now();
    Reader::accept(&listener);
    // Else it were two seconds.
    assert!(gone.elapsed() < Duration::from_millis(1_900));
}

#[test]
fn an_answer_that_is_longer_than_a_message_comes_in_parts() {
    let (listener, address) = listener();
    let mut card = TestCard::new();
    let stop = Stop::default();
    thread::scope(|scope| {
        let mut store = card.store();
        let stopped = stop.clone();
        let (card, address) = (&mut card.card, address.as_str());
        scope.spawn(move || {
            vpcd::serve(card, Interface::Contact, None, address, &stopped, |_| {});
        });
        let mut reader = Reader::accept(&listener);
        for length in [
            30_000, 65_526, 65_528, 65_529, 65_530, 65_531, 65_532, 65_535,
        ] {
            let content = vec![0x5A; length];
            store
                .update(|state| {
                    let tag = ObjectId::SecurityObject.tag();
                    state.objects.insert(tag, Bytes(content.clone()));
                    Ok::<_, StateError>(())
                })
                .unwrap();
            reader.exchange("00 A4 04 00 00 00 05 A0 00 00 03 08 00 00");
            let mut read = Vec::new();
            let mut part = reader.exchange("00 CB 3F FF 00 00 05 5C 03 5F C1 06 00 00");
            loop {
                let (data, status) = part.split_at(part.len() - 2);
                read.extend_from_slice(data);
                match status {
                    [0x61, _] => part = reader.exchange("00 C0 00 00 00 00 00"),
                    [0x90, 0x00] => break,
                    other => panic!("{length}: {other:02X?}"),
                }
            }
            let head = [&[0x53, 0x82][..], &(length as u16).to_be_bytes()].concat();
            assert!(read == [head, content].concat(), "{length}");
        }
        stop.stop();
    });
}

#[test]
fn a_reader_that_goes_and_comes_back_finds_the_card_locked() {
    let (listener, address) = listener();
    let phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    phone.expect(true);
    reader.exchange(SELECT);
    reader.exchange("00 20 00 80 08 31 32 33 34 35 36 FF FF");
    drop(reader);
    let mut reader = Reader::accept(&listener);
    phone.expect(false);
    phone.expect(true);
    assert_eq!(reader.exchange("00 20 00 80"), [0x6D, 0x00]);
    reader.exchange(SELECT);
    assert_eq!(reader.exchange("00 20 00 80"), [0x63, 0xC5]);
}

#[test]
fn a_phone_waits_for_a_reader_that_is_not_there_yet() {
    let (listener, address) = listener();
    drop(listener);
    let phone = Phone::serve(&address, Interface::Contact, None);
    phone.expect(false);
    let listener = TcpListener::bind(&address).unwrap();
    let mut reader = Reader::accept(&listener);
    phone.expect(true);
    assert_eq!(reader.exchange(SELECT)[0], 0x61);
}

#[test]
fn a_connection_torn_in_a_message_is_a_lost_link() {
    let (listener, address) = listener();
    let phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    phone.expect(true);
    reader.0.write_all(&[0, 13, 0x00, 0x20]).unwrap();
    drop(reader);
    let mut reader = Reader::accept(&listener);
    assert_eq!(reader.exchange(SELECT)[0], 0x61);
    assert_eq!(reader.exchange("00 20 00 80"), [0x63, 0xC5]);
}

#[test]
fn a_stopped_phone_closes_the_connection() {
    let (listener, address) = listener();
    let phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    phone.expect(true);
    drop(phone);
    let mut rest = [0; 1];
    match reader.0.read(&mut rest) {
        Ok(0) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn over_nfc_an_exchange_takes_its_time_and_the_atr_is_a_phones() {
    let (listener, address) = listener();
    let model: NfcModel = "106k,30ms".parse().unwrap();
    let _phone = Phone::serve(&address, Interface::Contactless, Some(model));
    let mut reader = Reader::accept(&listener);
    reader.send(&[4]);
    assert_eq!(
        reader.receive(),
        answer_to_reset(Interface::Contactless, CardEdge::Piv)
    );
    let start = Instant::now();
    reader.exchange(SELECT);
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[test]
fn on_the_wire_an_exchange_is_not_held_up_by_acknowledgements() {
    let (listener, address) = listener();
    let _phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    let start = Instant::now();
    for _ in 0..50 {
        reader.exchange(SELECT);
    }
    // Held up by 40 ms each, they take two seconds.
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}
