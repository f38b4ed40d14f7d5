//! The beginning and the end, and what is asked of the library.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::super::input::Input;
use super::super::library::{call, call_3_0};
use super::super::memory::{Memory, long};
use super::Program;

impl Program {
    pub(super) fn initialize(&mut self, input: &mut Input<'_>, memory: &mut Memory) {
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

    pub(super) fn call_general(
        &mut self,
        function: u8,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
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
}
