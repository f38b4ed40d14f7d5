//! The functions that version 3.0 has for messages.

use cryptoki_sys::*;

use super::super::arguments::{self, data, mechanism, room};
use super::super::input::Input;
use super::super::library::call_3_0;
use super::super::memory::Memory;
use super::Program;

impl Program {
    /// Messages, which only the list of version 3.0 has.
    pub(super) fn call_messages(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let key = self.known.object(input);
        let mechanism = mechanism(input, memory);
        let (data, length) = data(input, memory);
        let (part, part_length) = arguments::data(input, memory);
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
