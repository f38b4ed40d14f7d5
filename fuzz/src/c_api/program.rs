//! A program that calls any function in any order with any arguments that a program may give.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::arguments::{Known, blank_template, data, mechanism, mechanism_of, pin, room, template};
use super::card::{Nature, PivCard};
use super::input::Input;
use super::library::{Library, call, call_3_0};
use super::memory::{Memory, long, read};
use super::reader::Readers;

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

/// Calls by the list that has the function.
macro_rules! make {
    ($program:ident, $name:ident($($argument:expr),*)) => {
        call!($program.library, $name($($argument),*))
    };
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

    fn initialize(&mut self, input: &mut Input<'_>, memory: &mut Memory) {
        unsafe extern "C" fn create(mutex: CK_VOID_PTR_PTR) -> CK_RV {
            // SAFETY: the standard has a place for a pointer here.
            unsafe { mutex.write_unaligned(null_mut()) };
            CKR_OK
        }
        unsafe extern "C" fn any(_: CK_VOID_PTR) -> CK_RV {
            CKR_OK
        }
        let choice = input.byte();
        if choice < 0x80 {
            // As the rest of the input wants it, the module has a reader; whoever has initialized it keeps it.
            if self.library.initialize_on(&self.readers, false, None) {
                self.is_on_readers = true;
            }
            return;
        }
        let arguments = CK_C_INITIALIZE_ARGS {
            CreateMutex: (choice & 1 != 0).then_some(create),
            DestroyMutex: (choice & 1 != 0).then_some(any),
            LockMutex: (choice & 1 != 0).then_some(any),
            UnlockMutex: (choice & 2 != 0).then_some(any),
            flags: CK_FLAGS::from(choice >> 2),
            pReserved: match choice & 0x40 {
                0 => null_mut(),
                _ => memory.bytes(b"configdir=''\0").cast(),
            },
        };
        let arguments = match choice {
            0x80 => null_mut(),
            _ => memory.value(arguments).cast(),
        };
        if make!(self, C_Initialize(arguments)) == CKR_OK {
            self.is_on_readers = false;
        }
    }

    fn call_general(&mut self, function: u8, input: &mut Input<'_>, memory: &mut Memory) {
        let is_null = input.byte() >= 0xF0;
        let or_null = |pointer: *mut _| if is_null { null_mut() } else { pointer };
        match function {
            2 | 3 => {
                let info = memory.value(CK_INFO::default());
                make!(self, C_GetInfo(if is_null { null_mut() } else { info }));
            }
            4 => {
                let list = memory.value::<*mut CK_FUNCTION_LIST>(null_mut());
                make!(
                    self,
                    C_GetFunctionList(if is_null { null_mut() } else { list })
                );
            }
            5 | 6 => {
                let count = usize::from(input.byte()) % 4;
                let list = memory.values(&vec![CK_INTERFACE::default(); count]);
                let length = or_null(memory.value(long(count)));
                let list = if input.byte() < 0x80 {
                    list
                } else {
                    null_mut()
                };
                call_3_0!(self.library, C_GetInterfaceList(list, length));
            }
            7 | 8 => {
                let name = match input.byte() {
                    0..0x40 => null_mut(),
                    0x40..0x80 => memory.bytes(b"PKCS 11\0"),
                    _ => {
                        let mut name = input.part();
                        name.push(0);
                        memory.bytes(&name)
                    }
                };
                let version = match input.byte() {
                    0..0x40 => null_mut(),
                    choice => memory.value(CK_VERSION {
                        major: choice % 4,
                        minor: if choice % 4 == 2 {
                            40
                        } else {
                            input.byte() % 3
                        },
                    }),
                };
                let interface = memory.value::<*mut CK_INTERFACE>(null_mut());
                let interface = if is_null { null_mut() } else { interface };
                let flags = CK_FLAGS::from(input.byte() / 0x80);
                call_3_0!(
                    self.library,
                    C_GetInterface(name, version, interface, flags)
                );
            }
            9 => {
                let session = self.known.session(input);
                make!(self, C_GetFunctionStatus(session));
                make!(self, C_CancelFunction(session));
            }
            _ => {
                let count = usize::from(input.byte()) * 4;
                let session = self.known.session(input);
                let bytes = memory.bytes(&vec![0; count]);
                let bytes = if is_null { null_mut() } else { bytes };
                if input.byte() < 0x80 {
                    make!(self, C_GenerateRandom(session, bytes, long(count)));
                } else {
                    make!(self, C_SeedRandom(session, bytes, long(count)));
                }
            }
        }
    }

    fn slot(input: &mut Input<'_>) -> CK_SLOT_ID {
        match input.byte() {
            0xFF => CK_SLOT_ID::MAX,
            0xFE => input.long(),
            choice @ 0xF0.. => CK_SLOT_ID::from(choice) % 4,
            _ => 0,
        }
    }

    fn call_slots(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let slot = Self::slot(input);
        let is_null = input.byte() >= 0xF0;
        match function {
            12 | 13 => {
                let length = usize::from(input.byte()) % 5;
                let list = memory.values(&vec![0; length]);
                let list = if input.byte() < 0x80 {
                    list
                } else {
                    null_mut()
                };
                let count = memory.value(long(length));
                let count = if is_null { null_mut() } else { count };
                let present = input.byte();
                make!(self, C_GetSlotList(present, list, count));
            }
            14 => {
                let info = memory.value(CK_SLOT_INFO::default());
                let info = if is_null { null_mut() } else { info };
                make!(self, C_GetSlotInfo(slot, info));
            }
            15 => {
                let info = memory.value(CK_TOKEN_INFO::default());
                let info = if is_null { null_mut() } else { info };
                make!(self, C_GetTokenInfo(slot, info));
            }
            16 => {
                let length = usize::from(input.byte());
                let list = memory.values(&vec![0; length]);
                let list = if input.byte() < 0x80 {
                    list
                } else {
                    null_mut()
                };
                let count = memory.value(long(length));
                let count = if is_null { null_mut() } else { count };
                make!(self, C_GetMechanismList(slot, list, count));
            }
            17 => {
                // SAFETY: it is in the memory of this call.
                let mechanism = unsafe { read(mechanism_of(CKM_RSA_PKCS, input, memory)) };
                let info = memory.value(CK_MECHANISM_INFO::default());
                let info = if is_null { null_mut() } else { info };
                let number = mechanism.mechanism ^ CK_ULONG::from(input.byte());
                make!(self, C_GetMechanismInfo(slot, number, info));
            }
            18 => {
                let (pin, length) = pin(input, memory);
                let label = memory.bytes(&[b' '; 32]);
                make!(self, C_InitToken(slot, pin, length, label));
            }
            19 => {
                let (pin, length) = pin(input, memory);
                make!(self, C_InitPIN(session, pin, length));
            }
            20 | 21 => {
                let (old, old_length) = pin(input, memory);
                let (new, new_length) = pin(input, memory);
                make!(self, C_SetPIN(session, old, old_length, new, new_length));
            }
            _ => {
                let place = memory.value::<CK_SLOT_ID>(0);
                let place = if is_null { null_mut() } else { place };
                let reserved = match input.byte() {
                    0..0xF0 => null_mut(),
                    _ => memory.bytes(&[0]).cast(),
                };
                // Without a card that comes or goes, a call that waits does so without end.
                let waits = self.is_on_readers && input.byte() < 0x80;
                let flags = if waits { 0 } else { CKF_DONT_BLOCK };
                if waits {
                    self.readers.put(0, Box::new(PivCard::new(self.nature)));
                }
                self.readers.set_restless(waits);
                make!(self, C_WaitForSlotEvent(flags, place, reserved));
                self.readers.set_restless(false);
            }
        }
    }

    fn call_sessions(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        match function {
            24..27 => {
                unsafe extern "C" fn notify(
                    _: CK_SESSION_HANDLE,
                    _: CK_NOTIFICATION,
                    _: CK_VOID_PTR,
                ) -> CK_RV {
                    CKR_OK
                }
                let slot = Self::slot(input);
                let choice = input.byte();
                let place = memory.value::<CK_SESSION_HANDLE>(0);
                let place = if choice >= 0xF0 { null_mut() } else { place };
                let flags = match choice & 3 {
                    0 => CKF_SERIAL_SESSION,
                    1 | 2 => CKF_SERIAL_SESSION | CKF_RW_SESSION,
                    _ => input.long(),
                };
                let application = memory.bytes(&[0]).cast();
                let notify = (choice & 4 != 0).then_some(notify as _);
                if make!(self, C_OpenSession(slot, flags, application, notify, place)) == CKR_OK {
                    // SAFETY: it is in the memory of this call.
                    self.known.add_session(unsafe { read(place) });
                }
            }
            27 => {
                make!(self, C_CloseSession(session));
            }
            28 => {
                let slot = Self::slot(input);
                make!(self, C_CloseAllSessions(slot));
            }
            29 => {
                let info = memory.value(CK_SESSION_INFO::default());
                let info = if input.byte() >= 0xF0 {
                    null_mut()
                } else {
                    info
                };
                make!(self, C_GetSessionInfo(session, info));
            }
            30 => {
                let room = room(input, memory);
                make!(self, C_GetOperationState(session, room.pointer, room.count));
                let (state, length) = data(input, memory);
                let key = self.known.object(input);
                make!(self, C_SetOperationState(session, state, length, key, 0));
            }
            31 | 32 => {
                let user = match input.byte() {
                    choice @ 0..0xC0 => CK_USER_TYPE::from(choice % 3),
                    _ => input.long(),
                };
                let (pin, length) = pin(input, memory);
                make!(self, C_Login(session, user, pin, length));
            }
            33 => {
                let user = CK_USER_TYPE::from(input.byte() % 4);
                let (pin, length) = pin(input, memory);
                let (name, name_length) = data(input, memory);
                call_3_0!(
                    self.library,
                    C_LoginUser(session, user, pin, length, name, name_length)
                );
            }
            34 => {
                make!(self, C_Logout(session));
            }
            _ => {
                let flags = input.long();
                call_3_0!(self.library, C_SessionCancel(session, flags));
            }
        }
    }

    fn call_objects(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let object = self.known.object(input);
        let new = memory.value::<CK_OBJECT_HANDLE>(0);
        let new = if input.byte() == 0xFF {
            null_mut()
        } else {
            new
        };
        match function {
            36..40 => {
                let (template, count) = template(input, memory);
                if make!(self, C_CreateObject(session, template, count, new)) == CKR_OK {
                    self.learn_objects(new, memory.value::<CK_ULONG>(1));
                }
            }
            40 => {
                let (template, count) = template(input, memory);
                make!(self, C_CopyObject(session, object, template, count, new));
            }
            41 => {
                make!(self, C_DestroyObject(session, object));
            }
            42 => {
                make!(self, C_GetObjectSize(session, object, new));
            }
            43..48 => {
                let (template, count) = blank_template(input, memory);
                make!(self, C_GetAttributeValue(session, object, template, count));
            }
            48..50 => {
                let (template, count) = template(input, memory);
                make!(self, C_SetAttributeValue(session, object, template, count));
            }
            50..55 => {
                let (template, count) = template(input, memory);
                make!(self, C_FindObjectsInit(session, template, count));
            }
            55..58 => {
                let most = usize::from(input.byte());
                let list = memory.values(&vec![0; most]);
                let list = if input.byte() == 0xFF {
                    null_mut()
                } else {
                    list
                };
                let count = memory.value::<CK_ULONG>(0);
                let count = if input.byte() == 0xFF {
                    null_mut()
                } else {
                    count
                };
                if make!(self, C_FindObjects(session, list, long(most), count)) == CKR_OK {
                    self.learn_objects(list, count);
                }
            }
            _ => {
                make!(self, C_FindObjectsFinal(session));
            }
        }
    }

    /// An operation from its beginning to its end, as programs mean it.
    fn sign(&mut self, session: CK_SESSION_HANDLE, input: &mut Input<'_>, memory: &mut Memory) {
        let key = self.known.object(input);
        let kind = input.byte();
        let number = input.byte();
        let mechanism = mechanism(&mut Input::new(&[number, 0, kind]), memory);
        let (data, length) = data(input, memory);
        let result = room(input, memory);
        let (pointer, count) = (result.pointer, result.count);
        let rv = match kind % 5 {
            0 => {
                make!(self, C_SignInit(session, mechanism, key));
                make!(self, C_Sign(session, data, length, pointer, count))
            }
            1 => {
                make!(self, C_DecryptInit(session, mechanism, key));
                make!(self, C_Decrypt(session, data, length, pointer, count))
            }
            2 => {
                make!(self, C_EncryptInit(session, mechanism, key));
                make!(self, C_Encrypt(session, data, length, pointer, count))
            }
            3 => {
                make!(self, C_DigestInit(session, mechanism));
                make!(self, C_Digest(session, data, length, pointer, count))
            }
            _ => {
                make!(self, C_VerifyInit(session, mechanism, key));
                let (signature, size) = super::arguments::data(input, memory);
                make!(self, C_Verify(session, data, length, signature, size));
                return;
            }
        };
        result.check(rv);
    }

    fn call_cryptography(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        match function {
            60..68 => {
                let key = self.known.object(input);
                let mechanism = mechanism(input, memory);
                match function {
                    60 => make!(self, C_EncryptInit(session, mechanism, key)),
                    61 => make!(self, C_DecryptInit(session, mechanism, key)),
                    62 => make!(self, C_DigestInit(session, mechanism)),
                    63 | 64 => make!(self, C_SignInit(session, mechanism, key)),
                    65 => make!(self, C_VerifyInit(session, mechanism, key)),
                    66 => make!(self, C_SignRecoverInit(session, mechanism, key)),
                    _ => make!(self, C_VerifyRecoverInit(session, mechanism, key)),
                };
            }
            68..74 => {
                let result = room(input, memory);
                let (pointer, count) = (result.pointer, result.count);
                let rv = match function {
                    68 => make!(self, C_EncryptFinal(session, pointer, count)),
                    69 => make!(self, C_DecryptFinal(session, pointer, count)),
                    70 => make!(self, C_DigestFinal(session, pointer, count)),
                    71 | 72 => make!(self, C_SignFinal(session, pointer, count)),
                    _ => {
                        let key = self.known.object(input);
                        make!(self, C_DigestKey(session, key));
                        return;
                    }
                };
                result.check(rv);
            }
            74..79 => {
                let (data, length) = data(input, memory);
                match function {
                    74 => make!(self, C_DigestUpdate(session, data, length)),
                    75 | 76 => make!(self, C_SignUpdate(session, data, length)),
                    77 => make!(self, C_VerifyUpdate(session, data, length)),
                    _ => make!(self, C_VerifyFinal(session, data, length)),
                };
            }
            _ => {
                let (data, length) = data(input, memory);
                let result = room(input, memory);
                let (pointer, count) = (result.pointer, result.count);
                let rv = match function {
                    79 => make!(self, C_Encrypt(session, data, length, pointer, count)),
                    80 => make!(self, C_EncryptUpdate(session, data, length, pointer, count)),
                    81 => make!(self, C_Decrypt(session, data, length, pointer, count)),
                    82 => make!(self, C_DecryptUpdate(session, data, length, pointer, count)),
                    83 => make!(self, C_Digest(session, data, length, pointer, count)),
                    84 => make!(self, C_Sign(session, data, length, pointer, count)),
                    85 => {
                        let (signature, size) = super::arguments::data(input, memory);
                        make!(self, C_Verify(session, data, length, signature, size));
                        return;
                    }
                    86 => {
                        make!(self, C_SignRecover(session, data, length, pointer, count));
                        make!(self, C_VerifyRecover(session, data, length, pointer, count))
                    }
                    87 => {
                        make!(
                            self,
                            C_DigestEncryptUpdate(session, data, length, pointer, count)
                        );
                        make!(
                            self,
                            C_DecryptDigestUpdate(session, data, length, pointer, count)
                        )
                    }
                    _ => {
                        make!(
                            self,
                            C_SignEncryptUpdate(session, data, length, pointer, count)
                        );
                        make!(
                            self,
                            C_DecryptVerifyUpdate(session, data, length, pointer, count)
                        )
                    }
                };
                result.check(rv);
            }
        }
    }

    fn call_keys(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let key = self.known.object(input);
        let mechanism = mechanism(input, memory);
        let (first, first_count) = template(input, memory);
        let place = memory.value::<CK_OBJECT_HANDLE>(0);
        let place = if input.byte() == 0xFF {
            null_mut()
        } else {
            place
        };
        match function {
            90..97 => {
                let (second, second_count) = template(input, memory);
                let other = memory.value::<CK_OBJECT_HANDLE>(0);
                if make!(
                    self,
                    C_GenerateKeyPair(
                        session,
                        mechanism,
                        first,
                        first_count,
                        second,
                        second_count,
                        place,
                        other
                    )
                ) == CKR_OK
                {
                    let one = memory.value::<CK_ULONG>(1);
                    self.learn_objects(place, one);
                    self.learn_objects(other, one);
                }
            }
            97..105 => {
                if make!(
                    self,
                    C_DeriveKey(session, mechanism, key, first, first_count, place)
                ) == CKR_OK
                {
                    self.learn_objects(place, memory.value::<CK_ULONG>(1));
                }
            }
            105 => {
                make!(
                    self,
                    C_GenerateKey(session, mechanism, first, first_count, place)
                );
            }
            106 => {
                let room = room(input, memory);
                let (pointer, count) = (room.pointer, room.count);
                make!(
                    self,
                    C_WrapKey(session, mechanism, key, key, pointer, count)
                );
            }
            _ => {
                let (wrapped, length) = data(input, memory);
                make!(
                    self,
                    C_UnwrapKey(
                        session,
                        mechanism,
                        key,
                        wrapped,
                        length,
                        first,
                        first_count,
                        place
                    )
                );
            }
        }
    }

    /// Messages, which only the list of version 3.0 has.
    fn call_messages(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let key = self.known.object(input);
        let mechanism = mechanism(input, memory);
        let (data, length) = data(input, memory);
        let (part, part_length) = super::arguments::data(input, memory);
        let parameter = part.cast();
        let room = room(input, memory);
        let (pointer, count) = (room.pointer, room.count);
        let library = &self.library;
        match function % 20 {
            0 => call_3_0!(library, C_MessageEncryptInit(session, mechanism, key)),
            1 => call_3_0!(
                library,
                C_EncryptMessage(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    data,
                    length,
                    pointer,
                    count
                )
            ),
            2 => call_3_0!(
                library,
                C_EncryptMessageBegin(session, parameter, part_length, data, length)
            ),
            3 => call_3_0!(
                library,
                C_EncryptMessageNext(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    pointer,
                    count,
                    0
                )
            ),
            4 => call_3_0!(library, C_MessageEncryptFinal(session)),
            5 => call_3_0!(library, C_MessageDecryptInit(session, mechanism, key)),
            6 => call_3_0!(
                library,
                C_DecryptMessage(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    data,
                    length,
                    pointer,
                    count
                )
            ),
            7 => call_3_0!(
                library,
                C_DecryptMessageBegin(session, parameter, part_length, data, length)
            ),
            8 => call_3_0!(
                library,
                C_DecryptMessageNext(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    pointer,
                    count,
                    0
                )
            ),
            9 => call_3_0!(library, C_MessageDecryptFinal(session)),
            10 => call_3_0!(library, C_MessageSignInit(session, mechanism, key)),
            11 => call_3_0!(
                library,
                C_SignMessage(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    pointer,
                    count
                )
            ),
            12 => call_3_0!(library, C_SignMessageBegin(session, parameter, part_length)),
            13 => call_3_0!(
                library,
                C_SignMessageNext(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    pointer,
                    count
                )
            ),
            14 => call_3_0!(library, C_MessageSignFinal(session)),
            15 => call_3_0!(library, C_MessageVerifyInit(session, mechanism, key)),
            16 => call_3_0!(
                library,
                C_VerifyMessage(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    part,
                    part_length
                )
            ),
            17 => call_3_0!(
                library,
                C_VerifyMessageBegin(session, parameter, part_length)
            ),
            18 => call_3_0!(
                library,
                C_VerifyMessageNext(
                    session,
                    parameter,
                    part_length,
                    data,
                    length,
                    part,
                    part_length
                )
            ),
            _ => call_3_0!(library, C_MessageVerifyFinal(session)),
        };
    }
}
