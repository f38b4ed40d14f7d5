//! Readers in memory.

use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use card_edge::Transmit;
use card_edge::transmit::ResponseBytes;
use tapcard_pkcs11::pcsc::pin_pad::{Control, GET_FEATURES};
use tapcard_pkcs11::pcsc::{self, Insertion, Link, LinkError, Reach, ReaderStatus, Transaction};

/// Something in a reader.
pub trait Card: Send {
    /// Answers a command.
    fn answer(&mut self, command: &[u8]) -> Answer;
    /// Is without power from now on.
    fn reset(&mut self);
    /// What comes of what its reader answers by itself.
    fn reader_answers(&mut self, answer: Vec<u8>) -> Answer {
        answer.into()
    }
}

/// What a reader with a PIN pad tells: how VERIFY and its properties are reached.
const FEATURES: [u8; 12] = [
    0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x0A, 4, 0x42, 0x33, 0x00, 0x0A,
];
const PROPERTIES: u32 = 0x4233_000A;
/// A display of two lines, and an entry that is ended by a key.
const DISPLAY: [u8; 4] = [0x10, 0x02, 0x02, 0x00];
/// Bytes before the command in what VERIFY at the reader is asked with, and before the PIN in the command.
const STRUCTURE: usize = 19;
const HEADER: usize = 5;
/// What is typed at every reader.
const TYPED: &[u8] = b"123456";

/// What comes of a command.
pub struct Answer {
    /// What PC/SC gives.
    pub result: Result<Vec<u8>, LinkError>,
    /// What happens to the card then.
    pub then: Then,
}

impl From<Vec<u8>> for Answer {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            result: Ok(bytes),
            then: Then::Stays,
        }
    }
}

/// What happens to a card after an answer.
#[derive(Clone, Copy)]
pub enum Then {
    /// Nothing.
    Stays,
    /// It leaves.
    Leaves,
    /// It leaves, and is back when somebody looks.
    LeavesShortly,
    /// Another program resets it.
    IsReset,
}

#[derive(Default)]
struct Place {
    card: Option<Box<dyn Card>>,
    away: Option<Box<dyn Card>>,
    comes_back: bool,
    count: u32,
    resets: u32,
    has_pin_pad: bool,
}

struct State {
    places: Vec<Place>,
    speaks_t0: bool,
    /// Cards come and go while somebody waits for that.
    is_restless: bool,
}

/// Readers. Clones are the same.
#[derive(Clone)]
pub struct Readers {
    state: Arc<Mutex<State>>,
    connections: Arc<AtomicUsize>,
    commands: Arc<AtomicUsize>,
}

/// Most readers of a machine.
const READERS_MAX: usize = 3;

fn name(number: usize) -> CString {
    CString::new(format!("Reader {number}")).expect("there is no NUL in it")
}

impl Readers {
    /// One reader with this card in it.
    pub fn with(card: Box<dyn Card>, speaks_t0: bool) -> Self {
        let readers = Self {
            state: Arc::new(Mutex::new(State {
                places: vec![Place::default()],
                speaks_t0,
                is_restless: false,
            })),
            connections: Arc::default(),
            commands: Arc::default(),
        };
        readers.put(0, card);
        readers
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing here panics")
    }

    /// Puts a card into a reader, which is new where there is none of this number yet.
    pub fn put(&self, number: usize, mut card: Box<dyn Card>) {
        card.reset();
        let mut state = self.lock();
        if number >= state.places.len() {
            if number >= READERS_MAX {
                return;
            }
            state.places.push(Place {
                has_pin_pad: true,
                ..Place::default()
            });
        }
        if let Some(place) = state.places.get_mut(number) {
            place.card = Some(card);
            place.count += 1;
        }
    }

    /// The card in a reader leaves.
    pub fn take(&self, number: usize) {
        self.with_place(number, Place::leave);
    }

    /// The card that left a reader comes back.
    pub fn put_back(&self, number: usize) {
        self.with_place(number, Place::come_back);
    }

    /// Another program resets the card in a reader.
    pub fn reset(&self, number: usize) {
        self.with_place(number, Place::reset);
    }

    fn with_place(&self, number: usize, act: impl FnOnce(&mut Place)) {
        if let Some(place) = self.lock().places.get_mut(number) {
            act(place);
        }
    }

    /// A reader gets a PIN pad. The first one has none, all others have one.
    pub fn give_pin_pad(&self, number: usize) {
        self.with_place(number, |place| place.has_pin_pad = true);
    }

    /// The last reader is unplugged, with what is in it.
    pub fn unplug(&self) {
        self.lock().places.pop();
    }

    /// Whether cards come and go while somebody waits for that.
    pub fn set_restless(&self, is_restless: bool) {
        self.lock().is_restless = is_restless;
    }

    /// Connections that were not ended.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Commands that were sent.
    pub fn commands(&self) -> usize {
        self.commands.load(Ordering::SeqCst)
    }
}

impl Place {
    fn leave(&mut self) {
        if let Some(mut card) = self.card.take() {
            card.reset();
            self.away = Some(card);
            self.count += 1;
        }
    }

