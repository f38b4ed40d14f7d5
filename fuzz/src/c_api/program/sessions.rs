//! Sessions, and who is logged in.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::super::arguments::{data, pin, room};
use super::super::input::Input;
use super::super::library::{call, call_3_0};
use super::super::memory::{Memory, read};
use super::Program;

impl Program {
    pub(super) fn call_sessions(
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
}
