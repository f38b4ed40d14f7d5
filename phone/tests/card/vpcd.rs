//! The link to vpcd, against a reader made of a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::common::{TestCard, hex};
use tapcard_phone::interface::Interface;
use tapcard_phone::link::answer_to_reset;
use tapcard_phone::link::nfc_model::NfcModel;
use tapcard_phone::link::vpcd::{self, Event, Stop};

const PATIENCE: Duration = Duration::from_secs(20);
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

/// vpcd's side of a connection.
struct Reader(TcpStream);

impl Reader {
    fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    fn send(&mut self, payload: &[u8]) {
        // As vpcd does: the length first, then the payload, each in a segment of its own.
        let length = u16::try_from(payload.len()).unwrap();
        self.0.write_all(&length.to_be_bytes()).unwrap();
        self.0.write_all(payload).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).unwrap();
        let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut payload).unwrap();
        payload
    }

    fn exchange(&mut self, apdu: &str) -> Vec<u8> {
        self.send(&hex(apdu));
        self.receive()
    }
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[test]
fn commands_are_answered_and_a_reset_ends_the_session() {
    let (listener, address) = listener();
    let phone = Phone::serve(&address, Interface::Contact, None);
    let mut reader = Reader::accept(&listener);
    phone.expect(true);
    reader.send(&[1]);
    reader.send(&[4]);
    assert_eq!(reader.receive(), answer_to_reset(Interface::Contact));
    assert_eq!(reader.exchange(SELECT)[0], 0x61);
    assert_eq!(
        reader.exchange("00 20 00 80 08 31 32 33 34 35 36 FF FF"),
        [0x90, 0x00]
    );
    // Asking for the ATR is how vpcd sees that the card is there; it ends nothing.
    reader.send(&[4]);
    reader.receive();
    assert_eq!(reader.exchange("00 20 00 80"), [0x90, 0x00]);
    for control in [2, 0, 1] {
        reader.send(&[control]);
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
    assert_eq!(reader.receive(), answer_to_reset(Interface::Contactless));
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