    fn come_back(&mut self) {
        self.comes_back = false;
        if self.card.is_none() && self.away.is_some() {
            self.card = self.away.take();
            self.count += 1;
        }
    }

    fn reset(&mut self) {
        self.resets += 1;
        if let Some(card) = &mut self.card {
            card.reset();
        }
    }

    fn status(&mut self, number: usize) -> ReaderStatus {
        if self.comes_back {
            self.come_back();
        }
        ReaderStatus {
            name: name(number),
            card: self.card.as_ref().map(|_| Insertion {
                count: self.count,
                atr: vec![0x3B, 0x00],
            }),
        }
    }
}

impl pcsc::Readers for Readers {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        let mut state = self.lock();
        let places = state.places.iter_mut().enumerate();
        places.map(|(number, place)| place.status(number)).collect()
    }

    fn connect(&self, reader: &CStr) -> Result<Box<dyn Link>, LinkError> {
        let mut state = self.lock();
        let places = state.places.iter_mut().enumerate();
        let mut known = places.filter(|(number, _)| name(*number).as_c_str() == reader);
        let (number, place) = known.next().ok_or(LinkError::Gone)?;
        place.card.as_ref().ok_or(LinkError::Gone)?;
        self.connections.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Connection {
            readers: self.clone(),
            number,
            count: place.count,
            resets: place.resets,
        }))
    }

    fn wait(&self, _: &[ReaderStatus], _: Duration) {
        let mut state = self.lock();
        let is_restless = state.is_restless;
        for place in state.places.iter_mut().filter(|_| is_restless) {
            match place.card {
                Some(_) => place.leave(),
                None => place.come_back(),
            }
        }
    }
}

struct Connection {
    readers: Readers,
    number: usize,
    count: u32,
    resets: u32,
}

impl Connection {
    fn check(&self) -> Result<(), LinkError> {
        let state = self.readers.lock();
        let place = state.places.get(self.number).ok_or(LinkError::Gone)?;
        if place.card.is_none() || place.count != self.count {
            Err(LinkError::Gone)
        } else if place.resets != self.resets {
            Err(LinkError::Reset)
        } else {
            Ok(())
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.readers.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Link for Connection {
    fn begin(&mut self) -> Result<Transaction<'_>, LinkError> {
        self.check()?;
        if self.readers.lock().speaks_t0 {
            return Ok(Transaction::over_t0(self));
        }
        Ok(Transaction::new(self))
    }

    fn reconnect(&mut self) -> Result<(), LinkError> {
        if let Some(place) = self.readers.lock().places.get(self.number) {
            self.resets = place.resets;
        }
        self.check()
    }

    fn reset_alone(&mut self) -> Result<(), LinkError> {
        self.check()?;
        self.readers.reset(self.number);
        Ok(())
    }
}

impl Connection {
    /// What comes of something that the card, or its reader, is asked.
    fn ask(
        &self,
        question: impl FnOnce(&mut dyn Card) -> Answer,
    ) -> Result<ResponseBytes, LinkError> {
        self.check()?;
        let mut state = self.readers.lock();
        let place = state.places.get_mut(self.number).ok_or(LinkError::Gone)?;
        let card = place.card.as_mut().ok_or(LinkError::Gone)?;
        let answer = question(card.as_mut());
        match answer.then {
            Then::Stays => {}
            Then::Leaves => place.leave(),
            Then::LeavesShortly => {
                place.leave();
                place.comes_back = true;
            }
            Then::IsReset => place.reset(),
        }
        answer.result.map(ResponseBytes::from)
    }
}

impl Transmit for Connection {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        self.readers.commands.fetch_add(1, Ordering::SeqCst);
        self.ask(|card| card.answer(command))
    }
}

impl Reach for Connection {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        let has_pin_pad = {
            let state = self.readers.lock();
            let place = state.places.get(self.number);
            place.is_some_and(|place| place.has_pin_pad)
        };
        if !has_pin_pad {
            return Err(LinkError::Failed(::pcsc::Error::UnsupportedFeature));
        }
        match (request.code, request.entry) {
            (GET_FEATURES, None) => self.ask(|card| card.reader_answers(FEATURES.to_vec())),
            (PROPERTIES, None) => self.ask(|card| card.reader_answers(DISPLAY.to_vec())),
            // What a damaged list names: such a reader asks for the PIN too.
            (_, Some(_)) => {
                let mut command = request.input[STRUCTURE..].to_vec();
                assert_eq!(command[..HEADER], [0x00, 0x20, 0x00, 0x80, 8]);
                let place = &mut command[HEADER..];
                assert_eq!(place, [0xFF; 8], "a PIN that was not typed");
                place[..TYPED.len()].copy_from_slice(TYPED);
                self.readers.commands.fetch_add(1, Ordering::SeqCst);
                self.ask(|card| card.answer(&command))
            }
            (_, None) => self.ask(|card| card.reader_answers(Vec::new())),
        }
    }
}
