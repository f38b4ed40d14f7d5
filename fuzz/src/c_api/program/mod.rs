//! A program that calls any function in any order with any arguments that a program may give.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::arguments::Known;
use super::card::{Nature, PivCard};
use super::input::Input;
use super::library::{self, Library, call};
use super::memory::{Memory, long, read};
use super::reader::Readers;

/// Calls by the list that has the function.
macro_rules! make {
    ($program:ident, $name:ident($($argument:expr),*)) => {
        call!($program.library, $name($($argument),*))
    };
}

// After the macro, which they use.
mod cryptography;
mod general;
mod keys;
mod messages;
mod objects;
mod sessions;
mod slots;

/// Most calls of one input.
const CALLS_MAX: usize = 96;

/// The first byte says what card is in the reader, what the program has done before (nothing, a session opened, the user or
/// the administrator logged in), by which list it calls, and how its structures lie. What follows are calls, and what
/// happens to the readers between them.
pub fn any_calls(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let choice = input.byte();
    let nature = Nature {
        announces: choice & 0x01 != 0,
        is_on_curve25519: choice & 0x02 != 0,
        number: 0,
    };
    let mut library = Library::load();
    library.is_old = choice & 0x04 != 0;
    let card = Box::new(PivCard::new(nature));
    let readers = Readers::with(card, choice & 0x08 != 0);
    assert!(library.initialize_on(&readers, choice & 0x80 != 0, None));
    let mut program = Program {
        library,
        readers,
        nature,
        known: Known::default(),
        shift: usize::from(choice >> 4 & 1),
        is_on_readers: true,
    };
    program.begin(choice >> 5 & 3);
    for _ in 0..CALLS_MAX {
        if input.is_empty() {
            break;
        }
        program.call(&mut input);
    }
    program.library.finalize();
    assert_eq!(program.readers.connections(), 0, "a connection stays");
}

/// The program.
struct Program {
    library: Library,
    readers: Readers,
    nature: Nature,
    known: Known,
    shift: usize,
    /// Whether the module has these readers, and not those of a machine without PC/SC.
    is_on_readers: bool,
}

impl Program {
    /// Opens a session, logs in and finds what there is.
    fn begin(&mut self, extent: u8) {
        if extent == 0 {
            return;
        }
        let mut memory = Memory::default();
        let session = memory.value::<CK_SESSION_HANDLE>(0);
        let flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
        let rv = make!(self, C_OpenSession(0, flags, null_mut(), None, session));
        assert_eq!(rv, CKR_OK);
        // SAFETY: it is in the memory of this function.
        let session = unsafe { read(session) };
        self.known.add_session(session);
        let (user, pin): (_, &[u8]) = match extent {
            2 => (CKU_USER, b"123456"),
            3 => (CKU_SO, b"010203040506070801020304050607080102030405060708"),
            _ => (CKU_USER, b""),
        };
        if !pin.is_empty() {
            let place = memory.bytes(pin);
            let rv = make!(self, C_Login(session, user, place, long(pin.len())));
            assert_eq!(rv, CKR_OK);
        }
        self.find_all(session);
        assert!(!self.known.objects.is_empty());
    }

    fn find_all(&mut self, session: CK_SESSION_HANDLE) {
        let mut memory = Memory::default();
        if make!(self, C_FindObjectsInit(session, null_mut(), 0)) != CKR_OK {
            return;
        }
        let list = memory.values(&[0; 48]);
        let count = memory.value::<CK_ULONG>(0);
        if make!(self, C_FindObjects(session, list, 48, count)) == CKR_OK {
            self.learn_objects(list, count);
        }
        make!(self, C_FindObjectsFinal(session));
    }

    fn learn_objects(&mut self, list: *const CK_OBJECT_HANDLE, count: *const CK_ULONG) {
        // SAFETY: it is in the memory of the caller.
        let count = usize::try_from(unsafe { read(count) }).expect("it fits");
        for index in 0..count {
            // SAFETY: the call has filled that many.
            let object = unsafe { read(list.add(index)) };
            assert_ne!(object, 0);
            self.known.add_object(object);
        }
    }

    /// What happens outside of the program.
    fn event(&mut self, input: &mut Input<'_>) {
        let number = input.below(3);
        match input.byte() % 8 {
            0 => self.readers.take(number),
            1 => self.readers.put_back(number),
            2 => self.readers.reset(number),
            3 => {
                let choice = input.byte();
                let card = PivCard::new(Nature {
                    announces: choice & 1 != 0,
                    is_on_curve25519: choice & 2 != 0,
                    number: choice >> 2,
                });
                self.readers.put(number, Box::new(card));
            }
            4 => self
                .readers
                .put(number, Box::new(PivCard::new(self.nature))),
            5 => self.readers.unplug(),
            6 => {
                self.library.is_old = !self.library.is_old;
            }
            _ => {
                let session = self.known.session(input);
                self.find_all(session);
            }
        }
    }

    /// One call.
    fn call(&mut self, input: &mut Input<'_>) {
        let memory = &mut Memory::default();
        memory.shift = self.shift;
        let function = input.byte();
        let session = self.known.session(input);
        match function {
            0 => self.initialize(input, memory),
            1 => {
                let reserved = match input.byte() {
                    0..0xF0 => null_mut(),
                    _ => memory.bytes(&[0]).cast(),
                };
                make!(self, C_Finalize(reserved));
            }
            2..12 => self.call_general(function, input, memory),
            12..24 => self.call_slots(function, session, input, memory),
            24..36 => self.call_sessions(function, session, input, memory),
            36..60 => self.call_objects(function, session, input, memory),
            60..90 => self.call_cryptography(function, session, input, memory),
            90..110 => self.call_keys(function, session, input, memory),
            110..140 => self.call_messages(function, session, input, memory),
            140..180 => self.sign(session, input, memory),
            180..200 => self.call_cryptography(60 + function % 30, session, input, memory),
            _ => self.event(input),
        }
    }
}
